//! Values in the order in which they arrived: what FIRST_VALUE, LAST_VALUE and LISTAGG keep.

use std::collections::VecDeque;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, ListArray};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};

use super::{column, grow, list_offsets};
use crate::error::{Error, Result};
use crate::functions::Accumulators;
use crate::state::{Encoding, Value};

/// What is made of a group's values.
pub(super) trait Arrivals: Send {
    /// Which values must be kept where no row is taken back.
    fn keep(values: &mut VecDeque<Box<[u8]>>);

    /// The value of a group, appended to `out`; `false` for NULL.
    fn evaluate(values: &VecDeque<Box<[u8]>>, out: &mut Vec<u8>) -> bool;
}

/// Accumulators that keep the values that are not NULL as bytes.
pub(super) struct ArrivalAccumulators<A> {
    encoding: Encoding,
    /// By group, the oldest first.
    values: Vec<VecDeque<Box<[u8]>>>,
    append_only: bool,
    arrivals: std::marker::PhantomData<A>,
}

impl<A: Arrivals> ArrivalAccumulators<A> {
    pub fn new(value_type: DataType, append_only: bool) -> Result<Self> {
        let encoding = Encoding::exact(vec![value_type])?;
        Ok(ArrivalAccumulators { encoding, values: vec![], append_only, arrivals: std::marker::PhantomData })
    }

    pub fn state_fields(value_type: &DataType) -> Vec<FieldRef> {
        let item = Arc::new(Field::new("item", value_type.clone(), false));
        vec![Arc::new(Field::new("values", DataType::List(item), false))]
    }

    fn for_each(&self, values: &ArrayRef, mut visit: impl FnMut(usize, Vec<u8>)) -> Result<()> {
        let nulls = values.logical_nulls();
        let encoded = self.encoding.encode(std::slice::from_ref(values), values.len())?;
        for (row, value) in encoded.values.iter().enumerate() {
            if nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)) {
                let mut bytes = Vec::new();
                value.append_to(&encoded.buffer, &mut bytes);
                visit(row, bytes);
            }
        }
        Ok(())
    }

    fn add(&mut self, values: &ArrayRef, group_of: impl Fn(usize) -> u32) -> Result<()> {
        let mut by_group = std::mem::take(&mut self.values);
        let added = self.for_each(values, |row, bytes| {
            let values = &mut by_group[group_of(row) as usize];
            values.push_back(bytes.into());
            if self.append_only {
                A::keep(values);
            }
        });
        self.values = by_group;
        added
    }

    /// Bytes as a column again; `None` is NULL.
    fn decode<'a>(&self, values: impl Iterator<Item = Option<&'a [u8]>>) -> Result<ArrayRef> {
        let mut buffer = Vec::new();
        let mut places = Vec::new();
        for value in values {
            places.push(value.map(|bytes| (buffer.len(), bytes.len())));
            buffer.extend_from_slice(value.unwrap_or_default());
        }
        let values: Vec<Value> = places
            .into_iter()
            .map(|place| place.map_or(Value::NULL, |(offset, length)| Value::from_bytes(&buffer, offset, length)))
            .collect();
        let mut columns = self.encoding.decode(&values, &buffer)?;
        columns.pop().ok_or_else(|| Error::bug("a value without a column"))
    }
}

impl<A: Arrivals> Accumulators for ArrivalAccumulators<A> {
    fn accumulate(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<()> {
        grow(&mut self.values, groups, VecDeque::new());
        self.add(column(columns, 0)?, |row| groups[row])
    }

    /// The oldest of equal values goes first.
    fn retract(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<()> {
        grow(&mut self.values, groups, VecDeque::new());
        let mut by_group = std::mem::take(&mut self.values);
        let taken = self.for_each(column(columns, 0)?, |row, bytes| {
            let values = &mut by_group[groups[row] as usize];
            if let Some(place) = values.iter().position(|value| **value == *bytes) {
                values.remove(place);
            }
        });
        self.values = by_group;
        taken
    }

    fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        grow(&mut self.values, groups, VecDeque::new());
        let lists = column(state, 0)?.as_list_opt::<i32>();
        let lists = lists.ok_or_else(|| Error::state("the state of an aggregate is not a list of values"))?;
        let (begin, end) = (lists.value_offsets()[0] as usize, lists.value_offsets()[lists.len()] as usize);
        let of_list = |(list, &group)| std::iter::repeat_n(group, lists.value_length(list) as usize);
        let groups: Vec<u32> = groups.iter().enumerate().flat_map(of_list).collect();
        self.add(&lists.values().slice(begin, end - begin), |row| groups[row])
    }

    fn evaluate(&mut self, groups: &[u32]) -> Result<ArrayRef> {
        grow(&mut self.values, groups, VecDeque::new());
        let mut buffer = Vec::new();
        let mut places = Vec::with_capacity(groups.len());
        for &group in groups {
            let start = buffer.len();
            let is_valid = A::evaluate(&self.values[group as usize], &mut buffer);
            places.push(is_valid.then_some(start..buffer.len()));
        }
        self.decode(places.into_iter().map(|place| place.map(|place| &buffer[place])))
    }

    fn state(&mut self, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        grow(&mut self.values, groups, VecDeque::new());
        let lists = || groups.iter().map(|&group| &self.values[group as usize]);
        let items = self.decode(lists().flatten().map(|value| Some(value.as_ref())))?;
        let item = Arc::new(Field::new("item", items.data_type().clone(), false));
        let offsets = list_offsets(lists().map(VecDeque::len))?;
        Ok(vec![Arc::new(ListArray::try_new(item, offsets, items, None)?)])
    }

    fn restore(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        self.remove(groups)?;
        self.merge(groups, state)
    }

    fn remove(&mut self, groups: &[u32]) -> Result<()> {
        grow(&mut self.values, groups, VecDeque::new());
        groups.iter().for_each(|&group| self.values[group as usize] = VecDeque::new());
        Ok(())
    }

    fn size(&self) -> usize {
        let value = size_of::<Box<[u8]>>();
        let of_group = |values: &VecDeque<Box<[u8]>>| values.iter().map(|bytes| value + bytes.len()).sum::<usize>();
        self.values.capacity() * size_of::<VecDeque<Box<[u8]>>>() + self.values.iter().map(of_group).sum::<usize>()
    }
}
