//! What stands in the parentheses of an attribute.

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Ident, LitStr, Path, Token};

/// The options of an attribute, whichever it is.
#[derive(Default)]
pub struct Options {
    pub name: Option<LitStr>,
    pub nondeterministic: bool,
    pub vectorized: Option<Ident>,
    pub bind: Option<Path>,
    pub columns: Option<(Ident, Vec<Ident>)>,
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut options = Self::default();
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            match key.to_string().as_str() {
                "name" => {
                    input.parse::<Token![=]>()?;
                    options.name = Some(input.parse()?);
                }
                "nondeterministic" => options.nondeterministic = true,
                "vectorized" => options.vectorized = Some(key),
                "bind" => {
                    input.parse::<Token![=]>()?;
                    options.bind = Some(input.parse()?);
                }
                "columns" => {
                    let names;
                    syn::parenthesized!(names in input);
                    let names = Punctuated::<Ident, Token![,]>::parse_terminated(&names)?;
                    options.columns = Some((key, names.into_iter().collect()));
                }
                other => {
                    let message = format!(
                        "unknown option `{other}`: there are `name`, `nondeterministic`, `vectorized`, `bind` and \
                         `columns`"
                    );
                    return Err(syn::Error::new(key.span(), message));
                }
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }
}

impl Options {
    /// Refuses the options that only scalar functions have.
    pub fn no_vectorized(&self) -> syn::Result<()> {
        match &self.vectorized {
            Some(key) => Err(syn::Error::new(key.span(), "only scalar functions can be vectorized")),
            None => Ok(()),
        }
    }

    /// Refuses the options that only table functions have.
    pub fn no_columns(&self) -> syn::Result<()> {
        match &self.columns {
            Some((key, _)) => Err(syn::Error::new(key.span(), "only table functions have columns")),
            None => Ok(()),
        }
    }

    /// The name in SQL.
    pub fn sql_name(&self, otherwise: &str) -> String {
        self.name.as_ref().map_or_else(|| otherwise.to_owned(), LitStr::value)
    }
}
