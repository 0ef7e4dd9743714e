//! What concerns the platform as a whole: its figures, who did what, and whether it works.

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
        .get("/api/hotels/dashboard/stats", User, handlers::show_stats)
        .get("/api/audit", Admin, handlers::list_events)
        .get("/api/health", Public, handlers::check_health)
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
