//! Calls of component functions become stages of their own: an operator that is sent the rows it is for, with their
//! numbers, so that a row error names its row.
//!
//! Calls are taken out innermost first; those that need no other's result share a stage. What decides whether a call is
//! made at all (the branches of CASE, the right side of AND and OR, the later arguments of COALESCE and IFNULL) becomes the call's
//! selection. The conditions of a filter without calls come first, then calls in the filter, then the others.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{Case, Expr, Operator, Volatility};

use super::Lowering;
use super::stream::{Stream, column, node_schema};
use crate::changelog::ChangelogMode;
use crate::error::{Error, Result};
use crate::functions::component::{AsyncOutput, ComponentScalar};
use crate::operators::{AsyncCallSpec, ComponentCall, ComponentCallSpec, OperatorSpec};
use crate::plan::guard::may_fail;

/// Whether an expression calls a component.
pub fn has_component(expression: &Expr) -> bool {
    expression.exists(|node| Ok(component_of(node).is_some())).unwrap_or(false)
}

/// The component that an expression calls, where it is a call.
pub fn component_of(expression: &Expr) -> Option<&ComponentScalar> {
    match expression {
        Expr::ScalarFunction(call) => call.func.inner().downcast_ref::<ComponentScalar>(),
        _ => None,
    }
}

/// Makes stages of all component calls of a stream; what is left has none.
///
/// # Errors
/// Those of binding a call.
pub fn extract(lowering: &mut Lowering, mut stream: Stream) -> Result<Stream> {
    if !stream.columns.iter().chain(&stream.filter).any(has_component) {
        return Ok(stream);
    }
    let mut done = vec![];
    if let Some(filter) = stream.filter.take() {
        let (mut calling, mut plain) = (vec![], vec![]);
        for condition in split_conjunction_owned(filter) {
            // What may fail is not asked for rows that a call before it drops.
            let first = !has_component(&condition) && (calling.is_empty() || !may_fail(&condition, &stream.schema)?);
            if first { &mut plain } else { &mut calling }.push(condition);
        }
        if let Some(plain) = conjunction(plain) {
            stream.node = lowering.filter(&stream, &plain)?;
        }
        if let Some(calling) = conjunction(calling) {
            let mut filter = [calling];
            done = stages(lowering, &mut stream, &mut filter)?;
            let [filter] = filter;
            stream.node = lowering.filter(&stream, &filter)?;
        }
    }
    let mut columns = std::mem::take(&mut stream.columns);
    for column in &mut columns {
        *column = reuse(std::mem::take(column), &done)?;
    }
    stages(lowering, &mut stream, &mut columns)?;
    stream.columns = columns;
    Ok(stream)
}

/// The columns of calls that were made already, where the function gives the same again.
fn reuse(expression: Expr, done: &[(Expr, Expr)]) -> Result<Expr> {
    let reused = expression.transform_down(|node| {
        let known = done.iter().find(|(call, _)| *call == node).map(|(_, column)| column.clone());
        Ok(match known {
            Some(column) => Transformed::new(column, true, TreeNodeRecursion::Jump),
            None => Transformed::no(node),
        })
    })?;
    Ok(reused.data)
}

/// Takes the calls out of expressions, stage by stage. Gives the calls of the first stage that were made for all rows and
/// whose functions are deterministic, with their columns.
fn stages(lowering: &mut Lowering, stream: &mut Stream, expressions: &mut [Expr]) -> Result<Vec<(Expr, Expr)>> {
    let mut done = vec![];
    let mut first = true;
    while expressions.iter().any(has_component) {
        lowering.settle_conditions(stream, expressions)?;
        let calls = take_calls(expressions, stream.schema.fields().len())?;
        if std::mem::replace(&mut first, false) {
            let made = calls.iter().filter(|made| {
                made.selection.is_none() && component_of(&made.call).is_some_and(ComponentScalar::is_deterministic)
            });
            done.extend(made.map(|made| (made.call.clone(), column(&made.name))));
        }
        let input = node_schema(stream);
        let (mut bound, mut asynchronous) = (vec![], vec![]);
        for made in &calls {
            let Some(function) = component_of(&made.call) else { continue };
            let Expr::ScalarFunction(call) = &made.call else { continue };
            let physical = |expression: &Expr| lowering.context.physical(expression, &stream.schema);
            let arguments = call.args.iter().map(physical).collect::<Result<Vec<_>>>()?;
            let selection = made.selection.as_ref().map(physical).transpose()?;
            let call = ComponentCall::new(function, arguments, selection, &made.name, &input, &lowering.context.job)?;
            if call.is_asynchronous() {
                lowering.check_asynchronous(function, stream)?;
                asynchronous.push(call);
            } else {
                bound.push(call);
            }
        }
        let mut schema = input;
        if !bound.is_empty() {
            let spec = ComponentCallSpec::new(bound, &schema);
            schema = spec.schema();
            stream.node = lowering.operator(Arc::new(spec), stream.node);
        }
        // Each is a stage: its rows wait by themselves.
        for call in asynchronous {
            let updates = lowering.mode_of(stream.node) != ChangelogMode::AppendOnly;
            let spec = AsyncCallSpec::new(call, &schema, updates)?;
            schema = spec.schema();
            stream.node = lowering.operator(Arc::new(spec), stream.node);
        }
        stream.schema = Stream::of(stream.node, &schema)?.schema;
    }
    Ok(done)
}

