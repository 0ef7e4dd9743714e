//! Rows, requests, responses, and what makes them valid.

use crate::tokens::{AccessToken, RefreshToken};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use shared::{
    auth::password::{Attribute, faults},
    extract::Versioned,
    fields::{self, Field, Fields, FromFields},
    list::Filter,
    openapi::Shape,
    query::Filters,
    text::Text,
};
use utoipa::ToSchema;

shared::choices!(
    /// A language of the product.
    LANGUAGES as Language = ["fr", "en"]
);

/// An account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct User {
    pub id: i64,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub phone: String,
    #[schema(value_type = Language)]
    pub language: String,
    /// Whether they get e-mails about tickets, if they are an administrator.
    pub ticket_mail: bool,
    pub is_admin: bool,
    pub is_active: bool,
    #[serde(serialize_with = "shared::format::rfc3339")]
    pub created_at: DateTime<Utc>,
    #[serde(serialize_with = "shared::format::rfc3339")]
    pub updated_at: DateTime<Utc>,
    #[serde(skip)]
    pub version: i64,
}

impl Versioned for User {
    fn version(&self) -> i64 {
        self.version
    }
}

/// The answer to a registration and to a sign-in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignedIn {
    #[serde(flatten)]
    pub access: AccessToken,
    #[serde(flatten)]
    pub refresh: RefreshToken,
    pub user: User,
}

/// The tokens of a sign-in, under the names of simplejwt.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokenPair {
    pub access: String,
    pub refresh: String,
}

/// The answer to a refresh. A new refresh token comes only with a rotation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Refreshed {
    #[serde(flatten)]
    pub access: AccessToken,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub refresh: Option<String>,
}

/// A new account.
pub(crate) struct Registration {
    pub email: String,
    pub password: String,
    pub first_name: String,
    pub last_name: String,
    pub phone: String,
}

impl FromFields for Registration {
    const DESCRIPTION: Option<&'static str> = Some("A new account.");
    const EXAMPLE: &'static str = r#"{ "email": "awa.diop@example.sn", "password": "Teranga-2026-Dakar", "first_name": "Awa", "last_name": "Diop" }"#;

    fn from_fields(fields: &mut Fields) -> Self {
        let registration = Self {
            email: fields.required("email", fields::account_email()).unwrap_or_default(),
            password: fields.required("password", new_password()).unwrap_or_default(),
            first_name: fields.optional("first_name", fields::name_or_blank(150)).unwrap_or_default(),
            last_name: fields.optional("last_name", fields::name_or_blank(150)).unwrap_or_default(),
            phone: fields.optional("phone", fields::phone()).unwrap_or_default(),
        };
        if !registration.password.is_empty() {
            let attributes = [
                Attribute::email(&registration.email),
                Attribute::first_name(&registration.first_name),
                Attribute::last_name(&registration.last_name),
            ];
            for fault in faults(&registration.password, &attributes) {
                fields.fault("password", fault);
            }
        }
        let repeated = fields.optional("password2", fields::verbatim().shaped(Shape::Other(new_password_schema)));
        if !registration.password.is_empty() && repeated.is_some_and(|repeated| repeated != registration.password) {
            fields.fault(
                "password",
                Text::Own { fr: "Les mots de passe ne correspondent pas", en: "The passwords do not match" },
            );
        }
        registration
    }
}

/// What can be said of a new password without its account. The rest is said by the handler, unless another field is
/// missing.
fn judge(fields: &mut Fields, name: &str, new: &str) {
    if !new.is_empty() {
        for fault in faults(new, &[]) {
            fields.fault(name, fault);
        }
    }
}

/// A password that is compared with the stored one, which may be of an older platform.
fn password() -> Field<impl Fn(&Value) -> Result<String, Text>> {
    let shape = || json!({ "type": "string", "format": "password", "minLength": 1 });
    fields::verbatim().shaped(Shape::Other(shape)).and(|password: String| match password.as_str() {
        "" => Err(Text::Blank),
        _ => Ok(password),
    })
}

