//! Two versions of a file as a unified diff.

use std::fmt::{self, Write};
use std::ops::Range;

use imara_diff::{Algorithm, Diff, Hunk, InternedInput, Token};

/// The number of lines that are shown around a change.
const CONTEXT: u32 = 3;

/// The hunks that lead from one version to the other, in about linear time for any input.
pub(crate) fn unified(before: &str, after: &str) -> String {
    let input = InternedInput::new(before, after);
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_lines(&input);
    let changes: Vec<Hunk> = diff.hunks().collect();
    let mut text = String::new();
    // Changes with little between them share their context.
    for near in changes.chunk_by(|one, next| next.before.start - one.before.end <= 2 * CONTEXT) {
        // Writing to a String does not fail.
        let _ = hunk(&mut text, &input, near);
    }
    text
}

/// Writes consecutive changes and the lines around them.
fn hunk(text: &mut String, input: &InternedInput<&str>, changes: &[Hunk]) -> fmt::Result {
    let (Some(first), Some(last)) = (changes.first(), changes.last()) else { return Ok(()) };
    let (lead, count) = (first.before.start.min(CONTEXT), input.before.len() as u32);
    let end = last.before.end.saturating_add(CONTEXT).min(count);
    let all = first.before.start - lead..end;
    let new = first.after.start - lead..last.after.end + (end - last.before.end);
    writeln!(text, "@@ -{} +{} @@", lines_of(&all), lines_of(&new))?;
    let mut at = all.start;
    for change in changes {
        write_lines(text, ' ', input, &input.before, at..change.before.start)?;
        write_lines(text, '-', input, &input.before, change.before.clone())?;
        write_lines(text, '+', input, &input.after, change.after.clone())?;
        at = change.before.end;
    }
    write_lines(text, ' ', input, &input.before, at..end)
}

/// The number of the first line, and the number of lines unless it is 1.
fn lines_of(range: &Range<u32>) -> String {
    match range.len() {
        0 => format!("{},0", range.start),
        1 => format!("{}", range.start + 1),
        count => format!("{},{count}", range.start + 1),
    }
}

fn write_lines(
    text: &mut String,
    sign: char,
    input: &InternedInput<&str>,
    tokens: &[Token],
    range: Range<u32>,
) -> fmt::Result {
    for token in tokens.get(range.start as usize..range.end as usize).unwrap_or_default() {
        let line = input.interner[*token];
        let end = if line.ends_with('\n') { "" } else { "\n\\ No newline at end of file\n" };
        write!(text, "{sign}{line}{end}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::unified;

    /// What GNU diff says of the same files.
    #[test]
    fn hunks_are_those_of_diff() {
        let before: String = (1..=30).map(|line| format!("{line}\n")).collect();
        let after = before.replace("10\n", "ten\n").replace("\n16\n", "\nsixteen\n").replace("\n29\n", "\n");
        let expected = "@@ -7,13 +7,13 @@\n 7\n 8\n 9\n-10\n+ten\n 11\n 12\n 13\n 14\n 15\n-16\n+sixteen\n 17\n 18\n 19\n\
            @@ -26,5 +26,4 @@\n 26\n 27\n 28\n-29\n 30\n";
        assert_eq!(unified(&before, &after), expected);
        assert_eq!(
            unified("a", "b"),
            "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n"
        );
        assert_eq!(unified("", "b\n"), "@@ -0,0 +1 @@\n+b\n");
        assert_eq!(unified("a\n", ""), "@@ -1 +0,0 @@\n-a\n");
        assert_eq!(unified("a\n", "a\n"), "");
    }
}
