//! The API's description of itself (OpenAPI 3.1), drawn from what is there anyway: the route table, the handlers'
//! signatures, the fields that a body is read for, the filters of a list, and the types that are answered.
//!
//! It is written ahead by `cargo local openapi`: no function builds it, and none reads more of it than bytes.

use std::collections::BTreeMap;
use std::future::Future;

use axum::{Json, extract::State};
use http::HeaderMap;
use serde_json::{Map, Value, json};
use utoipa::{
    ToSchema,
    openapi::{RefOr, Schema},
};

use crate::{
    auth::CurrentUser,
    error::ApiError,
    extract::{Created, Id, IfMatch, Made, NoContent, Partial, Row, Whole},
    fields::{Described, Fields, FromFields},
    idempotency::Idempotency,
    lambda::Call,
    list::{Filter, List, Page},
    query::Filters,
    routes::{Access, Routes},
    text::Language,
};

/// What may stand in a field or in a parameter.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Text of so many characters.
    Text {
        /// At least.
        min: usize,
        /// At most.
        max: usize,
    },
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A whole number.
    Integer {
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
    },
    /// A number.
    Number,
    /// An exact number, better sent as text.
    Decimal {
        /// All digits.
        digits: u32,
        /// Those behind the point.
        places: u32,
    },
    /// True or false.
    Boolean,
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// A day, or a moment (ISO 8601).
    Time,
    /// A JSON schema of its own.
    Other(fn() -> Value),
}

impl Shape {
    fn schema(self) -> Value {
        match self {
            Self::Text { min, max } => {
                let mut schema = json!({ "type": "string" });
                if min > 0 {
                    schema["minLength"] = min.into();
                }
                if max < usize::MAX {
                    schema["maxLength"] = max.into();
                }
                schema
            }
            Self::Email => json!({ "type": "string", "format": "email", "maxLength": 254 }),
            Self::Phone => json!({ "type": "string", "maxLength": 20, "examples": ["+221 77 123 45 67"] }),
            Self::Integer { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
            Self::Number => json!({ "type": "number" }),
            Self::Decimal { digits, places } => json!({
                "type": "string",
                "format": "decimal",
                "pattern": format!("^-?[0-9]{{1,{}}}(\\.[0-9]{{1,{places}}})?$", digits - places),
            }),
            Self::Boolean => json!({ "type": "boolean" }),
            Self::Choice(words) => json!({ "type": "string", "enum": words }),
            Self::Time => json!({ "type": "string", "examples": ["2026-01-31", "2026-01-31T08:30:00Z"] }),
            Self::Other(schema) => schema(),
        }
    }
}

/// One operation, as its handler's signature tells it.
#[derive(Debug, Default)]
pub struct Operation {
    parameters: Vec<Value>,
    request_body: Option<Value>,
    responses: BTreeMap<u16, Value>,
    schemas: BTreeMap<String, Value>,
    faults: Vec<String>,
}

impl Operation {
    /// A parameter in the query string or a header.
    pub fn parameter(&mut self, place: &str, name: &str, shape: Shape, description: &str) {
        self.parameters.push(json!({
            "in": place, "name": name, "required": place == "path", "schema": shape.schema(), "description": description,
        }));
    }

    /// A parameter without which there is no answer.
    pub fn required_parameter(&mut self, place: &str, name: &str, shape: Shape, description: &str) {
        self.parameter(place, name, shape, description);
        if let Some(parameter) = self.parameters.last_mut() {
            parameter["required"] = true.into();
        }
    }

    /// An answer, in addition to what every operation may answer. `content` is a media type and its schema.
    pub fn answers(&mut self, status: u16, description: &str, content: Option<(&str, Value)>) {
        self.answers_any(status, description, content.as_slice());
    }

    /// The same, where the media type is one of several.
    pub fn answers_any(&mut self, status: u16, description: &str, contents: &[(&str, Value)]) {
        let mut response = json!({ "description": description, "headers": { "x-request-id": header(REQUEST_ID) } });
        for (media_type, schema) in contents {
            response["content"][media_type] = json!({ "schema": schema });
        }
        self.responses.entry(status).or_insert(response);
    }

    fn answers_header(&mut self, status: u16, name: &str, description: &str) {
        if let Some(response) = self.responses.get_mut(&status) {
            response["headers"][name] = header(description);
        }
    }

    /// A body that is not made of fields.
    pub fn takes(&mut self, media_types: &[&str], description: &str) {
        let content: Map<String, Value> = media_types.iter().map(|name| ((*name).to_owned(), json!({}))).collect();
        self.request_body = Some(json!({ "required": true, "description": description, "content": content }));
    }

