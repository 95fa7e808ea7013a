//! Keys as bytes: how the columns of a key become [`Value`]s, and columns again.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayData, ArrayRef, AsArray, BinaryArray, BooleanArray, Float32Array, Float64Array, StringArray,
    make_array, new_null_array,
};
use datafusion::arrow::buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer};
use datafusion::arrow::datatypes::{DataType, Float32Type, Float64Type};
use datafusion::arrow::row::{RowConverter, SortField};

use super::value_table::{INLINE, Value, Values};
use crate::error::{Error, Result};

/// The way from columns to bytes and back. All values that compare equal have the same bytes: -0.0 is 0.0, and there is
/// one NaN; unless the encoding is exact.
#[derive(Debug)]
pub struct Encoding {
    types: Vec<DataType>,
    layout: Layout,
    exact: bool,
}

#[derive(Debug)]
enum Layout {
    /// No columns: one value.
    Empty,
    /// One boolean.
    Boolean,
    /// One column of so many bytes.
    Fixed(usize),
    /// One column of UTF-8 or bytes.
    Bytes,
    /// Columns of these widths, together at most 15 bytes, before them a byte whose bits say which are not NULL.
    Packed(Vec<usize>),
    /// Arrow's row format.
    Rows(RowConverter),
}

impl Encoding {
    /// # Errors
    /// Types that have no row format.
    pub fn new(types: Vec<DataType>) -> Result<Self> {
        let widths = types.iter().map(DataType::primitive_width).collect::<Option<Vec<_>>>();
        let layout = match (types.as_slice(), widths) {
            ([], _) => Layout::Empty,
            ([DataType::Boolean], _) => Layout::Boolean,
            ([DataType::Utf8 | DataType::Binary], _) => Layout::Bytes,
            ([_], Some(widths)) if widths[0] <= INLINE => Layout::Fixed(widths[0]),
            (_, Some(widths)) if widths.len() <= 8 && widths.iter().sum::<usize>() < INLINE => Layout::Packed(widths),
            (types, _) => Layout::Rows(RowConverter::new(types.iter().cloned().map(SortField::new).collect())?),
        };
        Ok(Encoding { types, layout, exact: false })
    }

    /// As [`Encoding::new`], but values keep their bits: -0.0 is not 0.0.
    ///
    /// # Errors
    /// Types that have no row format.
    pub fn exact(types: Vec<DataType>) -> Result<Self> {
        Ok(Encoding { exact: true, ..Self::new(types)? })
    }

    pub fn types(&self) -> &[DataType] {
        &self.types
    }

    /// The values of `rows` rows.
    ///
    /// # Errors
    /// A bug where the columns have other types than were announced, or another number of rows.
    pub fn encode(&self, columns: &[ArrayRef], rows: usize) -> Result<Values> {
        let fits = columns.len() == self.types.len()
            && columns.iter().zip(&self.types).all(|(column, data_type)| {
                column.len() == rows
                    && (column.data_type() == data_type || column.data_type().equals_datatype(data_type))
            });
        if !fits {
            let types: Vec<_> = columns.iter().map(|column| column.data_type().clone()).collect();
            return Err(Error::bug(format!(
                "key columns of {types:?} where {:?} and {rows} rows are expected",
                self.types
            )));
        }
        let columns: Vec<ArrayRef> =
            if self.exact { columns.to_vec() } else { columns.iter().map(canonical).collect() };
        let mut buffer = Buffer::default();
        let values = match &self.layout {
            Layout::Empty => vec![Value::inline(0, 0); rows],
            Layout::Boolean => {
                let column = columns[0].as_boolean();
                let mut values: Vec<_> = column.values().iter().map(|bit| Value::inline(u128::from(bit), 1)).collect();
                set_nulls(&mut values, column.nulls());
                values
            }
            Layout::Fixed(width) => {
                let mut values = Vec::with_capacity(rows);
                for_each_fixed(&columns[0], *width, |_, data| values.push(Value::inline(data, *width as u32)));
                set_nulls(&mut values, columns[0].nulls());
                values
            }
            Layout::Bytes => {
                let data = columns[0].to_data();
                let offsets = data.buffer::<i32>(0);
                buffer = data.buffers()[1].clone();
                let bytes = buffer.as_slice();
                let mut values: Vec<_> = offsets
                    .windows(2)
                    .take(rows)
                    .map(|pair| Value::from_bytes(bytes, pair[0] as usize, (pair[1] - pair[0]) as usize))
                    .collect();
                set_nulls(&mut values, columns[0].nulls());
                values
            }
            Layout::Packed(widths) => {
                let length = 1 + widths.iter().sum::<usize>() as u32;
                let mut values = vec![Value::inline(0, length); rows];
                let mut shift = 8;
                for (index, (column, width)) in columns.iter().zip(widths).enumerate() {
                    let nulls = column.nulls().filter(|nulls| nulls.null_count() > 0);
                    for_each_fixed(column, *width, |row, data| {
                        if nulls.is_none_or(|nulls| nulls.is_valid(row)) {
                            values[row].data |= (data << shift) | (1 << index);
                        }
                    });
                    shift += 8 * width;
                }
                values
            }
            Layout::Rows(converter) => {
                let binary = converter.convert_columns(&columns)?.try_into_binary()?;
                let (offsets, bytes, _) = binary.into_parts();
                buffer = bytes;
                let bytes = buffer.as_slice();
                offsets
                    .windows(2)
                    .map(|pair| Value::from_bytes(bytes, pair[0] as usize, (pair[1] - pair[0]) as usize))
                    .collect()
            }
        };
        Ok(Values { values, buffer })
    }

