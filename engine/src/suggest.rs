//! "Did you mean …?": the known names nearest to one that is not known.

/// The names of `known` that are within a third of their length in edits of `name`, or contain it or its last part; nearest
/// first, at most three.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = name.to_lowercase();
    let last = wanted.rsplit('.').next().unwrap_or_default();
    let mut found: Vec<(usize, &str)> = known
        .into_iter()
        .filter_map(|candidate| {
            let lower = candidate.to_lowercase();
            let distance = edits(&wanted, &lower);
            let limit = (wanted.chars().count().max(lower.chars().count()) / 3).max(1);
            let contained = last.len() >= 3 && lower.len() >= 3 && (lower.contains(last) || wanted.contains(&lower));
            (distance <= limit || contained).then_some((distance, candidate))
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().take(3).map(|(_, candidate)| candidate).collect()
}

/// A hint that names the nearest of `known`, else all of them: ``did you mean `path`?`` or ``known are `a`, `b` ``.
pub fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let near = nearest(name, known.iter().copied());
    match near.as_slice() {
        [] if known.is_empty() => "there are none".to_owned(),
        [] => format!("known are {}", list(&known)),
        [one] => format!("did you mean `{one}`?"),
        several => format!("did you mean one of {}?", list(several)),
    }
}

/// `` `a`, `b` ``.
pub fn list(names: &[&str]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Insertions, deletions, substitutions and swaps of neighbours between two texts (optimal string alignment).
fn edits(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let mut rows: Vec<Vec<usize>> = vec![(0..=right.len()).collect()];
    for i in 1..=left.len() {
        let mut row = vec![i];
        for j in 1..=right.len() {
            let substituted = rows[i - 1][j - 1] + usize::from(left[i - 1] != right[j - 1]);
            let mut best = substituted.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_nearest() {
        let known = ["path", "format", "json.ignore-parse-errors", "source.monitor-interval"];
        assert_eq!(nearest("pth", known), ["path"]);
        assert_eq!(nearest("fromat", known), ["format"]);
        assert_eq!(nearest("ignore-parse-errors", known), ["json.ignore-parse-errors"]);
        assert_eq!(nearest("monitor-interval", known), ["source.monitor-interval"]);
        assert!(nearest("zzz", known).is_empty());
        assert_eq!(did_you_mean("zzz", ["a", "b"]), "known are `a`, `b`");
    }
}
