//! The dashboard function's start-up.

use dashboard::Dashboard;
use shared::{
    config,
    db::Db,
    lambda::{self, HttpFunction},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::init_tracing();
    let config = config::Dashboard::from_env()?;
    let dashboard = Dashboard::new(Db::sandbox(config.database), &config.image_base_url);
    lambda::run(HttpFunction::new(dashboard::routes(), dashboard)).await
}
