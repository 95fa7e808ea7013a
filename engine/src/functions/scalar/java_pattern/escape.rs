//! What is after a `\`: letters, sets, references.

use super::property::{DIGIT, SPACE};
use super::{Escape, Read, Reader, invalid, unsupported};

/// Matches nothing, as a reference to a group that is not there.
const NEVER: &str = "[a&&b]";
const WORD: &str = "0-9A-Za-z_";
const HORIZONTAL: &str = r"\x{20}\t\x{A0}\x{1680}\x{180E}\x{2000}-\x{200A}\x{202F}\x{205F}\x{3000}";
const VERTICAL: &str = r"\n\x{B}\f\r\x{85}\x{2028}\x{2029}";

impl Reader {
    /// What is after a `\`.
    pub(super) fn escape(&mut self, in_class: bool) -> Read<Escape> {
        let Some(letter) = self.next() else { return invalid("a `\\` at the end") };
        let unicode = self.flags.unicode;
        let set = |ascii: &str, unicode_name: &str, negative: bool| {
            let set = if unicode { unicode_name } else { ascii };
            Ok(Escape::Set(if negative { format!("[^{set}]") } else { set.to_owned() }))
        };
        let whole = |text: &str| Ok(Escape::Whole(text.to_owned()));
        match letter {
            'd' | 'D' => set(DIGIT, r"\d", letter == 'D'),
            'w' | 'W' => set(WORD, r"\w", letter == 'W'),
            's' | 'S' => set(SPACE, r"\s", letter == 'S'),
            'h' | 'H' => set(HORIZONTAL, HORIZONTAL, letter == 'H'),
            'v' | 'V' => set(VERTICAL, VERTICAL, letter == 'V'),
            'p' | 'P' => {
                let set = self.property()?;
                Ok(Escape::Set(if letter == 'P' { format!("[^{set}]") } else { set }))
            }
            't' => Ok(Escape::Letter('\t')),
            'n' => Ok(Escape::Letter('\n')),
            'r' => Ok(Escape::Letter('\r')),
            'f' => Ok(Escape::Letter('\u{c}')),
            'a' => Ok(Escape::Letter('\u{7}')),
            'e' => Ok(Escape::Letter('\u{1b}')),
            'c' => match self.next() {
                Some(letter) => self.code(letter as u32 ^ 64),
                None => invalid("a `\\c` at the end"),
            },
            '0' => {
                let most = if matches!(self.peek(0), Some('0'..='3')) { 3 } else { 2 };
                let digits = self.take(most, |letter| letter.is_digit(8));
                self.number(&digits, 8)
            }
            'x' if self.next_if('{') => {
                let digits = self.take(usize::MAX, |letter| letter.is_ascii_hexdigit());
                if !self.next_if('}') {
                    return invalid("a code that is none");
                }
                self.number(&digits, 16)
            }
            'x' | 'u' => {
                let width = if letter == 'x' { 2 } else { 4 };
                let digits = self.take(width, |letter| letter.is_ascii_hexdigit());
                if digits.len() < width {
                    return invalid("a code that is none");
                }
                self.number(&digits, 16)
            }
            'N' | 'X' => unsupported(format!("`\\{letter}`")),
            'b' if !in_class && self.peek(0) == Some('{') => unsupported("`\\b{`"),
            'b' if !in_class => whole(r"\b"),
            'B' if !in_class => whole(r"\B"),
            'A' if !in_class => whole(r"\A"),
            'z' if !in_class => whole(r"\z"),
            'Z' if !in_class => whole(self.end()),
            'G' if !in_class => {
                self.backtracks = true;
                whole(r"\G")
            }
            'R' if !in_class => Ok(Escape::Whole(format!(r"(?:\r\n|[{VERTICAL}])"))),
            'k' if !in_class => {
                if !self.next_if('<') {
                    return invalid("`\\k` without a name");
                }
                let name = self.name()?;
                match self.names.iter().find(|(known, _)| *known == name).map(|(_, group)| *group) {
                    Some(group) => self.reference(group),
                    None => invalid(format!("no group of the name {name}")),
                }
            }
            '1'..='9' if !in_class => {
                let mut group = letter as usize - '0' as usize;
                // More digits belong to it as long as there is such a group.
                while let Some(digit) = self.peek(0).and_then(|letter| letter.to_digit(10)) {
                    match group * 10 + digit as usize {
                        more if more <= self.groups => group = more,
                        _ => break,
                    }
                    self.at += 1;
                }
                self.reference(group)
            }
            letter if letter.is_ascii_alphanumeric() => invalid(format!("an unknown escape `\\{letter}`")),
            letter => Ok(Escape::Letter(letter)),
        }
    }

    fn reference(&mut self, group: usize) -> Read<Escape> {
        if self.bounded {
            return invalid("a look-behind of no greatest length");
        }
        if group > self.groups {
            self.forward.push(group);
            return Ok(Escape::Whole(NEVER.to_owned()));
        }
        self.backtracks = true;
        Ok(Escape::Whole(format!("(?{}:\\{group})", if self.flags.fold { "i" } else { "" })))
    }

    fn number(&self, digits: &str, radix: u32) -> Read<Escape> {
        match u32::from_str_radix(digits, radix) {
            Ok(code) if code <= char::MAX as u32 => self.code(code),
            _ => invalid("a code that is none"),
        }
    }

    fn code(&self, code: u32) -> Read<Escape> {
        match char::from_u32(code) {
            Some(letter) => Ok(Escape::Letter(letter)),
            None => unsupported("half of a surrogate pair"),
        }
    }
}
