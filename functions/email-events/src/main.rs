//! The email-events function's start-up. EventBridge calls it with what SES reports.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use shared::{config, db::Db, lambda};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda::init_tracing();
    let database = Db::sandbox(config::Http::from_env()?.database);
    database.warm_up().await;
    let database = &database;
    // An event that fails comes again.
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<email_events::Event>| {
        email_events::record(database, event.payload).await.map_err(Error::from)
    }))
    .await
}
