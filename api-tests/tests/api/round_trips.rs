//! What each endpoint costs: its round trips to the database, once its statements are prepared. The table is the
//! budget; a change that costs more has to say so here.

use api_tests::{Caller, TestApp};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::Method;
use serde_json::{Value, json};
use shared::db::{Db, MIGRATOR};
use sqlx::PgPool;

use crate::{access::routes, auth::PASSWORD, forms, images::PNG, tickets::ticket};

/// Method, path, round trips of the function. A write in a transaction begins and commits, each a round trip.
const BUDGET: &[(&str, &str, u64)] = &[
    ("GET", "/.well-known/jwks.json", 0),
    ("GET", "/api/audit", 1),
    ("POST", "/api/auth/change-password", 9),
    ("POST", "/api/auth/forgot-password", 7),
    ("POST", "/api/auth/login", 7),
    ("POST", "/api/auth/logout", 4),
    ("GET", "/api/auth/me", 1),
    ("PATCH", "/api/auth/me", 5),
    ("POST", "/api/auth/refresh", 1),
    ("POST", "/api/auth/register", 7),
    ("POST", "/api/auth/reset-password", 9),
    ("GET", "/api/auth/sessions", 1),
    ("DELETE", "/api/auth/sessions/{id}", 4),
    ("POST", "/api/auth/token/refresh", 1),
    ("GET", "/api/auth/users", 1),
    ("GET", "/api/dashboard", 1),
    ("GET", "/api/docs", 0),
    ("GET", "/api/docs/{file}", 0),
    ("GET", "/api/emails", 1),
    ("POST", "/api/emails", 4),
    ("GET", "/api/emails/suppressions", 1),
    ("DELETE", "/api/emails/suppressions/{id}", 4),
    ("DELETE", "/api/emails/{id}", 5),
    ("GET", "/api/emails/{id}", 1),
    ("PATCH", "/api/emails/{id}", 5),
    ("PUT", "/api/emails/{id}", 5),
    ("POST", "/api/emails/{id}/cancel", 5),
    ("POST", "/api/emails/{id}/retry", 5),
    ("GET", "/api/entries", 1),
    ("POST", "/api/entries", 5),
    ("GET", "/api/entries/export", 3),
    ("DELETE", "/api/entries/{id}", 4),
    ("GET", "/api/entries/{id}", 1),
    ("PATCH", "/api/entries/{id}", 6),
    ("PUT", "/api/entries/{id}", 6),
    ("GET", "/api/forms", 1),
    ("POST", "/api/forms", 4),
    ("DELETE", "/api/forms/{id}", 4),
    ("GET", "/api/forms/{id}", 1),
    ("PATCH", "/api/forms/{id}", 5),
    ("PUT", "/api/forms/{id}", 5),
    ("GET", "/api/health", 1),
    ("GET", "/api/hotels", 1),
    ("POST", "/api/hotels", 4),
    ("GET", "/api/hotels/cities", 1),
    ("GET", "/api/hotels/dashboard/stats", 1),
    ("DELETE", "/api/hotels/{id}", 4),
    ("GET", "/api/hotels/{id}", 1),
    ("PATCH", "/api/hotels/{id}", 5),
    ("PUT", "/api/hotels/{id}", 5),
    ("DELETE", "/api/hotels/{id}/image", 5),
    ("PUT", "/api/hotels/{id}/image", 5),
    ("GET", "/api/messages", 1),
    ("POST", "/api/messages", 4),
    ("POST", "/api/messages/read-all", 1),
    ("GET", "/api/messages/unread-count", 1),
    ("DELETE", "/api/messages/{id}", 5),
    ("GET", "/api/messages/{id}", 1),
    ("PATCH", "/api/messages/{id}", 1),
    ("POST", "/api/messages/{id}/read", 1),
    ("GET", "/api/public/forms/{id}", 1),
    ("POST", "/api/public/forms/{id}/entries", 5),
    ("GET", "/api/schema", 0),
    ("GET", "/api/tickets", 1),
    ("POST", "/api/tickets", 5),
    ("DELETE", "/api/tickets/{id}", 5),
    ("GET", "/api/tickets/{id}", 1),
    ("PATCH", "/api/tickets/{id}", 7),
    ("PUT", "/api/tickets/{id}", 7),
    ("GET", "/api/tickets/{id}/comments", 2),
    ("POST", "/api/tickets/{id}/comments", 6),
    ("POST", "/api/token", 7),
    ("POST", "/api/token/refresh", 1),
    ("GET", "/api/users", 1),
    ("POST", "/api/users", 5),
    ("GET", "/api/users/directory", 1),
    ("GET", "/api/users/directory/{id}", 1),
    ("DELETE", "/api/users/{id}", 5),
    ("GET", "/api/users/{id}", 1),
    ("PATCH", "/api/users/{id}", 8),
    ("PUT", "/api/users/{id}", 10),
];

