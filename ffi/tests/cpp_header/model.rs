//! The operations with their types and comments, as C++ sees them.

use std::collections::BTreeMap;

use descope_ml_core::table::{self, Field, FieldType};
use syn::{ImplItemFn, Item};

use crate::rust_source::{
    compact, doc, is_public, keys, methods, parameters, read_items, type_name,
};
use crate::text::{camel_case, snake_case};

/// Responses of which the method in Rust returns one member only: the method and the class.
const PARTS: [(&str, &str); 3] = [
    ("generate_embedded_link", "EmbeddedLink"),
    ("generate_sign_up_embedded_link", "EmbeddedLink"),
    ("generate_magic_link", "MagicLink"),
];

/// The comments of members that no method in Rust sets: they are arguments of a constructor, or missing.
const COMMENTS: [(&str, &str); 19] = [
    ("projectId", "The project, if it is not that of the client."),
    (
        "timeoutMs",
        "The timeout of this call, if it is not that of the client.",
    ),
    (
        "loginId",
        "The login ID of the user: a phone number such as `+14155550123`, an email address or another login ID.",
    ),
    (
        "token",
        "The token of the link: the value of its parameter `t`.",
    ),
    ("email", "The new email address."),
    ("phone", "The new phone number."),
    ("refreshToken", "The refresh JWT of the session."),
    ("sessionToken", "The session JWT."),
    ("accessKey", "An access key of the project."),
    ("tenant", "The ID of the tenant."),
    ("tenantId", "The ID of the tenant."),
    ("roleNames", "The roles of the user in the tenant."),
    (
        "dct",
        "Requests the tenant that is selected in the session: the claim `dct`. Exclusive with `ids`.",
    ),
    (
        "ids",
        "Requests the tenants with these IDs. Exclusive with `dct`.",
    ),
    ("claims", "The claims of the session."),
    ("permissions", "The permissions to look for."),
    ("roles", "The roles to look for."),
    (
        "deliveryMethod",
        "As if the link were sent by `sms`, `email` or `whatsapp`.",
    ),
    ("userTenants", "The tenants of the user."),
];

/// A struct of C++.
pub(crate) struct Struct {
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) members: Vec<Member>,
}

/// A member of a struct.
pub(crate) struct Member {
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) cpp_type: String,
    pub(crate) is_required: bool,
}

/// An operation and its method.
pub(crate) struct Call {
    pub(crate) operation: &'static str,
    pub(crate) method: String,
    pub(crate) doc: String,
    pub(crate) request: String,
    pub(crate) response: String,
}

/// Everything that is generated.
pub(crate) struct Model {
    /// Each after those that it contains.
    pub(crate) structs: Vec<Struct>,
    pub(crate) calls: Vec<Call>,
}

impl Model {
    pub(crate) fn read() -> Model {
        let requests = read_items("requests");
        let client = read_items("client");
        let constants = operation_constants();
        let operations = table::operations();
        assert_eq!(constants.len(), operations.len());
        let mut model = Model {
            structs: Vec::new(),
            calls: Vec::new(),
        };
        let functions: Vec<_> = methods(&client, "Client")
            .into_iter()
            .filter(|function| is_public(function))
            .collect();
        for (constant, operation) in constants.iter().zip(&operations) {
            let function = functions
                .iter()
                .find(|function| uses(function, constant))
                .unwrap_or_else(|| panic!("no method of Client calls {constant}"));
            let method = function.sig.ident.to_string();
            let rust_name = parameters(function)
                .first()
                .map(|parameter| type_name(parameter))
                .filter(|name| name != "MatchRequest");
            let request = rust_name.unwrap_or_else(|| camel_case(&method) + "Request");
            let purpose = doc(&function.attrs);
            model.add_struct(&requests, &request, &operation.fields);
            model.calls.push(Call {
                operation: operation.name,
                doc: purpose,
                request,
                response: response(function, &method),
                method,
            });
        }
        model
    }

    fn add_struct(&mut self, requests: &[Item], name: &str, fields: &[Field]) {
        if self.structs.iter().any(|one| one.name == name) {
            return;
        }
        let rust_name = if name.starts_with("Match") {
            "MatchRequest"
        } else {
            name
        };
        let rust_type = RustType::read(requests, rust_name);
        let mut members: Vec<Member> = fields
            .iter()
            .map(|field| self.member(requests, &rust_type, field))
            .collect();
        // Designated initializers keep this order: first what a caller must set, or sets in Rust's
        // constructor.
        members.sort_by_key(|member| {
            let leads = rust_type.constructor_keys.contains(&member.key);
            (!member.is_required, !leads)
        });
        self.structs.push(Struct {
            name: name.to_owned(),
            doc: rust_type.doc,
            members,
        });
    }

