//! Entries: what people answered to forms, signed in or not, and all answers to a form as a file.

mod export;
mod export_store;
mod handlers;
mod model;
mod queries;

use axum::extract::FromRef;
pub use export_store::{EXPORTS_PATH, Exports, LINK_LIFETIME};
use shared::{
    db::Db,
    routes::{
        Access::{Admin, Public, User},
        Routes,
    },
};

/// The resource's API.
pub fn routes() -> Routes<Entries> {
    Routes::new()
        .get("/api/entries", Admin, handlers::list_entries)
        .post("/api/entries", User, handlers::create_entry)
        .get("/api/entries/export", Admin, handlers::export_entries)
        .get("/api/entries/{id}", Admin, handlers::find_entry)
        .put("/api/entries/{id}", Admin, handlers::replace_entry)
        .patch("/api/entries/{id}", Admin, handlers::update_entry)
        .delete("/api/entries/{id}", Admin, handlers::delete_entry)
        .get("/api/public/forms/{id}", Public, handlers::find_public_form)
        .post("/api/public/forms/{id}/entries", Public, handlers::submit_entry)
        .or(429, "Too many answers.")
}

/// What the handlers stand on. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Entries {
    db: Db,
    exports: Exports,
}

impl Entries {
    /// Takes a database and a place for large exports.
    pub fn new(db: Db, exports: Exports) -> Self {
        Self { db, exports }
    }
}

impl FromRef<Entries> for Db {
    fn from_ref(entries: &Entries) -> Self {
        entries.db.clone()
    }
}
