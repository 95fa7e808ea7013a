//! Aggregate functions.

use anabranch_udf::prelude::*;

/// A sum, and of how many numbers it is one.
#[derive(Default, State)]
pub struct Sum {
    sum: i64,
    count: i64,
}

/// The sum of numbers; NULL of none.
#[aggregate]
impl Sum {
    fn accumulate(&mut self, x: i64) {
        self.sum = self.sum.wrapping_add(x);
        self.count += 1;
    }

    fn retract(&mut self, x: i64) {
        self.sum = self.sum.wrapping_sub(x);
        self.count -= 1;
    }

    fn merge(&mut self, other: Self) {
        self.sum = self.sum.wrapping_add(other.sum);
        self.count += other.count;
    }

    fn evaluate(&self) -> Option<i64> {
        (self.count > 0).then_some(self.sum)
    }
}

/// Texts, in the order of their arrival.
#[derive(Default, State)]
pub struct Collect {
    texts: Vec<String>,
}

/// The texts in the order of their arrival, behind each other; an error of the row where one is `error`.
#[aggregate(name = "collect_texts")]
impl Collect {
    fn accumulate(&mut self, text: &str, separator: Option<&str>) -> Result<(), String> {
        if text == "error" {
            return Err("this text is an error".to_owned());
        }
        assert!(text != "panic", "this text is a panic");
        self.texts.push(format!("{text}{}", separator.unwrap_or_default()));
        Ok(())
    }

    fn evaluate(&self) -> String {
        self.texts.concat()
    }
}