/// A password that is to be set. [`faults`] says what is wrong with it.
fn new_password() -> Field<impl Fn(&Value) -> Result<String, Text>> {
    password().shaped(Shape::Other(new_password_schema))
}

fn new_password_schema() -> Value {
    json!({ "type": "string", "format": "password", "minLength": 8, "maxLength": 128 })
}

/// Whatever is given instead of an address or a password is wrong, not invalid: there is one answer for all of it.
pub(crate) struct Credentials {
    pub email: String,
    pub password: String,
}

impl FromFields for Credentials {
    const DESCRIPTION: Option<&'static str> = Some("The e-mail address and the password of an account.");
    const EXAMPLE: &'static str = r#"{ "email": "awa.diop@example.sn", "password": "Teranga-2026-Dakar" }"#;

    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            email: fields.required("email", fields::text(usize::MAX)).unwrap_or_default(),
            password: fields.required("password", password()).unwrap_or_default(),
        }
    }
}

/// The same for simplejwt's own path, which calls the address a user name.
pub(crate) struct TokenCredentials(pub Credentials);

impl FromFields for TokenCredentials {
    const DESCRIPTION: Option<&'static str> = Some("The same credentials under the names of the legacy API.");
    const EXAMPLE: &'static str = r#"{ "username": "awa.diop@example.sn", "password": "Teranga-2026-Dakar" }"#;

    fn from_fields(fields: &mut Fields) -> Self {
        let name = fields.either("username", "email", Shape::Text { min: 1, max: usize::MAX });
        Self(Credentials {
            email: fields.required(name, fields::text(usize::MAX)).unwrap_or_default(),
            password: fields.required("password", password()).unwrap_or_default(),
        })
    }
}

/// A request for a new access token.
pub(crate) struct Refresh {
    pub token: String,
    pub rotate: bool,
}

impl FromFields for Refresh {
    const DESCRIPTION: Option<&'static str> = Some("The session to refresh.");
    const EXAMPLE: &'static str = r#"{ "refresh_token": "AAAA", "rotate": true }"#;

    fn from_fields(fields: &mut Fields) -> Self {
        let name = refresh_field(fields);
        Self {
            token: fields.required(name, fields::text(usize::MAX)).unwrap_or_default(),
            rotate: fields.optional("rotate", fields::boolean()).unwrap_or_default(),
        }
    }
}

/// A request to end a session. It is granted whatever the token is.
pub(crate) struct LogOut {
    pub token: Option<String>,
}

impl FromFields for LogOut {
    const DESCRIPTION: Option<&'static str> = Some("The session to end.");
    const EXAMPLE: &'static str = r#"{ "refresh_token": "AAAA" }"#;

    fn from_fields(fields: &mut Fields) -> Self {
        let text = Field::new(Shape::Text { min: 0, max: usize::MAX }, |value| Ok(value.as_str().map(str::to_owned)));
        let name = refresh_field(fields);
        Self { token: fields.nullable(name, text).flatten() }
    }
}

/// The token is read under either of the names under which it was given out.
fn refresh_field(fields: &mut Fields) -> &'static str {
    fields.either("refresh_token", "refresh", Shape::Text { min: 0, max: usize::MAX })
}

/// What people change of their own account.
pub(crate) struct ProfileChanges {
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub phone: Option<String>,
    pub language: Option<String>,
    pub ticket_mail: Option<bool>,
}

impl FromFields for ProfileChanges {
    const EXAMPLE: &'static str = r#"{ "phone": "+221 77 123 45 67", "language": "fr" }"#;

    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            first_name: fields.optional("first_name", fields::name_or_blank(150)),
            last_name: fields.optional("last_name", fields::name_or_blank(150)),
            phone: fields.optional("phone", fields::phone()),
            language: fields.optional("language", fields::choice(LANGUAGES)),
            ticket_mail: fields.optional("ticket_mail", fields::boolean()),
        }
    }
}

/// What a sign-in is checked against.
pub(crate) struct Account {
    pub user: User,
    pub password: String,
}

