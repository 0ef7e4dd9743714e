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
        .about("Lists messages that the caller sent or received.")
        .post("/api/messages", User, handlers::create_message)
        .about("Sends a message to an active user.")
        .or(429, "Too many new rows.")
        .get("/api/messages/unread-count", User, handlers::count_unread)
        .about("Counts the caller's unread messages.")
        .post("/api/messages/read-all", User, handlers::read_all)
        .about("Marks every received message as read.")
        .get("/api/messages/{id}", User, handlers::find_message)
        .about("Returns a message that the caller sent or received.")
        .patch("/api/messages/{id}", User, handlers::update_message)
        .about("Marks a received message as read or unread. Other fields never change.")
        .or(403, NOT_THE_RECIPIENT)
        .delete("/api/messages/{id}", User, handlers::delete_message)
        .about("Hides a message from the caller. The other person still sees it.")
        .post("/api/messages/{id}/read", User, handlers::read_message)
        .about("Marks a received message as read.")
        .or(403, NOT_THE_RECIPIENT)
}
