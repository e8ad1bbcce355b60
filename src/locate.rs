//! Places in the text of an order: where each member and each line stands. The text has been read before, so it is
//! known to be JSON.

use core::ops::Range;
use std::collections::HashMap;

use crate::order::{Level, Place};
use crate::scan::{Scan, Scanner};

/// A member of an object.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) name: Vec<u8>,
    /// From the opening quote of its name.
    pub(crate) start: usize,
    /// Its value.
    pub(crate) value: Range<usize>,
}

/// What stands where in the text of an order; see [`Document::outline`](crate::Document::outline).
#[derive(Debug)]
pub struct Outline<'a> {
    text: &'a [u8],
    header: Vec<Member>,
    lines: Vec<Range<usize>>,
}

impl<'a> Outline<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Outline<'a> {
        let header = members(text, 0);
        let items = last(&header, "items").map(|items| items.start);
        let lines = items.map(|at| entries(text, at)).unwrap_or_default();
        Outline { text, header, lines }
    }

    /// The value at a place; of equal names the last counts. Where there is none, the start of the nearest object
    /// or array around it.
    pub(crate) fn find(&self, place: &Place) -> Result<Range<usize>, usize> {
        let items = || last(&self.header, "items").ok_or(0_usize);
        let line = |at: usize| match self.lines.get(at) {
            Some(line) => Ok(line.clone()),
            None => Err(items()?.start),
        };
        match (place, place.line()) {
            (Place::Line(at), _) => line(*at),
            (place, Some(at)) => {
                let line = line(at)?;
                last(&members(self.text, line.start), place.name()).ok_or(line.start)
            }
            (place, None) => last(&self.header, place.name()).ok_or(0),
        }
    }

    /// Where each of many places is, as by [`Outline::nearest`], each object looked into once.
    pub(crate) fn nearest_all<'p>(&self, places: impl Iterator<Item = &'p Place>) -> Vec<Range<usize>> {
        let mut objects: HashMap<Option<usize>, HashMap<Vec<u8>, Range<usize>>> = HashMap::new();
        places
            .map(|place| match (place, place.line()) {
                (Place::Line(_), _) => self.nearest(place),
                (_, line) => {
                    let members = objects.entry(line).or_insert_with(|| {
                        let object = self.object(line).map(|object| object.members).unwrap_or_default();
                        // Of equal names the last counts.
                        object.into_iter().map(|member| (member.name, member.value)).collect()
                    });
                    members.get(place.name().as_bytes()).cloned().unwrap_or_else(|| self.nearest(place))
                }
            })
            .collect()
    }

    /// Where a place is: its value, or the opening bracket of what lacks it.
    pub fn nearest(&self, place: &Place) -> Range<usize> {
        self.find(place).unwrap_or_else(|around| around..around + 1)
    }

    /// The value at a place, if there is one; of equal names the last.
    pub fn value_at(&self, place: &Place) -> Option<Range<usize>> {
        self.find(place).ok()
    }

    /// The members of the header, or of a line.
    pub(crate) fn object(&self, line: Option<usize>) -> Option<Object> {
        match line {
            None => Some(Object { level: Level::Header, start: 0, members: self.header.clone() }),
            Some(at) => {
                let start = self.lines.get(at)?.start;
                Some(Object { level: Level::Line, start, members: members(self.text, start) })
            }
        }
    }
}

/// An object of the text.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) level: Level,
    /// Where its `{` stands.
    pub(crate) start: usize,
    pub(crate) members: Vec<Member>,
}

fn last(members: &[Member], name: &str) -> Option<Range<usize>> {
    members.iter().rfind(|member| member.name == name.as_bytes()).map(|member| member.value.clone())
}

/// The members of the object at `at`.
fn members(text: &[u8], at: usize) -> Vec<Member> {
    let mut members = Vec::new();
    let mut scan = Scanner::new(text, at);
    let mut walk = || -> Scan<()> {
        let mut more = scan.peek()? == b'{' && scan.open_object()?;
        while more {
            scan.peek()?;
            let start = scan.at();
            let name = scan.key()?.bytes().into_owned();
            members.push(Member { name, start, value: value(&mut scan)? });
            more = scan.more_in_object()?;
        }
        Ok(())
    };
    // It has been read before: this does not fail.
    let _ = walk();
    members
}

/// The entries of the array at `at`.
fn entries(text: &[u8], at: usize) -> Vec<Range<usize>> {
    let mut entries = Vec::new();
    let mut scan = Scanner::new(text, at);
    let mut walk = || -> Scan<()> {
        let mut more = scan.peek()? == b'[' && scan.open_array()?;
        while more {
            entries.push(value(&mut scan)?);
            more = scan.more_in_array()?;
        }
        Ok(())
    };
    let _ = walk();
    entries
}

fn value(scan: &mut Scanner<'_>) -> Scan<Range<usize>> {
    scan.peek()?;
    let start = scan.at();
    scan.skip(0)?;
    Ok(start..scan.at())
}