impl Lowering<'_> {
    /// Makes columns of what varies in conditions that decide over calls.
    fn settle_conditions(&mut self, stream: &mut Stream, expressions: &mut [Expr]) -> Result<()> {
        let mut names: Vec<String> = stream.schema.fields().iter().map(|field| field.name().clone()).collect();
        let taken = take_varying(expressions, names.len())?;
        if taken.is_empty() {
            return Ok(());
        }
        let mut columns: Vec<Expr> = names.iter().map(column).collect();
        for (varying, name) in taken {
            columns.push(varying);
            names.push(name);
        }
        let widened = self.calc(Stream { columns, names, filter: None, ..stream.clone() })?;
        (stream.node, stream.schema) = (widened.node, widened.schema);
        Ok(())
    }

    /// An asynchronous function on updates must give the same again, in their order.
    fn check_asynchronous(&self, function: &ComponentScalar, stream: &Stream) -> Result<()> {
        let name = function.function().name();
        let unordered =
            function.function().asynchronous().is_some_and(|options| options.output == AsyncOutput::Unordered);
        if self.mode_of(stream.node) == ChangelogMode::AppendOnly {
            return Ok(());
        }
        if unordered {
            let message = format!(
                "function '{name}' may give its results out of order ('async.output-mode'), and its input has updates, whose order matters"
            );
            return Err(Error::user(message).hint("declare it 'ordered', or call it on an append-only stream"));
        }
        if !function.is_deterministic() {
            let message = format!(
                "function '{name}' is asynchronous and not deterministic, and its input has updates: what it gave for a row could not be taken back"
            );
            return Err(Error::user(message).hint("call it on an append-only stream"));
        }
        Ok(())
    }
}

/// A call of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StageCall {
    pub call: Expr,
    /// Rows for which it is made; `None`: all.
    pub selection: Option<Expr>,
    /// The column of its result.
    pub name: String,
}

/// Takes the calls out of expressions that can be made over an input of `width` columns. In their places stand columns
/// that the stage appends; calls that need the results of others are left.
///
/// # Errors
/// Bugs.
pub fn take_calls(expressions: &mut [Expr], width: usize) -> Result<Vec<StageCall>> {
    let mut calls = Calls { made: vec![], first: width };
    for expression in expressions.iter_mut() {
        *expression = calls.take(expression.clone(), None)?;
    }
    let names: Vec<String> = (0..calls.made.len()).map(|index| calls.name(index)).collect();
    let made = calls.made.into_iter().zip(names);
    Ok(made.map(|(Call { call, selection }, name)| StageCall { call, selection, name }).collect())
}

/// Takes out of conditions what varies, so that those who ask a condition whether a call is made, and those who ask it
/// which value is taken, hear the same. In its place stand columns, which are to be appended to an input of `width`.
///
/// # Errors
/// Bugs.
pub fn take_varying(expressions: &mut [Expr], width: usize) -> Result<Vec<(Expr, String)>> {
    let mut taken: Vec<(Expr, String)> = vec![];
    for expression in expressions.iter_mut().filter(|expression| has_component(expression) && decides(expression)) {
        let settled = std::mem::take(expression).transform_down(|node| {
            let varies = matches!(&node, Expr::ScalarFunction(call)
                if call.func.signature().volatility == Volatility::Volatile && !has_component(&node));
            if !varies {
                return Ok(Transformed::no(node));
            }
            let name = format!("$varying{}", width + taken.len());
            taken.push((node, name.clone()));
            Ok(Transformed::new(column(name), true, TreeNodeRecursion::Jump))
        })?;
        *expression = settled.data;
    }
    Ok(taken)
}

/// Whether an expression evaluates some of its parts for some rows only.
fn decides(expression: &Expr) -> bool {
    let decides = |node: &Expr| match node {
        Expr::Case(_) => true,
        Expr::BinaryExpr(binary) => matches!(binary.op, Operator::And | Operator::Or),
        Expr::ScalarFunction(call) => is_coalesce(call),
        _ => false,
    };
    expression.exists(|node| Ok(decides(node))).unwrap_or(false)
}

