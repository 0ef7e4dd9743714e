//! The environment, read once at start. Every value is checked, all that is wrong is said at once, and each complaint
//! names its variable. Nothing else reads the environment.

use std::{fmt, path::PathBuf, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD};
use jsonwebtoken::{
    Algorithm, EncodingKey,
    jwk::{Jwk, JwkSet, ThumbprintHash},
};
use sqlx::{
    ConnectOptions,
    postgres::{PgConnectOptions, PgSslMode},
};

use crate::{auth::token::Verifier, list};

/// What every function that answers requests reads beside its own.
#[derive(Clone)]
pub struct Edge {
    /// `ORIGIN_VERIFY`: what CloudFront proves itself with. Without it nobody is believed to be CloudFront.
    pub origin_verify: Option<String>,
    /// `PAGE_SIZE`: the rows of a page if the caller names no size, 10 to 100.
    pub page_size: u64,
    /// `WEB_ORIGIN`: the one other origin whose pages may write without their browser's asking first.
    pub web_origin: Option<String>,
}

impl Default for Edge {
    fn default() -> Self {
        Self { origin_verify: None, page_size: list::DEFAULT_PAGE_SIZE, web_origin: None }
    }
}

/// Without the secret.
impl fmt::Debug for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edge").finish_non_exhaustive()
    }
}

/// What a function that only answers from the database reads.
#[derive(Clone)]
pub struct Http {
    /// `DATABASE_URL`
    pub database: PgConnectOptions,
}

/// What the dashboard function reads.
#[derive(Clone)]
pub struct Dashboard {
    /// `DATABASE_URL`
    pub database: PgConnectOptions,
    /// `IMAGE_BASE_URL`: what browsers find photos under, without a trailing slash.
    pub image_base_url: String,
}

/// What a function reads whose e-mails lead to the web application.
#[derive(Clone)]
pub struct WebLinks {
    /// `DATABASE_URL`
    pub database: PgConnectOptions,
    /// `WEB_ORIGIN`: where the web application is, without a trailing slash.
    pub web_origin: String,
}

/// What the hotels function reads.
#[derive(Clone)]
pub struct Hotels {
    /// `DATABASE_URL`
    pub database: PgConnectOptions,
    /// `IMAGE_STORE`: where photos are kept.
    pub image_store: Store,
    /// `IMAGE_BASE_URL`: what browsers find them under, without a trailing slash.
    pub image_base_url: String,
}

/// What the entries function reads.
#[derive(Clone)]
pub struct Entries {
    /// `DATABASE_URL`
    pub database: PgConnectOptions,
    /// `EXPORT_STORE`: where exports that are too large for an answer are put.
    pub export_store: Store,
}

/// Where files are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Store {
    /// `s3://bucket`
    S3 {
        /// Its name.
        bucket: String,
    },
    /// A folder, for the platform on one machine.
    Folder(PathBuf),
}

impl FromStr for Store {
    type Err = String;

    fn from_str(value: &str) -> Result<Self, String> {
        match (value.strip_prefix("s3://"), value.strip_prefix("file://")) {
            (Some(bucket), _) if !bucket.is_empty() && !bucket.contains('/') => {
                Ok(Self::S3 { bucket: bucket.to_owned() })
            }
            (_, Some(path)) if path.starts_with('/') => Ok(Self::Folder(path.into())),
            _ => Err("it must be s3://bucket or file:///folder".to_owned()),
        }
    }
}

/// What the authorizer reads.
#[derive(Clone)]
pub struct Authorizer {
    /// `DATABASE_URL`
    pub database: PgConnectOptions,
    /// `JWT_PUBLIC_KEYS`, `JWT_ISSUER`, `JWT_AUDIENCE`
    pub tokens: Verifier,
}

/// What the auth function reads. It alone holds keys that can make tokens.
#[derive(Clone)]
pub struct Auth {
    /// `DATABASE_URL`
    pub database: PgConnectOptions,
    /// How tokens are made.
    pub tokens: Tokens,
    /// `WEB_ORIGIN`: where the web application is, without a trailing slash.
    pub web_origin: String,
    /// `REGISTRATION`: whether anybody may make an account.
    pub registration: Registration,
    /// `DISPATCHER_FUNCTION`: what sends mail, to be called where somebody waits for one.
    pub dispatcher: DispatcherCall,
}

