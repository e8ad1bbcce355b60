//! What the API might answer to a batch of new orders.

use super::Choices;
use super::text::{Node, Style};

/// A reply, and what it says about each order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BatchReply {
    /// The body of the reply.
    pub text: String,
    /// What it says about each order, in the order in which they were sent.
    pub answers: Vec<Answer>,
    /// The names in it that belong to no order that was sent.
    pub strangers: Vec<String>,
}

/// What a reply says about an order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// It was accepted.
    Success,
    /// It was refused, with this message.
    Failed(String),
    /// The reply does not mention it.
    Missing,
}

/// Makes a reply to a batch of orders with these names. Some are accepted, some are refused by name or by their index in the
/// batch, some are left out, and some names were never sent.
///
/// ```
/// use ordercharge::generate::{Answer, Choices, batch_reply};
///
/// let reply = batch_reply(&["A1", "A2", "A3"], &mut Choices::seeded(4));
/// assert_eq!(reply.answers.len(), 3);
/// assert!(reply.text.starts_with(r#"{"success_code": true, "response": {"success": ["#));
/// assert_eq!(batch_reply(&["A1"], &mut Choices::of(b"")).answers, [Answer::Success]);
/// ```
pub fn batch_reply(cust_refs: &[&str], choices: &mut Choices<'_>) -> BatchReply {
    let (mut success, mut failed) = (Vec::new(), Vec::new());
    let mut answers = Vec::new();
    for (at, cust_ref) in cust_refs.iter().enumerate() {
        let answer = if choices.chance(30) {
            refuse(at, cust_ref, &mut failed, choices)
        } else if choices.chance(8) {
            Answer::Missing
        } else {
            success.push(taken(cust_ref, choices));
            Answer::Success
        };
        answers.push(answer);
    }
    let mut strangers = Vec::new();
    if choices.chance(10) {
        let free = (0_u64..).map(|number| format!("STRANGER-{number}"));
        let name = free.into_iter().find(|name| !cust_refs.contains(&name.as_str())).unwrap_or_default();
        let entry = taken(&name, choices);
        if choices.chance(50) {
            success.push(entry)
        } else {
            failed.push(entry)
        }
        strangers.push(name);
    }
    choices.shuffle(&mut success);
    choices.shuffle(&mut failed);
    let response = object([("success", Node::Array(success)), ("failed", Node::Array(failed))]);
    let reply = object([("success_code", Node::Plain("true".to_owned())), ("response", response)]);
    let mut text = String::new();
    reply.write(&Style::default(), choices, 0, &mut text);
    BatchReply { text, answers, strangers }
}

fn taken(cust_ref: &str, choices: &mut Choices<'_>) -> Node {
    object([("cust_ref", Node::text(cust_ref)), ("cust_po_no", po_number(cust_ref, choices))])
}

fn po_number(cust_ref: &str, choices: &mut Choices<'_>) -> Node {
    if choices.chance(50) { Node::null() } else { Node::text(cust_ref) }
}

/// An order that is refused: by its name, or by its index if the name is missing.
fn refuse(at: usize, cust_ref: &str, failed: &mut Vec<Node>, choices: &mut Choices<'_>) -> Answer {
    let (name, index, message) = if choices.chance(40) {
        let message = "Order missing required field(s): ship_zip";
        (Node::null(), Some(at), message)
    } else {
        (Node::text(cust_ref), choices.chance(30).then_some(at), "OrderDuplicate")
    };
    let mut fields = vec![("cust_ref", name), ("cust_po_no", Node::null())];
    fields.extend(index.map(|at| ("index_pos", Node::Plain(at.to_string()))));
    fields.push(("message", Node::text(message)));
    failed.push(object(fields));
    Answer::Failed(message.to_owned())
}

fn object(fields: impl IntoIterator<Item = (&'static str, Node)>) -> Node {
    Node::Object(fields.into_iter().map(|(name, node)| (name.to_owned(), node)).collect())
}
