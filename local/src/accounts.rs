//! Accounts that no API call could make: the first administrator, and the sample data of a first start.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use shared::{auth::password, email::address};
use sqlx::{Connection, PgConnection};

use crate::queries::{self, Sample};
use toolbox::tools::Error;

/// What is printed once, and stored nowhere.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The address to sign in with.
    pub email: String,
    /// The password, as it was chosen or made.
    pub password: String,
}

/// Makes an administrator, with a random password if none is given.
///
/// # Errors
/// A sentence, where the address or the password is not valid, or the address is taken.
pub async fn create_admin(db: &mut PgConnection, email: &str, password: Option<String>) -> Result<Credentials, Error> {
    let password = match password {
        Some(password) => password,
        None => random_password()?,
    };
    let created = migrate::create_administrator(db, email, &password).await;
    if !created.map_err(|error| error.downcast().map_or_else(|error| error, |error| explain(*error)))? {
        return Err(format!("{email} has an account already: use `cargo local admin promote {email}`").into());
    }
    let email = address::key(email);
    Ok(Credentials { email, password })
}

/// Makes an existing account an administrator, and active.
///
/// # Errors
/// A sentence, where there is no such account.
pub async fn promote_admin(db: &mut PgConnection, email: &str) -> Result<(), Error> {
    if queries::promote_account(db, email).await.map_err(explain)? {
        return Ok(());
    }
    Err(format!("{email} has no account: use `cargo local admin create {email}`").into())
}

/// Fills an empty database with an administrator, a user and the sample hotels. A database with any account in it is
/// left alone.
///
/// # Errors
/// Where the database does not answer.
pub async fn seed(db: &mut PgConnection) -> Result<Option<[Credentials; 2]>, Error> {
    if !queries::is_empty(db).await? {
        return Ok(None);
    }
    let admin = Credentials { email: "admin@red.example".to_owned(), password: random_password()? };
    let user = Credentials { email: "awa@red.example".to_owned(), password: random_password()? };
    // All or nothing: a start that is interrupted here leaves a database that is still empty.
    let mut tx = db.begin().await?;
    insert(&mut tx, &admin.email, &admin.password, "Fatou", true).await?;
    insert(&mut tx, &user.email, &user.password, "Awa", false).await?;
    for hotel in &HOTELS {
        queries::insert_hotel(&mut tx, hotel).await?;
    }
    tx.commit().await?;
    Ok(Some([admin, user]))
}

async fn insert(
    db: &mut PgConnection,
    email: &str,
    password: &str,
    first_name: &str,
    is_admin: bool,
) -> Result<bool, Error> {
    let hash = password::hash(password.to_owned()).await.map_err(|_| "the password could not be hashed")?;
    queries::insert_account(db, email, &hash, first_name, is_admin).await.map_err(explain)
}

/// The database's own words, or what to do about a schema that is not there yet.
pub(crate) fn explain(error: sqlx::Error) -> Error {
    let undefined_table =
        error.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|c| c == "42P01");
    if undefined_table {
        "the database is not migrated: cargo local migrate --database-url …".into()
    } else {
        error.into()
    }
}

/// 120 bits, in characters that can be copied and typed.
fn random_password() -> Result<String, Error> {
    let mut bytes = [0; 15];
    getrandom::fill(&mut bytes).map_err(|error| format!("the machine gives no random numbers: {error}"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

const fn sample(
    (name, city, address): (&'static str, &'static str, &'static str),
    price_per_night: i64,
    rating: f64,
    (rooms_count, available_rooms): (i32, i32),
) -> Sample {
    Sample { name, city, address, price_per_night, rating, rooms_count, available_rooms }
}

const HOTELS: [Sample; 8] = [
    sample(("Hôtel Dakar Palace", "Dakar", "Avenue Léopold Sédar Senghor"), 45_000, 4.8, (120, 45)),
    sample(("Saly Beach Resort", "Saly", "Route de la Plage"), 36_000, 4.6, (80, 30)),
    sample(("Thiès Comfort Inn", "Thiès", "Avenue Lamine Guèye"), 24_000, 4.4, (60, 20)),
    sample(("Kaolack Luxury Hotel", "Kaolack", "Avenue Cheikh Ibra Fall"), 28_500, 4.5, (50, 15)),
    sample(("Saint-Louis Riverside", "Saint-Louis", "Quai Henry Jay"), 33_000, 4.7, (70, 25)),
    sample(("Tambacounda Desert Lodge", "Tambacounda", "Route de Kidira"), 22_500, 4.3, (40, 12)),
    sample(("Ziguinchor Eco-Hotel", "Ziguinchor", "Rue du Fleuve"), 25_500, 4.5, (55, 18)),
    sample(("Kolda Heritage Hotel", "Kolda", "Route de Vélingara"), 21_000, 4.2, (35, 10)),
];
