//! Lateral table functions. Their arguments are computed by the operator itself, but component calls among them are
//! stages below.

use std::sync::Arc;

use super::Lowering;
use super::component::has_component;
use super::stream::{Stream, node_schema};
use crate::changelog::ChangelogMode;
use crate::error::{Error, Result};
use crate::operators::{LateralSpec, OperatorSpec};
use crate::plan::bind::unique_names;
use crate::plan::nodes::Lateral;

impl Lowering<'_> {
    pub(super) fn lateral(&mut self, lateral: &Lateral) -> Result<Stream> {
        // An expansion has no key by which an update could find its old rows.
        let input = self.plan(&lateral.input, true)?;
        let input = self.settled(input, &lateral.arguments, lateral.input.schema())?;
        if self.mode_of(input.node) != ChangelogMode::AppendOnly && !lateral.function.0.is_deterministic() {
            let name = lateral.function.0.name();
            let message = format!(
                "table function '{name}' is not deterministic, and its input has updates: what it gave for a row could not be taken back"
            );
            return Err(Error::user(message).hint("call it on an append-only stream"));
        }
        let width = input.columns.len();
        let mut arguments =
            lateral.arguments.iter().map(|it| input.over(it, lateral.input.schema())).collect::<Result<Vec<_>>>()?;
        let mut stream = input;
        let mut hidden = 0;
        for argument in arguments.iter().filter(|argument| has_component(argument)) {
            stream.names.push(format!("$argument{hidden}"));
            stream.columns.push(argument.clone());
            hidden += 1;
        }
        let stream = self.materialize(stream)?;
        let mut computed = width;
        for (argument, original) in arguments.iter_mut().zip(&lateral.arguments) {
            *argument = if has_component(argument) {
                computed += 1;
                stream.columns[computed - 1].clone()
            } else {
                stream.over(original, lateral.input.schema())?
            };
        }
        let input = node_schema(&stream);
        let arguments =
            arguments.iter().map(|it| self.context.physical(it, &stream.schema)).collect::<Result<Vec<_>>>()?;
        let names = unique_names(stream.names.iter().cloned().chain(lateral.names()));
        let spec = LateralSpec::new(
            &lateral.function.0,
            arguments,
            lateral.join.into(),
            Some(&names[stream.names.len()..]),
            &input,
            &self.context.job,
        )?;
        let schema = spec.schema();
        let node = self.operator(Arc::new(spec), stream.node);
        let mut result = Stream::of(node, &schema)?;
        result.columns.drain(width..width + hidden);
        result.names.drain(width..width + hidden);
        Ok(result)
    }
}
