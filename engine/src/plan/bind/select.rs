//! SELECT: FROM, WHERE, GROUP BY, HAVING, the select list, DISTINCT.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema};
use datafusion::logical_expr::{Aggregate, Expr, Filter, LogicalPlan, Projection};
use datafusion::sql::sqlparser::ast::{self, Spanned};

use super::group_window::GroupWindow;
use super::order::sort_by_items;
use super::query::distinct;
use super::{Binder, Scope, refuse, unsupported};
use crate::error::{Error, Position, Result};
use crate::plan::catalog::at;

impl Binder<'_> {
    pub(super) fn select(&mut self, select: &ast::Select, order: &[ast::OrderByExpr]) -> Result<LogicalPlan> {
        self.refuse_clauses(select)?;
        let mut plan = self.from(&select.from)?;
        if let Some(condition) = &select.selection {
            let predicate = self.condition(condition, &Scope::new(plan.schema(), "in WHERE"))?;
            plan = LogicalPlan::Filter(Filter::try_new(predicate, Arc::new(plan))?);
        }

        let group_by = match &select.group_by {
            ast::GroupByExpr::All(_) => return Err(unsupported("GROUP BY ALL", select.group_by.span())),
            ast::GroupByExpr::Expressions(_, modifiers) if !modifiers.is_empty() => {
                return Err(unsupported("a modifier of GROUP BY", select.group_by.span()));
            }
            ast::GroupByExpr::Expressions(expressions, _) => expressions,
        };
        let window = self.group_window(group_by, &plan)?;
        if let Some(window) = &window {
            plan = window.assign(plan)?;
        }
        let input = plan.schema().clone();
        let mut keys: Vec<Expr> = window.as_ref().map_or(vec![], GroupWindow::columns);
        // `()` is the group of all rows.
        let is_all = |key: &ast::Expr| matches!(key, ast::Expr::Tuple(items) if items.is_empty());
        for key in group_by.iter().filter(|key| !GroupWindow::is_call(key) && !is_all(key)) {
            let key = self.expression(key, &Scope { window: window.as_ref(), ..Scope::new(&input, "in GROUP BY") })?;
            if !keys.contains(&key) {
                keys.push(key);
            }
        }

        let scope = Scope { aggregates: true, window: window.as_ref(), ..Scope::new(&input, "in the select list") };
        let mut items = self.select_items(&select.projection, &scope)?;
        let shown = items.len();
        let places = self.sort_items(order, &mut items, &scope)?;
        let having = select.having.as_ref().map(|having| self.condition(having, &scope)).transpose()?;

        let mut calls = vec![];
        for expression in items.iter().map(|(_, expression)| expression).chain(&having) {
            expression.apply(|node| {
                Ok(match node {
                    Expr::AggregateFunction(_) => {
                        if !calls.contains(node) {
                            calls.push(node.clone());
                        }
                        TreeNodeRecursion::Jump
                    }
                    _ => TreeNodeRecursion::Continue,
                })
            })?;
        }
        let mut predicate = having;
        if keys.is_empty() && calls.is_empty() && group_by.iter().any(is_all) {
            return Err(unsupported("GROUP BY () without an aggregate", select.group_by.span()));
        }
        if !keys.is_empty() || !calls.is_empty() || predicate.is_some() || !group_by.is_empty() {
            let grouped = Grouped::new(plan, keys, calls, &items)?;
            for (_, expression) in &mut items {
                *expression = grouped.rebase(expression.clone())?;
            }
            predicate = predicate.map(|predicate| grouped.rebase(predicate)).transpose()?;
            plan = grouped.plan;
        }
        if let Some(predicate) = predicate {
            plan = LogicalPlan::Filter(Filter::try_new(predicate, Arc::new(plan))?);
        }
        let hides = items.len() > shown;
        let columns = items.into_iter().map(|(name, expression)| expression.alias(name)).collect();
        let mut plan = LogicalPlan::Projection(Projection::try_new(columns, Arc::new(plan))?);
        match &select.distinct {
            None | Some(ast::Distinct::All) => {}
            Some(ast::Distinct::Distinct) if hides => {
                let key = places.iter().zip(order).find(|(place, _)| **place >= shown).map(|(_, key)| key.span());
                let error = Error::user("SELECT DISTINCT is sorted by what is not in its list");
                return Err(at(error, key.unwrap_or(select.span())));
            }
            Some(ast::Distinct::Distinct) => plan = distinct(plan)?,
            Some(ast::Distinct::On(_)) => return Err(unsupported("DISTINCT ON", select.span())),
        }
        sort_by_items(plan, order, &places, shown)
    }

    fn refuse_clauses(&self, select: &ast::Select) -> Result<()> {
        let span = select.select_token.0.span;
        refuse(select.top.is_some(), "TOP", span)?;
        refuse(select.exclude.is_some(), "EXCLUDE", span)?;
        refuse(select.into.is_some(), "SELECT INTO", span)?;
        refuse(!select.lateral_views.is_empty(), "LATERAL VIEW", span)?;
        refuse(select.prewhere.is_some(), "PREWHERE", span)?;
        refuse(!select.connect_by.is_empty(), "CONNECT BY", span)?;
        refuse(!select.cluster_by.is_empty(), "CLUSTER BY", span)?;
        refuse(!select.distribute_by.is_empty(), "DISTRIBUTE BY", span)?;
        refuse(!select.sort_by.is_empty(), "SORT BY", span)?;
        if let Some(window) = select.named_window.first() {
            return Err(unsupported("WINDOW", window.span()));
        }
        if let Some(condition) = &select.qualify {
            return Err(unsupported("QUALIFY", condition.span()));
        }
        refuse(select.value_table_mode.is_some(), "SELECT AS VALUE", span)?;
        refuse(
            select.select_modifiers.as_ref().is_some_and(ast::SelectModifiers::is_any_set),
            "a modifier of SELECT",
            span,
        )?;
        refuse(!matches!(select.flavor, ast::SelectFlavor::Standard), "FROM before SELECT", span)
    }

    /// The select list with its names, each another; `*` expanded.
    fn select_items(&self, projection: &[ast::SelectItem], scope: &Scope) -> Result<Vec<(String, Expr)>> {
        let mut items = vec![];
        for item in projection {
            match item {
                ast::SelectItem::UnnamedExpr(expression) => {
                    let name = match expression {
                        ast::Expr::Identifier(name) => Some(name.value.clone()),
                        ast::Expr::CompoundIdentifier(names) => names.last().map(|name| name.value.clone()),
                        _ => None,
                    };
                    let name = name.unwrap_or_else(|| format!("EXPR${}", items.len()));
                    items.push((name, self.expression(expression, scope)?));
                }
                ast::SelectItem::ExprWithAlias { expr, alias } => {
                    items.push((alias.value.clone(), self.expression(expr, scope)?));
                }
                ast::SelectItem::Wildcard(options) => {
                    refuse_options(options)?;
                    if scope.schema.fields().is_empty() {
                        return Err(at(Error::user("* without FROM"), item.span()));
                    }
                    items.extend(columns(scope.schema, |qualifier| !qualifier.starts_with("$window")));
                }
                ast::SelectItem::QualifiedWildcard(ast::SelectItemQualifiedWildcardKind::ObjectName(name), options) => {
                    refuse_options(options)?;
                    let table = super::call::simple_name(name)?;
                    let found = columns(scope.schema, |qualifier| qualifier == table);
                    if found.is_empty() {
                        return Err(at(Error::user(format!("table '{table}' is not in FROM")), item.span()));
                    }
                    items.extend(found);
                }
                other => return Err(unsupported(format_args!("`{other}`"), other.span())),
            }
        }
        let names = unique_names(items.iter().map(|(name, _)| name.clone()));
        Ok(names.into_iter().zip(items).map(|(name, (_, expression))| (name, expression)).collect())
    }
}

