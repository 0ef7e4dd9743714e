//! What each endpoint costs: its round trips to the database, once its statements are prepared. The table is the
//! budget; a change that costs more has to say so here.

use api_tests::{Caller, TestApp};
use http::Method;
use serde_json::{Value, json};
use shared::db::{Db, MIGRATOR};
use sqlx::PgPool;

use crate::access::routes;

/// Method, path, round trips of the function. A write in a transaction begins and commits, each a round trip.
const BUDGET: &[(&str, &str, u64)] = &[
    ("GET", "/.well-known/jwks.json", 0),
    ("POST", "/api/auth/login", 2),
    ("POST", "/api/auth/logout", 1),
    ("GET", "/api/auth/me", 1),
    ("PATCH", "/api/auth/me", 1),
    ("POST", "/api/auth/refresh", 1),
    ("POST", "/api/auth/register", 5),
    ("POST", "/api/auth/token/refresh", 1),
    ("GET", "/api/health", 1),
    ("GET", "/api/hotels", 2),
    ("POST", "/api/hotels", 1),
    ("GET", "/api/hotels/cities", 1),
    ("DELETE", "/api/hotels/{id}", 1),
    ("GET", "/api/hotels/{id}", 1),
    ("PATCH", "/api/hotels/{id}", 1),
    ("PUT", "/api/hotels/{id}", 1),
    ("POST", "/api/token/refresh", 1),
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

/// A request that succeeds, on a row of its own.
async fn call(app: &TestApp, admin: &Caller, method: &str, path: &str) -> api_tests::Answer {
    let hotel = json!({ "name": "Hôtel", "city": "Dakar", "price_per_night": 1 });
    let body = match (method, path) {
        ("POST", "/api/auth/register") => api_tests::registration(&api_tests::new_email()),
        ("POST", "/api/auth/login") => {
            let user = app.user().await;
            json!({ "email": user.email(), "password": "Teranga-2026-Dakar" })
        }
        ("POST", _) if path.contains("/auth/") || path.contains("/token/") => {
            json!({ "refresh_token": app.user().await.refresh_token(), "rotate": true })
        }
        ("POST" | "PUT", _) => hotel.clone(),
        ("PATCH", _) => json!({}),
        _ => Value::Null,
    };
    let path = match path.contains("{id}") {
        true => path.replace("{id}", &admin.post("/api/hotels", hotel).await.expect(201)["id"].to_string()),
        false => path.to_owned(),
    };
    let request = admin.request(method.parse::<Method>().unwrap(), &path);
    if body.is_null() { request.send().await } else { request.json(&body).send().await }
}
