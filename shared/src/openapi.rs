//! The OpenAPI 3.1 document, generated from the route table, the handlers' signatures, the fields of bodies, the filters
//! of lists, and the types of answers.
//!
//! `cargo local openapi` writes it. The dashboard function embeds it, and sets its server to the called host.

mod descriptions;
mod examples;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use axum::{Json, extract::State};
use http::HeaderMap;
use serde_json::{Map, Value, json};
use utoipa::{
    ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

use crate::{
    auth::CurrentUser,
    error::ApiError,
    extract::{Created, Draft, Id, IfMatch, Made, NoContent, Partial, Row, Whole},
    fields::{Fields, FromFields},
    form,
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
    /// An exact number, as a JSON number or as text.
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
    /// A time (RFC 3339).
    Time,
    /// A date or a time, in a filter.
    DateOrTime,
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
            Self::Integer { min, max } => {
                let format = if max > i64::from(i32::MAX) { "int64" } else { "int32" };
                json!({ "type": "integer", "format": format, "minimum": min, "maximum": max })
            }
            Self::Number => json!({ "type": "number" }),
            Self::Decimal { digits, places } => json!({ "anyOf": [
                { "type": "number" },
                {
                    "type": "string",
                    "format": "decimal",
                    "pattern": format!("^-?[0-9]{{1,{}}}(\\.[0-9]{{1,{places}}})?$", digits - places),
                },
            ] }),
            Self::Boolean => json!({ "type": "boolean" }),
            Self::Choice(words) => json!({ "type": "string", "enum": words }),
            Self::Time => json!({ "type": "string", "format": "date-time" }),
            Self::DateOrTime => json!({ "anyOf": [
                { "type": "string", "format": "date" },
                { "type": "string", "format": "date-time" },
            ] }),
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
    /// The schema of the row that is answered with its version.
    row: Option<String>,
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

    /// A body that is a file.
    pub fn takes(&mut self, media_types: &[&str], description: &str) {
        let content: Map<String, Value> =
            media_types.iter().map(|name| ((*name).to_owned(), json!({ "schema": binary() }))).collect();
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
        let mut schemas: BTreeMap<String, Value> =
            needed.into_iter().map(|(name, schema)| (name, serde_json::to_value(schema).unwrap_or_default())).collect();
        let all = schemas.clone();
        for schema in schemas.values_mut() {
            merge_parts(schema, &all);
            every_property_is_answered(schema);
        }
        self.schemas.extend(schemas);
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
        let mut properties = Map::new();
        for field in &fields {
            let mut schema = field.shape.schema();
            if field.nullable {
                schema = nullable(schema);
            }
            if let Some(name) = field.alias_of {
                schema["description"] = format!("Another name of `{name}`, which is read where both are given.").into();
            }
            properties.insert(field.name.to_owned(), schema);
        }
        let mut schema = json!({ "type": "object", "properties": properties });
        if let Some(description) = T::DESCRIPTION {
            schema["description"] = description.into();
        }
        let has_alias = |name: &str| fields.iter().any(|field| field.alias_of == Some(name));
        let required: Vec<_> = fields
            .iter()
            .filter(|field| field.required && !partial && !has_alias(field.name))
            .map(|field| field.name)
            .collect();
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
        operation.fails(404, "There is no such row, or the caller may not see it.");
    }
}

impl Describe for IfMatch {
    fn describe(operation: &mut Operation) {
        let description = "The ETag of the version to write over. Without it, any version is.";
        operation.parameter("header", "If-Match", Shape::Text { min: 0, max: usize::MAX }, description);
        operation.fails(412, "The row has another version.");
    }
}

impl Describe for Idempotency {
    fn describe(operation: &mut Operation) {
        let description =
            "A repeated request with the same key gets the same answer and creates nothing, for 24 hours.";
        operation.parameter("header", "Idempotency-Key", Shape::Text { min: 1, max: 255 }, description);
        operation.fails(409, "The key was used for another request, or the state of the row forbids it.");
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

impl<B: Describe> Describe for Draft<B> {
    fn describe(operation: &mut Operation) {
        B::describe(operation);
    }
}

impl<F: Filter> Describe for List<F> {
    fn describe(operation: &mut Operation) {
        let text = Shape::Text { min: 0, max: usize::MAX };
        operation.parameter("query", "page", Shape::Other(page_number), "The page, from 1 on, or `last`.");
        operation.parameter(
            "query",
            "page_size",
            Shape::Integer { min: 1, max: 100 },
            "The number of rows on a page; a parameter of the platform (10) if not given.",
        );
        if !F::SEARCH.is_empty() {
            let description = "Words that a row must all contain, ignoring case and accents. Of more than ten words the ten \
                               longest count.";
            operation.parameter("query", "search", text, description);
            operation.fails(429, "Too many searches.");
        }
        let names: Vec<_> = F::ORDERINGS.iter().map(|(name, _)| *name).chain(["id"]).collect();
        let description = format!(
            "Comma-separated names to sort by, in descending order after a minus: {}. The default is {}.",
            names.join(", "),
            F::DEFAULT_ORDERING,
        );
        operation.parameter("query", "ordering", text, &description);
        for (name, shape) in Filters::describe::<F>() {
            operation.parameter("query", name, shape, &filter_description(name, shape));
        }
        operation.fails(404, "There is no such page.");
    }
}

fn page_number() -> Value {
    json!({ "anyOf": [{ "type": "integer", "minimum": 1 }, { "type": "string", "enum": ["last"] }] })
}

fn filter_description(name: &str, shape: Shape) -> String {
    let is_time = matches!(shape, Shape::DateOrTime);
    match (name, name.rsplit_once("__")) {
        (_, Some((name, "gte"))) if is_time => format!("Only rows whose `{name}` is this or later."),
        (_, Some((name, "lte"))) if is_time => {
            format!("Only rows whose `{name}` is this or earlier. A date includes its whole day.")
        }
        (_, Some((name, "gte"))) => format!("Only rows whose `{name}` is at least this."),
        (_, Some((name, "lte"))) => format!("Only rows whose `{name}` is at most this."),
        ("box", _) => "Only messages that the caller received (`inbox`) or sent (`sent`).".to_owned(),
        ("with", _) => "Only messages from or to this user.".to_owned(),
        _ => format!("Only rows whose `{name}` is this."),
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
        let url =
            |description: &str| json!({ "type": ["string", "null"], "format": "uri", "description": description });
        let page = json!({
            "type": "object",
            "description": "A page of a list.",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": { "type": "integer", "minimum": 0, "description": "The number of rows on all pages." },
                "next": url("The next page."),
                "previous": url("The previous page."),
                "results": { "type": "array", "items": row },
            },
        });
        let name = format!("{}Page", T::name());
        let schema = reference(&name);
        operation.schemas.insert(name, page);
        operation.answers(200, "A page of rows.", Some(("application/json", schema)));
    }
}

impl<T: ToSchema> Describe for Row<T> {
    fn describe(operation: &mut Operation) {
        let schema = operation.schema::<T>();
        operation.answers(200, "The row.", Some(("application/json", schema)));
        operation.answers_header(200, "ETag", ETAG);
        operation.row = Some(T::name().into_owned());
    }
}

impl<T: ToSchema> Describe for Created<T> {
    fn describe(operation: &mut Operation) {
        let schema = operation.schema::<T>();
        operation.answers(201, "The new row.", Some(("application/json", schema)));
        operation.answers_header(201, "ETag", ETAG);
        operation.row = Some(T::name().into_owned());
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
    tags: Vec<Value>,
    /// For each row, the names of the bodies that write it.
    bodies: BTreeMap<String, BTreeSet<String>>,
    faults: Vec<String>,
}

impl Document {
    /// Adds every route of a function under the name of its resource.
    #[must_use]
    pub fn with<S: Clone + Send + Sync + 'static>(
        mut self,
        tag: &'static str,
        description: &'static str,
        routes: &Routes<S>,
    ) -> Self {
        self.tags.push(json!({ "name": tag, "description": description }));
        let mut rows: BTreeMap<&str, (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
        for route in routes.iter() {
            let mut operation = Operation::default();
            (route.describe)(&mut operation);
            for (status, description) in &route.also {
                operation.fails(*status, description);
            }
            operation.answers(400, "The request is not valid.", Some(("application/json", reference("Invalid"))));
            if route.access != Access::Public {
                let schema = reference("Unauthenticated");
                operation.answers(401, "There is no token, or it is not valid.", Some(("application/json", schema)));
            }
            if route.access == Access::Admin {
                operation.fails(403, "The caller is not an administrator.");
            }
            if !matches!(route.method.as_str(), "GET" | "HEAD") {
                operation.fails(403, "A page of another site sent this.");
            }
            operation.fails(500, "The server failed.");
            operation.fails(503, "The database is unavailable or too slow.");
            for status in [429, 503] {
                operation.answers_header(status, "Retry-After", "Seconds to wait.");
            }

            let security = if route.access == Access::Public { json!([]) } else { json!([{ "bearer": [] }]) };
            let access = match route.access {
                Access::Public => "No token is needed.",
                Access::User => "For signed-in users.",
                Access::Admin => "For administrators.",
            };
            let id = if route.is_alias { alias_id(route.path) } else { camel_case(route.name, '_') };
            if self.paths.values().flat_map(Map::values).any(|operation| operation["operationId"] == *id) {
                self.faults.push(format!("two operations are named {id}"));
            }
            let mut described = json!({
                "tags": [tag],
                "summary": sentence(route.name),
                "description": format!("{} {access}", route.about).trim_start(),
                "operationId": id,
                "parameters": operation.parameters,
                "responses": operation.responses.into_iter().map(|(status, response)| (status.to_string(), response))
                    .collect::<Map<_, _>>(),
                "security": security,
            });
            if route.is_alias {
                described["deprecated"] = true.into();
            }
            let (answered, taken) = rows.entry(route.path).or_default();
            answered.extend(operation.row);
            if let Some(body) = operation.request_body {
                taken.extend(referred(&body).map(str::to_owned));
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
        for (answered, taken) in rows.into_values() {
            for row in answered {
                self.bodies.entry(row).or_default().extend(taken.iter().cloned());
            }
        }
        self
    }

    /// The document as JSON.
    ///
    /// # Errors
    /// Contradictions in the code.
    pub fn finish(mut self, version: &str) -> Result<Value, String> {
        if !self.faults.is_empty() {
            return Err(self.faults.join("; "));
        }
        self.schemas.extend(errors());
        self.schemas.extend(form::schemas());
        self.mark_read_only();
        descriptions::add(&mut self.schemas);
        let mut document = json!({
            "openapi": "3.1.0",
            "info": {
                "title": "RED PRODUCT",
                "version": version,
                "summary": "The back office of hotels.",
                "description": DESCRIPTION,
                "contact": { "name": "RED PRODUCT", "email": "api@red.example" },
                "license": { "name": "MIT", "identifier": "MIT" },
            },
            "servers": [{
                "url": "{scheme}://{host}",
                "description": "A platform. The document at `/api/schema` has its own scheme and host as defaults.",
                "variables": {
                    "scheme": { "enum": ["https", "http"], "default": SCHEME, "description": "`http` on one machine." },
                    "host": { "default": HOST, "description": "A host name, with a port if need be." },
                },
            }],
            "tags": self.tags,
            "paths": self.paths,
            "components": {
                "schemas": self.schemas,
                "securitySchemes": {
                    "bearer": {
                        "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                        "description": "The `access_token` of a sign-in. It is valid for an hour.",
                    },
                },
            },
        });
        name_choices(&mut document);
        remove_unused_schemas(&mut document);
        examples::add(&mut document, &self.bodies);
        Ok(document)
    }

    /// A property that no body of its row has is read-only.
    fn mark_read_only(&mut self) {
        for (row, bodies) in &self.bodies {
            let names =
                |body: &String| self.schemas.get(body)?["properties"].as_object().map(|found| found.keys().cloned());
            let written: BTreeSet<String> = bodies.iter().filter_map(names).flatten().collect();
            let properties = self.schemas.get_mut(row).and_then(|schema| schema.get_mut("properties"));
            for (name, property) in properties.and_then(Value::as_object_mut).into_iter().flatten() {
                if !written.contains(name) {
                    property["readOnly"] = true.into();
                }
            }
        }
    }
}

/// The document as it is served: its server is the one that was called.
pub fn serve(document: &str, origin: &str) -> String {
    let (scheme, host) = origin.split_once("://").unwrap_or((SCHEME, HOST));
    // What a JSON string would have to escape is in no host name.
    let is_host = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
    if host.is_empty() || !host.chars().all(is_host) {
        return document.to_owned();
    }
    let default = |value: &str| format!("\"default\": \"{value}\"");
    document.replacen(&default(HOST), &default(host), 1).replacen(&default(SCHEME), &default(scheme), 1)
}

fn errors() -> [(String, Value); 4] {
    let text = json!({ "type": "string" });
    let texts = json!({ "type": "array", "items": text });
    let failure = json!({
        "type": "object",
        "description": "The reason in the caller's language: `detail`, or `message` where the gateway itself answers.",
        "properties": { "detail": text, "code": text, "message": text },
        "examples": [{ "detail": "Pas trouvé." }],
    });
    let unauthenticated = json!({
        "type": "object",
        "description": "The reason in the caller's language, and a code that does not change.",
        "properties": { "detail": text, "code": text, "message": text },
        "examples": [{ "detail": "Le type de jeton fourni n'est pas valide", "code": "token_not_valid" }],
    });
    let field_errors = json!({
        "type": "object",
        "description": "The messages for each field of an object, such as an entry's `data`.",
        "additionalProperties": texts,
        "examples": [{ "chambre": ["Un nombre entier valide est requis."] }],
    });
    let invalid = json!({
        "type": "object",
        "description": "The messages for each field. `non_field_errors` has those about several fields; `detail` is there \
                        where the body cannot be read at all.",
        "properties": { "detail": text, "non_field_errors": texts },
        "additionalProperties": { "anyOf": [
            texts,
            reference("FieldErrors"),
            { "type": "array", "items": reference("FieldErrors") },
            text,
        ] },
        "examples": [{ "name": ["Ce champ est obligatoire."] }],
    });
    [
        ("Failure".to_owned(), failure),
        ("Unauthenticated".to_owned(), unauthenticated),
        ("FieldErrors".to_owned(), field_errors),
        ("Invalid".to_owned(), invalid),
    ]
}

/// Declares the words that a property may have: a constant for bodies and filters, and a type that gives them a name in
/// the document, for `#[schema(value_type = …)]`.
#[macro_export]
macro_rules! choices {
    ($(#[doc = $description:literal])+ $visibility:vis $words:ident as $name:ident = [$($word:literal),+ $(,)?]) => {
        $(#[doc = $description])+
        $visibility const $words: &[&str] = &[$($word),+];

        $visibility enum $name {}

        impl ::utoipa::PartialSchema for $name {
            fn schema() -> ::utoipa::openapi::RefOr<::utoipa::openapi::Schema> {
                $crate::openapi::words($words, concat!($($description),+))
            }
        }

        impl ::utoipa::ToSchema for $name {}
    };
}

/// The schema of a choice between words.
pub fn words(words: &[&str], description: &str) -> RefOr<Schema> {
    let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words.iter().copied()));
    schema.description(Some(description.trim())).into()
}

/// The schema of a file.
pub fn binary() -> Value {
    json!({ "type": "string", "format": "binary" })
}

/// The schema that also admits null.
pub(crate) fn nullable(mut schema: Value) -> Value {
    let no_value = json!({ "type": "null" });
    if let Some(branches) = schema.get_mut("anyOf").and_then(Value::as_array_mut) {
        branches.push(no_value);
        return schema;
    }
    match schema["type"].as_str() {
        Some(kind) if schema.get("enum").is_none() => {
            schema["type"] = json!([kind, "null"]);
            schema
        }
        _ => json!({ "anyOf": [schema, no_value] }),
    }
}

/// Every schema inside, and the value itself.
fn visit(value: &mut Value, visitor: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            visitor(object);
            object.values_mut().for_each(|inside| visit(inside, visitor));
        }
        Value::Array(items) => items.iter_mut().for_each(|inside| visit(inside, visitor)),
        _ => {}
    }
}

/// The names of the schemas that are referred to inside.
fn referred(value: &Value) -> Box<dyn Iterator<Item = &str> + '_> {
    match value {
        Value::Object(object) => Box::new(object.iter().flat_map(|(key, inside)| match inside.as_str() {
            Some(target) if key == "$ref" => Box::new(target.strip_prefix(SCHEMAS).into_iter()),
            _ => referred(inside),
        })),
        Value::Array(items) => Box::new(items.iter().flat_map(referred)),
        _ => Box::new(std::iter::empty()),
    }
}

/// Words that have a name are referred to by it everywhere, so that what was read can be sent.
fn name_choices(document: &mut Value) {
    let named: Vec<(Value, String)> = document["components"]["schemas"]
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, schema)| schema["enum"].is_array())
        .map(|(name, schema)| (schema["enum"].clone(), name.clone()))
        .collect();
    let mut name = |schema: &mut Map<String, Value>| {
        let Some(words) = schema.get("enum") else { return };
        if let Some((_, name)) = named.iter().find(|(known, _)| known == words) {
            schema.retain(|key, _| key == "description" || key == "readOnly");
            schema.insert("$ref".to_owned(), format!("{SCHEMAS}{name}").into());
        }
    };
    visit(&mut document["paths"], &mut name);
    for (_, schema) in document["components"]["schemas"].as_object_mut().into_iter().flatten() {
        if schema["enum"].is_null() {
            visit(schema, &mut name);
        }
    }
}

