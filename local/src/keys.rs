//! The keys of a platform on one machine: made once, kept in a file that only its owner can read.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use jsonwebtoken::jwk::JwkSet;
use serde::{Deserialize, Serialize};
use shared::config::SigningKey;

use toolbox::tools::Error;

/// What the auth function signs with. In AWS the same values are parameters of the deployment.
#[derive(Clone, Serialize, Deserialize)]
pub struct Keys {
    /// Ed25519, PKCS#8, base64: `JWT_SIGNING_KEY`.
    jwt_signing_key: String,
    /// 32 bytes, base64, the first of which signs: `REFRESH_TOKEN_KEYS`.
    refresh_token_keys: Vec<String>,
}

impl Keys {
    /// New keys from the machine's randomness.
    ///
    /// # Errors
    /// Where there is none.
    pub fn generate() -> Result<Self, Error> {
        // An Ed25519 key in PKCS#8 (RFC 8410, section 7) is this and the 32 bytes of the seed.
        const PKCS8: [u8; 16] = *b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
        Ok(Self {
            jwt_signing_key: STANDARD.encode([PKCS8.as_slice(), &random()?].concat()),
            refresh_token_keys: vec![STANDARD.encode(random()?)],
        })
    }

    /// The keys in `file`, made now if there is none.
    ///
    /// # Errors
    /// Where the file cannot be read or written, or is none of ours.
    pub fn load_or_generate(file: &Path) -> Result<Self, Error> {
        match fs::read(file) {
            Ok(json) => serde_json::from_slice(&json)
                .map_err(|error| format!("{}: {error}; delete it to get new keys", file.display()).into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let keys = Self::generate()?;
                // Written beside it and renamed, so that an interruption leaves no half of a file.
                let partial = file.with_extension("new");
                let options = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).clone();
                options.open(&partial)?.write_all(&serde_json::to_vec_pretty(&keys)?)?;
                fs::rename(partial, file)?;
                Ok(keys)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The key that signs access tokens.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn signing_key(&self) -> Result<SigningKey, Error> {
        Ok(self.jwt_signing_key.parse()?)
    }

    /// The public keys that are valid now.
    ///
    /// # Errors
    /// Where the signing key cannot be read.
    pub fn public_keys(&self) -> Result<JwkSet, Error> {
        Ok(JwkSet { keys: vec![self.signing_key()?.public] })
    }

    /// The same as the variables that functions read in AWS. Two of the values are secret: never print them.
    ///
    /// # Errors
    /// Where the signing key cannot be read.
    pub fn environment(&self) -> Result<[(&'static str, String); 3], Error> {
        Ok([
            ("JWT_SIGNING_KEY", self.jwt_signing_key.clone()),
            ("JWT_PUBLIC_KEYS", serde_json::to_string(&self.public_keys()?)?),
            ("REFRESH_TOKEN_KEYS", self.refresh_token_keys.join(",")),
        ])
    }

    /// The keys of refresh tokens.
    ///
    /// # Errors
    /// Where one is not 32 bytes in base64.
    pub fn refresh_keys(&self) -> Result<Vec<[u8; 32]>, Error> {
        let key = |key: &String| {
            let bytes = STANDARD.decode(key)?;
            bytes.try_into().map_err(|_| Error::from("a refresh token key must have 32 bytes"))
        };
        self.refresh_token_keys.iter().map(key).collect()
    }
}

fn random() -> Result<[u8; 32], Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| format!("the machine gives no random numbers: {error}"))?;
    Ok(bytes)
}
