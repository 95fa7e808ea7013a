//! UNION ALL: all inputs as one stream.

use std::sync::Arc;

use datafusion::arrow::datatypes::{Field, FieldRef, Schema, SchemaRef};
use datafusion::logical_expr::Union;

use super::Lowering;
use super::stream::Stream;
use crate::changelog::ChangelogMode;
use crate::error::Result;
use crate::plan::bind::unique_names;
use crate::runtime::{Node, NodeKind};

impl Lowering<'_> {
    pub(super) fn union(&mut self, union: &Union) -> Result<Stream> {
        let names = unique_names(union.schema.fields().iter().map(|field| field.name().clone()));
        let mut inputs = vec![];
        for input in &union.inputs {
            let stream = self.plan(input, true)?;
            inputs.push(self.materialize(Stream { names: names.clone(), ..stream })?.node);
        }
        let fields = union.schema.fields().iter().zip(&names);
        let fields = fields.map(|(field, name)| {
            Arc::new(Field::new(name, field.data_type().clone(), field.is_nullable())) as FieldRef
        });
        let schema: SchemaRef = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let parallelism = inputs.iter().map(|node| self.parallelism_of(*node)).max().unwrap_or(1);
        let updating = inputs.iter().any(|node| self.mode_of(*node) != ChangelogMode::AppendOnly);
        let changelog_mode = if updating { ChangelogMode::Retract } else { ChangelogMode::AppendOnly };
        let inputs = inputs.into_iter().map(|node| self.as_it_comes(node, parallelism)).collect();
        let node = self.add(Node { kind: NodeKind::Union(schema.clone()), inputs, parallelism, changelog_mode });
        Stream::of(node, &schema)
    }
}
