//! From the nodes that a guest returned to an Arrow array, with everything checked that Arrow relies upon: a guest can
//! say what it likes, and no array that would break an operator comes out.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BinaryArray, BooleanArray, ListArray, MapArray, PrimitiveArray, StringArray, StructArray,
};
use arrow::buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{ArrowPrimitiveType, DataType, Field, IntervalUnit, TimeUnit};
use arrow::datatypes::{
    Date32Type, Decimal128Type, DurationMillisecondType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, IntervalYearMonthType, Time32MillisecondType, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};

use crate::wire::lift::{Buffers, LiftedColumns, Nodes};

const MILLISECONDS_OF_DAY: i32 = 86_400_000;
/// Rows of a struct without fields: they take no bytes, so that the limit on output does not see them.
const MAX_EMPTY_ROWS: usize = 1 << 20;
/// No node has more buffers than this: validity, offsets, data.
const MAX_BUFFERS: usize = 3;

/// Returned columns, taken one after the other.
pub(crate) struct Decoder {
    nodes: <Nodes as IntoIterator>::IntoIter,
    buffers: <Buffers as IntoIterator>::IntoIter,
    /// Of the columns read so far, outermost rows; of the one being read, its own.
    faults: Vec<Fault>,
}

/// A value that its type does not have, in a column that is as it should be otherwise. In the array stands another.
#[derive(Debug)]
pub(crate) struct Fault {
    pub row: usize,
    /// What is wrong with it: `is not UTF-8`.
    pub what: String,
}

/// The array of the only column, which should be of `field` and have `rows` rows; and the rows whose value it is not.
pub(crate) fn decode(columns: LiftedColumns, field: &Field, rows: usize) -> Result<(ArrayRef, Vec<Fault>), String> {
    let mut decoder = Decoder::new(columns);
    let array = decoder.column(field, rows)?;
    let faults = std::mem::take(&mut decoder.faults);
    decoder.finish(|| format!("{} of type {}", label(field), field.data_type()))?;
    Ok((array, faults))
}

/// The arrays of columns, which should be of `fields`, in which NULL stands only where they allow it.
pub(crate) fn decode_all<'a>(
    columns: LiftedColumns,
    fields: impl ExactSizeIterator<Item = &'a Field>,
    rows: usize,
) -> Result<Vec<ArrayRef>, String> {
    let mut decoder = Decoder::new(columns);
    let mut arrays = Vec::with_capacity(fields.len());
    for field in fields {
        let array = decoder.column(field, rows)?;
        if let Some(Fault { row, what }) = decoder.faults.first() {
            return Err(format!("{} of type {}: row {row} {what}", label(field), field.data_type()));
        }
        if !field.is_nullable() && array.null_count() > 0 {
            return Err(format!("{} holds NULL, which its type forbids", label(field)));
        }
        arrays.push(array);
    }
    decoder.finish(|| format!("{} columns", arrays.len()))?;
    Ok(arrays)
}

impl Decoder {
    fn new(columns: LiftedColumns) -> Self {
        Decoder { nodes: columns.nodes.into_iter(), buffers: columns.buffers.into_iter(), faults: Vec::new() }
    }

    /// The next column. Errors say what is wrong, without saying whose it is.
    ///
    /// The nullability of the top field is not checked: rows in error are NULL whatever it says.
    fn column(&mut self, field: &Field, rows: usize) -> Result<ArrayRef, String> {
        let array = self.read(field)?;
        if array.len() != rows {
            return Err(format!("{} has {} rows instead of {rows}", label(field), array.len()));
        }
        Ok(array)
    }

    fn finish(self, what: impl Fn() -> String) -> Result<(), String> {
        match (self.nodes.len(), self.buffers.len()) {
            (0, 0) => Ok(()),
            (0, buffers) => Err(format!("{buffers} buffers are left over after {}", what())),
            (nodes, _) => Err(format!("{nodes} nodes are left over after {}", what())),
        }
    }

