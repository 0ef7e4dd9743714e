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
    let auth = auth::Auth::new(Db::sandbox(config.database), config.tokens, &config.web_origin, config.registration)?;
    lambda::run(HttpFunction::new(auth::routes(), auth)).await
}
