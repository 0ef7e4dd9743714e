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
