//! What concerns the platform as a whole. So far: whether it works, and what its API is.

mod docs;
mod handlers;
mod queries;

use shared::{
    db::Db,
    routes::{Access::Public, Routes},
};

/// The function's API.
pub fn routes() -> Routes<Db> {
    Routes::new()
        .get("/api/health", Public, handlers::check_health)
        .get("/api/schema", Public, docs::find_schema)
        .get("/api/docs", Public, docs::show_docs)
        .get("/api/docs/{file}", Public, docs::find_docs_file)
}
