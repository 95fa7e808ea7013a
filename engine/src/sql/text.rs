//! Places in SQL text, and errors shown at them.

use crate::error::{Error, Position};

/// SQL text by lines and columns.
pub struct Source<'a> {
    text: &'a str,
    /// Where each line begins, in bytes.
    lines: Vec<usize>,
}

impl<'a> Source<'a> {
    pub fn new(text: &'a str) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Source { text, lines }
    }

    /// The byte at a place; the end of the line or text where there is no such column or line.
    pub fn offset(&self, position: Position) -> usize {
        let Some(&begin) = usize::try_from(position.line).ok().and_then(|line| self.lines.get(line.wrapping_sub(1)))
        else {
            return self.text.len();
        };
        let line = self.text[begin..].split('\n').next().unwrap_or_default();
        let column = usize::try_from(position.column.saturating_sub(1)).unwrap_or(usize::MAX);
        begin + line.char_indices().nth(column).map_or(line.len(), |(at, _)| at)
    }

    /// From one place up to another.
    pub fn between(&self, begin: Position, end: Position) -> &'a str {
        let (begin, end) = (self.offset(begin), self.offset(end));
        &self.text[begin..end.max(begin)]
    }

    fn line(&self, number: u64) -> Option<&'a str> {
        let begin = *self.lines.get(usize::try_from(number).ok()?.checked_sub(1)?)?;
        Some(self.text[begin..].split('\n').next().unwrap_or_default().trim_end_matches('\r'))
    }
}

/// The error, and below it the line of SQL that it is about with a mark at the place:
///
/// ```text
/// table 'clikcs' is not known; did you mean clicks? (line 1, column 15)
///   |
/// 1 | SELECT * FROM clikcs
///   |               ^
/// ```
pub fn render(sql: &str, error: &Error) -> String {
    let source = Source::new(sql);
    let shown = error.position().and_then(|position| Some((position, source.line(position.line)?)));
    let Some((position, line)) = shown else { return error.to_string() };
    let number = position.line.to_string();
    let margin = " ".repeat(number.len());
    let before = usize::try_from(position.column.saturating_sub(1)).unwrap_or(0);
    // Tabs stay tabs, so that the mark stands below its place at any width of them.
    let indent: String =
        line.chars().take(before).map(|character| if character == '\t' { '\t' } else { ' ' }).collect();
    format!("{error}\n{margin} |\n{number} | {line}\n{margin} | {indent}^")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rendered() {
        let sql = "SELECT 1;\nSELECT ü,\tx FROM t";
        let error = Error::user("column 'x' is not known").at(Position { line: 2, column: 11 });
        assert_eq!(
            render(sql, &error),
            "column 'x' is not known (line 2, column 11)\n  |\n2 | SELECT ü,\tx FROM t\n  |          \t^"
        );
        assert_eq!(render(sql, &Error::user("no place")), "no place");
        assert_eq!(render("", &Error::user("far").at(Position { line: 9, column: 9 })), "far (line 9, column 9)");
    }

    #[test]
    fn between_places() {
        let source = Source::new("añb\ncd");
        let at = |line, column| Position { line, column };
        assert_eq!(source.between(at(1, 2), at(2, 2)), "ñb\nc");
        assert_eq!(source.between(at(1, 3), at(9, 9)), "b\ncd");
        assert_eq!(source.between(at(2, 2), at(1, 1)), "");
    }
}