    /// A reference to the schema of an answered type, which is then among the components.
    pub fn schema<T: ToSchema>(&mut self) -> Value {
        let schema = T::schema();
        // A list has no name of its own.
        if matches!(schema, RefOr::T(Schema::Array(_))) {
            return serde_json::to_value(schema).unwrap_or_default();
        }
        let mut needed = vec![(T::name().into_owned(), schema)];
        T::schemas(&mut needed);
        for (name, schema) in needed {
            let mut schema = serde_json::to_value(schema).unwrap_or_default();
            every_property_is_answered(&mut schema);
            self.schemas.insert(name, schema);
        }
        reference(&T::name())
    }

    /// A failure, in addition to what every operation may fail with.
    pub fn fails(&mut self, status: u16, description: &str) {
        self.answers(status, description, Some(("application/json", reference("Failure"))));
    }

    fn body<T: FromFields>(&mut self, partial: bool) {
        let mut name = std::any::type_name::<T>().rsplit("::").next().unwrap_or_default().to_owned();
        if partial {
            name.insert_str(0, "Partial");
        }
        let fields = Fields::describe::<T>();
        let property = |field: &Described| {
            let mut schema = field.shape.schema();
            if field.nullable {
                schema = json!({ "anyOf": [schema, { "type": "null" }] });
            }
            (field.name.to_owned(), schema)
        };
        let mut schema = json!({ "type": "object", "properties": fields.iter().map(property).collect::<Map<_, _>>() });
        let required: Vec<_> =
            fields.iter().filter(|field| field.required && !partial).map(|field| field.name).collect();
        if !required.is_empty() {
            schema["required"] = required.into();
        }
        let example: Map<String, Value> = serde_json::from_str(T::EXAMPLE).unwrap_or_default();
        schema["examples"] = json!([example]);
        if Fields::new(example, partial).read::<T>().is_err() {
            self.faults.push(format!("the example of {name} is not accepted"));
        }
        let content = json!({ "application/json": { "schema": reference(&name) } });
        self.schemas.insert(name, schema);
        self.request_body = Some(json!({ "required": !partial, "content": content }));
        self.answers(400, "The body is not valid.", Some(("application/json", reference("Invalid"))));
        self.fails(413, "The body is too large.");
        self.fails(415, "The body is not JSON.");
    }
}

/// A part of a handler's signature that says something about its operation.
pub trait Describe {
    /// Adds what it says.
    fn describe(_: &mut Operation) {}
}

impl<S> Describe for State<S> {}
impl Describe for Call {}
impl Describe for CurrentUser {}
impl Describe for Language {}
impl Describe for HeaderMap {}

impl<T: Describe> Describe for Result<T, ApiError> {
    fn describe(operation: &mut Operation) {
        T::describe(operation);
    }
}

impl Describe for Id {
    fn describe(operation: &mut Operation) {
        operation.parameter("path", "id", Shape::Integer { min: 0, max: i64::MAX }, "The id of the row.");
        operation.fails(404, "No such row, or none that the caller may see.");
    }
}

impl Describe for IfMatch {
    fn describe(operation: &mut Operation) {
        let description = "The ETag of the version to write over; without it any is.";
        operation.parameter("header", "If-Match", Shape::Text { min: 0, max: usize::MAX }, description);
        operation.fails(412, "The row is in another version.");
    }
}

impl Describe for Idempotency {
    fn describe(operation: &mut Operation) {
        let description = "With the same key the same request is answered the same and creates nothing, for 24 hours.";
        operation.parameter("header", "Idempotency-Key", Shape::Text { min: 1, max: 255 }, description);
        operation.fails(409, "The key was used for another request, or the state of things forbids it.");
    }
}

impl<T: FromFields> Describe for Whole<T> {
    fn describe(operation: &mut Operation) {
        operation.body::<T>(false);
    }
}

impl<T: FromFields> Describe for Partial<T> {
    fn describe(operation: &mut Operation) {
        operation.body::<T>(true);
    }
}

impl<F: Filter> Describe for List<F> {
    fn describe(operation: &mut Operation) {
        let text = Shape::Text { min: 0, max: usize::MAX };
        operation.parameter("query", "page", text, "A page from 1 on, or `last`.");
        operation.parameter("query", "page_size", Shape::Integer { min: 1, max: 100 }, "Rows a page; 10 if not given.");
        if !F::SEARCH.is_empty() {
            let description = "Words that must all be contained, ignoring case and accents.";
            operation.parameter("query", "search", Shape::Text { min: 0, max: 500 }, description);
        }
        let names: Vec<_> = F::ORDERINGS.iter().map(|(name, _)| *name).chain(["id"]).collect();
        let description = format!(
            "Names to sort by, with commas between them, each with a minus in front for the opposite direction: {}. \
             If not given: {}.",
            names.join(", "),
            F::DEFAULT_ORDERING,
        );
        operation.parameter("query", "ordering", text, &description);
        for (name, shape) in Filters::describe::<F>() {
            operation.parameter("query", name, shape, filter_description(name));
        }
        operation.fails(404, "There is no such page.");
    }
}

fn filter_description(name: &str) -> &'static str {
    match name.rsplit_once("__") {
        Some((_, "gte")) => "At least, or since.",
        Some((_, "lte")) => "At most, or until.",
        _ => "Only rows with this.",
    }
}

