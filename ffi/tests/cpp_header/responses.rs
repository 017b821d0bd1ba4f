//! Writes the classes of responses.

use std::fmt::Write as _;

use syn::{Fields, Item};

use crate::model::Model;
use crate::rust_source::{compact, doc, methods, read_items};
use crate::text::{comment, snake_case};

/// A method, its type, and the expression that reads the value.
type Getter = (&'static str, &'static str, &'static str);

/// A class, with the methods whose place in the document the source does not show: their name, what
/// reads them, and where. Of the others, the struct in Rust has the type, and the name is the key.
const CLASSES: [(&str, &[Getter]); 6] = [
    (
        "LinkSent",
        &[(
            "masked_address",
            "std::string",
            "detail::text(document_, \"/maskedPhone\", \"/maskedEmail\")",
        )],
    ),
    ("Session", &[]),
    (
        "SignedIn",
        &[
            (
                "session",
                "Session",
                "Session(detail::json(document_, \"/session\"))",
            ),
            (
                "refresh_jwt",
                "std::optional<std::string>",
                "detail::not_empty(detail::text(document_, \"/refreshJwt\"))",
            ),
        ],
    ),
    ("MatchResult", &[]),
    (
        "EmbeddedLink",
        &[(
            "token",
            "std::string",
            "detail::text(document_, \"/token\")",
        )],
    ),
    (
        "MagicLink",
        &[("link", "std::string", "detail::text(document_, \"/link\")")],
    ),
];

/// The comments of what Rust returns without a struct.
const DOCS: [(&str, &str); 4] = [
    (
        "EmbeddedLink",
        "A token that signs a user in. Deliver it yourself.",
    ),
    ("token", "The token for `verify`."),
    ("MagicLink", "A magic link of a test user."),
    ("link", "The link, with the token in its parameter `t`."),
];

pub(crate) fn generate(model: &Model) -> String {
    let items = read_items("responses.rs");
    for call in &model.calls {
        let is_known = CLASSES.iter().any(|(name, _)| *name == call.response);
        assert!(is_known || call.response == "Document", "{}", call.response);
    }
    let mut text = String::new();
    for (name, getters) in CLASSES {
        write_class(&mut text, &items, name, getters);
    }
    text
}

fn write_class(text: &mut String, items: &[Item], name: &str, getters: &[Getter]) {
    let found = items.iter().find_map(|item| match item {
        Item::Struct(one) if one.ident == name => Some(one),
        _ => None,
    });
    let class_doc = found.map_or_else(|| constant_doc(name), |one| doc(&one.attrs));
    text.push_str(&comment(0, &class_doc));
    writeln!(text, "class {name} {{\n  public:").unwrap();
    writeln!(
        text,
        "    explicit {name}(Document document) : document_(std::move(document)) {{}}"
    )
    .unwrap();
    let functions = methods(items, name);
    let method_doc = |method: &str| {
        let function = functions.iter().find(|one| one.sig.ident == method);
        function.map(|one| doc(&one.attrs))
    };
    let mut write_getter = |method: &str, cpp_type: &str, read: &str, text_of: String| {
        text.push_str(&comment(4, &text_of));
        writeln!(text, "    {cpp_type} {method}() const {{ return {read}; }}").unwrap();
    };
    for (method, cpp_type, read) in getters {
        let text_of = method_doc(method).unwrap_or_else(|| constant_doc(method));
        write_getter(method, cpp_type, read, text_of);
    }
    if let (true, Some(Fields::Named(fields))) = (getters.is_empty(), found.map(|one| &one.fields))
    {
        for field in &fields.named {
            let method = field.ident.as_ref().unwrap().to_string();
            let (cpp_type, reader) = match compact(&field.ty).as_str() {
                "String" => ("std::string", "text"),
                "Vec<String>" => ("std::vector<std::string>", "texts"),
                "Box<RawValue>" => ("Document", "json"),
                "bool" => ("bool", "is_true"),
                other => panic!("{name}.{method} has an unknown type: {other}"),
            };
            let read = format!("detail::{reader}(document_, \"/{}\")", key(&method));
            let text_of = method_doc(&method).unwrap_or_else(|| doc(&field.attrs));
            write_getter(&method, cpp_type, &read, text_of);
        }
    }
    text.push_str(&comment(4, "The whole response, a JSON object."));
    text.push_str("    const Document &document() const noexcept { return document_; }\n\n");
    text.push_str("  private:\n    Document document_;\n};\n\n");
}

/// `user_id` as `userId`.
fn key(method: &str) -> String {
    let mut words = method.split('_');
    let first = words.next().unwrap().to_owned();
    let key = first + &words.map(crate::text::camel_case).collect::<String>();
    assert_eq!(snake_case(&key), method);
    key
}

fn constant_doc(name: &str) -> String {
    let found = DOCS.iter().find(|(one, _)| *one == name);
    found
        .unwrap_or_else(|| panic!("{name} has no comment"))
        .1
        .to_owned()
}
