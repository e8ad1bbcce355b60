//! The columns of a CSV text: which field each cell of a row is.

use std::collections::HashSet;

use ordercharge::{Field, Items, Level, Order};

use super::super::{MOST_NAMES, column};
use super::rows::{Cores, Row};
use super::settings::Settings;
use crate::names::suggestion;
use crate::output;

/// The fields of an order that are not charges, as CartRover names them.
const HEADER: &[&str] = &[
    "cust_ref",
    "cust_po_no",
    "po_number",
    "record_no",
    "version",
    "format",
    "order_source",
    "order_date",
    "created_date_time",
    "updated_date_time",
    "customer_id",
    "cust_company",
    "cust_title",
    "cust_first_name",
    "cust_last_name",
    "cust_address_1",
    "cust_address_2",
    "cust_address_3",
    "cust_city",
    "cust_state",
    "cust_zip",
    "cust_country",
    "cust_phone",
    "cust_e_mail",
    "ship_company",
    "ship_title",
    "ship_first_name",
    "ship_last_name",
    "ship_address_1",
    "ship_address_2",
    "ship_address_3",
    "ship_city",
    "ship_state",
    "ship_zip",
    "ship_country",
    "ship_phone",
    "ship_e_mail",
    "ship_address_type",
    "carrier",
    "ship_code",
    "ship_code_description",
    "working_ship_code",
    "special_services",
    "shipping_instructions",
    "ship_account_no",
    "ship_account_zip",
    "requested_ship_date",
    "expected_delivery_date",
    "latest_ship_date",
    "cancel_date",
    "currency_code",
    "pay_type",
    "promo_code",
    "tax_exempt_sw",
    "installment_program",
    "media_week",
    "credit_card_no",
    "expiration_date",
    "cvv",
    "cc_last_four",
    "token_sw",
    "pre_auth_code",
    "pre_auth_amt",
    "pre_auth_id",
    "check_account_no",
    "check_type",
    "check_no",
    "check_bank_id",
    "check_cust_bank",
    "check_cust_id_num",
    "check_cust_id_state",
    "check_cust_id_type",
    "ani_phone",
    "vendor_phone",
    "location",
    "custom_field_1",
    "custom_field_2",
    "custom_field_3",
    "custom_field_4",
    "custom_field_5",
    "gift_card_sw",
    "gift_message",
    "gift_wrap",
    "weight",
    "cass_code_ship",
    "cass_error_ship",
    "cass_code_cust",
    "cass_error_cust",
    "cass_date",
    "ncoa_code_ship",
    "ncoa_code_cust",
    "ncoa_date",
    "error_code",
    "error_msg",
    "error_reason",
    "ifraud_error_code",
    "xfraud_error_code",
    "credit_error_code",
    "credit_score",
    "fraud_score",
    "black_list",
    "resubmit_date",
    "load_override_sw",
    "fail_action",
    "action_dt",
    "filename",
    "org_file_no",
    "call_queue",
    "clerk_disposition",
    "clerk_disp_dt",
    "rep_disposition",
    "rep_disp_dt",
    "duplicate_sw",
    "delete_date",
    "routing_sw",
    "sent_to_region",
    "accepted_by_region",
    "regional_center",
    "regional_order_no",
    "regional_ship_date",
    "regional_retry_sw",
    "regional_error",
    "regional_attempts",
    "first_attempt",
    "delivered_to_wms_date",
    "mark_in_progress_date",
    "extra_system_date_sent",
    "sending_canceled",
    "shipping_pickup_canceled",
    "on_hold",
    "num_failed_sends",
];

/// The fields of a line that are not charges.
const LINE: &[&str] = &[
    "line_no",
    "item",
    "lot_number",
    "line_item_id",
    "line_comment",
    "Description",
    "alt_sku",
    "filtered_sku",
    "line_location",
];

/// A name in the form in which names are compared: letter case, blanks and `-` make no difference.
fn folded(name: &str) -> String {
    name.trim().chars().map(|char| if matches!(char, ' ' | '-') { '_' } else { char.to_ascii_lowercase() }).collect()
}

/// The field of a name, as CartRover writes it.
fn known(name: &str) -> Option<(&'static str, Level)> {
    let name = folded(name);
    let charges = Field::ALL.iter().map(|field| (field.name(), field.level()));
    let header = HEADER.iter().map(|name| (*name, Level::Header));
    let all = charges.chain(header).chain(LINE.iter().map(|name| (*name, Level::Line)));
    let mut all = all.filter(|(known, _)| folded(known) == name);
    all.next()
}

