//! Sends checked orders: no wrong one, none twice, none lost.
//!
//! Only a [`Checked`](crate::Checked) order can be sent, with the bytes it was read from. Nothing here opens a connection, a file
//! or a clock: a [`Session`] says what is to be done next, and the caller reports the result. The loop around it is short,
//! whether it blocks or not.
//!
//! ```
//! use core::time::Duration;
//! use ordercharge::submit::{Added, Credentials, Endpoint, Ledger, Outcome, Response, Session, Settings, Step};
//! use ordercharge::{Checked, Document, Policy};
//!
//! let text = br#"{"cust_ref": "TEST21", "items": [{"item": "C100", "price": 5, "quantity": 1}]}"#;
//! let order = Checked::document(Document::from_json(text)?, &Policy::default()).unwrap();
//!
//! let credentials = Credentials::new("a-user", "a-key")?;
//! let mut session = Session::new(Endpoint::default(), credentials, Settings::default(), Ledger::default())?;
//! assert!(matches!(session.add(0, &order), Ok(Added::Waiting)));
//! session.close();
//!
//! let (mut journal, mut settled) = (String::new(), Vec::new());
//! loop {
//!     // Time is passed in, never read.
//!     let now = Duration::ZERO;
//!     match session.step(now) {
//!         // The line must be on the disk before the next step.
//!         Step::Record(line) => {
//!             journal.push_str(&line);
//!             session.recorded();
//!         }
//!         Step::Send(request) => {
//!             assert_eq!((request.method(), request.url()), ("POST", "https://api.cartrover.com/v1/cart/orders/cartrover"));
//!             assert_eq!(request.body(), Some(&text[..]));
//!             let reply = br#"{"success_code": true, "cust_ref": "TEST21", "order_number": "TEST21"}"#;
//!             session.answered(now, Ok(Response::new(200, [("X-CartRover-Process-ID", "77")], reply.to_vec())));
//!         }
//!         Step::Settled(order) => settled.push(order),
//!         Step::Wait(_) | Step::Pending | Step::Idle => unreachable!(),
//!         Step::Done => break,
//!     }
//! }
//! assert_eq!((&*settled[0].cust_ref, &settled[0].outcome), ("TEST21", &Outcome::Sent));
//! assert_eq!(settled[0].process_id.as_deref(), Some("77"));
//! // A run that was killed is resumed from its journal.
//! assert_eq!(Ledger::read(journal.as_bytes())?.entries().count(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # When something goes wrong
//!
//! [`judge`] and [`judge_read_back`] decide by how far the call came:
//!
//! | what happened | the order is | what follows |
//! | --- | --- | --- |
//! | name not found, no connection, no TLS | `Unsent` | sent again, with growing waits |
//! | `RateLimit` | `Unsent` | sent again after a wait |
//! | `Invalid`, `Failure` of one order | `Refused` | final |
//! | status 401 or 403 with an error object | `Unsent` | the run stops |
//! | sent, and no usable reply: time ran out, closed, cut off, 3xx, 5xx, not JSON, contradictory, left out, a batch that failed as a whole | `Unknown` | read back by `cust_ref` |
//!
//! An order whose outcome is unknown is never sent again before it is settled: found under its `cust_ref` with the content
//! that was sent, it was sent; where the server answers that there is none, and cannot be at it any more, it was not; after
//! any other answer it stays unknown. It is `Disputed` where another order of its name is there, or where the
//! server has said before that it took an order of a name that was not sent, or had this one already.
//!
//! # The journal
//!
//! One JSON line for each step, written and synced before and after each call that sends: a run that is killed at any
//! moment is resumed from it without sending twice or losing anything. [`Ledger`] is what it says of each order.

// Leaves.
mod boot;
mod credentials;
mod error;
mod fields;

// The way of an order: prepared, sent, judged, recorded. The session uses them all.
mod content;
mod endpoint;
mod ledger;
mod message;
mod pace;
mod parcel;
mod reply;
mod session;
mod settling;

// Only these modules use the network, files and the clock.
#[cfg(feature = "submit-ureq")]
mod blocking;
#[cfg(feature = "submit-ureq")]
mod file;

#[cfg(feature = "submit-ureq")]
pub use blocking::{Client, Clock, drive};
pub use boot::Boot;
pub use content::Content;
pub use credentials::Credentials;
pub use endpoint::{Endpoint, Request, Timeouts};
pub use error::SubmitError;
#[cfg(feature = "submit-ureq")]
pub use file::FileJournal;
pub use ledger::{Entry, Ledger, State};
pub use pace::Bucket;
pub use parcel::Unfit;
pub use reply::{Breakdown, Judgement, Outcome, Pace, Phase, Response, judge, judge_read_back};
pub use session::{Added, Session, Settings, Settled, Step};
