//! MIN and MAX.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, ArrowNativeTypeOp, ArrowPrimitiveType, AsArray, BinaryArray, BinaryBuilder, Int64Array, ListArray,
    PrimitiveArray, StructArray, new_empty_array,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields, Int8Type, Int64Type};
use datafusion::arrow::downcast_primitive_array;

use super::{BuiltinAggregate, column, grow, list_offsets, primitive};
use crate::error::{Error, Result};
use crate::functions::{Accumulators, AggregateFunction};

pub(super) const MIN: BuiltinAggregate = BuiltinAggregate {
    name: "MIN",
    signature: "MIN(value)",
    doc: "The smallest of the values that are not NULL; NULL if there are none. Strings compare by their bytes.",
    resolve: |types| Extreme::of(types, Ordering::Less),
};

pub(super) const MAX: BuiltinAggregate = BuiltinAggregate {
    name: "MAX",
    signature: "MAX(value)",
    doc: "The largest of the values that are not NULL; NULL if there are none. Strings compare by their bytes.",
    resolve: |types| Extreme::of(types, Ordering::Greater),
};

#[derive(Debug)]
struct Extreme {
    value_type: DataType,
    /// What a value that replaces another is to it.
    better: Ordering,
}

impl Extreme {
    fn of(types: &[DataType], better: Ordering) -> Option<Arc<dyn AggregateFunction>> {
        let [value_type] = types else { return None };
        let ordered =
            value_type.is_primitive() || matches!(value_type, DataType::Boolean | DataType::Utf8 | DataType::Binary);
        ordered.then(|| Arc::new(Extreme { value_type: value_type.clone(), better }) as _)
    }
}

impl AggregateFunction for Extreme {
    fn name(&self) -> &str {
        if self.better == Ordering::Less { MIN.name } else { MAX.name }
    }

    fn return_type(&self) -> DataType {
        self.value_type.clone()
    }

    /// The values with how often each is there; if rows are never taken back, only the extreme one.
    fn state_fields(&self) -> Vec<FieldRef> {
        let entry = Field::new("item", DataType::Struct(entry_fields(&self.value_type)), false);
        vec![Arc::new(Field::new("values", DataType::List(Arc::new(entry)), false))]
    }

    fn retracts(&self) -> bool {
        true
    }

    fn merges(&self) -> bool {
        true
    }

    fn distinct(&self, _argument_types: &[DataType]) -> Option<Arc<dyn AggregateFunction>> {
        Some(Arc::new(Extreme { value_type: self.value_type.clone(), better: self.better }))
    }

    fn create(&self, append_only: bool) -> Result<Box<dyn Accumulators>> {
        let example = &new_empty_array(&self.value_type);
        Ok(downcast_primitive_array!(
            example => self.accumulators_like(example, append_only),
            DataType::Boolean => self.accumulators::<Boolean>(append_only),
            _ => self.accumulators::<Bytes>(append_only)
        ))
    }
}

impl Extreme {
    fn accumulators_like<T: ArrowPrimitiveType>(
        &self,
        _example: &PrimitiveArray<T>,
        append_only: bool,
    ) -> Box<dyn Accumulators> {
        self.accumulators::<Primitive<T>>(append_only)
    }

    fn accumulators<V: Values>(&self, append_only: bool) -> Box<dyn Accumulators> {
        let (value_type, better) = (self.value_type.clone(), self.better);
        if append_only {
            Box::new(Best::<V> { value_type, better, values: vec![] })
        } else {
            Box::new(Multisets::<V> { value_type, better, values: vec![] })
        }
    }
}

fn entry_fields(value_type: &DataType) -> Fields {
    Fields::from(vec![Field::new("value", value_type.clone(), false), Field::new("count", DataType::Int64, false)])
}