    fn member(&mut self, requests: &[Item], rust_type: &RustType, field: &Field) -> Member {
        let setter = rust_type
            .setters
            .get(field.key)
            .or_else(|| rust_type.setters.get(&snake_case(field.key)));
        let mut nested = |fields: &[Field]| {
            let known = setter.and_then(|setter| setter.nested.clone());
            let name = known.unwrap_or_else(|| {
                let plural = camel_case(field.key);
                plural.strip_suffix('s').unwrap_or(&plural).to_owned()
            });
            self.add_struct(requests, &name, fields);
            name
        };
        let cpp_type = match &field.field_type {
            FieldType::String => "std::string".to_owned(),
            FieldType::Bool => "bool".to_owned(),
            FieldType::StringArray | FieldType::StringOrArray => {
                "std::vector<std::string>".to_owned()
            }
            FieldType::StringMap => "std::map<std::string, std::string>".to_owned(),
            FieldType::AnyObject => "Document".to_owned(),
            FieldType::Integer => "std::uint32_t".to_owned(),
            FieldType::OneOf(_) => panic!("no request has a field with fixed values"),
            FieldType::Milliseconds => "std::chrono::milliseconds".to_owned(),
            FieldType::Seconds => "std::chrono::seconds".to_owned(),
            FieldType::Object(fields) => nested(fields),
            FieldType::ObjectArray(fields) => format!("std::vector<{}>", nested(fields)),
        };
        let explained = COMMENTS.iter().find(|(key, _)| *key == field.key);
        let doc = match (setter, explained) {
            (Some(setter), _) => setter.doc.clone(),
            (None, Some((_, text))) => (*text).to_owned(),
            (None, None) => format!("The field `{}` of Descope's API.", field.key),
        };
        assert!(field.key.len() < 60, "JsonWriter has no room for it");
        Member {
            key: field.key.to_owned(),
            name: setter.map_or_else(|| snake_case(field.key), |setter| setter.name.clone()),
            doc,
            cpp_type,
            is_required: field.is_required,
        }
    }
}

/// A request type of the Rust API.
#[derive(Default)]
struct RustType {
    doc: String,
    constructor_keys: Vec<String>,
    /// By key, or by name if the source does not show the key.
    setters: BTreeMap<String, Setter>,
}

/// A method that sets a field.
struct Setter {
    name: String,
    doc: String,
    /// The type of the argument, if it is a struct.
    nested: Option<String>,
}

impl RustType {
    fn read(requests: &[Item], name: &str) -> RustType {
        let mut found = RustType::default();
        let structs: Vec<_> = requests
            .iter()
            .filter_map(|item| match item {
                Item::Struct(one) => Some(one),
                _ => None,
            })
            .collect();
        if let Some(one) = structs.iter().find(|one| one.ident == name) {
            found.doc = doc(&one.attrs);
        }
        for function in methods(requests, name) {
            let method = function.sig.ident.to_string();
            let keys = keys(function);
            if method == "new" {
                found.constructor_keys = keys;
            } else if is_public(function) && function.sig.receiver().is_some() {
                let argument = parameters(function).first().map(|one| type_name(one));
                let nested =
                    argument.filter(|name| structs.iter().any(|one| one.ident == name.as_str()));
                let key = keys.first().unwrap_or(&method).clone();
                let setter = Setter {
                    name: method,
                    doc: doc(&function.attrs),
                    nested,
                };
                found.setters.insert(key, setter);
            }
        }
        found
    }
}

/// The names of the constants in `OPERATIONS`, in its order.
fn operation_constants() -> Vec<String> {
    let items = read_items("operations/mod.rs");
    let list = items.iter().find_map(|item| match item {
        Item::Static(one) if one.ident == "OPERATIONS" => Some(compact(&one.expr)),
        _ => None,
    });
    let list = list.unwrap();
    let names = list.trim_matches(['[', ']']).split(',');
    names
        .filter_map(|name| name.strip_prefix('&'))
        .map(str::to_owned)
        .collect()
}

/// Whether a function passes the constant of an operation on.
fn uses(function: &ImplItemFn, constant: &str) -> bool {
    compact(&function.block).contains(&format!("&{constant},"))
}

/// The C++ type of the response.
fn response(function: &ImplItemFn, method: &str) -> String {
    if let Some((_, name)) = PARTS.iter().find(|(name, _)| *name == method) {
        return (*name).to_owned();
    }
    let returned = compact(&function.sig.output);
    let name = returned.strip_prefix("->Result<").unwrap();
    match name.strip_suffix(",Error>").unwrap() {
        "String" | "()" => "Document".to_owned(),
        name => name.to_owned(),
    }
}
