//! The fluent API: [`TableEnvironment`] and [`Table`], after PyFlink's and Flink 1.9's Table API. A table is built into
//! the same syntax tree that SQL is parsed to, so both front doors have one plan.

mod batch;
mod columns;
mod elements;
mod environment;
mod execute;
mod expression;
mod interrupt;
mod print;
mod result;
mod session;
mod show;
mod stack;
mod statement_set;
#[allow(clippy::module_inception)]
mod table;
mod window;

pub use elements::{Element, IntoElement, Row};
pub use environment::TableEnvironment;
pub use execute::{CompiledJob, runtime_config};
pub use result::{BatchJob, ChangelogStream, ResultKind, TableResult};
pub use session::check_function;
pub use statement_set::StatementSet;
pub use table::{GroupedTable, Table, WindowedTable};
pub use window::{NamedWindow, Slide, SlideSize, Tumble, WindowOnTime, WindowSize};

#[cfg(test)]
mod tests;
