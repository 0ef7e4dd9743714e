//! `Idempotency-Key`: a POST that creates, sent again, gets the answer of the first time and creates nothing.
//!
//! A handler takes an [`Idempotency`], asks [`Idempotency::replay`] at the beginning of its transaction, and ends it with
//! [`Idempotency::commit`] or [`Idempotency::commit_made`]. An answer that is an error is not kept, since its transaction is
//! rolled back.
//!
//! Keys belong to a caller and a path. Callers of a public path have no account and share its keys, so a stranger who
//! guesses a key and its body is given the stored answer: such an answer must hold nothing but thanks.

use axum::extract::FromRequestParts;
use bytes::Bytes;
use http::request::Parts;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{
    auth::CurrentUser,
    db::{Conn, Tx},
    error::ApiError,
    extract::{Created, Made, Versioned},
    lambda::Call,
    text::Text,
    throttle::{self, Count},
};

const HEADER: &str = "Idempotency-Key";
const MAX_CHARACTERS: usize = 255;

/// The body as it came, for whoever needs more than its fields.
#[derive(Clone, Debug)]
pub(crate) struct RawBody(pub(crate) Bytes);

/// The caller's key, or that there is none.
#[derive(Debug)]
pub struct Idempotency(Option<Request>);

#[derive(Debug)]
struct Request {
    /// None on a public path.
    user_id: Option<i64>,
    path: String,
    key_sha256: [u8; 32],
    body_sha256: [u8; 32],
}

impl Idempotency {
    /// Counts a row that a user is about to create ([`throttle::CREATIONS`]). A request that was answered already creates
    /// none, so the limit does not keep its answer back.
    ///
    /// To be called outside of a transaction, which would keep the account's other requests waiting.
    ///
    /// # Errors
    /// [`ApiError::Throttled`] above the limit.
    pub async fn count_creation(&self, db: &mut Conn, user: CurrentUser) -> Result<(), ApiError> {
        let counted = throttle::count_creation(db, user).await;
        self.unless_answered(db, counted).await
    }

    /// The same against other limits, for a caller without an account.
    ///
    /// # Errors
    /// [`ApiError::Throttled`] above one of them.
    pub async fn count(&self, db: &mut Conn, attempt: &[Count]) -> Result<(), ApiError> {
        let counted = throttle::count(db, attempt).await;
        self.unless_answered(db, counted).await
    }

    async fn unless_answered(&self, db: &mut Conn, counted: Result<(), ApiError>) -> Result<(), ApiError> {
        match counted {
            Err(ApiError::Throttled(_)) if self.is_answered(db).await? => Ok(()),
            counted => counted,
        }
    }

    async fn is_answered(&self, db: &mut Conn) -> sqlx::Result<bool> {
        let Some(Request { user_id, path, key_sha256, .. }) = &self.0 else { return Ok(false) };
        sqlx::query_scalar!(
            r#"
            select exists (
                select from idempotency_key
                where caller = coalesce($1::bigint, 0) and path = $2 and key_sha256 = $3 and answer is not null
                    and expires_at > now()
            ) as "is_answered!"
            "#,
            *user_id,
            path,
            key_sha256.as_slice(),
        )
        .fetch_one(db)
        .await
    }

