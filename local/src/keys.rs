//! The keys of a platform on one machine: made once, kept in a file that only its owner can read, and replaced in two
//! steps. A new key is published before it signs, so that whoever checks tokens knows it by then; the old one is valid
//! for one rotation more, so that nobody is signed out. Never are more than two live.

use std::{
    fmt,
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use serde::{Deserialize, Serialize};
use shared::config::SigningKey;

use toolbox::tools::Error;

/// How long the longest-lived token lives, which is a refresh token.
const TOKEN_LIFE: TimeDelta = TimeDelta::days(7);

/// What the auth function signs with. In AWS the same values are parameters of the deployment.
#[derive(Clone, Serialize, Deserialize)]
pub struct Keys {
    /// Ed25519, PKCS#8, base64: `JWT_SIGNING_KEY`.
    jwt_signing_key: String,
    /// One or two of 32 bytes, base64, the first of which signs: `REFRESH_TOKEN_KEYS`.
    refresh_token_keys: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    second: Option<Second>,
}

/// The public key that is live beside the signing one. The second refresh token key is of the same age.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Second {
    /// It is published, and signs after the next step.
    Next { jwt_signing_key: String },
    /// It signed until then. Its private half is gone.
    Previous { public_key: Box<Jwk>, until: DateTime<Utc> },
}

/// What a step of a rotation did. Keys are named by their `kid`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The first: a new key is published beside the one that signs.
    Published {
        /// The new key.
        next: String,
        /// The one that signs.
        signing: String,
        /// The one that signed before that, if there was one: its tokens hold no more.
        retired: Option<String>,
    },
    /// The second: the published key signs, and what the old one signed still holds.
    Signs {
        /// The key that signs now.
        signing: String,
        /// The one that did.
        previous: String,
    },
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Published { next, signing, retired } => {
                write!(f, "step 1 of 2: the key {next} is published; {signing} signs as before")?;
                match retired {
                    Some(retired) => write!(f, "; tokens of {retired} hold no more"),
                    None => Ok(()),
                }
            }
            Self::Signs { signing, previous } => {
                write!(f, "step 2 of 2: the key {signing} signs; tokens of {previous} still hold")
            }
        }
    }
}

impl Keys {
    /// New keys from the machine's randomness.
    ///
    /// # Errors
    /// Where there is none.
    pub fn generate() -> Result<Self, Error> {
        let refresh_token_keys = vec![STANDARD.encode(random()?)];
        Ok(Self { jwt_signing_key: new_signing_key()?, refresh_token_keys, second: None })
    }

    /// The keys in `file`, if there is one.
    ///
    /// # Errors
    /// Where the file cannot be read, or is none of ours.
    pub fn load(file: &Path) -> Result<Option<Self>, Error> {
        match fs::read(file) {
            Ok(json) => serde_json::from_slice(&json)
                .map(Some)
                .map_err(|error| format!("{}: {error}; delete it to get new keys", file.display()).into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("cannot read {}: {error}", file.display()).into()),
        }
    }

    /// The same, made now if there is none.
    ///
    /// # Errors
    /// Where the file cannot be read or written, or is none of ours.
    pub fn load_or_generate(file: &Path) -> Result<Self, Error> {
        if let Some(keys) = Self::load(file)? {
            return Ok(keys);
        }
        let keys = Self::generate()?;
        keys.save(file)?;
        Ok(keys)
    }

