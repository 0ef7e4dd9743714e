//! Rotation of keys: what was signed before a step, after it; and what was signed long before.

use api_tests::{Caller, TestApp};
use chrono::Utc;
use local::keys::{Keys, Step};
use serde_json::json;
use shared::db::MIGRATOR;
use sqlx::PgPool;

/// The platform, started again with other keys.
async fn restarted(app: &TestApp, keys: &Keys) -> TestApp {
    TestApp::start_with_keys(app.owner.clone(), keys.clone(), |_| {}).await
}

fn access_token(caller: &Caller) -> String {
    caller.session["access_token"].as_str().unwrap().to_owned()
}

fn kid(access_token: &str) -> String {
    jsonwebtoken::decode_header(access_token).unwrap().kid.unwrap()
}

async fn published(app: &TestApp) -> Vec<String> {
    let keys = app.public().get("/.well-known/jwks.json").await.expect(200);
    keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// What a platform answers to somebody's access token, and to their refresh token.
async fn answers(app: &TestApp, caller: &Caller) -> (u16, u16) {
    let me = app.with_authorization(format!("Bearer {}", access_token(caller))).get("/api/auth/me/").await;
    let refreshed = app.public().post("/api/auth/refresh/", json!({ "refresh_token": caller.refresh_token() })).await;
    (me.status.as_u16(), refreshed.status.as_u16())
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn nobody_is_signed_out_by_a_rotation(owner: PgPool) {
    let before = TestApp::start(owner).await;
    let mut keys = before.keys.clone();
    let first = before.user().await;

    let Step::Published { next, signing, retired: None } = keys.rotate(Utc::now()).unwrap() else {
        panic!("it is published")
    };
    let between = restarted(&before, &keys).await;
    let second = between.user().await;
    assert_eq!(published(&between).await, [signing.clone(), next.clone()]);
    assert_eq!(kid(&access_token(&second)), signing);
    assert_eq!(answers(&between, &first).await, (200, 200));

    assert_eq!(keys.rotate(Utc::now()).unwrap(), Step::Signs { signing: next.clone(), previous: signing.clone() });
    let after = restarted(&before, &keys).await;
    let third = after.user().await;
    assert_eq!(published(&after).await, [next.clone(), signing]);
    assert_eq!(kid(&access_token(&third)), next);
    for user in [&first, &second, &third] {
        assert_eq!(answers(&after, user).await, (200, 200));
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_platform_that_is_restarted_later_than_another_believes_its_tokens(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let mut keys = app.keys.clone();
    keys.rotate(Utc::now()).unwrap();
    let slow = restarted(&app, &keys).await;
    keys.rotate(Utc::now()).unwrap();
    let quick = restarted(&app, &keys).await;

    let user = quick.user().await;

    assert_eq!(answers(&slow, &user).await, (200, 200));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_refresh_token_of_before_can_be_exchanged_for_one_that_outlives_the_next_rotation(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let mut keys = app.keys.clone();
    let user = app.user().await;
    keys.rotate(Utc::now()).unwrap();
    keys.rotate(Utc::now()).unwrap();
    let rotated = restarted(&app, &keys).await;

    let body = json!({ "refresh_token": user.refresh_token(), "rotate": true });
    let exchanged = rotated.public().post("/api/auth/refresh/", body).await.expect(200);

    assert_eq!(kid(exchanged["access"].as_str().unwrap()), keys.signing_key().unwrap().id);
    keys.rotate(Utc::now()).unwrap();
    keys.rotate(Utc::now()).unwrap();
    let again = restarted(&app, &keys).await;
    again.public().post("/api/auth/refresh/", json!({ "refresh_token": exchanged["refresh"] })).await.expect(200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn after_two_rotations_the_oldest_tokens_hold_no_more(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let mut keys = app.keys.clone();
    let oldest = app.user().await;
    for _ in 0..4 {
        keys.rotate(Utc::now()).unwrap();
    }

    let rotated = restarted(&app, &keys).await;

    assert_eq!(answers(&rotated, &oldest).await, (401, 401));
    assert!(!published(&rotated).await.contains(&kid(&access_token(&oldest))));
    let newest = rotated.user().await;
    assert_eq!(answers(&rotated, &newest).await, (200, 200));
}
