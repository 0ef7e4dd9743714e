//! The secret of a deployment, as Secrets Manager keeps it: JSON whose strings template.yaml hands to the functions. It
//! comes in by standard input and leaves by standard output, so that it is never in a file or on a command line.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::config;
use toolbox::tools::Error;

use crate::keys::{self, Keys, Step};

/// What stands in the secret. Its strings are what functions read; what a rotation needs to know is beside them.
#[derive(Serialize, Deserialize)]
struct Secret {
    database_url: String,
    migrate_database_url: String,
    jwt_signing_key: String,
    jwt_public_keys: String,
    refresh_token_keys: String,
    origin_verify: String,
    rotation: Keys,
}

/// A new secret, for a database at these two URLs: as the application's role, and as the owner.
///
/// # Errors
/// A sentence, where a URL is not valid or the machine gives no random numbers.
pub fn make(database_url: &str, migrate_database_url: &str) -> Result<String, Error> {
    for (name, url) in [("DATABASE_URL", database_url), ("MIGRATE_DATABASE_URL", migrate_database_url)] {
        config::database_url(url).map_err(|problem| format!("{name}: {problem}"))?;
    }
    let mut secret = Secret {
        database_url: database_url.to_owned(),
        migrate_database_url: migrate_database_url.to_owned(),
        jwt_signing_key: String::new(),
        jwt_public_keys: String::new(),
        refresh_token_keys: String::new(),
        origin_verify: STANDARD.encode(keys::random()?),
        rotation: Keys::generate()?,
    };
    secret.write_keys()?;
    Ok(serde_json::to_string_pretty(&secret)?)
}

/// A secret after the next step of a rotation of its keys. Where that would sign people out it is refused, unless
/// `sign_out` allows it.
///
/// # Errors
/// A sentence that says what to do.
pub fn rotate(secret: &str, now: DateTime<Utc>, sign_out: bool) -> Result<(String, Step), Error> {
    let help = "standard input is not a secret that `cargo local secrets make` made";
    let mut secret: Secret = serde_json::from_str(secret).map_err(|error| format!("{help}: {error}"))?;
    let step = secret.rotation.step(now, sign_out)?;
    secret.write_keys()?;
    Ok((serde_json::to_string_pretty(&secret)?, step))
}

impl Secret {
    fn write_keys(&mut self) -> Result<(), Error> {
        for (name, value) in self.rotation.environment()? {
            match name {
                "JWT_SIGNING_KEY" => self.jwt_signing_key = value,
                "JWT_PUBLIC_KEYS" => self.jwt_public_keys = value,
                _ => self.refresh_token_keys = value,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeMap;

    use serde_json::Value;

    use super::*;

    const DATABASE: &str = "postgres://red_app:a@db.example/red?sslmode=verify-full";
    const OWNER: &str = "postgres://red:o@db.example/red?sslmode=verify-full";

    fn strings(secret: &str) -> BTreeMap<String, String> {
        let secret: BTreeMap<String, Value> = serde_json::from_str(secret).unwrap();
        let strings = secret.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())));
        strings.collect()
    }

    #[test]
    fn a_secret_has_what_the_template_reads() {
        let secret = strings(&make(DATABASE, OWNER).unwrap());

        let read = crate::platform::TEMPLATE.split(":SecretString:").skip(1);
        for key in read.map(|rest| rest.split(':').next().unwrap()) {
            assert!(secret.contains_key(key), "{key}");
        }
        assert!(secret["origin_verify"].len() >= 32);
    }

    #[test]
    fn a_rotation_changes_the_keys_and_nothing_else() {
        let secret = make(DATABASE, OWNER).unwrap();

        let (published, _) = rotate(&secret, Utc::now(), false).unwrap();
        let (signs, _) = rotate(&published, Utc::now(), false).unwrap();

        let [first, published, signs] = [secret, published, signs].map(|secret| strings(&secret));
        for key in ["database_url", "migrate_database_url", "origin_verify"] {
            assert_eq!([&published[key], &signs[key]], [&first[key]; 2]);
        }
        assert_eq!(published["jwt_signing_key"], first["jwt_signing_key"]);
        assert_ne!(signs["jwt_signing_key"], first["jwt_signing_key"]);
    }

    #[test]
    fn a_database_elsewhere_needs_a_verified_certificate() {
        let error = make("postgres://red_app:geheim@db.example/red", OWNER).unwrap_err().to_string();

        assert!(error.contains("DATABASE_URL") && error.contains("verify-full") && !error.contains("geheim"));
    }
}