fn refuse_options(options: &ast::WildcardAdditionalOptions) -> Result<()> {
    let any = options.opt_ilike.is_some()
        || options.opt_exclude.is_some()
        || options.opt_except.is_some()
        || options.opt_replace.is_some()
        || options.opt_rename.is_some()
        || options.opt_alias.is_some();
    refuse(any, "a clause behind *", options.wildcard_token.0.span)
}

fn columns(schema: &DFSchema, wanted: impl Fn(&str) -> bool) -> Vec<(String, Expr)> {
    let fields = schema.iter().filter(|(qualifier, _)| wanted(qualifier.map_or("", |qualifier| qualifier.table())));
    fields
        .map(|(qualifier, field)| (field.name().clone(), Expr::Column(Column::new(qualifier.cloned(), field.name()))))
        .collect()
}

/// Flink's names: a second `a` becomes `a0`, a third `a1`.
pub fn unique_names(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut taken: HashSet<String> = HashSet::new();
    let mut unique = vec![];
    for name in names {
        let mut candidate = name.clone();
        let mut number = 0;
        while !taken.insert(candidate.clone()) {
            candidate = format!("{name}{number}");
            number += 1;
        }
        unique.push(candidate);
    }
    unique
}

/// An aggregation, and how expressions over its input become expressions over its output.
struct Grouped {
    plan: LogicalPlan,
    /// Keys, then calls, over the input.
    expressions: Vec<Expr>,
}

