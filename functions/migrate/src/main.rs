//! The migrate function's start-up. It is called by CloudFormation in the course of a deployment, and by hand: with
//! `{"administrator": {"email": …, "password": …}}` it makes the first administrator, with anything else it migrates and
//! answers `{"version": n}`.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use migrate::{NewAdministrator, cloudformation};
use serde_json::{Value, json};
use shared::{config, lambda};

/// What the function is called for.
enum Event {
    Deployment(cloudformation::Request),
    Administrator(NewAdministrator),
    Migration,
}

impl TryFrom<Value> for Event {
    type Error = serde_json::Error;

    fn try_from(mut event: Value) -> serde_json::Result<Self> {
        if event.get("RequestType").is_some() {
            return serde_json::from_value(event).map(Self::Deployment);
        }
        match event.get_mut("administrator") {
            Some(account) => serde_json::from_value(account.take()).map(Self::Administrator),
            None => Ok(Self::Migration),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda::init_tracing();
    let config = config::Migrate::from_env()?;
    let database = &config.database;
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<Value>| match Event::try_from(event.payload)? {
        Event::Deployment(request) => {
            cloudformation::answer(&request, database).await?;
            Ok::<_, Error>(Value::Null)
        }
        Event::Administrator(account) => {
            migrate::create_first_administrator(database, &account).await?;
            Ok(json!({ "administrator": account.email }))
        }
        Event::Migration => Ok(json!({ "version": migrate::migrate(database).await? })),
    }))
    .await
}
