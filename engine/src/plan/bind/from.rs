//! FROM: tables, views, subqueries, joins, window functions, lateral tables.

use std::sync::Arc;

use datafusion::common::{JoinType, NullEquality, TableReference};
use datafusion::logical_expr::{EmptyRelation, Expr, Extension, Join, JoinConstraint, LogicalPlan, SubqueryAlias};
use datafusion::sql::sqlparser::ast::{self, JoinOperator, Spanned, TableFactor};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::query::rename;
use super::{Binder, Scope, refuse, unsupported};
use crate::error::{Error, Result};
use crate::functions::catalog::Function;
use crate::plan::catalog::{Relation, at, simple_name, span_of};
use crate::plan::nodes::{Lateral, LateralFunction, LateralJoinKind};
use crate::plan::scan::scan;

/// Each has a source, with a thread, in the job.
const MAX_RELATIONS: usize = 1_000;

impl Binder<'_> {
    pub(super) fn from(&mut self, from: &[ast::TableWithJoins]) -> Result<LogicalPlan> {
        let mut plan: Option<LogicalPlan> = None;
        for item in from {
            plan = Some(self.with_joins(plan, item)?);
        }
        Ok(plan.unwrap_or_else(one_row))
    }

    fn with_joins(&mut self, before: Option<LogicalPlan>, item: &ast::TableWithJoins) -> Result<LogicalPlan> {
        let mut plan = match lateral_call(&item.relation) {
            Some(_) => self.lateral(before.unwrap_or_else(one_row), &item.relation, LateralJoinKind::Inner)?,
            None => {
                let relation = self.relation(&item.relation)?;
                match before {
                    None => relation,
                    Some(before) => {
                        refuse_same_name(&before, &relation, item.relation.span())?;
                        join(before, relation, None)?
                    }
                }
            }
        };
        for join in &item.joins {
            plan = self.join(plan, join)?;
        }
        Ok(plan)
    }

    fn join(&mut self, left: LogicalPlan, item: &ast::Join) -> Result<LogicalPlan> {
        let span = item.relation.span();
        refuse(item.global, "GLOBAL JOIN", span)?;
        let (constraint, outer) = match &item.join_operator {
            JoinOperator::Join(constraint) | JoinOperator::Inner(constraint) | JoinOperator::CrossJoin(constraint) => {
                (constraint, false)
            }
            JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => (constraint, true),
            JoinOperator::Right(_) | JoinOperator::RightOuter(_) => return Err(unsupported("RIGHT JOIN", span)),
            JoinOperator::FullOuter(_) => return Err(unsupported("FULL JOIN", span)),
            JoinOperator::Semi(_) | JoinOperator::LeftSemi(_) | JoinOperator::RightSemi(_) => {
                return Err(unsupported("SEMI JOIN", span));
            }
            JoinOperator::Anti(_) | JoinOperator::LeftAnti(_) | JoinOperator::RightAnti(_) => {
                return Err(unsupported("ANTI JOIN", span));
            }
            _ => return Err(unsupported("this kind of join", span)),
        };
        if lateral_call(&item.relation).is_some() {
            let always = match constraint {
                ast::JoinConstraint::None => true,
                ast::JoinConstraint::On(ast::Expr::Value(value)) => value.value == ast::Value::Boolean(true),
                _ => false,
            };
            if !always {
                return Err(unsupported("a condition other than TRUE on a lateral table", span));
            }
            let kind = if outer { LateralJoinKind::Left } else { LateralJoinKind::Inner };
            return self.lateral(left, &item.relation, kind);
        }
        refuse(outer, "LEFT JOIN", span)?;
        let right = self.relation(&item.relation)?;
        refuse_same_name(&left, &right, span)?;
        match constraint {
            ast::JoinConstraint::None => join(left, right, None),
            ast::JoinConstraint::Natural => Err(unsupported("NATURAL JOIN", span)),
            ast::JoinConstraint::On(condition) => {
                let schema = left.schema().join(right.schema())?;
                let condition = self.condition(condition, &Scope::new(&schema, "in ON"))?;
                join(left, right, Some(condition))
            }
            ast::JoinConstraint::Using(_) => Err(unsupported("JOIN USING", span).hint("write JOIN … ON a.x = b.x")),
        }
    }

    /// A relation that stands on its own, under a qualifier.
    fn relation(&mut self, relation: &TableFactor) -> Result<LogicalPlan> {
        let span = relation.span();
        match relation {
            TableFactor::Table {
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
            } => {
                if let Some(version) = version {
                    return Err(unsupported(format_args!("`{version}`"), span));
                }
                refuse(sample.is_some(), "TABLESAMPLE", span)?;
                refuse(!with_hints.is_empty() || !index_hints.is_empty(), "a hint", span)?;
                refuse(*with_ordinality, "WITH ORDINALITY", span)?;
                refuse(!partitions.is_empty(), "PARTITION", span)?;
                refuse(json_path.is_some(), "a JSON path", span)?;
                if let Some(arguments) = args {
                    refuse(arguments.settings.is_some(), "SETTINGS", span)?;
                    let call = function_call(name, &arguments.args);
                    return self.table_call(&call, alias.as_ref());
                }
                let plan = self.table(name)?;
                let own = simple_name(name)?;
                self.alias(plan, alias.as_ref(), Some(own))
            }
            TableFactor::Derived { lateral, subquery, alias, sample } => {
                refuse(*lateral, "a LATERAL subquery", span)?;
                refuse(sample.is_some(), "TABLESAMPLE", span)?;
                let plan = self.query(subquery)?;
                self.alias(plan, alias.as_ref(), None)
            }
            TableFactor::TableFunction { expr: ast::Expr::Function(call), alias } => {
                self.table_call(call, alias.as_ref())
            }
            TableFactor::Function { name, args, alias, with_ordinality, .. } => {
                refuse(*with_ordinality, "WITH ORDINALITY", span)?;
                self.table_call(&function_call(name, args), alias.as_ref())
            }
            TableFactor::NestedJoin { table_with_joins, alias: None } => self.with_joins(None, table_with_joins),
            TableFactor::MatchRecognize { .. } => Err(unsupported("MATCH_RECOGNIZE", span)),
            TableFactor::UNNEST { .. } => Err(unsupported("UNNEST", span)),
            other => Err(unsupported(format_args!("`{other}`"), span)),
        }
    }

    /// A call in FROM that refers to nothing beside it.
    fn table_call(&mut self, call: &ast::Function, alias: Option<&ast::TableAlias>) -> Result<LogicalPlan> {
        let name = super::call::simple_name(&call.name)?;
        if name.eq_ignore_ascii_case("TABLE") {
            if let ast::FunctionArguments::List(list) = &call.args
                && let [ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(ast::Expr::Function(inner)))] =
                    list.args.as_slice()
            {
                return self.table_call(inner, alias);
            }
            return Err(unsupported(format_args!("`{call}`"), call.span()));
        }
        if Self::is_window_function(&name) && self.context.functions.table(&name).is_none() {
            let plan = self.window_function(&name, call)?;
            return self.alias(plan, alias, None);
        }
        self.lateral_table(one_row(), call, alias, LateralJoinKind::Inner)
    }

    fn lateral(&mut self, input: LogicalPlan, relation: &TableFactor, kind: LateralJoinKind) -> Result<LogicalPlan> {
        let (call, alias) = lateral_call(relation).ok_or_else(|| Error::bug("a lateral table without a function"))?;
        self.lateral_table(input, &call, alias, kind)
    }

    fn lateral_table(
        &mut self,
        input: LogicalPlan,
        call: &ast::Function,
        alias: Option<&ast::TableAlias>,
        kind: LateralJoinKind,
    ) -> Result<LogicalPlan> {
        let name = super::call::simple_name(&call.name)?;
        let place = span_of(&call.name);
        let function = match self.context.functions.get(&name).map(|entry| &entry.function) {
            Some(Function::Table(function)) => function.clone(),
            Some(other) => {
                let message =
                    format!("'{name}' is a function of another kind ({}), not a table function", other.kind());
                return Err(at(Error::user(message), place));
            }
            None => {
                let hint = super::suggestion(&self.context.functions.nearest(&name));
                return Err(at(Error::user(format!("table function '{name}' is not known{hint}")), place));
            }
        };
        let arguments = match &call.args {
            ast::FunctionArguments::List(list) => super::call::plain(&list.args)?,
            _ => vec![],
        };
        let schema = input.schema().clone();
        let scope = Scope::new(&schema, "in a lateral table");
        let arguments = arguments.iter().map(|it| self.expression(it, &scope)).collect::<Result<Vec<Expr>>>()?;
        let qualifier = alias.map_or_else(|| self.unnamed(), |alias| alias.name.value.clone());
        let names: Vec<String> =
            alias.map_or(vec![], |alias| alias.columns.iter().map(|column| column.name.value.clone()).collect());
        let node =
            Lateral::new(input, LateralFunction(function), arguments, kind, TableReference::bare(qualifier), &names)
                .map_err(|error| at(error, place))?;
        Ok(LogicalPlan::Extension(Extension { node: Arc::new(node) }))
    }

    /// A common table expression, a view or a table.
    pub(super) fn table(&mut self, name: &ast::ObjectName) -> Result<LogicalPlan> {
        if let [ast::ObjectNamePart::Identifier(only)] = name.0.as_slice()
            && let Some(cte) = self.cte(&only.value).cloned()
        {
            self.count(leaves(&cte)).map_err(|error| at(error, span_of(name)))?;
            return Ok(cte.as_ref().clone());
        }
        self.count(1).map_err(|error| at(error, span_of(name)))?;
        match self.catalog().resolve_within(name, &self.views)? {
            Relation::Table(table) => scan(self, table).map_err(|error| at(error, span_of(name))),
            Relation::View(view) => {
                if self.views.contains(&view.name) {
                    return Err(at(Error::user(format!("view '{}' refers to itself", view.name)), span_of(name)));
                }
                // A view sees none of the query's common table expressions. Its places are those of another text.
                let ctes = std::mem::take(&mut self.ctes);
                self.views.push(view.name.clone());
                let plan = self.query(&view.query);
                self.views.pop();
                self.ctes = ctes;
                let names: Vec<_> = view.columns.iter().map(column_name).collect();
                let plan = plan.map_err(|error| error.context(format!("while expanding view '{}'", view.name)))?;
                rename(plan, &names, &ast::Ident::new(view.name.clone()))
            }
        }
    }

    /// Counts relations: what views and common table expressions read twice doubles with each that reads them twice.
    fn count(&mut self, relations: usize) -> Result<()> {
        self.relations += relations;
        if self.relations <= MAX_RELATIONS {
            return Ok(());
        }
        let message = format!(
            "the query reads more than {MAX_RELATIONS} tables and views, each counted as often as it is read, also in views"
        );
        Err(Error::user(message).hint("write what is read often to a table of its own"))
    }

    /// Puts a relation under its alias, its own name, or a name that no query can write.
    fn alias(&self, plan: LogicalPlan, alias: Option<&ast::TableAlias>, own: Option<String>) -> Result<LogicalPlan> {
        let plan = match alias {
            Some(alias) => rename(plan, &alias.columns, &alias.name)?,
            None => plan,
        };
        let qualifier = alias.map(|alias| alias.name.value.clone()).or(own).unwrap_or_else(|| self.unnamed());
        let alias = SubqueryAlias::try_new(Arc::new(plan), TableReference::bare(qualifier))?;
        Ok(LogicalPlan::SubqueryAlias(alias))
    }
}

