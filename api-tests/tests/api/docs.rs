//! The API's description of itself. That every answer of every test is as described is checked where tests get their
//! answers.

use api_tests::TestApp;
use serde_json::Value;
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