#[sqlx::test(migrator = "MIGRATOR")]
async fn no_endpoint_makes_more_round_trips_than_it_may(owner: PgPool) {
    let app = TestApp::start_with(owner, |setup| {
        // One connection each, as in a sandbox: a statement that was prepared once stays prepared.
        setup.settings.database = Db::sandbox(setup.options.clone());
        setup.settings.authorizer_database = Db::sandbox(setup.options.clone());
    })
    .await;
    let admin = app.admin().await;

    for (method, path, budget) in BUDGET {
        let _warm = call(&app, &admin, method, path).await;
        let answer = call(&app, &admin, method, path).await;
        assert!(answer.status.is_success(), "{method} {path}: {answer:?}");
        assert_eq!(answer.sql_round_trips(), *budget, "{method} {path}");
    }
    let answer = admin.get("/api/hotels/").await;
    assert_eq!(answer.authorizer_round_trips(), 1);
}

#[test]
fn every_endpoint_has_a_budget() {
    let mut served: Vec<_> = routes().into_iter().map(|(_, (method, path, _))| (path, method.to_string())).collect();
    served.sort();
    let mut budgeted: Vec<_> = BUDGET.iter().map(|(method, path, _)| (*path, (*method).to_owned())).collect();
    budgeted.sort();

    assert_eq!(budgeted, served);
}

/// A request about forms and entries that succeeds, on rows of its own.
async fn call_forms(admin: &Caller, method: &str, path: &str) -> api_tests::Answer {
    let form = forms::created(admin, json!({})).await;
    let entry = json!({ "form": form["id"], "data": { "name": "Awa" } });
    let (path, body) = match (method, path) {
        ("GET", "/api/entries/export") => (format!("{path}?form={}", form["id"]), Value::Null),
        ("PUT" | "PATCH" | "DELETE" | "GET", "/api/entries/{id}") => {
            let stored = admin.post("/api/entries", entry).await.expect(201);
            let changed = json!({ "form": form["id"], "data": { "name": "Fatou" } });
            (path.replace("{id}", &stored["id"].to_string()), changed)
        }
        (_, "/api/entries" | "/api/public/forms/{id}/entries") => {
            (path.replace("{id}", &form["id"].to_string()), entry)
        }
        _ => (path.replace("{id}", &form["id"].to_string()), forms::form(json!({}))),
    };
    admin.request(method.parse::<Method>().unwrap(), &path).json(&body).send().await
}

