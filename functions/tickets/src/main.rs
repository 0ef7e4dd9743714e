//! The tickets function's start-up.

use shared::{
    config,
    db::Db,
    lambda::{self, HttpFunction},
};
use tickets::Tickets;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::init_tracing();
    let config = config::WebLinks::from_env()?;
    let tickets = Tickets::new(Db::sandbox(config.database), &config.web_origin);
    lambda::run(HttpFunction::new(tickets::routes(), tickets)).await
}
