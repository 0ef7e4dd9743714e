//! Messages from one person to another. Nobody else reads them, administrators included.

mod handlers;
mod model;
mod queries;

use shared::{
    db::Db,
    routes::{Access::User, Routes},
};

const NOT_THE_RECIPIENT: &str = "The recipient alone says whether they have read it.";

/// The resource's API. A message that was sent is not edited: there is no PUT.
pub fn routes() -> Routes<Db> {
    Routes::new()
        .get("/api/messages", User, handlers::list_messages)
        .post("/api/messages", User, handlers::create_message)
        .get("/api/messages/unread-count", User, handlers::count_unread)
        .post("/api/messages/read-all", User, handlers::read_all)
        .get("/api/messages/{id}", User, handlers::find_message)
        .patch("/api/messages/{id}", User, handlers::update_message)
        .or(403, NOT_THE_RECIPIENT)
        .delete("/api/messages/{id}", User, handlers::delete_message)
        .post("/api/messages/{id}/read", User, handlers::read_message)
        .or(403, NOT_THE_RECIPIENT)
}
