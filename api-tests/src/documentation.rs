//! Every answer that a test gets is compared with the API's description of itself: a status, a media type or a shape that
//! docs/openapi.json does not have fails the test that met it.

use std::{collections::HashMap, sync::LazyLock};

use bytes::Bytes;
use http::{Method, Response, header};
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::answer::decoded;

/// The document as the code says it, whatever the committed copy says: that is another test's concern.
static DOCUMENT: LazyLock<Documentation> = LazyLock::new(|| Documentation::read(false));
/// The same without the rules that rows of an imported database may break, as the document says.
static WITH_OLD_ROWS: LazyLock<Documentation> = LazyLock::new(|| Documentation::read(true));

struct Documentation {
    operations: HashMap<(Method, String), Operation>,
}

/// By status and media type. What has no body has an empty media type, and no validator.
type Operation = HashMap<(u16, String), Option<Validator>>;

/// Fails where the answer is none that the document has. The gateway's own answers are AWS's concern.
pub(crate) fn check(method: &Method, path: &str, answer: &Response<Bytes>, has_old_rows: bool) {
    if !answer.headers().contains_key("x-request-id") || *method == Method::HEAD {
        return;
    }
    let documentation = if has_old_rows { &WITH_OLD_ROWS } else { &DOCUMENT };
    let Some((template, operation)) = documentation.find(method, path) else { return };
    let status = answer.status().as_u16();
    let media_type = answer.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.unwrap_or_default().split(';').next().unwrap_or_default().to_owned();
    let Some(validator) = operation.get(&(status, media_type.clone())) else {
        panic!("{method} {template} answers {status} {media_type:?}, which is not documented: {:?}", answer.body());
    };
    if let Some(validator) = validator {
        let body: Value = serde_json::from_slice(&decoded(answer.headers(), answer.body())).expect("JSON");
        let faults: Vec<_> = validator.iter_errors(&body).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{method} {template} answers {status} with {body}: {faults:?}");
    }
}

impl Documentation {
    fn read(has_old_rows: bool) -> Self {
        let document = local::openapi::document().expect("a document");
        let mut document: Value = serde_json::from_str(&document).expect("JSON");
        if has_old_rows {
            for (_, schema) in document["components"]["schemas"].as_object_mut().expect("schemas") {
                if schema["enum"].is_array() {
                    *schema = json!({ "type": "string" });
                }
            }
            for (row, property) in [("Form", "fields"), ("PublicForm", "fields"), ("Entry", "data")] {
                document["components"]["schemas"][row]["properties"][property] = json!(true);
            }
        }
        let mut operations = HashMap::new();
        for (path, methods) in document["paths"].as_object().expect("paths") {
            for (method, operation) in methods.as_object().expect("operations") {
                let method = method.to_uppercase().parse().expect("a method");
                operations.insert((method, path.clone()), answers(operation, &document["components"]));
            }
        }
        Self { operations }
    }

    /// The operation at a path, of which the template that names most decides.
    fn find(&self, method: &Method, path: &str) -> Option<(&str, &Operation)> {
        let path = path.split('?').next().unwrap_or_default().trim_end_matches('/');
        let matching = self.operations.keys().map(|(_, template)| template).filter(|template| matches(template, path));
        let template = matching.min_by_key(|template| template.matches('{').count())?;
        Some((template, self.operations.get(&(method.clone(), template.clone()))?))
    }
}

fn answers(operation: &Value, components: &Value) -> Operation {
    let mut answers = HashMap::new();
    for (status, response) in operation["responses"].as_object().expect("responses") {
        let status = status.parse().expect("a status");
        match response["content"].as_object() {
            Some(content) => {
                for (media_type, content) in content {
                    let schema = json!({ "allOf": [content["schema"]], "components": components });
                    let validator = (media_type == "application/json")
                        .then(|| jsonschema::draft202012::new(&schema).expect("a valid schema"));
                    answers.insert((status, media_type.clone()), validator);
                }
            }
            None => {
                answers.insert((status, String::new()), None);
            }
        }
    }
    answers
}

fn matches(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    let segments = template.iter().zip(&path);
    template.len() == path.len() && segments.into_iter().all(|(part, given)| part.starts_with('{') || part == given)
}
