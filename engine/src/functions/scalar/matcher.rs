//! Regular expressions of Java, compiled and run: by `regex`, whose time is linear, where it can, else with backtracking.

use std::cell::OnceCell;
use std::ops::Range;

use super::java_pattern::{LINE_ENDS, Refused, Translation, translate};
use crate::error::{Error, Result};

/// The last pattern, compiled, or why Java refuses it: patterns are mostly constants.
#[derive(Default)]
pub(super) struct Patterns(Option<(String, std::result::Result<Matcher, String>)>);

impl Patterns {
    /// `None` for a pattern that Java refuses.
    ///
    /// # Errors
    /// A user error for one that is not supported.
    pub fn get(&mut self, pattern: &str) -> Result<Option<&Matcher>> {
        Ok(self.compiled(pattern, || Matcher::new(pattern, pattern.to_owned(), false))?.as_ref().ok())
    }

    /// # Errors
    /// A user error for a pattern that Java refuses, or that is not supported.
    pub fn require(&mut self, pattern: &str) -> Result<&Matcher> {
        let compiled = self.compiled(pattern, || Matcher::new(pattern, pattern.to_owned(), false))?;
        compiled.as_ref().map_err(|reason| not_understood(pattern, reason))
    }

    /// For all of a text, a pattern that is another language's, and what it is in Java's.
    ///
    /// # Errors
    /// Those of `java`, and as for [`Patterns::require`].
    pub fn require_whole(&mut self, pattern: &str, java: impl FnOnce() -> Result<String>) -> Result<&Matcher> {
        let compiled = self.compiled(pattern, || Matcher::new(pattern, java()?, true))?;
        compiled.as_ref().map_err(|reason| not_understood(pattern, reason))
    }

    fn compiled(
        &mut self,
        pattern: &str,
        compile: impl FnOnce() -> Result<std::result::Result<Matcher, String>>,
    ) -> Result<&std::result::Result<Matcher, String>> {
        if self.0.as_ref().is_none_or(|(known, _)| known != pattern) {
            self.0 = Some((pattern.to_owned(), compile()?));
        }
        self.0.as_ref().map(|(_, compiled)| compiled).ok_or_else(|| Error::bug("a pattern that is not kept"))
    }
}

fn not_understood(pattern: &str, reason: &str) -> Error {
    Error::user(format!("'{pattern}' is not a regular expression that is understood: {reason}"))
}

fn not_supported(pattern: &str, what: &str) -> Error {
    Error::user(format!("the regular expression '{pattern}' is not supported: {what}"))
}

/// A pattern to be looked for in texts.
pub(super) struct Matcher {
    /// As the user has it.
    pattern: String,
    java: String,
    /// It is to match all of a text.
    whole: bool,
    engine: Engine,
    /// For texts that end with a line terminator, where that matters.
    closed_ends: Option<OnceCell<Engine>>,
    groups: usize,
}

enum Engine {
    Linear(regex::Regex),
    Backtracking(fancy_regex::Regex),
}

impl Engine {
    fn new(pattern: &str, translation: &Translation, whole: bool) -> Result<Self> {
        // The libraries' messages are of places in the translation, and draw it; their end says what is wrong.
        let refused = |message: String| {
            let last = message.lines().last().unwrap_or_default();
            not_supported(pattern, last.rsplit(": ").next().unwrap_or(last))
        };
        let regex = match whole {
            true => &format!(r"\A(?:{})\z", translation.regex),
            false => &translation.regex,
        };
        if translation.backtracks {
            let regex = fancy_regex::Regex::new(regex).map_err(|error| refused(error.to_string()))?;
            Ok(Engine::Backtracking(regex))
        } else {
            let regex = regex::Regex::new(regex).map_err(|error| refused(error.to_string()))?;
            Ok(Engine::Linear(regex))
        }
    }
}

impl Matcher {
    /// The inner error: why Java refuses it.
    fn new(pattern: &str, java: String, whole: bool) -> Result<std::result::Result<Self, String>> {
        let translation = match translate(&java, false) {
            Ok(translation) => translation,
            Err(Refused::Invalid(reason)) => return Ok(Err(reason)),
            Err(Refused::Unsupported(what)) => return Err(not_supported(pattern, &what)),
        };
        Ok(Ok(Matcher {
            pattern: pattern.to_owned(),
            engine: Engine::new(pattern, &translation, whole)?,
            closed_ends: translation.of_open_ends.then(OnceCell::new),
            groups: translation.groups,
            java,
            whole,
        }))
    }

