//! Writes the structs of requests and of the configuration.

use std::fmt::Write as _;

use descope_ml_core::table::{self, Field, FieldType};
use syn::Item;

use crate::model::{Member, Model, Struct};
use crate::rust_source::{compact, doc, methods, read_items};
use crate::text::comment;

pub(crate) fn generate(model: &Model) -> String {
    let mut text = String::new();
    let config = read_items("config/mod.rs");
    text += &roots(&config);
    for one in model.structs.iter().chain([&config_struct(&config)]) {
        write_struct(&mut text, one);
    }
    text
}

fn write_struct(text: &mut String, one: &Struct) {
    text.push_str(&comment(0, &one.doc));
    writeln!(text, "struct {} {{", one.name).unwrap();
    for member in &one.members {
        text.push_str(&comment(4, &member.doc));
        writeln!(text, "    {};", declaration(member)).unwrap();
    }
    writeln!(text, "}};\n").unwrap();
    writeln!(text, "template <> struct detail::Members<{}> {{", one.name).unwrap();
    writeln!(
        text,
        "    template <typename Struct, typename Visitor>\n    \
         static void visit(Struct &object, Visitor &visitor) {{"
    )
    .unwrap();
    for member in &one.members {
        writeln!(
            text,
            "        visitor(\"{}\", object.{});",
            member.key, member.name
        )
        .unwrap();
    }
    writeln!(text, "    }}\n}};\n").unwrap();
}

/// A required member has no default, so that an object without it does not compile. A list is optional as
/// well: without audiences every session is accepted, with an empty list none.
fn declaration(member: &Member) -> String {
    let Member { cpp_type, name, .. } = member;
    if member.is_required {
        return format!("Required<{cpp_type}> {name}");
    }
    format!("std::optional<{cpp_type}> {name}{{}}")
}

/// The enum of the configuration, and its names in JSON.
fn roots(config: &[Item]) -> String {
    let found = config.iter().find_map(|item| match item {
        Item::Enum(one) if one.ident == "TlsRoots" => Some(one),
        _ => None,
    });
    let found = found.unwrap();
    let mut text = comment(0, &doc(&found.attrs)) + "enum class TlsRoots {\n";
    let mut names = String::new();
    for variant in &found.variants {
        let name = variant.ident.to_string().to_lowercase();
        text += &comment(4, &doc(&variant.attrs));
        writeln!(text, "    {name},").unwrap();
        writeln!(
            names,
            "    case TlsRoots::{name}:\n        return \"{name}\";"
        )
        .unwrap();
    }
    text + "};\n\n// The name in JSON.\ninline std::string_view name_of(TlsRoots value) noexcept {\n    \
            switch (value) {\n"
        + &names
        + "    }\n    return \"\";\n}\n\n"
}

fn config_struct(config: &[Item]) -> Struct {
    let builders = methods(config, "Config");
    let members = table::config().into_iter().map(|field| {
        let key = field.key;
        let assignment = format!("SCHEMA.field(\"{key}\")");
        let builder = builders
            .iter()
            .find(|function| compact(&function.block).contains(&assignment));
        let builder = builder.unwrap_or_else(|| panic!("`{key}` of Config has no builder"));
        Member {
            key: key.to_owned(),
            name: builder.sig.ident.to_string(),
            doc: doc(&builder.attrs),
            cpp_type: config_type(&field).to_owned(),
            is_required: false,
        }
    });
    Struct {
        name: "Config".to_owned(),
        doc: "The configuration of a client. Every value has a default or comes from the environment."
            .to_owned(),
        members: members.collect(),
    }
}

fn config_type(field: &Field) -> &'static str {
    match field.field_type {
        FieldType::String => "std::string",
        FieldType::Bool => "bool",
        FieldType::OneOf(_) => "TlsRoots",
        FieldType::Milliseconds => "std::chrono::milliseconds",
        FieldType::Seconds => "std::chrono::seconds",
        FieldType::Integer => "std::uint32_t",
        _ => panic!("`{}` of Config has an unexpected type", field.key),
    }
}
