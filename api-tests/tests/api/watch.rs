//! The functions as programs of their own under cargo-lambda, which is installed if need be.

use std::path::Path;

use api_tests::TestApp;
use local::{
    keys::Keys,
    platform::{self, Folders},
    watch::Watch,
};
use shared::db::MIGRATOR;
use sqlx::{ConnectOptions, PgPool};

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_platform_works_with_its_functions_under_cargo_lambda_watch(owner: PgPool) {
    let keys = Keys::generate().expect("keys");
    let mut setting = None;
    TestApp::start_with_keys(owner.clone(), keys.clone(), |setup| {
        setting = Some((setup.settings.clone(), setup.options.to_url_lossy()));
    })
    .await;
    let (settings, database) = setting.expect("the settings of a platform");
    let template = platform::template(&settings).expect("template.yaml");
    let owner_url = owner.connect_options().to_url_lossy();
    let folders = Folders { images: std::env::temp_dir(), exports: std::env::temp_dir() };
    let environment = platform::environment(&settings, &keys, database.as_str(), owner_url.as_str(), &folders)
        .expect("an environment");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let watch = Watch::start(&root, None, 1, &template, environment).await.expect("cargo lambda watch");
    let functions = watch.endpoint().functions(&template).expect("functions");

    let app = TestApp::start_with_keys(owner, keys, |setup| setup.replaced = functions).await;

    app.public().get("/api/health/").await.expect(200);
    app.public().get("/api/hotels/").await.expect(401);
    let user = app.user().await;
    user.get("/api/auth/me/").await.expect(200);
    assert_eq!(user.get("/api/hotels/").await.expect(200)["count"], 0);
    watch.stop().await.expect("cargo lambda watch ends");
}