    /// A column whose values the offsets cut into those of its parent, which has its faults then.
    fn items(&mut self, field: &Field, offsets: &OffsetBuffer<i32>) -> Result<ArrayRef, String> {
        let before = self.faults.len();
        let items = self.child(field, None)?;
        for fault in &mut self.faults[before..] {
            fault.row = offsets.partition_point(|offset| *offset as usize <= fault.row).saturating_sub(1);
        }
        Ok(items)
    }

    /// A column within another. One that is not nullable has no NULL where its parent has none.
    fn child(&mut self, field: &Field, parent: Option<&NullBuffer>) -> Result<ArrayRef, String> {
        let child = self.read(field)?;
        if field.is_nullable() || child.null_count() == 0 {
            return Ok(child);
        }
        let hides = |row| parent.is_some_and(|parent| row < parent.len() && parent.is_null(row));
        for row in (0..child.len()).filter(|&row| child.is_null(row) && !hides(row)) {
            let what = format!("holds NULL in '{}', which its type forbids", field.name());
            self.faults.push(Fault { row, what });
        }
        // What stands where a NULL is, is some value of the type. That holds for what its parent hides too: the parent
        // may lose its own NULLs in turn.
        let data = child.to_data().into_builder().nulls(None);
        // SAFETY: the array was valid, and has no validity now.
        Ok(arrow::array::make_array(unsafe { data.build_unchecked() }))
    }

    fn read(&mut self, field: &Field) -> Result<ArrayRef, String> {
        let (length, null_count) = self
            .nodes
            .next()
            .ok_or_else(|| format!("the nodes end before {} of type {}", label(field), field.data_type()))?;
        let buffers = [const { None }; MAX_BUFFERS];
        let reader = Reader { field, length: length as usize, null_count: null_count as usize, buffers };
        reader.array(self)
    }
}

struct Reader<'a> {
    field: &'a Field,
    length: usize,
    null_count: usize,
    buffers: [Option<Buffer>; MAX_BUFFERS],
}