/// Parts that were merged into others have no use of their own.
fn remove_unused_schemas(document: &mut Value) {
    let mut used: BTreeSet<String> = BTreeSet::new();
    let mut open: Vec<String> = referred(&document["paths"]).map(str::to_owned).collect();
    while let Some(name) = open.pop() {
        if used.insert(name.clone()) {
            open.extend(referred(&document["components"]["schemas"][&name]).map(str::to_owned));
        }
    }
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.retain(|name, _| used.contains(name));
    }
}

const SCHEMAS: &str = "#/components/schemas/";
/// The server of the committed document.
const SCHEME: &str = "https";
const HOST: &str = "api.red.example";
const DESCRIPTION: &str = "The API of a hotel back office: hotels, tickets, messages, e-mails, forms and their entries.\n\n\
    Sign in with `POST /api/auth/login` and send the `access_token` as a Bearer token. Every path is served with and \
    without a trailing slash. Times are in UTC (RFC 3339); money is text with two places. Unknown and read-only fields \
    of a body are ignored, so a row can be sent back as it was read. Messages are in French, or in English where \
    `Accept-Language` prefers it. A row's `ETag` is its version: send it as `If-Match` to write only over that \
    version. Rows of an imported database that nobody has edited yet may break the rules for enumerations, form \
    fields and entry data.";
