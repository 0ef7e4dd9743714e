//! Examples of bodies and answers. A row's example repeats that of its body, which is checked by reading it. Other
//! answers take the values of bodies for properties of the same name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::SCHEMAS;

/// Values of properties that no body has.
const ANSWERED: &str = r#"{
    "id": 12, "user": 7, "sender_id": 3, "recipient_id": 7, "author": 3, "actor": 3, "object_id": 12, "ticket": 5,
    "created_at": "2026-01-31T08:30:00.000000Z", "updated_at": "2026-01-31T09:05:00.000000Z",
    "last_used_at": "2026-01-31T09:05:00.000000Z", "timestamp": "2026-01-31T08:30:00.000000Z",
    "expires_at": "2026-01-31T08:40:00.000000Z", "date": "2026-01-31",
    "count": 1, "next": null, "previous": null,
    "user_name": "Awa Diop", "author_name": "Moussa Fall", "actor_email": "moussa.fall@example.sn",
    "ip": "203.0.113.7", "user_agent": "Mozilla/5.0", "is_current": true,
    "image_url": null, "image": null, "image_base64": null,
    "message_id": "", "last_error": "", "attempts": 0, "is_sent": false, "is_admin": false, "is_active": true,
    "is_read": false, "kind": "comment", "changes": { "city": ["Dakar", "Thiès"] },
    "access_token": "eyJhbGciOiJFZERTQSJ9.e30.AAAA", "access": "eyJhbGciOiJFZERTQSJ9.e30.AAAA",
    "refresh_token": "AAAA", "refresh": "AAAA", "url": "https://api.red.example/media/exports/AAAA.csv",
    "detail": "Merci, votre réponse est enregistrée.", "message": "Si un compte existe, un e-mail a été envoyé.",
    "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "1", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }],
    "type": "ticket"
}"#;

/// Adds an example to each schema, and to each body and answer of JSON. `bodies` are those of each row.
pub(super) fn add(document: &mut Value, bodies: &BTreeMap<String, BTreeSet<String>>) {
    let answered: Map<String, Value> = serde_json::from_str(ANSWERED).unwrap_or_default();
    let mut values: Map<String, Value> = Map::new();
    for schema in document["components"]["schemas"].as_object().into_iter().flat_map(Map::values) {
        values.extend(schema["examples"][0].as_object().cloned().unwrap_or_default());
    }
    values.extend(answered.clone());
    let mut examples = Examples { values, schemas: document["components"]["schemas"].clone() };
    for (row, bodies) in bodies {
        let mut values = answered.clone();
        for body in bodies {
            values.extend(examples.schemas[body]["examples"][0].as_object().cloned().unwrap_or_default());
        }
        if let Some(schema) = examples.schemas.get(row).cloned() {
            let example = Examples { values, schemas: examples.schemas.clone() }.of(row, &schema);
            examples.schemas[row]["examples"] = json!([example]);
            document["components"]["schemas"][row]["examples"] = json!([example]);
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object_mut().into_iter().flatten() {
        if schema["examples"].is_null() && schema["enum"].is_null() {
            schema["examples"] = json!([examples.of(name, schema)]);
        }
    }
    let operations = document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    for operation in operations.filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
        if let Some(content) = operation.get_mut("requestBody").and_then(|body| body["content"].as_object_mut()) {
            examples.add_to(content);
        }
        for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
            if status.starts_with('2')
                && let Some(content) = response.get_mut("content").and_then(Value::as_object_mut)
            {
                examples.add_to(content);
            }
        }
    }
}

struct Examples {
    values: Map<String, Value>,
    schemas: Value,
}

impl Examples {
    fn add_to(&self, content: &mut Map<String, Value>) {
        if let Some(json) = content.get_mut("application/json") {
            json["example"] = self.of("", &json["schema"]);
        }
    }

    /// An example of a property with this name.
    fn of(&self, name: &str, schema: &Value) -> Value {
        if let Some(value) = self.values.get(name).filter(|value| self.admits(schema, value)) {
            return value.clone();
        }
        if let Some(target) = self.target(schema) {
            return self.of("", target);
        }
        if !schema["examples"][0].is_null() {
            return schema["examples"][0].clone();
        }
        if !schema["enum"][0].is_null() {
            return schema["enum"][0].clone();
        }
        if let Some(branch) = ["anyOf", "oneOf"].iter().find_map(|of| schema[of].as_array()) {
            // `null` stands first in optional properties of answers.
            let branch = branch.iter().find(|branch| branch["type"] != "null");
            return branch.map_or(Value::Null, |branch| self.of(name, branch));
        }
        if let Some(properties) = schema["properties"].as_object() {
            return properties.iter().map(|(name, schema)| (name.clone(), self.of(name, schema))).collect();
        }
        match kinds(schema).as_slice() {
            [] | ["object"] => json!({}),
            ["array"] => json!([self.of(&singular(name), &schema["items"])]),
            ["string"] => match schema["format"].as_str() {
                Some("date-time") => "2026-01-31T08:30:00.000000Z".into(),
                Some("date") => "2026-01-31".into(),
                Some("uri") => "https://api.red.example/".into(),
                _ => "texte".into(),
            },
            ["boolean"] => true.into(),
            ["integer" | "number"] => 1.into(),
            _ => Value::Null,
        }
    }

    fn target(&self, schema: &Value) -> Option<&Value> {
        self.schemas.get(schema["$ref"].as_str()?.strip_prefix(SCHEMAS)?)
    }

    fn admits(&self, schema: &Value, value: &Value) -> bool {
        if let Some(target) = self.target(schema) {
            return self.admits(target, value);
        }
        if let Some(words) = schema["enum"].as_array() {
            return words.contains(value);
        }
        if let Some(branches) = ["anyOf", "oneOf"].iter().find_map(|of| schema[of].as_array()) {
            return branches.iter().any(|branch| self.admits(branch, value));
        }
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(items) => {
                return kinds(schema).contains(&"array")
                    && items.iter().all(|item| self.admits(&schema["items"], item));
            }
            Value::Object(object) => {
                let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
                let inside = |(name, value): (&String, &Value)| match schema["properties"].get(name) {
                    Some(schema) => self.admits(schema, value),
                    None => schema["properties"].is_null(),
                };
                return kinds(schema).contains(&"object")
                    && required.into_iter().all(|name| object.contains_key(name))
                    && object.iter().all(inside);
            }
        };
        kinds(schema).iter().any(|admitted| *admitted == kind || (*admitted == "number" && kind == "integer"))
    }
}

fn kinds(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        kind => kind.as_str().into_iter().collect(),
    }
}

/// The name of an item of a list, which has no example under the list's own name.
fn singular(name: &str) -> String {
    name.strip_suffix('s').unwrap_or(name).to_owned()
}
