//! Reads the source of the Rust API: methods, types and their doc comments.

use std::path::{Path, PathBuf};

use quote::ToTokens;
use syn::{Attribute, Expr, ExprLit, FnArg, ImplItem, ImplItemFn, Item, Lit, Meta, Visibility};

/// The items of all files of a folder of core, or of one file.
pub(crate) fn read_items(path: &str) -> Vec<Item> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../core/src")
        .join(path);
    let mut files: Vec<PathBuf> = if path.is_dir() {
        let entries = std::fs::read_dir(&path).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    } else {
        vec![path]
    };
    files.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
    files.sort();
    files
        .iter()
        .flat_map(|file| {
            syn::parse_file(&std::fs::read_to_string(file).unwrap())
                .unwrap()
                .items
        })
        .collect()
}

/// The methods of the inherent implementations of a type.
pub(crate) fn methods<'a>(items: &'a [Item], name: &str) -> Vec<&'a ImplItemFn> {
    let implementations = items.iter().filter_map(|item| match item {
        Item::Impl(one) if one.trait_.is_none() && type_name(&one.self_ty) == name => Some(one),
        _ => None,
    });
    implementations
        .flat_map(|one| &one.items)
        .filter_map(|item| match item {
            ImplItem::Fn(function) => Some(function),
            _ => None,
        })
        .collect()
}

/// The last part of the path of a type, without references and arguments.
pub(crate) fn type_name(of: &syn::Type) -> String {
    match of {
        syn::Type::Path(path) => path.path.segments.last().unwrap().ident.to_string(),
        syn::Type::Reference(reference) => type_name(&reference.elem),
        _ => String::new(),
    }
}

/// A part of the source without white space.
pub(crate) fn compact(tokens: &impl ToTokens) -> String {
    let text = tokens.to_token_stream().to_string();
    text.chars().filter(|one| !one.is_whitespace()).collect()
}

/// The keys that a function sets in a request.
pub(crate) fn keys(function: &ImplItemFn) -> Vec<String> {
    let body = compact(&function.block);
    let parts = body.split("field(\"").skip(1);
    parts
        .map(|part| part.split('"').next().unwrap().to_owned())
        .collect()
}

pub(crate) fn is_public(function: &ImplItemFn) -> bool {
    matches!(function.vis, Visibility::Public(_))
}

/// The parameters without `self`.
pub(crate) fn parameters(function: &ImplItemFn) -> Vec<&syn::Type> {
    let inputs = function.sig.inputs.iter();
    inputs
        .filter_map(|input| match input {
            FnArg::Typed(typed) => Some(&*typed.ty),
            FnArg::Receiver(_) => None,
        })
        .collect()
}

/// A doc comment in the words of C++: without the section on errors, links and what is Rust's own.
pub(crate) fn doc(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| {
        let Meta::NameValue(pair) = &attribute.meta else {
            return None;
        };
        match &pair.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) if pair.path.is_ident("doc") => Some(text.value().trim().to_owned()),
            _ => None,
        }
    });
    let lines: Vec<String> = lines.take_while(|line| line != "# Errors").collect();
    let text = lines.join(" ");
    let text = text.trim().replace("[`", "`").replace("`]", "`");
    let text = text.replace("Client::", "").replace("(Error::outcome)", "");
    let sentences = text.split(". ").filter(|one| !one.starts_with("`Debug`"));
    let mut text = sentences.collect::<Vec<_>>().join(". ");
    if !text.is_empty() && !text.ends_with('.') {
        text.push('.');
    }
    text
}