/// How the dispatcher is called.
#[derive(Clone)]
pub struct DispatcherCall {
    /// `DISPATCHER_FUNCTION`: its name, or its ARN.
    pub function: String,
    /// `AWS_ENDPOINT_URL_LAMBDA`: where Lambda is, if not in AWS.
    pub endpoint: Option<String>,
    /// Whose call it is.
    pub aws: Aws,
}

/// What Lambda tells every function about itself. Elsewhere it may be anything.
#[derive(Clone)]
pub struct Aws {
    /// `AWS_REGION`
    pub region: String,
    /// `AWS_ACCESS_KEY_ID`
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`
    pub secret_access_key: String,
    /// `AWS_SESSION_TOKEN`: in Lambda there is one.
    pub session_token: Option<String>,
}

/// Without the secret and the token.
impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aws").field("region", &self.region).finish_non_exhaustive()
    }
}

/// What the dispatcher reads.
#[derive(Clone)]
pub struct Dispatcher {
    /// `DATABASE_URL`
    pub database: PgConnectOptions,
    /// How it sends.
    pub mail: Mail,
    /// `IMAGE_STORE`: where photos are kept, those included that nobody needs any more.
    pub image_store: Store,
}

/// How mail is sent.
#[derive(Clone, Debug)]
pub struct Mail {
    /// `EMAIL_FROM`: `RED PRODUCT <no-reply@red.example>`
    pub from: String,
    /// `EMAIL_REPLY_TO`: where an answer goes.
    pub reply_to: String,
    /// `SES_CONFIGURATION_SET`: through which SES reports bounces; none is none.
    pub configuration_set: Option<String>,
    /// `EMAIL_RETENTION_DAYS`: how long a mail that is done is kept.
    pub retention_days: u32,
    /// `EMAIL_LEASE_SECONDS`: how long a claim holds, 60 if not given. A send takes a third of it at most.
    pub lease_seconds: u32,
    /// `AWS_ENDPOINT_URL_SESV2`: where SES is, if not in AWS.
    pub endpoint: Option<String>,
    /// Whose mail it is.
    pub aws: Aws,
}

/// Who may make an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// `open`: anybody.
    Open,
    /// `closed`: administrators alone.
    Closed,
}

impl FromStr for Registration {
    type Err = String;

    fn from_str(value: &str) -> Result<Self, String> {
        match value {
            "open" => Ok(Self::Open),
            "closed" => Ok(Self::Closed),
            _ => Err("it must be open or closed".to_owned()),
        }
    }
}

/// How tokens are made.
#[derive(Clone)]
pub struct Tokens {
    /// `JWT_SIGNING_KEY`
    pub signing_key: SigningKey,
    /// `JWT_PUBLIC_KEYS`: a JWK set (RFC 7517) of one or two Ed25519 keys, the signing key's public half among them.
    pub public_keys: JwkSet,
    /// `JWT_ISSUER`
    pub issuer: String,
    /// `JWT_AUDIENCE`
    pub audience: String,
    /// `REFRESH_TOKEN_KEYS`: one or two, the first of which signs.
    pub refresh_keys: Vec<[u8; 32]>,
}

/// What the migrate function reads.
#[derive(Clone)]
pub struct Migrate {
    /// `MIGRATE_DATABASE_URL`: as the owner of the database.
    pub database: PgConnectOptions,
}

impl Edge {
    /// # Errors
    /// Where the variable is wrong.
    pub fn from_env() -> Result<Self, ConfigError> {
        let mut env = Environment::default();
        let origin_verify = env.read_optional("ORIGIN_VERIFY", |value| match value.len() {
            32.. => Ok(value.to_owned()),
            _ => Err("it must have 32 characters or more".to_owned()),
        });
        let page_size = env.read_optional("PAGE_SIZE", page_size);
        let web_origin = env.read("WEB_ORIGIN", origin);
        env.finish(|| {
            Some(Self {
                origin_verify: origin_verify?,
                page_size: page_size?.unwrap_or(list::DEFAULT_PAGE_SIZE),
                web_origin,
            })
        })
    }
}

impl Http {
    /// # Errors
    /// Every variable that is missing or wrong.
    pub fn from_env() -> Result<Self, ConfigError> {
        let mut env = Environment::default();
        let database = env.read_database("DATABASE_URL");
        env.finish(|| Some(Self { database: database? }))
    }
}

impl Dashboard {
    /// # Errors
    /// Every variable that is missing or wrong.
    pub fn from_env() -> Result<Self, ConfigError> {
        let mut env = Environment::default();
        let database = env.read_database("DATABASE_URL");
        let image_base_url = env.read("IMAGE_BASE_URL", base_url);
        env.finish(|| Some(Self { database: database?, image_base_url: image_base_url? }))
    }
}

impl Hotels {
    /// # Errors
    /// Every variable that is missing or wrong.
    pub fn from_env() -> Result<Self, ConfigError> {
        let mut env = Environment::default();
        let database = env.read_database("DATABASE_URL");
        let image_store = env.read("IMAGE_STORE", str::parse);
        let image_base_url = env.read("IMAGE_BASE_URL", base_url);
        env.finish(|| Some(Self { database: database?, image_store: image_store?, image_base_url: image_base_url? }))
    }
}

impl Entries {
    /// # Errors
    /// Every variable that is missing or wrong.
    pub fn from_env() -> Result<Self, ConfigError> {
        let mut env = Environment::default();
        let database = env.read_database("DATABASE_URL");
        let export_store = env.read("EXPORT_STORE", str::parse);
        env.finish(|| Some(Self { database: database?, export_store: export_store? }))
    }
}

impl Authorizer {
    /// # Errors
    /// Every variable that is missing or wrong.
    pub fn from_env() -> Result<Self, ConfigError> {
        let mut env = Environment::default();
        let database = env.read_database("DATABASE_URL");
        let keys = env.read("JWT_PUBLIC_KEYS", public_keys);
        let issuer = env.read("JWT_ISSUER", text);
        let audience = env.read("JWT_AUDIENCE", text);
        env.finish(|| {
            // The keys were checked above; a verifier of them cannot fail.
            Some(Self { database: database?, tokens: Verifier::new(&keys?, &issuer?, &audience?).ok()? })
        })
    }
}

impl Auth {
    /// # Errors
    /// Every variable that is missing or wrong.
    pub fn from_env() -> Result<Self, ConfigError> {
        let mut env = Environment::default();
        let database = env.read_database("DATABASE_URL");
        let public_keys = env.read("JWT_PUBLIC_KEYS", public_keys);
        let signing_key = env.read("JWT_SIGNING_KEY", |value| {
            let key = SigningKey::from_str(value)?;
            match &public_keys {
                Some(keys) if keys.find(&key.id).is_none_or(|public| public.algorithm != key.public.algorithm) => {
                    Err(format!("its public half ({}) is not in JWT_PUBLIC_KEYS", key.id))
                }
                _ => Ok(key),
            }
        });
        let issuer = env.read("JWT_ISSUER", text);
        let audience = env.read("JWT_AUDIENCE", text);
        let refresh_keys = env.read("REFRESH_TOKEN_KEYS", refresh_keys);
        let web_origin = env.read("WEB_ORIGIN", origin);
        let registration = env.read("REGISTRATION", str::parse);
        let function = env.read("DISPATCHER_FUNCTION", text);
        let endpoint = env.read_optional("AWS_ENDPOINT_URL_LAMBDA", base_url);
        let aws = env.read_aws();
        env.finish(|| {
            Some(Self {
                database: database?,
                tokens: Tokens {
                    signing_key: signing_key?,
                    public_keys: public_keys?,
                    issuer: issuer?,
                    audience: audience?,
                    refresh_keys: refresh_keys?,
                },
                web_origin: web_origin?,
                registration: registration?,
                dispatcher: DispatcherCall { function: function?, endpoint: endpoint?, aws: aws? },
            })
        })
    }
}

impl Dispatcher {
    /// # Errors
    /// Every variable that is missing or wrong.
    pub fn from_env() -> Result<Self, ConfigError> {
        let mut env = Environment::default();
        let database = env.read_database("DATABASE_URL");
        let mail = env.read_mail();
        let image_store = env.read("IMAGE_STORE", str::parse);
        env.finish(|| Some(Self { database: database?, mail: mail?, image_store: image_store? }))
    }
}

impl Mail {
    /// # Errors
    /// Every variable that is missing or wrong.
    pub fn from_env() -> Result<Self, ConfigError> {
        let mut env = Environment::default();
        let mail = env.read_mail();
        env.finish(|| mail)
    }
}

impl WebLinks {
    /// # Errors
    /// Every variable that is missing or wrong.
    pub fn from_env() -> Result<Self, ConfigError> {
        let mut env = Environment::default();
        let database = env.read_database("DATABASE_URL");
        let web_origin = env.read("WEB_ORIGIN", origin);
        env.finish(|| Some(Self { database: database?, web_origin: web_origin? }))
    }
}

impl Migrate {
    /// # Errors
    /// Every variable that is missing or wrong.
    pub fn from_env() -> Result<Self, ConfigError> {
        let mut env = Environment::default();
        let database = env.read_database("MIGRATE_DATABASE_URL");
        env.finish(|| Some(Self { database: database? }))
    }
}

/// Far longer than a send may take.
pub const DEFAULT_LEASE_SECONDS: u32 = 60;

/// An Ed25519 key that signs access tokens.
#[derive(Clone)]
pub struct SigningKey {
    /// The `kid`: the thumbprint of the public half (RFC 7638).
    pub id: String,
    /// The private half.
    pub private: EncodingKey,
    /// The public half, as it is published.
    pub public: Jwk,
}

/// A PKCS#8 document (RFC 8410) in base64: what stands between the lines of a PEM file.
impl FromStr for SigningKey {
    type Err = String;

    fn from_str(value: &str) -> Result<Self, String> {
        let help = "it must be an Ed25519 key: the base64 part of `openssl genpkey -algorithm ed25519`";
        let der = STANDARD.decode(value.trim()).map_err(|_| help)?;
        let private = EncodingKey::from_ed_der(&der);
        let mut public = Jwk::from_encoding_key(&private, Algorithm::EdDSA).map_err(|_| help)?;
        let id = public.thumbprint(ThumbprintHash::SHA256).map_err(|_| help)?;
        public.common.key_id = Some(id.clone());
        public.common.public_key_use = Some(jsonwebtoken::jwk::PublicKeyUse::Signature);
        Ok(Self { id, private, public })
    }
}

/// Reads a PostgreSQL URL. On this machine TLS is left out; anywhere else the server's certificate is verified.
///
/// # Errors
/// A sentence that says what to write instead.
pub fn database_url(value: &str) -> Result<PgConnectOptions, String> {
    let help = "it must look like postgres://user:password@host:5432/database";
    if !value.starts_with("postgres://") && !value.starts_with("postgresql://") {
        return Err(help.to_owned());
    }
    let options = PgConnectOptions::from_str(value).map_err(|_| help.to_owned())?;
    let local = matches!(options.get_host(), "localhost" | "127.0.0.1" | "::1" | "[::1]")
        || options.get_host().starts_with('/');
    match (local, options.get_ssl_mode()) {
        // `prefer` costs a round trip to learn that there is no TLS.
        (true, PgSslMode::Prefer) => Ok(options.ssl_mode(PgSslMode::Disable)),
        (true, _) | (false, PgSslMode::VerifyFull) => Ok(options),
        (false, _) => Err("a database on another machine needs ?sslmode=verify-full".to_owned()),
    }
    // A statement may hold what a log must not. PgBouncer refuses the parameter, which is only about numbers as text.
    .map(|options| options.application_name("red-product").disable_statement_logging().extra_float_digits(None))
}

/// A certificate in PEM, made of what stands between its lines: an environment variable is best without line ends.
fn certificate(value: &str) -> Result<Vec<u8>, String> {
    let base64: String = value.split_whitespace().collect();
    match STANDARD.decode(&base64) {
        // A sequence in DER.
        Ok(der) if der.first() == Some(&0x30) => {
            Ok(format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n").into_bytes())
        }
        _ => Err("it must be a certificate: the base64 part of a PEM file".to_owned()),
    }
}

fn public_keys(value: &str) -> Result<JwkSet, String> {
    let keys: JwkSet = serde_json::from_str(value).map_err(|_| {
        "it must be a JWK set: {\"keys\": [{\"kty\": \"OKP\", \"crv\": \"Ed25519\", \"kid\": …, \"x\": …}]}".to_owned()
    })?;
    Verifier::new(&keys, "", "")?;
    Ok(keys)
}

fn refresh_keys(value: &str) -> Result<Vec<[u8; 32]>, String> {
    let key = |key: &str| STANDARD.decode(key.trim()).ok()?.try_into().ok();
    let keys: Option<Vec<_>> = value.split(',').map(key).collect();
    keys.filter(|keys| keys.len() <= 2)
        .ok_or_else(|| "it must be one or two keys of 32 bytes in base64, with a comma between them".to_owned())
}

fn base_url(value: &str) -> Result<String, String> {
    match value.parse::<http::Uri>() {
        Ok(uri)
            if matches!(uri.scheme_str(), Some("http" | "https")) && uri.query().is_none() && !value.ends_with('/') =>
        {
            Ok(value.to_owned())
        }
        _ => Err("it must be a URL without a trailing slash, such as https://red.example/media".to_owned()),
    }
}

fn origin(value: &str) -> Result<String, String> {
    match value.parse::<http::Uri>() {
        Ok(uri)
            if matches!(uri.scheme_str(), Some("http" | "https"))
                && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
                && uri.path_and_query().is_none_or(|path| path == "/")
                && !value.ends_with('/')
                && !value.contains('*') =>
        {
            Ok(value.to_owned())
        }
        _ => Err("it must be an origin without a trailing slash, such as https://red.example".to_owned()),
    }
}

fn page_size(value: &str) -> Result<u64, String> {
    let sizes = list::DEFAULT_PAGE_SIZE..=list::MAX_PAGE_SIZE;
    value
        .parse()
        .ok()
        .filter(|size| sizes.contains(size))
        .ok_or_else(|| "it must be a number from 10 to 100".to_owned())
}

fn positive(value: &str) -> Result<u32, String> {
    value.parse().ok().filter(|number| *number > 0).ok_or_else(|| "it must be a number, 1 or more".to_owned())
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of a reader")]
fn text(value: &str) -> Result<String, String> {
    Ok(value.to_owned())
}

/// What is wrong with the environment.
pub struct ConfigError(Vec<String>);

/// The same as for people: `main` prints this one.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl std::error::Error for ConfigError {}

#[derive(Default)]
struct Environment {
    problems: Vec<String>,
}

impl Environment {
    fn read<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let parsed = match std::env::var(name) {
            Ok(value) if !value.trim().is_empty() => parse(value.trim()),
            Ok(_) | Err(std::env::VarError::NotPresent) => Err("it is not set".to_owned()),
            Err(std::env::VarError::NotUnicode(_)) => Err("it is not UTF-8".to_owned()),
        };
        parsed.map_err(|problem| self.problems.push(format!("{name}: {problem}"))).ok()
    }

    /// A variable that may be missing or empty.
    fn read_optional<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<Option<T>> {
        match std::env::var(name) {
            Ok(value) if value.trim().is_empty() => Some(None),
            Err(std::env::VarError::NotPresent) => Some(None),
            _ => self.read(name, parse).map(Some),
        }
    }

    /// The URL in `name`, and `DATABASE_CA` where the server's certificate is by an authority of its own.
    fn read_database(&mut self, name: &str) -> Option<PgConnectOptions> {
        let database = self.read(name, database_url);
        let authority = self.read_optional("DATABASE_CA", certificate);
        match (database?, authority?) {
            (database, Some(pem)) => Some(database.ssl_root_cert_from_pem(pem)),
            (database, None) => Some(database),
        }
    }

    fn read_aws(&mut self) -> Option<Aws> {
        let region = self.read("AWS_REGION", text);
        let access_key_id = self.read("AWS_ACCESS_KEY_ID", text);
        let secret_access_key = self.read("AWS_SECRET_ACCESS_KEY", text);
        let session_token = self.read_optional("AWS_SESSION_TOKEN", text);
        Some(Aws {
            region: region?,
            access_key_id: access_key_id?,
            secret_access_key: secret_access_key?,
            session_token: session_token?,
        })
    }

    fn read_mail(&mut self) -> Option<Mail> {
        let from = self.read("EMAIL_FROM", text);
        let reply_to = self.read("EMAIL_REPLY_TO", text);
        let configuration_set = self.read_optional("SES_CONFIGURATION_SET", text);
        let retention_days = self.read("EMAIL_RETENTION_DAYS", positive);
        let lease_seconds = self.read_optional("EMAIL_LEASE_SECONDS", positive);
        let endpoint = self.read_optional("AWS_ENDPOINT_URL_SESV2", base_url);
        let aws = self.read_aws();
        Some(Mail {
            from: from?,
            reply_to: reply_to?,
            configuration_set: configuration_set?,
            retention_days: retention_days?,
            lease_seconds: lease_seconds?.unwrap_or(DEFAULT_LEASE_SECONDS),
            endpoint: endpoint?,
            aws: aws?,
        })
    }

    fn finish<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, ConfigError> {
        build().filter(|_| self.problems.is_empty()).ok_or(ConfigError(self.problems))
    }
}

#[cfg(test)]
mod tests {
    use super::page_size;

    #[test]
    fn a_page_size_is_a_number_from_10_to_100() {
        for (value, size) in [("10", 10), ("25", 25), ("100", 100)] {
            assert_eq!(page_size(value), Ok(size));
        }
        for value in ["", "0", "9", "101", "-10", "10.0", "ten", "99999999999999999999"] {
            assert!(page_size(value).is_err(), "{value}");
        }
    }
}
