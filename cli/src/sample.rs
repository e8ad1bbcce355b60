//! A sample of valid orders near the beginning of each source. They may contradict a mistake of the mapping. `check` and
//! `fix --from-mapping` must take the same sample to get the same result.

use ordercharge::mapping::Mappings;
use ordercharge::{Documents, Policies};

/// Orders that begin within this number of bytes of their source are taken.
pub(crate) const REACH: u64 = 64 * 1024;
/// Orders of this number of sources are taken, the first ones.
const MOST_SOURCES: usize = 64;

/// The text of some valid orders, one on each line.
#[derive(Default)]
pub(crate) struct Sample(Vec<u8>);

impl Sample {
    /// Takes an order if it belongs to the sample. That depends only on the input.
    pub(crate) fn add(&mut self, source: usize, offset: u64, text: &[u8]) {
        if source < MOST_SOURCES && offset < REACH && text.len() as u64 <= REACH {
            self.0.extend_from_slice(text);
            self.0.push(b'\n');
        }
    }

    /// Adds the orders that follow and empties their buffer.
    pub(crate) fn append(&mut self, later: &mut Sample) {
        self.0.append(&mut later.0);
    }

    /// Its number of bytes.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds the orders to the mappings, which they may contradict.
    pub(crate) fn show(&self, mappings: &mut Mappings, policies: &Policies) {
        for document in Documents::new(&self.0).filter_map(|record| record.document.ok()) {
            mappings.show_valid(document.order(), policies.of(document.order()));
        }
    }
}
