//! The figures of a cart's order, as its table reads them, and the cart's own identity.

use ordercharge::{Amount, Currency};

use crate::exact::{half_unit, shares};
use crate::json::{Json, Kind, Node};
use crate::path::{Condition, Factor, From, MOST_FACTORS, Path, Term};
use crate::table::{Cart, Parts, Rest};
use crate::unmappable::Unmappable;

/// The figures of a line.
#[derive(Clone, Debug)]
pub(crate) struct LineFigures {
    /// Where the line is; the whole order, for the sum of lines that are not there.
    pub(crate) node: Node,
    pub(crate) quantity: Amount,
    pub(crate) row: Amount,
    pub(crate) row_or: Option<Amount>,
    pub(crate) off: Amount,
    pub(crate) tax: Option<Amount>,
}

/// The figures of an order.
#[derive(Clone, Debug)]
pub(crate) struct Figures {
    pub(crate) currency: Option<String>,
    /// Whether the order states a currency that is not an ISO 4217 code.
    pub(crate) unknown_currency: bool,
    pub(crate) decimals: u32,
    pub(crate) lines: Vec<LineFigures>,
    /// Whether the order lists no lines, so that one line has the sum of all.
    pub(crate) stand_in: bool,
    /// Whether the prices include the tax.
    pub(crate) included: bool,
    /// Whether the figures decided that, because the order does not state it.
    pub(crate) included_inferred: bool,
    /// Whether the total showed that rows are stated for one item.
    pub(crate) row_was_unit: bool,
    pub(crate) total_tax: Amount,
    pub(crate) shipping: Amount,
    pub(crate) shipping_before: Amount,
    pub(crate) shipping_tax: Amount,
    pub(crate) fees: Amount,
    pub(crate) discount: Amount,
    /// Whether the discount or what is taken off is what was left over.
    pub(crate) rest: bool,
    pub(crate) total: Amount,
    pub(crate) total_stated: bool,
}

/// The members of an object that states an amount.
struct MoneyObject {
    value: Option<Node>,
    divisor: Option<Node>,
    currency: Option<Node>,
}

impl MoneyObject {
    fn read(json: &Json<'_>, object: Node) -> MoneyObject {
        // Of several names the first one counts, of members with the same name the last one.
        let (mut values, mut divisor, mut currencies) = ([None; 4], None, [None; 5]);
        for child in json.children(object) {
            let [amount, capital, value, of_currency] = &mut values;
            let [currency, with_line, capitals, camel, unit] = &mut currencies;
            let member = match &*json.key(child) {
                "amount" => amount,
                "Amount" => capital,
                "value" => value,
                "currencyAmount" => of_currency,
                "divisor" => &mut divisor,
                "currency" => currency,
                "currency_code" => with_line,
                "CurrencyCode" => capitals,
                "currencyCode" => camel,
                "currencyUnit" => unit,
                _ => continue,
            };
            *member = Some(child);
        }
        MoneyObject {
            value: values.into_iter().flatten().next(),
            divisor,
            currency: currencies.into_iter().flatten().next(),
        }
    }
}

/// Reads the figures of one order.
pub(crate) struct Reading<'r, 'a> {
    pub(crate) cart: &'r Cart,
    pub(crate) json: &'r Json<'a>,
    pub(crate) order: Node,
    pub(crate) parts: &'r Parts,
    /// The currency of the amounts that were read, as the first one states it.
    currency: Option<String>,
    /// Room for the values of a term.
    nodes: Vec<Node>,
}

type Result<T> = std::result::Result<T, Unmappable>;

impl<'r, 'a> Reading<'r, 'a> {
    pub(crate) fn new(cart: &'r Cart, json: &'r Json<'a>, order: Node, parts: &'r Parts) -> Reading<'r, 'a> {
        Reading { cart, json, order, parts, currency: None, nodes: Vec::new() }
    }

    pub(crate) fn header(&self) -> From {
        From { order: self.order, line: self.order }
    }

    pub(crate) fn line(&self, line: Node) -> From {
        From { order: self.order, line }
    }

