//! Which values each group has seen, and how often.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Int64Array, ListArray, StructArray};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields, Int64Type};

use super::{column, grow, list_offsets, primitive};
use crate::error::{Error, Result};
use crate::state::{Encoding, Value, ValueTable, Values};

/// A multiset of values (combinations of arguments) per group, all in one table.
///
/// A group goes by a number of its own in the table, which is given up when the group is removed: so that removing is
/// free, and a sweep drops the values of all groups that went since the last.
#[derive(Debug)]
pub(in crate::functions) struct DistinctSet {
    encoding: Encoding,
    table: ValueTable,
    /// Numbers in the table, by group.
    numbers: Vec<u32>,
    /// By number.
    groups: Vec<Group>,
    /// Numbers that no entry has.
    free: Vec<u32>,
    /// Entries that are there no more.
    dead: usize,
}

/// What is known of a number in the table.
#[derive(Debug, Clone, Copy, Default)]
struct Group {
    /// Values with a count.
    entries: u32,
    /// Of them NULL: 0 or 1.
    nulls: u32,
    /// Entries without a count.
    dead: u32,
    retired: bool,
}

/// In `numbers`: the group has no values.
const NONE: u32 = u32::MAX;

impl DistinctSet {
    pub fn new(types: Vec<DataType>) -> Result<Self> {
        Ok(DistinctSet {
            encoding: Encoding::new(types)?,
            table: ValueTable::default(),
            numbers: vec![],
            groups: vec![],
            free: vec![],
            dead: 0,
        })
    }

    pub fn state_field(types: &[DataType]) -> FieldRef {
        let item = Field::new("item", DataType::Struct(entry_fields(types)), false);
        Arc::new(Field::new("distinct", DataType::List(Arc::new(item)), false))
    }

    /// Adds a row's values to its group; `first` is called for the rows whose values were not there.
    #[inline]
    pub fn accumulate(&mut self, groups: &[u32], columns: &[ArrayRef], first: impl FnMut(usize)) -> Result<()> {
        let values = self.encoding.encode(columns, groups.len())?;
        self.add(groups, &values, |_| 1, first);
        Ok(())
    }

    #[inline]
    fn add(&mut self, groups: &[u32], values: &Values, count: impl Fn(usize) -> u32, mut first: impl FnMut(usize)) {
        let numbers = self.numbers_of(groups);
        let (by_number, dead) = (&mut self.groups, &mut self.dead);
        self.table.upsert(
            values,
            |row| numbers[row],
            |row, counted, is_new, stored| {
                if *counted == 0 {
                    let group = &mut by_number[numbers[row] as usize];
                    group.entries += 1;
                    group.nulls += u32::from(stored.is_null());
                    if !is_new {
                        group.dead -= 1;
                        *dead -= 1;
                    }
                    first(row);
                }
                *counted = counted.saturating_add(count(row));
            },
        );
    }

    /// Takes values back; `last` is called for the rows whose values are there no more. Values that were not there are
    /// left alone.
    pub fn retract(&mut self, groups: &[u32], columns: &[ArrayRef], mut last: impl FnMut(usize)) -> Result<()> {
        self.retract_each(groups, columns, |row, is_last| {
            if is_last {
                last(row);
            }
        })
    }

    /// Takes values back; `found` is called for the rows whose values were there, and told whether they are no more.
    pub fn retract_each(
        &mut self,
        groups: &[u32],
        columns: &[ArrayRef],
        mut found: impl FnMut(usize, bool),
    ) -> Result<()> {
        let values = self.encoding.encode(columns, groups.len())?;
        let numbers = self.numbers_of(groups);
        let (by_number, dead) = (&mut self.groups, &mut self.dead);
        self.table.find(
            &values,
            |row| numbers[row],
            |row, count| {
                let Some(count) = count.filter(|count| **count > 0) else { return };
                *count -= 1;
                if *count == 0 {
                    let group = &mut by_number[numbers[row] as usize];
                    group.entries -= 1;
                    group.nulls -= u32::from(values.values[row].is_null());
                    group.dead += 1;
                    *dead += 1;
                }
                found(row, *count == 0);
            },
        );
        self.sweep();
        Ok(())
    }

    /// Distinct values of a group that are not NULL. (Of several columns, no value counts as NULL.)
    pub fn count(&self, group: u32) -> i64 {
        match self.numbers.get(group as usize) {
            None | Some(&NONE) => 0,
            Some(&number) => {
                let group = &self.groups[number as usize];
                i64::from(group.entries - group.nulls)
            }
        }
    }

