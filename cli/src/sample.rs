//! Valid orders near the beginning of each source. They may contradict what is said of the mapping of a source, and
//! `check` and `fix --from-mapping` have to take the same ones to come to the same answer.

use ordercharge::mapping::Mappings;
use ordercharge::{Documents, Policy};

/// Orders that begin within that many bytes of their source are taken.
pub(crate) const REACH: u64 = 64 * 1024;
/// Orders of that many sources are taken, the first ones.
const MOST_SOURCES: usize = 64;

/// The text of some orders with nothing wrong, a line each.
#[derive(Default)]
pub(crate) struct Sample(Vec<u8>);

impl Sample {
    /// Takes an order, if it is one of those that are wanted. Which ones are depends on nothing but the input.
    pub(crate) fn add(&mut self, source: usize, offset: u64, text: &[u8]) {
        if source < MOST_SOURCES && offset < REACH && text.len() as u64 <= REACH {
            self.0.extend_from_slice(text);
            self.0.push(b'\n');
        }
    }

    /// Adds the orders that follow, and leaves their room empty.
    pub(crate) fn append(&mut self, later: &mut Sample) {
        self.0.append(&mut later.0);
    }

    /// How many bytes it is.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Shows the orders to what is known of the mappings.
    pub(crate) fn show(&self, mappings: &mut Mappings, policy: &Policy) {
        for document in Documents::new(&self.0).filter_map(|record| record.document.ok()) {
            mappings.show_valid(document.order(), policy);
        }
    }
}