/// The relations that a plan reads.
fn leaves(plan: &LogicalPlan) -> usize {
    let inputs = plan.inputs();
    if inputs.is_empty() { 1 } else { inputs.into_iter().map(leaves).sum() }
}

fn column_name(name: &String) -> ast::TableAliasColumnDef {
    ast::TableAliasColumnDef { name: ast::Ident::new(name), data_type: None }
}

/// The function call of a relation that is written with LATERAL.
fn lateral_call(relation: &TableFactor) -> Option<(ast::Function, Option<&ast::TableAlias>)> {
    match relation {
        TableFactor::Function { lateral: true, name, args, alias, .. } => {
            let call = match args.as_slice() {
                [ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(ast::Expr::Function(inner)))]
                    if name.to_string().eq_ignore_ascii_case("TABLE") =>
                {
                    inner.clone()
                }
                _ => function_call(name, args),
            };
            Some((call, alias.as_ref()))
        }
        _ => None,
    }
}

fn function_call(name: &ast::ObjectName, arguments: &[ast::FunctionArg]) -> ast::Function {
    ast::Function {
        name: name.clone(),
        uses_odbc_syntax: false,
        parameters: ast::FunctionArguments::None,
        args: ast::FunctionArguments::List(ast::FunctionArgumentList {
            duplicate_treatment: None,
            args: arguments.to_vec(),
            clauses: vec![],
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: vec![],
    }
}

/// What SELECT without FROM reads.
fn one_row() -> LogicalPlan {
    LogicalPlan::EmptyRelation(EmptyRelation {
        produce_one_row: true,
        schema: Arc::new(datafusion::common::DFSchema::empty()),
    })
}

/// Two relations of one name could not be told apart.
fn refuse_same_name(left: &LogicalPlan, right: &LogicalPlan, place: Span) -> Result<()> {
    let known = |qualifier: Option<&TableReference>| left.schema().iter().any(|(other, _)| other == qualifier);
    match right.schema().iter().find_map(|(qualifier, _)| qualifier.filter(|it| known(Some(*it)))) {
        Some(name) => {
            let error = Error::user(format!("'{}' stands twice in FROM", name.table()));
            Err(at(error.hint("give one of them another name: … AS other"), place))
        }
        None => Ok(()),
    }
}

/// An inner join; equalities are taken out of the condition by a rule.
fn join(left: LogicalPlan, right: LogicalPlan, condition: Option<Expr>) -> Result<LogicalPlan> {
    Ok(LogicalPlan::Join(Join::try_new(
        Arc::new(left),
        Arc::new(right),
        vec![],
        condition,
        JoinType::Inner,
        JoinConstraint::On,
        NullEquality::NullEqualsNothing,
        false,
    )?))
}
