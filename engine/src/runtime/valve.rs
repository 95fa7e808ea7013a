//! The watermark of several inputs: the least over those that are active, as Flink's status watermark valve has it.
//!
//! ```text
//! input 0:  5         9     idle
//! input 1:      3                  7
//! passes:       3                  7
//! ```

use crate::operators::{MAX_WATERMARK, MIN_WATERMARK, Timestamp};

/// Watermarks and statuses of the inputs of one node.
#[derive(Debug)]
pub(super) struct Valve {
    inputs: Vec<InputStatus>,
    last: Timestamp,
    idle: bool,
}

#[derive(Debug, Clone, Copy)]
struct InputStatus {
    watermark: Timestamp,
    idle: bool,
    /// Counts for the minimum. An input that was idle must first catch up.
    aligned: bool,
}

/// What the valve lets through: a watermark, then a change of status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Passed {
    pub(super) watermark: Option<Timestamp>,
    /// `Some(true)`: all inputs are idle now; `Some(false)`: no longer.
    pub(super) idle: Option<bool>,
}

impl Valve {
    pub(super) fn new(inputs: usize) -> Self {
        Self::starting_at(inputs, MIN_WATERMARK)
    }

    /// A valve that had let this watermark through before.
    pub(super) fn starting_at(inputs: usize, watermark: Timestamp) -> Self {
        Valve {
            inputs: vec![InputStatus { watermark, idle: false, aligned: true }; inputs],
            last: watermark,
            idle: false,
        }
    }

    /// The last watermark let through.
    pub(super) fn last(&self) -> Timestamp {
        self.last
    }

    pub(super) fn is_idle(&self) -> bool {
        self.idle
    }

    pub(super) fn watermark(&mut self, input: usize, watermark: Timestamp) -> Passed {
        let status = &mut self.inputs[input];
        if status.idle || watermark <= status.watermark {
            return Passed::default();
        }
        status.watermark = watermark;
        if watermark >= self.last {
            status.aligned = true;
        }
        Passed { watermark: self.advance(), idle: None }
    }

    pub(super) fn idle(&mut self, input: usize) -> Passed {
        if self.inputs[input].idle {
            return Passed::default();
        }
        self.inputs[input].idle = true;
        self.inputs[input].aligned = false;
        if self.inputs.iter().any(|input| !input.idle) {
            return Passed { watermark: self.advance(), idle: None };
        }
        self.idle = true;
        let newest = self.inputs.iter().map(|input| input.watermark).max().unwrap_or(self.last);
        let watermark = (self.inputs[input].watermark == self.last && newest > self.last).then_some(newest);
        self.last = watermark.unwrap_or(self.last);
        Passed { watermark, idle: Some(true) }
    }

    pub(super) fn active(&mut self, input: usize) -> Passed {
        let status = &mut self.inputs[input];
        if !status.idle {
            return Passed::default();
        }
        status.idle = false;
        status.aligned = status.watermark >= self.last;
        Passed { watermark: None, idle: std::mem::take(&mut self.idle).then_some(false) }
    }

    /// The input has been read to its end and is not waited for.
    pub(super) fn finished(&mut self, input: usize) -> Passed {
        let mut passed = self.active(input);
        passed.watermark = self.watermark(input, MAX_WATERMARK).watermark;
        passed
    }

    fn advance(&mut self) -> Option<Timestamp> {
        let least = self.inputs.iter().filter(|input| input.aligned).map(|input| input.watermark).min()?;
        if least <= self.last {
            return None;
        }
        self.last = least;
        Some(least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(watermark: Option<Timestamp>, idle: Option<bool>) -> Passed {
        Passed { watermark, idle }
    }

    #[test]
    fn the_least_of_all_inputs_passes() {
        let mut valve = Valve::new(2);
        assert_eq!(valve.watermark(0, 5), passed(None, None));
        assert_eq!(valve.watermark(1, 3), passed(Some(3), None));
        assert_eq!(valve.watermark(1, 9), passed(Some(5), None));
        assert_eq!(valve.watermark(1, 7), passed(None, None));
        assert_eq!(valve.finished(0), passed(Some(9), None));
        assert_eq!(valve.finished(1), passed(Some(MAX_WATERMARK), None));
    }

    #[test]
    fn idle_inputs_step_aside_and_must_catch_up() {
        let mut valve = Valve::new(2);
        let _ = valve.watermark(0, 5);
        assert_eq!(valve.idle(1), passed(Some(5), None));
        assert_eq!(valve.watermark(0, 8), passed(Some(8), None));
        assert_eq!(valve.active(1), passed(None, None));
        assert_eq!(valve.watermark(1, 6), passed(None, None), "still behind: does not hold the other back");
        assert_eq!(valve.watermark(0, 10), passed(Some(10), None));
        assert_eq!(valve.watermark(1, 11), passed(None, None));
        assert_eq!(valve.watermark(0, 12), passed(Some(11), None));
    }

    #[test]
    fn all_idle_lets_the_newest_through() {
        let mut valve = Valve::new(2);
        let _ = valve.watermark(0, 5);
        let _ = valve.watermark(1, 2);
        assert_eq!(valve.idle(0), passed(None, None));
        assert_eq!(valve.idle(1), passed(Some(5), Some(true)));
        assert!(valve.is_idle());
        assert_eq!(valve.last(), 5);
        assert_eq!(valve.active(0), passed(None, Some(false)));
    }
}
