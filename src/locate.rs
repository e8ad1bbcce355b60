//! Places in the text of an order: where each member and each line stands. The text has been read before, so it is
//! known to be JSON.

use core::cell::Cell;
use core::mem;
use core::ops::{ControlFlow, Range};
use std::borrow::Cow;

use crate::order::{Level, Place};
use crate::scan::{Scan, Scanner};

/// A member of an object.
#[derive(Clone, Debug)]
pub(crate) struct Member<'a> {
    pub(crate) name: Cow<'a, [u8]>,
    /// From the opening quote of its name.
    pub(crate) start: usize,
    /// Its value.
    pub(crate) value: Range<usize>,
}

/// What stands where in the text of an order; see [`Document::outline`](crate::Document::outline).
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

    /// Where a place is: its value, or the opening bracket of what lacks it.
    pub fn nearest(&self, place: &Place) -> Range<usize> {
        self.find(place).unwrap_or_else(|around| around..around + 1)
    }

    /// The value at a place, if there is one; of equal names the last.
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
    /// Where its `{` stands.
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
    // It has been read before: this does not fail.
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

/// Whether a walk goes on or has seen enough.
type Flow = ControlFlow<()>;

/// Goes over an object, if one is next: `member` takes each value, given where its name begins and the name.
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

/// Goes over an array, if one is next: `entry` takes each value, given its number.
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

/// A place that is looked for.
struct Wanted<'p> {
    /// Which of the places it is.
    number: usize,
    line: Option<usize>,
    /// The name of the member; none for a line itself.
    name: Option<&'p [u8]>,
    /// Whether the member is known to stand there once, and has not been met.
    once: bool,
    found: Range<usize>,
}

impl<'p> Wanted<'p> {
    fn new(number: usize, place: &'p Place, once: bool) -> Wanted<'p> {
        let name = if matches!(place, Place::Line(_)) { None } else { Some(place.name().as_bytes()) };
        // What lacks everything is the order.
        Wanted { number, line: place.line(), name, once, found: 0..1 }
    }

    /// By name: names of one length beside each other, which tells most of them apart at a glance.
    fn by_name(&self) -> Option<(usize, &'p [u8])> {
        self.name.map(|name| (name.len(), name))
    }
}

/// How many places may still be found, or found again, as of equal names the last counts. The rest of the text is not
/// looked at once there are none.
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

/// Where each of many places is, as by [`Outline::nearest`], found in one pass over the text. Each comes with whether its
/// member is known to be there, and once only.
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

/// Finds what is wanted of the object that is next; `read` takes each value. Of equal names the last counts.
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

/// Finds what is wanted of the lines, whose array is next. Of two such arrays the last counts.
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

/// Finds what is wanted of one line, which is next.
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