fn is_coalesce(call: &ScalarFunction) -> bool {
    matches!(call.func.name(), "COALESCE" | "IFNULL")
}

/// The calls of one stage.
struct Calls {
    made: Vec<Call>,
    /// Columns before those of the calls.
    first: usize,
}

struct Call {
    call: Expr,
    /// Rows for which it is made; `None`: all.
    selection: Option<Expr>,
}

impl Calls {
    fn name(&self, index: usize) -> String {
        format!("$call{}", self.first + index)
    }

    /// The column of a call in this stage. A call that is made for all rows serves every place, unless it varies.
    fn column(&mut self, call: Expr, selection: Option<Expr>) -> Expr {
        let serves = |made: &Call| made.call == call && (made.selection.is_none() || made.selection == selection);
        let known = if call.is_volatile() { None } else { self.made.iter().position(serves) };
        let index = known.unwrap_or_else(|| {
            self.made.push(Call { call, selection });
            self.made.len() - 1
        });
        column(self.name(index))
    }

    /// Replaces the calls that can be made now. `guard`: the rows for which the expression is evaluated at all; it holds
    /// no calls. What stands behind a condition that calls waits for a later stage.
    fn take(&mut self, expression: Expr, guard: Option<Expr>) -> Result<Expr> {
        if !has_component(&expression) {
            return Ok(expression);
        }
        match expression {
            Expr::Case(case) if case.expr.is_none() => self.take_case(case, guard),
            Expr::BinaryExpr(mut binary) if matches!(binary.op, Operator::And | Operator::Or) => {
                binary.left = Box::new(self.take(*binary.left, guard.clone())?);
                // Results of this stage are no columns yet for a selection of this stage.
                if !self.waits(&binary.left) {
                    let decided = match binary.op {
                        Operator::And => binary.left.as_ref().clone().is_not_false(),
                        _ => binary.left.as_ref().clone().is_not_true(),
                    };
                    binary.right = Box::new(self.take(*binary.right, and(guard, decided))?);
                }
                Ok(Expr::BinaryExpr(binary))
            }
            Expr::ScalarFunction(call) if is_coalesce(&call) => {
                let mut guard = guard;
                let mut waiting = false;
                let mut arguments = vec![];
                for argument in call.args {
                    if waiting {
                        arguments.push(argument);
                        continue;
                    }
                    let taken = self.take(argument, guard.clone())?;
                    waiting = self.waits(&taken);
                    guard = and(guard, taken.clone().is_null());
                    arguments.push(taken);
                }
                Ok(Expr::ScalarFunction(ScalarFunction { func: call.func, args: arguments }))
            }
            Expr::ScalarFunction(call) if component_of(&Expr::ScalarFunction(call.clone())).is_some() => {
                let mut arguments = vec![];
                for argument in call.args {
                    arguments.push(self.take(argument, guard.clone())?);
                }
                let ready = !arguments.iter().any(|argument| self.waits(argument));
                let call = Expr::ScalarFunction(ScalarFunction { func: call.func, args: arguments });
                Ok(if ready { self.column(call, guard) } else { call })
            }
            other => {
                let children = other.map_children(|child| {
                    let taken = self.take(child, guard.clone())?;
                    Ok(Transformed::new(taken, true, TreeNodeRecursion::Continue))
                })?;
                Ok(children.data)
            }
        }
    }

    fn take_case(&mut self, case: Case, guard: Option<Expr>) -> Result<Expr> {
        let mut guard = guard;
        let mut waiting = false;
        let mut branches = vec![];
        for (when, then) in case.when_then_expr {
            if waiting {
                branches.push((when, then));
                continue;
            }
            let when = self.take(*when, guard.clone())?;
            waiting = self.waits(&when);
            let then = if waiting { *then } else { self.take(*then, and(guard.clone(), when.clone().is_true()))? };
            guard = and(guard, when.clone().is_not_true());
            branches.push((Box::new(when), Box::new(then)));
        }
        let otherwise = match case.else_expr {
            Some(otherwise) if !waiting => Some(Box::new(self.take(*otherwise, guard)?)),
            other => other,
        };
        Ok(Expr::Case(Case::new(None, branches, otherwise)))
    }

    /// Whether an expression still calls, or reads what this stage gives.
    fn waits(&self, expression: &Expr) -> bool {
        let names: Vec<String> = (0..self.made.len()).map(|index| self.name(index)).collect();
        has_component(expression) || expression.column_refs().iter().any(|column| names.contains(&column.name))
    }
}

fn and(guard: Option<Expr>, condition: Expr) -> Option<Expr> {
    Some(match guard {
        Some(guard) => guard.and(condition),
        None => condition,
    })
}
