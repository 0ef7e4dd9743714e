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
        .post("/api/forms", Admin, handlers::create_form)
        .get("/api/forms/{id}", User, handlers::find_form)
        .put("/api/forms/{id}", Admin, handlers::replace_form)
        .patch("/api/forms/{id}", Admin, handlers::update_form)
        .delete("/api/forms/{id}", Admin, handlers::delete_form)
        .or(409, "The form has entries.")
}
