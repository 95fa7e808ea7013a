//! What crosses the boundary as nodes with their buffers: how guests of the tests, which speak the contract without an
//! SDK, look at columns. Each includes this file.

use crate::anabranch::functions::types::{Batch, Columns, Field};

/// One node of a column.
#[derive(Clone)]
pub struct ColumnNode {
    pub length: u32,
    pub null_count: u32,
    pub buffers: Vec<Vec<u8>>,
}

/// The nodes of a column in pre-order.
pub type Column = Vec<ColumnNode>;

/// The columns of a call, which are of these fields.
pub fn columns(batch: &Batch, fields: &[Field]) -> Vec<Column> {
    let mut layout = batch.layout.iter().map(|number| *number as usize);
    let mut next = || layout.next().unwrap();
    let mut end = 0usize;
    let mut column = |field: &Field| {
        let node = |format: &str| {
            let (length, null_count) = (next() as u32, next() as u32);
            let buffers = match format {
                "u" | "z" => 3,
                "+s" => 1,
                _ => 2,
            };
            let buffers = (0..buffers).map(|_| match next() {
                0 => Vec::new(),
                bytes => {
                    let start = end.next_multiple_of(16);
                    end = start + bytes;
                    batch.data[start..end].to_vec()
                }
            });
            ColumnNode { length, null_count, buffers: buffers.collect() }
        };
        let mut node = node;
        field.iter().map(|field| node(&field.format)).collect()
    };
    fields.iter().map(&mut column).collect()
}

/// Columns as a function returns them.
pub fn flat(columns: impl IntoIterator<Item = Column>) -> Columns {
    let mut flat = Columns { nodes: Vec::new(), buffers: Vec::new() };
    for node in columns.into_iter().flatten() {
        flat.nodes.push((node.length, node.null_count));
        flat.buffers.extend(node.buffers);
    }
    flat
}
