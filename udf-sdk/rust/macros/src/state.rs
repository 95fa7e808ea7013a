//! `#[derive(State)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::row::{column_name, fields};

pub fn expand(input: DeriveInput) -> syn::Result<TokenStream> {
    let (names, types) = fields(&input)?;
    let columns = names.iter().map(|name| column_name(name));
    let indices = (0..names.len()).map(syn::Index::from);
    let ident = &input.ident;
    if let Some(parameter) = input.generics.params.first() {
        return Err(syn::Error::new_spanned(parameter, "a state borrows nothing, and its types are written out"));
    }
    Ok(quote! {
        impl ::anabranch_udf::State for #ident {
            type Saved = (#(#types,)*);
            const NAMES: &'static [&'static str] = &[#(#columns),*];

            #[inline]
            fn save(&self) -> Self::Saved {
                (#(::std::clone::Clone::clone(&self.#names),)*)
            }

            #[inline]
            fn restore(saved: Self::Saved) -> ::std::result::Result<Self, ::std::string::String> {
                Ok(Self { #(#names: saved.#indices),* })
            }
        }
    })
}
