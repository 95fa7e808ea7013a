//! Aggregate functions: one value per group.

use std::fmt::Display;

use crate::batch::Batch;
use crate::context::Context;
use crate::contract::{Columns, Field, RowError, ScalarResult};
use crate::function::Instance;
use crate::scalar::{Return, add_error};
use crate::selection::Selection;
use crate::types::{Builders, Row, RowArgument};

/// How an accumulator is kept, sent and brought back: as a row of columns.
///
/// `#[derive(State)]` does it for a struct whose fields are all values of SQL types. Others say it by hand:
///
/// ```
/// use anabranch_udf::prelude::*;
///
/// #[derive(Default)]
/// struct Registers(Vec<u8>);
///
/// impl State for Registers {
///     type Saved = Vec<u8>;
///     const NAMES: &'static [&'static str] = &["registers"];
///
///     fn save(&self) -> Vec<u8> {
///         self.0.clone()
///     }
///
///     fn restore(saved: Vec<u8>) -> Result<Self, String> {
///         Ok(Self(saved))
///     }
/// }
/// ```
pub trait State: Sized {
    /// The row: one value, a tuple of values, or a struct with `#[derive(Row)]`.
    type Saved: Row + for<'a> RowArgument<'a>;

    /// The names of its columns, where the row does not name them.
    const NAMES: &'static [&'static str] = &[];

    /// The state, which stays as it is.
    fn save(&self) -> Self::Saved;

    /// The accumulator in this state.
    ///
    /// # Errors
    /// It is not a state that [`State::save`] gave.
    fn restore(saved: Self::Saved) -> Result<Self, String>;
}

/// What `accumulate`, `retract` and `merge` may return: nothing, or a `Result` of nothing, whose error is the row's and
/// leaves the group as it was.
pub trait Outcome {
    /// The row's error.
    fn failure(self) -> Option<String>;
}

impl Outcome for () {
    #[inline(always)]
    fn failure(self) -> Option<String> {
        None
    }
}

impl<E: Display> Outcome for Result<(), E> {
    #[inline(always)]
    fn failure(self) -> Option<String> {
        match self {
            Ok(()) => None,
            Err(error) => Some(error.to_string()),
        }
    }
}

/// An aggregate function: what `#[aggregate]` makes of an `impl` block.
pub trait Aggregate: State + Default + 'static {
    /// What `evaluate` returns.
    type Result: Return;

    /// Whether it has `retract`.
    const RETRACTS: bool;

    /// Whether it has `merge`.
    const MERGES: bool;

    /// Adds each row to its group.
    ///
    /// # Errors
    /// A failure of the whole call.
    fn accumulate_rows(groups: Groups<'_, Self>, batch: &Batch, context: &Context) -> Result<Vec<RowError>, String>;

    /// Takes each row out of its group.
    ///
    /// # Errors
    /// A failure of the whole call.
    fn retract_rows(groups: Groups<'_, Self>, batch: &Batch, context: &Context) -> Result<Vec<RowError>, String>;

    /// Adds what another accumulator holds.
    ///
    /// # Errors
    /// A failure of the whole call.
    fn merge_rows(groups: Groups<'_, Self>, others: impl Iterator<Item = Result<Self, String>>) -> Vec<RowError>;

    /// The value of a group.
    fn evaluate_group(&self, context: &Context) -> Self::Result;
}

/// The accumulators that the rows of a call belong to.
///
/// Every one of `rows` is less than the number of `states`, which only `Slots::groups` promises, by making room.
pub struct Groups<'a, A> {
    states: &'a mut [A],
    rows: &'a [u32],
}

impl<A> Groups<'_, A> {
    /// Calls `add` with the accumulator of each selected row.
    #[inline(always)]
    pub fn update<O: Outcome>(
        self,
        mut selection: Selection,
        mut add: impl FnMut(&mut A, usize) -> O,
    ) -> Vec<RowError> {
        let mut errors = std::mem::take(&mut selection.errors);
        let rows = selection.rows();
        let mut update = |group: u32, row: usize| {
            // SAFETY: below, it is a place in the first `rows` groups. Said here, since it is not seen.
            unsafe { std::hint::assert_unchecked(row < rows) };
            // SAFETY: every group is one of `rows`, for each of which there is a state: see `Groups`.
            let state = unsafe { self.states.get_unchecked_mut(group as usize) };
            if let Some(message) = add(state, row).failure() {
                add_error(&mut errors, row, message);
            }
        };
        match selection.words() {
            None => {
                // Several at a time: at the end of each round of a loop the host may interrupt, which costs as much as
                // the addition of a number.
                let (rounds, rest) = self.rows[..rows].as_chunks::<8>();
                for (round, groups) in rounds.iter().enumerate() {
                    let row = round * 8;
                    let [a, b, c, d, e, f, g, h] = *groups;
                    update(a, row);
                    update(b, row + 1);
                    update(c, row + 2);
                    update(d, row + 3);
                    update(e, row + 4);
                    update(f, row + 5);
                    update(g, row + 6);
                    update(h, row + 7);
                }
                for (index, group) in rest.iter().enumerate() {
                    update(*group, rounds.len() * 8 + index);
                }
            }
            Some(_) => selection.for_each(|row| update(self.rows[..rows][row], row)),
        }
        errors
    }

    /// Calls `merge` with the accumulator of each row, and that which is added to it.
    pub fn merge<O: Outcome>(
        self,
        others: impl Iterator<Item = Result<A, String>>,
        mut merge: impl FnMut(&mut A, A) -> O,
    ) -> Vec<RowError> {
        let mut errors = Vec::new();
        for (row, (group, other)) in self.rows.iter().zip(others).enumerate() {
            match other.map(|other| merge(&mut self.states[*group as usize], other).failure()) {
                Ok(None) => {}
                Ok(Some(message)) | Err(message) => add_error(&mut errors, row, message),
            }
        }
        errors
    }
}