const REQUEST_ID: &str = "The id of the request in the log.";
const ETAG: &str = "The version of the row, for `If-Match`.";

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("{SCHEMAS}{name}") })
}

fn header(description: &str) -> Value {
    json!({ "description": description, "schema": { "type": "string" } })
}

/// `list_hotels` as `List hotels`.
fn sentence(name: &str) -> String {
    capitalized(&name.replace('_', " "))
}

/// `list_hotels` as `listHotels`.
fn camel_case(name: &str, separator: char) -> String {
    let mut words = name.split(separator);
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |id, word| id + &capitalized(word))
}

/// `/api/auth/token/refresh` as `legacyAuthTokenRefresh`.
fn alias_id(path: &str) -> String {
    camel_case(&path.replacen("/api", "legacy", 1), '/')
}

fn capitalized(text: &str) -> String {
    let (first, rest) = text.split_at(text.len().min(1));
    first.to_uppercase() + rest
}

/// The properties of all parts become the schema's own, and an object that may have any property says so: generators
/// would take it for an empty one.
fn merge_parts(schema: &mut Value, all: &BTreeMap<String, Value>) {
    let parts = schema["allOf"].as_array().cloned().unwrap_or_default();
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for mut part in parts {
        if let Some(name) = part["$ref"].as_str().and_then(|target| target.strip_prefix(SCHEMAS)) {
            part = all.get(name).cloned().unwrap_or_default();
            merge_parts(&mut part, all);
        }
        properties.extend(part["properties"].as_object().cloned().unwrap_or_default());
        required.extend(part["required"].as_array().cloned().unwrap_or_default());
    }
    if let Some(object) = schema.as_object_mut().filter(|_| !properties.is_empty()) {
        object.remove("allOf");
        object.extend([
            ("type".to_owned(), "object".into()),
            ("properties".to_owned(), properties.into()),
            ("required".to_owned(), required.into()),
        ]);
    }
    visit(schema, &mut |object| {
        let is_open = object.get("type").is_some_and(|kind| kind == "object")
            && !["properties", "additionalProperties"].iter().any(|key| object.contains_key(*key));
        if is_open {
            object.insert("additionalProperties".to_owned(), true.into());
        }
    });
}

