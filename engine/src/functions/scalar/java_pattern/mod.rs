//! Java's regular expressions, written as the crates `regex` and `fancy-regex` write them.
//!
//! What differs: `\w`, `\d`, `\s` and the POSIX names are ASCII, `.` and `$` know five line terminators, case is ignored
//! of ASCII alone, classes such as `\h` and `\R`, quoting, names of properties. So everything is read, and nothing is
//! passed on unread: what Java refuses is told apart from what is not supported here.

mod class;
mod escape;
mod property;

/// Why a pattern is not taken.
pub enum Refused {
    /// Java does not take it either.
    Invalid(String),
    /// Java takes it.
    Unsupported(String),
}

type Read<T> = std::result::Result<T, Refused>;

/// A pattern as the crates write it.
pub struct Translation {
    pub regex: String,
    /// It takes look-around, back references or the like, which `regex` does not know.
    pub backtracks: bool,
    /// It stands for the pattern only in texts that do not end with a line terminator.
    pub of_open_ends: bool,
    /// Without the whole match.
    pub groups: usize,
}

/// Those of Java's `$` and `.`.
pub const LINE_ENDS: [char; 5] = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

#[derive(Clone, Copy, Default)]
struct Flags {
    /// `i`
    fold: bool,
    /// `m`
    multiline: bool,
    /// `s`
    dot_all: bool,
    /// `u`
    fold_all: bool,
    /// `x`
    comments: bool,
    /// `U`
    unicode: bool,
    /// `d`
    unix_lines: bool,
}

/// A group that is open.
struct Open {
    /// Where it begins in the translation.
    start: usize,
    /// As before it.
    flags: Flags,
    bounded: bool,
}

/// What an escape stands for.
enum Escape {
    Letter(char),
    /// As it stands between brackets.
    Set(String),
    /// An expression, not within brackets.
    Whole(String),
}

struct Reader {
    letters: Vec<char>,
    at: usize,
    out: String,
    flags: Flags,
    open: Vec<Open>,
    /// Where what a quantifier would repeat begins.
    atom: Option<usize>,
    /// In a look-behind, whose length must have an end.
    bounded: bool,
    /// What a quantifier would repeat is a group.
    after_group: bool,
    groups: usize,
    names: Vec<(String, usize)>,
    /// References to groups that had not begun.
    forward: Vec<usize>,
    /// `$` is to see a line terminator at the end.
    closed_ends: bool,
    backtracks: bool,
    of_open_ends: bool,
}

fn invalid<T>(why: impl Into<String>) -> Read<T> {
    Err(Refused::Invalid(why.into()))
}

fn unsupported<T>(why: impl Into<String>) -> Read<T> {
    Err(Refused::Unsupported(why.into()))
}

/// Translates a pattern; with `closed_ends` for texts that end with a line terminator too, which is slower.
///
/// # Errors
/// Where Java does not take the pattern, or it is not supported.
pub fn translate(pattern: &str, closed_ends: bool) -> Read<Translation> {
    let mut reader = Reader {
        letters: pattern.chars().collect(),
        at: 0,
        out: String::with_capacity(pattern.len() * 2),
        flags: Flags::default(),
        open: vec![],
        atom: None,
        bounded: false,
        after_group: false,
        groups: 0,
        names: vec![],
        forward: vec![],
        closed_ends,
        backtracks: false,
        of_open_ends: false,
    };
    reader.read()?;
    if reader.forward.iter().any(|group| *group <= reader.groups) {
        return unsupported("a reference to a group that comes later");
    }
    let Reader { out: regex, backtracks, of_open_ends, groups, .. } = reader;
    Ok(Translation { regex, backtracks, of_open_ends, groups })
}