    /// Written beside it and renamed, so that an interruption leaves no half of a file.
    fn save(&self, file: &Path) -> Result<(), Error> {
        let partial = file.with_extension(format!("{}.new", std::process::id()));
        // Of a process that was killed, and had the same id.
        let _ = fs::remove_file(&partial);
        let mut written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial)?;
        written.write_all(&serde_json::to_vec_pretty(self)?)?;
        written.sync_all()?;
        Ok(fs::rename(partial, file)?)
    }

    /// The next step of a rotation. Tokens of the key before the one that signs hold no more after it.
    ///
    /// # Errors
    /// Where the machine gives no randomness, or a key cannot be read.
    pub fn rotate(&mut self, now: DateTime<Utc>) -> Result<Step, Error> {
        let signing = self.signing_key()?;
        if let Some(Second::Next { jwt_signing_key }) = &self.second {
            self.jwt_signing_key = jwt_signing_key.clone();
            self.refresh_token_keys.reverse();
            let step = Step::Signs { signing: self.signing_key()?.id, previous: signing.id };
            self.second = Some(Second::Previous { public_key: Box::new(signing.public), until: now });
            return Ok(step);
        }
        let next = new_signing_key()?;
        let retired = match &self.second {
            Some(Second::Previous { public_key, .. }) => public_key.common.key_id.clone(),
            _ => None,
        };
        let step = Step::Published { next: next.parse::<SigningKey>()?.id, signing: signing.id, retired };
        self.refresh_token_keys.truncate(1);
        self.refresh_token_keys.push(STANDARD.encode(random()?));
        self.second = Some(Second::Next { jwt_signing_key: next });
        Ok(step)
    }

    /// The same, refused where it would sign people out, unless `sign_out` allows that.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub fn step(&mut self, now: DateTime<Utc>, sign_out: bool) -> Result<Step, Error> {
        if let Some(until) = self.needed_until().filter(|until| now < *until && !sign_out) {
            let until = until.format("%Y-%m-%d %H:%M");
            return Err(format!(
                "the last rotation is too recent: somebody may be signed in by a token of the key before. \
                 Wait until {until} UTC, or sign those people out with --sign-out"
            )
            .into());
        }
        self.rotate(now)
    }

    /// Until when somebody may have a token that the next step of a rotation would make invalid.
    pub fn needed_until(&self) -> Option<DateTime<Utc>> {
        match self.second {
            Some(Second::Previous { until, .. }) => Some(until + TOKEN_LIFE),
            _ => None,
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
        let second = match &self.second {
            Some(Second::Next { jwt_signing_key }) => Some(jwt_signing_key.parse::<SigningKey>()?.public),
            Some(Second::Previous { public_key, .. }) => Some((**public_key).clone()),
            None => None,
        };
        Ok(JwkSet { keys: [self.signing_key()?.public].into_iter().chain(second).collect() })
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

/// Takes the next step of a rotation of the keys in `file`. Where that would sign people out it is refused, unless
/// `sign_out` allows it.
///
/// # Errors
/// A sentence that says what to do.
pub fn rotate(file: &Path, now: DateTime<Utc>, sign_out: bool) -> Result<Step, Error> {
    let mut keys = Keys::load(file)?.ok_or("there are no keys yet: `cargo local up` makes them")?;
    let step = keys.step(now, sign_out)?;
    keys.save(file)?;
    Ok(step)
}

/// An Ed25519 key in PKCS#8 (RFC 8410, section 7), which is a constant and the 32 bytes of the seed.
fn new_signing_key() -> Result<String, Error> {
    const PKCS8: [u8; 16] = *b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
    Ok(STANDARD.encode([PKCS8.as_slice(), &random()?].concat()))
}

pub(crate) fn random() -> Result<[u8; 32], Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| format!("the machine gives no random numbers: {error}"))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::{fs::Permissions, os::unix::fs::PermissionsExt, path::PathBuf};

    use super::*;

    /// A folder that is gone after the test.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("red-keys-{}-{name}", std::process::id()));
            fs::create_dir_all(&folder).unwrap();
            Self(folder)
        }

        fn file(&self) -> PathBuf {
            self.0.join("keys.json")
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn kids(keys: &Keys) -> Vec<String> {
        keys.public_keys().unwrap().keys.into_iter().filter_map(|key| key.common.key_id).collect()
    }

    #[test]
    fn a_rotation_has_two_steps_and_never_more_than_two_live_keys() {
        let mut keys = Keys::generate().unwrap();
        let mut seen = vec![(kids(&keys), keys.refresh_keys().unwrap())];
        for _ in 0..4 {
            keys.rotate(Utc::now()).unwrap();
            assert_eq!(keys.signing_key().unwrap().id, kids(&keys)[0]);
            seen.push((kids(&keys), keys.refresh_keys().unwrap()));
        }

        let [(a, ra), (b, rb), (c, rc), (d, rd), (e, re)] = &seen[..] else { unreachable!() };
        assert_eq!((a.len(), b.len(), c.len(), d.len(), e.len()), (1, 2, 2, 2, 2));
        assert_eq!((&a[0], [&c[1], &c[0]], &c[0], [&e[1], &e[0]]), (&b[0], [&b[0], &b[1]], &d[0], [&d[0], &d[1]]));
        assert_eq!((ra[0], [rc[1], rc[0]], rc[0], [re[1], re[0]]), (rb[0], [rb[0], rb[1]], rd[0], [rd[0], rd[1]]));
        assert!(!d.contains(&a[0]) && !rd.contains(&ra[0]));
    }

    #[test]
    fn the_file_is_private_and_holds_what_was_made_of_an_old_one() {
        let folder = Folder::new("private");
        let keys = Keys::load_or_generate(&folder.file()).unwrap();
        // As a careless copy would leave it.
        fs::set_permissions(folder.file(), Permissions::from_mode(0o644)).unwrap();

        let step = rotate(&folder.file(), Utc::now(), false).unwrap();

        assert_eq!(fs::metadata(folder.file()).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);
        let rotated = Keys::load_or_generate(&folder.file()).unwrap();
        let [signing, next] = &kids(&rotated)[..] else { unreachable!() };
        assert_eq!(step, Step::Published { next: next.clone(), signing: signing.clone(), retired: None });
        assert_eq!(*signing, keys.signing_key().unwrap().id);
    }

    #[test]
    fn a_rotation_that_would_sign_people_out_waits_for_the_life_of_their_tokens() {
        let folder = Folder::new("waits");
        let now = Utc::now();
        assert!(rotate(&folder.file(), now, false).is_err());
        Keys::load_or_generate(&folder.file()).unwrap();
        rotate(&folder.file(), now, false).unwrap();
        let Step::Signs { previous, .. } = rotate(&folder.file(), now, false).unwrap() else { unreachable!() };
        let live = || kids(&Keys::load(&folder.file()).unwrap().unwrap());

        let refused = rotate(&folder.file(), now + TOKEN_LIFE - TimeDelta::seconds(1), false);
        assert!(refused.unwrap_err().to_string().contains("--sign-out"));
        assert!(live().contains(&previous));

        let step = rotate(&folder.file(), now + TOKEN_LIFE, false).unwrap();
        assert!(matches!(step, Step::Published { retired: Some(retired), .. } if retired == previous));
        assert!(!live().contains(&previous));
        rotate(&folder.file(), now + TOKEN_LIFE, false).unwrap();
        rotate(&folder.file(), now + TOKEN_LIFE, true).unwrap();
    }
}
