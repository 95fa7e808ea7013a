//! What a function's parameters, return type and documentation mean.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::visit_mut::VisitMut;
use syn::{Attribute, Expr, ExprLit, FnArg, Ident, Lifetime, Lit, Meta, Pat, Path, ReturnType, Signature, Type};

/// What the function is given at a place of its parameter list.
pub enum Given {
    /// What `bind` made.
    Prepared,
    /// Where it stands in the plan.
    Context,
    /// Where it writes its text.
    Writer,
    /// An argument of the call, by its place among them.
    Argument(usize),
}

/// A parameter that SQL sees.
pub struct Argument {
    /// Its name in SQL.
    pub name: String,
    /// Its type, in which every lifetime is inferred.
    pub ty: Type,
}

/// The parameters of a function.
pub struct Parameters {
    pub given: Vec<Given>,
    pub arguments: Vec<Argument>,
    pub has_receiver: bool,
}

impl Parameters {
    /// Reads a parameter list; `prepared` says that the first one is what `bind` made.
    pub fn of(signature: &Signature, prepared: bool) -> syn::Result<Self> {
        if let Some(parameter) = signature.generics.type_params().next() {
            return Err(syn::Error::new_spanned(parameter, "an SQL function has no type parameters"));
        }
        if let Some(parameter) = signature.generics.const_params().next() {
            return Err(syn::Error::new_spanned(parameter, "an SQL function has no const parameters"));
        }
        if let Some(asyncness) = &signature.asyncness {
            return Err(syn::Error::new_spanned(asyncness, "an SQL function cannot be async"));
        }
        let mut parameters = Self { given: Vec::new(), arguments: Vec::new(), has_receiver: false };
        let mut prepared = prepared;
        for input in &signature.inputs {
            let parameter = match input {
                FnArg::Receiver(_) => {
                    parameters.has_receiver = true;
                    continue;
                }
                FnArg::Typed(parameter) => parameter,
            };
            if std::mem::take(&mut prepared) {
                parameters.given.push(Given::Prepared);
                continue;
            }
            match reference(&parameter.ty).as_deref() {
                Some("Context") => parameters.given.push(Given::Context),
                Some("TextWriter") => parameters.given.push(Given::Writer),
                _ => {
                    let Pat::Ident(pattern) = &*parameter.pat else {
                        return Err(syn::Error::new_spanned(&parameter.pat, "a parameter needs a name, for SQL"));
                    };
                    let name = pattern.ident.to_string();
                    let name = name.trim_start_matches("r#").trim_start_matches('_').to_owned();
                    refuse_static(&parameter.ty)?;
                    parameters.given.push(Given::Argument(parameters.arguments.len()));
                    parameters.arguments.push(Argument { name, ty: with_inferred_lifetimes(&parameter.ty) });
                }
            }
        }
        if prepared {
            return Err(syn::Error::new_spanned(signature, "with `bind`, the first parameter is what it returns"));
        }
        Ok(parameters)
    }

    /// Whether the function writes its text.
    pub fn writes(&self) -> bool {
        self.given.iter().any(|given| matches!(given, Given::Writer))
    }

    /// The names of the variables that hold the arguments' columns.
    pub fn columns(&self) -> Vec<Ident> {
        (0..self.arguments.len()).map(|index| format_ident!("argument_{index}")).collect()
    }

    /// What is passed for each parameter; `argument` makes the expression of one by its column.
    pub fn passed(&self, argument: impl Fn(&Ident) -> TokenStream) -> Vec<TokenStream> {
        let columns = self.columns();
        (self.given.iter())
            .map(|given| match given {
                Given::Prepared => quote!(prepared),
                Given::Context => quote!(context),
                Given::Writer => quote!(writer),
                Given::Argument(index) => argument(&columns[*index]),
            })
            .collect()
    }

    /// Statements that read the arguments of a row-style function from `batch`, and select rows of `selection`.
    pub fn read(&self) -> TokenStream {
        let columns = self.columns();
        let names = self.arguments.iter().map(|argument| &argument.name);
        let types = self.arguments.iter().map(|argument| &argument.ty);
        quote! {
            #[allow(unused_mut, unused_variables)]
            let mut columns = batch.columns();
            #(let #columns = batch.argument::<#types>(&mut columns, #names, &mut selection)?;)*
        }
    }

    /// The expression of the signature's parameters.
    pub fn described(&self) -> TokenStream {
        let names = self.arguments.iter().map(|argument| &argument.name);
        let types = self.arguments.iter().map(|argument| &argument.ty);
        quote! { vec![#(::anabranch_udf::function::parameter::<#types>(#names)),*] }
    }

    /// The expression that says whether a NULL argument makes the result NULL.
    pub fn strict(&self) -> TokenStream {
        let types = self.arguments.iter().map(|argument| &argument.ty);
        quote! { false #(|| ::anabranch_udf::function::strict::<#types>())* }
    }
}

/// The last name of the path behind a reference: `Context` of `&anabranch_udf::Context`.
fn reference(ty: &Type) -> Option<String> {
    let Type::Reference(reference) = ty else { return None };
    last_name(&reference.elem)
}

/// The last name of a type's path: `Option` of `std::option::Option<i64>`.
pub fn last_name(ty: &Type) -> Option<String> {
    let Type::Path(path) = ty else { return None };
    Some(path.path.segments.last()?.ident.to_string())
}

/// The first type argument of a type's path: `i64` of `Option<i64>`.
pub fn first_argument(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let syn::PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        syn::GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// The type with every lifetime left to inference, as the code that uses it has other ones.
fn with_inferred_lifetimes(ty: &Type) -> Type {
    struct Inferred;

    impl VisitMut for Inferred {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            lifetime.ident = Ident::new("_", lifetime.span());
        }
    }

    let mut ty = ty.clone();
    Inferred.visit_type_mut(&mut ty);
    ty
}

/// Refuses a parameter that is written with `'static`: a function could keep it beyond the call.
fn refuse_static(ty: &Type) -> syn::Result<()> {
    struct Static(Option<Lifetime>);

    impl VisitMut for Static {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if lifetime.ident == "static" {
                self.0 = Some(lifetime.clone());
            }
        }
    }

    let mut found = Static(None);
    found.visit_type_mut(&mut ty.clone());
    match found.0 {
        Some(lifetime) => Err(syn::Error::new(
            lifetime.span(),
            "arguments are borrowed for a call, not for `'static`; leave the lifetime out",
        )),
        None => Ok(()),
    }
}

/// The return type.
pub fn returned(signature: &Signature) -> Type {
    match &signature.output {
        ReturnType::Default => syn::parse_quote!(()),
        ReturnType::Type(_, ty) => with_inferred_lifetimes(ty),
    }
}

/// The documentation that attributes hold.
pub fn doc(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(line), .. }) => {
                let line = line.value();
                Some(line.strip_prefix(' ').unwrap_or(&line).to_owned())
            }
            _ => None,
        },
        _ => None,
    });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// The statements that prepare what `bind` and the context give.
pub fn prepare(bind: Option<&Path>) -> TokenStream {
    match bind {
        Some(bind) => quote! {
            let prepared = #bind(&context).map_err(|error| ::std::string::ToString::to_string(&error))?;
        },
        None => quote! { let prepared = (); },
    }
}
