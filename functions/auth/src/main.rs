//! The auth function's start-up.

use shared::{
    config,
    db::Db,
    lambda::{self, HttpFunction},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::init_tracing();
    let config = config::Auth::from_env()?;
    let (database, dispatcher) = (Db::sandbox(config.database), auth::Dispatcher::lambda(config.dispatcher));
    let auth = auth::Auth::new(database, config.tokens, &config.web_origin, config.registration, dispatcher)?;
    lambda::run(HttpFunction::new(auth::routes(), auth)).await
}