impl Reader<'_> {
    fn array(mut self, decoder: &mut Decoder) -> Result<ArrayRef, String> {
        let field = self.field;
        match field.data_type() {
            DataType::Boolean => self.boolean(decoder),
            DataType::Int8 => self.primitive::<Int8Type>(decoder),
            DataType::Int16 => self.primitive::<Int16Type>(decoder),
            DataType::Int32 => self.primitive::<Int32Type>(decoder),
            DataType::Int64 => self.primitive::<Int64Type>(decoder),
            DataType::Float32 => self.primitive::<Float32Type>(decoder),
            DataType::Float64 => self.primitive::<Float64Type>(decoder),
            DataType::Date32 => self.primitive::<Date32Type>(decoder),
            DataType::Time32(TimeUnit::Millisecond) => self.time(decoder),
            DataType::Timestamp(TimeUnit::Second, _) => self.primitive::<TimestampSecondType>(decoder),
            DataType::Timestamp(TimeUnit::Millisecond, _) => self.primitive::<TimestampMillisecondType>(decoder),
            DataType::Timestamp(TimeUnit::Microsecond, _) => self.primitive::<TimestampMicrosecondType>(decoder),
            DataType::Timestamp(TimeUnit::Nanosecond, _) => self.primitive::<TimestampNanosecondType>(decoder),
            DataType::Interval(IntervalUnit::YearMonth) => self.primitive::<IntervalYearMonthType>(decoder),
            DataType::Duration(TimeUnit::Millisecond) => self.primitive::<DurationMillisecondType>(decoder),
            DataType::Decimal128(precision, scale) => self.decimal(decoder, *precision, *scale),
            DataType::Utf8 => self.string(decoder),
            DataType::Binary => self.binary(decoder),
            DataType::List(item) => {
                let nulls = self.expect(decoder, 2)?;
                let offsets = self.offsets()?;
                let values = decoder.items(item, &offsets)?;
                self.check_reach(&offsets, values.len())?;
                let array = ListArray::try_new(item.clone(), offsets, values, nulls);
                array.map(|array| Arc::new(array) as ArrayRef).map_err(|error| self.wrong(error))
            }
            DataType::Map(entries_field, sorted) => {
                let nulls = self.expect(decoder, 2)?;
                let offsets = self.offsets()?;
                let entries = decoder.items(entries_field, &offsets)?;
                self.check_reach(&offsets, entries.len())?;
                let entries = entries
                    .as_any()
                    .downcast_ref::<StructArray>()
                    .ok_or_else(|| self.wrong("entries are no struct"))?
                    .clone();
                let array = MapArray::try_new(entries_field.clone(), offsets, entries, nulls, *sorted);
                array.map(|array| Arc::new(array) as ArrayRef).map_err(|error| self.wrong(error))
            }
            DataType::Struct(fields) => {
                let nulls = self.expect(decoder, 1)?;
                if fields.is_empty() && self.length > MAX_EMPTY_ROWS {
                    let reason = format!("it has {} rows without a field, more than {MAX_EMPTY_ROWS}", self.length);
                    return Err(self.wrong(reason));
                }
                let mut columns = Vec::with_capacity(fields.len());
                for child in fields {
                    let column = decoder.child(child, nulls.as_ref())?;
                    if column.len() != self.length {
                        return Err(self.wrong(format!(
                            "its field '{}' has {} rows instead of {}",
                            child.name(),
                            column.len(),
                            self.length
                        )));
                    }
                    columns.push(column);
                }
                let array = StructArray::try_new_with_length(fields.clone(), columns, nulls, self.length);
                array.map(|array| Arc::new(array) as ArrayRef).map_err(|error| self.wrong(error))
            }
            other => Err(self.wrong(format!("type {other} is not in the contract"))),
        }
    }

    /// Takes the node's buffers and gives the validity.
    fn expect(&mut self, decoder: &mut Decoder, buffers: usize) -> Result<Option<NullBuffer>, String> {
        for index in 0..buffers {
            let Some(buffer) = decoder.buffers.next() else {
                return Err(self.wrong(format!("there are {index} buffers left instead of {buffers}")));
            };
            self.buffers[index] = buffer;
        }
        let Some(validity) = self.buffers[0].take() else {
            if self.null_count > 0 {
                return Err(self.wrong(format!("it has {} nulls and no validity bitmap", self.null_count)));
            }
            return Ok(None);
        };
        if validity.len() < self.length.div_ceil(8) {
            return Err(self.wrong(format!(
                "its validity bitmap has {} bytes instead of {}",
                validity.len(),
                self.length.div_ceil(8)
            )));
        }
        let nulls = NullBuffer::new(BooleanBuffer::new(validity, 0, self.length));
        if nulls.null_count() != self.null_count {
            return Err(self.wrong(format!(
                "it says {} nulls, but its validity bitmap has {}",
                self.null_count,
                nulls.null_count()
            )));
        }
        Ok((self.null_count > 0).then_some(nulls))
    }

    fn take(&mut self, index: usize) -> Buffer {
        self.buffers[index].take().unwrap_or_else(|| Buffer::from_vec(Vec::<u128>::new()))
    }

    fn values<T: ArrowPrimitiveType>(
        &mut self,
        decoder: &mut Decoder,
    ) -> Result<(ScalarBuffer<T::Native>, Option<NullBuffer>), String> {
        let nulls = self.expect(decoder, 2)?;
        let data = self.take(1);
        let wanted = self.length * size_of::<T::Native>();
        if data.len() != wanted {
            return Err(self.wrong(format!("its data has {} bytes instead of {wanted}", data.len())));
        }
        Ok((ScalarBuffer::new(data, 0, self.length), nulls))
    }

    fn primitive<T: ArrowPrimitiveType>(mut self, decoder: &mut Decoder) -> Result<ArrayRef, String> {
        let (values, nulls) = self.values::<T>(decoder)?;
        let array = PrimitiveArray::<T>::try_new(values, nulls).map_err(|error| self.wrong(error))?;
        // The field may differ from the type's default in its zone.
        Ok(Arc::new(array.with_data_type(self.field.data_type().clone())))
    }

    fn time(mut self, decoder: &mut Decoder) -> Result<ArrayRef, String> {
        let (values, nulls) = self.values::<Time32MillisecondType>(decoder)?;
        let in_range = |value: &i32| (0..MILLISECONDS_OF_DAY).contains(value);
        let values = within(values, nulls.as_ref(), in_range, decoder, |value| {
            format!("is {value} milliseconds, which is no time of day")
        });
        Ok(Arc::new(PrimitiveArray::<Time32MillisecondType>::new(values, nulls)))
    }

    fn decimal(mut self, decoder: &mut Decoder, precision: u8, scale: i8) -> Result<ArrayRef, String> {
        let (values, nulls) = self.values::<Decimal128Type>(decoder)?;
        let limit = 10i128.checked_pow(u32::from(precision)).unwrap_or(i128::MAX);
        let in_range = |value: &i128| -limit < *value && *value < limit;
        let values = within(values, nulls.as_ref(), in_range, decoder, |value| {
            format!("is {value} (unscaled), which has more than {precision} digits")
        });
        let array = PrimitiveArray::<Decimal128Type>::try_new(values, nulls)
            .and_then(|array| array.with_precision_and_scale(precision, scale))
            .map_err(|error| self.wrong(error))?;
        Ok(Arc::new(array))
    }

    fn boolean(mut self, decoder: &mut Decoder) -> Result<ArrayRef, String> {
        let nulls = self.expect(decoder, 2)?;
        let data = self.take(1);
        if data.len() < self.length.div_ceil(8) {
            return Err(self.wrong(format!(
                "its data has {} bytes instead of {}",
                data.len(),
                self.length.div_ceil(8)
            )));
        }
        Ok(Arc::new(BooleanArray::new(BooleanBuffer::new(data, 0, self.length), nulls)))
    }

    fn string(mut self, decoder: &mut Decoder) -> Result<ArrayRef, String> {
        let nulls = self.expect(decoder, 3)?;
        let offsets = self.offsets()?;
        let data = self.take(2);
        self.check_reach(&offsets, data.len())?;
        let cut = |text: &str| offsets.iter().all(|offset| text.is_char_boundary(*offset as usize));
        if !std::str::from_utf8(&data).is_ok_and(cut) {
            return Ok(texts(&offsets, &data, nulls, decoder));
        }
        // SAFETY: the offsets do not decrease and lie within the data (`offsets`, `check_reach`), the data is UTF-8,
        // every offset is at the boundary of a character, and the validity has as many rows as there are values.
        let array = unsafe { StringArray::new_unchecked(offsets, data, nulls) };
        Ok(Arc::new(array))
    }

    fn binary(mut self, decoder: &mut Decoder) -> Result<ArrayRef, String> {
        let nulls = self.expect(decoder, 3)?;
        let offsets = self.offsets()?;
        let data = self.take(2);
        self.check_reach(&offsets, data.len())?;
        let array = BinaryArray::try_new(offsets, data, nulls).map_err(|error| self.wrong(error))?;
        Ok(Arc::new(array))
    }

    /// The offsets: one more than rows, the first 0, not decreasing. An empty buffer stands for no rows.
    fn offsets(&mut self) -> Result<OffsetBuffer<i32>, String> {
        let buffer = self.take(1);
        if self.length == 0 && buffer.is_empty() {
            return Ok(OffsetBuffer::new_empty());
        }
        let wanted = (self.length + 1) * size_of::<i32>();
        if buffer.len() != wanted {
            return Err(self.wrong(format!("its offsets have {} bytes instead of {wanted}", buffer.len())));
        }
        let offsets = ScalarBuffer::<i32>::new(buffer, 0, self.length + 1);
        if offsets[0] != 0 {
            return Err(self.wrong(format!("its first offset is {} instead of 0", offsets[0])));
        }
        let decreases = offsets.windows(2).fold(false, |any, pair| any | (pair[0] > pair[1]));
        if decreases {
            let row = offsets.windows(2).position(|pair| pair[0] > pair[1]).unwrap_or_default();
            return Err(self.wrong(format!(
                "its offsets decrease at row {row}, from {} to {}",
                offsets[row],
                offsets[row + 1]
            )));
        }
        // SAFETY: there is at least one offset, the first is 0, and they do not decrease.
        Ok(unsafe { OffsetBuffer::new_unchecked(offsets) })
    }

    /// The last offset must be the length of what the offsets cut.
    fn check_reach(&self, offsets: &OffsetBuffer<i32>, length: usize) -> Result<(), String> {
        let last = offsets.last().copied().unwrap_or_default();
        if last as usize != length {
            return Err(self.wrong(format!("its last offset is {last}, but its data has a length of {length}")));
        }
        Ok(())
    }

    fn wrong(&self, what: impl std::fmt::Display) -> String {
        format!("{} of type {}: {what}", label(self.field), self.field.data_type())
    }
}

