//! Where the state of a key is: key columns in, dense slot numbers out.

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::DataType;

use super::encoding::Encoding;
use super::value_table::{Value, ValueTable};
use crate::error::Result;

/// Gives every key a slot: a small number that indexes whatever is kept per key. Slots are dense and used again after
/// [`KeyIndex::remove`]. A key may stand in several groups (a window, the other key of a join), each with a slot of its
/// own.
#[derive(Debug)]
pub struct KeyIndex {
    encoding: Encoding,
    table: ValueTable,
    /// By slot; what is free has its place in `free`.
    keys: Vec<(u32, Value)>,
    free: Vec<u32>,
}

/// The slots of a batch's rows.
#[derive(Debug, Clone, Default)]
pub struct Slots {
    /// Of each row.
    pub slots: Vec<u32>,
    /// The rows that brought a new key, in order.
    pub new: Vec<u32>,
}

/// "No slot", in [`KeyIndex::find`].
pub const NO_SLOT: u32 = u32::MAX;

/// Payload of entries whose slot was removed. Other payloads are the slot plus one, since a new entry's payload is 0.
const DEAD: u32 = u32::MAX;

impl KeyIndex {
    /// An index of keys with columns of these types; none for the one key that is nothing.
    ///
    /// # Errors
    /// Types that cannot be keys.
    pub fn new(types: Vec<DataType>) -> Result<Self> {
        Ok(KeyIndex { encoding: Encoding::new(types)?, table: ValueTable::default(), keys: vec![], free: vec![] })
    }

    /// An index of whole rows: as [`KeyIndex::new`], but values keep their bits, and so differ where their bits do.
    ///
    /// # Errors
    /// Types that have no row format.
    pub fn of_rows(types: Vec<DataType>) -> Result<Self> {
        Ok(KeyIndex { encoding: Encoding::exact(types)?, ..KeyIndex::new(vec![])? })
    }

