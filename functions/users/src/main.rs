//! The users function's start-up.

use shared::{
    config,
    db::Db,
    lambda::{self, HttpFunction},
};
use users::Users;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::init_tracing();
    let config = config::WebLinks::from_env()?;
    let users = Users::new(Db::sandbox(config.database), &config.web_origin);
    lambda::run(HttpFunction::new(users::routes(), users)).await
}
