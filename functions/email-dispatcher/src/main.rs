//! The email-dispatcher function's start-up. EventBridge Scheduler calls it every minute, and the auth function where
//! somebody waits for a mail. It answers what it did.

use email_dispatcher::Dispatcher;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};
use shared::{config, db::Db, lambda, store::Store};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda::init_tracing();
    let config = config::Dispatcher::from_env()?;
    let database = Db::sandbox(config.database);
    database.warm_up().await;
    let dispatcher = &Dispatcher::new(database, config.mail, Store::open(&config.image_store)?);
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<Value>| {
        // An error is what the alarm goes by.
        let sent = dispatcher.run(event.context.deadline()).await?;
        Ok::<_, Error>(json!({ "sent": sent }))
    }))
    .await
}