    /// The columns again. `buffer` is where long values lie.
    pub fn decode(&self, values: &[Value], buffer: &[u8]) -> Result<Vec<ArrayRef>> {
        let nulls = || {
            let nulls = NullBuffer::from_iter(values.iter().map(|value| !value.is_null()));
            (nulls.null_count() > 0).then_some(nulls)
        };
        Ok(match &self.layout {
            Layout::Empty => vec![],
            Layout::Boolean => {
                let bits = BooleanBuffer::collect_bool(values.len(), |row| values[row].data == 1);
                vec![Arc::new(BooleanArray::new(bits, nulls()))]
            }
            Layout::Fixed(width) => vec![self.fixed(0, values, 0, *width, nulls())?],
            Layout::Bytes => {
                let (offsets, bytes) = bytes_of(values, buffer)?;
                let array: ArrayRef = match &self.types[0] {
                    DataType::Utf8 => Arc::new(StringArray::try_new(offsets, bytes, nulls())?),
                    _ => Arc::new(BinaryArray::try_new(offsets, bytes, nulls())?),
                };
                vec![array]
            }
            Layout::Packed(widths) => {
                let mut shift = 8;
                let mut columns = Vec::with_capacity(widths.len());
                for (index, width) in widths.iter().enumerate() {
                    let nulls = NullBuffer::from_iter(values.iter().map(|value| value.data >> index & 1 == 1));
                    let nulls = (nulls.null_count() > 0).then_some(nulls);
                    columns.push(self.fixed(index, values, shift, *width, nulls)?);
                    shift += 8 * width;
                }
                columns
            }
            Layout::Rows(converter) => {
                let (offsets, bytes) = bytes_of(values, buffer)?;
                if values.is_empty() {
                    return Ok(self.types.iter().map(|data_type| new_null_array(data_type, 0)).collect());
                }
                let parser = converter.parser();
                converter.convert_rows(
                    offsets.windows(2).map(|pair| parser.parse(&bytes[pair[0] as usize..pair[1] as usize])),
                )?
            }
        })
    }

    /// A column of `width` bytes from `shift` bits on in each value.
    fn fixed(
        &self,
        column: usize,
        values: &[Value],
        shift: usize,
        width: usize,
        nulls: Option<NullBuffer>,
    ) -> Result<ArrayRef> {
        let mut bytes = Vec::with_capacity(values.len() * width);
        for value in values {
            bytes.extend_from_slice(&(value.data >> shift).to_le_bytes()[..width]);
        }
        let data = ArrayData::builder(self.types[column].clone())
            .len(values.len())
            .add_buffer(Buffer::from_vec(bytes))
            .nulls(nulls)
            .align_buffers(true)
            .build()?;
        Ok(make_array(data))
    }
}

fn bytes_of(values: &[Value], buffer: &[u8]) -> Result<(OffsetBuffer<i32>, Buffer)> {
    let mut bytes = Vec::new();
    let mut offsets = Vec::with_capacity(values.len() + 1);
    offsets.push(0i32);
    for value in values {
        value.append_to(buffer, &mut bytes);
        let end = i32::try_from(bytes.len()).map_err(|_| Error::state("more than 2 GiB of keys in one batch"))?;
        offsets.push(end);
    }
    Ok((OffsetBuffer::new(offsets.into()), Buffer::from_vec(bytes)))
}

fn set_nulls(values: &mut [Value], nulls: Option<&NullBuffer>) {
    if let Some(nulls) = nulls.filter(|nulls| nulls.null_count() > 0) {
        for (row, value) in values.iter_mut().enumerate() {
            if nulls.is_null(row) {
                *value = Value::NULL;
            }
        }
    }
}

/// Every value of a column of fixed width, NULL or not, as its bits.
fn for_each_fixed(column: &ArrayRef, width: usize, mut visit: impl FnMut(usize, u128)) {
    let data = column.to_data();
    let start = data.offset() * width;
    let bytes = &data.buffers()[0].as_slice()[start..start + column.len() * width];
    /// One loop per width, so that the loads are of a fixed size.
    fn each<const WIDTH: usize>(bytes: &[u8], visit: &mut impl FnMut(usize, u128)) {
        for (row, value) in bytes.as_chunks::<WIDTH>().0.iter().enumerate() {
            let mut wide = [0; INLINE];
            wide[..WIDTH].copy_from_slice(value);
            visit(row, u128::from_le_bytes(wide));
        }
    }
    match width {
        1 => each::<1>(bytes, &mut visit),
        2 => each::<2>(bytes, &mut visit),
        4 => each::<4>(bytes, &mut visit),
        8 => each::<8>(bytes, &mut visit),
        _ => each::<16>(bytes, &mut visit),
    }
}

/// Floats with one zero and one NaN; other columns as they are.
pub fn canonical(column: &ArrayRef) -> ArrayRef {
    match column.data_type() {
        DataType::Float32 => {
            let values = column.as_primitive::<Float32Type>();
            let one = |value: f32| if value.is_nan() { f32::NAN } else { value + 0.0 };
            Arc::new(values.unary::<_, Float32Type>(one)) as Arc<Float32Array>
        }
        DataType::Float64 => {
            let values = column.as_primitive::<Float64Type>();
            let one = |value: f64| if value.is_nan() { f64::NAN } else { value + 0.0 };
            Arc::new(values.unary::<_, Float64Type>(one)) as Arc<Float64Array>
        }
        _ => column.clone(),
    }
}
