//! `#[scalar]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{ItemFn, Type};

use crate::options::Options;
use crate::signature::{Parameters, doc, prepare, returned};

pub fn expand(options: Options, function: ItemFn) -> syn::Result<TokenStream> {
    options.no_columns()?;
    let ident = &function.sig.ident;
    let visibility = &function.vis;
    let parameters = Parameters::of(&function.sig, options.bind.is_some())?;
    if parameters.has_receiver {
        return Err(syn::Error::new_spanned(&function.sig, "a scalar function has no `self`"));
    }
    let returned = returned(&function.sig);
    if let Type::ImplTrait(ty) = &returned {
        return Err(syn::Error::new_spanned(ty, "a scalar function's type must be written out"));
    }
    let call = match (&options.vectorized, parameters.writes()) {
        (Some(vectorized), true) => {
            return Err(syn::Error::new(vectorized.span(), "a vectorized function returns a column"));
        }
        (Some(_), false) => vectorized(ident, &parameters, &returned),
        (None, true) => writer(ident, &parameters),
        (None, false) => by_row(ident, &parameters, &returned),
    };
    let result = match (&options.vectorized, parameters.writes()) {
        (Some(_), _) => quote! { <#returned as ::anabranch_udf::array::ReturnArray>::field() },
        (None, true) => {
            let strict = parameters.strict();
            quote! {
                ::anabranch_udf::types::field::<::std::string::String>(
                    "",
                    <#returned as ::anabranch_udf::scalar::Written>::NULLABLE || #strict,
                )
            }
        }
        (None, false) => {
            let strict = parameters.strict();
            quote! {
                ::anabranch_udf::types::field::<<#returned as ::anabranch_udf::scalar::Return>::Value>(
                    "",
                    <#returned as ::anabranch_udf::scalar::Return>::NULLABLE || #strict,
                )
            }
        }
    };
    let described = match &options.vectorized {
        None => parameters.described(),
        Some(_) => {
            let names = parameters.arguments.iter().map(|argument| &argument.name);
            let types = parameters.arguments.iter().map(|argument| &argument.ty);
            quote! { vec![#(<#types as ::anabranch_udf::array::ArgumentColumn>::parameter(#names)),*] }
        }
    };
    let name = options.sql_name(ident.to_string().trim_start_matches("r#"));
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
                    let scalar = move |batch: &::anabranch_udf::batch::Batch| {
                        let (context, prepared) = (&context, &prepared);
                        let _ = (context, prepared);
                        #call
                    };
                    Ok(::anabranch_udf::function::Instance::Scalar(::std::boxed::Box::new(scalar)))
                }

                let mut function = ::anabranch_udf::function::Function::new(
                    ::anabranch_udf::contract::Kind::Scalar,
                    #name,
                    #doc,
                    #described,
                    #result,
                    bind,
                );
                function.signature.deterministic = #deterministic;
                function
            }
        }
    })
}

fn by_row(ident: &syn::Ident, parameters: &Parameters, returned: &Type) -> TokenStream {
    let read = parameters.read();
    let passed = parameters.passed(|column| quote!(#column.value(row)));
    quote! {
        let mut selection = ::anabranch_udf::selection::Selection::all(batch.rows());
        #read
        Ok(<#returned as ::anabranch_udf::scalar::Return>::collect(selection, |row| #ident(#(#passed),*)))
    }
}

fn writer(ident: &syn::Ident, parameters: &Parameters) -> TokenStream {
    let read = parameters.read();
    let passed = parameters.passed(|column| quote!(#column.value(row)));
    quote! {
        let mut selection = ::anabranch_udf::selection::Selection::all(batch.rows());
        #read
        Ok(::anabranch_udf::types::write_rows(selection, |row, writer| #ident(#(#passed),*)))
    }
}

fn vectorized(ident: &syn::Ident, parameters: &Parameters, returned: &Type) -> TokenStream {
    let columns = parameters.columns();
    let passed = parameters.passed(|column| quote!(#column));
    quote! {
        #[allow(unused_mut, unused_variables)]
        let mut columns = batch.columns();
        #(let #columns = batch.view(&mut columns)?;)*
        <#returned as ::anabranch_udf::array::ReturnArray>::result(#ident(#(#passed),*), batch.rows())
    }
}
