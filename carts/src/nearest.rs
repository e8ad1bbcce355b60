//! The known name that an unknown one was probably meant to be.

/// The name that differs from a given one in the fewest letters, if it differs in at most every third.
///
/// ```
/// assert_eq!(ordercharge_carts::nearest("shiping", ["shipping", "tax"].into_iter()), Some("shipping"));
/// assert_eq!(ordercharge_carts::nearest("colour", ["shipping", "tax"].into_iter()), None);
/// ```
pub fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let name = name.to_ascii_lowercase();
    let distance = |known: &'k str| (edits_between(&name, &known.to_ascii_lowercase()), known);
    let near = known.map(distance).filter(|(edits, known)| edits * 3 <= name.len().max(known.len()));
    near.min_by_key(|(edits, _)| *edits).map(|(_, known)| known)
}

/// How many letters have to be added, left out, changed or swapped with their neighbour to get from one name to the
/// other (the optimal string alignment distance).
fn edits_between(one: &str, two: &str) -> usize {
    let (one, two) = (one.as_bytes(), two.as_bytes());
    let mut rows: [Vec<usize>; 3] = [Vec::new(), Vec::new(), (0..=two.len()).collect()];
    for (i, a) in one.iter().enumerate() {
        rows.rotate_left(1);
        let [before, above, row] = &mut rows;
        row.clear();
        row.push(i + 1);
        for (j, b) in two.iter().enumerate() {
            let at = |row: &[usize], place: usize| row.get(place).copied().unwrap_or(usize::MAX - 1);
            let mut least = (at(above, j) + usize::from(a != b)).min(at(above, j + 1) + 1).min(at(row, j) + 1);
            let swapped = i > 0 && j > 0 && one.get(i - 1) == Some(b) && two.get(j - 1) == Some(a);
            if swapped {
                least = least.min(at(before, j - 1) + 1);
            }
            row.push(least);
        }
    }
    let [.., last] = &rows;
    last.last().copied().unwrap_or_default()
}