    pub fn remove(&mut self, groups: &[u32]) {
        grow(&mut self.numbers, groups, NONE);
        for &group in groups {
            let number = std::mem::replace(&mut self.numbers[group as usize], NONE);
            if number == NONE {
                continue;
            }
            let group = &mut self.groups[number as usize];
            if group.entries + group.dead == 0 {
                self.free.push(number);
            } else {
                self.dead += group.entries as usize;
                *group = Group { retired: true, ..Group::default() };
            }
        }
        self.sweep();
    }

    /// The values with their counts: a list per group.
    pub fn state(&mut self, groups: &[u32]) -> Result<ArrayRef> {
        grow(&mut self.numbers, groups, NONE);
        // Places of the groups' lists, by number: `places` runs from the start of each to its end.
        let mut starts = vec![usize::MAX; self.groups.len()];
        let (mut lengths, mut total) = (Vec::with_capacity(groups.len()), 0);
        for &group in groups {
            let number = self.numbers[group as usize];
            let length = if number == NONE { 0 } else { self.groups[number as usize].entries as usize };
            if number != NONE {
                starts[number as usize] = total;
            }
            lengths.push(length);
            total += length;
        }
        let mut values = vec![Value::NULL; total];
        let mut counts = vec![0i64; total];
        if total > 0 {
            self.table.for_each(|number, value, count| {
                let place = starts[number as usize];
                if count > 0 && place != usize::MAX {
                    values[place] = value;
                    counts[place] = i64::from(count);
                    starts[number as usize] += 1;
                }
            });
        }
        let mut columns = self.encoding.decode(&values, self.table.arena())?;
        columns.push(Arc::new(Int64Array::from(counts)));
        let fields = entry_fields(self.encoding.types());
        let items = StructArray::try_new(fields.clone(), columns, None)?;
        let item = Arc::new(Field::new("item", DataType::Struct(fields), false));
        Ok(Arc::new(ListArray::try_new(item, list_offsets(lengths)?, Arc::new(items), None)?))
    }

    /// Adds values with counts, as of [`DistinctSet::state`]. `first` is given the values that were not there: their
    /// groups, columns, and the rows of both that it is about.
    pub fn merge(
        &mut self,
        groups: &[u32],
        state: &[ArrayRef],
        first: impl FnOnce(&[u32], &[ArrayRef], Vec<u32>) -> Result<()>,
    ) -> Result<()> {
        let damaged = || Error::state("the state of a DISTINCT aggregate is not a list of values and counts");
        let lists = column(state, 0)?.as_list_opt::<i32>().ok_or_else(damaged)?;
        let (begin, end) = (lists.value_offsets()[0] as usize, lists.value_offsets()[lists.len()] as usize);
        let items = lists.values().slice(begin, end - begin);
        let items = items.as_struct_opt().ok_or_else(damaged)?;
        let (_, columns) = items.columns().split_last().ok_or_else(damaged)?;
        let counts = primitive::<Int64Type>(items.columns(), columns.len())?;
        let of_list = |(list, &group)| std::iter::repeat_n(group, lists.value_length(list) as usize);
        let groups: Vec<u32> = groups.iter().enumerate().flat_map(of_list).collect();
        let values = self.encoding.encode(columns, groups.len())?;
        let mut rows = Vec::new();
        let count = |row| u32::try_from(counts.value(row)).unwrap_or(u32::MAX);
        self.add(&groups, &values, count, |row| rows.push(row as u32));
        first(&groups, columns, rows)
    }

    pub fn size(&self) -> usize {
        self.table.size() + self.numbers.capacity() * 4 + self.groups.capacity() * size_of::<Group>()
    }

    fn numbers_of(&mut self, groups: &[u32]) -> Vec<u32> {
        grow(&mut self.numbers, groups, NONE);
        let mut numbers = Vec::with_capacity(groups.len());
        for &group in groups {
            let number = &mut self.numbers[group as usize];
            if *number == NONE {
                *number = self.free.pop().unwrap_or(self.groups.len() as u32);
                if *number as usize == self.groups.len() {
                    self.groups.push(Group::default());
                }
            }
            numbers.push(*number);
        }
        numbers
    }

    fn sweep(&mut self) {
        if self.dead <= self.table.len() / 2 + 1024 {
            return;
        }
        let groups = &mut self.groups;
        self.table.sweep(|number, count| count > 0 && !groups[number as usize].retired, |_, _, _| ());
        for (number, group) in self.groups.iter_mut().enumerate() {
            group.dead = 0;
            if group.retired {
                *group = Group::default();
                self.free.push(number as u32);
            }
        }
        self.dead = 0;
    }
}

fn entry_fields(types: &[DataType]) -> Fields {
    let values =
        types.iter().enumerate().map(|(index, data_type)| Field::new(format!("value{index}"), data_type.clone(), true));
    values.chain([Field::new("count", DataType::Int64, false)]).collect()
}
