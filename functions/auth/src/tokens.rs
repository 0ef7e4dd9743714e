//! Making tokens. An access token is a JWT; a refresh token is opaque:
//!
//! `base64url(session id (8 bytes, big-endian) ‖ generation (4) ‖ HMAC-SHA256(key, both) (32))`
//!
//! The database holds the session and its generation, never the key: nothing in a dump can be turned into a token.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Utc;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::{Digest, Sha256};
use shared::{
    auth::token::{ACCESS_SECONDS, Claims, header},
    config::{self, SigningKey},
    error::ApiError,
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::model::{SignedIn, TokenPair, User};

const MAC_BYTES: usize = 32;

/// The keys, and what they say of us.
pub(crate) struct Tokens {
    signing_key: SigningKey,
    refresh_keys: Vec<[u8; 32]>,
    issuer: String,
    audience: String,
}

/// An access token, under both of the names that clients read.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccessToken {
    access_token: String,
    access: String,
}

/// A refresh token, under both of the names that clients read.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RefreshToken {
    refresh_token: String,
    pub refresh: String,
}

/// What a refresh token of ours names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    pub session_id: i64,
    pub generation: i32,
}

impl Tokens {
    pub(crate) fn new(config: config::Tokens) -> Self {
        Self {
            signing_key: config.signing_key,
            refresh_keys: config.refresh_keys,
            issuer: config.issuer,
            audience: config.audience,
        }
    }

    pub(crate) fn access(&self, user_id: i64, session_id: i64) -> Result<AccessToken, ApiError> {
        let now = Utc::now().timestamp();
        let claims = Claims {
            sub: user_id.to_string(),
            user_id: user_id.to_string(),
            sid: session_id.to_string(),
            jti: Uuid::new_v4(),
            iat: now,
            nbf: None,
            exp: now + ACCESS_SECONDS,
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            token_type: "access".to_owned(),
        };
        let token = jsonwebtoken::encode(&header(&self.signing_key.id), &claims, &self.signing_key.private)
            .map_err(ApiError::internal)?;
        Ok(AccessToken { access: token.clone(), access_token: token })
    }

    pub(crate) fn refresh(&self, ticket: Ticket) -> Result<RefreshToken, ApiError> {
        let key = self.refresh_keys.first().ok_or_else(|| ApiError::internal("there is no refresh key"))?;
        let mut bytes = ticket.to_bytes();
        let mac = mac(key, &bytes).ok_or_else(|| ApiError::internal("a refresh key of the wrong size"))?;
        bytes.extend_from_slice(&mac.finalize().into_bytes());
        let token = URL_SAFE_NO_PAD.encode(bytes);
        Ok(RefreshToken { refresh: token.clone(), refresh_token: token })
    }

    /// The answer to a sign-in.
    pub(crate) fn signed_in(&self, user: User, session_id: i64) -> Result<SignedIn, ApiError> {
        Ok(SignedIn {
            access: self.access(user.id, session_id)?,
            refresh: self.refresh(Ticket::first(session_id))?,
            user,
        })
    }

    /// The same, as simplejwt answers.
    pub(crate) fn pair(&self, user_id: i64, session_id: i64) -> Result<TokenPair, ApiError> {
        Ok(TokenPair {
            access: self.access(user_id, session_id)?.access,
            refresh: self.refresh(Ticket::first(session_id))?.refresh,
        })
    }

    /// Reads a refresh token, if one of our keys made it.
    pub(crate) fn read_refresh(&self, token: &str) -> Option<Ticket> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (ticket, tag) = bytes.split_at_checked(bytes.len().checked_sub(MAC_BYTES)?)?;
        let ours =
            self.refresh_keys.iter().any(|key| mac(key, ticket).is_some_and(|mac| mac.verify_slice(tag).is_ok()));
        if ours { Ticket::from_bytes(ticket) } else { None }
    }
}

/// The secret of a link to choose a new password: 32 random bytes. The database holds its digest.
pub(crate) struct ResetToken(String);

impl ResetToken {
    pub(crate) fn generate() -> Result<Self, ApiError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| ApiError::internal(error.to_string()))?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn digest(&self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }
}

impl From<String> for ResetToken {
    fn from(token: String) -> Self {
        Self(token)
    }
}

impl Ticket {
    /// The ticket of a session that has just begun.
    pub(crate) fn first(session_id: i64) -> Self {
        Self { session_id, generation: 1 }
    }

    fn to_bytes(self) -> Vec<u8> {
        [self.session_id.to_be_bytes().as_slice(), &self.generation.to_be_bytes()].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (session_id, generation) = bytes.split_at_checked(size_of::<i64>())?;
        Some(Self {
            session_id: i64::from_be_bytes(session_id.try_into().ok()?),
            generation: i32::from_be_bytes(generation.try_into().ok()?),
        })
    }
}

fn mac(key: &[u8], message: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).ok()?;
    mac.update(message);
    Some(mac)
}
