//! `Table`: a query that is built by calls. It is the same syntax tree that SQL gives, so both have one plan.

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::sql::sqlparser::ast::{self, Expr, Ident, SelectItem, SetExpr, TableFactor};

use super::environment::{TableEnvironment, insert};
use super::expression::{expression, expressions, names, select_list, table_call};
use super::result::{ChangelogStream, TableResult};
use super::window::{GroupWindow, NamedWindow};
use crate::error::{Error, Result};
use crate::sql::statement::Explained;
use crate::sql::{parse_object_name, parse_query};

/// A query that is built by calls, each of which gives a new table. Expressions are text, as in Flink 1.9; names are
/// case-sensitive. What is wrong in a call is told by the last one of the chain, which runs it.
///
/// ```no_run
/// # use anabranch::table::{TableEnvironment, Tumble};
/// # fn main() -> anabranch::Result<()> {
/// # let t_env = TableEnvironment::new();
/// let hourly = t_env
///     .from_path("user_behavior")
///     .filter("behavior = 'pv'")
///     .window(Tumble::over("1.hours").on("rowtime").alias("w"))
///     .group_by("w")
///     .select("w.start as startTime, w.end as endTime, COUNT(1) as pv, user_id.count.distinct as uv");
/// hourly.execute_insert("pv_uv_table")?.wait()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a table does nothing until it is executed"]
pub struct Table {
    environment: TableEnvironment,
    /// What FROM names: a table by its name, or a query in parentheses.
    relation: Result<TableFactor>,
}

impl Table {
    pub(super) fn new(environment: TableEnvironment, query: Result<Box<ast::Query>>) -> Self {
        Table { environment, relation: query.map(|query| derived(query, None)) }
    }

    pub(super) fn scan(environment: TableEnvironment, path: &str) -> Self {
        let relation = object_name(path).and_then(|name| match select("SELECT * FROM t")?.from.pop() {
            Some(ast::TableWithJoins {
                relation:
                    TableFactor::Table {
                        alias,
                        args,
                        with_hints,
                        version,
                        with_ordinality,
                        partitions,
                        json_path,
                        sample,
                        index_hints,
                        ..
                    },
                ..
            }) => Ok(TableFactor::Table {
                name,
                alias,
                args,
                with_hints,
                version,
                with_ordinality,
                partitions,
                json_path,
                sample,
                index_hints,
            }),
            _ => Err(template_error()),
        });
        Table { environment, relation }
    }

    /// The query in SQL's syntax tree.
    ///
    /// # Errors
    /// What was wrong in a call that made the table.
    pub fn query(&self) -> Result<Box<ast::Query>> {
        match self.relation.clone()? {
            TableFactor::Derived { subquery, alias: None, .. } => Ok(subquery),
            relation => select_from(relation),
        }
    }

    /// A new table over this one's rows.
    fn over(self, change: impl FnOnce(&mut ast::Select) -> Result<()>) -> Table {
        let query = self.relation.and_then(|relation| {
            let mut query = select_from(relation)?;
            match query.body.as_mut() {
                SetExpr::Select(select) => change(select)?,
                _ => return Err(template_error()),
            }
            Ok(query)
        });
        Table::new(self.environment, query)
    }

    /// These expressions of each row, or aggregates of all rows: `word, n * 2 as twice`.
    pub fn select(self, fields: &str) -> Table {
        self.over(|select| {
            select.projection = select_list(fields, None)?;
            Ok(())
        })
    }

    /// The rows for which the predicate is true.
    pub fn filter(self, predicate: &str) -> Table {
        self.over(|select| {
            select.selection = Some(expression(predicate)?);
            Ok(())
        })
    }

    /// [`Table::filter`].
    pub fn where_(self, predicate: &str) -> Table {
        self.filter(predicate)
    }

    /// Each row once.
    pub fn distinct(self) -> Table {
        self.over(|select| {
            select.distinct = Some(ast::Distinct::Distinct);
            Ok(())
        })
    }

    /// The rows and further columns: `price * amount as total`.
    pub fn add_columns(self, fields: &str) -> Table {
        self.over(|select| {
            select.projection.extend(select_list(fields, None)?);
            Ok(())
        })
    }

