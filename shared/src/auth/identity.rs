//! The authorizer's answer, as it travels through API Gateway in `requestContext.authorizer.lambda`.

use std::collections::HashMap;

use crate::text::Text;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What the authorizer found out about the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// No authorizer was asked: an open route.
    Absent,
    /// There was a token, or something in its place, and it does not hold.
    Rejected(Rejection),
    /// The token and its session hold.
    Known {
        /// The caller.
        user: CurrentUser,
        /// When the token expires, in seconds since 1970. The authorizer's answer may be cached for longer.
        expires_at: i64,
    },
    /// The token holds, but the database did not answer in time: the function asks for itself.
    Unchecked {
        /// The token's `sub`.
        user_id: i64,
        /// The token's `sid`.
        session_id: i64,
        /// When the token expires, in seconds since 1970.
        expires_at: i64,
    },
}

/// The caller of a protected route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurrentUser {
    /// `users_customuser.id`
    pub id: i64,
    /// The session that the access token belongs to.
    pub session_id: i64,
    /// Whether they were an administrator when the authorizer asked. A write that needs the role asks again.
    pub is_admin: bool,
}

/// Why a token was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rejection {
    /// No token, or another scheme than Bearer.
    NotAuthenticated,
    /// Not `Bearer <token>`.
    BadAuthorizationHeader,
    /// Malformed, forged, expired, of the wrong type, or of a session that has ended.
    TokenNotValid,
    /// Its account is deactivated.
    UserInactive,
    /// Its account is gone.
    UserNotFound,
    /// A refresh token that is not one of ours, or whose session has ended.
    RefreshNotValid,
    /// A refresh token past its time.
    RefreshExpired,
    /// The credentials that simplejwt's own path was given belong to no active account.
    NoActiveAccount,
}

impl Rejection {
    /// The `code` of the answer; a request without a token has none.
    pub fn code(self) -> Option<&'static str> {
        match self {
            Self::NotAuthenticated => None,
            Self::BadAuthorizationHeader => Some("bad_authorization_header"),
            Self::TokenNotValid | Self::RefreshNotValid | Self::RefreshExpired => Some("token_not_valid"),
            Self::UserInactive => Some("user_inactive"),
            Self::UserNotFound => Some("user_not_found"),
            Self::NoActiveAccount => Some("no_active_account"),
        }
    }

    /// The `detail` of the answer.
    pub fn text(self) -> Text {
        match self {
            Self::NotAuthenticated => Text::NotAuthenticated,
            Self::BadAuthorizationHeader => Text::MalformedAuthorization,
            Self::TokenNotValid => Text::TokenNotValid,
            Self::UserInactive => Text::UserInactive,
            Self::UserNotFound => Text::UserNotFound,
            Self::RefreshNotValid => Text::RefreshNotValid,
            Self::RefreshExpired => Text::RefreshExpired,
            Self::NoActiveAccount => Text::Own {
                fr: "Aucun compte actif n'a été trouvé avec les identifiants fournis",
                en: "No active account found with the given credentials",
            },
        }
    }
}

/// Ids travel as text: not every hop keeps a 64-bit number exact.
#[derive(Deserialize)]
struct Fields {
    user_id: String,
    session_id: String,
    expires_at: i64,
    #[serde(default)]
    is_admin: bool,
    #[serde(default)]
    unchecked: bool,
}

impl Identity {
    /// The authorizer's `context`.
    pub fn to_context(&self) -> Value {
        match self {
            Self::Absent => json!({}),
            Self::Rejected(rejection) => json!({ "rejected": rejection }),
            Self::Known { user, expires_at } => json!({
                "user_id": user.id.to_string(),
                "session_id": user.session_id.to_string(),
                "is_admin": user.is_admin,
                "expires_at": expires_at,
            }),
            Self::Unchecked { user_id, session_id, expires_at } => json!({
                "user_id": user_id.to_string(),
                "session_id": session_id.to_string(),
                "expires_at": expires_at,
                "unchecked": true,
            }),
        }
    }

    /// Reads what API Gateway hands on. Anything that is not an authorizer's answer is no identity at all, so that a
    /// protected route fails closed.
    pub fn from_context(context: &HashMap<String, Value>) -> Self {
        if let Some(rejected) = context.get("rejected") {
            return Self::Rejected(Rejection::deserialize(rejected).unwrap_or(Rejection::TokenNotValid));
        }
        let fields = Value::Object(context.iter().map(|(name, value)| (name.clone(), value.clone())).collect());
        let Ok(Fields { user_id, session_id, expires_at, is_admin, unchecked }) = Fields::deserialize(fields) else {
            return Self::Absent;
        };
        let (Ok(id), Ok(session_id)) = (user_id.parse(), session_id.parse()) else { return Self::Absent };
        if unchecked {
            Self::Unchecked { user_id: id, session_id, expires_at }
        } else {
            Self::Known { user: CurrentUser { id, session_id, is_admin }, expires_at }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::{CurrentUser, Identity, Rejection};
    use serde_json::{Value, json};

    fn through_the_gateway(identity: &Identity) -> Identity {
        let Value::Object(context) = identity.to_context() else { unreachable!("a context is an object") };
        Identity::from_context(&context.into_iter().collect())
    }

    #[test]
    fn every_identity_survives_the_way_through_the_gateway() {
        let user = CurrentUser { id: i64::MAX, session_id: 7, is_admin: true };
        for identity in [
            Identity::Absent,
            Identity::Rejected(Rejection::UserInactive),
            Identity::Known { user, expires_at: 1_800_000_000 },
            Identity::Unchecked { user_id: 1, session_id: i64::MIN, expires_at: 1_800_000_000 },
        ] {
            assert_eq!(through_the_gateway(&identity), identity);
        }
    }

    #[test]
    fn a_context_that_is_no_identity_lets_nobody_in() {
        for context in [
            json!({}),
            json!({ "user_id": "1" }),
            json!({ "user_id": "one", "session_id": "1", "expires_at": 1, "is_admin": true }),
            json!({ "user_id": "1", "session_id": "?", "expires_at": 1, "is_admin": true }),
        ] {
            let context: HashMap<_, _> = serde_json::from_value(context).unwrap_or_default();
            assert_eq!(Identity::from_context(&context), Identity::Absent);
        }
        let context = HashMap::from([("rejected".to_owned(), json!("a code of tomorrow"))]);
        assert_eq!(Identity::from_context(&context), Identity::Rejected(Rejection::TokenNotValid));
    }
}
