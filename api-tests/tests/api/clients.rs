//! What clients of the original do with every resource, knowing nothing of any: a generic one (a react-admin data
//! provider, a script) must work on all of them alike.

use std::collections::BTreeSet;

use api_tests::{Caller, TestApp, new_email};
use http::Method;
use serde_json::{Value, json};
use shared::db::MIGRATOR;
use sqlx::PgPool;

use crate::access::routes;

/// Each resource with a row that an administrator makes, and what a search finds it by.
async fn resources(app: &TestApp, admin: &Caller) -> Vec<(&'static str, Value, &'static str)> {
    let reader = app.user().await.id();
    let form = json!({ "title": "Satisfaction", "fields": [{ "name": "note", "label": "Note", "type": "text" }] });
    let form_id = admin.post("/api/forms/", form.clone()).await.expect(201)["id"].clone();
    vec![
        ("/api/hotels/", json!({ "name": "Hôtel Teranga", "city": "Thiès", "price_per_night": 45000 }), "teranga"),
        (
            "/api/users/",
            json!({ "email": new_email(), "password": "Teranga-2026-Dakar", "last_name": "Ndiaye" }),
            "ndiaye",
        ),
        ("/api/tickets/", json!({ "title": "Clé perdue", "description": "Chambre 12" }), "cle perdue"),
        ("/api/messages/", json!({ "recipient_id": reader, "content": "Bonjour à tous" }), "bonjour"),
        (
            "/api/emails/",
            json!({ "recipient": new_email(), "subject": "Votre réservation", "body": "À demain." }),
            "reservation",
        ),
        ("/api/forms/", form, "satisfaction"),
        ("/api/entries/", json!({ "form": form_id, "data": { "note": "Très bien" } }), "tres"),
    ]
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn every_resource_is_tried_here(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let served: BTreeSet<_> = routes().into_iter().map(|(_, (method, path, _))| (method, path.to_owned())).collect();
    let has = |method: Method, path: String| served.contains(&(method, path));
    let whole = served.iter().map(|(_, path)| path.clone()).filter(|path| {
        has(Method::GET, path.clone())
            && has(Method::POST, path.clone())
            && has(Method::PATCH, format!("{path}/{{id}}"))
            && has(Method::DELETE, format!("{path}/{{id}}"))
    });

    let tried = resources(&app, &app.admin().await).await.into_iter();

    let tried: BTreeSet<_> = tried.map(|(path, ..)| path.trim_end_matches('/').to_owned()).collect();
    assert_eq!(tried, whole.collect());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_generic_client_lists_creates_reads_writes_back_and_deletes(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;

    for (path, new, word) in resources(&app, &admin).await {
        let row = admin.post(path, new).await.expect(201);
        let detail = format!("{path}{}/", row["id"]);

        assert_eq!(admin.get(&detail).await.expect(200), row, "{path}");
        for query in ["?page=1&page_size=100&ordering=id".to_owned(), format!("?search={}", word.replace(' ', "+"))] {
            let list = admin.get(&format!("{path}{query}")).await.expect(200);
            let rows = list["results"].as_array().unwrap();
            assert!(rows.contains(&row), "{path}{query}: {list}");
            assert_eq!(list["count"], rows.len(), "{path}{query}");
        }
        // It sends back the whole record as it read it, read-only fields included.
        let mut written = admin.patch(&detail, row.clone()).await.expect(200);
        written["updated_at"] = row["updated_at"].clone();
        assert_eq!(written, row, "{path}");
        admin.delete(&detail).await.expect(204);
        admin.get(&detail).await.expect(404);
        admin.delete(&detail).await.expect(404);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn ids_sort_every_list_both_ways(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;

    for (path, mut new, _) in resources(&app, &admin).await {
        for _ in 0..2 {
            if new.get("email").is_some() {
                new["email"] = new_email().into();
            }
            admin.post(path, new.clone()).await.expect(201);
        }
        let ids = async |ordering: &str| -> Vec<i64> {
            let list = admin.get(&format!("{path}?ordering={ordering}")).await.expect(200);
            list["results"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect()
        };

        let (up, mut down) = (ids("id").await, ids("-id").await);

        assert!(up.is_sorted() && up.len() >= 2, "{path}: {up:?}");
        down.reverse();
        assert_eq!(up, down, "{path}");
    }
}
