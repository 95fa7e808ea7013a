//! Texts of guests in messages: bounded, and without what would move a terminal's cursor.

/// Bytes of a message that a guest gave.
pub(crate) const MESSAGE_BYTES: usize = 4096;

/// Bytes of a name in a message.
const NAME_BYTES: usize = 128;

/// A guest's message as it goes on to the user: control characters but line ends and tabs become blanks, and what is
/// beyond 4 KiB is cut off.
pub(crate) fn message(text: String) -> String {
    bounded(text, MESSAGE_BYTES)
}

/// As [`message`], of a name that is one of several in a message.
pub(crate) fn name(text: &str) -> String {
    bounded(text.to_owned(), NAME_BYTES).replace('\n', " ")
}

/// Whether a character moves a terminal's cursor or changes its looks.
pub(crate) fn is_control(c: char) -> bool {
    c.is_control() && c != '\n' && c != '\t'
}

fn bounded(text: String, bytes: usize) -> String {
    if text.len() <= bytes && !text.contains(is_control) {
        return text;
    }
    let cut = text.floor_char_boundary(bytes);
    let mut kept = text[..cut].replace(is_control, " ");
    if cut < text.len() {
        kept.push('…');
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_bounded_and_plain() {
        assert_eq!(message("two\n\tlines".into()), "two\n\tlines");
        assert_eq!(message("\u{1b}[2Jgone\r\u{9b}x".into()), " [2Jgone  x");
        let long = message("ü".repeat(3000) + "\u{7}");
        assert_eq!(long, "ü".repeat(2048) + "…");
    }
}
