//! Token in; who it is, or why it is rejected, out.
//!
//! It admits everyone and never fails: an HTTP API turns every denial into a fixed 403, every error into a 500, and
//! caches denials, while clients refresh their token on 401. What it finds out travels on as an [`Identity`], and the
//! function's route table decides.

use std::time::Duration;

use lambda_runtime::LambdaEvent;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::{
    auth::{
        Identity, Rejection,
        session::select_caller,
        token::{Verified, Verifier},
    },
    config,
    db::{Db, counting_round_trips},
};

/// How long the session may take. After that the function asks for itself.
const SESSION_TIMEOUT: Duration = Duration::from_secs(1);

/// The part of the event (REQUEST authorizer, payload 2.0) that matters: the identity source, which is the
/// Authorization header.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Event {
    identity_source: Vec<String>,
    request_context: RequestContext,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RequestContext {
    request_id: String,
}

/// The function: public keys and a database.
#[derive(Clone)]
pub struct Authorizer {
    tokens: Verifier,
    db: Db,
}

impl Authorizer {
    /// Takes keys and database.
    pub fn new(tokens: Verifier, db: Db) -> Self {
        Self { tokens, db }
    }

    /// The simple response of payload 2.0.
    pub async fn authorize(&self, event: LambdaEvent<Event>) -> Value {
        let header = event.payload.identity_source.first().map(String::as_str).unwrap_or_default();
        let (identity, round_trips) = counting_round_trips(self.identify(header)).await;
        let request_id = event.payload.request_context.request_id;
        tracing::info!(request_id, outcome = outcome(&identity), sql_round_trips = round_trips, "authorized");
        json!({ "isAuthorized": true, "context": identity.to_context() })
    }

    async fn identify(&self, header: &str) -> Identity {
        let token = match bearer(header) {
            Ok(token) => token,
            Err(rejection) => return Identity::Rejected(rejection),
        };
        let Some(verified) = self.tokens.verify(token) else {
            return Identity::Rejected(Rejection::TokenNotValid);
        };
        self.look_up(verified).await
    }

    async fn look_up(&self, Verified { user_id, session_id, expires_at }: Verified) -> Identity {
        let caller = tokio::time::timeout(SESSION_TIMEOUT, async {
            select_caller(&mut self.db.acquire().await?, user_id, session_id).await
        })
        .await;
        let answered = matches!(caller, Ok(Ok(_)));
        self.db.settle(!answered).await;
        match caller {
            Ok(Ok(Ok(user))) => Identity::Known { user, expires_at },
            Ok(Ok(Err(rejection))) => Identity::Rejected(rejection),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the session could not be looked up");
                Identity::Unchecked { user_id, session_id, expires_at }
            }
            Err(_) => Identity::Unchecked { user_id, session_id, expires_at },
        }
    }
}

/// The token of `Bearer <token>` (RFC 6750, section 2.1). The scheme's case does not matter (RFC 9110, section 11.1).
fn bearer(header: &str) -> Result<&str, Rejection> {
    let mut parts = header.split_whitespace();
    match (parts.next(), parts.next(), parts.next()) {
        (Some(scheme), _, _) if !scheme.eq_ignore_ascii_case("bearer") => Err(Rejection::NotAuthenticated),
        (None, ..) => Err(Rejection::NotAuthenticated),
        (Some(_), Some(token), None) => Ok(token),
        _ => Err(Rejection::BadAuthorizationHeader),
    }
}

fn outcome(identity: &Identity) -> &'static str {
    match identity {
        Identity::Absent => "absent",
        Identity::Rejected(rejection) => rejection.code().unwrap_or("not_authenticated"),
        Identity::Known { .. } => "known",
        Identity::Unchecked { .. } => "unchecked",
    }
}

/// Starts up and serves Lambda.
///
/// # Errors
/// When the environment is wrong or the Lambda runtime ends.
pub async fn run() -> Result<(), lambda_runtime::Error> {
    shared::lambda::init_tracing();
    let config = config::Authorizer::from_env()?;
    let authorizer = Authorizer::new(config.tokens, Db::sandbox(config.database));
    authorizer.db.warm_up().await;
    let authorizer = &authorizer;
    lambda_runtime::run(lambda_runtime::service_fn(async move |event| {
        Ok::<_, std::convert::Infallible>(authorizer.authorize(event).await)
    }))
    .await
}

#[cfg(test)]
mod tests {
    use shared::auth::Rejection;

    use super::bearer;

    #[test]
    fn a_token_stands_behind_the_word_bearer() {
        assert_eq!(bearer("Bearer abc"), Ok("abc"));
        assert_eq!(bearer("bearer  abc "), Ok("abc"));
        for header in ["", "Basic abc", "abc", "Token abc"] {
            assert_eq!(bearer(header), Err(Rejection::NotAuthenticated), "{header}");
        }
        for header in ["Bearer", "Bearer a b"] {
            assert_eq!(bearer(header), Err(Rejection::BadAuthorizationHeader), "{header}");
        }
    }
}
