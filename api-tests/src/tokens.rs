//! Access tokens as a forger would make them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Utc;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::{Caller, TestApp};

/// What an access token of this caller says.
pub fn claims(caller: &Caller) -> Value {
    let token = caller.session["access_token"].as_str().expect("an access token");
    let payload = token.split('.').nth(1).expect("a payload");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("claims")
}

/// Claims that hold, with some of them changed; `null` takes one away.
pub fn changed(claims: &Value, changes: Value) -> Value {
    let mut claims = claims.clone();
    for (name, value) in changes.as_object().expect("an object") {
        match value {
            Value::Null => _ = claims.as_object_mut().expect("an object").remove(name),
            value => claims[name] = value.clone(),
        }
    }
    claims
}

impl TestApp {
    /// A token with these claims, signed by the platform's own key.
    pub fn signed(&self, claims: &Value) -> String {
        let key = self.keys.signing_key().expect("a key");
        let header = Header { kid: Some(key.id), ..Header::new(Algorithm::EdDSA) };
        encode(&header, claims, &key.private).expect("a token")
    }

    /// The same under another key's name.
    pub fn signed_as(&self, kid: Option<&str>, claims: &Value) -> String {
        let key = self.keys.signing_key().expect("a key");
        let header = Header { kid: kid.map(str::to_owned), ..Header::new(Algorithm::EdDSA) };
        encode(&header, claims, &key.private).expect("a token")
    }

    /// The same, signed by somebody else's key.
    pub fn forged(&self, claims: &Value) -> String {
        let (ours, theirs) = (self.keys.signing_key().expect("a key"), local::keys::Keys::generate().expect("keys"));
        let header = Header { kid: Some(ours.id), ..Header::new(Algorithm::EdDSA) };
        encode(&header, claims, &theirs.signing_key().expect("a key").private).expect("a token")
    }

    /// The same, "signed" with the public key as if it were a shared secret.
    pub fn signed_with_public_key(&self, claims: &Value) -> String {
        let key = self.keys.signing_key().expect("a key");
        let header = Header { kid: Some(key.id), ..Header::new(Algorithm::HS256) };
        let secret = serde_json::to_vec(&key.public).expect("a key");
        encode(&header, claims, &EncodingKey::from_secret(&secret)).expect("a token")
    }

    /// The same, not signed at all (`alg: none`, RFC 7519, section 6).
    pub fn unsigned(&self, claims: &Value) -> String {
        let header = json!({ "alg": "none", "typ": "JWT", "kid": self.keys.signing_key().expect("a key").id });
        format!("{}.{}.", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()))
    }
}

/// Seconds since 1970.
pub fn now() -> i64 {
    Utc::now().timestamp()
}
