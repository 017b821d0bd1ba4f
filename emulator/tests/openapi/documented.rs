//! An emulator with its OpenAPI document, and what the tests ask of it.

use descope_ml_emulator::{Algorithm, Options};
use serde_json::{Map, Value, json};
use ureq::http::Request;

use crate::common::TestEmulator;

pub(crate) const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// An emulator and its document.
pub(crate) struct Documented {
    pub(crate) emulator: TestEmulator,
    pub(crate) document: Value,
}

impl Documented {
    pub(crate) fn start() -> Documented {
        // Keys of this algorithm are generated fast.
        let emulator = TestEmulator::start(Options {
            algorithm: Algorithm::Es256,
            ..Options::default()
        });
        let (status, document) = emulator.get("/_emulator/openapi.json");
        assert_eq!(status, 200);
        Documented { emulator, document }
    }

    /// All operations: method, path and description.
    pub(crate) fn operations(&self) -> Vec<(&str, &str, &Value)> {
        let paths = self.document["paths"].as_object().unwrap().iter();
        let operations = paths.flat_map(|(path, operations)| {
            let operations = operations.as_object().unwrap().iter();
            operations.map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
        });
        operations.collect()
    }

    /// What a reference stands for, or the value itself.
    pub(crate) fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => {
                let target = self.document.pointer(reference.strip_prefix('#').unwrap());
                target.unwrap_or_else(|| panic!("{reference} leads nowhere"))
            }
            None => value,
        }
    }

    pub(crate) fn request_schema<'a>(&'a self, operation: &'a Value) -> &'a Value {
        self.resolve(&operation["requestBody"]["content"]["application/json"]["schema"])
    }

    /// Sends a request to a path of the document. `bearer` is the whole bearer, or empty.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        bearer: &str,
        body: &Value,
    ) -> (u16, Value) {
        let url = format!("{}{}", self.emulator.server.base_url(), self.fill(path));
        let request = Request::builder()
            .method(method.to_uppercase().as_str())
            .uri(url);
        let request = match bearer {
            "" => request,
            bearer => request.header("authorization", format!("Bearer {bearer}")),
        };
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let agent: ureq::Agent = config.allow_non_standard_methods(true).build().into();
        let mut response = agent.run(request.body(body).unwrap()).unwrap();
        let status = response.status().as_u16();
        if response.headers()["content-type"] == "text/event-stream" {
            return (status, json!(""));
        }
        let text = response.body_mut().read_to_string().unwrap();
        (status, serde_json::from_str(&text).unwrap())
    }

    pub(crate) fn fill(&self, path: &str) -> String {
        path.replace("{projectId}", self.emulator.server.project_id())
    }

    /// The bearer that an operation needs, without a token of a user.
    pub(crate) fn key(&self) -> String {
        let server = &self.emulator.server;
        format!("{}:{}", server.project_id(), server.management_key())
    }

    /// Calls an operation, which must succeed, and checks the response against the document.
    pub(crate) fn call(&self, method: &str, path: &str, bearer: &str, body: &Value) -> Value {
        let (status, response) = self.send(method, path, bearer, body);
        assert_eq!(status, 200, "{method} {path}: {response}");
        let path = path.split('?').next().unwrap();
        let operation = &self.document["paths"][path][method];
        let request = self.request_schema(operation);
        if !body.is_null() {
            self.validate(request, body, path);
        }
        let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        self.validate(schema, &response, path);
        response
    }

    /// Asserts that a value is as its schema says. A key that the schema does not have is an error.
    pub(crate) fn validate(&self, schema: &Value, value: &Value, place: &str) {
        let schema = self.resolve(schema);
        if let Some(allowed) = schema["enum"].as_array() {
            assert!(allowed.contains(value), "{place}: {value}");
        }
        let is_valid = match schema["type"].as_str() {
            None => true,
            Some("string") => value.is_string() || (value.is_null() && schema["nullable"] == true),
            Some("integer") => value.is_i64(),
            Some("number") => value.is_number(),
            Some("boolean") => value.is_boolean(),
            Some("array") => {
                for item in value.as_array().unwrap() {
                    self.validate(&schema["items"], item, place);
                }
                true
            }
            Some("object") => {
                self.validate_object(schema, value.as_object().unwrap(), place);
                true
            }
            Some(other) => panic!("{place}: unknown type {other}"),
        };
        assert!(is_valid, "{place}: {value} is not {schema}");
    }

    pub(crate) fn validate_object(&self, schema: &Value, object: &Map<String, Value>, place: &str) {
        let Some(properties) = schema["properties"].as_object() else {
            return;
        };
        for required in schema["required"].as_array().into_iter().flatten() {
            let key = required.as_str().unwrap();
            assert!(object.contains_key(key), "{place}: {key} is missing");
        }
        for (key, value) in object {
            let property = properties.get(key);
            let property = property.unwrap_or_else(|| panic!("{place}: {key} is not documented"));
            self.validate(property, value, &format!("{place} {key}"));
        }
    }
}
