//! Behind CloudFront, which API Gateway takes for the client: what it says of the real one is believed, and nobody else.

use api_tests::{Caller, TestApp, registration};
use http::Method;
use serde_json::{Value, json};
use shared::{config, db::MIGRATOR};
use sqlx::PgPool;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

async fn behind_cloudfront(owner: PgPool) -> TestApp {
    TestApp::start_with(owner, |setup| {
        setup.settings.edge = config::Edge { origin_verify: Some(SECRET.to_owned()), ..config::Edge::default() };
    })
    .await
}

/// The list of hotels, as CloudFront asks for it with `secret`: there are two pages.
async fn list(caller: &Caller, secret: &str) -> Value {
    caller
        .request(Method::GET, "/api/hotels?page_size=1")
        .header("x-origin-verify", secret)
        .header("x-viewer-host", "red.example")
        .header("x-viewer-path", "/api/hotels/")
        .send()
        .await
        .expect(200)
}

async fn with_two_hotels(app: &TestApp) -> Caller {
    let admin = app.admin().await;
    for name in ["Teranga", "Ndiambour"] {
        let hotel = json!({ "name": name, "city": "Dakar", "price_per_night": 1 });
        admin.post("/api/hotels/", hotel).await.expect(201);
    }
    admin
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn links_lead_to_the_host_and_the_path_that_the_viewer_called(owner: PgPool) {
    let app = behind_cloudfront(owner).await;
    let admin = with_two_hotels(&app).await;

    let list = list(&admin, SECRET).await;

    let next = list["next"].as_str().unwrap().split_once("://").unwrap().1;
    assert_eq!(next, "red.example/api/hotels/?page=2&page_size=1");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn whoever_does_not_know_the_secret_is_not_believed(owner: PgPool) {
    let app = behind_cloudfront(owner).await;
    let admin = with_two_hotels(&app).await;

    for secret in ["", "0123456789abcdef", "1123456789abcdef0123456789abcdef", &SECRET.to_uppercase()] {
        let list = list(&admin, secret).await;

        assert_eq!(list["next"], "http://red.test/api/hotels?page=2&page_size=1", "{secret}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn without_a_secret_of_its_own_a_platform_believes_nobody(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = with_two_hotels(&app).await;

    for secret in ["", SECRET] {
        assert_eq!(list(&admin, secret).await["next"], "http://red.test/api/hotels?page=2&page_size=1", "{secret}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_path_that_is_not_the_called_one_leads_nowhere_else(owner: PgPool) {
    let app = behind_cloudfront(owner).await;
    let admin = with_two_hotels(&app).await;

    for path in ["/api/users/", "/evil/", "//evil.test/", ""] {
        let request = admin.request(Method::GET, "/api/hotels?page_size=1").header("x-viewer-path", path);
        let list = request.header("x-origin-verify", SECRET).send().await.expect(200);

        assert_eq!(list["next"], "http://red.test/api/hotels?page=2&page_size=1", "{path}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn limits_are_the_viewers_own(owner: PgPool) {
    let app = behind_cloudfront(owner).await;
    let cloudfront = app.public();
    let register = async |viewer: &str| {
        cloudfront
            .request(Method::POST, "/api/auth/register")
            .json(&registration(&api_tests::new_email()))
            .header("x-origin-verify", SECRET)
            .header("x-viewer-ip", viewer)
            .send()
            .await
            .status
            .as_u16()
    };
    for _ in 0..5 {
        assert_eq!(register("41.82.0.1").await, 201);
    }

    assert_eq!([register("41.82.0.1").await, register("2001:db8::1").await], [429, 201]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_page_of_another_site_cannot_write_without_a_preflight(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let reader = app.user().await;
    let body = json!({ "email": reader.email() }).to_string();
    let send = |origin: &'static str, media_type: Option<&'static str>| {
        let mut request = app.public().request(Method::POST, "/api/auth/forgot-password/").header("origin", origin);
        if let Some(media_type) = media_type {
            request = request.header("content-type", media_type);
        }
        request.body(body.clone()).send()
    };

    for origin in [
        "http://evil.test",
        "null",
        "http://red.test.evil.test",
        "https://red.test",
        "http://red.test:81",
        "",
        "http://web.test, http://evil.test",
    ] {
        for media_type in [
            None,
            Some(""),
            Some("text/plain"),
            Some("Text/Plain;charset=UTF-8"),
            Some("multipart/form-data; boundary=x"),
            Some("application/x-www-form-urlencoded"),
        ] {
            let answer = send(origin, media_type).await;
            let detail = answer.expect(403)["detail"].to_string();
            assert!(detail.contains("autre site"), "{origin}, {media_type:?}: {detail}");
        }
    }
    let queued: i64 =
        sqlx::query_scalar("select count(*) from emails_email where recipient = $1 and secret is not null")
            .bind(reader.email())
            .fetch_one(&app.owner)
            .await
            .unwrap();
    assert_eq!(queued, 0);

    // The web application, the host that was called, and a type for which browsers ask first.
    for (origin, media_type) in
        [("http://web.test", None), ("http://red.test", None), ("http://evil.test", Some("application/json"))]
    {
        assert_eq!(send(origin, media_type).await.status, 200, "{origin}");
    }
    let script = app.public().request(Method::POST, "/api/auth/forgot-password/").body(body.clone()).send().await;
    assert_eq!(script.status, 200, "a script sends no Origin");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_foreign_origin_is_refused_after_the_caller_and_for_every_write(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let foreign = |caller: &Caller, method: Method, path: &str| {
        caller.request(method, path).header("origin", "http://evil.test").send()
    };

    assert_eq!(foreign(&app.public(), Method::POST, "/api/hotels/").await.status, 401);
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        let path = if method == Method::POST { "/api/hotels/" } else { "/api/hotels/1/" };
        let answer = foreign(&admin, method.clone(), path).await;
        assert!(answer.expect(403)["detail"].to_string().contains("autre site"), "{method}");
        let answer = foreign(&user, method.clone(), path).await;
        assert!(answer.expect(403)["detail"].to_string().contains("permission"), "{method}");
    }
    assert_eq!(foreign(&user, Method::GET, "/api/hotels/").await.status, 200, "reads are the gateway's business");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn behind_cloudfront_the_viewers_host_is_the_own_origin(owner: PgPool) {
    let app = behind_cloudfront(owner).await;
    let send = |secret: &'static str, origin: &'static str| {
        app.public()
            .request(Method::POST, "/api/auth/forgot-password")
            .header("x-origin-verify", secret)
            .header("x-viewer-host", "red.example")
            .header("origin", origin)
            .body(r#"{"email": "awa@red.example"}"#)
            .send()
    };

    assert_eq!(send(SECRET, "http://red.example").await.status, 200);
    assert_eq!(send(SECRET, "http://red.test").await.status, 403);
    assert_eq!(send("", "http://red.example").await.status, 403);
}
