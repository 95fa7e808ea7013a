//! A function of each kind, to start from.

use anabranch_udf::prelude::*;

anabranch_udf::package!(greet, split_words, Mean);

/// Says hello to someone.
#[scalar]
pub fn greet(name: &str) -> String {
    format!("Hello, {name}!")
}

/// The words of a text.
#[table(columns(word))]
pub fn split_words(line: &str) -> impl Iterator<Item = &str> {
    line.split_whitespace()
}

/// What a group needs to know for its mean.
#[derive(Default, State)]
pub struct Mean {
    sum: f64,
    count: i64,
}

/// The arithmetic mean; NULL of no numbers.
#[aggregate]
impl Mean {
    fn accumulate(&mut self, x: f64) {
        self.sum += x;
        self.count += 1;
    }

    fn retract(&mut self, x: f64) {
        self.sum -= x;
        self.count -= 1;
    }

    fn merge(&mut self, other: Self) {
        self.sum += other.sum;
        self.count += other.count;
    }

    fn evaluate(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anabranch_udf::testing::{Tester, column};

    // The functions are what they look like.
    #[test]
    fn greets() {
        assert_eq!(greet("Ada"), "Hello, Ada!");
        assert!(split_words(" to be  or ").eq(["to", "be", "or"]));
    }

    // And a host calls them over columns, with NULLs, for many groups.
    #[test]
    fn the_mean_of_groups() -> Result<(), String> {
        let mut tester = Tester::new(package());
        let mut means = tester.aggregate("mean", [column([0.0])])?;
        means.accumulate(&[0, 1, 0], [column([Some(1.0), None, Some(2.0)])])?;
        assert_eq!(means.evaluate::<f64>(&[0, 1])?, [Ok(Some(1.5)), Ok(None)]);
        Ok(())
    }
}