/// An answer has every property, null where there is no value. What is left out where there is none is declared as not
/// nullable.
fn every_property_is_answered(schema: &mut Value) {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{HOST, nullable, serve};

    #[test]
    fn a_served_document_stays_json_whatever_the_host() {
        let document = serde_json::to_string_pretty(&json!({ "default": HOST })).unwrap_or_default();
        for (origin, host) in [
            ("https://red.test", "red.test"),
            ("http://[::1]:8080", "[::1]:8080"),
            ("https://", HOST),
            ("https://red.test\", \"x", HOST),
            ("https://red.test\\", HOST),
            ("https://r\u{e9}d.test", HOST),
        ] {
            assert_eq!(serve(&document, origin), document.replace(HOST, host), "{origin}");
        }
    }

    #[test]
    fn every_kind_of_schema_can_admit_null() {
        for (schema, expected) in [
            (json!({ "type": "string" }), json!({ "type": ["string", "null"] })),
            (json!({ "anyOf": [1] }), json!({ "anyOf": [1, { "type": "null" }] })),
            (json!({ "$ref": "#/a" }), json!({ "anyOf": [{ "$ref": "#/a" }, { "type": "null" }] })),
            (
                json!({ "type": "string", "enum": ["a"] }),
                json!({ "anyOf": [{ "type": "string", "enum": ["a"] }, { "type": "null" }] }),
            ),
        ] {
            assert_eq!(nullable(schema), expected);
        }
    }
}
