//! The entries function's start-up.

use entries::{Entries, Exports};
use shared::{
    config,
    db::Db,
    lambda::{self, HttpFunction},
    store::Store,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::init_tracing();
    let config = config::Entries::from_env()?;
    let exports = Exports::new(Store::open(&config.export_store)?);
    lambda::run(HttpFunction::new(entries::routes(), Entries::new(Db::sandbox(config.database), exports))).await
}
