//! What concerns the platform as a whole. So far: whether it works.

mod handlers;
mod queries;

use shared::{
    db::Db,
    routes::{Access::Public, Routes},
};

/// The function's API.
pub fn routes() -> Routes<Db> {
    Routes::new().get("/api/health", Public, handlers::check_health)
}
