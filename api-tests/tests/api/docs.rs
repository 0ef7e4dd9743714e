//! The API's description of itself. That every answer of every test is as described is checked where tests get their
//! answers.

use std::collections::BTreeSet;

use api_tests::TestApp;
use http::Method;
use serde_json::{Value, json};
use shared::db::MIGRATOR;
use sqlx::PgPool;

use crate::access::routes;

#[test]
fn the_committed_document_is_that_of_the_code() {
    let committed = include_str!("../../../docs/openapi.json");

    assert!(committed == local::openapi::document().unwrap(), "docs/openapi.json is old: run `cargo local openapi`");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn anybody_can_read_what_every_route_does(owner: PgPool) {
    let app = TestApp::start(owner).await;

    let answer = app.public().get("/api/schema/").await;

    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "max-age=300");
    let document = answer.expect(200);
    assert_eq!(document["openapi"], "3.1.0");
    for (_, (method, path, _)) in routes() {
        let operation = &document["paths"][path][method.as_str().to_lowercase()];
        assert!(operation["summary"].is_string(), "{method} {path}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_document_says_who_may_call_what(owner: PgPool) {
    let app = TestApp::start(owner).await;

    let document = app.public().get("/api/schema").await.expect(200);

    let operation = |path: &str, method: &str| document["paths"][path][method].clone();
    assert_eq!(operation("/api/hotels", "get")["security"][0]["bearer"], Value::Array(vec![]));
    assert!(operation("/api/hotels", "get")["responses"]["403"].is_null());
    assert!(operation("/api/hotels", "post")["responses"]["403"].is_object());
    assert_eq!(operation("/api/auth/login", "post")["security"], Value::Array(vec![]));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_served_document_names_the_called_host_as_its_server(owner: PgPool) {
    let app = TestApp::start(owner).await;

    for host in ["red.test", "127.0.0.1:8080", "localhost:3000"] {
        let document = app.public().request(Method::GET, "/api/schema/").header("host", host).send().await.expect(200);
        let server = &document["servers"][0];
        assert_eq!(server["url"], "{scheme}://{host}");
        assert_eq!(server["variables"]["host"]["default"], host);
        assert_eq!(server["variables"]["scheme"]["default"], "http", "{host}");
    }
}

#[test]
fn every_operation_has_a_description_and_a_name_of_its_own() {
    let document = document();
    let mut names = BTreeSet::new();
    for (place, operation) in operations(&document) {
        // Each says at least who may call it.
        let description = operation["description"].as_str().unwrap();
        assert!(description.matches('.').count() >= 2, "{place}: add .about(…) behind its route");
        let name = operation["operationId"].as_str().unwrap();
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric()), "{place}: {name}");
        assert!(names.insert(name.to_owned()), "{place}: {name}");
        for parameter in operation["parameters"].as_array().unwrap() {
            assert!(parameter["description"].is_string(), "{place}: {parameter}");
        }
    }
    for tag in document["tags"].as_array().unwrap() {
        assert!(tag["description"].is_string(), "{tag}");
    }
}

#[test]
fn every_body_and_answer_has_a_schema_and_json_an_example() {
    let document = document();
    for (place, operation) in operations(&document) {
        let answers = operation["responses"].as_object().unwrap();
        let successes = answers.iter().filter(|(status, _)| status.starts_with('2')).map(|(_, answer)| answer);
        for content in successes.chain([&operation["requestBody"]]).filter_map(|part| part["content"].as_object()) {
            for (media_type, content) in content {
                assert!(!content["schema"].as_object().unwrap().is_empty(), "{place}: {media_type}");
                assert_eq!(media_type == "application/json", content.get("example").is_some(), "{place}: {media_type}");
            }
        }
    }
    let mut open = vec![&document];
    while let Some(value) = open.pop() {
        assert!(value["type"] != "array" || value["items"].is_object(), "an array without items: {value}");
        match value {
            Value::Object(object) => open.extend(object.values()),
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
}

#[test]
fn every_schema_and_property_has_a_description() {
    let document = document();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(schema["description"].is_string(), "{name}");
        for (property, schema) in schema["properties"].as_object().into_iter().flatten() {
            assert!(schema["description"].as_str().is_some_and(|text| text.ends_with('.')), "{name}.{property}");
        }
    }
}

#[test]
fn a_body_says_what_a_new_password_and_a_price_may_be() {
    let document = document();
    let property = |schema: &str, name: &str| document["components"]["schemas"][schema]["properties"][name].clone();
    for (schema, name) in [
        ("Registration", "password"),
        ("Registration", "password2"),
        ("NewPassword", "password"),
        ("PasswordChange", "new_password"),
        ("NewUser", "password"),
        ("PartialUserChanges", "password"),
    ] {
        let password = property(schema, name);
        let limits = (password["format"].as_str(), password["minLength"].as_i64(), password["maxLength"].as_i64());
        assert_eq!(limits, (Some("password"), Some(8), Some(128)), "{schema}.{name}");
    }
    // The stored password may be older than these rules.
    assert_eq!(property("Credentials", "password")["minLength"], 1);
    for schema in ["HotelChanges", "PartialHotelChanges"] {
        let price = property(schema, "price_per_night");
        assert_eq!(price["anyOf"][0]["minimum"], 0, "{price}");
        assert!(price["anyOf"][1]["pattern"].as_str().unwrap().starts_with("^[0-9]"), "{price}");
    }
}

/// The TypeScript client in web/tests/clients checks the types; this checks patterns, lengths and ranges as well.
#[test]
fn the_example_of_each_row_is_a_valid_body_of_its_own() {
    let document = document();
    let mut rows = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let row = &methods["get"]["responses"]["200"]["content"]["application/json"];
        for method in ["put", "patch"] {
            let body = &methods[method]["requestBody"]["content"]["application/json"];
            if row.is_null() || body.is_null() {
                continue;
            }
            let schema = json!({ "allOf": [body["schema"]], "components": document["components"] });
            let faults: Vec<_> = jsonschema::draft202012::new(&schema)
                .unwrap()
                .iter_errors(&row["example"])
                .map(|fault| fault.to_string())
                .collect();
            assert!(faults.is_empty(), "{method} {path}: {faults:?}");
            rows += 1;
        }
    }
    assert!(rows >= 12, "{rows}");
}

#[test]
fn paths_of_the_legacy_api_are_deprecated() {
    let document = document();

    let deprecated: BTreeSet<_> = operations(&document)
        .filter(|(_, operation)| operation["deprecated"] == true)
        .map(|(place, _)| place)
        .collect();

    let expected = [
        "get /api/auth/users",
        "get /api/hotels/dashboard/stats",
        "post /api/auth/token/refresh",
        "post /api/token",
        "post /api/token/refresh",
    ];
    assert_eq!(deprecated, expected.map(str::to_owned).into());
}

#[test]
fn words_that_a_row_has_are_those_that_its_bodies_take() {
    let schemas = &document()["components"]["schemas"];
    for (row, body, name) in [
        ("Hotel", "HotelChanges", "currency"),
        ("Ticket", "TicketChanges", "status"),
        ("Ticket", "PartialTicketChanges", "priority"),
        ("User", "PartialUserChanges", "language"),
        ("User", "PartialProfileChanges", "language"),
    ] {
        let reference = |schema: &str| schemas[schema]["properties"][name]["$ref"].as_str();
        assert!(reference(row).is_some() && reference(row) == reference(body), "{row} {body} {name}");
    }
}

fn document() -> Value {
    serde_json::from_str(&local::openapi::document().unwrap()).unwrap()
}

/// Each operation by its method and path.
fn operations(document: &Value) -> impl Iterator<Item = (String, &Value)> {
    document["paths"].as_object().unwrap().iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap();
        methods.iter().map(move |(method, operation)| (format!("{method} {path}"), operation))
    })
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_page_fetches_nothing_from_elsewhere(owner: PgPool) {
    let app = TestApp::start(owner).await;

    let page = app.public().get("/api/docs/").await;

    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("cache-control"), "max-age=300");
    assert!(page.header("content-security-policy").starts_with("default-src 'none'; script-src 'self'"));
    let page = String::from_utf8_lossy(&page.bytes).into_owned();
    let mut files: Vec<_> = page.split(['"']).filter(|part| part.starts_with("/api/docs/")).collect();
    files.sort_unstable();
    assert_eq!(files.len(), 5);
    assert!(!page.contains("http:") && !page.contains("https:"));
    for file in files {
        let answer = app.public().get(file).await;
        assert_eq!(answer.status, 200, "{file}");
    }
    let start = app.public().get("/api/docs/swagger-initializer.js").await;
    assert!(String::from_utf8_lossy(&start.bytes).contains("/api/schema"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_file_that_the_page_does_not_have_is_not_found(owner: PgPool) {
    let app = TestApp::start(owner).await;

    for path in ["/api/docs/passwd", "/api/docs/index.html/x", "/api/schema/x"] {
        assert_eq!(app.public().get(path).await.status, 404, "{path}");
    }
}
