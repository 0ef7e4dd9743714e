//! Descriptions that are said once: of properties that mean the same in every schema, and of bodies, whose properties mean
//! what those of their row do. A schema's own description comes first.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// What a property of this name is in every schema that does not describe it.
const PROPERTIES: &[(&str, &str)] = &[
    ("access", "An access token, valid for an hour."),
    ("access_token", "The access token, also named `access`."),
    ("code", "A code for the reason, which does not depend on the language."),
    ("created_at", "When it was created."),
    ("current_password", "The password that the account has now."),
    ("data", "The answers by the names of the form's fields."),
    ("detail", "The reason in the caller's language."),
    ("email", "The e-mail address of the account."),
    ("fields", "The form's fields in their order."),
    ("first_name", "The person's first name."),
    ("form", "The id of the form."),
    ("from", "The value before the change."),
    ("id", "The id of the row."),
    ("invite", "Whether a link to choose a password is mailed to the new account."),
    ("is_active", "Whether the account can be used."),
    ("is_admin", "Whether the account is an administrator's."),
    ("language", "The language of e-mails to the account."),
    ("last_name", "The person's last name."),
    ("message", "The reason, where the gateway itself answers."),
    ("name", "The name."),
    ("new_password", "The password that the account is to have."),
    ("non_field_errors", "What is wrong with several fields together."),
    ("password", "The password of the account."),
    ("password2", "The password once more. It may be left out."),
    ("phone", "The person's phone number."),
    ("refresh", "A refresh token."),
    ("refresh_token", "The refresh token, also named `refresh`."),
    ("results", "The rows of the page."),
    ("rotate", "Whether a new refresh token takes the place of this one."),
    ("status", "The state."),
    ("ticket_mail", "Whether an administrator is mailed what the users of tickets do."),
    ("to", "The value after the change."),
    ("token", "The token of the link in the e-mail."),
    ("updated_at", "When it was last changed."),
    ("user", "The account."),
    ("username", "The e-mail address of the account."),
];

const PARTIAL: &str = "The fields to change. Those that are left out stay as they are.";
const WHOLE: &str = "A new row, or the new values of a row.";
const NEW: &str = "A new row.";

/// Adds them to schemas and properties that have none.
pub(super) fn add(schemas: &mut BTreeMap<String, Value>) {
    let described = schemas.clone();
    for (name, schema) in schemas {
        let of_body = match name {
            name if name.starts_with("Partial") => Some(PARTIAL),
            name if name.ends_with("Changes") => Some(WHOLE),
            name if name.starts_with("New") => Some(NEW),
            _ => None,
        };
        if let (Some(description), Some(schema)) = (of_body, schema.as_object_mut()) {
            describe(schema, description);
        }
        let row = described.get(row_of(name)).and_then(|row| row.get("properties"));
        for (property, schema) in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
            let inherited = row.and_then(|row| row.get(property)?.get("description")?.as_str());
            let common = PROPERTIES.iter().find(|(name, _)| name == property).map(|(_, description)| *description);
            if let (Some(description), Some(schema)) = (inherited.or(common), schema.as_object_mut()) {
                describe(schema, description);
            }
        }
    }
}

fn describe(schema: &mut Map<String, Value>, description: &str) {
    schema.entry("description").or_insert_with(|| description.into());
}

/// The row that a body writes, or that is shown in part.
fn row_of(name: &str) -> &str {
    let name = name.strip_prefix("Partial").unwrap_or(name);
    let name = ["New", "Recent", "Public"].iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
    ["Changes", "Card"].iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name)
}
