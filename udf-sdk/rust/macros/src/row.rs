//! `#[derive(Row)]`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Data, DeriveInput, Fields, Ident, Lifetime, Type};

/// The named fields of a struct.
pub fn fields(input: &DeriveInput) -> syn::Result<(Vec<&Ident>, Vec<&Type>)> {
    let Data::Struct(data) = &input.data else {
        return Err(syn::Error::new_spanned(&input.ident, "only a struct has columns"));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(syn::Error::new_spanned(&input.ident, "the columns need names: use a struct with named fields"));
    };
    if fields.named.is_empty() || fields.named.len() > 16 {
        return Err(syn::Error::new_spanned(&input.ident, "a struct of 1 to 16 fields is needed"));
    }
    if let Some(parameter) = input.generics.type_params().next() {
        return Err(syn::Error::new_spanned(parameter, "the columns' types must be written out"));
    }
    Ok((
        fields.named.iter().filter_map(|field| field.ident.as_ref()).collect(),
        fields.named.iter().map(|field| &field.ty).collect(),
    ))
}

/// The name of a field as a column's.
pub fn column_name(field: &Ident) -> String {
    field.to_string().trim_start_matches("r#").to_owned()
}

pub fn expand(input: DeriveInput) -> syn::Result<TokenStream> {
    let (names, types) = fields(&input)?;
    let columns: Vec<String> = names.iter().map(|name| column_name(name)).collect();
    let indices: Vec<syn::Index> = (0..names.len()).map(syn::Index::from).collect();
    let count = names.len();
    let ident = &input.ident;
    let (implemented, parameters, conditions) = input.generics.split_for_impl();

    // A struct that borrows is read from columns of its own lifetime, another one from those of any.
    let mut lifetimes = input.generics.lifetimes();
    let borrowed = match (lifetimes.next(), lifetimes.next()) {
        (_, Some(second)) => return Err(syn::Error::new_spanned(second, "a row borrows from one column at most")),
        (Some(first), None) => first.lifetime.clone(),
        (None, None) => Lifetime::new("'column", ident.span()),
    };
    let views = quote!((#(::anabranch_udf::types::View<#borrowed, #types>,)*));
    let variables: Vec<Ident> = names.iter().map(|name| format_ident!("column_{}", column_name(name))).collect();

    Ok(quote! {
        impl #implemented ::anabranch_udf::types::SqlType for #ident #parameters #conditions {
            fn describe(name: &str, nullable: bool, nodes: &mut ::anabranch_udf::contract::Field) {
                let members = <Self as ::anabranch_udf::types::Row>::fields(None, "");
                ::anabranch_udf::types::describe_struct(name, nullable, members, nodes);
            }
        }

        impl #implemented ::anabranch_udf::types::Row for #ident #parameters #conditions {
            const COLUMNS: usize = #count;

            type Builders = (#(<#types as ::anabranch_udf::types::Output>::Builder,)*);

            fn fields(names: Option<&[&str]>, _: &str) -> ::std::vec::Vec<::anabranch_udf::contract::Field> {
                let names: &[&str] = names.unwrap_or(&[#(#columns),*]);
                vec![#(::anabranch_udf::types::field::<#types>(
                    names.get(#indices).copied().unwrap_or_default(),
                    <#types as ::anabranch_udf::types::SqlType>::NULLABLE,
                )),*]
            }

            #[inline]
            fn append_row(&self, builders: &mut Self::Builders) {
                #(::anabranch_udf::types::Output::append(&self.#names, &mut builders.#indices);)*
            }
        }

        impl #implemented ::anabranch_udf::types::Output for #ident #parameters #conditions {
            type Builder = ::anabranch_udf::types::StructBuilder<<Self as ::anabranch_udf::types::Row>::Builders>;

            #[inline]
            fn append(&self, builder: &mut Self::Builder) {
                builder.append_with(|members| ::anabranch_udf::types::Row::append_row(self, members));
            }
        }

        impl<#borrowed> ::anabranch_udf::types::Argument<#borrowed> for #ident #parameters #conditions {
            type Values = #views;

            const BUFFERS: usize = 1;

            fn read(
                _: ::anabranch_udf::types::Node<#borrowed>,
                children: &mut ::anabranch_udf::types::Nodes<#borrowed>,
            ) -> ::std::result::Result<Self::Values, ::std::string::String> {
                Ok((#(::anabranch_udf::types::View::<#types>::read(children)?,)*))
            }

            #[inline]
            fn get(values: &Self::Values, row: usize) -> Self {
                Self { #(#names: values.#indices.value(row)),* }
            }

            fn may_lack(values: &Self::Values) -> bool {
                #(::anabranch_udf::types::member_may_lack(&values.#indices))||*
            }

            fn complete(values: &Self::Values, row: usize) -> bool {
                #(::anabranch_udf::types::member_complete(&values.#indices, row))&&*
            }
        }

        impl<#borrowed> ::anabranch_udf::types::RowArgument<#borrowed> for #ident #parameters #conditions {
            type Views = #views;

            fn read(
                columns: &mut ::anabranch_udf::types::Nodes<#borrowed>,
            ) -> ::std::result::Result<Self::Views, ::std::string::String> {
                #(let #variables = ::anabranch_udf::types::View::<#types>::read(columns)?;)*
                Ok((#(#variables,)*))
            }

            #[inline]
            fn get(views: &Self::Views, row: usize) -> Self {
                Self { #(#names: views.#indices.value(row)),* }
            }
        }
    })
}
