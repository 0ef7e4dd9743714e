//! The list of who did what. That it is written is told by the tests of each resource.

use api_tests::{Caller, TestApp};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::Method;
use serde_json::{Value, json};
use shared::db::MIGRATOR;
use sqlx::PgPool;

use crate::{
    hotels::{created, path},
    images::PNG,
};

/// Five events, A to E, in this order; signing in makes others, without an id of an object.
async fn insert_events(app: &TestApp) {
    let insert = "
        insert into audit_event (actor, actor_email, action, resource, object_id, created_at)
        values
            (900, 'A', 'create', 'hotel', 71, '2026-01-30 23:59:59.999999Z'),
            (900, 'B', 'update', 'hotel', 71, '2026-01-31 00:00:00Z'),
            (901, 'C', 'update', 'ticket', 71, '2026-01-31 12:00:00Z'),
            (900, 'D', 'delete', 'hotel', 72, '2026-01-31 23:59:59.999999Z'),
            (null, 'E', 'login_failed', 'session', null, '2026-02-01 00:00:00Z')";
    sqlx::query(insert).execute(&app.owner).await.unwrap();
}

/// The letters of the events that a query finds among those of [`insert_events`].
async fn found(admin: &Caller, query: &str) -> String {
    let list = admin.get(&format!("/api/audit/?created_at__lte=2026-02-02&{query}")).await.expect(200);
    let letters: String =
        list["results"].as_array().unwrap().iter().filter_map(|row| row["actor_email"].as_str()).collect();
    assert_eq!(list["count"], letters.len(), "{query}");
    letters
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_event_says_who_did_what_to_which_row_from_where(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let hotel = created(&admin, json!({ "name": "Avant" })).await;
    admin.patch(&path(&hotel), json!({ "name": "Après" })).await.expect(200);

    let list = admin.get("/api/audit/?resource=hotel").await.expect(200);

    assert_eq!(list["count"], 2);
    let event = &list["results"][0];
    let names: Vec<_> = event.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["action", "actor", "actor_email", "changes", "created_at", "id", "ip", "object_id", "resource"]);
    assert_eq!(
        json!({
            "actor": admin.id(), "actor_email": admin.email(), "action": "update", "resource": "hotel",
            "object_id": hotel["id"], "changes": { "name": ["Avant", "Après"] },
        }),
        json!({
            "actor": event["actor"], "actor_email": event["actor_email"], "action": event["action"],
            "resource": event["resource"], "object_id": event["object_id"], "changes": event["changes"],
        }),
    );
    assert!(event["ip"].as_str().unwrap().starts_with("10."), "{event}");
    assert!(event["created_at"].as_str().unwrap().ends_with('Z'), "{event}");
    assert_eq!(list["results"][1]["action"], "create");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn filters_leave_the_events_that_meet_all_of_them(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    insert_events(&app).await;

    for (query, events) in [
        ("", "EDCBA"),
        ("actor=900", "DBA"),
        ("actor=0", ""),
        ("actor=99999999999999999999", ""),
        ("action=update", "CB"),
        ("action=lift", ""),
        ("resource=hotel", "DBA"),
        ("resource=suppression", ""),
        ("object_id=71", "CBA"),
        ("resource=hotel&object_id=71", "BA"),
        ("actor=900&action=update&resource=hotel&object_id=71", "B"),
        ("created_at__gte=2026-01-31", "EDCB"),
        ("created_at__gte=2026-01-31T12:00:00Z", "EDC"),
        ("created_at__lte=2026-01-31", "DCBA"),
        ("created_at__lte=2026-01-31T00:00:00Z", "BA"),
        ("created_at__gte=2026-01-31&created_at__lte=2026-01-31&resource=hotel", "DB"),
        ("actor=&action=&resource=&object_id=&created_at__gte=", "EDCBA"),
        ("unknown=1", "EDCBA"),
    ] {
        assert_eq!(found(&admin, query).await, events, "{query}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn whatever_can_be_recorded_can_be_asked_for(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;

    for filter in ["action", "resource"] {
        let select = "
            select word[1]
            from pg_constraint, regexp_matches(pg_get_constraintdef(oid), $$'([a-z_]+)'$$, 'g') as word
            where conname = 'audit_' || $1 || '_check'";
        let words: Vec<String> = sqlx::query_scalar(select).bind(filter).fetch_all(&app.owner).await.unwrap();

        assert!(words.len() > 5, "{words:?}");
        for word in words {
            assert_eq!(admin.get(&format!("/api/audit/?{filter}={word}")).await.status, 200, "{filter}={word}");
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn events_can_be_counted_by_action(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    insert_events(&app).await;

    for (query, condition) in [("", "true"), ("?action=update", "action = 'update'"), ("?action=lift", "false")] {
        let select = format!("select count(*) from audit_event where {condition}");
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(select)).fetch_one(&app.owner).await.unwrap();

        assert_eq!(admin.get(&format!("/api/audit/{query}")).await.expect(200)["count"], count, "{query}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_filter_of_the_wrong_type_is_refused_by_its_name(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;

    for (filter, values) in [
        ("actor", &["x", "1.0", "1.5"][..]),
        ("action", &["read", "CREATE", "create,update"]),
        ("resource", &["hotels", "Hotel", "password"]),
        ("object_id", &["x", "71a"]),
        ("created_at__gte", &["yesterday", "2026-02-30"]),
        ("created_at__lte", &["31/01/2026"]),
    ] {
        for value in values {
            let errors = admin.get(&format!("/api/audit/?{filter}={value}")).await.expect(400);

            assert!(errors[filter][0].is_string() && errors.as_object().unwrap().len() == 1, "{errors}");
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn events_are_in_the_order_that_is_asked_for(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    insert_events(&app).await;

    for (ordering, events) in [
        ("created_at", "ABCDE"),
        ("-created_at", "EDCBA"),
        ("id", "ABCDE"),
        ("-id", "EDCBA"),
        ("actor", "EDCBA"),
        ("action,created_at", "ABCDE"),
    ] {
        assert_eq!(found(&admin, &format!("ordering={ordering}")).await, events, "{ordering}");
    }
    let second = admin.get("/api/audit/?created_at__lte=2026-02-02&page_size=2&page=2").await.expect(200);
    let emails: Vec<&Value> = second["results"].as_array().unwrap().iter().map(|row| &row["actor_email"]).collect();
    assert_eq!(emails, ["C", "B"]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_search_is_ignored(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    insert_events(&app).await;

    for search in ["nothing", "a,b,c,d,e,f,g,h,i,j,k,l", &"x".repeat(600)] {
        assert_eq!(found(&admin, &format!("search={search}")).await, "EDCBA");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_event_can_be_read_in_the_list_alone_and_never_written(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let id = &admin.get("/api/audit/").await.expect(200)["results"][0]["id"];

    assert_eq!(admin.get(&format!("/api/audit/{id}/")).await.status, 404);
    assert_eq!(admin.delete(&format!("/api/audit/{id}/")).await.status, 404);
    assert_eq!(admin.post("/api/audit/", json!({})).await.status, 405);
    assert_eq!(admin.delete("/api/audit/").await.status, 405);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_stolen_token_a_reset_password_and_an_ended_session_are_on_record(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let (robbed, forgetful, tidy) = (app.user().await, app.user().await, app.user().await);
    let rotate = json!({ "refresh_token": robbed.refresh_token(), "rotate": true });
    app.public().post("/api/auth/refresh/", rotate.clone()).await.expect(200);
    sqlx::query("update auth_session set rotations = '{}'").execute(&app.owner).await.unwrap();
    app.public().post("/api/auth/refresh/", rotate).await.expect(401);
    let reset = json!({ "token": app.reset_token(&forgetful).await, "password": "Teranga-2026-Thies" });
    app.public().post("/api/auth/reset-password/", reset).await.expect(204);
    let session = tidy.get("/api/auth/sessions/").await.expect(200)["results"][0]["id"].clone();
    tidy.delete(&format!("/api/auth/sessions/{session}/")).await.expect(204);

    for (action, actor) in [("refresh_reused", &robbed), ("password_reset", &forgetful), ("logout", &tidy)] {
        let events = admin.get(&format!("/api/audit/?action={action}")).await.expect(200);
        assert_eq!(events["count"], 1, "{action}");
        assert_eq!(events["results"][0]["actor"], actor.id(), "{action}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_photo_that_is_put_or_removed_is_on_record(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let hotel = admin.post("/api/hotels/", json!({ "name": "A", "city": "B", "price_per_night": 1 })).await.expect(201);
    let image = format!("/api/hotels/{}/image/", hotel["id"]);
    let png = STANDARD.decode(PNG).unwrap();
    admin.request(Method::PUT, &image).body(png).send().await.expect(200);
    admin.delete(&image).await.expect(204);

    let events = admin.get("/api/audit/?resource=hotel&action=update&ordering=id").await.expect(200);

    let changes = |n: usize| events["results"][n]["changes"]["image_url"].clone();
    assert!(changes(0)[0].is_null() && changes(0)[1].is_string(), "{events}");
    assert!(changes(1)[0].is_string() && changes(1)[1].is_null(), "{events}");
}
