//! Group windows of the Table API: `Tumble.over("1.hours").on("rowtime").alias("w")`.

use datafusion::sql::sqlparser::ast::{Expr, Ident};

use super::expression::expression;
use crate::error::{Error, Result};
use crate::sql::dialect::call;

/// Windows of one size that follow each other.
#[derive(Debug, Clone, Copy)]
pub struct Tumble;

/// Windows of one size that begin at one interval, and overlap where that is shorter: SQL's HOP.
#[derive(Debug, Clone, Copy)]
pub struct Slide;

/// A window whose time is still to be said.
#[derive(Debug, Clone)]
pub struct WindowSize {
    size: String,
    slide: Option<String>,
}

/// A window that still needs a name.
#[derive(Debug, Clone)]
pub struct WindowOnTime {
    size: WindowSize,
    time: String,
}

/// A sliding window whose interval is still to be said.
#[derive(Debug, Clone)]
pub struct SlideSize(String);

impl Tumble {
    /// The windows' size: `1.hours`, or `INTERVAL '1' HOUR`.
    pub fn over(size: &str) -> WindowSize {
        WindowSize { size: size.to_owned(), slide: None }
    }
}

impl Slide {
    /// The windows' size: `10.minutes`.
    pub fn over(size: &str) -> SlideSize {
        SlideSize(size.to_owned())
    }
}

impl SlideSize {
    /// The time from the beginning of one window to that of the next.
    pub fn every(self, slide: &str) -> WindowSize {
        WindowSize { size: self.0, slide: Some(slide.to_owned()) }
    }
}

impl WindowSize {
    /// The time attribute: a column with a watermark, or of processing time.
    pub fn on(self, time: &str) -> WindowOnTime {
        WindowOnTime { size: self, time: time.to_owned() }
    }
}

impl WindowOnTime {
    /// The window's name in `group_by` and `select`.
    pub fn alias(self, alias: &str) -> NamedWindow {
        NamedWindow { window: self, alias: alias.to_owned() }
    }

    /// As [`WindowOnTime::alias`], under the name that Flink 1.9 has for it.
    pub fn as_(self, alias: &str) -> NamedWindow {
        self.alias(alias)
    }
}

/// A window that a table can be grouped by: for `Table::window`.
#[derive(Debug, Clone)]
pub struct NamedWindow {
    window: WindowOnTime,
    alias: String,
}

impl NamedWindow {
    /// # Errors
    /// User errors for sizes that are not intervals.
    pub(super) fn parse(&self) -> Result<GroupWindow> {
        let interval = |text: &str| match expression(text)? {
            interval @ Expr::Interval(_) => Ok(interval),
            other => Err(Error::user(format!("a window's size is an interval such as 1.hours, not {other}"))),
        };
        let WindowOnTime { size: WindowSize { size, slide }, time } = &self.window;
        let size = interval(size)?;
        let time = expression(time)?;
        let (function, arguments) = match slide {
            None => ("TUMBLE", vec![time, size]),
            Some(slide) => ("HOP", vec![time, interval(slide)?, size]),
        };
        Ok(GroupWindow { alias: self.alias.clone(), function, arguments })
    }
}

/// A window, parsed.
#[derive(Debug, Clone)]
pub(super) struct GroupWindow {
    pub alias: String,
    function: &'static str,
    arguments: Vec<Expr>,
}

impl GroupWindow {
    /// As GROUP BY has it: `TUMBLE(rowtime, INTERVAL '1' HOUR)`.
    pub fn group(&self) -> Expr {
        call(Ident::new(self.function), self.arguments.clone())
    }

    /// `w.start` and the like: `TUMBLE_START(rowtime, INTERVAL '1' HOUR)`.
    pub fn property(&self, name: &str) -> Result<Expr, String> {
        let property = match name.to_lowercase().as_str() {
            "start" => "START",
            "end" => "END",
            "rowtime" => "ROWTIME",
            "proctime" => "PROCTIME",
            _ => return Err(format!("a window has start, end, rowtime and proctime, not '{name}'")),
        };
        Ok(call(Ident::new(format!("{}_{property}", self.function)), self.arguments.clone()))
    }
}