/// Which field a name is taken for (OC304), by asking the reader of orders.
fn misnamed(name: &str) -> Option<Field> {
    let key = serde_json::to_string(name).ok()?;
    let read = |text: String| Order::from_json(text.as_bytes()).ok();
    let of_header = read(format!("{{{key}:\"1\",\"items\":[{{}}]}}"))?.misnamed.into_iter().next();
    let of_line = match read(format!("{{\"items\":[{{{key}:\"1\"}}]}}"))?.items {
        Items::Lines(lines) => lines.into_iter().find_map(|line| line.misnamed.into_iter().next()),
        _ => None,
    };
    match (of_header, of_line) {
        (Some(one), None) | (None, Some(one)) => Some(one.means),
        // It may be either: nothing is guessed.
        _ => None,
    }
}

/// What a cell is.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    /// The name of the field.
    pub(super) name: String,
    /// As a key of JSON, with its colon.
    pub(super) key: String,
    pub(super) level: Level,
    /// Whether it is a charge.
    pub(super) charge: bool,
    /// Which line of the row it belongs to; 0 if a row is a line.
    pub(super) item: usize,
}

impl Slot {
    fn new(name: &str, level: Level) -> Slot {
        let key = serde_json::to_string(name).unwrap_or_default() + ":";
        Slot { name: name.to_owned(), key, level, charge: Field::from_name(level, name).is_some(), item: 0 }
    }
}

/// The columns of a source.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) cores: Cores,
    /// The name of each column in the file; none without a header.
    titles: Vec<String>,
    /// The field of each column; `None` if the column is not read.
    slots: Vec<Option<Slot>>,
    /// Which columns are fields of the order, and which of its lines.
    pub(super) of_header: Vec<usize>,
    of_line: Vec<usize>,
    /// Values that are the same everywhere.
    pub(super) constants: Vec<(Slot, String)>,
    /// Whether a row is a whole order.
    pub(super) horizontal: bool,
    /// For rows that are longer than the header: where the columns of the lines begin.
    repeat: Option<usize>,
    /// The column of `cust_ref`.
    pub(super) cust_ref: Option<usize>,
    /// The names of columns that are not known.
    pub(super) unknown: Vec<String>,
}

impl Columns {
    /// The columns by the first row, which is the header unless the settings say otherwise.
    pub(super) fn new(row: &Row, delimiter: u8, settings: &Settings) -> Result<Columns, String> {
        let names: Vec<String> =
            (0..row.len()).map(|cell| String::from_utf8_lossy(row.value(cell)).trim().to_owned()).collect();
        let level = |field: &str| match known(field) {
            Some((_, level)) if !settings.line.iter().any(|name| folded(name) == folded(field)) => level,
            _ => Level::Line,
        };
        let slot = |field: &str| Slot::new(known(field).map_or(field, |(name, _)| name), level(field));
        let mut slots: Vec<Option<Slot>> = vec![None; names.len()];
        let mut mapped = HashSet::new();
        for field in settings.columns.iter().map(|(field, _)| field).filter(|field| known(field).is_none()) {
            let names = Field::ALL.iter().map(|field| field.name()).chain(HEADER.iter().chain(LINE).copied());
            let near = suggestion(field, names);
            if !near.is_empty() {
                return Err(format!("no field is called {}{near}", output::brief(field)));
            }
        }
        for (field, column) in &settings.columns {
            let places: Vec<usize> = if settings.header {
                (0..names.len())
                    .filter(|at| names.get(*at).is_some_and(|name| folded(name) == folded(column)))
                    .collect()
            } else {
                let number = column.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
                let number = number.ok_or_else(|| {
                    format!("expected the number of a column for {field}, found {column:?}: there is no header")
                })?;
                vec![number]
            };
            if places.is_empty() {
                return Err(format!("no column is called {column:?}, which is set for {field}"));
            }
            for at in places {
                let count = names.len();
                let place = slots.get_mut(at);
                *place.ok_or_else(|| format!("expected a column from 1 to {count} for {field}, found {column}"))? =
                    Some(slot(field));
            }
            mapped.insert(folded(field));
        }
        let mut unknown = Vec::new();
        for (place, name) in slots.iter_mut().zip(&names).filter(|_| settings.header) {
            if place.is_some()
                || name.is_empty()
                || settings.ignore.iter().any(|ignored| folded(ignored) == folded(name))
            {
                continue;
            }
            let wanted = settings.line.iter().any(|line| folded(line) == folded(name));
            if !mapped.contains(&folded(name)) && (known(name).is_some() || wanted) {
                *place = Some(slot(name));
            } else if let Some(means) = misnamed(name) {
                *place = Some(Slot::new(name, means.level()));
            } else {
                unknown.push(name.clone());
            }
        }
        let constants: Vec<(Slot, String)> =
            settings.constants.iter().map(|(field, value)| (slot(field), value.clone())).collect();
        let mut columns = Columns {
            cores: Cores::new(delimiter),
            titles: if settings.header { names } else { Vec::new() },
            slots,
            of_header: Vec::new(),
            of_line: Vec::new(),
            constants,
            horizontal: settings.horizontal.unwrap_or(false),
            repeat: None,
            cust_ref: None,
            unknown,
        };
        columns.arrange(settings)?;
        let of = |level: Level| {
            let slots = columns.slots.iter().enumerate();
            slots.filter(|(_, slot)| slot.as_ref().is_some_and(|slot| slot.level == level)).map(|(at, _)| at).collect()
        };
        (columns.of_header, columns.of_line) = (of(Level::Header), of(Level::Line));
        Ok(columns)
    }

