//! How CSV is read: `--csv NAME=VALUE`, or the table `[csv]` of the configuration.

/// One setting.
#[derive(Clone, Debug)]
pub(crate) enum Setting {
    Delimiter(u8),
    /// Whether the first row has the names of the columns.
    Header(bool),
    /// Whether a row is a whole order, with its lines one after the other.
    Horizontal(bool),
    /// Columns that belong to the lines, by the name of their field.
    Line(Vec<String>),
    /// Columns that are not read.
    Ignore(Vec<String>),
    /// The column of a field: its name, or its number if there is no header.
    Column {
        field: String,
        column: String,
    },
    /// The value of a field in every order, or in every line.
    Constant {
        field: String,
        value: String,
    },
}

impl Setting {
    /// Reads `NAME=VALUE`.
    pub(crate) fn parse(text: &str) -> Result<Setting, String> {
        let (name, value) = text.split_once('=').ok_or_else(|| format!("expected NAME=VALUE, found {text:?}"))?;
        let (name, value) = (name.trim(), value.trim());
        let list = || value.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
        let expected = |what: &str| format!("expected {what} for {name}, found {value:?}");
        match name {
            "" => Err("expected the name of a field before `=`".to_owned()),
            "delimiter" => match (value, value.as_bytes()) {
                ("comma", _) => Ok(Setting::Delimiter(b',')),
                ("semicolon", _) => Ok(Setting::Delimiter(b';')),
                ("tab" | "\\t", _) => Ok(Setting::Delimiter(b'\t')),
                ("pipe", _) => Ok(Setting::Delimiter(b'|')),
                (_, [byte]) if byte.is_ascii_punctuation() && *byte != b'"' => Ok(Setting::Delimiter(*byte)),
                _ => Err(expected("comma, semicolon, tab, pipe or one ASCII sign")),
            },
            "header" => match value {
                "true" | "yes" => Ok(Setting::Header(true)),
                "false" | "no" => Ok(Setting::Header(false)),
                _ => Err(expected("true or false")),
            },
            "layout" => match value {
                "vertical" => Ok(Setting::Horizontal(false)),
                "horizontal" => Ok(Setting::Horizontal(true)),
                _ => Err(expected("vertical (a row for each line) or horizontal (a row for each order)")),
            },
            "line" => Ok(Setting::Line(list())),
            "ignore" => Ok(Setting::Ignore(list())),
            field => Ok(match value.strip_prefix('=') {
                Some(value) => Setting::Constant { field: field.to_owned(), value: value.to_owned() },
                None => Setting::Column { field: field.to_owned(), column: value.to_owned() },
            }),
        }
    }
}

/// All settings of a run.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    is_set: bool,
    pub(super) delimiter: Option<u8>,
    pub(super) header: bool,
    pub(super) horizontal: Option<bool>,
    pub(super) line: Vec<String>,
    pub(super) ignore: Vec<String>,
    pub(super) columns: Vec<(String, String)>,
    pub(super) constants: Vec<(String, String)>,
}

impl Settings {
    /// Whether nothing was set.
    pub(crate) fn is_default(&self) -> bool {
        !self.is_set
    }

    /// Later settings of a name count.
    pub(crate) fn new(settings: &[Setting]) -> Settings {
        let mut all = Settings { is_set: !settings.is_empty(), header: true, ..Settings::default() };
        for setting in settings.iter().cloned() {
            match setting {
                Setting::Delimiter(byte) => all.delimiter = Some(byte),
                Setting::Header(header) => all.header = header,
                Setting::Horizontal(horizontal) => all.horizontal = Some(horizontal),
                Setting::Line(names) => all.line.extend(names),
                Setting::Ignore(names) => all.ignore.extend(names),
                Setting::Column { field, column } => {
                    all.columns.retain(|(known, _)| *known != field);
                    all.columns.push((field, column));
                }
                Setting::Constant { field, value } => {
                    all.constants.retain(|(known, _)| *known != field);
                    all.constants.push((field, value));
                }
            }
        }
        all
    }
}
