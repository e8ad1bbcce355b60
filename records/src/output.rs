//! Text that is shown: which characters are escaped.

use serde::Serialize;

/// A record that has nothing but a message.
#[derive(Serialize)]
pub(crate) struct Message<'a> {
    format: u32,
    r#type: &'static str,
    message: &'a str,
}

impl<'a> Message<'a> {
    pub(crate) fn new(r#type: &'static str, message: &'a str) -> Message<'a> {
        Message { format: 1, r#type, message }
    }
}

/// A value as JSON on one line. Characters that a reader would not see are escaped, which is the same string to who reads
/// JSON.
pub fn json(value: &impl Serialize) -> serde_json::Result<String> {
    let plain = serde_json::to_string(value)?;
    let mut text = String::with_capacity(plain.len());
    plain.chars().for_each(|char| push_json(&mut text, char));
    Ok(text)
}

/// Appends a character of a JSON string that needs no escape by the rules of JSON.
pub(crate) fn push_json(text: &mut String, char: char) {
    if is_invisible(char) {
        for unit in char.encode_utf16(&mut [0; 2]) {
            text.push_str(&format!("\\u{unit:04x}"));
        }
    } else {
        text.push(char);
    }
}

/// Characters that a terminal may obey, that change the direction of others, that take no room or have no shape of their
/// own: controls, what Unicode calls formats and default-ignorable, and private use.
pub fn is_invisible(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{70F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{2800}' | '\u{3164}' | '\u{E000}'..='\u{F8FF}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{10FFFF}')
}