    /// Other names for all columns: `a, b`.
    pub fn alias(self, fields: &str) -> Table {
        let query = self.query().and_then(|query| select_from(derived(query, Some(alias("T", names(fields)?)))));
        Table::new(self.environment, query)
    }

    /// [`Table::alias`], under the name that Flink 1.9 has for it.
    pub fn as_(self, fields: &str) -> Table {
        self.alias(fields)
    }

    /// Groups the rows: `word`, `a, b`. Follow it by `select`.
    pub fn group_by(self, keys: &str) -> GroupedTable {
        GroupedTable { keys: expressions(keys, None), table: self, window: None }
    }

    /// Divides the rows into windows. Follow it by `group_by`.
    pub fn window(self, window: NamedWindow) -> WindowedTable {
        WindowedTable { table: self, window }
    }

    /// Pairs of rows of both tables for which the predicate is true: `id = order_id`. The tables' columns have different
    /// names.
    pub fn join(self, right: Table, on: &str) -> Table {
        let joined = right.relation.and_then(|right| {
            let mut template = select("SELECT * FROM a JOIN b ON TRUE")?;
            let mut join = template.from.pop().and_then(|mut from| from.joins.pop()).ok_or_else(template_error)?;
            join.relation = right;
            join.join_operator = ast::JoinOperator::Inner(ast::JoinConstraint::On(expression(on)?));
            Ok(join)
        });
        self.over(|select| joined.map(|join| select.from.iter_mut().for_each(|from| from.joins.push(join.clone()))))
    }

    /// Each row with each of the rows that a table function gives for it: `split(line) as (word, length)`. Rows for which
    /// it gives none are dropped.
    pub fn join_lateral(self, call: &str) -> Table {
        self.lateral(call, "SELECT * FROM a CROSS JOIN LATERAL TABLE(f(x)) AS T(c)")
    }

    /// As [`Table::join_lateral`]; rows for which the function gives none are kept, with NULLs.
    pub fn left_outer_join_lateral(self, call: &str) -> Table {
        self.lateral(call, "SELECT * FROM a LEFT JOIN LATERAL TABLE(f(x)) AS T(c) ON TRUE")
    }

    fn lateral(self, call: &str, sql: &str) -> Table {
        self.over(|select| {
            let (call, columns) = table_call(call)?;
            let mut template = super::table::select(sql)?;
            let mut join = template.from.pop().and_then(|mut from| from.joins.pop()).ok_or_else(template_error)?;
            match &mut join.relation {
                TableFactor::Function { args, alias: name, .. } => {
                    *args = vec![ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(call))];
                    *name = (!columns.is_empty()).then(|| alias("T", columns));
                }
                _ => return Err(template_error()),
            }
            select.from.iter_mut().for_each(|from| from.joins.push(join.clone()));
            Ok(())
        })
    }

    /// The rows of both tables. Their columns have the same types.
    pub fn union_all(self, right: Table) -> Table {
        let query = self.query().and_then(|left| {
            let right = right.query()?;
            let mut query = parse_query("SELECT 1 UNION ALL SELECT 2")?;
            match query.body.as_mut() {
                SetExpr::SetOperation { left: first, right: second, .. } => {
                    **first = SetExpr::Query(left);
                    **second = SetExpr::Query(right);
                }
                _ => return Err(template_error()),
            }
            Ok(query)
        });
        Table::new(self.environment, query)
    }

    /// Columns of the rows.
    ///
    /// # Errors
    /// User errors of the query.
    pub fn schema(&self) -> Result<SchemaRef> {
        let query = self.query()?;
        let session = self.environment.snapshot();
        super::stack::with_deep_stack(|| Ok(session.planner().query(&query)?.schema))
    }

    /// The plan as text, as EXPLAIN shows it.
    ///
    /// # Errors
    /// User errors of the query.
    pub fn explain(&self) -> Result<String> {
        self.environment.explain(&Explained::Query(self.query()?))
    }

    /// Asks for the rows to be written to a table, by the next [`TableEnvironment::execute`].
    ///
    /// # Errors
    /// What was wrong in a call that made the table, and a bad name.
    pub fn insert_into(&self, path: &str) -> Result<()> {
        self.environment.add_insert(insert(path, self.query()?)?);
        Ok(())
    }

    /// Starts a job that writes the rows to a table.
    ///
    /// # Errors
    /// User errors of the query and the sink.
    pub fn execute_insert(&self, path: &str) -> Result<TableResult> {
        self.environment.run_inserts(&[insert(path, self.query()?)?])
    }

    /// Starts a job; the rows come by the result.
    ///
    /// # Errors
    /// User errors of the query.
    pub fn execute(&self) -> Result<TableResult> {
        self.environment.run_query(&*self.query()?)
    }

    /// Starts a job and gives its rows as a stream of changelog batches.
    ///
    /// # Errors
    /// User errors of the query.
    pub fn collect(&self) -> Result<ChangelogStream> {
        Ok(self.execute()?.collect())
    }
}

