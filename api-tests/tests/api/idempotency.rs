//! `Idempotency-Key`, on every path that creates for somebody who is signed in.

use std::collections::BTreeSet;

use api_tests::{Answer, Caller, TestApp, new_email, registration};
use http::Method;
use serde_json::{Value, json};
use shared::db::MIGRATOR;
use sqlx::PgPool;

use crate::{forms, hotels::hotel, tickets::ticket};

/// What creates, and with which body.
async fn creations(app: &TestApp, admin: &Caller) -> Vec<(String, Value)> {
    let form = forms::created(admin, json!({})).await;
    let ticket = admin.post("/api/tickets/", ticket(json!({}))).await.expect(201);
    vec![
        ("/api/hotels/".to_owned(), hotel(json!({}))),
        ("/api/tickets/".to_owned(), self::ticket(json!({}))),
        (format!("/api/tickets/{}/comments/", ticket["id"]), json!({ "content": "Bonjour" })),
        ("/api/users/".to_owned(), registration(&new_email())),
        ("/api/messages/".to_owned(), json!({ "recipient_id": app.user().await.id(), "content": "Bonjour" })),
        ("/api/emails/".to_owned(), json!({ "recipient": "awa@example.sn", "subject": "Objet", "body": "Bonjour" })),
        ("/api/forms/".to_owned(), forms::form(json!({}))),
        ("/api/entries/".to_owned(), json!({ "form": form["id"], "data": { "name": "Awa" } })),
    ]
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn every_path_that_creates_is_tried_here(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let document = app.public().get("/api/schema/").await.expect(200);
    let creates = |path: &Value| path["post"]["responses"]["201"].is_object() && path["post"]["security"] != json!([]);
    let paths = document["paths"].as_object().unwrap().iter();
    let creating: BTreeSet<_> = paths.filter(|(_, path)| creates(path)).map(|(path, _)| path.clone()).collect();

    let tried = creations(&app, &app.admin().await).await.into_iter().map(|(path, _)| {
        let part = |part: &str| if part.parse::<i64>().is_ok() { "{id}".to_owned() } else { part.to_owned() };
        path.trim_end_matches('/').split('/').map(part).collect::<Vec<_>>().join("/")
    });

    assert_eq!(tried.collect::<BTreeSet<_>>(), creating);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_same_request_again_gets_the_same_answer_and_creates_nothing(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;

    for (path, body) in creations(&app, &admin).await {
        let count = async || admin.get(&path).await.expect(200)["count"].as_i64().unwrap();
        let before = count().await;
        let first = create(&admin, &path, "key", &body).await;
        let again = create(&admin, path.trim_end_matches('/'), "key", &body).await;

        assert_eq!(first.expect(201), again.expect(201), "{path}");
        assert_eq!(first.header("etag"), again.header("etag"));
        assert_eq!(again.header("content-type"), "application/json");
        assert_eq!(count().await, before + 1, "{path}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn another_body_under_the_same_key_is_409(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    create(&admin, "/api/hotels/", "key", &hotel(json!({}))).await.expect(201);

    let answer = create(&admin, "/api/hotels/", "key", &hotel(json!({ "city": "Saly" }))).await;

    let detail = "Cette clé d'idempotence a déjà servi pour une autre requête.";
    assert_eq!(answer.expect(409), json!({ "detail": detail }));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_key_belongs_to_its_caller_and_lasts_a_day(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (one, other) = (app.admin().await, app.admin().await);
    let body = hotel(json!({}));
    let first = create(&one, "/api/hotels/", "key", &body).await.expect(201);

    let others = create(&other, "/api/hotels/", "key", &body).await.expect(201);
    let expire = "update idempotency_key set expires_at = now()";
    sqlx::query(expire).execute(&app.owner).await.unwrap();
    let tomorrow = create(&one, "/api/hotels/", "key", &hotel(json!({ "city": "Saly" }))).await.expect(201);

    assert_ne!(first["id"], others["id"]);
    assert_eq!(tomorrow["city"], "Saly");
    assert_eq!(create(&one, "/api/hotels/", "key", &body).await.status, 409);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_answer_that_is_an_error_is_not_kept(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;

    let refused = create(&admin, "/api/hotels/", "key", &hotel(json!({ "rooms_count": -1 }))).await;
    let corrected = create(&admin, "/api/hotels/", "key", &hotel(json!({}))).await;

    assert_eq!((refused.status.as_u16(), corrected.status.as_u16()), (400, 201));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_many_at_once_one_creates_and_all_are_answered_alike(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;

    let mut requests = Vec::new();
    for _ in 0..8 {
        let admin = admin.clone();
        requests.push(tokio::spawn(async move {
            create(&admin, "/api/hotels/", "key", &hotel(json!({}))).await.expect(201)
        }));
    }
    let mut ids = Vec::new();
    for request in requests {
        ids.push(request.await.unwrap()["id"].as_i64().unwrap());
    }

    ids.dedup();
    assert_eq!(ids.len(), 1);
    assert_eq!(admin.get("/api/hotels/").await.expect(200)["count"], 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_key_is_255_ascii_characters_at_most(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;

    assert_eq!(create(&admin, "/api/hotels/", &"k".repeat(255), &hotel(json!({}))).await.status, 201);
    for key in ["", &"k".repeat(256), "clé"] {
        let answer = create(&admin, "/api/hotels/", key, &hotel(json!({}))).await;
        assert!(answer.expect(400)["Idempotency-Key"][0].is_string(), "{key:.10}");
    }
}

async fn create(caller: &Caller, path: &str, key: &str, body: &Value) -> Answer {
    caller.request(Method::POST, path).header("idempotency-key", key).json(body).send().await
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_path_of_any_length_can_have_a_key(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let ticket = admin.post("/api/tickets/", ticket(json!({}))).await.expect(201);
    let path = format!("/api/tickets/{}{}/comments/", "0".repeat(300), ticket["id"]);

    create(&admin, &path, "key", &json!({ "content": "Bonjour" })).await.expect(201);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_key_holds_for_a_day_and_for_the_very_bytes_of_a_body(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let body = hotel(json!({}));
    create(&admin, "/api/hotels/", "key", &body).await.expect(201);

    let spaced = format!(" {body}");
    let request = admin.request(Method::POST, "/api/hotels/").header("idempotency-key", "key").body(spaced);
    let answer = request.header("content-type", "application/json").send().await;

    assert_eq!(answer.status, 409);
    let select = "select round(extract(epoch from expires_at - now()) / 3600)::int from idempotency_key";
    let hours: i32 = sqlx::query_scalar(select).fetch_one(&app.owner).await.unwrap();
    assert_eq!(hours, 24);
}