    /// Keys that have a slot.
    pub fn len(&self) -> usize {
        self.keys.len() - self.free.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All slots are below this.
    pub fn capacity(&self) -> usize {
        self.keys.len()
    }

    /// Bytes held, roughly.
    pub fn size(&self) -> usize {
        self.table.size() + self.keys.capacity() * size_of::<(u32, Value)>() + self.free.capacity() * 4
    }

    /// The slots of `rows` rows, new ones for keys that had none. `group` is the group of each row.
    pub fn slots(&mut self, columns: &[ArrayRef], rows: usize, group: impl Fn(usize) -> u32) -> Result<Slots> {
        let values = self.encoding.encode(columns, rows)?;
        let mut found = Slots { slots: Vec::with_capacity(rows), new: Vec::new() };
        let (keys, free) = (&mut self.keys, &mut self.free);
        self.table.upsert(&values, &group, |row, payload, is_new, stored| {
            if is_new || *payload == DEAD {
                *payload = allot(keys, free, group(row), stored) + 1;
                found.new.push(row as u32);
            }
            found.slots.push(*payload - 1);
        });
        Ok(found)
    }

    /// The slots of keys that have one, [`NO_SLOT`] for others.
    pub fn find(&mut self, columns: &[ArrayRef], rows: usize, group: impl Fn(usize) -> u32) -> Result<Vec<u32>> {
        let values = self.encoding.encode(columns, rows)?;
        let mut slots = Vec::with_capacity(rows);
        self.table.find(&values, group, |_, payload| {
            slots.push(match payload {
                Some(&mut payload) if payload != DEAD => payload - 1,
                _ => NO_SLOT,
            });
        });
        Ok(slots)
    }

    /// The slots of the keys of `slots` in another group, new ones for keys that had none there; and again those that are
    /// new.
    pub fn regroup(&mut self, slots: &[u32], group: u32) -> (Vec<u32>, Vec<u32>) {
        let (mut others, mut new) = (Vec::with_capacity(slots.len()), Vec::new());
        for &slot in slots {
            let value = self.keys[slot as usize].1;
            let (payload, is_new) = self.table.upsert_stored(group, &value);
            if is_new || *payload == DEAD {
                *payload = allot(&mut self.keys, &mut self.free, group, value) + 1;
                new.push(*payload - 1);
            }
            others.push(*payload - 1);
        }
        (others, new)
    }

    /// Forgets the keys of these slots, each named once and in use.
    pub fn remove(&mut self, slots: &[u32]) {
        for &slot in slots {
            let (group, value) = self.keys[slot as usize];
            if let Some(payload) = self.table.get_stored(group, &value) {
                *payload = DEAD;
            }
        }
        self.free.extend_from_slice(slots);
        let dead = self.table.len() - self.len();
        if dead > self.len() + 1024 {
            let keys = &mut self.keys;
            self.table.sweep(|_, payload| payload != DEAD, |_, payload, value| keys[payload as usize - 1].1 = value);
            if self.free.len() == self.keys.len() {
                self.keys.clear();
                self.free.clear();
            }
        }
    }

    /// The keys of slots, as columns.
    pub fn keys(&self, slots: &[u32]) -> Result<Vec<ArrayRef>> {
        let values: Vec<Value> = slots.iter().map(|&slot| self.keys[slot as usize].1).collect();
        self.encoding.decode(&values, self.table.arena())
    }

    /// The slots in use, in the order of their numbers.
    pub fn in_use(&self) -> Vec<u32> {
        let mut free = vec![false; self.keys.len()];
        self.free.iter().for_each(|&slot| free[slot as usize] = true);
        (0..self.keys.len() as u32).filter(|&slot| !free[slot as usize]).collect()
    }

    /// The group of a slot in use.
    pub fn group(&self, slot: u32) -> u32 {
        self.keys[slot as usize].0
    }
}

fn allot(keys: &mut Vec<(u32, Value)>, free: &mut Vec<u32>, group: u32, value: Value) -> u32 {
    match free.pop() {
        Some(slot) => {
            keys[slot as usize] = (group, value);
            slot
        }
        None => {
            keys.push((group, value));
            keys.len() as u32 - 1
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Arc;

    use datafusion::arrow::array::*;
    use datafusion::arrow::compute::take;
    use datafusion::arrow::datatypes::*;
    use proptest::prelude::*;

    use super::*;

    /// Columns of `rows` rows whose values repeat, NULLs among them.
    fn columns(types: &[DataType], seeds: &[u8]) -> Vec<ArrayRef> {
        types
            .iter()
            .enumerate()
            .map(|(index, data_type)| -> ArrayRef {
                let texts: StringArray = seeds
                    .iter()
                    .map(|seed| {
                        let number = (usize::from(*seed) >> index) % 7;
                        (number > 0).then(|| match data_type {
                            DataType::Utf8 => "long enough not to fit, ".repeat(number / 4) + &number.to_string(),
                            DataType::Boolean => (number % 2 == 0).to_string(),
                            _ => number.to_string(),
                        })
                    })
                    .collect();
                if let DataType::List(_) = data_type {
                    let mut lists = ListBuilder::new(StringBuilder::new());
                    texts.iter().for_each(|text| {
                        text.iter().for_each(|text| lists.values().append_value(text));
                        lists.append(text.is_some());
                    });
                    return Arc::new(lists.finish());
                }
                datafusion::arrow::compute::cast(&texts, data_type).unwrap()
            })
            .collect()
    }

    fn shapes() -> Vec<Vec<DataType>> {
        let list = DataType::List(Arc::new(Field::new("item", DataType::Utf8, true)));
        vec![
            vec![],
            vec![DataType::Int64],
            vec![DataType::Boolean],
            vec![DataType::Utf8],
            vec![DataType::Float64],
            vec![DataType::Decimal128(38, 2)],
            vec![DataType::Int32, DataType::Int64, DataType::Int8],
            vec![DataType::Utf8, DataType::Int64],
            vec![DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())), DataType::Date32],
            vec![list, DataType::Boolean],
        ]
    }

    proptest! {
        /// Equal keys have one slot, other keys another; slots give their keys back; what was removed is gone.
        #[test]
        fn slots_are_keys(shape in 0usize..10, batches in proptest::collection::vec(
            proptest::collection::vec((any::<u8>(), 0u32..3), 1..200), 1..8,
        )) {
            let types = shapes()[shape].clone();
            let mut index = KeyIndex::new(types.clone()).unwrap();
            let mut reference: HashMap<(u32, String), u32> = HashMap::new();
            for batch in batches {
                let seeds: Vec<u8> = batch.iter().map(|(seed, _)| *seed).collect();
                let columns = columns(&types, &seeds);
                let name = |columns: &[ArrayRef], row: usize| {
                    columns.iter().map(|column| format!("{:?}|", column.slice(row, 1))).collect::<String>()
                };
                let found = index.slots(&columns, batch.len(), |row| batch[row].1).unwrap();
                let mut new = vec![];
                for (row, &slot) in found.slots.iter().enumerate() {
                    let key = (batch[row].1, name(&columns, row));
                    let expected = *reference.entry(key).or_insert_with(|| { new.push(row as u32); slot });
                    prop_assert_eq!(slot, expected);
                }
                prop_assert_eq!(&found.new, &new);
                prop_assert_eq!(index.len(), reference.len());
                prop_assert_eq!(index.find(&columns, batch.len(), |row| batch[row].1).unwrap(), found.slots.clone());
                let keys = index.keys(&found.slots).unwrap();
                for (key, column) in keys.iter().zip(&columns) {
                    prop_assert_eq!(key, column);
                }
                let gone: Vec<u32> = index.in_use().into_iter().filter(|slot| slot % 3 == 1).collect();
                reference.retain(|_, slot| !gone.contains(slot));
                index.remove(&gone);
                prop_assert_eq!(index.in_use().len(), reference.len());
            }
        }
    }

    #[test]
    fn slots_are_used_again_and_sweeps_keep_keys() {
        let mut index = KeyIndex::new(vec![DataType::Utf8]).unwrap();
        for round in 0..10 {
            let texts: ArrayRef = Arc::new(StringArray::from_iter_values(
                (0..3000).map(|i| format!("a key of round {round} number {i}")),
            ));
            let found = index.slots(std::slice::from_ref(&texts), 3000, |_| 0).unwrap();
            let keep: Vec<u32> = found.slots[..10].to_vec();
            index.remove(&found.slots[10..]);
            let kept = index.keys(&keep).unwrap();
            assert_eq!(&kept[0], &take(&texts, &UInt32Array::from_iter_values(0..10), None).unwrap());
        }
        assert_eq!(index.len(), 100);
        assert!(index.capacity() <= 3100);
    }

    #[test]
    fn regroup_finds_the_key_in_the_other_group() {
        let mut index = KeyIndex::new(vec![DataType::Int64]).unwrap();
        let keys: ArrayRef = Arc::new(Int64Array::from(vec![Some(5), None]));
        let first = index.slots(std::slice::from_ref(&keys), 2, |_| 1).unwrap().slots;
        let (other, new) = index.regroup(&first, 2);
        assert_eq!(other, new);
        assert_eq!(index.slots(std::slice::from_ref(&keys), 2, |_| 2).unwrap().slots, other);
        assert_eq!(&index.keys(&other).unwrap()[0], &keys);
        assert_eq!(index.group(other[0]), 2);
    }
}