/// The values, with zeros for those that are not in the range: values that are not NULL are faults.
fn within<T: arrow::datatypes::ArrowNativeType + std::fmt::Display>(
    values: ScalarBuffer<T>,
    nulls: Option<&NullBuffer>,
    in_range: impl Fn(&T) -> bool,
    decoder: &mut Decoder,
    what: impl Fn(T) -> String,
) -> ScalarBuffer<T> {
    if values.iter().fold(true, |all, value| all & in_range(value)) {
        return values;
    }
    for (row, value) in values.iter().enumerate() {
        if !in_range(value) && nulls.is_none_or(|nulls| nulls.is_valid(row)) {
            decoder.faults.push(Fault { row, what: what(*value) });
        }
    }
    values.iter().map(|value| if in_range(value) { *value } else { T::default() }).collect()
}

/// Texts of which some are not UTF-8: these are empty, and faults where they are not NULL.
fn texts(offsets: &OffsetBuffer<i32>, data: &[u8], nulls: Option<NullBuffer>, decoder: &mut Decoder) -> ArrayRef {
    let mut texts = Vec::with_capacity(offsets.len().saturating_sub(1));
    for (row, pair) in offsets.windows(2).enumerate() {
        let is_valid = nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
        let text = std::str::from_utf8(&data[pair[0] as usize..pair[1] as usize]);
        if is_valid && text.is_err() {
            decoder.faults.push(Fault { row, what: "is not UTF-8".to_string() });
        }
        texts.push(is_valid.then(|| text.unwrap_or_default()));
    }
    Arc::new(StringArray::from(texts))
}