/// An account, as it is selected.
pub(crate) struct AccountRow {
    pub id: i64,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub phone: String,
    pub language: String,
    pub ticket_mail: bool,
    pub is_admin: bool,
    pub is_active: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i64,
    pub password: String,
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        Self {
            password: row.password,
            user: User {
                id: row.id,
                email: row.email,
                first_name: row.first_name,
                last_name: row.last_name,
                phone: row.phone,
                language: row.language,
                ticket_mail: row.ticket_mail,
                is_admin: row.is_admin,
                is_active: row.is_active,
                created_at: row.created_at,
                updated_at: row.updated_at,
                version: row.version,
            },
        }
    }
}

/// A new password in the place of the current one.
pub(crate) struct PasswordChange {
    pub current: String,
    pub new: String,
}

impl FromFields for PasswordChange {
    const DESCRIPTION: Option<&'static str> = Some("The present and the new password.");
    const EXAMPLE: &'static str =
        r#"{ "current_password": "Teranga-2026-Dakar", "new_password": "Teranga-2026-Thies" }"#;

    fn from_fields(fields: &mut Fields) -> Self {
        let current = fields.required("current_password", password());
        let new = fields.required("new_password", new_password()).unwrap_or_default();
        if current.is_none() {
            judge(fields, "new_password", &new);
        }
        Self { current: current.unwrap_or_default(), new }
    }
}

/// Somebody who forgot their password.
pub(crate) struct ForgottenPassword {
    pub email: String,
}

impl FromFields for ForgottenPassword {
    const DESCRIPTION: Option<&'static str> = Some("The address that a link is sent to.");
    const EXAMPLE: &'static str = r#"{ "email": "awa.diop@example.sn" }"#;

    fn from_fields(fields: &mut Fields) -> Self {
        Self { email: fields.required("email", fields::email()).unwrap_or_default() }
    }
}

/// The same answer for every e-mail address.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResetRequested {
    /// A sentence in the caller's language.
    pub detail: String,
    /// The same as `detail`, for clients of the legacy API.
    pub message: String,
}

/// A new password by a link.
pub(crate) struct NewPassword {
    pub token: String,
    pub password: String,
}

impl FromFields for NewPassword {
    const DESCRIPTION: Option<&'static str> = Some("A new password, and the token that allows it.");
    const EXAMPLE: &'static str = r#"{ "token": "AAAA", "password": "Teranga-2026-Thies" }"#;

    fn from_fields(fields: &mut Fields) -> Self {
        let token = fields.required("token", fields::text(usize::MAX));
        let password = fields.required("password", new_password()).unwrap_or_default();
        if token.is_none() {
            judge(fields, "password", &password);
        }
        Self { token: token.unwrap_or_default(), password }
    }
}

/// A live session of the caller.
#[derive(Debug, Serialize, sqlx::FromRow, ToSchema)]
pub(crate) struct SessionRow {
    pub id: i64,
    #[serde(serialize_with = "shared::format::rfc3339")]
    pub created_at: DateTime<Utc>,
    /// When its tokens were last refreshed.
    #[serde(serialize_with = "shared::format::rfc3339")]
    pub last_used_at: DateTime<Utc>,
    /// What the client says that it is.
    pub user_agent: String,
    /// The IP address of the sign-in.
    pub ip: Option<String>,
    /// Whether this request belongs to the session.
    pub is_current: bool,
}

/// What the list of sessions can be asked for.
#[derive(Debug)]
pub(crate) struct SessionFilter;

impl Filter for SessionFilter {
    const ORDERINGS: &'static [(&'static str, &'static str)] =
        &[("created_at", "created_at"), ("last_used_at", "last_used_at")];
    const SEARCH: &'static str = "fold(user_agent)";

    fn read(_: &mut Filters<'_>) -> Self {
        Self
    }
}

/// Where a session stands that did not simply accept its refresh token.
pub(crate) struct Session {
    pub user_id: i64,
    pub generation: i32,
    pub is_active: bool,
    pub is_revoked: bool,
    pub is_expired: bool,
    /// The rotation that retired the token was less than ten seconds ago.
    pub just_rotated: bool,
}

/// The device that begins a session.
pub(crate) struct Device<'a> {
    pub session_id: i64,
    pub user_agent: &'a str,
    pub ip: Option<String>,
}
