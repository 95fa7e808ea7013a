//! A package: its functions, and the places in plans that they are bound to.

use crate::aggregate::Accumulators;
use crate::batch::Batch;
use crate::context::Context;
use crate::contract::{self, Binding, Bound, Metadata, ScalarResult, TableChunk};
use crate::function::{Function, Instance};
use crate::table::Cursor;
use crate::types::same_type;

/// What [`package!`](crate::package) makes: the functions of a package.
#[derive(Clone, Copy, Debug)]
pub struct Package {
    /// The crate's name.
    pub name: &'static str,
    /// The crate's version.
    pub version: &'static str,
    /// The functions, in the order of the list.
    pub functions: &'static [fn() -> Function],
}

impl Package {
    /// What the host is told.
    pub fn describe(&self) -> Metadata {
        Metadata {
            name: self.name.to_owned(),
            version: self.version.to_owned(),
            functions: self.functions.iter().map(|function| function().signature).collect(),
        }
    }
}

/// A package at work: what the host calls, without the boundary.
#[derive(Default)]
pub struct Bindings {
    places: Vec<Option<Place>>,
}

/// A function at one place of a plan.
struct Place {
    instance: Instance,
    /// What is left of a table function's output.
    cursor: Option<Box<dyn Cursor>>,
}

impl Bindings {
    /// Binds a function to a place in a plan.
    ///
    /// # Errors
    /// There is no such function, the arguments are not its, or its own `bind` fails.
    pub fn bind(&mut self, package: &Package, binding: Binding) -> Result<Bound, String> {
        let Some(function) = package.functions.get(binding.function as usize) else {
            return Err(format!("there is no function {}", binding.function));
        };
        let Function { signature, bind } = function();
        let expected = &signature.parameters;
        if expected.len() != binding.arguments.len()
            || !expected.iter().zip(&binding.arguments).all(|(one, other)| same_type(&one.type_, other))
        {
            return Err(format!("the arguments are not those of {}'s signature", signature.name));
        }
        let instance = bind(Context::new(binding))?;
        let state = match &instance {
            Instance::Aggregate { state, .. } => state.clone(),
            _ => Vec::new(),
        };
        let place = Some(Place { instance, cursor: None });
        let handle = match self.places.iter().position(Option::is_none) {
            Some(free) => {
                self.places[free] = place;
                free
            }
            None => {
                self.places.push(place);
                self.places.len() - 1
            }
        };
        Ok(Bound { handle: handle as u32, result: signature.result, state })
    }

    /// Forgets a place.
    pub fn unbind(&mut self, handle: u32) {
        if let Some(place) = self.places.get_mut(handle as usize) {
            *place = None;
        }
    }

    fn place(&mut self, handle: u32) -> Result<&mut Place, String> {
        match self.places.get_mut(handle as usize) {
            Some(Some(place)) => Ok(place),
            _ => Err(format!("nothing is bound as {handle} (a bug of the host)")),
        }
    }

    /// Calls a scalar function.
    ///
    /// # Errors
    /// A failure of the whole call.
    pub fn call(&mut self, handle: u32, rows: u32, columns: contract::Batch) -> Result<ScalarResult, String> {
        match &mut self.place(handle)?.instance {
            Instance::Scalar(call) => call(&Batch::new(rows as usize, columns)),
            _ => Err(other_kind("scalar")),
        }
    }

    /// Gives a table function the rows of a call.
    ///
    /// # Errors
    /// A failure of the whole call.
    pub fn begin(&mut self, handle: u32, rows: u32, columns: contract::Batch) -> Result<(), String> {
        let place = self.place(handle)?;
        place.cursor = None;
        match &mut place.instance {
            Instance::Table(begin) => {
                place.cursor = Some(begin(Batch::new(rows as usize, columns))?);
                Ok(())
            }
            _ => Err(other_kind("table")),
        }
    }

    /// The next rows of a table function's output.
    ///
    /// # Errors
    /// A failure of the whole call.
    pub fn next(&mut self, handle: u32, max_rows: u32) -> Result<TableChunk, String> {
        let place = self.place(handle)?;
        let Some(cursor) = &mut place.cursor else {
            return Err("there is no call whose output could be fetched (a bug of the host)".to_owned());
        };
        let chunk = cursor.next(max_rows as usize)?;
        if chunk.done {
            place.cursor = None;
        }
        Ok(chunk)
    }

    /// Opens accumulators of an aggregate function.
    ///
    /// # Errors
    /// It is not an aggregate function.
    pub fn open(&mut self, handle: u32) -> Result<Box<dyn Accumulators>, String> {
        match &self.place(handle)?.instance {
            Instance::Aggregate { open, .. } => Ok(open()),
            _ => Err(other_kind("aggregate")),
        }
    }
}

fn other_kind(kind: &str) -> String {
    format!("it is not a function of the kind {kind} (a bug of the host)")
}
