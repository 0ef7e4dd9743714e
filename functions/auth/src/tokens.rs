//! Making tokens. An access token is a JWT; a refresh token is opaque:
//!
//! `base64url(session id (8 bytes, big-endian) ‖ generation (4) ‖ HMAC-SHA256(key, both) (32))`
//!
//! The database holds the session and its generation, never the key: nothing in a dump can be turned into a token.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Utc;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::Sha256;
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

#[cfg(test)]
mod properties {
    #![allow(clippy::unwrap_used)]

    use base64::{
        Engine,
        engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
    };
    use chrono::Utc;
    use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, jwk::JwkSet};
    use proptest::{
        collection::vec,
        prelude::*,
        sample::{Index, select},
    };
    use serde_json::{Value, json};
    use shared::{auth::token::Verifier, config::SigningKey};

    use super::{Ticket, Tokens};

    /// A key as a deployment has it (RFC 8410), of a seed that everybody can read here.
    fn key(seed: u8) -> SigningKey {
        let pkcs8 = *b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
        STANDARD.encode([pkcs8.as_slice(), &[seed; 32]].concat()).parse().unwrap()
    }

    fn tokens(refresh_keys: Vec<[u8; 32]>) -> Tokens {
        Tokens {
            signing_key: key(1),
            refresh_keys,
            issuer: "https://red.example".to_owned(),
            audience: "red-product".to_owned(),
        }
    }

    fn verifier() -> Verifier {
        Verifier::new(&JwkSet { keys: vec![key(1).public] }, "https://red.example", "red-product").unwrap()
    }

    fn claims(user_id: i64, session_id: i64) -> Value {
        let now = Utc::now().timestamp();
        json!({
            "sub": user_id.to_string(), "user_id": user_id.to_string(), "sid": session_id.to_string(),
            "jti": uuid::Uuid::nil(), "iat": now, "exp": now + 3600, "iss": "https://red.example", "aud": "red-product",
            "token_type": "access",
        })
    }

    /// The characters of a token, or any.
    fn character() -> impl Strategy<Value = char> {
        prop_oneof![4 => "[A-Za-z0-9_.-]".prop_map(|c| c.chars().next().unwrap()), 1 => any::<char>()]
    }

    fn with_one_changed(token: &str, at: Index, kind: u8, c: char) -> String {
        let mut characters: Vec<char> = token.chars().collect();
        let at = at.index(characters.len());
        match kind {
            0 => characters.insert(at, c),
            1 => characters.truncate(at),
            2 => _ = characters.remove(at),
            3 => characters.push(c),
            _ => characters[at] = c,
        }
        characters.into_iter().collect()
    }

    /// What a forger writes in place of a claim.
    fn forged() -> impl Strategy<Value = Value> {
        prop_oneof![
            select(vec![
                Value::Null,
                json!(0),
                json!("0"),
                json!(-1),
                json!(1e300),
                json!(""),
                json!("access "),
                json!("refresh"),
                json!("ACCESS"),
                json!([]),
                json!(["red-product", "another"]),
                json!({}),
                json!(true),
                json!("https://red.example/"),
                json!("https://red.example.evil"),
                json!(9_999_999_999_999_i64),
            ]),
            "(?s).{0,20}".prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
        ]
    }

    proptest! {
        #[test]
        fn a_token_of_ours_names_its_user_and_session(user_id in any::<i64>(), session_id in any::<i64>()) {
            let token = tokens(vec![[0; 32]]).access(user_id, session_id).unwrap().access;
            let verified = verifier().verify(&token).unwrap();
            prop_assert_eq!((verified.user_id, verified.session_id), (user_id, session_id));
        }

        #[test]
        fn a_token_with_one_character_changed_is_nobodys(at in any::<Index>(), kind in 0..5_u8, c in character()) {
            let token = tokens(vec![[0; 32]]).access(1, 2).unwrap().access;
            let changed = with_one_changed(&token, at, kind, c);
            prop_assert!(changed == token || verifier().verify(&changed).is_none(), "{changed}");
        }

        #[test]
        fn any_text_is_nobodys_token(text in prop_oneof![
            "(?s).{0,100}",
            "[A-Za-z0-9_-]{0,60}[.][A-Za-z0-9_-]{0,60}[.][A-Za-z0-9_-]{0,90}",
            "[.]{0,10}",
            ("(?s).{0,60}", "(?s).{0,60}").prop_map(|(header, claims)| {
                format!("{}.{}.", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
            }),
        ]) {
            prop_assert_eq!(verifier().verify(&text), None);
        }

        #[test]
        fn a_token_that_says_something_else_in_one_claim_says_who_it_is_or_does_not_hold(
            name in select(vec!["sub", "user_id", "sid", "jti", "iat", "nbf", "exp", "iss", "aud", "token_type", "another"]),
            value in forged(),
        ) {
            let mut claims = claims(7, 8);
            claims[name] = value;
            let header = Header { kid: Some(key(1).id), ..Header::new(Algorithm::EdDSA) };
            let token = encode(&header, &claims, &key(1).private).unwrap();

            if let Some(verified) = verifier().verify(&token) {
                let now = Utc::now().timestamp();
                prop_assert_eq!(&claims["sub"], &json!(verified.user_id.to_string()));
                prop_assert_eq!(&claims["sid"], &json!(verified.session_id.to_string()));
                prop_assert_eq!(&claims["token_type"], "access");
                prop_assert_eq!(&claims["iss"], "https://red.example");
                prop_assert!(claims["aud"] == "red-product" || claims["aud"].as_array().is_some_and(|all| all.contains(&json!("red-product"))));
                prop_assert!(claims["exp"].as_i64().is_some_and(|exp| exp >= now));
                prop_assert!(claims["iat"].as_i64().is_some_and(|iat| iat <= now + 60));
                prop_assert!(claims.get("nbf").is_none_or(|nbf| nbf.is_null() || nbf.as_i64().is_some_and(|nbf| nbf <= now + 60)));
            }
        }

        #[test]
        fn a_token_that_we_did_not_sign_is_nobodys(
            algorithm in select(vec!["none", "None", "HS256", "HS512", "RS256", "ES256", "EdDSA", "eddsa", ""]),
            kid in prop_oneof![Just(key(1).id), Just(key(2).id), "(?s).{0,20}", Just("../../../dev/null".to_owned())],
            extra in select(vec!["jwk", "jku", "x5u", "x5c", "crit"]),
            secret in select(vec!["public key", "thumbprint", "nothing", "another's key"]),
        ) {
            let public = key(1).public;
            let embedded = if extra == "jwk" { json!(key(2).public) } else { json!("https://evil.example/keys") };
            let header = json!({ "alg": algorithm, "typ": "JWT", "kid": kid, extra: embedded }).to_string();
            let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims(1, 2).to_string()));
            let sign = |key: &EncodingKey, algorithm| jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).unwrap();
            let signature = match secret {
                "public key" => sign(&EncodingKey::from_secret(&serde_json::to_vec(&public).unwrap()), Algorithm::HS256),
                "thumbprint" => sign(&EncodingKey::from_secret(key(1).id.as_bytes()), Algorithm::HS256),
                "another's key" => sign(&key(2).private, Algorithm::EdDSA),
                _ => String::new(),
            };

            prop_assert_eq!(verifier().verify(&format!("{message}.{signature}")), None);
        }

        #[test]
        fn a_refresh_token_is_read_by_the_keys_that_made_it_and_no_other(
            session_id in any::<i64>(), generation in any::<i32>(), ours in any::<[u8; 32]>(), other in any::<[u8; 32]>(),
        ) {
            prop_assume!(ours != other);
            let ticket = Ticket { session_id, generation };
            let token = tokens(vec![ours]).refresh(ticket).unwrap().refresh;

            prop_assert_eq!(tokens(vec![other, ours]).read_refresh(&token), Some(ticket));
            prop_assert_eq!(tokens(vec![other]).read_refresh(&token), None);
            // One kind of token is never taken for the other.
            prop_assert_eq!(verifier().verify(&token), None);
            let access = tokens(vec![ours]).access(1, session_id).unwrap().access;
            prop_assert_eq!(tokens(vec![ours]).read_refresh(&access), None);
        }

        #[test]
        fn a_refresh_token_with_one_character_changed_is_none(at in any::<Index>(), kind in 0..5_u8, c in character()) {
            let tokens = tokens(vec![[3; 32]]);
            let token = tokens.refresh(Ticket::first(42)).unwrap().refresh;
            let changed = with_one_changed(&token, at, kind, c);
            prop_assert!(changed == token || tokens.read_refresh(&changed).is_none(), "{changed}");
        }

        #[test]
        fn any_bytes_are_no_refresh_token(bytes in vec(any::<u8>(), 0..80), text in "(?s).{0,80}") {
            let tokens = tokens(vec![[3; 32]]);
            prop_assert_eq!(tokens.read_refresh(&URL_SAFE_NO_PAD.encode(bytes)), None);
            prop_assert_eq!(tokens.read_refresh(&text), None);
        }
    }
}
