//! Made-up rows: as many as asked for, valid by the rules of the API, and no mail that would leave.

use api_tests::TestApp;
use http::Method;
use local::{
    accounts::Credentials,
    seed::{self, Counts, DEMO},
};
use serde_json::{Value, json};
use shared::db::MIGRATOR;
use sqlx::PgPool;

async fn fill(owner: &PgPool, counts: Counts) -> Result<Option<Credentials>, String> {
    let mut db = owner.acquire().await.unwrap();
    seed::fill(&mut db, &counts).await.map_err(|error| error.to_string())
}

/// How many rows there are, and how many of them are as the condition says.
async fn count(owner: &PgPool, table: &str, condition: &str) -> (i64, i64) {
    let select = format!("select count(*), count(*) filter (where {condition}) from {table}");
    sqlx::query_as(sqlx::AssertSqlSafe(select)).fetch_one(owner).await.unwrap()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn seeded_hotels_are_listed_and_each_is_valid(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;

    fill(&app.owner, Counts { hotels: 30, ..Counts::default() }).await.unwrap();

    let hotels = admin.get("/api/hotels/?page_size=100").await.expect(200);
    assert_eq!(hotels["count"], 30);
    for hotel in hotels["results"].as_array().unwrap() {
        let path = format!("/api/hotels/{}/", hotel["id"]);
        let saved = admin.put(&path, hotel.clone()).await.expect(200);
        for field in ["name", "city", "address", "phone", "email", "price_per_night", "rating", "rooms_count"] {
            assert_eq!(saved[field], hotel[field], "{field}");
        }
        assert_eq!(hotel["currency"], "XOF");
    }
    let cities = admin.get("/api/hotels/cities/").await.expect(200);
    let known = ["Dakar", "Thiès", "Saint-Louis", "Saly", "Ziguinchor", "Kaolack", "Mbour", "Cap Skirring"];
    assert!(cities.as_array().unwrap().iter().any(|city| known.contains(&city.as_str().unwrap())), "{cities}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn every_seeded_user_has_the_password_that_is_said_and_none_is_an_administrator(owner: PgPool) {
    let app = TestApp::start(owner).await;

    let made = fill(&app.owner, Counts { users: 25, ..Counts::default() }).await.unwrap().unwrap();

    let user = app.sign_in(&made.email, &made.password).await;
    assert_eq!(user.get("/api/auth/me/").await.expect(200)["is_admin"], false);
    let other = "select email from users_customuser where email <> $1 and is_active limit 1";
    let other: String = sqlx::query_scalar(other).bind(&made.email).fetch_one(&app.owner).await.unwrap();
    app.sign_in(&other, seed::PASSWORD).await;
    assert_eq!(count(&app.owner, "users_customuser", "is_active and not is_admin").await, (25, 24));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn seeding_twice_adds_more(owner: PgPool) {
    let app = TestApp::start(owner).await;
    // Somebody whose id is the next one, but who came by another way.
    app.user().await;

    fill(&app.owner, DEMO).await.unwrap();
    fill(&app.owner, DEMO).await.unwrap();
    app.user().await;

    let counts = [
        ("hotels_hotel", 24),
        ("users_customuser", 42),
        ("tickets_ticket", 80),
        ("messages_message", 120),
        ("forms_form", 6),
        ("entries_entry", 100),
    ];
    for (table, expected) in counts {
        assert_eq!(count(&app.owner, table, "true").await.0, expected, "{table}");
    }
    let distinct = "select count(distinct email_key) from users_customuser";
    assert_eq!(sqlx::query_scalar::<_, i64>(distinct).fetch_one(&app.owner).await.unwrap(), 42);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn rows_are_of_the_last_sixty_days_and_belong_to_seeded_users(owner: PgPool) {
    let app = TestApp::start(owner).await;
    app.user().await;

    fill(&app.owner, Counts { tickets: 200, messages: 200, emails: 200, ..DEMO }).await.unwrap();

    let recent =
        "created_at between now() - interval '60 days 1 minute' and now() and updated_at between created_at and now()";
    for table in ["hotels_hotel", "tickets_ticket", "messages_message", "forms_form", "entries_entry", "emails_email"] {
        let (all, fitting) = count(&app.owner, table, recent).await;
        assert_eq!(all, fitting, "{table}");
    }
    let spread = "created_at < now() - interval '20 days'";
    assert!((20..180).contains(&count(&app.owner, "emails_email", spread).await.1));

    let users = "users_customuser u on u.id in";
    let theirs = "u.email like '%.' || u.id || '@example.sn'";
    let tickets = format!("tickets_ticket t join {users} (t.user_id)");
    assert_eq!(count(&app.owner, &tickets, theirs).await, (200, 200));
    let messages = format!("messages_message m join {users} (m.sender_id, m.recipient_id)");
    // Twice as many pairs as messages: nobody writes to themself.
    assert_eq!(count(&app.owner, &messages, theirs).await, (400, 400));
    for status in ["open", "in_progress", "closed"] {
        assert!(count(&app.owner, "tickets_ticket", &format!("status = '{status}'")).await.1 > 0, "{status}");
    }
    let read = "is_read and read_at between created_at and now()";
    assert!((50..190).contains(&count(&app.owner, "messages_message", read).await.1));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn no_seeded_mail_is_waiting_and_none_has_a_readers_address(owner: PgPool) {
    fill(&owner, Counts { emails: 500, ..Counts::default() }).await.unwrap();

    assert_eq!(count(&owner, "emails_email", "status in ('pending', 'sending')").await, (500, 0));
    assert_eq!(count(&owner, "emails_email", "recipient like '%@example.com' and secret is null").await, (500, 500));
    for status in ["sent", "failed", "cancelled", "bounced", "complained"] {
        assert!(count(&owner, "emails_email", &format!("status = '{status}'")).await.1 > 0, "{status}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn seeded_entries_match_their_forms(owner: PgPool) {
    fill(&owner, Counts { forms: 5, entries: 400, ..Counts::default() }).await.unwrap();

    let select = "select form.fields, entry.data from entries_entry entry join forms_form form on form.id = form_id";
    let entries: Vec<(Value, Value)> = sqlx::query_as(select).fetch_all(&owner).await.unwrap();
    assert_eq!(entries.len(), 400);
    let mut types = std::collections::BTreeSet::new();
    for (fields, data) in &entries {
        let mut data = data.as_object().unwrap().clone();
        for field in fields.as_array().unwrap() {
            let answer = data.remove(field["name"].as_str().unwrap());
            assert!(answer.is_some() || field["required"] != true, "{field}");
            if let Some(answer) = answer {
                assert!(fits(field, &answer), "{field} {answer}");
                types.insert(field["type"].as_str().unwrap().to_owned());
            }
        }
        assert!(data.is_empty(), "{data:?}");
    }
    assert_eq!(types.len(), 12, "{types:?}");
}

/// Whether an answer is one that the field takes.
fn fits(field: &Value, answer: &Value) -> bool {
    let within = |number: f64| {
        field["min"].as_f64().is_none_or(|min| min <= number) && field["max"].as_f64().is_none_or(|max| number <= max)
    };
    let is_option = |answer: &Value| field["options"].as_array().unwrap().contains(answer);
    let text = answer.as_str().unwrap_or_default();
    match field["type"].as_str().unwrap() {
        "text" if field["pattern"] == "RED-[0-9]{5}" => {
            text.len() == 9
                && text.strip_prefix("RED-").is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()))
        }
        "text" | "textarea" => !text.is_empty() && field["pattern"].is_null(),
        "email" => shared::fields::email().read(answer).is_ok(),
        "phone" => !text.is_empty() && shared::fields::phone().read(answer).is_ok(),
        "integer" => answer.is_i64() && answer.as_f64().is_some_and(within),
        "number" => answer.as_f64().is_some_and(within),
        "boolean" => answer.is_boolean(),
        "date" => text.parse::<chrono::NaiveDate>().is_ok(),
        "datetime" => text.parse::<chrono::DateTime<chrono::Utc>>().is_ok(),
        "url" => text.starts_with("https://example.com/"),
        "select" => is_option(answer),
        "multiselect" => answer.as_array().is_some_and(|chosen| !chosen.is_empty() && chosen.iter().all(is_option)),
        other => panic!("a field of type {other}"),
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_a_row_belongs_to_must_be_there_or_nothing_is_made(owner: PgPool) {
    for (counts, hint) in [
        (Counts { hotels: 1, tickets: 1, ..Counts::default() }, "--users 1"),
        (Counts { hotels: 1, messages: 1, users: 1, ..Counts::default() }, "--users 2"),
        (Counts { hotels: 1, entries: 1, ..Counts::default() }, "--forms 1"),
    ] {
        let error = fill(&owner, counts).await.unwrap_err();
        assert!(error.contains(hint), "{error}");
    }
    assert_eq!(count(&owner, "hotels_hotel", "true").await.0, 0);
    assert_eq!(count(&owner, "users_customuser", "true").await.0, 0);
}

#[tokio::test]
async fn a_database_elsewhere_is_seeded_only_on_purpose() {
    let elsewhere = "postgres://owner@db.example.com/red?sslmode=verify-full";
    let options = shared::config::database_url(elsewhere).unwrap();

    let error = seed::run(&options, &DEMO, false).await.unwrap_err().to_string();

    assert!(error.contains("db.example.com is not this machine") && error.contains("--yes"), "{error}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_seeded_user_finds_the_seeded_hotels(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let made = fill(&app.owner, DEMO).await.unwrap().unwrap();
    let user = app.sign_in(&made.email, &made.password).await;
    let active = count(&app.owner, "hotels_hotel", "is_active").await.1;

    let hotels = user.request(Method::GET, "/api/hotels/").send().await.expect(200);

    assert_eq!(hotels["count"], json!(active));
}
