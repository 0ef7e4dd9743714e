//! What concerns the platform as a whole: its figures, who did what, whether it works, and what its API is.

mod docs;
mod handlers;
mod model;
mod queries;

use std::sync::Arc;

use axum::extract::FromRef;
use shared::{
    db::Db,
    routes::{
        Access::{Admin, Public, User},
        Routes,
    },
};

/// The function's API.
pub fn routes() -> Routes<Dashboard> {
    Routes::new()
        .get("/api/dashboard", User, handlers::show_dashboard)
        .about("Returns the figures and latest rows that the caller may see.")
        .get("/api/hotels/dashboard/stats", User, handlers::show_stats)
        .legacy("Kept for clients of the legacy API: use `GET /api/dashboard`.")
        .get("/api/audit", Admin, handlers::list_events)
        .about("Lists writes by administrators and security events.")
        .get("/api/health", Public, handlers::check_health)
        .about("Answers 200 if the API and its database work.")
        .get("/api/schema", Public, docs::find_schema)
        .about("Returns this document.")
        .get("/api/docs", Public, docs::show_docs)
        .about("Shows this document as a page.")
        .get("/api/docs/{file}", Public, docs::find_docs_file)
        .about("Returns a file of that page.")
}

/// What the handlers stand on. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Dashboard {
    db: Db,
    /// What the photos of hotels are found under, with a trailing slash.
    image_base: Arc<str>,
}

impl Dashboard {
    /// Takes a database and what photos are found under, without a trailing slash.
    pub fn new(db: Db, image_base_url: &str) -> Self {
        Self { db, image_base: format!("{image_base_url}/").into() }
    }
}

impl FromRef<Dashboard> for Db {
    fn from_ref(dashboard: &Dashboard) -> Self {
        dashboard.db.clone()
    }
}
