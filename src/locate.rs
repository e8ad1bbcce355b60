//! Places in the text of an order: where each member and each line is. The text has been read before, so it is known to
//! be JSON.

use core::cell::Cell;
use core::mem;
use core::ops::{ControlFlow, Range};
use std::borrow::Cow;

use crate::order::{Field, Level, Place};
use crate::scan::{Scan, Scanner};

/// A member of an object.
#[derive(Clone, Debug)]
pub(crate) struct Member<'a> {
    pub(crate) name: Cow<'a, [u8]>,
    /// Where the opening quote of its name is.
    pub(crate) start: usize,
    /// Its value.
    pub(crate) value: Range<usize>,
}

/// Where the fields of an order are in its text; see [`Document::outline`](crate::Document::outline).
#[derive(Debug)]
pub struct Outline<'a> {
    text: &'a [u8],
    header: Vec<Member<'a>>,
    lines: Vec<Range<usize>>,
}

impl<'a> Outline<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Outline<'a> {
        let header = members(text, 0);
        let items = last(&header, "items").map(|items| items.start);
        let lines = items.map(|at| entries(text, at)).unwrap_or_default();
        Outline { text, header, lines }
    }

    /// The value at a place; the last one if its name is there several times. If there is none, the start of the nearest
    /// object or array around it.
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

    /// Where a place is: its value, or the opening bracket of the object or array that lacks it.
    pub fn nearest(&self, place: &Place) -> Range<usize> {
        self.find(place).unwrap_or_else(|around| around..around + 1)
    }

    /// The value at a place, if there is one; the last one if its name is there several times.
    pub fn value_at(&self, place: &Place) -> Option<Range<usize>> {
        self.find(place).ok()
    }

    /// The members of the header, or of a line.
    pub(crate) fn object(&self, line: Option<usize>) -> Option<Object<'_>> {
        match line {
            None => Some(Object { level: Level::Header, start: 0, members: Cow::Borrowed(&self.header) }),
            Some(at) => {
                let start = self.lines.get(at)?.start;
                Some(Object { level: Level::Line, start, members: Cow::Owned(members(self.text, start)) })
            }
        }
    }
}

/// An object of the text.
#[derive(Debug)]
pub(crate) struct Object<'a> {
    pub(crate) level: Level,
    /// Where its `{` is.
    pub(crate) start: usize,
    pub(crate) members: Cow<'a, [Member<'a>]>,
}

fn last(members: &[Member<'_>], name: &str) -> Option<Range<usize>> {
    members.iter().rfind(|member| *member.name == *name.as_bytes()).map(|member| member.value.clone())
}

/// The members of the object at `at`.
fn members(text: &[u8], at: usize) -> Vec<Member<'_>> {
    let mut members = Vec::new();
    let mut scan = Scanner::new(text, at);
    // The text has been read before, so this does not fail.
    let _ = walk_object(&mut scan, |scan, start, name| {
        members.push(Member { name, start, value: value(scan)? });
        Ok(Flow::Continue(()))
    });
    members
}

/// The entries of the array at `at`.
fn entries(text: &[u8], at: usize) -> Vec<Range<usize>> {
    let mut entries = Vec::new();
    let mut scan = Scanner::new(text, at);
    let _ = walk_array(&mut scan, |scan, _| {
        entries.push(value(scan)?);
        Ok(Flow::Continue(()))
    });
    entries
}

/// Whether a walk goes on or can stop.
type Flow = ControlFlow<()>;

/// Walks over an object, if one is next. `member` gets the start of each name and the name, and consumes the value.
fn walk_object<'a>(
    scan: &mut Scanner<'a>,
    mut member: impl FnMut(&mut Scanner<'a>, usize, Cow<'a, [u8]>) -> Scan<Flow>,
) -> Scan<()> {
    let mut more = scan.peek()? == b'{' && scan.open_object()?;
    while more {
        scan.peek()?;
        let start = scan.at();
        let name = scan.key()?.bytes();
        more = member(scan, start, name)?.is_continue() && scan.more_in_object()?;
    }
    Ok(())
}

/// Walks over an array, if one is next. `entry` gets the index of each value and consumes the value.
fn walk_array<'a>(scan: &mut Scanner<'a>, mut entry: impl FnMut(&mut Scanner<'a>, usize) -> Scan<Flow>) -> Scan<()> {
    let mut more = scan.peek()? == b'[' && scan.open_array()?;
    let mut at = 0;
    while more {
        more = entry(scan, at)?.is_continue() && scan.more_in_array()?;
        at += 1;
    }
    Ok(())
}

fn value(scan: &mut Scanner<'_>) -> Scan<Range<usize>> {
    let length = scan.pass()?.len();
    Ok(scan.at() - length..scan.at())
}

/// Where the values of charge fields begin, by the field; 0 for a field that is not there.
pub(crate) type FieldStarts = [u32; 8];

/// Where the values of the charge fields begin in the text of an order. A reader that comes past all of them notes it, so that
/// no second pass has to find them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Starts {
    pub(crate) header: FieldStarts,
    /// Empty if the reader has noted nothing.
    pub(crate) lines: Vec<FieldStarts>,
}

impl Starts {
    /// Where places are, like [`nearest_all`]; `None` if only the text can tell.
    pub(crate) fn find_all<'p>(
        &self,
        text: &[u8],
        places: impl Iterator<Item = &'p Place>,
    ) -> Option<Vec<Range<usize>>> {
        if self.lines.is_empty() {
            return None;
        }
        let start = |starts: &FieldStarts, field: Field| starts.get(field as usize % 8).map(|start| *start as usize);
        let find = |place: &Place| {
            let start = match place {
                Place::Field(field) if field.level() == Level::Header => match start(&self.header, *field)? {
                    0 => return Some(0..1),
                    start => start,
                },
                Place::LineField(line, field) if field.level() == Level::Line => {
                    Some(start(self.lines.get(*line)?, *field)?).filter(|start| *start > 0)?
                }
                _ => return None,
            };
            plain_value(text, start).or_else(|| value(&mut Scanner::new(text, start)).ok())
        };
        places.map(find).collect()
    }
}

