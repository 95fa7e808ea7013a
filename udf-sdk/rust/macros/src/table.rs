//! `#[table]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{GenericArgument, ItemFn, PathArguments, Type, TypeParamBound};

use crate::options::Options;
use crate::signature::{Parameters, doc, first_argument, last_name, prepare, returned};

pub fn expand(options: Options, function: ItemFn) -> syn::Result<TokenStream> {
    options.no_vectorized()?;
    let ident = &function.sig.ident;
    let visibility = &function.vis;
    let parameters = Parameters::of(&function.sig, options.bind.is_some())?;
    if parameters.has_receiver {
        return Err(syn::Error::new_spanned(&function.sig, "a table function has no `self`"));
    }
    if parameters.writes() {
        return Err(syn::Error::new_spanned(&function.sig, "a table function returns its rows"));
    }
    let returned = returned(&function.sig);
    let passed = parameters.passed(|column| quote!(#column.value(row)));
    let (rows, expansion) = expansion(&returned, quote!(#ident(#(#passed),*)));
    let item = item(rows);
    let read = parameters.read();
    let described = parameters.described();
    let name = options.sql_name(ident.to_string().trim_start_matches("r#"));
    let (check, names) = match &options.columns {
        None => (TokenStream::new(), quote!(None)),
        Some((key, names)) => {
            let count = names.len();
            let message = "`columns` names another number of columns than a row has";
            let check = quote::quote_spanned! { key.span() =>
                const { assert!(<#item as ::anabranch_udf::types::Row>::COLUMNS == #count, #message) };
            };
            let names = names.iter().map(|name| name.to_string());
            (check, quote!(Some(&[#(#names),*])))
        }
    };
    let doc = doc(&function.attrs);
    let deterministic = !options.nondeterministic;
    let prepare = prepare(options.bind.as_ref());
    Ok(quote! {
        #function

        #[doc(hidden)]
        #[allow(non_camel_case_types)]
        #visibility struct #ident {}

        impl ::anabranch_udf::function::Export for #ident {
            fn function() -> ::anabranch_udf::function::Function {
                fn bind(
                    context: ::anabranch_udf::Context,
                ) -> ::std::result::Result<::anabranch_udf::function::Instance, ::std::string::String> {
                    #prepare
                    let kept = ::std::rc::Rc::new((context, prepared));
                    let table = move |batch| {
                        // SAFETY: the function is generic over the lifetimes of its arguments, as none is written
                        // `'static`, so that it cannot keep what it borrows beyond what it returns.
                        unsafe {
                            ::anabranch_udf::table::cursor(batch, kept.clone(), |kept, batch, selection| {
                                let mut selection = selection;
                                let (context, prepared) = (&kept.0, &kept.1);
                                let _ = (context, prepared);
                                #read
                                Ok(move |row| #expansion)
                            })
                        }
                    };
                    Ok(::anabranch_udf::function::Instance::Table(::std::boxed::Box::new(table)))
                }

                #check
                let mut function = ::anabranch_udf::function::Function::new(
                    ::anabranch_udf::contract::Kind::Table,
                    #name,
                    #doc,
                    #described,
                    ::anabranch_udf::table::result::<#item>(#names, #name),
                    bind,
                );
                function.signature.deterministic = #deterministic;
                function
            }
        }
    })
}

/// What iterates over the rows, and the expression that makes an `Expansion` of the call: `Option` and `Result` around
/// the rows stay, the rows are wrapped.
fn expansion(returned: &Type, call: TokenStream) -> (&Type, TokenStream) {
    let rows = quote!(::anabranch_udf::table::Rows);
    let outer = |ty: &Type| matches!(last_name(ty).as_deref(), Some("Option" | "Result"));
    match first_argument(returned) {
        Some(inside) if outer(returned) => match first_argument(inside) {
            Some(inner) if outer(inside) => (inner, quote!(#call.map(|rows| rows.map(#rows)))),
            _ => (inside, quote!(#call.map(#rows))),
        },
        _ => (returned, quote!(#rows(#call))),
    }
}

/// The type of a row.
fn item(rows: &Type) -> TokenStream {
    if let Type::ImplTrait(ty) = rows {
        for bound in &ty.bounds {
            let TypeParamBound::Trait(bound) = bound else { continue };
            let Some(segment) = bound.path.segments.last() else { continue };
            let PathArguments::AngleBracketed(arguments) = &segment.arguments else { continue };
            for argument in &arguments.args {
                if let GenericArgument::AssocType(item) = argument
                    && item.ident == "Item"
                {
                    let ty = &item.ty;
                    return quote!(#ty);
                }
            }
        }
    }
    quote!(<#rows as ::std::iter::IntoIterator>::Item)
}
