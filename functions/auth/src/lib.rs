//! Registration, sign-in and sessions. The only function that can make tokens.

mod dispatcher;
mod handlers;
mod model;
mod queries;
mod tokens;

use std::sync::Arc;

use axum::extract::FromRef;
use bytes::Bytes;
use shared::{
    config,
    db::Db,
    routes::{
        Access::{Public, User},
        Routes,
    },
};

pub use crate::dispatcher::{Dispatcher, Invocation};
use crate::tokens::Tokens;

const TOO_MANY: &str = "Too many attempts.";
const NO_LONGER_VALID: &str = "The token is not valid, or no longer.";

/// The function's API.
pub fn routes() -> Routes<Auth> {
    Routes::new()
        .post("/api/auth/register", Public, handlers::register)
        .or(403, "The platform takes no registrations.")
        .or(429, TOO_MANY)
        .post("/api/auth/login", Public, handlers::log_in)
        .or(429, TOO_MANY)
        .post("/api/auth/refresh", Public, handlers::refresh)
        .or(401, NO_LONGER_VALID)
        .post("/api/auth/logout", Public, handlers::log_out)
        .post("/api/auth/forgot-password", Public, handlers::request_reset)
        .post("/api/auth/reset-password", Public, handlers::reset_password)
        .get("/api/auth/me", User, handlers::find_me)
        .patch("/api/auth/me", User, handlers::update_me)
        .post("/api/auth/change-password", User, handlers::change_password)
        .or(429, TOO_MANY)
        .get("/api/auth/sessions", User, handlers::list_sessions)
        .delete("/api/auth/sessions/{id}", User, handlers::delete_session)
        .get("/.well-known/jwks.json", Public, handlers::list_keys)
        // Where clients of the original sign in and refresh.
        .post("/api/token", Public, handlers::issue_token)
        .or(401, "Wrong credentials.")
        .or(429, TOO_MANY)
        .post("/api/auth/token/refresh", Public, handlers::refresh)
        .or(401, NO_LONGER_VALID)
        .post("/api/token/refresh", Public, handlers::refresh)
        .or(401, NO_LONGER_VALID)
}

/// What the handlers stand on. Cheap to clone.
#[derive(Clone)]
pub struct Auth {
    db: Db,
    tokens: Arc<Tokens>,
    jwks: Bytes,
    web_origin: Arc<str>,
    registration: config::Registration,
    dispatcher: Dispatcher,
}

impl Auth {
    /// Takes a database, the keys, where the web application is, who may register, and what sends mail.
    ///
    /// # Errors
    /// Where the public keys cannot be written as JSON.
    pub fn new(
        db: Db,
        tokens: config::Tokens,
        web_origin: &str,
        registration: config::Registration,
        dispatcher: Dispatcher,
    ) -> Result<Self, serde_json::Error> {
        Ok(Self {
            db,
            jwks: serde_json::to_vec(&tokens.public_keys)?.into(),
            tokens: Arc::new(Tokens::new(tokens)),
            web_origin: web_origin.into(),
            registration,
            dispatcher,
        })
    }
}

impl FromRef<Auth> for Db {
    fn from_ref(auth: &Auth) -> Self {
        auth.db.clone()
    }
}
