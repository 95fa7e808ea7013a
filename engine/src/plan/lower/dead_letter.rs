//! Dead letters: behind the operators whose functions send rows that fail to a table, the sink of that table; one for
//! all of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;

use super::Lowering;
use super::stream::{Stream, node_schema};
use crate::changelog::ChangelogMode;
use crate::error::{Error, Result};
use crate::operators::{DEAD_LETTER_COLUMNS, dead_letter_schema};
use crate::plan::bind::{cast, coercion};
use crate::plan::catalog::{CatalogTable, Relation};
use crate::plan::context::PlanContext;
use crate::plan::scan;
use crate::runtime::{Exchange, Input, Node, NodeId, NodeKind, SinkSpec};
use crate::suggest::did_you_mean;
use crate::types::sql_type;

impl Lowering<'_> {
    /// Adds the sinks of dead letters behind all operators of the graph.
    ///
    /// # Errors
    /// User errors for a table that is not known or whose columns are not those of dead letters.
    pub(super) fn dead_letters(&mut self) -> Result<()> {
        let mut senders: BTreeMap<Arc<str>, (String, Vec<NodeId>)> = BTreeMap::new();
        for (id, node) in self.graph.nodes.iter().enumerate() {
            let NodeKind::Operator(spec) = &node.kind else { continue };
            for function in spec.functions() {
                let Some(table) = function.dead_letter_table() else { continue };
                let entry = senders.entry(table.clone());
                let (_, nodes) = entry.or_insert_with(|| (function.name().to_owned(), vec![]));
                if nodes.last() != Some(&id) {
                    nodes.push(id);
                }
            }
        }
        senders.into_iter().try_for_each(|(table, (function, nodes))| self.dead_letters_of(&table, &function, &nodes))
    }

    fn dead_letters_of(&mut self, name: &Arc<str>, function: &str, senders: &[NodeId]) -> Result<()> {
        let table = dead_letter_table(self.context, name, function)?.clone();
        let mode = ChangelogMode::AppendOnly;
        let mut nodes = vec![];
        for &sender in senders {
            let inputs = vec![Input { node: sender, exchange: Exchange::Forward }];
            let parallelism = self.parallelism_of(sender);
            nodes.push(self.add(Node {
                kind: NodeKind::DeadLetters(name.clone()),
                inputs,
                parallelism,
                changelog_mode: mode,
            }));
        }
        let node = match nodes.as_slice() {
            [one] => *one,
            several => {
                let parallelism = several.iter().map(|&node| self.parallelism_of(node)).max().unwrap_or(1);
                let inputs = several.iter().map(|&node| self.as_it_comes(node, parallelism)).collect();
                let kind = NodeKind::Union(dead_letter_schema());
                self.add(Node { kind, inputs, parallelism, changelog_mode: mode })
            }
        };
        let stream = dead_letter_columns(Stream::of(node, &dead_letter_schema())?, &table.physical_schema())?;
        let stream = self.calc(stream)?;
        let sink = scan::sink(self.context, &table)?;
        let wanted = self.parallelism_of(stream.node);
        let parallelism = sink.max_parallelism().map_or(wanted, |most| most.min(wanted)).max(1);
        let inputs = vec![self.as_it_comes(stream.node, parallelism)];
        let spec = SinkSpec { table: table.name.clone(), sink, schema: node_schema(&stream) };
        self.add(Node { kind: NodeKind::Sink(spec), inputs, parallelism, changelog_mode: mode });
        Ok(())
    }
}

/// The table that a function's rows go to when they fail, checked.
///
/// # Errors
/// User errors: not known, or not for dead letters.
pub fn dead_letter_table<'a>(context: &PlanContext<'a>, name: &str, function: &str) -> Result<&'a Arc<CatalogTable>> {
    let table = match context.catalog.get(name) {
        Some(Relation::Table(table)) => table,
        Some(Relation::View(_)) => {
            let message = format!("'{name}' ('dead-letter.table' of function '{function}') is a view");
            return Err(Error::user(message).hint("rows that fail go to a table that is declared by CREATE TABLE"));
        }
        None => {
            let message = format!("table '{name}' ('dead-letter.table' of function '{function}') is not known");
            return Err(Error::user(message).hint(did_you_mean(name, context.catalog.names())));
        }
    };
    if !table.primary_key.is_empty() {
        let message = format!("the dead-letter table '{name}' has a PRIMARY KEY, and rows that fail have none");
        return Err(Error::user(message).hint("leave it out"));
    }
    let letters = dead_letter_schema();
    for field in table.physical_schema().fields() {
        let Ok(letter) = letters.field_with_name(field.name()) else {
            let message =
                format!("the dead-letter table '{name}' has a column '{}' that rows that fail have not", field.name());
            let known = DEAD_LETTER_COLUMNS.iter().map(|(name, ..)| *name);
            return Err(Error::user(message).hint(did_you_mean(field.name(), known)));
        };
        if !coercion::is_implicit(letter.data_type(), field.data_type()) {
            let message = format!(
                "column '{}' of the dead-letter table '{name}' is {}, and of rows that fail it is {}",
                field.name(),
                sql_type(field.data_type()),
                sql_type(letter.data_type())
            );
            return Err(Error::user(message));
        }
    }
    Ok(table)
}

/// The columns that a table takes of dead letters.
fn dead_letter_columns(letters: Stream, table: &SchemaRef) -> Result<Stream> {
    let (mut columns, mut names) = (vec![], vec![]);
    for field in table.fields() {
        let index = dead_letter_schema().index_of(field.name())?;
        columns.push(cast(letters.columns[index].clone(), field.data_type(), &letters.schema)?);
        names.push(field.name().clone());
    }
    Ok(Stream { columns, names, ..letters })
}
