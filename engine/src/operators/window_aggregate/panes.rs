//! Panes: the stretches of time over which a window aggregation keeps accumulators, and which rows fall in them.
//!
//! A pane is a whole window, or, where hopping windows share what they have in common, a slice of `gcd(size, slide)`.

use std::collections::{BTreeMap, BTreeSet};

use crate::operators::Timestamp;
use crate::operators::window::Window;
use crate::operators::zone::Zone;

/// How windows are made of panes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cut {
    /// A pane is a window, and a row may fall in several.
    Windows(Window),
    /// A pane is a slice of this length of several windows, and a row falls in one.
    Slices { window: Window, slice: i64 },
    /// A pane is a window that the row names.
    Attached,
}

impl Cut {
    pub fn of(window: Window, merge: bool) -> Self {
        let (size, slide) = (window.size(), window.slide());
        if merge && slide < size { Cut::Slices { window, slice: gcd(size, slide) } } else { Cut::Windows(window) }
    }

    /// In how many panes a row may fall.
    pub fn passes(&self) -> i64 {
        match self {
            Cut::Windows(window) => {
                window.size().div_euclid(window.slide()) + i64::from(window.size() % window.slide() != 0)
            }
            Cut::Slices { .. } | Cut::Attached => 1,
        }
    }

    /// Start and end of pane number `pass` of a time, from the latest on; `None` where there is none.
    fn pane(&self, time: Timestamp, pass: i64) -> Option<(Timestamp, Timestamp)> {
        match self {
            Cut::Windows(window) => {
                let start = window.last_start(time).saturating_sub(pass * window.slide());
                (time - start < window.size()).then_some((start, start + window.size()))
            }
            Cut::Slices { window, slice } => {
                let start = Window::Tumble { size: *slice, offset: window.offset() }.last_start(time);
                Some((start, start + slice))
            }
            Cut::Attached => None,
        }
    }

    /// Ends of the windows that a pane is in, from the first to the last.
    fn window_ends(&self, start: Timestamp, end: Timestamp) -> impl Iterator<Item = Timestamp> + use<> {
        let (first, slide, last) = match self {
            Cut::Windows(_) | Cut::Attached => (end, 1, end),
            Cut::Slices { window, .. } => {
                let last = window.last_start(start) + window.size();
                (last - (last - end) / window.slide() * window.slide(), window.slide(), last)
            }
        };
        (0..).map(move |number| first + number * slide).take_while(move |&end| end <= last)
    }
}

fn gcd(one: i64, other: i64) -> i64 {
    if other == 0 { one } else { gcd(other, one % other) }
}

/// The pane of a row that falls in none.
pub(super) const NO_PANE: u32 = u32::MAX;
/// The pane of a row all of whose windows were emitted already.
pub(super) const LATE: u32 = u32::MAX - 1;

/// A pane's accumulators.
#[derive(Debug, Default)]
pub(super) struct Pane {
    /// Names the pane in the key index; used again.
    pub number: u32,
    /// Of its keys, in the order in which they came.
    pub slots: Vec<u32>,
}

/// The panes that are open. They are ordered by end, then start.
#[derive(Debug)]
pub(super) struct Panes {
    cut: Cut,
    open: BTreeMap<(Timestamp, Timestamp), Pane>,
    /// By number: the pane's key in `open`.
    numbers: Vec<(Timestamp, Timestamp)>,
    free: Vec<u32>,
    /// Ends of the windows that have rows and were not emitted.
    due: BTreeSet<Timestamp>,
}

impl Panes {
    pub fn new(cut: Cut) -> Self {
        Panes { cut, open: BTreeMap::new(), numbers: vec![], free: vec![], due: BTreeSet::new() }
    }

    pub fn cut(&self) -> Cut {
        self.cut
    }

    /// Numbers of the panes of rows by their (local) times; `is_over` says whether a window that ends so was emitted.
    pub fn assign(&mut self, times: &[Timestamp], pass: i64, is_over: impl Fn(Timestamp) -> bool) -> Vec<u32> {
        let mut panes = Vec::with_capacity(times.len());
        // Rows of a batch mostly fall where their neighbours fell, so look there before anywhere else.
        let mut near: Vec<(Timestamp, Timestamp, u32)> = Vec::new();
        let (mut from, mut to, mut pane) = (0, 0, NO_PANE);
        for &time in times {
            if !(from <= time && time < to) {
                match near.iter().find(|(from, to, _)| *from <= time && time < *to) {
                    Some(&(known_from, known_to, known)) => (from, to, pane) = (known_from, known_to, known),
                    None => {
                        let found = self.cut.pane(time, pass);
                        pane = found.map_or(NO_PANE, |(start, end)| self.open(start, end, &is_over));
                        // Until the next window starts, times fall in the same pane of this pass.
                        (from, to) = self.span(time, pass);
                        near.push((from, to, pane));
                    }
                }
            }
            panes.push(pane);
        }
        panes
    }

    /// Numbers of the panes of rows that name their windows.
    pub fn assign_attached(
        &mut self,
        starts: &[Timestamp],
        ends: &[Timestamp],
        is_over: impl Fn(Timestamp) -> bool,
    ) -> Vec<u32> {
        let mut last = None;
        let numbers = starts.iter().zip(ends).map(|(&start, &end)| match last {
            Some((known, pane)) if known == (start, end) => pane,
            _ => {
                let pane = self.open(start, end, &is_over);
                last = Some(((start, end), pane));
                pane
            }
        });
        numbers.collect()
    }

