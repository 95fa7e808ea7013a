//! Properties of letters, by the names that Java knows: `\p{Lower}`, `\p{L}`, `\p{script=Greek}`.

use super::{Read, Reader, invalid, unsupported};

pub(super) const DIGIT: &str = "0-9";
pub(super) const SPACE: &str = r"\t\n\x{B}\f\r\x{20}";

/// General categories, by the names that Java knows.
const CATEGORIES: &[&str] = &[
    "Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Me", "Mc", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Co", "Cs",
    "Pd", "Ps", "Pe", "Pc", "Po", "Sm", "Sc", "Sk", "So", "Pi", "Pf", "L", "M", "N", "Z", "C", "P", "S",
];

impl Reader {
    /// The set of a property, after `\p`.
    pub(super) fn property(&mut self) -> Read<String> {
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
