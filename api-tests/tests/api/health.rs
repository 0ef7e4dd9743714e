//! Health.

use api_tests::TestApp;
use serde_json::json;
use shared::db::{Db, MIGRATOR};
use sqlx::PgPool;

#[sqlx::test(migrator = "MIGRATOR")]
async fn anyone_may_ask_whether_the_platform_works(owner: PgPool) {
    let app = TestApp::start(owner).await;

    for path in ["/api/health", "/api/health/"] {
        let answer = app.public().get(path).await;

        assert_eq!(answer.expect(200), json!({ "status": "ok" }));
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn without_its_database_the_platform_says_when_to_ask_again(owner: PgPool) {
    let app = TestApp::start_with(owner, |setup| setup.settings.database = nowhere()).await;

    let answer = app.public().get("/api/health/").await;

    assert_eq!(
        answer.expect(503),
        json!({ "detail": "Service momentanément indisponible. Réessayez dans un instant." })
    );
    assert_eq!(answer.header("retry-after"), "5");
}

/// A database on a port where nobody listens.
pub(crate) fn nowhere() -> Db {
    let url = "postgres://red_app@127.0.0.1:1/red";
    Db::sandbox(shared::config::database_url(url).expect("a URL"))
}