/// A class of columns whose values have an order.
trait Values: 'static {
    /// A value that is kept.
    type Owned: Ord + Clone + Send;
    /// A value in a column, which compares with a kept one without a copy.
    type Borrowed<'a>;

    /// Every value that is not NULL, with its row.
    fn for_each<'a>(column: &'a ArrayRef, visit: impl FnMut(usize, Self::Borrowed<'a>)) -> Result<()>;
    fn compare(value: &Self::Borrowed<'_>, kept: &Self::Owned) -> Ordering;
    fn keep(value: Self::Borrowed<'_>) -> Self::Owned;
    fn column<'a>(values: impl Iterator<Item = Option<&'a Self::Owned>>, value_type: &DataType) -> Result<ArrayRef>;
    fn size(value: &Self::Owned) -> usize;
}

struct Primitive<T>(std::marker::PhantomData<T>);

/// A native value in its total order.
#[derive(Clone, Copy)]
struct Ordered<N>(N);

impl<N: ArrowNativeTypeOp> PartialEq for Ordered<N> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<N: ArrowNativeTypeOp> Eq for Ordered<N> {}

impl<N: ArrowNativeTypeOp> PartialOrd for Ordered<N> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<N: ArrowNativeTypeOp> Ord for Ordered<N> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.compare(other.0)
    }
}

impl<T: ArrowPrimitiveType> Values for Primitive<T> {
    type Owned = Ordered<T::Native>;
    type Borrowed<'a> = T::Native;

    fn for_each<'a>(column: &'a ArrayRef, mut visit: impl FnMut(usize, Self::Borrowed<'a>)) -> Result<()> {
        let column = primitive::<T>(std::slice::from_ref(column), 0)?;
        match column.nulls().filter(|nulls| nulls.null_count() > 0) {
            None => column.values().iter().enumerate().for_each(|(row, &value)| visit(row, value)),
            Some(nulls) => nulls.valid_indices().for_each(|row| visit(row, column.values()[row])),
        }
        Ok(())
    }

    fn compare(value: &T::Native, kept: &Self::Owned) -> Ordering {
        value.compare(kept.0)
    }

    fn keep(value: T::Native) -> Self::Owned {
        Ordered(value)
    }

    fn column<'a>(values: impl Iterator<Item = Option<&'a Self::Owned>>, value_type: &DataType) -> Result<ArrayRef> {
        let column: PrimitiveArray<T> = values.map(|value| value.map(|value| value.0)).collect();
        Ok(Arc::new(column.with_data_type(value_type.clone())))
    }

    fn size(_: &Self::Owned) -> usize {
        0
    }
}

struct Boolean;

impl Values for Boolean {
    type Owned = bool;
    type Borrowed<'a> = bool;

    fn for_each<'a>(column: &'a ArrayRef, mut visit: impl FnMut(usize, Self::Borrowed<'a>)) -> Result<()> {
        let numbers = cast(column, &DataType::Int8)?;
        Primitive::<Int8Type>::for_each(&numbers, |row, number| visit(row, number != 0))
    }

    fn compare(value: &bool, kept: &bool) -> Ordering {
        value.cmp(kept)
    }

    fn keep(value: bool) -> bool {
        value
    }

    fn column<'a>(values: impl Iterator<Item = Option<&'a bool>>, _: &DataType) -> Result<ArrayRef> {
        let column: datafusion::arrow::array::BooleanArray = values.map(|value| value.copied()).collect();
        Ok(Arc::new(column))
    }

    fn size(_: &bool) -> usize {
        0
    }
}

/// UTF-8 and binary.
struct Bytes;

impl Values for Bytes {
    type Owned = Box<[u8]>;
    type Borrowed<'a> = &'a [u8];