impl<T: ToSchema> Describe for Json<T> {
    fn describe(operation: &mut Operation) {
        let schema = operation.schema::<T>();
        operation.answers(200, "Done.", Some(("application/json", schema)));
    }
}

impl<T: ToSchema> Describe for Json<Page<T>> {
    fn describe(operation: &mut Operation) {
        let row = operation.schema::<T>();
        let url = json!({ "type": ["string", "null"], "format": "uri" });
        let page = json!({
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": { "type": "integer", "minimum": 0, "description": "How many rows there are on all pages." },
                "next": url,
                "previous": url,
                "results": { "type": "array", "items": row },
            },
        });
        operation.answers(200, "A page of rows.", Some(("application/json", page)));
    }
}

impl<T: ToSchema> Describe for Row<T> {
    fn describe(operation: &mut Operation) {
        let schema = operation.schema::<T>();
        operation.answers(200, "The row.", Some(("application/json", schema)));
        operation.answers_header(200, "ETag", ETAG);
    }
}

impl<T: ToSchema> Describe for Created<T> {
    fn describe(operation: &mut Operation) {
        let schema = operation.schema::<T>();
        operation.answers(201, "The new row.", Some(("application/json", schema)));
        operation.answers_header(201, "ETag", ETAG);
    }
}

impl<T: ToSchema> Describe for Made<T> {
    fn describe(operation: &mut Operation) {
        let schema = operation.schema::<T>();
        operation.answers(201, "Done.", Some(("application/json", schema)));
    }
}

impl Describe for NoContent {
    fn describe(operation: &mut Operation) {
        operation.answers(204, "Done.", None);
    }
}

/// A handler whose signature can be described. `T` is its parameters and its answer.
pub trait Signature<T> {
    /// What it says.
    fn describe(operation: &mut Operation);
}

/// Handlers of up to eight parameters.
macro_rules! signature {
    ($($part:ident)*) => {
        impl<H, F, R: Describe, $($part: Describe),*> Signature<($($part,)* R,)> for H
        where
            H: Fn($($part),*) -> F,
            F: Future<Output = R>,
        {
            fn describe(operation: &mut Operation) {
                $($part::describe(operation);)*
                R::describe(operation);
            }
        }
    };
}
signature!();
signature!(A);
signature!(A B);
signature!(A B C);
signature!(A B C D);
signature!(A B C D E);
signature!(A B C D E G);
signature!(A B C D E G I);

/// The whole document.
#[derive(Debug, Default)]
pub struct Document {
    paths: BTreeMap<&'static str, Map<String, Value>>,
    schemas: BTreeMap<String, Value>,
    tags: Vec<&'static str>,
    faults: Vec<String>,
}

