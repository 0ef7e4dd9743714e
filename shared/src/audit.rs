//! The record of who did what. A line is written in the transaction of what it records, so that neither exists without
//! the other; the database lets nobody change one.

use std::net::IpAddr;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{db::Conn, lambda::Call};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the contract's")]
pub enum Action {
    Create,
    Update,
    Delete,
    Login,
    LoginFailed,
    Logout,
    RefreshReused,
    PasswordReset,
    PasswordResetRequested,
    PasswordChanged,
    PasswordChangeFailed,
    RoleChanged,
    Retry,
    Cancel,
    Lift,
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Login => "login",
            Self::LoginFailed => "login_failed",
            Self::Logout => "logout",
            Self::RefreshReused => "refresh_reused",
            Self::PasswordReset => "password_reset",
            Self::PasswordResetRequested => "password_reset_requested",
            Self::PasswordChanged => "password_changed",
            Self::PasswordChangeFailed => "password_change_failed",
            Self::RoleChanged => "role_changed",
            Self::Retry => "retry",
            Self::Cancel => "cancel",
            Self::Lift => "lift",
        }
    }
}

/// A line of the record.
#[derive(Clone, Debug)]
pub struct Event {
    actor: Option<i64>,
    action: Action,
    resource: &'static str,
    object_id: Option<i64>,
    changes: Value,
    ip: Option<IpAddr>,
}

impl Event {
    /// Somebody (where it is known who) did something to a row (`"hotel"`, its id).
    pub fn new(
        call: &Call,
        actor: Option<i64>,
        action: Action,
        resource: &'static str,
        object_id: Option<i64>,
    ) -> Self {
        Self { actor, action, resource, object_id, changes: Value::Object(Map::new()), ip: call.ip }
    }

    /// What it changed: the fields in which two states of the row differ, as `{"field": [before, after]}`. A new row has
    /// no state before, a deleted one none after. What an answer does not show, such as a password, is in no state.
    #[must_use]
    pub fn with_changes<T: Serialize>(self, before: Option<&T>, after: Option<&T>) -> Self {
        Self { changes: changes(before, after), ..self }
    }
}

/// Writes a line, in the caller's transaction.
///
/// # Errors
/// When the database does not answer.
pub async fn record(db: &mut Conn, event: &Event) -> sqlx::Result<()> {
    sqlx::query!(
        "
        insert into audit_event (actor, actor_email, action, resource, object_id, changes, ip)
        values ($1, coalesce((select email from users_customuser where id = $1), ''), $2, $3, $4, $5, $6::text::inet)
        ",
        event.actor,
        event.action.name(),
        event.resource,
        event.object_id,
        event.changes,
        event.ip.map(|ip| ip.to_string()),
    )
    .execute(db)
    .await?;
    Ok(())
}

fn changes<T: Serialize>(before: Option<&T>, after: Option<&T>) -> Value {
    let (before, after) = (fields(before), fields(after));
    let value = |state: &Map<String, Value>, name: &str| state.get(name).cloned().unwrap_or_default();
    let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    // That the row was changed is what the whole line says.
    let differing = names.filter(|name| before.get(*name) != after.get(*name) && *name != "updated_at");
    differing.map(|name| (name.clone(), Value::from(vec![value(&before, name), value(&after, name)]))).collect()
}

fn fields<T: Serialize>(state: Option<&T>) -> Map<String, Value> {
    match state.map(serde_json::to_value) {
        Some(Ok(Value::Object(fields))) => fields,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::changes;

    #[test]
    fn only_what_differs_is_recorded() {
        let (before, after) =
            (json!({ "id": 1, "name": "A", "updated_at": 1 }), json!({ "id": 1, "name": "B", "updated_at": 2 }));

        assert_eq!(changes(Some(&before), Some(&after)), json!({ "name": ["A", "B"] }));
        assert_eq!(changes(None, Some(&after)), json!({ "id": [null, 1], "name": [null, "B"] }));
        assert_eq!(changes(Some(&before), None), json!({ "id": [1, null], "name": ["A", null] }));
        assert_eq!(changes(Some(&before), Some(&before)), json!({}));
    }
}
