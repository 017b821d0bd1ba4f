//! Changing some of the settings by a document that has only these.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Settings;

/// New values for some of the settings, nested as the settings are.
#[derive(Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct SettingsPatch(Map<String, Value>);

impl Settings {
    /// Returns the settings with a patch applied. An error names the unknown or invalid setting.
    pub(crate) fn apply(self, patch: SettingsPatch) -> Result<Settings, String> {
        let mut document = to_document(&self)?;
        let mut settings = self;
        for (path, value) in leaves(&document, "", patch.0)? {
            settings = set(&mut document, &path, value)
                .map_err(|problem| format!("`{}`: {problem}", dotted(&path)))?;
        }
        settings.check_bounds()?;
        Ok(settings)
    }

    /// Changes one setting, which a JSON pointer names. An error says what the value must be. Bounds of
    /// lifetimes are not checked.
    pub(crate) fn set(&mut self, pointer: &str, value: Value) -> Result<(), String> {
        let mut document = to_document(self)?;
        *self = set(&mut document, pointer, value)?;
        Ok(())
    }
}

fn to_document(settings: &Settings) -> Result<Value, String> {
    serde_json::to_value(settings).map_err(|e| e.to_string())
}

/// Puts a value into the document and reads the settings from it.
fn set(document: &mut Value, pointer: &str, value: Value) -> Result<Settings, String> {
    let place = document.pointer_mut(pointer).ok_or("no such setting")?;
    *place = value;
    Settings::deserialize(&*document).map_err(|e| e.to_string())
}

/// The JSON pointers of the settings in a patch, with their new values.
fn leaves(
    document: &Value,
    parent: &str,
    patch: Map<String, Value>,
) -> Result<Vec<(String, Value)>, String> {
    let mut found = Vec::new();
    for (key, value) in patch {
        let pointer = format!("{parent}/{key}");
        match (known(document, parent, &key)?, value) {
            (Value::Object(_), Value::Object(section)) => {
                found.extend(leaves(document, &pointer, section)?);
            }
            (Value::Object(_), _) => {
                return Err(format!("`{}`: must be an object", dotted(&pointer)));
            }
            (_, value) => found.push((pointer, value)),
        }
    }
    Ok(found)
}

/// The current value of a setting, or of a section. An error lists the keys beside it.
fn known<'a>(document: &'a Value, parent: &str, key: &str) -> Result<&'a Value, String> {
    let section = document.pointer(parent).and_then(Value::as_object);
    section.and_then(|keys| keys.get(key)).ok_or_else(|| {
        let unknown = dotted(&format!("{parent}/{key}"));
        let keys: Vec<&str> = section
            .into_iter()
            .flatten()
            .map(|(key, _)| key.as_str())
            .collect();
        format!("unknown setting `{unknown}`: use {}", keys.join(", "))
    })
}

/// A JSON pointer as messages show it: with dots.
fn dotted(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}
