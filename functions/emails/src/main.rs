//! The emails function's start-up.

use shared::{
    config,
    db::Db,
    lambda::{self, HttpFunction},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::init_tracing();
    let config = config::Http::from_env()?;
    lambda::run(HttpFunction::new(emails::routes(), Db::sandbox(config.database))).await
}
