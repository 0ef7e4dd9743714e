//! The migrate function's start-up. It answers `{"version": n}`.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};
use shared::{config, lambda};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda::init_tracing();
    let config = config::Migrate::from_env()?;
    let database = &config.database;
    lambda_runtime::run(service_fn(async move |_: LambdaEvent<Value>| {
        let version = migrate::migrate(database).await?;
        Ok::<_, Error>(json!({ "version": version }))
    }))
    .await
}