/// A request that succeeds, on a row of its own.
async fn call(app: &TestApp, admin: &Caller, method: &str, path: &str) -> api_tests::Answer {
    if path.contains("forms") || path.contains("entries") {
        return call_forms(admin, method, path).await;
    }
    let hotel = json!({ "name": "Hôtel", "city": "Dakar", "price_per_night": 1 });
    let email = json!({ "recipient": "awa@example.sn", "subject": "Objet", "body": "Bonjour" });
    let mut caller = admin.clone();
    let mut path = path.to_owned();
    let body = match (method, path.as_str()) {
        ("POST", "/api/auth/register") => api_tests::registration(&api_tests::new_email()),
        ("POST", "/api/auth/login" | "/api/token") => {
            json!({ "email": app.user().await.email(), "password": PASSWORD })
        }
        ("POST", "/api/auth/change-password") => {
            caller = app.user().await;
            json!({ "current_password": PASSWORD, "new_password": "Teranga-2026-Thies" })
        }
        ("POST", "/api/auth/forgot-password") => json!({ "email": app.user().await.email() }),
        ("POST", "/api/auth/reset-password") => {
            json!({ "token": app.reset_token(&app.user().await).await, "password": PASSWORD })
        }
        ("DELETE", "/api/auth/sessions/{id}") => {
            caller = app.user().await;
            path = path.replace("{id}", api_tests::tokens::claims(&caller)["sid"].as_str().unwrap());
            Value::Null
        }
        // Somebody else's ticket, of which its user is told; somebody else's message, to the administrator.
        (_, "/api/tickets/{id}" | "/api/tickets/{id}/comments") => {
            let ticket = app.user().await.post("/api/tickets", ticket(json!({}))).await.expect(201);
            path = path.replace("{id}", &ticket["id"].to_string());
            match method {
                "GET" | "DELETE" => Value::Null,
                "POST" => json!({ "content": "Bonjour" }),
                _ => self::ticket(json!({ "status": "closed" })),
            }
        }
        ("POST", "/api/tickets") => ticket(json!({})),
        ("POST", "/api/messages") => json!({ "recipient_id": app.user().await.id(), "content": "Bonjour" }),
        (_, "/api/messages/{id}" | "/api/messages/{id}/read") => {
            let message = json!({ "recipient_id": admin.id(), "content": "Bonjour" });
            let message = app.user().await.post("/api/messages", message).await.expect(201);
            path = path.replace("{id}", &message["id"].to_string());
            json!({ "is_read": true })
        }
        ("POST", "/api/users") => api_tests::registration(&api_tests::new_email()),
        (_, "/api/users/{id}" | "/api/users/directory/{id}") => {
            let somebody = app.user().await;
            path = path.replace("{id}", &somebody.id().to_string());
            match method {
                "PUT" => api_tests::registration(somebody.email()),
                "PATCH" => json!({ "is_admin": true }),
                _ => Value::Null,
            }
        }
        ("POST", _) if path.contains("/auth/") || path.contains("/token/") => {
            json!({ "refresh_token": app.user().await.refresh_token(), "rotate": true })
        }
        ("PUT", "/api/hotels/{id}/image") => {
            path = path.replace("{id}", &admin.post("/api/hotels", hotel.clone()).await.expect(201)["id"].to_string());
            return admin.request(Method::PUT, &path).body(STANDARD.decode(PNG).unwrap()).send().await;
        }
        ("DELETE", "/api/hotels/{id}/image") => {
            let image = json!({ "image_base64": format!("data:image/png;base64,{PNG}") });
            let row = admin.post("/api/hotels", hotel.clone()).await.expect(201);
            admin.patch(&format!("/api/hotels/{}", row["id"]), image).await.expect(200);
            path = path.replace("{id}", &row["id"].to_string());
            Value::Null
        }
        ("POST", "/api/emails") => email.clone(),
        ("DELETE", "/api/emails/suppressions/{id}") => {
            let suppress = "insert into emails_suppression (recipient, reason) values ($1, 'bounced') returning id";
            let select = sqlx::query_scalar::<_, i64>(suppress).bind(api_tests::new_email());
            path = path.replace("{id}", &select.fetch_one(&app.owner).await.unwrap().to_string());
            Value::Null
        }
        (_, of_an_email) if of_an_email.starts_with("/api/emails/{id}") => {
            let id = admin.post("/api/emails", email.clone()).await.expect(201)["id"].to_string();
            if path.ends_with("retry") {
                admin.post(&format!("/api/emails/{id}/cancel"), json!({})).await.expect(200);
            }
            path = path.replace("{id}", &id);
            if matches!(method, "PUT" | "PATCH") { email } else { Value::Null }
        }
        ("POST" | "PUT", _) => hotel.clone(),
        ("PATCH", _) => json!({}),
        _ => Value::Null,
    };
    path = path.replace("{file}", "swagger-ui.css");
    if path.contains("{id}") {
        path = path.replace("{id}", &admin.post("/api/hotels", hotel).await.expect(201)["id"].to_string());
    }
    let request = caller.request(method.parse::<Method>().unwrap(), &path);
    if body.is_null() { request.send().await } else { request.json(&body).send().await }
}
