//! Orders through serde. This file is also run in a build where `serde_json/arbitrary_precision` is on: it must pass
//! unchanged.

use ordercharge::{Charge, Currency, Field, Found, Items, Order, Place, Policy, Report, Unusable, check};
use serde::de::value::{Error, MapDeserializer, SeqDeserializer, StrDeserializer};
use serde::de::{Deserialize, IntoDeserializer, Visitor};
use serde_json::{Value, json};

/// The price of the only line, by both ways through serde.
fn price(text: &str) -> Charge {
    let text = format!(r#"{{"items": [{{"price": {text}}}]}}"#);
    let typed: Order = serde_json::from_str(&text).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    let through_value: Order = serde_json::from_value(value).unwrap();
    assert_eq!(typed, through_value, "{text}");
    typed.lines()[0].price
}

#[test]
fn numbers_and_texts() {
    let unusable = |found| Charge::Unusable(Unusable::NotAmount(found));
    for text in ["5", "4.40", "-0.1", "1e2", "123456789012.345", r#""12345678901234567.89""#, "18446744073709551615"] {
        assert_eq!(price(text), Charge::from_text(text.trim_matches('"')), "{text}");
    }
    assert_eq!(price("null"), Charge::Unset);
    assert_eq!(price(r#""""#), Charge::Blank);
    assert_eq!(price("true"), unusable(Found::Boolean));
    assert_eq!(price("[1, [2]]"), unusable(Found::Array));
    assert_eq!(price(r#"{"a": {"b": 1}, "c": 2}"#), unusable(Found::Object));
    assert_eq!(price("{}"), unusable(Found::Object));
    assert_eq!(price(r#""$5""#), unusable(Found::CurrencySign));
}

#[test]
fn a_float_that_may_have_lost_digits_is_not_used() {
    for text in ["12345678901234567.89", "0.1234567890123456789", "-9007199254740993.5"] {
        assert_eq!(price(text), Charge::Unusable(Unusable::Inexact), "{text}");
    }
}

#[test]
fn the_same_report_as_from_bytes() {
    let text = r#"{
        "cust_ref": "TEST02", "currency_code": "USD", "sub_total": 14, "order_discount": 2, "tax": 1, "grand_total": 15,
        "items": [
            {"item": "C100", "price": 4.4, "quantity": 2, "extended_amount": 9},
            {"item": "C300", "quantity": 1, "price": "5.00", "extended_amount": 5},
            7
        ]
    }"#;
    let value: Value = serde_json::from_str(text).unwrap();
    let from_value: Order = serde_json::from_value(value).unwrap();
    assert_eq!(from_value, Order::from_json(text.as_bytes()).unwrap());
}

#[test]
fn duplicates_are_seen_where_the_format_shows_them() {
    let order: Order = serde_json::from_str(r#"{"sub_total": 1, "sub_total": 1, "items": [], "items": []}"#).unwrap();
    assert_eq!(order.sub_total, Charge::Unusable(Unusable::Duplicate));
    assert_eq!(order.items, Items::Unusable(Unusable::Duplicate));
    assert!(!check(&order, &Policy::default()).is_valid());
}

#[test]
fn strange_shapes_are_no_errors() {
    for value in [json!({"items": 5}), json!({"items": 0.5}), json!({"items": {"a": 1}}), json!({"items": "x"})] {
        let order: Order = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(order, Order::from_json(value.to_string().as_bytes()).unwrap(), "{value}");
    }
    let value = json!({"items": [1, 0.5, null, true, "x", [], {}], "currency_code": 840, "cust_ref": 156});
    let order: Order = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(order, Order::from_json(value.to_string().as_bytes()).unwrap());
    assert!(serde_json::from_value::<Order>(json!([])).is_err());
}

#[test]
fn orders_are_written_with_exact_amounts() {
    let text = r#"{"cust_ref":"A","currency_code":"USD","sub_total":"12345678901234567.89","tax":"1","items":[{"quantity":"1","price":""}]}"#;
    let order = Order::from_json(text.as_bytes()).unwrap();
    assert_eq!(serde_json::to_string(&order).unwrap(), text);
    let unusable = Order::from_json(br#"{"sub_total": "$5"}"#).unwrap();
    let error = serde_json::to_string(&unusable).unwrap_err();
    assert_eq!(error.to_string(), "sub_total holds no usable amount, so it cannot be written");
}

#[test]
fn reports_read_back() {
    let text = br#"{"sub_total": 14, "order_discount": -2, "tax": 1, "a/b~": 1, "grand_total": 15,
        "items": [{"price": 4.4, "quantity": 2, "extended_amount": 9, "tax": "x"}, {}, 1]}"#;
    let report = ordercharge::Document::from_json(text).unwrap().check(&Policy::default());
    assert!(report.violations.len() > 4);
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
    let value: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(serde_json::from_value::<Report>(value.clone()).unwrap(), report);
    // Of an order that has no text nothing stands anywhere.
    let report = check(&Order::from_json(text).unwrap(), &Policy::default());
    assert!(report.violations.iter().all(|found| found.span.is_none()));
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
    // What is no report says what it lacks.
    let wrong = |member: &str, becomes: Value| {
        let mut value = value.clone();
        value["violations"][0][member] = becomes;
        serde_json::from_value::<Report>(value).unwrap_err().to_string()
    };
    assert!(wrong("kind", json!({"type": "differs"})).contains("missing field `stated`"));
    assert_eq!(wrong("line", Value::Null), "expected line, column, byte_start and byte_end, or none of them");
}

#[test]
fn fields_are_read_back() {
    for field in Field::ALL.iter().copied() {
        assert_eq!(field.name().parse(), Ok(field));
        assert_eq!(serde_json::to_value(field).unwrap(), json!(field.name()));
    }
    assert!("Price".parse::<Field>().is_err());
}

#[test]
fn places_are_read_back() {
    let places = [
        Place::Field(Field::GrandTotal),
        Place::CurrencyCode,
        Place::Items,
        Place::Line(3),
        Place::LineField(0, Field::Price),
        Place::Named("a/b~c".to_owned()),
        Place::LineNamed(12, "~1".to_owned()),
    ];
    for place in places {
        assert_eq!(place.to_string().parse(), Ok(place.clone()), "{place}");
        let json = serde_json::to_string(&place).unwrap();
        assert_eq!(serde_json::from_str::<Place>(&json).unwrap(), place);
    }
    for pointer in ["", "items", "/items/x", "/items/0/price/1", "/a/b"] {
        assert!(pointer.parse::<Place>().is_err(), "{pointer:?}");
    }
}

/// What is no charge is read too, by every way.
#[test]
fn the_other_fields() {
    let text = r#"{"cust_ref": "A", "order_source": "Shop", "currency_code": "KWD",
        "items": [{"filtered_sku": "Y"}, {"filtered_sku": "N"}, {"filtered_sku": "y"}, {"qty": 2, "filtered_sku": null}]}"#;
    let read = Order::from_json(text.as_bytes()).unwrap();
    assert_eq!((read.cust_ref.as_deref(), read.order_source.as_deref()), (Some("A"), Some("Shop")));
    assert_eq!(read.currency.decimals(), 3);
    let filtered: Vec<bool> = read.lines().iter().map(|line| line.filtered).collect();
    assert_eq!(filtered, [true, false, false, false]);
    assert_eq!((read.lines()[3].misnamed.len(), read.lines()[3].misnamed[0].means), (1, Field::Quantity));
    assert_eq!(serde_json::from_str::<Order>(text).unwrap(), read);
    assert_eq!(serde_json::from_value::<Order>(serde_json::from_str(text).unwrap()).unwrap(), read);
}

/// A value of a format that knows all that serde does: what YAML, CBOR and MessagePack can hand over and JSON cannot.
#[derive(Clone, Debug)]
enum Any {
    Bool(bool),
    I64(i64),
    U64(u64),
    I128(i128),
    U128(u128),
    F64(f64),
    Text(&'static str),
    Bytes(&'static [u8]),
    Unit,
    None,
    Some(Box<Any>),
    List(Vec<Any>),
    Map(Vec<(&'static str, Any)>),
    Variant,
}

impl<'de> serde::Deserializer<'de> for Any {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Any::Bool(value) => visitor.visit_bool(value),
            Any::I64(value) => visitor.visit_i64(value),
            Any::U64(value) => visitor.visit_u64(value),
            Any::I128(value) => visitor.visit_i128(value),
            Any::U128(value) => visitor.visit_u128(value),
            Any::F64(value) => visitor.visit_f64(value),
            Any::Text(value) => visitor.visit_str(value),
            Any::Bytes(value) => visitor.visit_bytes(value),
            Any::Unit => visitor.visit_unit(),
            Any::None => visitor.visit_none(),
            Any::Some(value) => visitor.visit_some(*value),
            Any::List(values) => visitor.visit_seq(SeqDeserializer::new(values.into_iter())),
            Any::Map(fields) => visitor.visit_map(MapDeserializer::new(fields.into_iter())),
            Any::Variant => visitor.visit_enum(StrDeserializer::new("x")),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl IntoDeserializer<'_, Error> for Any {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl Any {
    /// Every kind of value; what it is called where no such thing belongs, and what it is as an amount and as a code.
    fn kinds() -> Vec<(Any, Found, Charge, Currency)> {
        let not_amount = |found| Charge::Unusable(Unusable::NotAmount(found));
        let unknown = |code: &str| Currency::Unknown(code.to_owned());
        let of_text = Charge::from_text;
        vec![
            (Any::Bool(true), Found::Boolean, not_amount(Found::Boolean), unknown("")),
            (Any::I64(-5), Found::Number, of_text("-5"), unknown("-5")),
            (Any::U64(u64::MAX), Found::Number, of_text("18446744073709551615"), unknown("18446744073709551615")),
            (
                Any::I128(-(1 << 70)),
                Found::Number,
                of_text("-1180591620717411303424"),
                unknown("-1180591620717411303424"),
            ),
            (Any::U128(1 << 70), Found::Number, of_text("1180591620717411303424"), unknown("1180591620717411303424")),
            (Any::F64(-0.25), Found::Number, of_text("-0.25"), unknown("-0.25")),
            (Any::F64(f64::NAN), Found::Number, not_amount(Found::Number), unknown("NaN")),
            (Any::Text("USD"), Found::Text, not_amount(Found::Text), Currency::from_code("USD")),
            (Any::Bytes(b"4.40"), Found::Text, not_amount(Found::Text), unknown("")),
            (Any::Unit, Found::Null, Charge::Unset, Currency::Unset),
            (Any::None, Found::Null, Charge::Unset, Currency::Unset),
            (Any::List(vec![Any::Unit, Any::Bool(false)]), Found::Array, not_amount(Found::Array), unknown("")),
            (
                Any::Map(vec![("a", Any::Unit), ("b", Any::U64(1))]),
                Found::Object,
                not_amount(Found::Object),
                unknown(""),
            ),
        ]
    }

    fn read(self) -> Order {
        Order::deserialize(self).unwrap()
    }
}

#[test]
fn formats_other_than_json() {
    for (any, found, charge, currency) in Any::kinds() {
        // An optional value is what it holds.
        for any in [any.clone(), Any::Some(Box::new(any))] {
            assert_eq!(Charge::deserialize(any.clone()), Ok(charge), "{any:?}");
            let order = Any::Map(vec![("currency_code", any.clone()), ("grand_total", any.clone())]).read();
            assert_eq!((&order.currency, order.get(Field::GrandTotal)), (&currency, charge), "{any:?}");
            let order = Any::Map(vec![("cust_ref", any.clone()), ("x", any.clone())]).read();
            let text = match &currency {
                Currency::Unset => None,
                Currency::Unknown(code) if code.is_empty() => None,
                code => code.code(),
            };
            assert_eq!(order.cust_ref.as_deref(), text, "{any:?}");
            // As an entry of `items`, and as `items`.
            let order = Any::Map(vec![("items", Any::List(vec![any.clone()]))]).read();
            let none = (found != Found::Object).then_some(found);
            assert_eq!((order.lines().len(), order.lines()[0].not_an_object), (1, none), "{any:?}");
            let order = Any::Map(vec![("items", any.clone())]).read();
            match found {
                Found::Null => assert_eq!(order.items, Items::Unset, "{any:?}"),
                Found::Array => assert_eq!(order.lines().len(), 2, "{any:?}"),
                found => assert_eq!(order.items, Items::Unusable(Unusable::NotAmount(found)), "{any:?}"),
            }
            // Nothing but an object is an order.
            let whole = Order::deserialize(any.clone());
            assert_eq!(whole.is_ok(), matches!(any, Any::Map(_)), "{any:?}: {whole:?}");
        }
    }
    let too_large = [Any::I128(i128::MIN), Any::U128(u128::MAX), Any::U128(10_u128.pow(28))];
    for any in too_large {
        assert_eq!(Charge::deserialize(any.clone()), Ok(Charge::Unusable(Unusable::Inexact)), "{any:?}");
    }
    let largest = Any::I128(10_i128.pow(28) - 1);
    assert_eq!(Charge::deserialize(largest), Ok(Charge::from_text("9999999999999999999999999999")));
    // What no JSON comes to is an error.
    let fault = |any: Any| Order::deserialize(any).unwrap_err().to_string();
    assert_eq!(fault(Any::Map(vec![("cust_ref", Any::Variant)])), "invalid type: enum, expected any value");
    assert_eq!(fault(Any::Map(vec![("items", Any::Variant)])), "invalid type: enum, expected any value");
    assert_eq!(
        fault(Any::Map(vec![("items", Any::List(vec![Any::Variant]))])),
        "invalid type: enum, expected any value"
    );
    assert_eq!(fault(Any::Map(vec![("tax", Any::Variant)])), "invalid type: enum, expected any value");
    assert_eq!(fault(Any::Variant), "invalid type: enum, expected an order: an object");
}

/// Numbers as `serde_json` hands them over where its `arbitrary_precision` is on.
#[test]
fn numbers_by_their_text() {
    let number = |text: &'static str| Any::Map(vec![("$serde_json::private::Number", Any::Text(text))]);
    // As they would have come without it: whole ones as they are, others through a float.
    for (text, charge) in [
        ("4.40", Charge::from_text("4.4")),
        ("-0.1", Charge::from_text("-0.1")),
        ("18446744073709551615", Charge::from_text("18446744073709551615")),
        ("-9223372036854775808", Charge::from_text("-9223372036854775808")),
        ("12345678901234567.89", Charge::Unusable(Unusable::Inexact)),
        ("1e400", Charge::Unusable(Unusable::NotAmount(Found::Number))),
        ("x", Charge::Unusable(Unusable::NotAmount(Found::Number))),
    ] {
        assert_eq!(Charge::deserialize(number(text)), Ok(charge), "{text}");
    }
    let order = Any::Map(vec![
        ("cust_ref", number("156")),
        ("currency_code", number("840")),
        ("order_source", number("1e400")),
        ("grand_total", number("5")),
        ("items", Any::List(vec![number("1"), Any::Map(vec![("price", number("2.50"))])])),
    ])
    .read();
    assert_eq!((order.cust_ref.as_deref(), order.order_source.as_deref()), (Some("156"), Some("1e400")));
    assert_eq!((order.currency.clone(), order.grand_total), (Currency::from_code("840"), Charge::from_text("5")));
    assert_eq!(order.lines()[0].not_an_object, Some(Found::Number));
    assert_eq!(order.lines()[1].price, Charge::from_text("2.5"));
    let order = Any::Map(vec![("cust_ref", number("1.50")), ("items", number("1"))]).read();
    assert_eq!(order.cust_ref.as_deref(), Some("1.5"));
    assert_eq!(order.items, Items::Unusable(Unusable::NotAmount(Found::Number)));
}