/// How messages name a column: the value of a function has no name.
pub(crate) fn label(field: &Field) -> String {
    match field.name().as_str() {
        "" => "the result".to_string(),
        name => format!("column '{name}'"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::Fields;
    use proptest::prelude::*;

    fn types() -> Vec<DataType> {
        let leaf = |name: &str, data_type, nullable| Arc::new(Field::new(name, data_type, nullable));
        let pair = Fields::from(vec![leaf("key", DataType::Int8, false), leaf("value", DataType::Utf8, true)]);
        vec![
            DataType::Boolean,
            DataType::Int8,
            DataType::Int64,
            DataType::Float64,
            DataType::Decimal128(3, 1),
            DataType::Utf8,
            DataType::Binary,
            DataType::Time32(TimeUnit::Millisecond),
            DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            DataType::List(leaf("item", DataType::Utf8, false)),
            DataType::List(leaf("item", DataType::List(leaf("item", DataType::Int8, true)), true)),
            DataType::Struct(pair.clone()),
            DataType::Struct(Fields::empty()),
            DataType::Map(leaf("entries", DataType::Struct(pair), false), false),
        ]
    }

    /// Bytes that are often what some type wants: offsets, letters, bits, or anything.
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let offsets = prop::collection::vec(0i32..4, 0..6)
            .prop_map(|offsets| offsets.into_iter().flat_map(i32::to_le_bytes).collect());
        let sums = prop::collection::vec(0i32..3, 0..5).prop_map(|lengths| {
            let mut end = 0;
            let ends = std::iter::once(0).chain(lengths.into_iter().map(|length| {
                end += length;
                end
            }));
            ends.flat_map(i32::to_le_bytes).collect::<Vec<u8>>()
        });
        prop_oneof![
            Just(Vec::new()),
            offsets,
            sums,
            prop::collection::vec(b'a'..b'e', 0..8),
            prop::collection::vec(any::<u8>(), 0..40),
            prop::collection::vec(Just(0u8), 0..65),
        ]
    }

    fn columns() -> impl Strategy<Value = LiftedColumns> {
        let buffer =
            bytes().prop_map(|bytes: Vec<u8>| (!bytes.is_empty()).then(|| Buffer::from_slice_ref(bytes.as_slice())));
        (prop::collection::vec((0u32..6, 0u32..3), 1..5), prop::collection::vec(buffer, 0..9))
            .prop_map(|(nodes, buffers)| LiftedColumns { nodes: nodes.into(), buffers: buffers.into() })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn what_comes_out_is_valid_whatever_goes_in(
            data_type in prop::sample::select(types()),
            columns in columns(),
        ) {
            let field = Field::new("x", data_type, true);
            let rows = columns.nodes[0].0 as usize;
            if let Ok((array, faults)) = decode(columns, &field, rows) {
                prop_assert!(faults.iter().all(|fault| fault.row < rows));
                prop_assert_eq!(array.len(), rows);
                prop_assert_eq!(array.data_type(), field.data_type());
                array.to_data().validate_full().unwrap();
            }
        }
    }

    #[test]
    fn values_out_of_their_type_are_named() {
        let column = |data: Vec<u8>, length| LiftedColumns {
            nodes: [(length, 0)].into(),
            buffers: vec![None, Some(Buffer::from_vec(data))].into(),
        };
        let decimals: Vec<u8> = [99i128, 1000].iter().flat_map(|value| value.to_le_bytes()).collect();
        let field = Field::new("price", DataType::Decimal128(3, 1), true);
        let said = |columns, field: &Field, rows| {
            let faults = decode(columns, field, rows).unwrap().1;
            faults.into_iter().map(|fault| format!("row {} {}", fault.row, fault.what)).collect::<Vec<_>>()
        };
        assert_eq!(
            said(column(decimals.clone(), 2), &field, 2),
            ["row 1 is 1000 (unscaled), which has more than 3 digits"]
        );
        // Where rows of the result are not those of the call, as a table function's.
        assert_eq!(
            decode_all(column(decimals, 2), [&field].into_iter(), 2).unwrap_err(),
            "column 'price' of type Decimal128(3, 1): row 1 is 1000 (unscaled), which has more than 3 digits"
        );
        let times: Vec<u8> = [-1i32].iter().flat_map(|value| value.to_le_bytes()).collect();
        let field = Field::new("", DataType::Time32(TimeUnit::Millisecond), true);
        assert_eq!(said(column(times, 1), &field, 1), ["row 0 is -1 milliseconds, which is no time of day"]);
        // Values within others are faults of the rows that they are in.
        let field = Field::new("", DataType::List(Arc::new(Field::new("item", DataType::Utf8, false))), true);
        let bytes = |offsets: &[i32]| offsets.iter().flat_map(|offset| offset.to_le_bytes()).collect::<Vec<u8>>();
        let data = [bytes(&[0, 1, 1, 4]), vec![0b1101], bytes(&[0, 1, 1, 2, 3]), b"a\xffb".to_vec()];
        let texts = LiftedColumns {
            nodes: [(3, 0), (4, 1)].into_iter().collect(),
            buffers: std::iter::once(None).chain(data.map(|data| Some(Buffer::from_vec(data)))).collect(),
        };
        // A NULL entry of a map hides the NULL of its key, which must not come to light.
        let empty = DataType::Struct(Fields::empty());
        let pair = Fields::from(vec![Field::new("key", empty, false), Field::new("value", DataType::Int8, true)]);
        let entries = Arc::new(Field::new("entries", DataType::Struct(pair), false));
        let map = LiftedColumns {
            nodes: [(1, 0), (1, 1), (1, 1), (1, 0)].into_iter().collect(),
            buffers: [None, Some(bytes(&[0, 1])), Some(vec![0]), Some(vec![0]), None, Some(vec![5])]
                .map(|data| data.map(Buffer::from_vec))
                .into_iter()
                .collect(),
        };
        let (array, faults) = decode(map, &Field::new("", DataType::Map(entries, false), true), 1).unwrap();
        assert_eq!(faults.len(), 1);
        array.to_data().validate_full().unwrap();
        assert_eq!(
            said(texts, &field, 3),
            ["row 2 is not UTF-8", "row 2 holds NULL in 'item', which its type forbids"]
        );
    }
}