    /// Finds the form of the rows, and refuses what can be read in two ways.
    fn arrange(&mut self, settings: &Settings) -> Result<(), String> {
        let mut seen: Vec<&str> = Vec::new();
        let mut repeated = false;
        for slot in self.slots.iter().flatten() {
            if seen.contains(&slot.name.as_str()) {
                if slot.level == Level::Header || settings.horizontal == Some(false) {
                    return Err(format!("two columns are {}: leave one of them off, or ignore it", slot.name));
                }
                repeated = true;
            }
            seen.push(&slot.name);
        }
        if let Some((slot, _)) = self.constants.iter().find(|(slot, _)| seen.contains(&slot.name.as_str())) {
            return Err(format!("{} is a constant and a column: leave one of them off", slot.name));
        }
        if !seen
            .iter()
            .any(|name| Field::from_name(Level::Header, name).or(Field::from_name(Level::Line, name)).is_some())
        {
            return Err(self.no_charge(settings));
        }
        self.horizontal |= repeated;
        self.cust_ref = self.slots.iter().position(|slot| slot.as_ref().is_some_and(|slot| slot.name == "cust_ref"));
        if self.cust_ref.is_none() && !self.horizontal {
            return Err("no column is cust_ref, which tells which rows are one order: map it (`--csv \
                cust_ref=\"Order number\"`), or say that a row is an order (`--csv layout=horizontal`)"
                .to_owned());
        }
        if !self.horizontal {
            return Ok(());
        }
        let mut counts: Vec<(String, usize)> = Vec::new();
        for slot in self.slots.iter_mut().flatten().filter(|slot| slot.level == Level::Line) {
            match counts.iter_mut().find(|(name, _)| *name == slot.name) {
                Some((_, count)) => {
                    *count += 1;
                    slot.item = *count;
                }
                None => counts.push((slot.name.clone(), 0)),
            }
        }
        // Further lines are appended to a row if the columns of the line are the last ones.
        let is_line = |slot: &Option<Slot>| slot.as_ref().is_some_and(|slot| slot.level == Level::Line);
        if !repeated
            && let Some(first) = self.slots.iter().position(is_line)
            && self.slots.iter().skip(first).all(is_line)
        {
            self.repeat = Some(first);
        }
        Ok(())
    }

    /// What to do about a header without a charge. All that is missing is said at once.
    fn no_charge(&self, settings: &Settings) -> String {
        if !settings.header {
            let count = self.slots.len();
            return format!(
                "no column is a charge: map cust_ref and the columns that are charges, by their numbers from 1 to {count} (`--csv price=2`)"
            );
        }
        let mut names: Vec<String> =
            self.titles.iter().filter(|name| !name.is_empty()).take(MOST_NAMES).map(|name| column(name)).collect();
        if self.titles.len() > MOST_NAMES {
            names.push("...".to_owned());
        }
        let meant = |name: &String| {
            let means = misnamed(name).or_else(|| misnamed(&folded(name)))?;
            Some(format!("--csv {}=\"{}\"", means.name(), column(name)))
        };
        let mut examples: Vec<String> = self.titles.iter().filter_map(meant).take(MOST_NAMES).collect();
        if examples.is_empty() {
            examples.push("--csv price=\"Unit price\"".to_owned());
        }
        let is_named = self.slots.iter().flatten().any(|slot| slot.name == "cust_ref");
        if !is_named {
            examples.push("--csv cust_ref=\"Order number\"".to_owned());
        }
        let unknown = settings.columns.iter().map(|(field, _)| field).filter(|field| known(field).is_none());
        let unknown: String =
            unknown.take(MOST_NAMES).map(|field| format!("; no field is called {}", output::brief(field))).collect();
        // A first row in which no name is known may be an order: its values are not shown.
        let are = match self.slots.iter().flatten().next() {
            Some(_) => format!("the columns are {}", names.join(", ")),
            None => "none of the columns has a known name".to_owned(),
        };
        format!(
            "no column is a charge; {are}. Give them the names of CartRover's fields, or map them: `{}`{}{unknown}",
            examples.join(" "),
            if is_named { "" } else { "; cust_ref says which rows are one order" }
        )
    }

