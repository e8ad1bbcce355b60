//! `Order::to_json`: the text of an order that was built in code.

use crate::document::Document;
use crate::error::Error;
use crate::extra::{Extra, quote};
use crate::order::{Charge, Field, Items, Level, Misnamed, Order};

impl Order {
    /// Writes the order as JSON: its charges, with amounts as strings, then its [`extra`](Order::extra) fields. Reading the text
    /// gives the same order.
    ///
    /// For an order that was read from JSON, use that JSON ([`Document::text`]): it has all fields.
    ///
    /// # Errors
    ///
    /// If the order cannot be written without loss: a charge is unusable, an entry of `items` is not a line, or an extra field has
    /// a name that would be read as something else, such as a charge.
    ///
    /// ```
    /// use ordercharge::{Charge, Extra, Line, OrderBuilder};
    ///
    /// let line = Line {
    ///     price: Charge::from_text("4.40"),
    ///     quantity: 2.into(),
    ///     extra: Extra::from([("item", "C100")]),
    ///     ..Line::default()
    /// };
    /// let order = OrderBuilder::new().cust_ref("TEST02").line(line).text("ship_city", "Oslo").build()?;
    /// let json = order.to_json()?;
    /// assert!(json.starts_with(r#"{"cust_ref":"TEST02","sub_total":"8.8","#));
    /// assert!(json.ends_with(r#"{"quantity":"2","price":"4.4","extended_amount":"8.8","item":"C100"}],"ship_city":"Oslo"}"#));
    /// # Ok::<(), ordercharge::Error>(())
    /// ```
    pub fn to_json(&self) -> Result<String, Error> {
        let lossy =
            |what: &str| Error::unbuildable(format!("expected an order that can be written as JSON, found {what}"));
        let mut object = Object::new();
        let names = [
            ("cust_ref", self.cust_ref.as_deref()),
            ("order_source", self.order_source.as_deref()),
            ("currency_code", self.currency.code()),
        ];
        names
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .for_each(|(name, text)| object.text(name, text));
        object.charges(Level::Header, |field| self.get(field), &self.misnamed).map_err(lossy)?;
        match &self.items {
            Items::Lines(lines) => {
                let mut items = Vec::with_capacity(lines.len());
                for line in lines {
                    if line.not_an_object.is_some() {
                        return Err(lossy("an entry of items that is not a line"));
                    }
                    let mut object = Object::new();
                    object.charges(Level::Line, |field| line.get(field), &line.misnamed).map_err(lossy)?;
                    if line.filtered {
                        object.text("filtered_sku", "Y");
                    }
                    object.extra(&line.extra);
                    items.push(object.end());
                }
                object.json("items", &format!("[{}]", items.join(",")));
            }
            Items::Unset => {}
            Items::Unusable(_) => return Err(lossy("items that are not a list")),
        }
        object.extra(&self.extra);
        let text = object.end();
        // Reading the text back shows whether anything was lost. Extra fields, and whether it came from a reply, are not read.
        let mut plain = Order { from_reply: false, extra: Extra::new(), ..self.clone() };
        if let Items::Lines(lines) = &mut plain.items {
            lines.iter_mut().for_each(|line| line.extra = Extra::new());
        }
        match Document::from_json(text.as_bytes()).map(Document::into_order) {
            Ok(read) if read == plain => Ok(text),
            Ok(_) => Err(lossy("an extra field whose name is read as something else, or values that no text gives")),
            Err(error) => Err(lossy(&error.to_string())),
        }
    }
}

/// An object that is being written.
struct Object(String);

impl Object {
    fn new() -> Object {
        Object("{".to_owned())
    }

    fn json(&mut self, name: &str, json: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        quote(&mut self.0, name);
        self.0.push(':');
        self.0.push_str(json);
    }

    fn text(&mut self, name: &str, text: &str) {
        self.json(name, "");
        quote(&mut self.0, text);
    }

    fn charges(
        &mut self,
        level: Level,
        get: impl Fn(Field) -> Charge,
        misnamed: &[Misnamed],
    ) -> Result<(), &'static str> {
        for field in Field::ALL.iter().filter(|field| field.level() == level) {
            match get(*field) {
                Charge::Unset => {}
                Charge::Blank => self.text(field.name(), ""),
                Charge::Amount(amount) => self.text(field.name(), &amount.text()),
                Charge::Unusable(_) => return Err("a charge that is not usable"),
            }
        }
        misnamed.iter().for_each(|other| self.text(&other.name, &other.amount.text()));
        Ok(())
    }

    fn extra(&mut self, extra: &Extra) {
        extra.iter().for_each(|(name, json)| self.json(name, json));
    }

    fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }
}