    /// The stretch of times around one that have the same pane in a pass.
    fn span(&self, time: Timestamp, pass: i64) -> (Timestamp, Timestamp) {
        match self.cut {
            Cut::Windows(window) => {
                let (start, next) = (window.last_start(time), window.last_start(time).saturating_add(window.slide()));
                // Where the oldest window of this pass ends between two starts, there are two stretches.
                let end = start.saturating_sub(pass * window.slide()).saturating_add(window.size());
                if end <= start || end >= next {
                    (start, next)
                } else if time < end {
                    (start, end)
                } else {
                    (end, next)
                }
            }
            Cut::Slices { .. } => self.cut.pane(time, pass).unwrap_or((time, time + 1)),
            Cut::Attached => (time, time + 1),
        }
    }

    /// The number of the pane, opened if need be; [`LATE`] if all of its windows are over.
    fn open(&mut self, start: Timestamp, end: Timestamp, is_over: impl Fn(Timestamp) -> bool) -> u32 {
        if let Some(pane) = self.open.get(&(end, start)) {
            return pane.number;
        }
        let before = self.due.len();
        let mut alive = false;
        for end in self.cut.window_ends(start, end).filter(|&end| !is_over(end)) {
            alive = true;
            self.due.insert(end);
        }
        debug_assert!(alive || before == self.due.len());
        if !alive {
            return LATE;
        }
        let number = self.free.pop().unwrap_or(self.numbers.len() as u32);
        if number as usize == self.numbers.len() {
            self.numbers.push((end, start));
        }
        self.numbers[number as usize] = (end, start);
        self.open.insert((end, start), Pane { number, slots: vec![] });
        number
    }

    /// Opens a pane of a snapshot.
    pub fn reopen(&mut self, start: Timestamp, end: Timestamp, is_over: impl Fn(Timestamp) -> bool) -> u32 {
        self.open(start, end, is_over)
    }

    pub fn pane_mut(&mut self, number: u32) -> Option<&mut Pane> {
        self.open.get_mut(self.numbers.get(number as usize)?)
    }

    /// Start, end and contents of the open panes.
    pub fn iter(&self) -> impl Iterator<Item = (Timestamp, Timestamp, &Pane)> {
        self.open.iter().map(|(&(end, start), pane)| (start, end, pane))
    }

    /// The (local) end of the first window that is not emitted.
    pub fn next_end(&self) -> Option<Timestamp> {
        self.due.first().copied()
    }

    /// Takes the windows with this end out of what is due: start, and the panes they are made of. A pane comes as `true`
    /// with the last window that needs it, and is closed.
    pub fn take_windows(&mut self, end: Timestamp) -> Vec<(Timestamp, Vec<(Pane, bool)>)> {
        self.due.remove(&end);
        match self.cut {
            Cut::Windows(_) | Cut::Attached => {
                let starts: Vec<_> =
                    self.open.range((end, Timestamp::MIN)..=(end, Timestamp::MAX)).map(|(key, _)| *key).collect();
                starts.into_iter().filter_map(|key| Some((key.1, vec![(self.close(key)?, true)]))).collect()
            }
            Cut::Slices { window, .. } => {
                let start = end - window.size();
                let keys: Vec<_> =
                    self.open.range((start + 1, Timestamp::MIN)..=(end, Timestamp::MAX)).map(|(key, _)| *key).collect();
                let panes = keys.into_iter().filter_map(|key| {
                    if window.last_start(key.1) + window.size() <= end {
                        return Some((self.close(key)?, true));
                    }
                    let pane = self.open.get(&key)?;
                    Some((Pane { number: pane.number, slots: pane.slots.clone() }, false))
                });
                vec![(start, panes.collect())]
            }
        }
    }

    fn close(&mut self, key: (Timestamp, Timestamp)) -> Option<Pane> {
        let pane = self.open.remove(&key)?;
        self.free.push(pane.number);
        Some(pane)
    }
}

/// A window that ends at local time `end` has been emitted when event time is `watermark`.
pub(super) fn is_over(zone: &Zone, end: Timestamp, watermark: Timestamp) -> bool {
    watermark != Timestamp::MIN && zone.to_instant(end.saturating_sub(1)) <= watermark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_knows_the_ends_of_its_windows() {
        let window = Window::Hop { size: 15, slide: 10, offset: 0 };
        let cut = Cut::of(window, true);
        let ends = |time| {
            let (start, end) = cut.pane(time, 0).unwrap();
            cut.window_ends(start, end).collect::<Vec<_>>()
        };
        assert_eq!(ends(3), [5, 15]);
        assert_eq!(ends(7), [15]);
        assert_eq!(ends(12), [15, 25]);
    }

    #[test]
    fn whole_windows_of_a_row_come_from_the_latest() {
        let cut = Cut::of(Window::Hop { size: 15, slide: 10, offset: 0 }, false);
        assert_eq!(cut.passes(), 2);
        let mut panes = Panes::new(cut);
        let first = panes.assign(&[3, 7, 12], 0, |_| false);
        assert_eq!(first[0], first[1]);
        let second = panes.assign(&[3, 7, 12], 1, |_| false);
        assert_eq!(second[1], NO_PANE);
        assert_eq!(second[2], first[0]);
        assert_eq!(panes.iter().map(|(start, end, _)| (start, end)).collect::<Vec<_>>(), [(-10, 5), (0, 15), (10, 25)]);
    }

    #[test]
    fn windows_with_gaps_leave_rows_out() {
        let cut = Cut::of(Window::Hop { size: 5, slide: 10, offset: 0 }, true);
        let mut panes = Panes::new(cut);
        assert_eq!(panes.assign(&[3, 7, 12, 5], 0, |_| false), [0, NO_PANE, 1, NO_PANE]);
    }
}
