//! Reading: containers, positions, what is seen of every field, and the words for what cannot be read.

use ordercharge::{Charge, Currency, Document, Documents, Found, Items, Order, Policy, Reader, Record, Unusable};

/// What a stream holds: the cust_ref of each order, or the error.
fn read(text: &[u8]) -> Vec<String> {
    let told = |record: Record<'_>| match record.document {
        Ok(document) => document.order().cust_ref.clone().unwrap_or_default(),
        Err(error) => error.to_string(),
    };
    let whole: Vec<String> = Documents::new(text).map(told).collect();
    for size in [1, 2, 7, 64] {
        let mut reader = Reader::new(Pieces { text, size });
        let mut pieces = Vec::new();
        while let Some(record) = reader.next_record().unwrap() {
            pieces.push(told(record));
        }
        assert_eq!(pieces, whole, "in pieces of {size}");
    }
    whole
}

/// A source that gives a few bytes at a time.
struct Pieces<'a> {
    text: &'a [u8],
    size: usize,
}

impl std::io::Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.size.min(into.len()).min(self.text.len());
        let (now, later) = self.text.split_at(count);
        into[..count].copy_from_slice(now);
        self.text = later;
        Ok(count)
    }
}

#[test]
fn every_container() {
    let a = r#"{"cust_ref":"A","items":[]}"#;
    let b = r#"{"cust_ref":"B","items":[]}"#;
    let both = ["A", "B"];
    assert_eq!(read(format!("{a}\n{b}\n").as_bytes()), both);
    assert_eq!(read(format!("{a}{b}").as_bytes()), both);
    assert_eq!(read(format!("\u{feff}\r\n{a}\r\n\r\n{b}").as_bytes()), both);
    assert_eq!(read(format!("[{a},{b}]").as_bytes()), both);
    assert_eq!(read(format!("[{a}]\n[]{b}").as_bytes()), both);
    assert_eq!(read(format!(r#"{{"count":2,"orders":[{a},{b}],"next":null}}"#).as_bytes()), both);
    assert_eq!(read(format!(r#"{{"success_code":true,"response":{a}}}{b}"#).as_bytes()), both);
    assert_eq!(read(format!(r#"{{"success_code":true,"response":[{a},{b}]}}"#).as_bytes()), both);
    assert_eq!(read(format!(r#"{{"response":[{a},{b}],"success_code":true}}"#).as_bytes()), both);
    assert_eq!(read(format!(r#"{{"response":{a},"x":1,"success_code":true}} {b}"#).as_bytes()), both);
    assert_eq!(read(b""), [""; 0]);
    assert_eq!(read(b" [ ] "), [""; 0]);
    // Not containers, but orders with fields of those names.
    assert_eq!(read(br#"{"cust_ref":"A","orders":5}"#), ["A"]);
    assert_eq!(read(br#"{"cust_ref":"A","items":[],"orders":[]}"#), ["A"]);
    assert_eq!(read(br#"{"cust_ref":"A","response":[{"cust_ref":"B"}]}"#), ["A"]);
    assert_eq!(read(br#"[{"cust_ref":"A","orders":[{}]}]"#), ["A"]);
}

#[test]
fn unreadable_word_for_word() {
    let deep = "[".repeat(10_000);
    let deep_field = format!("{{\"x\": {deep}");
    let cases: &[(&[u8], &str)] = &[
        (b"nonsense", "expected an order, or a list of orders, found `n` at line 1, column 1"),
        (b"\x00\x01", "expected an order, or a list of orders, found the control character U+0000 at line 1, column 1"),
        (b"\xff\xfe{", "expected an order, or a list of orders, found the byte 0xFF at line 1, column 1"),
        (b"17", "expected an order, found a number at line 1, column 1"),
        (b"\"order\"", "expected an order, found a string at line 1, column 1"),
        (b"null", "expected an order, found null at line 1, column 1"),
        (b"true", "expected an order, found a boolean at line 1, column 1"),
        (b"tru", "expected an order, or a list of orders, found `t` at line 1, column 1"),
        (b"[tru", "expected more of the order, found the end of the input at line 1, column 5"),
        (b"[[]]", "expected an order, found an array at line 1, column 2"),
        (b"{", "expected more of the order, found the end of the input at line 1, column 2"),
        (b"[", "expected more of the order, found the end of the input at line 1, column 2"),
        (b"{\"sub_total\": 1", "expected more of the order, found the end of the input at line 1, column 16"),
        (b"{\n  \"sub_total\": 01\n}", "expected `,` or `}`, found `1` at line 2, column 17"),
        (b"{\"sub_total\": .5}", "expected a value, found `.` at line 1, column 15"),
        (b"{\"sub_total\": +5}", "expected a value, found `+` at line 1, column 15"),
        (b"{\"sub_total\": NaN}", "expected a value, found `N` at line 1, column 15"),
        (b"{\"sub_total\": 1.}", "expected a digit, found `}` at line 1, column 17"),
        (b"{\"sub_total\": 1e}", "expected a digit, found `}` at line 1, column 17"),
        (b"{\"sub_total\": -}", "expected a digit, found `}` at line 1, column 16"),
        (b"{\"sub_total\": 1,}", "expected a field name in quotes, found `}` at line 1, column 17"),
        (b"{sub_total: 1}", "expected a field name in quotes, found `s` at line 1, column 2"),
        (b"{\"sub_total\" 1}", "expected `:`, found `1` at line 1, column 14"),
        (b"{\"items\": [{} {}]}", "expected `,` or `]`, found `{` at line 1, column 15"),
        (b"{\"a\": \"\\x\"}", "expected an escape JSON knows, found `x` at line 1, column 9"),
        (b"{\"a\": \"\\u12G4\"}", "expected four hexadecimal digits, found `G` at line 1, column 12"),
        (b"{\"a\": \"\\ud800\"}", "expected the second half of a surrogate pair, found `\"` at line 1, column 14"),
        (
            b"{\"a\": \"\\udc00\"}",
            "expected no second half of a surrogate pair without a first, found `d` at line 1, column 10",
        ),
        (
            b"{\"a\": \"b\nc\"}",
            "expected no control character within a string, found the end of the line at line 1, column 9",
        ),
        (
            b"{\"a\": \"b\x00\"}",
            "expected no control character within a string, found the control character U+0000 at line 1, column 9",
        ),
        ("{\"é\": \"b".as_bytes(), "expected more of the order, found the end of the input at line 1, column 9"),
        ("{\"a\"ȤȤ".as_bytes(), "expected `:`, found `Ȥ` at line 1, column 5"),
        ("{\"a\"😀😀".as_bytes(), "expected `:`, found `😀` at line 1, column 5"),
        (b"{\"a\"\xc8", "expected `:`, found the byte 0xC8 at line 1, column 5"),
        (
            b"{\"sub_total\": \"\xd0\", \"note\": \"as long as a block\"}",
            "expected UTF-8, found the byte 0xD0 at line 1, column 16",
        ),
        (b"{\"a\": \"b\xff\"}", "expected UTF-8, found the byte 0xFF at line 1, column 9"),
        (deep_field.as_bytes(), "expected at most 128 levels of objects and arrays, found `[` at line 1, column 134"),
        (
            br#"{"success_code": false, "error_code": "RateLimit", "message": "Over API Limit."}"#,
            "expected an order, found an error reply of the API with error_code \"RateLimit\" at line 1, column 1",
        ),
        (
            br#"{"message": "no", "success_code": false}"#,
            "expected an order, found an error reply of the API at line 1, column 1",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text), [*expected], "{:?}", String::from_utf8_lossy(text));
    }
}

#[test]
fn escapes_are_what_they_stand_for() {
    let name =
        |text: &str| Order::from_json(format!(r#"{{"cust_ref": "{text}"}}"#).as_bytes()).unwrap().cust_ref.unwrap();
    assert_eq!(name(r#"\"\\\/\b\f\n\r\t"#), "\"\\/\u{8}\u{c}\n\r\t");
    assert_eq!(name(r"\u00e9\u20AC\u0041"), "é€A");
    assert_eq!(name(r"\ud83d\ude00 \uD834\uDD1E \udbff\udfff \ud800\udc00"), "😀 𝄞 \u{10FFFF} \u{10000}");
    // Beyond ASCII and longer than a block.
    assert_eq!(
        name("ééééééééééééééééé plain and long, and then \\u00fc"),
        "ééééééééééééééééé plain and long, and then ü"
    );
    let told = |text: &str| {
        let text = format!(r#"{{"a": "{text}"}}"#);
        Order::from_json(text.as_bytes()).unwrap_err().to_string()
    };
    let half = "expected the second half of a surrogate pair, found";
    assert_eq!(told(r"\ud800\n"), format!("{half} `n` at line 1, column 15"));
    assert_eq!(told(r"\ud800u0041"), format!("{half} `u` at line 1, column 14"));
    assert_eq!(told(r"\ud800\u0041"), format!("{half} `u` at line 1, column 15"));
}

/// A long text behind an amount has it read in blocks, a short one byte by byte: neither takes what is no number.
#[test]
fn what_is_no_number_is_none_whatever_follows() {
    let cases = [
        ("01", "expected `,` or `}`, found `1` at line 1, column 16"),
        ("-01", "expected `,` or `}`, found `1` at line 1, column 17"),
        ("007.5", "expected `,` or `}`, found `0` at line 1, column 16"),
        ("1.", "expected a digit, found `,` at line 1, column 17"),
        ("12345678.", "expected a digit, found `,` at line 1, column 24"),
        (".5", "expected a value, found `.` at line 1, column 15"),
        ("1.2.3", "expected `,` or `}`, found `.` at line 1, column 18"),
        ("1..2", "expected a digit, found `.` at line 1, column 17"),
        ("1,2", "expected a field name in quotes, found `2` at line 1, column 17"),
        ("-", "expected a digit, found `,` at line 1, column 16"),
        ("5\"", "expected `,` or `}`, found `\"` at line 1, column 16"),
        ("5x", "expected `,` or `}`, found `x` at line 1, column 16"),
    ];
    for (number, expected) in cases {
        for tail in ["}", r#", "note": "as long as a block of the text, and longer"}"#] {
            let text = format!(r#"{{"sub_total": {number}{tail}"#);
            let told = Order::from_json(text.as_bytes()).unwrap_err().to_string();
            let expected = if tail == "}" { expected.replace("found `,`", "found `}`") } else { expected.to_owned() };
            assert_eq!(told, expected, "{text}");
        }
    }
    // As a text each of them is read as it is: an amount or none.
    let behind = r#", "note": "as long as a block of the text, and longer"}"#;
    for (text, amount) in [("01", Some("1")), ("1.", Some("1")), (".5", Some("0.5")), ("1.2.3", None), ("-", None)] {
        for tail in ["}", behind] {
            let order = Order::from_json(format!(r#"{{"sub_total": "{text}"{tail}"#).as_bytes()).unwrap();
            assert_eq!(order.sub_total.amount(), amount.map(|amount| amount.parse().unwrap()), "{text}");
        }
    }
}

/// Amounts of every length, with a long and a short text behind: all are the same as those read by themselves.
#[test]
fn amounts_of_every_length() {
    let digits = "12345678901234567890123456789";
    let mut texts: Vec<String> = (1..=digits.len()).map(|length| digits[..length].to_owned()).collect();
    texts.extend(
        (2..=digits.len()).flat_map(|length| {
            (1..length).map(move |point| format!("{}.{}", &digits[..point], &digits[point..length]))
        }),
    );
    texts.extend(["0", "-0", "0.0", "0.00000001", "10000000", "99999999", "100000000", "-1.5"].map(str::to_owned));
    for text in texts {
        let expected = Charge::from_text(&text);
        for tail in ["}", r#", "note": "as long as a block of the text, and longer"}"#] {
            for value in [text.clone(), format!("-{text}"), format!("\"{text}\"")] {
                let value = value.replace("--", "-");
                let order = Order::from_json(format!(r#"{{"sub_total": {value}{tail}"#).as_bytes()).unwrap();
                let read = order.sub_total;
                let same = if value.starts_with('-') && !text.starts_with('-') {
                    read.amount().map(ordercharge::Amount::negated) == expected.amount()
                } else {
                    read == expected
                };
                assert!(same, "{value}: {read:?}");
            }
        }
    }
}

#[test]
fn one_order_and_nothing_else() {
    for (text, expected) in [
        ("{} {}", "expected the end of the text after the order, found `{` at line 1, column 4"),
        ("[{}]", "expected an order, found an array at line 1, column 1"),
        ("", "expected more of the order, found the end of the input at line 1, column 1"),
        ("5", "expected an order, found a number at line 1, column 1"),
    ] {
        assert_eq!(Order::from_json(text.as_bytes()).unwrap_err().to_string(), expected, "{text:?}");
    }
    assert!(Order::from_json("\u{feff} {} \n".as_bytes()).is_ok());
}

#[test]
fn a_broken_record_costs_no_other() {
    let record = |name: &str| {
        format!(r#"{{"cust_ref":"{name}","x":["é\"",{{"y":[1.5e3,null]}}],"items":[{{"price":"5.00"}}]}}"#)
    };
    let middle = record("MIDDLE");
    for cut in 0..middle.len() {
        let mut text = record("A").into_bytes();
        text.push(b'\n');
        text.extend(&middle.as_bytes()[..cut]);
        text.extend(format!("\n{}\n{}\n", record("B"), record("C")).bytes());
        let told = read(&text);
        let names: Vec<&str> = told.iter().map(String::as_str).filter(|name| name.len() == 1).collect();
        assert_eq!(names, ["A", "B", "C"], "cut at {cut}: {told:?}");
        assert_eq!(told.len(), if cut == 0 { 3 } else { 4 }, "cut at {cut}: {told:?}");
    }
}

/// Writes two orders in a container.
type Shape<'a> = &'a dyn Fn(&str, &str) -> String;

#[test]
fn a_broken_batch_costs_no_other() {
    let order = |name: &str| format!(r#"{{"cust_ref":"{name}","items":[{{"price":"5.00","x":[1,{{}}]}}]}}"#);
    let both = |a: &str, b: &str| format!("{},{}", order(a), order(b));
    let array = |a: &str, b: &str| format!("[{}]", both(a, b));
    let webhook = |a: &str, b: &str| format!(r#"{{"count":2,"orders":[{}],"next":null}}"#, both(a, b));
    let listed = |a: &str, b: &str| format!(r#"{{"success_code":true,"response":[{}],"x":{{}}}}"#, both(a, b));
    let shapes: [Shape<'_>; 3] = [&array, &webhook, &listed];
    for shape in shapes {
        let middle = shape("LEFT", "RIGHT");
        for other in shapes {
            for cut in 0..middle.len() {
                let text = format!("{}\n{}\n{}\n{}\n", order("A"), &middle[..cut], other("B", "C"), order("D"));
                let told = read(text.as_bytes());
                let names: Vec<&str> = told.iter().map(String::as_str).filter(|name| name.len() == 1).collect();
                assert_eq!(names, ["A", "B", "C", "D"], "cut at {cut}: {text}\n{told:?}");
            }
        }
    }
}

#[test]
fn a_broken_text_over_many_lines_costs_no_other() {
    let order = |name: &str| {
        format!("{{\n  \"cust_ref\": \"{name}\",\n  \"items\": [\n    {{\n      \"price\": 5\n    }}\n  ]\n}}\n")
    };
    let middle = order("MIDDLE");
    // Cut within its first line it is like any line that is cut.
    for cut in 2..middle.len() - 1 {
        let text = format!("{}{}\n{}{}", order("A"), &middle[..cut], order("B"), order("C"));
        let told = read(text.as_bytes());
        let names: Vec<&str> = told.iter().map(String::as_str).filter(|name| name.len() == 1).collect();
        assert_eq!(names, ["A", "B", "C"], "cut at {cut}: {told:?}");
    }
}

#[test]
fn a_line_that_begins_with_a_bracket_may_belong_to_the_container() {
    assert_eq!(read(b"{\"orders\":\n[\n{\"cust_ref\":\"A\"},\n{\"cust_ref\":\"B\"}\n]\n}\n"), ["A", "B"]);
    assert_eq!(read(b"{\"success_code\":true,\"response\":\n{\"cust_ref\":\"A\"}\n}"), ["A"]);
    let linked = b"{\n\"orders\": [\n{\"cust_ref\":\"A\"}\n],\n\"links\": [\n{\n\"rel\": \"x\"\n}\n],\n\"note\": {\"x\":\n{\"y\":1}\n}\n}\n{\"cust_ref\":\"B\"}";
    assert_eq!(read(linked), ["A", "B"]);
    let told = read(b"[\n{\"orders\":[]}\n,\n{\"cust_ref\":\"B\"}\n]");
    assert_eq!(told, ["", "B"]);
    let told = read(b"[\n[1]\n,\n{\"cust_ref\":\"B\"}\n]");
    assert_eq!(told, ["expected an order, found an array at line 2, column 1", "B"]);
}

#[test]
fn what_wraps_orders_is_no_order_itself() {
    let conflict = "expected an order, found a field of an order, or more orders, in an object that wraps orders";
    assert_eq!(read(br#"{"cust_ref":"A","orders":[],"items":[]}"#), ["A"]);
    assert_eq!(
        read(br#"{"orders":[{"cust_ref":"A"}],"items":[],"orders":[{"cust_ref":"B"}]} {"cust_ref":"C"}"#),
        ["A", &format!("{conflict} at line 1, column 30"), &format!("{conflict} at line 1, column 41"), "C"]
    );
    assert_eq!(
        read(br#"{"response":{"cust_ref":"A"},"response":{"cust_ref":"B"},"success_code":true}"#),
        ["A", &format!("{conflict} at line 1, column 30")]
    );
    // Names of as many letters are none of these.
    assert_eq!(read(br#"{"ledger":[{"cust_ref":"B"}],"cust_ref":"A"}"#), ["A"]);
    assert_eq!(read(br#"{"ledger":[{"cust_ref":"B"}]}"#), [""]);
    assert_eq!(read(br#"{"success_code":true,"messages":[{"cust_ref":"B"}]}"#), [""]);
    assert_eq!(read(br#"{"warehouse_no":false,"orders":[{"cust_ref":"A"}]}"#), ["A"]);
    // What holds no orders wraps none.
    assert_eq!(read(br#"{"orders":[{"cust_ref":"A"}],"response":null,"orders":"2"} {"cust_ref":"C"}"#), ["A", "C"]);
    let failed = "expected an order, found an error reply of the API";
    assert_eq!(read(br#"{"success_code":false,"orders":[{}]}"#), [format!("{failed} at line 1, column 1")]);
    assert_eq!(
        read(br#"{"orders":[{"cust_ref":"A"}],"success_code":false}"#),
        ["A", &format!("{failed} at line 1, column 30")]
    );
    // Whether `response` holds orders is known only when `success_code` is, and nothing of an order stands beside it.
    assert_eq!(
        read(br#"{"response":[{"cust_ref":"A"}],"success_code":false}"#),
        [format!("{failed} at line 1, column 1")]
    );
    assert_eq!(read(br#"{"response":[{"cust_ref":"A"}]}"#), [""]);
    assert_eq!(read(br#"{"response":[{"cust_ref":"A"}],"success_code":true,"cust_ref":"B"}"#), ["B"]);
    assert_eq!(read(br#"[{"success_code":false},{"cust_ref":"A"}]"#), [&format!("{failed} at line 1, column 2"), "A"]);
    assert!(Order::from_json(br#"{"success_code":false}"#).unwrap_err().is_not_an_order());
}

#[test]
fn what_follows_a_broken_container_is_read_as_ever() {
    let text = b"[{\"a\":oops}]\n{\"cust_ref\":\"A\"}\n_total: 5}\nnull\n{\"cust_ref\":\"B\"}\n";
    let told = read(text);
    assert_eq!(
        told,
        [
            "expected a value, found `o` at line 1, column 7",
            "A",
            "expected an order, or a list of orders, found `_` at line 3, column 1",
            "B"
        ]
    );
    let marked = "\u{feff}{\"cust_ref\":\"A\"}\n\u{feff}{\"cust_ref\":\"B\"}\n";
    assert_eq!(read(marked.as_bytes()), ["A", "B"]);
}

#[test]
fn a_source_that_fails_gives_first_what_it_had() {
    struct Failing<'a>(&'a [u8]);
    impl std::io::Read for Failing<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            if self.0.is_empty() {
                return Err(std::io::Error::other("worn out"));
            }
            self.0.read(into)
        }
    }
    let large = format!(r#"{{"cust_ref":"A","x":"{}"}}"#, "x".repeat(700_000));
    let text = format!("{large}\n{{\"cust_ref\":\"B\"}}\n{{\"cust_ref\"");
    let mut reader = Reader::new(Failing(text.as_bytes()));
    for name in ["A", "B"] {
        let record = reader.next_record().unwrap().unwrap();
        assert_eq!(record.document.unwrap().order().cust_ref.as_deref(), Some(name));
    }
    assert_eq!(reader.next_record().unwrap_err().to_string(), "worn out");
    assert!(reader.next_record().unwrap().is_none());
}

#[test]
fn an_array_goes_on_behind_a_broken_entry() {
    let text = b"[\n{\"cust_ref\":\"A\"},\n{\"cust_ref\":oops},\n{\"cust_ref\":\"C\"},\n{\"cust_ref\":\"D\"}\n]\n{\"cust_ref\":\"E\"}\n";
    assert_eq!(read(text), ["A", "expected a value, found `o` at line 3, column 13", "C", "D", "E"]);
    assert_eq!(
        read(b"[{\"cust_ref\":\"A\"}, 5, null, [1], {\"cust_ref\":\"B\"}]"),
        [
            "A",
            "expected an order, found a number at line 1, column 20",
            "expected an order, found null at line 1, column 23",
            "expected an order, found an array at line 1, column 29",
            "B"
        ]
    );
}

#[test]
fn a_text_over_many_lines_is_one_fault() {
    let text = b"{\n\"cust_ref\": \"A\",\n\"items\": [\n{\"price\": 1,, }\n]\n}\n{\"cust_ref\": \"B\"}\n";
    assert_eq!(read(text), ["expected a field name in quotes, found `,` at line 4, column 13", "B"]);
}

#[test]
fn what_is_seen_of_a_field() {
    let order = |price: &str| {
        let text = format!(r#"{{"items": [{{"price": {price}}}]}}"#);
        Order::from_json(text.as_bytes()).unwrap().lines()[0].price
    };
    let unusable = |found| Charge::Unusable(Unusable::NotAmount(found));
    assert_eq!(order("4.40"), Charge::from_text("4.4"));
    assert_eq!(order(r#"" 4.40 ""#), Charge::from_text("4.4"));
    assert_eq!(order(r#""\u0034.40""#), Charge::from_text("4.4"));
    assert_eq!(order("null"), Charge::Unset);
    assert_eq!(order(r#""""#), Charge::Blank);
    assert_eq!(order(r#"" \t""#), Charge::Blank);
    assert_eq!(order("true"), unusable(Found::Boolean));
    assert_eq!(order("[1]"), unusable(Found::Array));
    assert_eq!(order(r#"{"a": 1}"#), unusable(Found::Object));
    assert_eq!(order(r#""$4.40""#), unusable(Found::CurrencySign));
    assert_eq!(order(r#""4,40""#), unusable(Found::Comma));
    assert_eq!(order(r#""free""#), unusable(Found::Text));
    assert_eq!(order("1e400"), Charge::Unusable(Unusable::Inexact));
    assert_eq!(order(r#"1, "price": 1"#), Charge::Unusable(Unusable::Duplicate));
    assert_eq!(order(r#"1, "pri\u0063e": 1"#), Charge::Unusable(Unusable::Duplicate));
    assert_eq!(order(&"9".repeat(1_000_000)), Charge::Unusable(Unusable::Inexact));
}

#[test]
fn the_rest_of_an_order() {
    let order = Order::from_json(
        br#"{"cust_ref": 156, "currency_code": "JPY", "tax": 1, "Grand-Total": "2", "sub_totl": 3, "fax": 5551234,
            "items": [{"qty": 1, "unit_price": 2, "shipping_subcharge": "3", "sku": 4, "prices": []}]}"#,
    )
    .unwrap();
    assert_eq!(order.cust_ref.as_deref(), Some("156"));
    assert_eq!(order.currency, Currency::from_code("JPY"));
    let names = |misnamed: &[ordercharge::Misnamed]| -> Vec<String> {
        misnamed.iter().map(|other| format!("{} {} {}", other.name, other.means, other.amount)).collect()
    };
    assert_eq!(names(&order.misnamed), ["tax sales_tax 1", "Grand-Total grand_total 2", "sub_totl sub_total 3"]);
    assert_eq!(
        names(&order.lines()[0].misnamed),
        ["qty quantity 1", "unit_price price 2", "shipping_subcharge shipping_surcharge 3"]
    );
    // A name may be there twice; where it does not hold an amount it says nothing.
    let order = Order::from_json(
        br#"{"tax": 1, "sub_totl": 3, "tax": null, "tax": 2, "items": [{"qty": 1, "qty": "", "unit_price": 2}]}"#,
    )
    .unwrap();
    assert_eq!(names(&order.misnamed), ["tax sales_tax 1", "sub_totl sub_total 3", "tax sales_tax 2"]);
    assert_eq!(names(&order.lines()[0].misnamed), ["qty quantity 1", "unit_price price 2"]);
    let elsewhere = |text: &str| Order::from_json(text.as_bytes()).unwrap().items_elsewhere;
    assert_eq!(elsewhere(r#"{"line_items": [ {"qty": 1}], "products": [{}]}"#).as_deref(), Some("line_items"));
    assert_eq!(elsewhere(r#"{"lines": [], "items": [], "Products": [{}, 7]}"#).as_deref(), Some("Products"));
    assert_eq!(elsewhere(r#"{"Items": [{}], "items": {}}"#).as_deref(), Some("Items"));
    for none in [
        r#"{"lines": [{}], "items": [{}]}"#,
        r#"{"lines": [{}], "items": [], "items": []}"#,
        r#"{"lines": 3, "products": {}, "order_items": "[{", "orderItems": [7]}"#,
        r#"{"items": {"lines": [{}]}}"#,
    ] {
        assert_eq!(elsewhere(none), None, "{none}");
    }
    let items = |text: &str| Order::from_json(text.as_bytes()).unwrap().items;
    assert_eq!(items("{}"), Items::Unset);
    assert_eq!(items(r#"{"items": null}"#), Items::Unset);
    assert_eq!(items(r#"{"items": {}}"#), Items::Unusable(Unusable::NotAmount(Found::Object)));
    assert_eq!(items(r#"{"items": [], "items": []}"#), Items::Unusable(Unusable::Duplicate));
}

/// Names of as many letters as those that count.
#[test]
fn names_of_other_fields() {
    let lines = ["sku", "title", "location", "warehouse_no", "serial_number", "tracking_number", "manufacturer_codes"];
    let header = [
        "title",
        "ledger",
        "carrier",
        "location",
        "reference",
        "created_at",
        "customer_id",
        "warehouse_no",
        "serial_number",
        "delivery_dates",
        "tracking_number",
        "customer_language",
    ];
    let object = |names: &[&str]| names.iter().map(|name| format!(r#""{name}": "5""#)).collect::<Vec<_>>().join(", ");
    let order = format!(r#"{{{}, "items": [{{{}}}]}}"#, object(&header), object(&lines));
    assert_eq!(
        Order::from_json(order.as_bytes()).unwrap(),
        Order { items: Items::Lines(vec![ordercharge::Line::default()]), ..Order::default() }
    );
}

/// However long a name is, the next order is read as the one before.
#[test]
fn names_of_every_length() {
    for length in 1..=80 {
        for between in ["", " ", "\n"] {
            let name = "x".repeat(length);
            let order = format!(
                r#"{{"{name}":1,{between}"{name}y":[2],{between}"grand_total":5,{between}"items":[{{{between}"{name}":0,"price":3}}]}}"#
            );
            let mut read = Order { grand_total: Charge::from_text("5"), ..Order::default() };
            read.items = Items::Lines(vec![ordercharge::Line { price: Charge::from_text("3"), ..Default::default() }]);
            let records: Vec<Order> = Documents::new(format!("{order}\n{order}\n{order}\n").as_bytes())
                .map(|record| record.document.unwrap().into_order())
                .collect();
            assert_eq!(records, [read.clone(), read.clone(), read], "{order}");
        }
    }
}

#[test]
fn positions_are_those_of_the_source() {
    let text = "\u{feff}{\"cust_ref\": \"A\"}\r\n  [ {\"é\": 1, \"balance\": 5}, {\"balance\"\n: 6}]";
    let mut spans = Vec::new();
    for record in Documents::new(text.as_bytes()) {
        let report = record.document.unwrap().check(&Policy::default());
        for violation in report.violations.iter().filter(|found| found.rule.code() == "OC106") {
            let span = violation.span.unwrap();
            let slice = &text[span.start.offset as usize..span.end as usize];
            spans.push((span.start.line, span.start.column, slice.to_owned()));
        }
    }
    assert_eq!(spans, [(2, 25, "5".to_owned()), (3, 3, "6".to_owned())]);
}

/// The pass that looks for all places at once may end before the text does: it finds what looking for each would.
#[test]
fn every_span_is_the_nearest_place() {
    let line = r#"{"price": 1, "quantity": 3, "quantity": 3, "extended_amount": 9, "tax": "x", "x": {"tax": 1}}"#;
    let twice = r#"{"qty": 2, "extended_amount": 1, "price": 2, "qty": 3, "extended_amount": 2}"#;
    let bad = r#"{"price": -1, "quantity": null, "extended_amount": "7", "discount": " "}"#;
    let headers = [
        r#""sub_total": -1, "grand_total": 5"#,
        r#""sub_total": 1, "sub_total": 1, "grand_total": -5"#,
        r#""total": 5, "TOTAL": 5, "total": 7, "balance": 1"#,
        r#""currency_code": "X", "currency_code": "Y", "sales_tax": true"#,
        r#""x": {"grand_total": 1, "items": [{}]}, "grand\u005ftotal": 1"#,
    ];
    let mut compared = 0;
    for header in headers {
        for items in
            ["null", "[]", "[1, 2]", &format!("[{line}, 0, {bad}]"), &format!("[{bad}, {twice}, {bad}, {line}]")]
        {
            for items in [format!(r#""items": {items}"#), format!(r#""items": {items}, "items": [{bad}]"#)] {
                for text in [format!("{{{header}, {items}}}"), format!("{{{items}, {header}}}")] {
                    let document = Document::from_json(text.as_bytes()).unwrap();
                    let outline = document.outline();
                    for violation in document.check(&Policy::default()).violations {
                        let span = violation.span.unwrap();
                        let found = span.start.offset as usize..span.end as usize;
                        assert_eq!(found, outline.nearest(&violation.place), "{violation} of {text}");
                        compared += 1;
                    }
                }
            }
        }
    }
    assert!(compared > 400, "{compared}");
}

#[test]
fn nothing_in_the_text_is_changed_but_what_is_added() {
    let text = r#"{"x": {"a":1 },"items" : [ {"price":"4.40" , "quantity":2}, {"quantity": 1, "price": 5, "extended_amount":null } ],
  "shipping_handling":  "3.00"
}"#;
    let completed = Document::from_json(text.as_bytes()).unwrap().completed(&ordercharge::Options::default());
    assert_eq!(
        String::from_utf8(completed.clone()).unwrap(),
        r#"{"x": {"a":1 },"items" : [ {"price":"4.40" , "quantity":2, "extended_amount":"8.80"}, {"quantity": 1, "price": 5, "extended_amount":5.00 } ],
  "shipping_handling":  "3.00",
  "sub_total":  "13.80",
  "sales_tax":  "0.00",
  "order_discount":  "0.00",
  "grand_total":  "16.80"
}"#
    );
    let document = Document::from_json(&completed).unwrap();
    assert_eq!(document.completed(&ordercharge::Options::default()), completed);
    assert!(document.check(&Policy::default()).violations.is_empty());
}

/// Nothing is predicted before a name was met, whatever bytes come.
#[test]
fn a_stretch_of_zeros_is_no_name() {
    let text = [b"{\"cust_ref\": \"A\",".as_slice(), &[0; 64], b"}"].concat();
    assert_eq!(
        read(&text),
        ["expected a field name in quotes, found the control character U+0000 at line 1, column 18"]
    );
}