    /// The text of the first path that is there.
    pub(crate) fn text(&self, paths: &[Path], from: From) -> Option<String> {
        let text = |path: &Path| path.first(self.json, from).map(|node| self.json.string(node).trim().to_owned());
        paths.iter().filter_map(text).find(|text| !text.is_empty())
    }

    /// The amount of a value; none if it is blank. The currency that it states has to be that of all others.
    fn amount(&mut self, node: Node) -> Result<Option<Amount>> {
        let json = self.json;
        let place = || json.pointer(node);
        match json.kind(node) {
            Kind::Null => Ok(None),
            Kind::Number | Kind::String => {
                let text = json.string(node);
                let text = text.trim();
                if text.is_empty() {
                    return Ok(None);
                }
                text.parse().map(Some).map_err(|error: ordercharge::Error| {
                    if error.is_inexact() {
                        Unmappable::Inexact { path: place() }
                    } else {
                        Unmappable::NotAnAmount { path: place() }
                    }
                })
            }
            Kind::Bool | Kind::Array => Err(Unmappable::NotAnAmount { path: place() }),
            Kind::Object => {
                let money = MoneyObject::read(json, node);
                let Some(value) = money.value.filter(|value| json.kind(*value) != Kind::Object) else {
                    return Err(Unmappable::NotAnAmount { path: place() });
                };
                let Some(mut amount) = self.amount(value)? else { return Ok(None) };
                if let Some(divisor) = money.divisor {
                    let divisor = self.amount(divisor)?.unwrap_or(Amount::ONE);
                    let divided = crate::exact::divided(amount, divisor, 8);
                    let exact = divided.filter(|divided| divided.checked_mul(divisor) == Some(amount));
                    amount = exact.ok_or_else(|| Unmappable::Inexact { path: place() })?;
                }
                if !amount.is_zero()
                    && let Some(code) = money.currency
                    && json.kind(code) == Kind::String
                {
                    let code = json.string(code);
                    match &self.currency {
                        Some(known) if **known != *code => {
                            return Err(Unmappable::two_currencies(known, &code, place()));
                        }
                        Some(_) => {}
                        None => self.currency = Some(code.into_owned()),
                    }
                }
                Ok(Some(amount))
            }
        }
    }

    /// The sum of the amounts of values.
    fn amounts(&mut self, nodes: &[Node]) -> Result<Amount> {
        let mut sum = Amount::ZERO;
        for node in nodes {
            if let Some(amount) = self.amount(*node)? {
                let inexact = || Unmappable::Inexact { path: self.json.pointer(*node) };
                sum = sum.checked_add(amount).ok_or_else(inexact)?;
            }
        }
        Ok(sum)
    }

    /// The amount of a term, if it is there.
    pub(crate) fn term(&mut self, term: &Term, from: From) -> Result<Option<Amount>> {
        let mut nodes = std::mem::take(&mut self.nodes);
        let mut amount = None;
        for product in &term.products {
            nodes.clear();
            let found = self.product(product, from, &mut nodes, term);
            // What cannot be read is there.
            self.cart.searched(term, !matches!(found, Ok(None)));
            amount = found?;
            if amount.is_some() {
                break;
            }
        }
        self.nodes = nodes;
        let Some(amount) = amount else { return Ok(None) };
        let amount = if term.abs { amount.abs() } else { amount };
        Ok(Some(if term.negative { amount.negated() } else { amount }))
    }

    /// The product of some factors, if all are there. `nodes` is empty room for their values.
    fn product(
        &mut self,
        factors: &[Factor],
        from: From,
        nodes: &mut Vec<Node>,
        term: &Term,
    ) -> Result<Option<Amount>> {
        // The values of every factor are found before any is read: a product that is not there is no fault.
        let mut ends = [0; MOST_FACTORS];
        for (factor, end) in factors.iter().zip(&mut ends) {
            if let Factor::Path(path) = factor
                && !path.collect(self.json, from, nodes)
            {
                return Ok(None);
            }
            *end = nodes.len();
        }
        let (mut product, mut start): (Option<Amount>, _) = (None, 0);
        for (factor, end) in factors.iter().zip(ends) {
            let factor = match factor {
                Factor::Number(number) => *number,
                Factor::Path(_) => self.amounts(nodes.get(start..end).unwrap_or_default())?,
            };
            start = end;
            product = Some(match product {
                None => factor,
                Some(product) => {
                    product.checked_mul(factor).ok_or_else(|| Unmappable::Inexact { path: term.text.clone() })?
                }
            });
        }
        Ok(Some(product.unwrap_or_default()))
    }

