//! `Checked`: the proof that a check of an order found no error.

use crate::check::check;
use crate::document::Document;
use crate::findings::Violation;
use crate::order::Order;
use crate::policy::Policy;
use crate::report::Report;

/// An order that was checked without errors, with its report and, if it was read from a text, that text.
///
/// Only a check makes it, and it cannot be changed. A function that must get checked orders only takes this type.
///
/// ```
/// use ordercharge::{Checked, Document, Policy};
///
/// fn send(order: &Checked) -> Vec<u8> {
///     order.text().unwrap().to_vec()
/// }
///
/// let text = br#"{"cust_ref": "TEST02", "items": [{"item": "C100", "quantity": 2}]}"#;
/// let checked = Checked::document(Document::from_json(text)?, &Policy::default()).unwrap();
/// assert_eq!(send(&checked), text);
///
/// let wrong = br#"{"cust_ref": "TEST03", "items": []}"#;
/// let refused = Checked::document(Document::from_json(wrong)?, &Policy::default()).unwrap_err();
/// assert!(!refused.report.is_valid());
/// # Ok::<(), ordercharge::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Checked {
    order: Order,
    text: Option<Vec<u8>>,
    report: Report,
}

/// An order that was checked and is invalid.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the order is invalid{}", listed(report))]
#[non_exhaustive]
pub struct Refused {
    /// The order, as it was given.
    pub order: Box<Order>,
    /// What is wrong with it.
    pub report: Box<Report>,
}

/// The first violations on one line.
fn listed(report: &Report) -> String {
    const MOST: usize = 10;
    let mut listed: String = report.violations.iter().take(MOST).map(|violation| format!("; {violation}")).collect();
    let more: u64 = report.violations.iter().skip(MOST).map(Violation::count).sum();
    if more > 0 {
        listed += &format!("; and {more} more");
    }
    listed
}

impl Checked {
    /// Checks an order.
    pub fn order(order: Order, policy: &Policy) -> Result<Checked, Refused> {
        let report = check(&order, policy);
        Checked::prove(order, None, report)
    }

    /// Checks an order that was read from a text, and keeps the text.
    pub fn document(document: Document<'_>, policy: &Policy) -> Result<Checked, Refused> {
        let report = document.check(policy);
        let text = document.text().to_vec();
        Checked::prove(document.into_order(), Some(text), report)
    }

    /// Only this function makes one.
    fn prove(order: Order, text: Option<Vec<u8>>, report: Report) -> Result<Checked, Refused> {
        if report.is_valid() {
            Ok(Checked { order, text, report })
        } else {
            Err(Refused { order: Box::new(order), report: Box::new(report) })
        }
    }

    /// The order.
    pub fn get(&self) -> &Order {
        &self.order
    }

    /// The bytes it was read from, with every field of the sender.
    pub fn text(&self) -> Option<&[u8]> {
        self.text.as_deref()
    }

    /// The report of the check; it may have warnings.
    pub fn report(&self) -> &Report {
        &self.report
    }
}
