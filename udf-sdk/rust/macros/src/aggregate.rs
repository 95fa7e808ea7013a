//! `#[aggregate]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{FnArg, ImplItem, ImplItemFn, ItemImpl, Type};

use crate::options::Options;
use crate::signature::{Parameters, doc, last_name, returned};

pub fn expand(options: Options, block: ItemImpl) -> syn::Result<TokenStream> {
    options.no_columns()?;
    options.no_vectorized()?;
    if let Some(bind) = &options.bind {
        return Err(syn::Error::new_spanned(bind, "an aggregate function takes a `&Context` where it needs one"));
    }
    let ty = &*block.self_ty;
    if let Some((_, path, _)) = &block.trait_ {
        return Err(syn::Error::new_spanned(path, "an aggregate function is an `impl` block of the type itself"));
    }
    let method = |name: &str| {
        block.items.iter().find_map(|item| match item {
            ImplItem::Fn(method) if method.sig.ident == name => Some(method),
            _ => None,
        })
    };
    let missing = |name: &str| syn::Error::new_spanned(ty, format!("an aggregate function has a method `{name}`"));
    let accumulate = method("accumulate").ok_or_else(|| missing("accumulate"))?;
    let evaluate = method("evaluate").ok_or_else(|| missing("evaluate"))?;
    let (retract, merge) = (method("retract"), method("merge"));

    let parameters = Parameters::of(&accumulate.sig, false)?;
    let accumulate_rows = update(accumulate, &parameters)?;
    let retract_rows = match retract {
        Some(retract) => {
            let retracted = Parameters::of(&retract.sig, false)?;
            if retracted.arguments.len() != parameters.arguments.len() {
                return Err(syn::Error::new_spanned(&retract.sig, "`retract` has the parameters of `accumulate`"));
            }
            update(retract, &retracted)?
        }
        None => quote! { Err("this function does not retract".to_owned()) },
    };
    let merge_rows = match merge {
        Some(merge) => merge_call(merge)?,
        None => quote! { groups.merge(others, |_, _| Err("this function does not merge")) },
    };
    let (retracts, merges) = (retract.is_some(), merge.is_some());

    let result = returned(&evaluate.sig);
    let evaluated = Parameters::of(&evaluate.sig, false)?;
    if !evaluated.arguments.is_empty() || evaluated.writes() {
        return Err(syn::Error::new_spanned(&evaluate.sig, "`evaluate` takes nothing but a `&Context`"));
    }
    let passed = evaluated.passed(|column| quote!(#column));

    let type_name = last_name(ty).ok_or_else(|| syn::Error::new_spanned(ty, "the type needs a name"))?;
    let name = options.sql_name(&snake_case(&type_name));
    let doc = doc(&block.attrs);
    let described = parameters.described();
    let deterministic = !options.nondeterministic;
    Ok(quote! {
        #block

        impl ::anabranch_udf::aggregate::Aggregate for #ty {
            type Result = #result;
            const RETRACTS: bool = #retracts;
            const MERGES: bool = #merges;

            fn accumulate_rows(
                groups: ::anabranch_udf::aggregate::Groups<'_, Self>,
                batch: &::anabranch_udf::batch::Batch,
                context: &::anabranch_udf::Context,
            ) -> ::std::result::Result<
                ::std::vec::Vec<::anabranch_udf::contract::RowError>,
                ::std::string::String,
            > {
                let _ = context;
                #accumulate_rows
            }

            fn retract_rows(
                groups: ::anabranch_udf::aggregate::Groups<'_, Self>,
                batch: &::anabranch_udf::batch::Batch,
                context: &::anabranch_udf::Context,
            ) -> ::std::result::Result<
                ::std::vec::Vec<::anabranch_udf::contract::RowError>,
                ::std::string::String,
            > {
                let _ = (&groups, batch, context);
                #retract_rows
            }

            fn merge_rows(
                groups: ::anabranch_udf::aggregate::Groups<'_, Self>,
                others: impl ::std::iter::Iterator<Item = ::std::result::Result<Self, ::std::string::String>>,
            ) -> ::std::vec::Vec<::anabranch_udf::contract::RowError> {
                #merge_rows
            }

            fn evaluate_group(&self, context: &::anabranch_udf::Context) -> #result {
                let _ = context;
                self.evaluate(#(#passed),*)
            }
        }

        impl ::anabranch_udf::function::Export for #ty {
            fn function() -> ::anabranch_udf::function::Function {
                let mut function = ::anabranch_udf::function::Function::new(
                    ::anabranch_udf::contract::Kind::Aggregate,
                    #name,
                    #doc,
                    #described,
                    ::anabranch_udf::types::field::<<#result as ::anabranch_udf::scalar::Return>::Value>(
                        "",
                        <#result as ::anabranch_udf::scalar::Return>::NULLABLE,
                    ),
                    ::anabranch_udf::aggregate::bind::<#ty>,
                );
                function.signature.deterministic = #deterministic;
                function.signature.retracts = #retracts;
                function.signature.merges = #merges;
                function
            }
        }
    })
}

/// The body that calls `accumulate` or `retract` for each row.
fn update(method: &ImplItemFn, parameters: &Parameters) -> syn::Result<TokenStream> {
    if !parameters.has_receiver || parameters.writes() {
        return Err(syn::Error::new_spanned(&method.sig, "this method takes `&mut self` and the arguments"));
    }
    let read = parameters.read();
    let columns = parameters.columns();
    let name = &method.sig.ident;
    let passed = parameters.passed(|column| quote!(#column.value(row)));
    Ok(quote! {
        let mut selection = ::anabranch_udf::selection::Selection::all(batch.rows());
        #read
        let rows = selection.rows();
        #(let #columns = #columns.of_rows(rows);)*
        Ok(groups.update(selection, |group, row| group.#name(#(#passed),*)))
    })
}

/// The body that calls `merge` for each row.
fn merge_call(method: &ImplItemFn) -> syn::Result<TokenStream> {
    let mut others = method.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(parameter) => Some(&*parameter.ty),
        FnArg::Receiver(_) => None,
    });
    let other = match (others.next(), others.next()) {
        (Some(Type::Reference(reference)), None) if reference.mutability.is_none() => quote!(&other),
        (Some(_), None) => quote!(other),
        _ => {
            return Err(syn::Error::new_spanned(&method.sig, "`merge` takes `&mut self` and another accumulator"));
        }
    };
    Ok(quote! { groups.merge(others, |group, other| group.merge(#other)) })
}

/// `ApproxUv` as `approx_uv`.
fn snake_case(name: &str) -> String {
    let mut text = String::new();
    for character in name.chars() {
        if character.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(character.to_lowercase());
    }
    text
}