/// A value as nearly all amounts are written: a number, or a string without an escape.
fn plain_value(text: &[u8], start: usize) -> Option<Range<usize>> {
    let (first, rest) = text.get(start..)?.split_first()?;
    let length = match first {
        b'"' => {
            let length = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
            (rest.get(length) == Some(&b'"')).then_some(length + 1)?
        }
        b'0'..=b'9' => rest.iter().position(|byte| !matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'))?,
        _ => return None,
    };
    Some(start..start + 1 + length)
}

/// A place to find.
struct Wanted<'p> {
    /// Its index in the list of places.
    number: usize,
    line: Option<usize>,
    /// The name of the member; `None` for a line itself.
    name: Option<&'p [u8]>,
    /// Whether the member is known to be there once, and has not been found yet.
    once: bool,
    found: Range<usize>,
}

impl<'p> Wanted<'p> {
    fn new(number: usize, place: &'p Place, once: bool) -> Wanted<'p> {
        let name = if matches!(place, Place::Line(_)) { None } else { Some(place.name().as_bytes()) };
        // A place without a line is in the order itself.
        Wanted { number, line: place.line(), name, once, found: 0..1 }
    }

    /// Sorted by the length of the name: most names differ in length from the one that is sought.
    fn by_name(&self) -> Option<(usize, &'p [u8])> {
        self.name.map(|name| (name.len(), name))
    }
}

/// The number of places that may still be found, or found again (the last of equal names counts). The walk stops at 0.
struct Left(Cell<usize>);

impl Left {
    fn found(&self, wanted: &mut Wanted<'_>, value: &Range<usize>) {
        wanted.found = value.clone();
        if mem::take(&mut wanted.once) {
            self.0.set(self.0.get() - 1);
        }
    }

    fn flow(&self) -> Scan<Flow> {
        Ok(if self.0.get() == 0 { Flow::Break(()) } else { Flow::Continue(()) })
    }
}

/// Finds where each of many places is, like [`Outline::nearest`], but in one pass over the text. Each place comes with
/// whether its member is known to be there exactly once.
pub(crate) fn nearest_all<'p>(text: &[u8], places: impl Iterator<Item = (&'p Place, bool)>) -> Vec<Range<usize>> {
    let mut wanted: Vec<Wanted<'p>> =
        places.enumerate().map(|(number, (place, once))| Wanted::new(number, place, once)).collect();
    wanted.sort_by_key(|wanted| (wanted.line, wanted.by_name()));
    let left = Left(Cell::new(wanted.len()));
    let of_header = wanted.partition_point(|wanted| wanted.line.is_none());
    let (header, lines) = wanted.split_at_mut(of_header);
    let mut scan = Scanner::new(text, 0);
    let _ = find_members(&mut scan, header, &left, |scan, name| {
        if !lines.is_empty() && *name == *b"items" { find_lines(scan, lines, &left) } else { value(scan) }
    });
    wanted.sort_unstable_by_key(|wanted| wanted.number);
    wanted.into_iter().map(|wanted| wanted.found).collect()
}

/// Finds places in the object that is next; `read` consumes each value. The last of equal names counts.
fn find_members<'a>(
    scan: &mut Scanner<'a>,
    wanted: &mut [Wanted<'_>],
    left: &Left,
    mut read: impl FnMut(&mut Scanner<'a>, &[u8]) -> Scan<Range<usize>>,
) -> Scan<()> {
    walk_object(scan, |scan, _, name| {
        let value = read(scan, &name)?;
        let first = wanted.partition_point(|wanted| wanted.by_name() < Some((name.len(), &*name)));
        let named = wanted.iter_mut().skip(first).take_while(|wanted| wanted.name == Some(&*name));
        named.for_each(|wanted| left.found(wanted, &value));
        left.flow()
    })
}

/// Finds places in the lines, whose array is next. The last of two such arrays counts.
fn find_lines<'a>(scan: &mut Scanner<'a>, wanted: &mut [Wanted<'_>], left: &Left) -> Scan<Range<usize>> {
    scan.peek()?;
    let start = scan.at();
    wanted.iter_mut().for_each(|wanted| wanted.found = start..start + 1);
    if scan.peek()? != b'[' {
        return value(scan);
    }
    let mut rest = wanted;
    walk_array(scan, |scan, at| {
        let count = rest.iter().take_while(|wanted| wanted.line == Some(at)).count();
        if count == 0 {
            value(scan)?;
        } else {
            let (here, behind) = mem::take(&mut rest).split_at_mut(count);
            rest = behind;
            find_line(scan, here, left)?;
        }
        left.flow()
    })?;
    Ok(start..scan.at())
}

/// Finds places in one line, which is next.
fn find_line<'a>(scan: &mut Scanner<'a>, wanted: &mut [Wanted<'_>], left: &Left) -> Scan<()> {
    let object = scan.peek()? == b'{';
    let start = scan.at();
    wanted.iter_mut().for_each(|wanted| wanted.found = start..start + 1);
    if object {
        find_members(scan, wanted, left, |scan, _| value(scan))?;
    } else {
        value(scan)?;
    }
    let whole = wanted.iter_mut().take_while(|wanted| wanted.name.is_none());
    whole.for_each(|wanted| wanted.found = start..scan.at());
    Ok(())
}
