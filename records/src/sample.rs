//! A sample of valid orders near the beginning of each source. They may contradict a mistake of the mapping. Everything that
//! reports mappings takes this sample, so that the command and the bindings give the same result.

use ordercharge::mapping::Mappings;
use ordercharge::{Documents, Policies};

/// Orders of this number of sources are taken, the first ones. Together they are at most a megabyte.
const MOST_SOURCES: usize = 16;

/// The text of some valid orders, one on each line.
#[derive(Clone, Debug, Default)]
pub struct Sample(Vec<u8>);

impl Sample {
    /// Orders that begin within this number of bytes of their source are taken.
    pub const REACH: u64 = 64 * 1024;

    /// Takes an order if it belongs to the sample. That depends only on the input.
    pub fn add(&mut self, source: usize, offset: u64, text: &[u8]) {
        if source < MOST_SOURCES && offset < Sample::REACH && text.len() as u64 <= Sample::REACH {
            self.0.extend_from_slice(text);
            self.0.push(b'\n');
        }
    }

    /// Adds the orders that follow and empties their buffer.
    pub fn append(&mut self, later: &mut Sample) {
        self.0.append(&mut later.0);
    }

    /// The number of bytes that it keeps.
    pub fn size(&self) -> usize {
        self.0.len()
    }

    /// Forgets the orders and keeps their buffer.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Adds the orders to the mappings, which they may contradict.
    pub fn show(&self, mappings: &mut Mappings, policies: &Policies) {
        for document in Documents::new(&self.0).filter_map(|record| record.document.ok()) {
            mappings.show_valid(document.order(), policies.of(document.order()));
        }
    }
}
