//! Where a function stands in a plan.

use crate::contract::{Binding, Field};
use crate::types::{Argument, Nodes, View, field, same_type};

/// Where a function stands in a plan: what was agreed before any row is sent.
///
/// A function sees it by a parameter `context: &Context` anywhere among its parameters, and so does what
/// `#[scalar(bind = prepare)]` names: `fn prepare(context: &Context) -> Result<T, String>` is called once per place in
/// a plan, and the function's first parameter is a reference to the `T` that it made.
///
/// ```
/// use anabranch_udf::prelude::*;
///
/// struct Separator(String);
///
/// fn separator(context: &Context) -> Result<Separator, String> {
///     let text = context.constant::<String>(1)?.ok_or("the separator must be a literal")?;
///     Ok(Separator(text))
/// }
///
/// /// The part of a text before the first separator.
/// #[scalar(bind = separator)]
/// fn head<'a>(prepared: &Separator, text: &'a str, separator: &str) -> &'a str {
///     text.split(prepared.0.as_str()).next().unwrap_or(text)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Context {
    binding: Binding,
}

impl Context {
    pub(crate) fn new(binding: Binding) -> Self {
        Self { binding }
    }

    /// The fields of the arguments, as they are sent.
    pub fn arguments(&self) -> &[Field] {
        &self.binding.arguments
    }

    /// The value of an argument, from 0, that is a literal; `None` where it is not, or is NULL.
    ///
    /// # Errors
    /// The literal is of another type.
    pub fn constant<'a, T: Argument<'a>>(&'a self, argument: usize) -> Result<Option<T>, String> {
        let Some(Some(column)) = self.binding.constants.get(argument) else {
            return Ok(None);
        };
        let agreed = self.binding.arguments.get(argument).map(Vec::as_slice).unwrap_or_default();
        if !same_type(agreed, &field::<T>("", true)) {
            return Err(format!("the literal at argument {argument} is of another type than the function asks for"));
        }
        let view = View::<T>::read(&mut Nodes::new(column))?;
        Ok(if view.is_empty() { None } else { view.get(0) })
    }

    /// The session's time zone, an IANA name or an offset.
    pub fn time_zone(&self) -> &str {
        &self.binding.time_zone
    }

    /// An option of the function's DDL that is not the host's own.
    pub fn option(&self, key: &str) -> Option<&str> {
        self.binding.options.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}
