//! Access tokens: JWTs (RFC 7519) signed with Ed25519 (EdDSA, RFC 8037). Here they are read; only the auth function can
//! write them.

use chrono::Utc;
use jsonwebtoken::{
    Algorithm, DecodingKey, Header, Validation, decode, decode_header,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How long an access token lives.
pub const ACCESS_SECONDS: i64 = 60 * 60;
/// How far the clocks of two machines may differ: a token from this far in the future is still believed.
const CLOCK_SKEW_SECONDS: i64 = 60;

/// What an access token says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// The user's id, as text (RFC 7519, section 4.1.2).
    pub sub: String,
    /// The same, where clients of the original look for it.
    pub user_id: String,
    /// The session, as text.
    pub sid: String,
    /// This token.
    pub jti: Uuid,
    /// When it was issued, in seconds since 1970.
    pub iat: i64,
    /// From when on it holds, if not from the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// When it expires, in seconds since 1970.
    pub exp: i64,
    /// Who issued it.
    pub iss: String,
    /// Whom it is for.
    pub aud: String,
    /// Always `access`.
    pub token_type: String,
}

/// A token that holds: whom it names, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// `sub`
    pub user_id: i64,
    /// `sid`
    pub session_id: i64,
    /// `exp`
    pub expires_at: i64,
}

/// Checks access tokens against public keys.
#[derive(Clone)]
pub struct Verifier {
    keys: Vec<(String, DecodingKey)>,
    validation: Validation,
}

impl Verifier {
    /// # Errors
    /// A sentence, when a key has no id, is not for Ed25519, or there is not one key or two.
    pub fn new(keys: &JwkSet, issuer: &str, audience: &str) -> Result<Self, String> {
        let keys = keys.keys.iter().map(verifying_key).collect::<Result<Vec<_>, _>>()?;
        match keys.as_slice() {
            [_] => {}
            [(one, _), (other, _)] if one != other => {}
            _ => return Err("there must be one key in it, or two with different \"kid\"s".to_owned()),
        }
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        // Only `exp` is required by default: a token without `aud` or `iss` would pass.
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.leeway = 0;
        Ok(Self { keys, validation })
    }

    /// What the token says, if it was signed by one of the keys, is for us, is an access token, and is in its time.
    pub fn verify(&self, token: &str) -> Option<Verified> {
        let header = decode_header(token).ok()?;
        let kid = header.kid?;
        let (_, key) = self.keys.iter().find(|(id, _)| *id == kid)?;
        let claims = decode::<Claims>(token, key, &self.validation).ok()?.claims;
        let begins = claims.iat.max(claims.nbf.unwrap_or(i64::MIN));
        if claims.token_type != "access" || begins > Utc::now().timestamp() + CLOCK_SKEW_SECONDS {
            return None;
        }
        Some(Verified { user_id: id(&claims.sub)?, session_id: id(&claims.sid)?, expires_at: claims.exp })
    }
}

/// An id in the only form that we write: no sign, no leading zeros.
fn id(text: &str) -> Option<i64> {
    text.parse::<i64>().ok().filter(|id| id.to_string() == text)
}

fn verifying_key(jwk: &Jwk) -> Result<(String, DecodingKey), String> {
    let kid = jwk.common.key_id.clone().ok_or("a key has no \"kid\"")?;
    match &jwk.algorithm {
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
            let key = DecodingKey::from_jwk(jwk).map_err(|_| format!("the key {kid} cannot be read"))?;
            Ok((kid, key))
        }
        _ => Err(format!("the key {kid} is not an Ed25519 key (\"kty\": \"OKP\", \"crv\": \"Ed25519\")")),
    }
}

/// The header of a token signed by the key `kid`.
pub fn header(kid: &str) -> Header {
    Header { kid: Some(kid.to_owned()), ..Header::new(Algorithm::EdDSA) }
}