    fn for_each<'a>(column: &'a ArrayRef, mut visit: impl FnMut(usize, &'a [u8])) -> Result<()> {
        let mut each = |row: usize, value: &'a [u8]| {
            if column.is_valid(row) {
                visit(row, value);
            }
        };
        match column.data_type() {
            DataType::Utf8 => {
                let texts = column.as_string::<i32>();
                (0..texts.len()).for_each(|row| each(row, texts.value(row).as_bytes()));
            }
            DataType::Binary => {
                let bytes = column.as_binary::<i32>();
                (0..bytes.len()).for_each(|row| each(row, bytes.value(row)));
            }
            other => return Err(Error::bug(format!("MIN or MAX of bytes was given a column of {other}"))),
        }
        Ok(())
    }

    fn compare(value: &&[u8], kept: &Self::Owned) -> Ordering {
        (*value).cmp(kept)
    }

    fn keep(value: &[u8]) -> Self::Owned {
        value.into()
    }

    fn column<'a>(values: impl Iterator<Item = Option<&'a Self::Owned>>, value_type: &DataType) -> Result<ArrayRef> {
        let mut column = BinaryBuilder::new();
        values.for_each(|value| column.append_option(value));
        let column: BinaryArray = column.finish();
        Ok(cast(&column, value_type)?)
    }

    fn size(value: &Self::Owned) -> usize {
        value.len()
    }
}

/// Of each group the best value: enough where no row is taken back.
struct Best<V: Values> {
    value_type: DataType,
    better: Ordering,
    values: Vec<Option<V::Owned>>,
}

impl<V: Values> Best<V> {
    fn add(&mut self, column: &ArrayRef, group_of: impl Fn(usize) -> u32) -> Result<()> {
        V::for_each(column, |row, value| {
            let best = &mut self.values[group_of(row) as usize];
            if best.as_ref().is_none_or(|best| V::compare(&value, best) == self.better) {
                *best = Some(V::keep(value));
            }
        })
    }
}

impl<V: Values> Accumulators for Best<V> {
    fn accumulate(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<()> {
        grow(&mut self.values, groups, None);
        self.add(column(columns, 0)?, |row| groups[row])
    }

    fn retract(&mut self, _groups: &[u32], _columns: &[ArrayRef]) -> Result<()> {
        Err(Error::bug("MIN or MAX over an append-only stream was asked to retract"))
    }

    fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        grow(&mut self.values, groups, None);
        let entries = Entries::of(state, groups)?;
        self.add(&entries.values, |row| entries.groups[row])
    }

    fn evaluate(&mut self, groups: &[u32]) -> Result<ArrayRef> {
        grow(&mut self.values, groups, None);
        V::column(groups.iter().map(|&group| self.values[group as usize].as_ref()), &self.value_type)
    }

    fn state(&mut self, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        grow(&mut self.values, groups, None);
        let best = groups.iter().map(|&group| self.values[group as usize].as_ref().map(|value| (value, 1)));
        entries_column::<V>(best, &self.value_type)
    }

    fn restore(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        self.remove(groups)?;
        self.merge(groups, state)
    }

    fn remove(&mut self, groups: &[u32]) -> Result<()> {
        grow(&mut self.values, groups, None);
        groups.iter().for_each(|&group| self.values[group as usize] = None);
        Ok(())
    }

    fn size(&self) -> usize {
        self.values.capacity() * size_of::<Option<V::Owned>>()
            + self.values.iter().flatten().map(V::size).sum::<usize>()
    }
}

/// Of each group all values with how often they are there.
struct Multisets<V: Values> {
    value_type: DataType,
    better: Ordering,
    values: Vec<BTreeMap<V::Owned, i64>>,
}

