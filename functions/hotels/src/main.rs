//! The hotels function's start-up.

use hotels::{Hotels, Images};
use shared::{
    config,
    db::Db,
    lambda::{self, HttpFunction},
    store::Store,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::init_tracing();
    let config = config::Hotels::from_env()?;
    let images = Images::new(Store::open(&config.image_store)?, &config.image_base_url);
    lambda::run(HttpFunction::new(hotels::routes(), Hotels::new(Db::sandbox(config.database), images))).await
}
