//! Rows, requests, responses, and what makes them valid.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use shared::{
    auth::password::{Attribute, faults},
    error::{ApiError, FieldErrors},
    extract::Versioned,
    fields::{self, Field, Fields, FromFields},
    list::Filter,
    openapi::Shape,
    query::Filters,
    text::{self, Text},
};
use utoipa::ToSchema;

shared::choices!(
    /// A language of the product.
    LANGUAGES as Language = ["fr", "en"]
);

/// An account.
#[derive(Debug, Serialize, sqlx::FromRow, ToSchema)]
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

impl User {
    /// The language of the mails to them.
    pub(crate) fn reads(&self) -> text::Language {
        text::Language::from_code(&self.language)
    }
}

impl Versioned for User {
    fn version(&self) -> i64 {
        self.version
    }
}

/// The public data of a person.
#[derive(Debug, Serialize, sqlx::FromRow, ToSchema)]
pub(crate) struct Person {
    pub id: i64,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
}

/// A new account.
pub(crate) struct NewUser {
    pub changes: UserChanges,
    /// Whether a link to choose a password is mailed. Only then there may be none yet.
    pub invite: bool,
}

impl FromFields for NewUser {
    const EXAMPLE: &'static str = r#"{ "email": "awa.diop@example.sn", "password": "Teranga-2026-Dakar", "first_name": "Awa", "last_name": "Diop" }"#;

    fn from_fields(fields: &mut Fields) -> Self {
        let invite = fields.optional("invite", fields::boolean()).unwrap_or_default();
        let password = fields.optional("password", password());
        if !invite && !fields.contains("password") {
            fields.fault("password", Text::Required);
        }
        let changes = UserChanges::read(fields, password);
        if invite && changes.is_active == Some(false) {
            fields.fault(
                "invite",
                Text::Own {
                    fr: "Un compte désactivé ne peut pas être invité.",
                    en: "An account that is not active cannot be invited.",
                },
            );
        }
        Self { changes, invite }
    }
}

/// What an administrator says of an account. What they leave out stays, or has the default of a new one.
#[derive(Default)]
pub(crate) struct UserChanges {
    /// As it was typed, except for the spelling of its domain.
    pub email: Option<String>,
    pub password: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub phone: Option<String>,
    pub language: Option<String>,
    pub ticket_mail: Option<bool>,
    pub is_admin: Option<bool>,
    pub is_active: Option<bool>,
}

impl FromFields for UserChanges {
    const EXAMPLE: &'static str =
        r#"{ "email": "awa.diop@example.sn", "first_name": "Awa", "last_name": "Diop", "is_active": true }"#;

    fn from_fields(fields: &mut Fields) -> Self {
        let password = fields.optional("password", password());
        Self::read(fields, password)
    }
}

impl UserChanges {
    fn read(fields: &mut Fields, password: Option<String>) -> Self {
        let changes = Self {
            email: fields.required("email", fields::account_email()),
            password,
            first_name: fields.optional("first_name", fields::name_or_blank(150)),
            last_name: fields.optional("last_name", fields::name_or_blank(150)),
            phone: fields.optional("phone", fields::phone()),
            language: fields.optional("language", fields::choice(LANGUAGES)),
            ticket_mail: fields.optional("ticket_mail", fields::boolean()),
            is_admin: fields.optional("is_admin", fields::boolean()),
            is_active: fields.optional("is_active", fields::boolean()),
        };
        for fault in changes.password_faults(None) {
            fields.fault("password", fault);
        }
        changes
    }

    /// What the new password, if there is one, resembles of the account as it was must be known too.
    ///
    /// # Errors
    /// 400 with everything that is wrong with the password.
    pub(crate) fn check_password(&self, before: &User) -> Result<(), ApiError> {
        let mut errors = FieldErrors::default();
        for fault in self.password_faults(Some(before)) {
            errors.add("password", fault);
        }
        if errors.is_empty() { Ok(()) } else { Err(ApiError::Invalid(errors)) }
    }

    fn password_faults(&self, before: Option<&User>) -> Vec<Text> {
        let Some(password) = &self.password else { return Vec::new() };
        let now = |change: &'_ Option<String>, stored: fn(&User) -> &String| {
            change.clone().or_else(|| before.map(stored).cloned()).unwrap_or_default()
        };
        let (email, first_name, last_name) = (
            now(&self.email, |user| &user.email),
            now(&self.first_name, |user| &user.first_name),
            now(&self.last_name, |user| &user.last_name),
        );
        let attributes =
            [Attribute::email(&email), Attribute::first_name(&first_name), Attribute::last_name(&last_name)];
        faults(password, &attributes)
    }
}

fn password() -> Field<impl Fn(&Value) -> Result<String, Text>> {
    let shape = || json!({ "type": "string", "format": "password", "minLength": 8, "maxLength": 128 });
    fields::verbatim().shaped(Shape::Other(shape)).and(|password: String| match password.as_str() {
        "" => Err(Text::Blank),
        _ => Ok(password),
    })
}

/// What the list can be asked for.
#[derive(Debug)]
pub(crate) struct UserFilter {
    pub is_admin: Option<bool>,
    pub is_active: Option<bool>,
}

impl Filter for UserFilter {
    const ORDERINGS: &'static [(&'static str, &'static str)] = &[
        ("email", "fold(email)"),
        ("first_name", "fold(first_name)"),
        ("last_name", "fold(last_name)"),
        ("created_at", "created_at"),
    ];
    const SEARCH: &'static str = "search";
    const SEARCHES_PHONES: bool = true;

    fn read(filters: &mut Filters<'_>) -> Self {
        Self { is_admin: filters.boolean("is_admin"), is_active: filters.boolean("is_active") }
    }
}

/// The directory is ordered like the list, and searched in what it shows. It does not tell who is an administrator.
#[derive(Debug)]
pub(crate) struct DirectoryFilter;

impl Filter for DirectoryFilter {
    const ORDERINGS: &'static [(&'static str, &'static str)] = UserFilter::ORDERINGS;
    const SEARCH: &'static str = "directory_search";

    fn read(_: &mut Filters<'_>) -> Self {
        Self
    }
}
