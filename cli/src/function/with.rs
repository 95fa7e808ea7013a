//! `--with`: the options that a function's DDL has in `WITH (…)`.

use std::sync::Arc;

use anabranch::arrow::array::ArrayRef;
use anabranch::functions::component::host_error;
use anabranch::suggest::did_you_mean;
use anabranch::{Error, Result};
use anabranch_host::{BindRequest, BoundFunction, GRANT_OPTIONS, Grants, LIMIT_OPTIONS, Limits, Package};

use crate::tell::tell;

/// What a function may use, is granted, and is told.
#[derive(clap::Args)]
pub struct With {
    /// A limit, a grant, or an option of the function's own, as in the WITH of its DDL: 'timeout=1 s',
    /// 'grant.http=GET https://api.example.com', 'option.mode=fast'. May be repeated.
    #[arg(long = "with", value_name = "NAME=VALUE", value_parser = parse)]
    options: Vec<(String, String)>,
}

fn parse(option: &str) -> Result<(String, String), String> {
    let (name, value) = option.split_once('=').ok_or("it is a name, `=` and a value: 'timeout=1 s'")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

impl With {
    pub fn limits(&self) -> Result<Limits> {
        Ok(self.read()?.0)
    }

    /// Binds a function of a package to arguments, of which some may be literals.
    pub fn bind(
        &self,
        package: &Arc<Package>,
        function: usize,
        constants: Vec<Option<ArrayRef>>,
    ) -> Result<BoundFunction> {
        let (limits, grants, options) = self.read()?;
        let signature = package.functions().get(function);
        let arguments = signature.map(|signature| signature.parameters.clone()).unwrap_or_default();
        let request = BindRequest { function, arguments, constants, options, ..Default::default() };
        for option in package.useless_grants(&grants) {
            tell!("'{option}' has no effect: the component imports nothing that it would open");
        }
        package.bind(request, limits, grants).map_err(host_error)
    }

    fn read(&self) -> Result<(Limits, Grants, Vec<(String, String)>)> {
        let (mut limits, mut grants, mut own) = (Limits::default(), Grants::default(), vec![]);
        for (name, value) in &self.options {
            if let Some(name) = name.strip_prefix("option.") {
                own.push((name.to_owned(), value.clone()));
            } else if !limits.set(name, value).map_err(host_error)? && !grants.set(name, value).map_err(host_error)? {
                let known = [LIMIT_OPTIONS, GRANT_OPTIONS, &[("option.*", "")]].concat();
                let hint = did_you_mean(name, known.iter().map(|(name, _)| *name));
                return Err(Error::user(format!("unknown option '{name}'")).hint(hint));
            }
        }
        grants.check().map_err(host_error)?;
        Ok((limits, grants, own))
    }
}