/// A table in groups.
#[derive(Debug, Clone)]
#[must_use = "groups do nothing until something is selected"]
pub struct GroupedTable {
    table: Table,
    keys: Result<Vec<Expr>>,
    window: Option<Result<GroupWindow>>,
}

impl GroupedTable {
    /// Keys and aggregates of each group: `word, count(1) as cnt`; of windows also `w.start`, `w.end`, `w.rowtime`.
    pub fn select(self, fields: &str) -> Table {
        let GroupedTable { table, keys, window } = self;
        table.over(|select| {
            let window = window.transpose()?;
            let keys = keys?.into_iter().map(|key| match (&key, &window) {
                (Expr::Identifier(name), Some(window)) if name.value == window.alias => window.group(),
                _ => key,
            });
            select.group_by = ast::GroupByExpr::Expressions(keys.collect(), vec![]);
            select.projection = select_list(fields, window.as_ref())?;
            let star = select.projection.iter().any(|item| matches!(item, SelectItem::Wildcard(_)));
            if star { Err(Error::user("'*' cannot be selected from groups")) } else { Ok(()) }
        })
    }
}

/// A table in windows.
#[derive(Debug, Clone)]
#[must_use = "windows do nothing until they are grouped by"]
pub struct WindowedTable {
    table: Table,
    window: NamedWindow,
}

impl WindowedTable {
    /// Groups by the window's name and other keys: `w, user_id`.
    pub fn group_by(self, keys: &str) -> GroupedTable {
        let window = self.window.parse();
        let keys = expressions(keys, None).and_then(|keys| match &window {
            Ok(window)
                if !keys.iter().any(|key| matches!(key, Expr::Identifier(name) if name.value == window.alias)) =>
            {
                Err(Error::user(format!("group_by must name the window '{}'", window.alias)))
            }
            _ => Ok(keys),
        });
        GroupedTable { table: self.table, keys, window: Some(window) }
    }
}

/// A piece of SQL of our own was not parsed to what it is.
fn template_error() -> Error {
    Error::bug("a template of the Table API has another form")
}

fn select(sql: &str) -> Result<ast::Select> {
    match *parse_query(sql)?.body {
        SetExpr::Select(select) => Ok(*select),
        _ => Err(template_error()),
    }
}

/// `SELECT * FROM relation`.
pub(super) fn select_from(relation: TableFactor) -> Result<Box<ast::Query>> {
    let mut query = parse_query("SELECT * FROM t")?;
    match query.body.as_mut() {
        SetExpr::Select(select) => select.from = vec![ast::TableWithJoins { relation, joins: vec![] }],
        _ => return Err(template_error()),
    }
    Ok(query)
}

/// `(query) AS alias`.
pub(super) fn derived(query: Box<ast::Query>, alias: Option<ast::TableAlias>) -> TableFactor {
    TableFactor::Derived { lateral: false, subquery: query, alias, sample: None }
}

/// `AS name (columns)`.
pub(super) fn alias(name: &str, columns: Vec<Ident>) -> ast::TableAlias {
    let columns = columns.into_iter().map(|name| ast::TableAliasColumnDef { name, data_type: None }).collect();
    ast::TableAlias { explicit: true, name: Ident::new(name), columns, at: None }
}

/// The name of a table, without places: there is no SQL that they could be in.
pub(super) fn object_name(path: &str) -> Result<ast::ObjectName> {
    let name = parse_object_name(path)?;
    let parts = name.0.iter().filter_map(|part| part.as_ident());
    Ok(ast::ObjectName::from(
        parts
            .map(|part| Ident { span: datafusion::sql::sqlparser::tokenizer::Span::empty(), ..part.clone() })
            .collect::<Vec<_>>(),
    ))
}