    /// The sum of the terms that are there; `None` if all are missing.
    pub(crate) fn sum(&mut self, terms: &[Term], from: From) -> Result<Option<Amount>> {
        let mut sum: Option<Amount> = None;
        for term in terms {
            if let Some(amount) = self.term(term, from)? {
                let inexact = || Unmappable::Inexact { path: term.text.clone() };
                sum = Some(sum.unwrap_or_default().checked_add(amount).ok_or_else(inexact)?);
            }
        }
        Ok(sum)
    }

    /// The lines, without those that are parts of another line.
    fn line_nodes(&self) -> Vec<Node> {
        let (json, mut nodes) = (self.json, Vec::new());
        let list = self.parts.lines.iter().find(|path| path.first(json, self.header()).is_some());
        if let Some(path) = list {
            path.each(json, self.header(), &mut |node| match json.kind(node) {
                Kind::Array => nodes.extend(json.children(node)),
                // A list of one line, written as that line, has a quantity.
                Kind::Object if self.has_quantity(node) => nodes.push(node),
                _ => {}
            });
        }
        if let Some(skip) = &self.parts.skip {
            nodes.retain(|node| skip.holds(json, self.line(*node)) != Some(true));
        }
        nodes
    }

    fn has_quantity(&self, node: Node) -> bool {
        self.parts.quantity.iter().any(|term| {
            term.paths().any(|path| path.first(self.json, self.line(node)).is_some_and(|found| found != node))
        })
    }

    /// The figures of the order, if the cart's own identity holds.
    pub(crate) fn figures(&mut self) -> Result<Figures> {
        let parts = self.parts;
        let nodes = self.line_nodes();
        let header = self.header();
        let mut lines = Vec::with_capacity(nodes.len());
        for node in nodes {
            lines.push(self.line_figures(node)?);
        }
        let stand_in = lines.is_empty();
        if stand_in {
            let row = self.sum(&parts.rows, header)?;
            let Some(row) = row else {
                return Err(Unmappable::NoLines { path: texts(&parts.lines) });
            };
            let quantity = Amount::ONE;
            let (row_or, off, tax) = (None, Amount::ZERO, None);
            lines.push(LineFigures { node: self.order, quantity, row, row_or, off, tax });
        }
        let mut header_sum = |terms: &[Term]| Ok::<_, Unmappable>(self.sum(terms, header)?.unwrap_or_default());
        let total_tax = header_sum(&parts.total_tax)?;
        let shipping = header_sum(&parts.shipping)?;
        let shipping_tax = header_sum(&parts.shipping_tax)?;
        let fees = header_sum(&parts.fees)?;
        let discount = header_sum(&parts.discount)?;
        let shipping_before = self.sum(&parts.shipping_before, header)?.unwrap_or(shipping);
        let total = self.sum(&parts.total, header)?;
        let currency = self.text(&parts.currency, header).or_else(|| self.currency.clone());
        if let (Some(one), Some(other)) = (&currency, &self.currency)
            && !one.eq_ignore_ascii_case(other)
        {
            let path = texts(&parts.currency);
            return Err(Unmappable::two_currencies(one, other, path));
        }
        // A code that is not a currency is left out of the CartRover order.
        let stated = currency.map(|code| code.to_ascii_uppercase());
        let currency = stated.clone().filter(|code| matches!(Currency::from_code(code), Currency::Known(_)));
        let unknown_currency = stated.is_some() && currency.is_none();
        let decimals = currency.as_deref().map_or(2, |code| Currency::from_code(code).decimals());
        let mut figures = Figures {
            currency,
            unknown_currency,
            decimals,
            lines,
            stand_in,
            included: false,
            included_inferred: false,
            row_was_unit: false,
            total_tax,
            shipping,
            shipping_before,
            shipping_tax,
            fees,
            discount,
            rest: false,
            total: Amount::ZERO,
            total_stated: total.is_some(),
        };
        match total {
            Some(total) => {
                figures.total = total;
                self.read_by_total(&mut figures)?;
            }
            None => self.read_without_total(&mut figures)?,
        }
        Ok(figures)
    }

