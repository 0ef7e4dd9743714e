//! Accounts, as administrators keep them, and the directory that everybody picks a recipient from. What people do with
//! their own account is in `auth`.

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

const NOT_THEMSELF: &str = "Administrators cannot demote or deactivate themself.";

/// The resource's API.
pub fn routes() -> Routes<Db> {
    Routes::new()
        .get("/api/users", Admin, handlers::list_users)
        .post("/api/users", Admin, handlers::create_user)
        .get("/api/users/directory", User, handlers::list_people)
        .get("/api/users/{id}", Admin, handlers::find_user)
        .put("/api/users/{id}", Admin, handlers::replace_user)
        .or(409, NOT_THEMSELF)
        .patch("/api/users/{id}", Admin, handlers::update_user)
        .or(409, NOT_THEMSELF)
        .delete("/api/users/{id}", Admin, handlers::delete_user)
        .or(409, "The account has tickets or messages, or is the caller's own.")
        // Where clients of the original find the directory.
        .get("/api/auth/users", User, handlers::list_people)
}
