//! LISTAGG.

use std::collections::VecDeque;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, StringArray, StringBuilder};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};

use super::arrival::{ArrivalAccumulators, Arrivals};
use super::{BuiltinAggregate, column, grow};
use crate::error::{Error, Result};
use crate::functions::scalar::LONGEST;
use crate::functions::{Accumulators, AggregateFunction};

pub(super) const LISTAGG: BuiltinAggregate = BuiltinAggregate {
    name: "LISTAGG",
    signature: "LISTAGG([DISTINCT] text [, separator])",
    doc: "The texts that are not NULL in the order in which they arrived, joined by the separator (a comma if there is \
          none); NULL if there are none.",
    resolve: |types| match types {
        [DataType::Utf8] | [DataType::Utf8, DataType::Utf8] => Some(Arc::new(Listagg)),
        _ => None,
    },
};

#[derive(Debug)]
struct Listagg;

impl AggregateFunction for Listagg {
    fn name(&self) -> &str {
        LISTAGG.name
    }

    fn return_type(&self) -> DataType {
        DataType::Utf8
    }

    fn state_fields(&self) -> Vec<FieldRef> {
        let mut fields = ArrivalAccumulators::<All>::state_fields(&DataType::Utf8);
        fields.push(Arc::new(Field::new("separator", DataType::Utf8, true)));
        fields
    }

    fn retracts(&self) -> bool {
        true
    }

    /// The order of arrival cannot be told from two states.
    fn merges(&self) -> bool {
        false
    }

    fn create(&self, _append_only: bool) -> Result<Box<dyn Accumulators>> {
        let texts = ArrivalAccumulators::new(DataType::Utf8, false)?;
        Ok(Box::new(ListaggAccumulators { texts, separators: vec![] }))
    }
}

/// All texts of a group, one after another; [`ListaggAccumulators`] puts the separators between them.
struct All;

impl Arrivals for All {
    fn keep(_values: &mut VecDeque<Box<[u8]>>) {}

    fn evaluate(values: &VecDeque<Box<[u8]>>, out: &mut Vec<u8>) -> bool {
        values.iter().for_each(|value| out.extend_from_slice(value));
        !values.is_empty()
    }
}

struct ListaggAccumulators {
    texts: ArrivalAccumulators<All>,
    /// By group, the last that was given; `None` is a comma.
    separators: Vec<Option<Box<str>>>,
}

impl ListaggAccumulators {
    fn set_separators(&mut self, groups: &[u32], separators: Option<&ArrayRef>) -> Result<()> {
        grow(&mut self.separators, groups, None);
        let Some(separators) = separators else { return Ok(()) };
        let separators = separators.as_string_opt::<i32>();
        let separators = separators.ok_or_else(|| Error::bug("the separator of LISTAGG is no text"))?;
        for (&group, separator) in groups.iter().zip(separators) {
            let kept = &mut self.separators[group as usize];
            if let Some(separator) = separator.filter(|&separator| kept.as_deref() != Some(separator)) {
                *kept = Some(separator.into());
            }
        }
        Ok(())
    }
}

impl Accumulators for ListaggAccumulators {
    fn accumulate(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<()> {
        self.set_separators(groups, columns.get(1))?;
        self.texts.accumulate(groups, columns)
    }

    fn retract(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<()> {
        self.texts.retract(groups, columns)
    }

    fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        self.set_separators(groups, state.get(1))?;
        self.texts.merge(groups, state)
    }

    fn evaluate(&mut self, groups: &[u32]) -> Result<ArrayRef> {
        grow(&mut self.separators, groups, None);
        let state = self.texts.state(groups)?;
        let lists = column(&state, 0)?.as_list_opt::<i32>().ok_or_else(|| Error::bug("the texts are no list"))?;
        let texts = lists.values().as_string_opt::<i32>().ok_or_else(|| Error::bug("the texts are no texts"))?;
        let mut joined = StringBuilder::with_capacity(groups.len(), texts.values().len());
        let mut text = String::new();
        for (row, &group) in groups.iter().enumerate() {
            let (start, end) = (lists.value_offsets()[row] as usize, lists.value_offsets()[row + 1] as usize);
            if start == end {
                joined.append_null();
                continue;
            }
            let separator = self.separators[group as usize].as_deref().unwrap_or(",");
            let length = (texts.value_offsets()[end] - texts.value_offsets()[start]) as usize
                + separator.len().saturating_mul(end - start - 1);
            if length > LONGEST {
                return Err(Error::user(format!("LISTAGG: the text of a group would be longer than {LONGEST} bytes")));
            }
            if joined.values_slice().len() + length > i32::MAX as usize {
                return Err(Error::user("LISTAGG: more than 2 GiB of texts in one batch of groups"));
            }
            text.clear();
            for index in start..end {
                if index > start {
                    text.push_str(separator);
                }
                text.push_str(texts.value(index));
            }
            joined.append_value(&text);
        }
        Ok(Arc::new(joined.finish()))
    }

    fn state(&mut self, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        grow(&mut self.separators, groups, None);
        let mut state = self.texts.state(groups)?;
        let separators = groups.iter().map(|&group| self.separators[group as usize].as_deref());
        state.push(Arc::new(separators.collect::<StringArray>()));
        Ok(state)
    }

    fn restore(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        self.remove(groups)?;
        self.merge(groups, state)
    }

    fn remove(&mut self, groups: &[u32]) -> Result<()> {
        grow(&mut self.separators, groups, None);
        groups.iter().for_each(|&group| self.separators[group as usize] = None);
        self.texts.remove(groups)
    }

    fn size(&self) -> usize {
        self.texts.size() + self.separators.capacity() * size_of::<Option<Box<str>>>()
    }
}