    fn line_figures(&mut self, node: Node) -> Result<LineFigures> {
        let (parts, from, json) = (self.parts, self.line(node), self.json);
        let missing = |part: &str, terms: &[Term]| Unmappable::Missing {
            part: format!("the {part} of a line"),
            path: format!("{}/{}", json.pointer(node), term_texts(terms)),
        };
        let quantity = self.sum(&parts.quantity, from)?;
        let quantity = quantity.ok_or_else(|| missing("quantity", &parts.quantity))?;
        let row = self.sum(&parts.row, from)?.ok_or_else(|| missing("row", &parts.row))?;
        let row_or = self.sum(&parts.row_or, from)?.filter(|other| *other != row);
        let off = self.sum(&parts.off, from)?.unwrap_or_default();
        let tax = self.sum(&parts.tax, from)?;
        if let Some(unit) = self.sum(&parts.unit, from)? {
            let expected = unit.checked_mul(quantity);
            let expected = expected.ok_or_else(|| Unmappable::Inexact { path: self.json.pointer(node) })?;
            // The price may be rounded to cents, and the row once more.
            let most = quantity.abs().checked_add(Amount::ONE).and_then(|count| count.checked_mul(half_unit(2)));
            let off = expected.checked_sub(row).map(Amount::abs);
            if off.zip(most).is_none_or(|(off, most)| off > most) {
                let path = self.json.pointer(node);
                return Err(Unmappable::Row { path, unit, quantity, expected, stated: row });
            }
        }
        Ok(LineFigures { node, quantity, row, row_or, off, tax })
    }

    /// Takes the reading of the figures that adds up to the total.
    fn read_by_total(&self, figures: &mut Figures) -> Result<()> {
        let stated =
            self.parts.included.as_ref().and_then(|included: &Condition| included.holds(self.json, self.header()));
        let inclusions: &[bool] = match stated {
            Some(true) => &[true],
            Some(false) => &[false],
            // If the order does not state it, the total decides.
            None if figures.total_tax.is_zero() || self.parts.included.is_none() => &[false],
            None => &[false, true],
        };
        // Nearly always the first reading holds.
        figures.included = inclusions.first().copied().unwrap_or_default();
        if figures.holds() == Some(true) {
            return Ok(());
        }
        let units: &[bool] =
            if figures.lines.iter().any(|line| line.row_or.is_some()) { &[false, true] } else { &[false] };
        for unit in units {
            for included in inclusions {
                let mut reading = figures.clone();
                reading.included = *included;
                reading.included_inferred = stated.is_none() && *included;
                if *unit {
                    reading.row_was_unit = true;
                    reading.lines.iter_mut().for_each(|line| line.row = line.row_or.unwrap_or(line.row));
                }
                if reading.holds().is_some_and(|holds| holds) || reading.take_rest(self.parts.rest).is_some() {
                    *figures = reading;
                    return Ok(());
                }
            }
        }
        figures.included = stated.unwrap_or(false);
        Err(figures.disagreement(self.places(&self.parts.total)))
    }

    /// The places of the terms that are there.
    fn places(&self, terms: &[Term]) -> String {
        let mut places = Vec::new();
        for factor in terms.iter().filter_map(|term| term.product(self.json, self.header())).flatten() {
            if let Factor::Path(path) = factor {
                path.each(self.json, self.header(), &mut |node| places.push(self.json.pointer(node)));
            }
        }
        places.join(" + ")
    }

    /// Adds the figures up, where a cart states no total.
    fn read_without_total(&self, figures: &mut Figures) -> Result<()> {
        if !self.cart.total_may_be_missing {
            return Err(Unmappable::Missing { part: "the total".to_owned(), path: term_texts(&self.parts.total) });
        }
        if let Some(line) = figures.lines.iter().find(|line| line.row_or.is_some()) {
            return Err(Unmappable::Ambiguous { path: self.json.pointer(line.node) });
        }
        let stated = self.parts.included.as_ref().and_then(|included| included.holds(self.json, self.header()));
        figures.included = stated.unwrap_or(false);
        figures.total = figures.sum().ok_or_else(|| Unmappable::Inexact { path: "the total".to_owned() })?;
        Ok(())
    }
}