    /// The answer of the first time, if there was one. Otherwise this is the first time: a second request with the same
    /// key now waits for this transaction.
    ///
    /// # Errors
    /// 409 where the key came with another body.
    pub async fn replay<A: Repeated>(&self, tx: &mut Tx<'_>) -> Result<Option<A>, ApiError> {
        let Some(Request { user_id, path, key_sha256, body_sha256 }) = &self.0 else { return Ok(None) };
        let first = sqlx::query!(
            "
            insert into idempotency_key as kept (user_id, path, key_sha256, body_sha256)
            values ($1, $2, $3, $4)
            on conflict (caller, path, key_sha256) do update
            set body_sha256 = excluded.body_sha256, etag = null, answer = null, expires_at = excluded.expires_at
            where kept.expires_at <= now()
            ",
            *user_id,
            path,
            key_sha256.as_slice(),
            body_sha256.as_slice(),
        )
        .execute(&mut **tx)
        .await?;
        if first.rows_affected() == 1 {
            return Ok(None);
        }
        // A second statement, because the first one's snapshot cannot see a row that it waited for.
        let kept = sqlx::query!(
            r#"
            select etag, answer as "answer!", body_sha256 = $4 as "same_body!"
            from idempotency_key
            where caller = coalesce($1::bigint, 0) and path = $2 and key_sha256 = $3
            "#,
            *user_id,
            path,
            key_sha256.as_slice(),
            body_sha256.as_slice(),
        )
        .fetch_one(&mut **tx)
        .await?;
        if !kept.same_body {
            return Err(ApiError::Conflict(Text::Own {
                fr: "Cette clé d'idempotence a déjà servi pour une autre requête.",
                en: "This idempotency key was used for another request.",
            }));
        }
        Ok(Some(A::repeated(kept.etag.unwrap_or_default(), kept.answer)))
    }

    /// Keeps the answer, if there is a key to keep it under, and commits.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn commit<T: Serialize + Versioned>(self, mut tx: Tx<'_>, row: T) -> Result<Created<T>, ApiError> {
        self.keep(&mut tx, Some(row.etag()), &row).await?;
        tx.commit().await?;
        Ok(Created::New(row))
    }

    /// The same for an answer that is no row.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn commit_made<T: Serialize>(self, mut tx: Tx<'_>, made: T) -> Result<Made<T>, ApiError> {
        self.keep(&mut tx, None, &made).await?;
        tx.commit().await?;
        Ok(Made::New(made))
    }

    async fn keep(self, tx: &mut Tx<'_>, etag: Option<String>, answer: &impl Serialize) -> Result<(), ApiError> {
        let Some(Request { user_id, path, key_sha256, .. }) = self.0 else { return Ok(()) };
        sqlx::query!(
            "
            update idempotency_key
            set etag = $4, answer = $5
            where caller = coalesce($1::bigint, 0) and path = $2 and key_sha256 = $3
            ",
            user_id,
            path,
            key_sha256.as_slice(),
            etag,
            serde_json::to_string(answer).map_err(ApiError::internal)?,
        )
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}

/// An answer that can be given again as it was stored.
pub trait Repeated {
    /// The answer of the first time. A row has an `ETag`.
    fn repeated(etag: String, body: String) -> Self;
}

impl<T> Repeated for Created<T> {
    fn repeated(etag: String, body: String) -> Self {
        Self::Again { etag, body }
    }
}

impl<T> Repeated for Made<T> {
    fn repeated(_: String, body: String) -> Self {
        Self::Again(body)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Idempotency {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Some(key) = parts.headers.get(HEADER) else { return Ok(Self(None)) };
        let invalid = |text| Err(ApiError::invalid(HEADER, text));
        let key = match key.to_str() {
            Ok("") => return invalid(Text::Blank),
            Ok(key) if key.len() > MAX_CHARACTERS => return invalid(Text::TooLong(MAX_CHARACTERS)),
            Ok(key) => key.to_owned(),
            Err(_) => {
                return invalid(Text::Own {
                    fr: "Seuls les caractères ASCII sont admis.",
                    en: "Only ASCII characters are allowed.",
                });
            }
        };
        // A protected route has refused a request without a caller already.
        let user = CurrentUser::from_request_parts(parts, state).await.ok();
        let call = Call::from_request_parts(parts, state).await?;
        let body = parts.extensions.get::<RawBody>().map(|RawBody(body)| body.clone()).unwrap_or_default();
        Ok(Self(Some(Request {
            user_id: user.map(|user| user.id),
            path: call.path.trim_end_matches('/').to_owned(),
            key_sha256: Sha256::digest(&key).into(),
            // NUL is in no key.
            body_sha256: Sha256::new().chain_update(&key).chain_update([0]).chain_update(&body).finalize().into(),
        })))
    }
}
