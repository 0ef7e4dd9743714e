//! Forms: what they ask for. What people answer is in `entries`, the public side of forms too.

mod handlers;
mod model;
mod queries;

use shared::{
    db::Db,
    routes::{
        Access::{Admin, User},
        Routes,
    },
};

/// The resource's API.
pub fn routes() -> Routes<Db> {
    Routes::new()
        .get("/api/forms", User, handlers::list_forms)
        .about("Lists forms. Users see active ones only.")
        .post("/api/forms", Admin, handlers::create_form)
        .about("Creates a form.")
        .get("/api/forms/{id}", User, handlers::find_form)
        .about("Returns a form.")
        .put("/api/forms/{id}", Admin, handlers::replace_form)
        .about("Replaces a form. Stored entries stay valid.")
        .patch("/api/forms/{id}", Admin, handlers::update_form)
        .about("Changes fields of a form. Stored entries stay valid.")
        .delete("/api/forms/{id}", Admin, handlers::delete_form)
        .about("Deletes a form that has no entries.")
        .or(409, "The form has entries.")
}