impl Figures {
    pub(crate) fn rows(&self) -> Option<Amount> {
        self.lines.iter().map(|line| line.row).sum()
    }

    pub(crate) fn off(&self) -> Option<Amount> {
        self.lines.iter().map(|line| line.off).sum()
    }

    /// What the figures add up to: rows - off (- tax if included) + tax + shipping + fees - discount.
    pub(crate) fn sum(&self) -> Option<Amount> {
        let tax = if self.included { Amount::ZERO } else { self.total_tax };
        let plus = [self.rows()?, tax, self.shipping, self.fees];
        let minus = [self.off()?, self.discount];
        Amount::checked_sum(plus.into_iter().chain(minus.into_iter().map(Amount::negated)))
    }

    /// Whether they add up to the total. Figures with more decimals than money has may be off by half a minor unit.
    fn holds(&self) -> Option<bool> {
        let off = self.total.checked_sub(self.sum()?)?;
        Some(off.is_zero() || (self.is_fine() && off.abs() <= half_unit(self.decimals)))
    }

    /// Whether some figure has more decimals than the minor unit.
    fn is_fine(&self) -> bool {
        let header = [self.total_tax, self.shipping, self.fees, self.discount];
        let lines = self.lines.iter().flat_map(|line| [line.row, line.off]);
        header.into_iter().chain(lines).any(|amount| amount.decimals() > self.decimals)
    }

    /// Takes what is left over as a discount, where the stated one includes tax: at most the stated one, and at least what is left
    /// of it without a tax of 43 %.
    fn take_rest(&mut self, rest: Option<Rest>) -> Option<()> {
        let stated = match rest? {
            Rest::Discount => self.discount,
            Rest::Off => self.off()?,
        };
        let left = stated.checked_add(self.sum()?)?.checked_sub(self.total)?;
        let slack = Amount::new(self.lines.len() as i128 + 1, self.decimals)?;
        let least = stated.checked_mul(Amount::new(7, 1)?)?.checked_sub(slack)?;
        if stated.is_zero() || stated.is_negative() || left > stated.checked_add(slack)? || left < least {
            return None;
        }
        match rest? {
            Rest::Discount => self.discount = left,
            Rest::Off => {
                let weights: Vec<Amount> = self.lines.iter().map(|line| line.off).collect();
                let parts = shares(left, &weights, self.decimals)?;
                self.lines.iter_mut().zip(parts).for_each(|(line, part)| line.off = part);
            }
        }
        self.rest = true;
        Some(())
    }

    /// `path` is where the total is.
    fn disagreement(&self, path: String) -> Unmappable {
        let inexact = || Unmappable::Inexact { path: path.clone() };
        let (Some(rows), Some(off), Some(sum)) = (self.rows(), self.off(), self.sum()) else { return inexact() };
        let Some(by) = self.total.checked_sub(sum) else { return inexact() };
        let mut formula = format!("lines {rows}");
        let tax = if self.included { Amount::ZERO } else { self.total_tax };
        for (sign, name, amount) in [
            ("-", "their discounts", off),
            ("+", "tax", tax),
            ("+", "shipping", self.shipping),
            ("+", "fees", self.fees),
            ("-", "discount", self.discount),
        ] {
            if !amount.is_zero() {
                formula.push_str(&format!(" {sign} {name} {amount}"));
            }
        }
        Unmappable::Disagrees { path, formula, sum, stated: self.total, off: by }
    }
}

/// Paths in words.
pub(crate) fn texts(paths: &[Path]) -> String {
    paths.iter().map(Path::text).collect::<Vec<_>>().join(" or ")
}

/// Terms in words.
pub(crate) fn term_texts(terms: &[Term]) -> String {
    let mut text = String::new();
    for term in terms {
        let own = term.text.trim_start_matches("optional ").replace('|', " or ");
        match own.strip_prefix("- ") {
            Some(own) if !text.is_empty() => text.push_str(&format!(" - {own}")),
            _ if !text.is_empty() => text.push_str(&format!(" + {own}")),
            _ => text.push_str(&own),
        }
    }
    text
}
