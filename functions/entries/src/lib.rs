//! Entries: what people answered to forms, signed in or not, and all answers to a form as a file.

mod export;
mod export_csv;
mod export_store;
mod export_xlsx;
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
        .about("Lists entries of all forms.")
        .post("/api/entries", User, handlers::create_entry)
        .about("Adds an entry to an active form.")
        .or(429, "Too many new rows.")
        .get("/api/entries/export", Admin, handlers::export_entries)
        .about("Exports all entries of a form as a table.")
        .get("/api/entries/{id}", Admin, handlers::find_entry)
        .about("Returns an entry.")
        .put("/api/entries/{id}", Admin, handlers::replace_entry)
        .about("Replaces an entry.")
        .patch("/api/entries/{id}", Admin, handlers::update_entry)
        .about("Changes an entry.")
        .delete("/api/entries/{id}", Admin, handlers::delete_entry)
        .about("Deletes an entry.")
        .get("/api/public/forms/{id}", Public, handlers::find_public_form)
        .about("Returns an active form, to fill in.")
        .post("/api/public/forms/{id}/entries", Public, handlers::submit_entry)
        .about("Adds an entry to an active form without signing in.")
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
