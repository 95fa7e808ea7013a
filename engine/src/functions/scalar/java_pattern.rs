//! Java's regular expressions, written as the crates `regex` and `fancy-regex` write them.
//!
//! What differs: `\w`, `\d`, `\s` and the POSIX names are ASCII, `.` and `$` know five line terminators, case is ignored
//! of ASCII alone, classes such as `\h` and `\R`, quoting, names of properties. So everything is read, and nothing is
//! passed on unread: what Java refuses is told apart from what is not supported here.

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

/// Classes nested deeper are not read.
const DEEPEST: usize = 50;

/// Matches nothing, as a reference to a group that is not there.
const NEVER: &str = "[a&&b]";
const DIGIT: &str = "0-9";
const WORD: &str = "0-9A-Za-z_";
const SPACE: &str = r"\t\n\x{B}\f\r\x{20}";
const HORIZONTAL: &str = r"\x{20}\t\x{A0}\x{1680}\x{180E}\x{2000}-\x{200A}\x{202F}\x{205F}\x{3000}";
const VERTICAL: &str = r"\n\x{B}\f\r\x{85}\x{2028}\x{2029}";

/// General categories, by the names that Java knows.
const CATEGORIES: &[&str] = &[
    "Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Me", "Mc", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Co", "Cs",
    "Pd", "Ps", "Pe", "Pc", "Po", "Sm", "Sc", "Sk", "So", "Pi", "Pf", "L", "M", "N", "Z", "C", "P", "S",
];

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

    /// A class after its `[`.
    fn class(&mut self, out: &mut String, depth: usize) -> Read<()> {
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

    /// What is after a `\`.
    fn escape(&mut self, in_class: bool) -> Read<Escape> {
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

    /// The set of a property, after `\p`.
    fn property(&mut self) -> Read<String> {
        let name = if self.next_if('{') {
            let name = self.take(usize::MAX, |letter| letter != '}');
            if name.is_empty() || !self.next_if('}') {
                return invalid("a property without a name");
            }
            name
        } else {
            match self.next() {
                Some(letter) => letter.to_string(),
                None => return invalid("a property without a name"),
            }
        };
        if let Some((key, value)) = name.split_once('=') {
            return match key.to_ascii_lowercase().as_str() {
                "sc" | "script" => Ok(format!("\\p{{sc={value}}}")),
                "gc" | "general_category" => self.category(value),
                _ => unsupported(format!("the property {name}")),
            };
        }
        if let Some(rest) = name.strip_prefix("Is") {
            return if CATEGORIES.contains(&rest) { self.category(rest) } else { Ok(format!("\\p{{{rest}}}")) };
        }
        if name.starts_with("In") || name.starts_with("java") {
            let set = match &*name {
                "javaLowerCase" => r"\p{Lowercase}",
                "javaUpperCase" => r"\p{Uppercase}",
                "javaAlphabetic" => r"\p{Alphabetic}",
                "javaLetter" => r"\p{L}",
                "javaDigit" => r"\p{Nd}",
                "javaLetterOrDigit" => r"\p{L}\p{Nd}",
                _ => return unsupported(format!("the property {name}")),
            };
            return Ok(set.to_owned());
        }
        let unicode = self.flags.unicode;
        let of = |ascii: &str, all: &str| Ok(if unicode { all } else { ascii }.to_owned());
        match &*name {
            "Lower" | "Upper" if self.flags.fold => of("a-zA-Z", r"\p{Lowercase}\p{Uppercase}"),
            "Lower" => of("a-z", r"\p{Lowercase}"),
            "Upper" => of("A-Z", r"\p{Uppercase}"),
            "ASCII" => of(r"\x{0}-\x{7F}", r"\x{0}-\x{7F}"),
            "Alpha" => of("a-zA-Z", r"\p{Alphabetic}"),
            "Digit" => of(DIGIT, r"\p{Nd}"),
            "Alnum" => of("0-9a-zA-Z", r"\p{Alphabetic}\p{Nd}"),
            "Punct" => of(r"\x{21}-\x{2F}\x{3A}-\x{40}\x{5B}-\x{60}\x{7B}-\x{7E}", r"\p{P}"),
            "XDigit" => of("0-9a-fA-F", r"\p{Nd}\p{Hex_Digit}"),
            "Space" => of(SPACE, r"\p{White_Space}"),
            "Blank" => of(r"\x{20}\t", r"\p{Zs}\t"),
            "Cntrl" => of(r"\x{0}-\x{1F}\x{7F}", r"\p{Cc}"),
            "Graph" if !unicode => Ok(r"\x{21}-\x{7E}".to_owned()),
            "Print" if !unicode => Ok(r"\x{20}-\x{7E}".to_owned()),
            "Graph" | "Print" => unsupported(format!("{name} of all of Unicode")),
            "LC" => Ok(r"\p{Lu}\p{Ll}\p{Lt}".to_owned()),
            "LD" => Ok(r"\p{L}\p{Nd}".to_owned()),
            "L1" => Ok(r"\x{0}-\x{FF}".to_owned()),
            "all" => Ok(r"\x{0}-\x{10FFFF}".to_owned()),
            name => self.category(name),
        }
    }

    fn category(&self, name: &str) -> Read<String> {
        match name {
            // Without case, these are one.
            "Lu" | "Ll" | "Lt" if self.flags.fold => Ok(r"\p{Lu}\p{Ll}\p{Lt}".to_owned()),
            name if CATEGORIES.contains(&name) => Ok(format!("\\p{{{name}}}")),
            name => invalid(format!("an unknown property {name}")),
        }
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
