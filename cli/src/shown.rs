//! Errors shown at their places in a script, without the secrets that the script has.

use anabranch::Error;
use anabranch::error::Position;

const MASK: &str = "***";

/// The error and the line of the script that it is about, as [`anabranch::sql::render`] has it. Values of options that
/// hold secrets are hidden: what is printed is kept in logs.
pub fn render(sql: &str, error: &Error) -> String {
    let secrets = secrets(sql);
    let Some(place) = error.position().filter(|_| !secrets.is_empty()) else {
        return anabranch::sql::render(sql, error);
    };
    let (mut hidden, mut from) = (String::with_capacity(sql.len()), 0);
    let mut moved = place;
    for (begin, end) in secrets {
        hidden.push_str(&sql[from..begin]);
        let (first, last) = (position(sql, begin), position(sql, end));
        let is_inside = (place.line, place.column) >= (first.line, first.column)
            && (place.line, place.column) < (last.line, last.column);
        let here = position(&hidden, hidden.len());
        if is_inside {
            // The error is placed at the value's beginning, on whichever line it is.
            moved = here;
        }
        // Lines keep their numbers.
        let lines = sql[begin..end].split('\n').map(|_| MASK).collect::<Vec<_>>().join("\n");
        hidden.push_str(&lines);
        if !is_inside && place.line == last.line && place.column >= last.column {
            moved.column = position(&hidden, hidden.len()).column + (place.column - last.column);
        }
        from = end;
    }
    hidden.push_str(&sql[from..]);
    let shown = anabranch::sql::render(&hidden, &error.clone().moved_to(moved));
    // The place that is named is that in the user's script.
    match shown.split_once("\n") {
        Some((_, source)) if moved != place => {
            let message_lines = error.to_string().lines().count();
            let source = source.split('\n').skip(message_lines.saturating_sub(1)).collect::<Vec<_>>().join("\n");
            format!("{error}\n{source}")
        }
        _ => shown,
    }
}

/// The place of a byte.
fn position(text: &str, at: usize) -> Position {
    let before = &text[..at];
    let line = before.rfind('\n').map_or(0, |line_feed| line_feed + 1);
    Position { line: before.matches('\n').count() as u64 + 1, column: before[line..].chars().count() as u64 + 1 }
}

/// Where the values of options with secrets lie, without their quotes: `'password' = '…'`. Not a parser, so that it
/// finds them in scripts that cannot be parsed, too.
fn secrets(sql: &str) -> Vec<(usize, usize)> {
    let mut found = vec![];
    let mut rest = 0;
    while let Some(quote) = sql[rest..].find('\'').map(|at| rest + at) {
        rest = quote + 1;
        let Some(key) = sql[rest..].split('\'').next().filter(|key| is_secret(key)) else { continue };
        let behind = &sql[(rest + key.len() + 1).min(sql.len())..];
        let value = behind.trim_start().strip_prefix('=').and_then(|after| after.trim_start().strip_prefix('\''));
        if let Some(value) = value {
            let begin = sql.len() - value.len();
            let end = begin + text_length(value);
            if end > begin {
                found.push((begin, end));
            }
            rest = end;
        }
    }
    found
}

fn is_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    !key.contains('\n') && ["password", "secret", "token"].iter().any(|word| key.contains(word))
}

/// The length of a text literal's content; a quote in it stands twice. One that is never closed goes on to the end.
fn text_length(content: &str) -> usize {
    let bytes = content.as_bytes();
    let mut at = 0;
    while let Some(quote) = content[at..].find('\'').map(|found| at + found) {
        if bytes.get(quote + 1) != Some(&b'\'') {
            return quote;
        }
        at = quote + 2;
    }
    content.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(sql: &str, line: u64, column: u64) -> String {
        render(sql, &Error::user("it is wrong").at(Position { line, column }))
    }

    #[test]
    fn secrets_are_hidden() {
        let sql = "WITH ('grant.secret.KEY' = 'hunter2''s', 'memory'='1 mb', 'password'='x')";
        // In front of it, at it, within it and behind it.
        for (column, mark) in [(7, 7), (28, 28), (29, 29), (33, 29), (42, 35)] {
            let hidden = "1 | WITH ('grant.secret.KEY' = '***', 'memory'='1 mb', 'password'='***')";
            let caret = format!("  | {}^", " ".repeat(mark - 1));
            let text = format!("it is wrong (line 1, column {column})\n  |\n{hidden}\n{caret}");
            assert_eq!(shown(sql, 1, column as u64), text);
        }
    }

    #[test]
    fn a_secret_of_several_lines_or_without_an_end() {
        let sql = "'token' = 'first\nsecond' x";
        assert_eq!(shown(sql, 2, 9), "it is wrong (line 2, column 9)\n  |\n2 | ***' x\n  |      ^");
        assert_eq!(shown(sql, 1, 1), "it is wrong (line 1, column 1)\n  |\n1 | 'token' = '***\n  | ^");
        assert_eq!(
            shown("'secret'='abc", 1, 10),
            "it is wrong (line 1, column 10)\n  |\n1 | 'secret'='***\n  |          ^"
        );
    }

    #[test]
    fn the_rest_stays() {
        for sql in ["SELECT 'secret', 'x'", "'path' = 'secret'", "'secret' = ''", "SELECT 1"] {
            let error = Error::user("it is wrong").at(Position { line: 1, column: 3 });
            assert_eq!(render(sql, &error), anabranch::sql::render(sql, &error));
        }
    }
}
