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
        .about("Creates an account and signs it in. A new account is never an administrator.")
        .or(403, "The platform takes no registrations.")
        .or(429, TOO_MANY)
        .post("/api/auth/login", Public, handlers::log_in)
        .about("Signs in with an e-mail address and a password.")
        .or(429, TOO_MANY)
        .post("/api/auth/refresh", Public, handlers::refresh)
        .about("Exchanges a refresh token for an access token. With `rotate`, the refresh token is replaced too.")
        .or(401, NO_LONGER_VALID)
        .post("/api/auth/logout", Public, handlers::log_out)
        .about("Ends the session of a refresh token. The answer is the same for a token that is not valid.")
        .post("/api/auth/forgot-password", Public, handlers::request_reset)
        .about("Sends a link for a new password. The answer is the same if there is no such account.")
        .post("/api/auth/reset-password", Public, handlers::reset_password)
        .about("Sets a new password with the token of a link, and ends every session of the account.")
        .get("/api/auth/me", User, handlers::find_me)
        .about("Returns the caller's own account.")
        .patch("/api/auth/me", User, handlers::update_me)
        .about("Changes the caller's name, phone number or language.")
        .post("/api/auth/change-password", User, handlers::change_password)
        .about("Changes the caller's password, and ends their other sessions.")
        .or(429, TOO_MANY)
        .get("/api/auth/sessions", User, handlers::list_sessions)
        .about("Lists the caller's live sessions.")
        .delete("/api/auth/sessions/{id}", User, handlers::delete_session)
        .about("Ends one of the caller's sessions.")
        .get("/.well-known/jwks.json", Public, handlers::list_keys)
        .about("Returns the public keys that access tokens are signed with.")
        // Where clients of the original sign in and refresh.
        .post("/api/token", Public, handlers::issue_token)
        .legacy("Kept for clients of the legacy API: use `POST /api/auth/login`. Takes `username` or `email`.")
        .or(401, "Wrong credentials.")
        .or(429, TOO_MANY)
        .post("/api/auth/token/refresh", Public, handlers::refresh)
        .legacy("Kept for clients of the legacy API: use `POST /api/auth/refresh`.")
        .or(401, NO_LONGER_VALID)
        .post("/api/token/refresh", Public, handlers::refresh)
        .legacy("Kept for clients of the legacy API: use `POST /api/auth/refresh`.")
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