impl Grouped {
    /// What stands alone in the select list has its name there; so often no projection is left to do above.
    fn new(input: LogicalPlan, keys: Vec<Expr>, calls: Vec<Expr>, items: &[(String, Expr)]) -> Result<Self> {
        let expressions: Vec<Expr> = keys.iter().chain(&calls).cloned().collect();
        let mut taken: HashSet<String> = keys
            .iter()
            .filter_map(|key| match key {
                Expr::Column(column) => Some(column.name.clone()),
                _ => None,
            })
            .collect();
        let mut named = |(index, expression): (usize, Expr)| match expression {
            column @ Expr::Column(_) => column,
            other => {
                let item = items.iter().find(|(_, item)| *item == other).map(|(name, _)| name.clone());
                let name = item.filter(|name| !taken.contains(name)).unwrap_or_else(|| format!("$f{index}"));
                taken.insert(name.clone());
                other.alias(name)
            }
        };
        let first_call = keys.len();
        let keys = keys.into_iter().enumerate().map(&mut named).collect();
        let calls = calls.into_iter().enumerate().map(|(index, call)| named((first_call + index, call))).collect();
        let plan = LogicalPlan::Aggregate(Aggregate::try_new(Arc::new(input), keys, calls)?);
        Ok(Grouped { plan, expressions })
    }

    /// Over the aggregation's output: keys and aggregates become its columns.
    fn rebase(&self, expression: Expr) -> Result<Expr> {
        let columns = self.plan.schema().columns();
        let rebased = expression.transform_down(|node| {
            if let Some(index) = self.expressions.iter().position(|known| *known == node) {
                return Ok(Transformed::new(Expr::Column(columns[index].clone()), true, TreeNodeRecursion::Jump));
            }
            match &node {
                Expr::Column(column) => {
                    let error = Error::user(format!("column '{}' is not being grouped", column.name))
                        .hint("put it into GROUP BY, or into an aggregate");
                    let place = column.spans.first().map(|span| span.start);
                    Err(match place {
                        Some(place) => error.at(Position { line: place.line, column: place.column }),
                        None => error,
                    }
                    .into())
                }
                _ => Ok(Transformed::no(node)),
            }
        })?;
        Ok(rebased.data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_name_gets_a_number() {
        let names = ["a", "a", "b", "a", "a0"].map(str::to_owned);
        assert_eq!(unique_names(names), ["a", "a0", "b", "a1", "a00"]);
    }
}
