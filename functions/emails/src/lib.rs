//! The outbox as administrators see it: what was queued, what became of it, and which addresses take no more mail. It
//! sends nothing, and it never reads what only a mail's reader may know.

mod handlers;
mod model;
mod queries;

use shared::{
    db::Db,
    routes::{Access::Admin, Routes},
};

const NOT_EDITABLE: &str = "The email is not pending, may already have been sent, or was written by the product.";

/// The resource's API.
pub fn routes() -> Routes<Db> {
    Routes::new()
        .get("/api/emails", Admin, handlers::list_emails)
        .about("Lists queued and sent e-mails.")
        .post("/api/emails", Admin, handlers::create_email)
        .about("Queues an e-mail, now or for a later time.")
        .get("/api/emails/suppressions", Admin, handlers::list_suppressions)
        .about("Lists addresses that get no more e-mail because one bounced or its reader complained.")
        .delete("/api/emails/suppressions/{id}", Admin, handlers::lift_suppression)
        .about("Removes an address from the suppression list.")
        .get("/api/emails/{id}", Admin, handlers::find_email)
        .about("Returns an e-mail.")
        .put("/api/emails/{id}", Admin, handlers::replace_email)
        .about("Replaces a pending e-mail that a person wrote.")
        .or(409, NOT_EDITABLE)
        .patch("/api/emails/{id}", Admin, handlers::update_email)
        .about("Changes a pending e-mail that a person wrote.")
        .or(409, NOT_EDITABLE)
        .delete("/api/emails/{id}", Admin, handlers::delete_email)
        .about("Deletes an e-mail that is not being sent.")
        .or(409, "The mail is being sent.")
        .post("/api/emails/{id}/retry", Admin, handlers::retry_email)
        .about("Queues a failed or cancelled e-mail again.")
        .or(
            409,
            "The mail neither failed nor was cancelled, it has a link that has expired, or its address is suppressed.",
        )
        .post("/api/emails/{id}/cancel", Admin, handlers::cancel_email)
        .about("Cancels a pending e-mail.")
        .or(409, "The mail is not waiting.")
}
