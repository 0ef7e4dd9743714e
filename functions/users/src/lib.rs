//! Accounts, as administrators keep them, and the directory that everybody picks a recipient from. What people do with
//! their own account is in `auth`.

mod handlers;
mod model;
mod queries;

use std::sync::Arc;

use axum::extract::FromRef;
use shared::{
    db::Db,
    routes::{
        Access::{Admin, User},
        Routes,
    },
};

const NOT_THEMSELF: &str = "Administrators cannot demote or deactivate themself.";

/// The resource's API.
pub fn routes() -> Routes<Users> {
    Routes::new()
        .get("/api/users", Admin, handlers::list_users)
        .about("Lists accounts.")
        .post("/api/users", Admin, handlers::create_user)
        .about("Creates an account. With `invite`, its owner is mailed a link to choose a password.")
        .get("/api/users/directory", User, handlers::list_people)
        .about("Lists active people, to pick a recipient.")
        .get("/api/users/directory/{id}", User, handlers::find_person)
        .about("Returns an active person.")
        .get("/api/users/{id}", Admin, handlers::find_user)
        .about("Returns an account.")
        .put("/api/users/{id}", Admin, handlers::replace_user)
        .about("Replaces an account. Without `password`, the password stays.")
        .or(409, NOT_THEMSELF)
        .patch("/api/users/{id}", Admin, handlers::update_user)
        .about("Changes fields of an account.")
        .or(409, NOT_THEMSELF)
        .delete("/api/users/{id}", Admin, handlers::delete_user)
        .about("Deletes an account that has neither tickets nor messages.")
        .or(409, "The account has tickets or messages, or is the caller's own.")
        // Where clients of the original find the directory.
        .get("/api/auth/users", User, handlers::list_people)
        .legacy("Kept for clients of the legacy API: use `GET /api/users/directory`.")
}

/// What the handlers stand on. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Users {
    db: Db,
    web_origin: Arc<str>,
}

impl Users {
    /// Takes a database, and where the web application is.
    pub fn new(db: Db, web_origin: &str) -> Self {
        Self { db, web_origin: web_origin.into() }
    }
}

impl FromRef<Users> for Db {
    fn from_ref(users: &Users) -> Self {
        users.db.clone()
    }
}
