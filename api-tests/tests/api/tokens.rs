//! Access tokens: which are believed, for how long, and what happens while the authorizer cannot ask.

use std::{sync::Arc, time::Duration};

use api_tests::{
    TestApp,
    tokens::{changed, claims, now},
};
use bytes::Bytes;
use local::gateway::Function;
use serde_json::{Value, json};
use shared::db::MIGRATOR;
use sqlx::PgPool;

use crate::health::nowhere;

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_token_says_who_it_is_for_and_how_long_it_holds(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;

    let claims = claims(&user);

    assert_eq!(claims["sub"], user.id().to_string());
    assert_eq!(claims["user_id"], claims["sub"]);
    assert_eq!(claims["token_type"], "access");
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3600);
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!("http://web.test"), &json!("red-product")));
    assert!(claims["sid"].as_str().unwrap().parse::<i64>().is_ok());
    assert!(claims["jti"].as_str().unwrap().parse::<uuid::Uuid>().is_ok());
    let header = jsonwebtoken::decode_header(user.session["access_token"].as_str().unwrap()).unwrap();
    assert_eq!((header.typ.as_deref(), header.alg), (Some("JWT"), jsonwebtoken::Algorithm::EdDSA));
    assert!(header.kid.is_some());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_token_that_does_not_hold_is_401(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, other) = (app.user().await, app.user().await);
    let claims = claims(&user);
    let with = |changes: Value| app.signed(&changed(&claims, changes));
    let genuine = user.session["access_token"].as_str().unwrap().to_owned();
    let [header, payload, signature] = genuine.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let other_payload = other.session["access_token"].as_str().unwrap().split('.').nth(1).unwrap().to_owned();

    let other_session = api_tests::tokens::claims(&other)["sid"].clone();
    let cases = [
        ("not signed", app.unsigned(&claims)),
        ("signed with the public key as a secret", app.signed_with_public_key(&claims)),
        ("signed by somebody else", app.forged(&claims)),
        ("an unknown key", app.signed_as(Some("unknown"), &claims)),
        ("no key named", app.signed_as(None, &claims)),
        ("another audience", with(json!({ "aud": "somebody-else" }))),
        ("another issuer", with(json!({ "iss": "https://evil.example" }))),
        ("expired", with(json!({ "exp": now() - 1, "iat": now() - 3601 }))),
        ("issued in the future", with(json!({ "iat": now() + 3600, "exp": now() + 7200 }))),
        ("not valid yet", with(json!({ "nbf": now() + 3600 }))),
        ("a refresh token's type", with(json!({ "token_type": "refresh" }))),
        ("another's session", with(json!({ "sid": other_session }))),
        ("another's account", with(json!({ "sub": other.id().to_string() }))),
        ("an account that is no number", with(json!({ "sub": "admin" }))),
        ("an account with a sign", with(json!({ "sub": format!("+{}", user.id()) }))),
        ("no expiry", with(json!({ "exp": null }))),
        ("an expiry that is no number", with(json!({ "exp": "tomorrow" }))),
        ("no audience", with(json!({ "aud": null }))),
        ("no issuer", with(json!({ "iss": null }))),
        ("no subject", with(json!({ "sub": null }))),
        ("no session", with(json!({ "sid": null }))),
        ("no type", with(json!({ "token_type": null }))),
        ("no time of issue", with(json!({ "iat": null }))),
        ("another's claims", format!("{header}.{other_payload}.{signature}")),
        ("a signature cut short", format!("{header}.{payload}.{}", &signature[..20])),
        ("no signature", format!("{header}.{payload}.")),
        ("two parts", format!("{header}.{payload}")),
        ("four parts", format!("{genuine}.x")),
        ("no JSON", "YQ.YQ.YQ".to_owned()),
        ("a refresh token", user.refresh_token().to_owned()),
        ("nine thousand letters", "a".repeat(9_000)),
    ];

    assert_eq!(app.with_authorization(format!("Bearer {}", with(json!({})))).get("/api/auth/me/").await.status, 200);
    for (what, token) in cases {
        let answer = app.with_authorization(format!("Bearer {token}")).get("/api/auth/me/").await;
        assert_eq!(
            answer.expect(401),
            json!({ "detail": "Le type de jeton fourni n'est pas valide", "code": "token_not_valid" }),
            "{what}"
        );
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_request_without_a_token_is_told_so(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let not_provided = json!({ "detail": "Informations d'authentification non fournies." });

    let gateway = app.public().get("/api/hotels/").await;
    assert_eq!(gateway.expect(401), json!({ "message": "Unauthorized" }));
    assert!(!gateway.header("apigw-requestid").is_empty());
    let basic = app.with_authorization("Basic YTpi").get("/api/hotels/").await;
    assert_eq!(basic.expect(401), not_provided);
    let english = app.with_authorization("Basic YTpi").request(http::Method::GET, "/api/hotels/");
    let english = english.header("accept-language", "en-US,en;q=0.9").send().await;
    assert_eq!(english.expect(401), json!({ "detail": "Authentication credentials were not provided." }));
    let malformed = app.with_authorization("Bearer one two").get("/api/hotels/").await;
    assert_eq!(malformed.expect(401)["code"], "bad_authorization_header");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_deactivated_and_a_deleted_account_are_refused_at_once(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (inactive, gone) = (app.user().await, app.user().await);
    for (sql, id) in [
        ("update users_customuser set is_active = false where id = $1", inactive.id()),
        ("delete from users_customuser where id = $1", gone.id()),
    ] {
        sqlx::query(sql).bind(id).execute(&app.owner).await.unwrap();
    }

    let answer = inactive.get("/api/hotels/").await.expect(401);
    assert_eq!(answer, json!({ "detail": "L'utilisateur est désactivé", "code": "user_inactive" }));
    let answer = gone.get("/api/hotels/").await.expect(401);
    assert_eq!(answer, json!({ "detail": "L'utilisateur n'a pas été trouvé", "code": "user_not_found" }));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_session_that_ended_is_believed_for_as_long_as_the_gateway_keeps_the_answer(owner: PgPool) {
    let app = TestApp::start_with(owner, |setup| setup.settings.authorizer_cache_seconds = 60).await;
    let user = app.user().await;
    assert_eq!(user.get("/api/hotels/").await.status, 200);
    user.post("/api/auth/logout/", json!({ "refresh_token": user.refresh_token() })).await.expect(204);

    app.advance(Duration::from_secs(59));
    assert_eq!(user.get("/api/hotels/").await.status, 200);

    app.advance(Duration::from_secs(2));
    assert_eq!(user.get("/api/hotels/").await.status, 401);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn while_the_authorizer_cannot_ask_the_function_does(owner: PgPool) {
    let app = TestApp::start_with(owner, |setup| setup.settings.authorizer_database = nowhere()).await;
    let (user, admin) = (app.user().await, app.admin().await);
    let hotel = json!({ "name": "Hôtel", "city": "Dakar", "price_per_night": 1 });

    assert_eq!(user.get("/api/hotels/").await.status, 200);
    assert_eq!(user.post("/api/hotels/", hotel.clone()).await.status, 403);
    assert_eq!(admin.post("/api/hotels/", hotel).await.status, 201);
    user.post("/api/auth/logout/", json!({ "refresh_token": user.refresh_token() })).await.expect(204);
    assert_eq!(user.get("/api/hotels/").await.expect(401)["code"], "token_not_valid");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn while_nobody_can_ask_the_answer_is_503(owner: PgPool) {
    let app = TestApp::start(owner.clone()).await;
    let user = app.user().await;
    let keys = app.keys.clone();
    let away = TestApp::start_with_keys(owner, keys, |setup| {
        setup.settings.authorizer_database = nowhere();
        setup.settings.database = nowhere();
    })
    .await;

    let token = user.session["access_token"].as_str().unwrap();
    let answer = away.with_authorization(format!("Bearer {token}")).get("/api/hotels/").await;

    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("retry-after"), "5");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_authorizers_answer_that_outlived_its_token_or_is_none_lets_nobody_in(owner: PgPool) {
    let identity =
        |expires_at: i64| json!({ "user_id": "1", "session_id": "1", "is_admin": true, "expires_at": expires_at });
    for (context, status) in [
        (identity(now() + 60), 200),
        (identity(now()), 401),
        (json!({}), 401),
        (json!({ "user_id": "1", "is_admin": true }), 401),
        (json!({ "rejected": "user_inactive" }), 401),
    ] {
        let authorizer = always(json!({ "isAuthorized": true, "context": context }));
        let app = TestApp::start_with(owner.clone(), |setup| {
            setup.replaced.insert("AuthorizerFunction".to_owned(), authorizer);
        })
        .await;

        let answer = app.with_authorization("Bearer x").get("/api/hotels/").await;

        assert_eq!(answer.status.as_u16(), status, "{context}");
    }
}

/// A function that has one answer.
fn always(answer: Value) -> Function {
    let answer = Bytes::from(answer.to_string());
    Arc::new(move |_| {
        let answer = answer.clone();
        Box::pin(async move { Ok(answer) })
    })
}