impl<V: Values> Accumulators for Multisets<V> {
    fn accumulate(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<()> {
        grow(&mut self.values, groups, BTreeMap::new());
        V::for_each(column(columns, 0)?, |row, value| {
            *self.values[groups[row] as usize].entry(V::keep(value)).or_insert(0) += 1;
        })
    }

    /// A value that is not there stays so: the row was never accumulated.
    fn retract(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<()> {
        grow(&mut self.values, groups, BTreeMap::new());
        V::for_each(column(columns, 0)?, |row, value| {
            let values = &mut self.values[groups[row] as usize];
            let value = V::keep(value);
            if let Some(count) = values.get_mut(&value) {
                *count -= 1;
                if *count == 0 {
                    values.remove(&value);
                }
            }
        })
    }

    fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        grow(&mut self.values, groups, BTreeMap::new());
        let entries = Entries::of(state, groups)?;
        V::for_each(&entries.values, |row, value| {
            *self.values[entries.groups[row] as usize].entry(V::keep(value)).or_insert(0) += entries.counts.value(row);
        })
    }

    fn evaluate(&mut self, groups: &[u32]) -> Result<ArrayRef> {
        grow(&mut self.values, groups, BTreeMap::new());
        let better = self.better;
        let best = groups.iter().map(|&group| {
            let values = &self.values[group as usize];
            let best = if better == Ordering::Less { values.first_key_value() } else { values.last_key_value() };
            best.map(|(value, _)| value)
        });
        V::column(best, &self.value_type)
    }

    fn state(&mut self, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        grow(&mut self.values, groups, BTreeMap::new());
        let all = groups.iter().map(|&group| self.values[group as usize].iter().map(|(value, &count)| (value, count)));
        entries_column::<V>(all, &self.value_type)
    }

    fn restore(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        self.remove(groups)?;
        self.merge(groups, state)
    }

    fn remove(&mut self, groups: &[u32]) -> Result<()> {
        grow(&mut self.values, groups, BTreeMap::new());
        groups.iter().for_each(|&group| self.values[group as usize] = BTreeMap::new());
        Ok(())
    }

    fn size(&self) -> usize {
        let entry = size_of::<V::Owned>() + size_of::<i64>();
        let of_group = |values: &BTreeMap<V::Owned, i64>| {
            size_of::<BTreeMap<V::Owned, i64>>() + values.keys().map(|value| entry + V::size(value)).sum::<usize>()
        };
        self.values.iter().map(of_group).sum()
    }
}

/// A state column taken apart: a row per value.
struct Entries {
    groups: Vec<u32>,
    values: ArrayRef,
    counts: Int64Array,
}

impl Entries {
    fn of(state: &[ArrayRef], groups: &[u32]) -> Result<Self> {
        let damaged = || Error::state("the state of MIN or MAX is not a list of values and counts");
        let lists = column(state, 0)?.as_list_opt::<i32>().ok_or_else(damaged)?;
        let (first, last) = (lists.value_offsets()[0] as usize, lists.value_offsets()[lists.len()] as usize);
        let items = lists.values().slice(first, last - first);
        let items = items.as_struct_opt().filter(|items| items.num_columns() == 2).ok_or_else(damaged)?;
        let of_list = |(list, &group)| std::iter::repeat_n(group, lists.value_length(list) as usize);
        Ok(Entries {
            groups: groups.iter().enumerate().flat_map(of_list).collect(),
            values: items.column(0).clone(),
            counts: primitive::<Int64Type>(items.columns(), 1)?.clone(),
        })
    }
}

fn entries_column<'a, V: Values>(
    groups: impl Iterator<Item = impl IntoIterator<Item = (&'a V::Owned, i64)>>,
    value_type: &DataType,
) -> Result<Vec<ArrayRef>> {
    let (mut values, mut counts, mut lengths) = (vec![], vec![], vec![]);
    for group in groups {
        let before = counts.len();
        for (value, count) in group {
            values.push(value);
            counts.push(count);
        }
        lengths.push(counts.len() - before);
    }
    let fields = entry_fields(value_type);
    let values = V::column(values.into_iter().map(Some), value_type)?;
    let items = StructArray::try_new(fields.clone(), vec![values, Arc::new(Int64Array::from(counts))], None)?;
    let item = Arc::new(Field::new("item", DataType::Struct(fields), false));
    Ok(vec![Arc::new(ListArray::try_new(item, list_offsets(lengths)?, Arc::new(items), None)?)])
}
