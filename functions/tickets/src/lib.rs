//! Tickets: what people ask of the staff, and what becomes of it. Everyone sees their own, an administrator all.

mod handlers;
mod model;
mod queries;

use std::sync::Arc;

use axum::extract::FromRef;
use shared::{
    db::Db,
    routes::{Access::User, Routes},
};

const NOT_THIS_STATUS: &str = "Administrators alone set this status.";
const TOO_MANY: &str = "Too many new rows.";
const CLOSED: &str = "The ticket is closed.";

/// The resource's API.
pub fn routes() -> Routes<Tickets> {
    Routes::new()
        .get("/api/tickets", User, handlers::list_tickets)
        .about("Lists tickets. Users see their own only.")
        .post("/api/tickets", User, handlers::create_ticket)
        .about("Opens a ticket for the caller.")
        .or(429, TOO_MANY)
        .get("/api/tickets/{id}", User, handlers::find_ticket)
        .about("Returns a ticket.")
        .put("/api/tickets/{id}", User, handlers::replace_ticket)
        .about("Replaces a ticket. Omitted optional fields keep their value.")
        .or(403, NOT_THIS_STATUS)
        .or(409, CLOSED)
        .or(429, TOO_MANY)
        .patch("/api/tickets/{id}", User, handlers::update_ticket)
        .about("Changes fields of a ticket. Users close and reopen their own.")
        .or(403, NOT_THIS_STATUS)
        .or(409, CLOSED)
        .or(429, TOO_MANY)
        .delete("/api/tickets/{id}", User, handlers::delete_ticket)
        .about("Deletes a ticket. Users delete their own while it is open and nobody else has written in it.")
        .or(409, "The ticket is not open, or somebody else has written in it.")
        .get("/api/tickets/{id}/comments", User, handlers::list_comments)
        .about("Lists comments and status changes of a ticket, oldest first.")
        .post("/api/tickets/{id}/comments", User, handlers::create_comment)
        .about("Adds a comment to a ticket.")
        .or(429, TOO_MANY)
}

/// What the handlers stand on. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Tickets {
    db: Db,
    web_origin: Arc<str>,
}

impl Tickets {
    /// Takes a database, and where the web application is.
    pub fn new(db: Db, web_origin: &str) -> Self {
        Self { db, web_origin: web_origin.into() }
    }
}

impl FromRef<Tickets> for Db {
    fn from_ref(tickets: &Tickets) -> Self {
        tickets.db.clone()
    }
}
