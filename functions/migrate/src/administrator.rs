//! Administrators whom no API call could make, above all the first one.

use serde::Deserialize;
use serde_json::Value;
use shared::{auth::password, email::address, fields, text::Language};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

use crate::queries;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// An account to be made. It has no `Debug`, so that its password is in no log.
#[derive(Deserialize)]
pub struct NewAdministrator {
    /// The address to sign in with.
    pub email: String,
    /// As it was chosen.
    pub password: String,
}

/// Makes the first administrator of a database, and no other.
///
/// # Errors
/// A sentence, where there is an administrator, the address is taken, or it or the password is not valid.
pub async fn create_first_administrator(database: &PgConnectOptions, account: &NewAdministrator) -> Result<(), Error> {
    let mut connection = PgConnection::connect_with(database).await?;
    if queries::has_administrator(&mut connection).await? {
        return Err("there is an administrator already, who can make others".into());
    }
    if !create_administrator(&mut connection, &account.email, &account.password).await? {
        return Err(format!("{} has an account already", account.email).into());
    }
    Ok(connection.close().await?)
}

/// Makes an administrator. False where the address has an account.
///
/// # Errors
/// A sentence, where the address or the password is not valid.
pub async fn create_administrator(db: &mut PgConnection, email: &str, password: &str) -> Result<bool, Error> {
    let english = |text: &shared::text::Text| text.in_language(Language::English).into_owned();
    let email =
        fields::account_email().read(&Value::from(email)).map_err(|fault| format!("{email}: {}", english(&fault)))?;
    let email = address::key_of(&email);
    let faults = password::faults(password, &[password::Attribute::email(&email)]);
    if !faults.is_empty() {
        return Err(faults.iter().map(english).collect::<Vec<_>>().join(" ").into());
    }
    let hash = password::hash(password.to_owned()).await.map_err(|_| "the password could not be hashed")?;
    Ok(queries::insert_administrator(db, &email, &hash).await?)
}