    /// The columns of the order's own fields.
    pub(super) fn header(&self) -> impl Iterator<Item = (usize, &Slot)> {
        self.named(&self.of_header)
    }

    /// The columns of the fields of its lines.
    pub(super) fn line(&self) -> impl Iterator<Item = (usize, &Slot)> {
        self.named(&self.of_line)
    }

    fn named<'c>(&'c self, columns: &'c [usize]) -> impl Iterator<Item = (usize, &'c Slot)> {
        columns.iter().filter_map(|at| Some((*at, self.slots.get(*at)?.as_ref()?)))
    }

    /// The name of the column of a cell, as the file has it.
    pub(super) fn title(&self, cell: usize) -> String {
        // Columns that are named once are repeated.
        let column = match self.repeat {
            Some(first) if cell >= self.slots.len() => first + (cell - first) % (self.slots.len() - first),
            _ => cell,
        };
        let title = self.titles.get(column).filter(|title| !title.is_empty());
        title.map_or_else(|| format!("column {}", cell + 1), Clone::clone)
    }

    /// The field of a cell.
    pub(super) fn slot(&self, cell: usize) -> Option<(&Slot, usize)> {
        let again = || {
            let first = self.repeat?;
            let width = self.slots.len() - first;
            let slot = self.slots.get(first + (cell - first) % width)?.as_ref()?;
            Some((slot, (cell - first) / width))
        };
        match self.slots.get(cell) {
            Some(slot) => slot.as_ref().map(|slot| (slot, slot.item)),
            None => again(),
        }
    }

    /// Whether a row has as many cells as its form wants; else, what was expected.
    pub(super) fn fits(&self, cells: usize) -> Result<(), String> {
        let count = self.slots.len();
        if cells == count {
            return Ok(());
        }
        if let Some(first) = self.repeat {
            let width = count - first;
            if cells >= first && (cells - first).is_multiple_of(width) {
                return Ok(());
            }
            return Err(format!("{first} cells and {width} for each line"));
        }
        if self.horizontal && cells < count {
            // The last lines may be left off, if they are left off whole.
            let last = self
                .slots
                .iter()
                .take(cells)
                .flatten()
                .filter(|slot| slot.level == Level::Line)
                .map(|slot| slot.item)
                .max();
            let left_off = self.slots.iter().skip(cells);
            if left_off.flatten().all(|slot| slot.level == Level::Line && last.is_none_or(|last| slot.item > last)) {
                return Ok(());
            }
        }
        Err(format!("{count} cells"))
    }
}

/// The delimiter of a first line, and how many of its names are known fields.
pub(super) fn delimiter_of(line: &[u8]) -> Option<(u8, usize)> {
    let line = String::from_utf8_lossy(line);
    let names_by = |delimiter: u8| {
        let mut quoted = false;
        let mut names = vec![String::new()];
        for char in line.chars() {
            match char {
                '"' => quoted = !quoted,
                char if char == char::from(delimiter) && !quoted => names.push(String::new()),
                char => names.last_mut().into_iter().for_each(|name| name.push(char)),
            }
        }
        names
    };
    let counted = b",;\t|".iter().map(|delimiter| {
        let names = names_by(*delimiter);
        let known = names.iter().filter(|name| known(name).is_some()).count();
        (known, names.len(), *delimiter)
    });
    // `max_by_key` takes the last of equal ones; the comma comes first by right.
    let best = counted.rev().max_by_key(|(known, names, _)| (*known, *names))?;
    (best.1 > 1).then_some((best.2, best.0))
}