impl Document {
    /// Adds every route of a function under the name of its resource.
    #[must_use]
    pub fn with<S: Clone + Send + Sync + 'static>(mut self, tag: &'static str, routes: &Routes<S>) -> Self {
        if !self.tags.contains(&tag) {
            self.tags.push(tag);
        }
        for route in routes.iter() {
            let mut operation = Operation::default();
            (route.describe)(&mut operation);
            for (status, description) in &route.also {
                operation.fails(*status, description);
            }
            operation.answers(400, "The request cannot be read.", Some(("application/json", reference("Invalid"))));
            if route.access != Access::Public {
                let schema = reference("Unauthenticated");
                operation.answers(401, "There is no token, or it does not hold.", Some(("application/json", schema)));
            }
            if route.access == Access::Admin {
                operation.fails(403, "Administrators alone may.");
            }
            operation.fails(500, "A failure that is not the caller's.");
            operation.fails(503, "The database is away, or too slow.");
            for status in [429, 503] {
                operation.answers_header(status, "Retry-After", "Seconds to wait.");
            }

            let security = if route.access == Access::Public { json!([]) } else { json!([{ "bearer": [] }]) };
            let mut described = json!({
                "tags": [tag],
                "summary": sentence(route.name),
                "operationId": self.free_id(route.name),
                "parameters": operation.parameters,
                "responses": operation.responses.into_iter().map(|(status, response)| (status.to_string(), response))
                    .collect::<Map<_, _>>(),
                "security": security,
            });
            if let Some(body) = operation.request_body {
                described["requestBody"] = body;
            }
            self.paths.entry(route.path).or_default().insert(route.method.as_str().to_lowercase(), described);
            for (name, schema) in operation.schemas {
                if self.schemas.get(&name).is_some_and(|other| *other != schema) {
                    self.faults.push(format!("two schemas are named {name}"));
                }
                self.schemas.insert(name, schema);
            }
            self.faults.extend(operation.faults);
        }
        self
    }

    /// Some handlers serve more than one path.
    fn free_id(&self, name: &str) -> String {
        let taken = |id: &String| {
            self.paths.values().flat_map(Map::values).any(|operation| operation["operationId"].as_str() == Some(id))
        };
        let again = (2..).map(|number| format!("{name}_{number}"));
        std::iter::once(name.to_owned()).chain(again).find(|id| !taken(id)).unwrap_or_default()
    }

    /// The document as JSON.
    ///
    /// # Errors
    /// What in the code contradicts itself.
    pub fn finish(self, version: &str) -> Result<Value, String> {
        if !self.faults.is_empty() {
            return Err(self.faults.join("; "));
        }
        let mut schemas = self.schemas;
        let text = json!({ "type": "string" });
        let failure = json!({
            "type": "object",
            "description": "What went wrong, in the caller's language; `message` where the gateway itself answers.",
            "properties": { "detail": text, "message": text },
            "examples": [{ "detail": "Pas trouvé." }],
        });
        let unauthenticated = json!({
            "type": "object",
            "properties": { "detail": text, "code": text, "message": text },
            "examples": [{ "detail": "Le type de jeton fourni n'est pas valide", "code": "token_not_valid" }],
        });
        let invalid = json!({
            "type": "object",
            "description": "What is wrong with each field; `non_field_errors` has what several fields show together. \
                            `detail` where the body cannot be read at all.",
            "additionalProperties": { "type": ["array", "object", "string"] },
            "examples": [{ "name": ["Ce champ est obligatoire."] }],
        });
        schemas.extend([
            ("Failure".to_owned(), failure),
            ("Unauthenticated".to_owned(), unauthenticated),
            ("Invalid".to_owned(), invalid),
        ]);
        Ok(json!({
            "openapi": "3.1.0",
            "info": {
                "title": "RED PRODUCT",
                "version": version,
                "description": DESCRIPTION,
                "license": { "name": "MIT", "identifier": "MIT" },
            },
            "servers": [{ "url": "/", "description": "The host that serves this document." }],
            "tags": self.tags.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>(),
            "paths": self.paths,
            "components": {
                "schemas": schemas,
                "securitySchemes": {
                    "bearer": {
                        "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                        "description": "The `access_token` of a sign-in. It lives for an hour.",
                    },
                },
            },
        }))
    }
}

const DESCRIPTION: &str = "The back office of hotels.\n\nEvery path is served with and without a trailing slash. Times are \
    UTC (RFC 3339), money is text with two places. Fields of a body that are unknown or read-only are ignored. Messages \
    are in French, or in English where `Accept-Language` prefers it.";
const REQUEST_ID: &str = "The request's name in the log.";
const ETAG: &str = "The row's version, for `If-Match`.";

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn header(description: &str) -> Value {
    json!({ "description": description, "schema": { "type": "string" } })
}

/// `list_hotels` as people write it.
fn sentence(name: &str) -> String {
    let words = name.replace('_', " ");
    let (first, rest) = words.split_at(words.len().min(1));
    first.to_uppercase() + rest
}

/// An answer has every property, null where there is no value. What is left out where there is none is declared as not
/// nullable.
fn every_property_is_answered(schema: &mut Value) {
    for part in schema.get_mut("allOf").and_then(Value::as_array_mut).into_iter().flatten() {
        every_property_is_answered(part);
    }
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    let is_null = |schema: &Value| schema["type"] == "null";
    let admits_null = |schema: &Value| {
        schema["type"].as_array().is_some_and(|types| types.iter().any(|name| name == "null"))
            || ["oneOf", "anyOf"].iter().any(|of| schema[of].as_array().is_some_and(|of| of.iter().any(is_null)))
    };
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let answered: Vec<Value> = properties
        .iter()
        .filter(|(name, schema)| admits_null(schema) || required.iter().any(|required| required == *name))
        .map(|(name, _)| Value::from(name.as_str()))
        .collect();
    schema["required"] = answered.into();
}
