//! The columns of a declared table as queries see them, without its connector, which may be one that cannot be read.

use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;

use super::session::Session;
use super::stack::with_deep_stack;
use crate::connectors::ValuesSource;
use crate::error::{Position, Result};
use crate::plan::Planner;
use crate::plan::catalog::{Catalog, CatalogTable, ColumnKind, Connection};
use crate::types::quote_identifier;

/// The types of all columns, in the order of their declaration.
///
/// # Errors
/// User errors of computed columns and of the watermark.
pub(super) fn columns(session: &Session, table: &CatalogTable) -> Result<SchemaRef> {
    let nothing = Arc::new(ValuesSource::new(table.physical_schema(), vec![]));
    let mut catalog = Catalog::default();
    catalog.set_table(CatalogTable { connection: Connection::Source(nothing), ..table.clone() });
    let everything = crate::sql::parse_query(&format!("SELECT * FROM {}", quote_identifier(&table.name)))?;
    with_deep_stack(|| {
        let planner = Planner::new(&catalog, &session.functions, &session.connectors, &session.config);
        // Places in this query are none in the user's text: those of the declaration come from within.
        Ok(planner.query(&everything)?.schema)
    })
}

/// Checks computed columns and the watermark of a table that is being declared; where it is declared.
///
/// # Errors
/// User errors with their places.
pub(super) fn check(session: &Session, table: &CatalogTable, position: Position) -> Result<()> {
    let is_computed = table.columns.iter().any(|column| matches!(column.kind, ColumnKind::Computed(_)));
    if is_computed {
        let without = CatalogTable { watermark: None, ..table.clone() };
        columns(session, &without).map_err(|error| error.at(position))?;
    }
    if let Some(watermark) = &table.watermark {
        columns(session, table).map_err(|error| error.at(watermark.position.unwrap_or(position)))?;
    }
    Ok(())
}