    /// How many groups the pattern has, without the whole match.
    pub fn groups(&self) -> usize {
        self.groups
    }

    fn engine(&self, text: &str) -> Result<&Engine> {
        let Some(cell) = self.closed_ends.as_ref().filter(|_| text.ends_with(LINE_ENDS)) else {
            return Ok(&self.engine);
        };
        if let Some(engine) = cell.get() {
            return Ok(engine);
        }
        let translation = match translate(&self.java, true) {
            Ok(translation) => translation,
            Err(Refused::Invalid(why) | Refused::Unsupported(why)) => return Err(not_supported(&self.pattern, &why)),
        };
        let engine = Engine::new(&self.pattern, &translation, self.whole)?;
        Ok(cell.get_or_init(|| engine))
    }

    /// What fails is the number of steps, or their depth.
    fn failed(&self, error: &fancy_regex::Error) -> Error {
        let error = error.to_string();
        let reason = error.rsplit(": ").next().unwrap_or_default();
        Error::user(format!("to look for the regular expression '{}' takes too many steps ({reason})", self.pattern))
            .hint("a pattern without nested repetitions takes fewer")
    }

    pub fn is_match(&self, text: &str) -> Result<bool> {
        match self.engine(text)? {
            Engine::Linear(regex) => Ok(regex.is_match(text)),
            Engine::Backtracking(regex) => regex.is_match(text).map_err(|error| self.failed(&error)),
        }
    }

    /// Where the first match is.
    pub fn find(&self, text: &str) -> Result<Option<Range<usize>>> {
        self.find_from(self.engine(text)?, text, 0)
    }

    fn find_from(&self, engine: &Engine, text: &str, from: usize) -> Result<Option<Range<usize>>> {
        match engine {
            Engine::Linear(regex) => Ok(regex.find_at(text, from).map(|found| found.range())),
            Engine::Backtracking(regex) => {
                let found = regex.find_from_pos(text, from).map_err(|error| self.failed(&error))?;
                Ok(found.map(|found| found.range()))
            }
        }
    }

    /// The first match and a group of it; 0 is all of it.
    pub fn find_group(&self, text: &str, group: usize) -> Result<Option<(Range<usize>, Option<Range<usize>>)>> {
        self.find_group_from(self.engine(text)?, text, group, 0)
    }

    fn find_group_from(
        &self,
        engine: &Engine,
        text: &str,
        group: usize,
        from: usize,
    ) -> Result<Option<(Range<usize>, Option<Range<usize>>)>> {
        // To find no groups is quicker.
        if group == 0 {
            return Ok(self.find_from(engine, text, from)?.map(|found| (found.clone(), Some(found))));
        }
        match engine {
            Engine::Linear(regex) => Ok(regex.captures_at(text, from).and_then(|groups| {
                let whole = groups.get(0)?.range();
                Some((whole, groups.get(group).map(|found| found.range())))
            })),
            Engine::Backtracking(regex) => {
                let groups = regex.captures_from_pos(text, from).map_err(|error| self.failed(&error))?;
                Ok(groups.and_then(|groups| {
                    let whole = groups.get(0)?.range();
                    Some((whole, groups.get(group).map(|found| found.range())))
                }))
            }
        }
    }

    /// All matches in their order, each with a group of it.
    pub fn each(
        &self,
        text: &str,
        group: usize,
        mut run: impl FnMut(Range<usize>, Option<Range<usize>>) -> Result<()>,
    ) -> Result<()> {
        let engine = self.engine(text)?;
        let mut from = 0;
        while let Some((whole, found)) = self.find_group_from(engine, text, group, from)? {
            // As in Java, an empty match may follow the last one, unlike in the crates' own iterators.
            let end = whole.end;
            let step = if whole.is_empty() { text[end..].chars().next().map(char::len_utf8) } else { Some(0) };
            run(whole, found)?;
            match step {
                Some(step) => from = end + step,
                None => break,
            }
        }
        Ok(())
    }
}
