//! Classes: what stands between brackets.

use super::{Escape, Read, Reader, invalid, push_code, unsupported};

/// Classes nested deeper are not read.
const DEEPEST: usize = 50;

impl Reader {
    /// A class after its `[`.
    pub(super) fn class(&mut self, out: &mut String, depth: usize) -> Read<()> {
        if depth > DEEPEST {
            return unsupported("classes nested so deeply");
        }
        out.push('[');
        if self.next_if('^') {
            out.push('^');
        }
        // Before the first item, of the class and of what `&&` stands before, a `]` is a letter.
        let mut first = true;
        loop {
            self.skip_comments();
            let letter = match self.next() {
                None => return invalid("unclosed character class"),
                Some(']') if !first => {
                    out.push(']');
                    return Ok(());
                }
                Some('[') => {
                    self.class(out, depth + 1)?;
                    first = false;
                    continue;
                }
                Some('&') if self.peek(0) == Some('&') => {
                    let _ = self.take(usize::MAX, |letter| letter == '&');
                    self.skip_comments();
                    if first || self.peek(0) == Some(']') {
                        return unsupported("`&&` with one side");
                    }
                    out.push_str("&&");
                    first = true;
                    continue;
                }
                Some('\\') if self.next_if('Q') => {
                    while let Some(letter) = self.quoted() {
                        self.range(letter, letter, out);
                        first = false;
                    }
                    continue;
                }
                Some('\\') => match self.escape(true)? {
                    Escape::Letter(letter) => letter,
                    Escape::Set(set) | Escape::Whole(set) => {
                        out.push_str(&set);
                        first = false;
                        continue;
                    }
                },
                Some(letter) => letter,
            };
            first = false;
            self.skip_comments();
            if self.peek(0) != Some('-') || matches!(self.peek(1), None | Some('[' | ']')) {
                self.range(letter, letter, out);
                continue;
            }
            self.at += 1;
            let last = match self.next() {
                Some('\\') => match self.escape(true)? {
                    Escape::Letter(last) => last,
                    _ => return invalid("a range that ends with a class"),
                },
                Some(last) => last,
                None => return invalid("unclosed character class"),
            };
            if last < letter {
                return invalid("a range that ends before it begins");
            }
            self.range(letter, last, out);
        }
    }

    /// Letters of a class, in both cases where case is ignored.
    fn range(&self, first: char, last: char, out: &mut String) {
        let mut push = |first: char, last: char| {
            push_code(first, out);
            if first < last {
                out.push('-');
                push_code(last, out);
            }
        };
        push(first, last);
        if self.flags.fold && !self.flags.fold_all {
            for (least, most) in [('a', 'z'), ('A', 'Z')] {
                let (first, last) = (first.max(least), last.min(most));
                if first <= last {
                    // The other case is one bit away.
                    push(char::from(first as u8 ^ 0x20), char::from(last as u8 ^ 0x20));
                }
            }
        }
    }
}