/// The accumulators of many groups, whatever the function.
pub trait Accumulators {
    /// Adds each row to its group.
    ///
    /// # Errors
    /// A failure of the whole call.
    fn accumulate(&mut self, groups: &[u32], batch: &Batch) -> Result<Vec<RowError>, String>;

    /// Takes each row out of its group.
    ///
    /// # Errors
    /// A failure of the whole call.
    fn retract(&mut self, groups: &[u32], batch: &Batch) -> Result<Vec<RowError>, String>;

    /// Adds a state to each of the groups.
    ///
    /// # Errors
    /// A failure of the whole call.
    fn merge(&mut self, groups: &[u32], state: &Batch) -> Result<Vec<RowError>, String>;

    /// The value of each of the groups.
    fn evaluate(&mut self, groups: &[u32]) -> ScalarResult;

    /// The state of each of the groups.
    fn state(&mut self, groups: &[u32]) -> Columns;

    /// Sets each of the groups to a state.
    ///
    /// # Errors
    /// It is no state of this function.
    fn restore(&mut self, groups: &[u32], state: &Batch) -> Result<(), String>;

    /// Empties groups.
    fn remove(&mut self, groups: &[u32]);
}

/// The accumulators of one function, by group id.
struct Slots<A> {
    states: Vec<A>,
    context: Context,
}

/// Raises each of four numbers to the eight of a round that stand below it: vectors of four.
///
/// A function of its own for one round: of several rounds at once the compiler would gather numbers one by one.
#[inline(never)]
fn raise(most: &mut [u32; 4], round: &[u32; 32]) {
    let at = |lane: usize| {
        let pair = |place: usize| round[lane + 8 * place].max(round[lane + 8 * place + 4]);
        pair(0).max(pair(1)).max(pair(2).max(pair(3)))
    };
    *most = [most[0].max(at(0)), most[1].max(at(1)), most[2].max(at(2)), most[3].max(at(3))];
}

impl<A: Aggregate> Slots<A> {
    /// Makes room for groups that were not seen yet, which are empty.
    fn reach(&mut self, groups: &[u32]) {
        let (rounds, rest) = groups.as_chunks();
        let mut most = [0; 4];
        rounds.iter().for_each(|round| raise(&mut most, round));
        let most = most.iter().chain(rest).fold(0, |most, group| most.max(*group));
        if !groups.is_empty() && most as usize >= self.states.len() {
            // The highest id of all would wrap to no states, where addresses have 32 bits; this many is refused.
            self.states.resize_with((most as usize).saturating_add(1), A::default);
        }
    }

    fn groups<'a>(&'a mut self, rows: &'a [u32]) -> (Groups<'a, A>, &'a Context) {
        // Without it, `Groups` would be unsound.
        self.reach(rows);
        (Groups { states: &mut self.states, rows }, &self.context)
    }
}

/// The accumulators that columns of states hold.
fn saved<'a, A: Aggregate>(state: &'a Batch) -> Result<impl Iterator<Item = Result<A, String>> + 'a, String> {
    let views = <A::Saved as RowArgument<'a>>::read(&mut state.columns())?;
    Ok((0..state.rows()).map(move |row| A::restore(<A::Saved as RowArgument<'a>>::get(&views, row))))
}

impl<A: Aggregate> Accumulators for Slots<A> {
    fn accumulate(&mut self, groups: &[u32], batch: &Batch) -> Result<Vec<RowError>, String> {
        let (groups, context) = self.groups(groups);
        A::accumulate_rows(groups, batch, context)
    }

    fn retract(&mut self, groups: &[u32], batch: &Batch) -> Result<Vec<RowError>, String> {
        let (groups, context) = self.groups(groups);
        A::retract_rows(groups, batch, context)
    }

    fn merge(&mut self, groups: &[u32], state: &Batch) -> Result<Vec<RowError>, String> {
        let others = saved::<A>(state)?;
        Ok(A::merge_rows(self.groups(groups).0, others))
    }

    fn evaluate(&mut self, groups: &[u32]) -> ScalarResult {
        self.reach(groups);
        A::Result::collect(Selection::all(groups.len()), |row| {
            self.states[groups[row] as usize].evaluate_group(&self.context)
        })
    }

    fn state(&mut self, groups: &[u32]) -> Columns {
        self.reach(groups);
        let mut builders = <A::Saved as Row>::Builders::with_capacity(groups.len());
        for group in groups {
            self.states[*group as usize].save().append_row(&mut builders);
        }
        let mut columns = Columns { nodes: Vec::new(), buffers: Vec::new() };
        builders.finish(&mut columns);
        columns
    }

    fn restore(&mut self, groups: &[u32], state: &Batch) -> Result<(), String> {
        self.reach(groups);
        for (group, state) in groups.iter().zip(saved::<A>(state)?) {
            self.states[*group as usize] = state?;
        }
        Ok(())
    }

    fn remove(&mut self, groups: &[u32]) {
        for group in groups {
            if let Some(state) = self.states.get_mut(*group as usize) {
                *state = A::default();
            }
        }
    }
}

/// Binds an aggregate function.
pub fn bind<A: Aggregate>(context: Context) -> Result<Instance, String> {
    let names = (!A::NAMES.is_empty()).then_some(A::NAMES);
    let state: Vec<Field> = A::Saved::fields(names, "state");
    let open =
        move || -> Box<dyn Accumulators> { Box::new(Slots::<A> { states: Vec::new(), context: context.clone() }) };
    Ok(Instance::Aggregate { state, open: Box::new(open) })
}
