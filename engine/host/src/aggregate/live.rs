//! A component's `accumulators` resource, called.

use arrow::array::ArrayRef;
use wasmtime::component::{ResourceAny, TypedFunc};

use super::Change;
use crate::bound::{Template, with_columns};
use crate::decode::decode_all;
use crate::error::{Error, Result, RowError};
use crate::instance::Instance;
use crate::scalar::{ScalarOutput, finish, row_errors};
use crate::wire::description::{ScalarResult, WireRowError};
use crate::wire::lift::LiftedColumns;
use crate::wire::lower::{Columns, GroupIds, Scratch};

type ChangeCall =
    TypedFunc<(ResourceAny, GroupIds<'static>, &'static Columns<'static>), (Result<Vec<WireRowError>, String>,)>;
type RestoreCall = TypedFunc<(ResourceAny, GroupIds<'static>, &'static Columns<'static>), (Result<(), String>,)>;
type EvaluateCall = TypedFunc<(ResourceAny, GroupIds<'static>), (Result<ScalarResult, String>,)>;
type StateCall = TypedFunc<(ResourceAny, GroupIds<'static>), (Result<LiftedColumns, String>,)>;
type RemoveCall = TypedFunc<(ResourceAny, GroupIds<'static>), ()>;

/// An instance with its accumulators.
pub(crate) struct Live {
    pub instance: Instance,
    accumulators: ResourceAny,
    accumulate: ChangeCall,
    retract: ChangeCall,
    merge: ChangeCall,
    restore: RestoreCall,
    evaluate: EvaluateCall,
    state: StateCall,
    remove: RemoveCall,
}

impl Live {
    pub fn new(template: &Template, (mut instance, handle): (Instance, u32)) -> Result<Self> {
        let exports = &template.package.exports;
        let open = instance.function::<(u32,), (Result<ResourceAny, String>,)>(&exports.open)?;
        let (accumulators,) = instance.call(open, (handle,))?;
        let accumulators = accumulators.map_err(|message| template.guest_error(&instance, message))?;
        Ok(Live {
            accumulators,
            accumulate: instance.function(&exports.accumulate)?,
            retract: instance.function(&exports.retract)?,
            merge: instance.function(&exports.merge)?,
            restore: instance.function(&exports.restore)?,
            evaluate: instance.function(&exports.evaluate)?,
            state: instance.function(&exports.state)?,
            remove: instance.function(&exports.remove)?,
            instance,
        })
    }

    /// Changes accumulators; the columns are of the right types and lengths.
    pub fn change(
        &mut self,
        template: &Template,
        change: Change,
        groups: &[u32],
        columns: &[ArrayRef],
        scratch: &mut Scratch,
    ) -> Result<Vec<RowError>> {
        let (changed, kept) = with_columns(columns, scratch, |columns| {
            let parameters = (self.accumulators, GroupIds(groups), &columns);
            let changed = match change {
                Change::Accumulate => self.instance.call(self.accumulate, parameters),
                Change::Retract => self.instance.call(self.retract, parameters),
                Change::Merge => self.instance.call(self.merge, parameters),
                Change::Restore => {
                    self.instance.call(self.restore, parameters).map(|(restored,)| (restored.map(|()| Vec::new()),))
                }
            };
            (changed, columns.into_scratch())
        })
        .map_err(|reason| template.argument(reason))?;
        *scratch = kept;
        let (changed,) = changed?;
        let mut errors = changed.map_err(|message| template.guest_error(&self.instance, message))?;
        self.instance.redact_rows(&mut errors);
        row_errors(errors, groups.len()).map_err(|reason| template.bad_result(&mut self.instance, reason))
    }

    pub fn evaluate(&mut self, template: &Template, groups: &[u32]) -> Result<ScalarOutput> {
        let (result,) = self.instance.call(self.evaluate, (self.accumulators, GroupIds(groups)))?;
        let mut result = result.map_err(|message| template.guest_error(&self.instance, message))?;
        self.instance.redact_rows(&mut result.errors);
        finish(template, result, groups.len()).map_err(|reason| template.bad_result(&mut self.instance, reason))
    }

    pub fn state(&mut self, template: &Template, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        let (state,) = self.instance.call(self.state, (self.accumulators, GroupIds(groups)))?;
        let columns = state.map_err(|message| template.guest_error(&self.instance, message))?;
        decode_all(columns, template.state.iter(), groups.len())
            .map_err(|reason| template.bad_result(&mut self.instance, format!("its state: {reason}")))
    }

    pub fn remove(&mut self, groups: &[u32]) -> Result<(), Error> {
        self.instance.call(self.remove, (self.accumulators, GroupIds(groups)))
    }
}