impl Reader {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.letters.get(self.at + ahead).copied()
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.peek(0)?;
        self.at += 1;
        Some(letter)
    }

    fn next_if(&mut self, wanted: char) -> bool {
        let is = self.peek(0) == Some(wanted);
        self.at += usize::from(is);
        is
    }

    /// As many letters as are of a kind, up to a number of them.
    fn take(&mut self, most: usize, is: impl Fn(char) -> bool) -> String {
        let taken: String = self.letters[self.at..].iter().copied().take(most).take_while(|it| is(*it)).collect();
        self.at += taken.chars().count();
        taken
    }

    fn skip_comments(&mut self) {
        while self.flags.comments {
            match self.peek(0) {
                Some(' ' | '\t'..='\r') => self.at += 1,
                Some('#') => {
                    let _ = self.take(usize::MAX, |letter| !LINE_ENDS.contains(&letter));
                }
                _ => return,
            }
        }
    }

    fn push_atom(&mut self, text: &str) {
        self.atom = Some(self.out.len());
        self.out.push_str(text);
    }

    fn read(&mut self) -> Read<()> {
        loop {
            self.skip_comments();
            let Some(letter) = self.next() else { break };
            let after_group = std::mem::replace(&mut self.after_group, letter == ')');
            match letter {
                '(' => self.group()?,
                ')' => {
                    let Some(open) = self.open.pop() else { return invalid("unmatched closing ')'") };
                    self.out.push(')');
                    (self.atom, self.flags, self.bounded) = (Some(open.start), open.flags, open.bounded);
                }
                '|' => {
                    self.out.push('|');
                    self.atom = None;
                }
                '[' => {
                    let start = self.out.len();
                    let mut class = String::new();
                    self.class(&mut class, 0)?;
                    self.push_folded(&class);
                    self.atom = Some(start);
                }
                // Java takes the repetition of one letter in a look-behind for a long one, that of a group for an endless.
                '*' | '+' if self.bounded && after_group => return invalid("a look-behind of no greatest length"),
                '*' => self.repeat("*")?,
                '+' => self.repeat("+")?,
                '?' => self.repeat("?")?,
                '{' => self.repeat_times()?,
                '.' => {
                    let all_but = match self.flags {
                        Flags { dot_all: true, .. } => "(?s:.)",
                        Flags { unix_lines: true, .. } => r"[^\n]",
                        _ => r"[^\n\r\x{85}\x{2028}\x{2029}]",
                    };
                    self.push_atom(all_but);
                }
                '^' => {
                    let (multiline, unix_lines) = (self.flags.multiline, self.flags.unix_lines);
                    self.backtracks |= multiline;
                    self.push_atom(match (multiline, unix_lines) {
                        (false, _) => r"\A",
                        (true, true) => r"(?:(?:\A|(?<=\n))(?!\z))",
                        (true, false) => r"(?:(?:\A|(?<=[\n\x{85}\x{2028}\x{2029}])|(?<=\r)(?!\n))(?!\z))",
                    });
                }
                '$' if self.flags.multiline => {
                    self.backtracks = true;
                    self.push_atom(if self.flags.unix_lines {
                        r"(?=\n|\z)"
                    } else {
                        r"(?=\r\n|(?<!\r)\n|[\r\x{85}\x{2028}\x{2029}]|\z)"
                    });
                }
                '$' => {
                    let end = self.end();
                    self.push_atom(end);
                }
                '\\' if self.next_if('Q') => {
                    while let Some(letter) = self.quoted() {
                        self.push_letter(letter);
                    }
                }
                '\\' => match self.escape(false)? {
                    Escape::Letter(letter) => self.push_letter(letter),
                    Escape::Set(set) => self.push_atom(&format!("[{set}]")),
                    Escape::Whole(text) => self.push_atom(&text),
                },
                letter => self.push_letter(letter),
            }
        }
        if self.open.is_empty() { Ok(()) } else { invalid("unclosed group") }
    }

    /// The next letter of a quotation, which ends with `\E` or the pattern.
    fn quoted(&mut self) -> Option<char> {
        if self.peek(0) == Some('\\') && self.peek(1) == Some('E') {
            self.at += 2;
            return None;
        }
        self.next()
    }

    /// The end of the text, or before a line terminator that ends it.
    fn end(&mut self) -> &'static str {
        self.of_open_ends |= !self.closed_ends;
        self.backtracks |= self.closed_ends;
        match (self.closed_ends, self.flags.unix_lines) {
            (false, _) => r"\z",
            (true, true) => r"(?=\n?\z)",
            (true, false) => r"(?=(?:\r\n|(?<!\r)\n|[\r\x{85}\x{2028}\x{2029}])?\z)",
        }
    }

    fn push_letter(&mut self, letter: char) {
        let start = self.out.len();
        match letter {
            letter if self.flags.fold && letter.is_ascii_alphabetic() && !self.flags.fold_all => {
                self.out.extend(['[', letter.to_ascii_lowercase(), letter.to_ascii_uppercase(), ']']);
            }
            letter if letter.is_ascii_alphanumeric() => self.push_folded(letter.encode_utf8(&mut [0; 4])),
            letter if letter.is_ascii() => push_code(letter, &mut self.out),
            letter => self.push_folded(letter.encode_utf8(&mut [0; 4])),
        }
        self.atom = Some(start);
    }

    /// A letter or class whose case is ignored as Unicode has it, where the flags say so.
    fn push_folded(&mut self, text: &str) {
        if self.flags.fold && self.flags.fold_all {
            self.out.extend(["(?i:", text, ")"]);
        } else {
            self.out.push_str(text);
        }
    }

    fn group(&mut self) -> Read<()> {
        let before = Open { start: self.out.len(), flags: self.flags, bounded: self.bounded };
        self.atom = None;
        if !self.next_if('?') {
            self.groups += 1;
            self.out.push('(');
            self.open.push(before);
            return Ok(());
        }
        let behind = self.peek(0) == Some('<') && matches!(self.peek(1), Some('=' | '!'));
        match self.next() {
            Some(':') => self.out.push_str("(?:"),
            Some(kind @ ('=' | '!' | '>')) => {
                self.backtracks = true;
                self.out.extend(['(', '?', kind]);
                self.bounded &= kind == '>';
            }
            Some('<') if behind => {
                self.backtracks = true;
                self.bounded = true;
                let kind = self.next();
                self.out.push_str("(?<");
                self.out.extend(kind);
            }
            Some('<') => {
                let name = self.name()?;
                self.groups += 1;
                if self.names.iter().any(|(known, _)| *known == name) {
                    return invalid(format!("a second group of the name {name}"));
                }
                self.names.push((name, self.groups));
                self.out.push('(');
            }
            other => return self.flags_of(other, before),
        }
        self.open.push(before);
        Ok(())
    }

    /// A group's name, up to the `>` behind it.
    fn name(&mut self) -> Read<String> {
        let name = self.take(usize::MAX, |letter| letter.is_ascii_alphanumeric());
        if !name.starts_with(|letter: char| letter.is_ascii_alphabetic()) || !self.next_if('>') {
            return invalid("a group's name that is none");
        }
        Ok(name)
    }

    /// `(?i)` until the group's end, or `(?i:` of a group.
    fn flags_of(&mut self, first: Option<char>, before: Open) -> Read<()> {
        let (mut flag, mut on) = (first, true);
        loop {
            let flags = &mut self.flags;
            match flag {
                Some('i') => flags.fold = on,
                Some('m') => flags.multiline = on,
                Some('s') => flags.dot_all = on,
                Some('u') => flags.fold_all = on,
                Some('x') => flags.comments = on,
                Some('d') => flags.unix_lines = on,
                // As in Java, it brings `u` with it.
                Some('U') => (flags.unicode, flags.fold_all) = (on, on),
                Some('c') => return unsupported("canonical equivalence"),
                Some('-') if on => on = false,
                Some(')') => return Ok(()),
                Some(':') => {
                    self.out.push_str("(?:");
                    self.open.push(before);
                    return Ok(());
                }
                _ => return invalid("an unknown flag or kind of group"),
            }
            flag = self.next();
        }
    }

    fn repeat(&mut self, times: &str) -> Read<()> {
        let Some(start) = self.atom.take() else { return invalid(format!("a dangling `{times}`")) };
        self.out.push_str(times);
        self.skip_comments();
        if self.next_if('?') {
            self.out.push('?');
        } else if self.next_if('+') {
            self.backtracks = true;
            self.out.insert_str(start, "(?>");
            self.out.push(')');
        }
        Ok(())
    }

    /// `{n}`, `{n,}` or `{n,m}`.
    fn repeat_times(&mut self) -> Read<()> {
        let number = |digits: &str| match digits.parse::<i32>() {
            Ok(number) => Ok(number),
            Err(_) => invalid("a repetition that is none"),
        };
        let least = self.take(usize::MAX, |letter| letter.is_ascii_digit());
        let least = number(&least)?;
        let most = if self.next_if(',') {
            match &*self.take(usize::MAX, |letter| letter.is_ascii_digit()) {
                "" => None,
                most => Some(number(most)?),
            }
        } else {
            Some(least)
        };
        if !self.next_if('}') || most.is_some_and(|most| most < least) {
            return invalid("a repetition that is none");
        }
        // In Java, it repeats the empty text where nothing is before it.
        if self.atom.is_none() {
            let _ = self.next_if('?') || self.next_if('+');
            return Ok(());
        }
        if self.bounded && most.is_none() {
            return unsupported("a repetition without an end in a look-behind");
        }
        let most = most.map_or_else(String::new, |most| most.to_string());
        self.repeat(&format!("{{{least},{most}}}"))
    }
}

/// A letter that means itself anywhere.
fn push_code(letter: char, out: &mut String) {
    use std::fmt::Write;
    if letter.is_ascii_alphanumeric() {
        out.push(letter);
    } else {
        // Writing to a String does not fail.
        let _ = write!(out, "\\x{{{:X}}}", letter as u32);
    }
}
