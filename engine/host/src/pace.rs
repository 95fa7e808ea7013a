//! How many rows a function has time for in one call, as it is learnt: calls of more rows are cut before they run out of
//! time, and after many that did not, more rows are tried again.

/// Calls of as many rows as there is time for, after which twice as many are tried: at first, and at most.
const STEADY_CALLS: (usize, usize) = (16, 1024);

/// What is known of a function's pace.
#[derive(Debug)]
pub(crate) struct Pace {
    /// Rows that there is time for in one call, as far as is known.
    longest: usize,
    /// Calls since then, and how many there are to be before more is tried.
    calls: usize,
    wanted: usize,
    /// More than was known to do is being tried.
    tries: bool,
}

impl Default for Pace {
    fn default() -> Self {
        Pace { longest: usize::MAX, calls: 0, wanted: STEADY_CALLS.0, tries: false }
    }
}

impl Pace {
    /// The most rows of the next call.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// A call took too long; `longest` rows seem to be none too many.
    pub fn slow_down(&mut self, longest: usize) {
        if std::mem::take(&mut self.tries) {
            // In vain.
            self.wanted = (self.wanted * 4).min(STEADY_CALLS.1);
        }
        (self.longest, self.calls) = (longest.max(1), 0);
    }

    /// So many calls ended in time.
    pub fn keep_up(&mut self, calls: usize) {
        if self.longest == usize::MAX {
            return;
        }
        self.calls += calls;
        if self.calls >= self.wanted {
            (self.longest, self.calls, self.tries) = (self.longest.saturating_mul(2), 0, true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_is_tried_after_a_while_and_later_where_that_was_in_vain() {
        let mut pace = Pace::default();
        pace.keep_up(1_000);
        assert_eq!(pace.longest(), usize::MAX);
        pace.slow_down(0);
        assert_eq!(pace.longest(), 1);
        pace.slow_down(8);
        pace.keep_up(15);
        assert_eq!(pace.longest(), 8);
        pace.keep_up(1);
        assert_eq!(pace.longest(), 16);
        pace.slow_down(8);
        pace.keep_up(63);
        assert_eq!(pace.longest(), 8);
        pace.keep_up(1);
        assert_eq!(pace.longest(), 16);
    }
}
