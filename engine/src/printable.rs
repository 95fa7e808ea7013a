//! Values as a terminal may show them: what a record or a function holds must not move its cursor, or send it commands.

use std::borrow::Cow;

/// The text with signs in place of characters that a terminal obeys, or that turn the order of others around. Line ends
/// and tabs stay.
///
/// ```
/// assert_eq!(anabranch::printable("a\u{1b}[2Jb\n"), "a␛[2Jb\n");
/// ```
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_obeyed) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if is_obeyed(c) { sign(c) } else { c }).collect())
}

fn is_obeyed(c: char) -> bool {
    let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || c.is_control() && c != '\n' && c != '\t'
}

/// Unicode has pictures of ASCII's control characters.
fn sign(c: char) -> char {
    match c {
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\u{7f}' => '\u{2421}',
        _ => char::REPLACEMENT_CHARACTER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_are_sent_no_commands() {
        assert_eq!(printable("plain\tüber\n"), "plain\tüber\n");
        assert_eq!(printable("\u{1b}]0;owned\u{7}\r\u{7f}\u{9b}\u{202e}x"), "␛]0;owned␇␍␡\u{fffd}\u{fffd}x");
    }
}
