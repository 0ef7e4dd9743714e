//! A database of the original becomes one of ours, in place: everything that was in it is there afterwards, everybody signs
//! in, and nothing tells it from a fresh one.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use api_tests::{Caller, TestApp};
use base64::{Engine, engine::general_purpose::STANDARD};
use hotels::Images;
use local::adopt::{self, Finding};
use object_store::{ObjectStore, ObjectStoreExt, memory::InMemory};
use serde_json::{Value, json};
use shared::{db::MIGRATOR, store::Store};
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgSslMode},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::auth::PASSWORD;

const TABLES: &str = include_str!("original/tables.sql");
const NEWER: &str = include_str!("original/newer.sql");
const ROWS: &str = include_str!("original/rows.sql");
/// A picture of one pixel.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// The original's tables, by the names that they have afterwards.
const ADOPTED: [&str; 7] = [
    "users_customuser",
    "hotels_hotel",
    "tickets_ticket",
    "messages_message",
    "emails_email",
    "forms_form",
    "entries_entry",
];
/// Those that are nobody's business.
const DJANGOS: [&str; 9] = [
    "django_migrations",
    "django_admin_log",
    "django_content_type",
    "django_session",
    "auth_group",
    "auth_permission",
    "auth_group_permissions",
    "users_customuser_groups",
    "users_customuser_user_permissions",
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    Older,
    Newer,
}

use Form::{Newer, Older};

/// The tables of a form of the original, in a database without others.
async fn make_tables(db: &PgPool, form: Form) {
    wipe(db).await;
    sqlx::raw_sql(TABLES).execute(db).await.unwrap();
    if form == Newer {
        sqlx::raw_sql(NEWER).execute(db).await.unwrap();
    }
}

/// The same with rows, and with what only one form can have in them.
async fn make_original(db: &PgPool, form: Form) {
    make_tables(db, form).await;
    let (before, behind) = match form {
        Older => ("select", "update hotels_hotel set image = 'hotels/sain.png' where id = 1"),
        Newer => (
            "alter table hotels_hotel alter column image_size set default 0;
             alter table tickets_ticket alter column priority set default 'low'",
            "alter table hotels_hotel alter column image_size drop default;
             alter table tickets_ticket alter column priority drop default;
             update tickets_ticket set priority = 'urgent' where id = 4;
             update hotels_hotel set image_base64 = 'data:image/png;base64,AAAA', image_size = 3, image_type = 'image/png'
             where id = 1",
        ),
    };
    for part in [before, ROWS, behind] {
        sqlx::raw_sql(part).execute(db).await.unwrap();
    }
}

async fn connect(db: &PgPool) -> PgConnection {
    PgConnection::connect_with(&db.connect_options()).await.unwrap()
}

async fn adopt(db: &PgPool) {
    adopt::adopt(&mut connect(db).await, |_, _| {}).await.unwrap();
}

async fn adopted_app(db: PgPool, form: Form) -> TestApp {
    make_original(&db, form).await;
    adopt(&db).await;
    TestApp::start(db).await.with_old_rows()
}

/// Everything in the schema that a statement could notice, a line for each.
async fn catalog(db: &PgPool) -> BTreeSet<String> {
    let select = "
        select format(
            'column %s.%s %s null=%s default=%s identity=%s generated=%s', attrelid::regclass, attname,
            format_type(atttypid, atttypmod), not attnotnull, pg_get_expr(adbin, adrelid), attidentity, attgenerated
        )
        from pg_attribute
        join pg_class on pg_class.oid = attrelid
        left join pg_attrdef on adrelid = attrelid and adnum = attnum
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'v') and attnum > 0 and not attisdropped
        union all
        select format('table %s %s %s %s', relname, relkind, relpersistence, reloptions)
        from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')
        union all
        select format('constraint %s.%s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
        from pg_constraint
        where connamespace = 'public'::regnamespace and conrelid <> 0
        union all
        select format('index %s.%s %s', tablename, indexname, indexdef) from pg_indexes where schemaname = 'public'
        union all
        select format('trigger %s.%s %s', tgrelid::regclass, tgname, pg_get_triggerdef(oid))
        from pg_trigger
        where not tgisinternal
        union all
        select format('grant %s %s', relname, privilege_type)
        from pg_class, aclexplode(relacl)
        where relnamespace = 'public'::regnamespace and grantee = 'red_app'::regrole
        union all
        select format('function %s', oid::regprocedure) from pg_proc where pronamespace = 'public'::regnamespace
        union all
        select format('migration %s %s %s', version, description, checksum) from _sqlx_migrations
    ";
    sqlx::query_scalar(select).fetch_all(db).await.unwrap().into_iter().collect()
}

/// As a new database begins. That of a test may be a copy of one that is migrated.
async fn wipe(db: &PgPool) {
    let anew = "drop schema public cascade; create schema public; grant usage on schema public to public";
    sqlx::raw_sql(anew).execute(db).await.unwrap();
}

/// That of a fresh database. What was in this one is gone.
async fn fresh_catalog(db: &PgPool) -> BTreeSet<String> {
    wipe(db).await;
    MIGRATOR.run(&mut connect(db).await).await.unwrap();
    catalog(db).await
}

/// Whether a line is about what the original has and nobody reads any more.
fn is_the_originals(line: &str) -> bool {
    let what = line.split(' ').nth(1).unwrap();
    let (table, part) = what.split_once('.').unwrap_or((what, ""));
    let ours = match table {
        "users_customuser" => {
            ["last_login", "is_superuser", "username", "is_staff", "date_joined", "users_customuser_username_key"]
                .contains(&part)
        }
        "hotels_hotel" => ["image", "image_base64", "image_size", "image_type"].contains(&part),
        _ => table == "messaging_message",
    };
    ours || DJANGOS.contains(&table)
}

/// Every row of a table, in an order that does not depend on where it is stored.
async fn rows(db: &PgPool, table: &str) -> Vec<Value> {
    let select = format!("select to_jsonb(row) from {table} as row order by row::text");
    sqlx::query_scalar(AssertSqlSafe(select)).fetch_all(db).await.unwrap()
}

async fn all_rows(db: &PgPool, messages: &str) -> BTreeMap<String, Vec<Value>> {
    let mut all = BTreeMap::new();
    for table in ADOPTED.iter().chain(&DJANGOS) {
        let name = if *table == "messages_message" { messages } else { table };
        let mut rows = rows(db, name).await;
        rows.sort_by_key(|row| row["id"].as_i64());
        all.insert((*table).to_owned(), rows);
    }
    all
}

#[sqlx::test(migrations = false)]
async fn nothing_tells_an_adopted_database_from_a_fresh_one(db: PgPool) {
    for form in [Older, Newer] {
        make_tables(&db, form).await;
        adopt(&db).await;
        let adopted = catalog(&db).await;
        let fresh = fresh_catalog(&db).await;

        let missing: Vec<_> = fresh.difference(&adopted).collect();
        let more: Vec<_> = adopted.difference(&fresh).filter(|line| !is_the_originals(line)).collect();

        assert!(missing.is_empty() && more.is_empty(), "{form:?}\nmissing: {missing:#?}\nmore: {more:#?}");
        assert!(fresh.len() > 300, "{}", fresh.len());
    }
}

#[sqlx::test(migrations = false)]
async fn rows_that_break_a_rule_leave_it_in_force_for_new_ones(db: PgPool) {
    make_original(&db, Newer).await;
    adopt(&db).await;
    let adopted = catalog(&db).await;
    let fresh = fresh_catalog(&db).await;

    let missing: Vec<_> = fresh.difference(&adopted).map(|line| line.split(' ').nth(1).unwrap()).collect();
    let instead: Vec<_> = adopted.difference(&fresh).filter(|line| !is_the_originals(line)).collect();

    assert_eq!(
        missing,
        [
            "hotels_hotel.hotels_available_rooms_check",
            "hotels_hotel.hotels_price_per_night_check",
            "hotels_hotel.hotels_rating_check",
            "hotels_hotel.hotels_rooms_check",
            "hotels_hotel.hotels_rooms_count_check",
            "tickets_ticket.tickets_priority_check",
            "tickets_ticket.tickets_status_check",
        ]
    );
    assert_eq!(instead.len(), missing.len(), "{instead:#?}");
    assert!(instead.iter().all(|line| line.contains("CHECK (((id <= ")), "{instead:#?}");
}

#[sqlx::test(migrations = false)]
async fn no_row_is_lost_and_no_value_changes_but_those_of_the_report(db: PgPool) {
    for form in [Older, Newer] {
        make_original(&db, form).await;
        let mut expected = all_rows(&db, "messaging_message").await;
        for user in expected.get_mut("users_customuser").unwrap() {
            if user["phone"].is_null() {
                user["phone"] = json!("");
            }
            user["is_admin"] = json!(user["is_admin"] == true || user["is_superuser"] == true);
        }
        for table in ["hotels_hotel", "forms_form"] {
            for row in expected.get_mut(table).unwrap() {
                if row["description"].is_null() {
                    row["description"] = json!("");
                }
            }
        }
        for email in expected.get_mut("emails_email").unwrap() {
            email["sent_at"] = match (&email["is_sent"], &email["sent_at"]) {
                (Value::Bool(false), _) => Value::Null,
                (_, Value::Null) => email["created_at"].clone(),
                (_, sent_at) => sent_at.clone(),
            };
        }

        adopt(&db).await;

        let adopted = all_rows(&db, "messages_message").await;
        for (table, expected) in expected {
            let rows = &adopted[&table];
            assert_eq!(rows.len(), expected.len(), "{table}");
            assert!(!rows.is_empty(), "{table}");
            for (row, expected) in rows.iter().zip(expected) {
                for (column, value) in expected.as_object().unwrap() {
                    assert_eq!(&row[column], value, "{form:?} {table} {} {column}", row["id"]);
                }
            }
        }
        // Adopting is no change: nobody's ETag has moved.
        for table in ADOPTED {
            assert!(adopted[table].iter().all(|row| row["version"] == 1), "{table}");
        }
    }
}

#[sqlx::test(migrations = false)]
async fn every_list_and_every_row_of_it_answers(db: PgPool) {
    for (form, tickets) in [(Older, 5), (Newer, 5)] {
        let app = adopted_app(db.clone(), form).await;
        let admin = app.sign_in("chef@hotel.sn", PASSWORD).await;
        let awa = app.sign_in("Awa.Diop@Hotel.sn", PASSWORD).await;

        for (caller, path, count) in [
            (&admin, "users", 12),
            (&admin, "users/directory", 11),
            (&admin, "hotels", 7),
            (&awa, "hotels", 6),
            (&admin, "tickets", tickets),
            (&awa, "tickets", 2),
            (&awa, "messages", 3),
            (&admin, "messages", 0),
            (&admin, "emails", 4),
            (&admin, "emails/suppressions", 0),
            (&admin, "forms", 4),
            (&awa, "forms", 3),
            (&admin, "entries", 5),
            (&awa, "auth/sessions", 1),
        ] {
            let list = caller.get(&format!("/api/{path}/?page_size=100&ordering=created_at")).await.expect(200);
            assert_eq!(list["count"], count, "{form:?} {path}");
            assert_eq!(list["results"].as_array().unwrap().len(), count, "{form:?} {path}");
            for row in list["results"].as_array().unwrap() {
                if ["users", "hotels", "tickets", "messages", "emails", "forms", "entries"].contains(&path) {
                    let detail = format!("/api/{path}/{}/", row["id"]);
                    assert_eq!(caller.get(&detail).await.expect(200)["id"], row["id"]);
                }
                if path == "tickets" {
                    let comments = format!("/api/tickets/{}/comments/", row["id"]);
                    assert_eq!(caller.get(&comments).await.expect(200)["count"], 0);
                }
            }
        }
        for path in [
            "hotels/cities",
            "dashboard",
            "hotels/dashboard/stats",
            "audit",
            "auth/me",
            "messages/unread-count",
            "entries/?search=ete",
            "entries/export/?form=1",
            "entries/export/?form=2",
            "users/?search=FATOU",
            "emails/?status=cancelled",
        ] {
            assert_eq!(admin.get(&format!("/api/{path}")).await.status, 200, "{form:?} {path}");
        }
        let found = admin.get("/api/entries/?search=ete").await.expect(200);
        assert_eq!(found["results"][0]["id"], 3);
        let counts = admin.get("/api/dashboard/").await.expect(200)["counts"].clone();
        let expected = json!({
            "forms": 4, "messages": 0, "users": 12, "emails": 4, "hotels": 7, "entries": 5, "tickets": tickets,
        });
        assert_eq!(counts, expected, "{form:?}");
    }
}

#[sqlx::test(migrations = false)]
async fn everybody_signs_in_with_the_password_that_they_have(db: PgPool) {
    let app = adopted_app(db, Newer).await;
    // Each kind of hash; twice, since the first sign-in replaces it.
    for (id, email) in [
        (1, "chef@hotel.sn"),
        (2, "Awa.Diop@Hotel.sn"),
        (3, "awa.diop@hotel.sn"),
        (4, "AWA.DIOP@HOTEL.SN"),
        (5, "fatou@hotel.sn"),
        (6, "FATOU@hotel.sn"),
        (7, "moussa@hotel.sn"),
        (12, "Admin@hotel.sn"),
    ] {
        let hash = async || {
            let select = "select password from users_customuser where id = $1";
            sqlx::query_scalar::<_, String>(select).bind(id).fetch_one(&app.owner).await.unwrap()
        };
        let body = json!({ "email": email, "password": "Teranga-2026-Thies" });
        app.public().post("/api/auth/login/", body).await.expect(400);
        assert!(!hash().await.starts_with("$argon2id$"), "{email}");

        assert_eq!(app.sign_in(email, PASSWORD).await.id(), id);
        assert!(hash().await.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{email}");
        assert_eq!(app.sign_in(email, PASSWORD).await.id(), id);
    }
}

#[sqlx::test(migrations = false)]
async fn who_has_no_password_or_is_inactive_does_not_sign_in(db: PgPool) {
    let app = adopted_app(db, Newer).await;
    for email in ["vide@hotel.sn", "sans@hotel.sn", "parti@hotel.sn", "ancien@hotel.sn"] {
        for password in [PASSWORD, "", "!", "!BFSHWguKJP1PhPNIvaPvv7LDzkrrc0ZgYqCNIy02", "password"] {
            let answer = app.public().post("/api/auth/login/", json!({ "email": email, "password": password })).await;
            answer.expect(400);
        }
    }
}

#[sqlx::test(migrations = false)]
async fn a_superuser_is_an_administrator(db: PgPool) {
    let app = adopted_app(db, Older).await;

    let chef = app.sign_in("chef@hotel.sn", PASSWORD).await;

    assert_eq!(chef.session["user"]["is_admin"], true);
    chef.post("/api/hotels/", json!({ "name": "Neuf", "city": "Thiès", "price_per_night": 1 })).await.expect(201);
}

#[sqlx::test(migrations = false)]
async fn new_rows_come_after_the_old_ones_and_obey_the_rules(db: PgPool) {
    let app = adopted_app(db, Newer).await;
    let chef = app.sign_in("chef@hotel.sn", PASSWORD).await;
    let awa = app.sign_in("awa.diop@hotel.sn", PASSWORD).await;

    let body = json!({ "email": "MOUSSA@HOTEL.sn", "password": PASSWORD });
    app.public().post("/api/auth/register/", body).await.expect(400);
    let registered = app.user().await;
    assert!(registered.id() > 100);
    let hotel = json!({ "name": "Neuf", "city": "Thiès", "price_per_night": -1, "rating": 6 });
    chef.post("/api/hotels/", hotel).await.expect(400);
    let made: [(&Caller, &str, Value); 6] = [
        (&chef, "hotels", json!({ "name": "Neuf", "city": "Thiès", "price_per_night": 1 })),
        (&awa, "tickets", json!({ "title": "Neuf", "description": "Panne" })),
        (&awa, "messages", json!({ "recipient_id": 1, "content": "Bonjour" })),
        (&chef, "emails", json!({ "recipient": "a@hotel.sn", "subject": "Neuf", "body": "Bonjour" })),
        (&chef, "forms", crate::forms::form(json!({}))),
        (&awa, "entries", json!({ "form": 1, "data": { "avis": "Bien" } })),
    ];
    for (caller, path, body) in made {
        let row = caller.post(&format!("/api/{path}/"), body).await.expect(201);
        assert!(row["id"].as_i64().unwrap() > 100, "{row}");
    }
    for (update, check) in [
        ("update hotels_hotel set price_per_night = -1 where id > 100", "hotels_price_per_night_check"),
        ("update tickets_ticket set priority = 'urgent' where id > 100", "tickets_priority_check"),
    ] {
        let error = sqlx::query(update).execute(&app.owner).await.unwrap_err();
        assert_eq!(error.as_database_error().unwrap().constraint(), Some(check));
    }
}

#[sqlx::test(migrations = false)]
async fn a_change_of_a_row_that_breaks_a_rule_names_the_stored_field(db: PgPool) {
    let app = adopted_app(db, Newer).await;
    let chef = app.sign_in("chef@hotel.sn", PASSWORD).await;
    let hotel = |id: i64| format!("/api/hotels/{id}/");

    for (id, fields) in [
        (2, &["price_per_night"][..]),
        (3, &["rating"]),
        (4, &["available_rooms"]),
        (5, &["available_rooms", "rooms_count"]),
    ] {
        let refused = chef.patch(&hotel(id), json!({ "name": "Autre nom" })).await.expect(400);
        assert_eq!(refused.as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>(), fields, "{id}");
        assert!(chef.get(&hotel(id)).await.expect(200)["name"] != "Autre nom");
    }
    let right = json!({ "price_per_night": 1, "rating": 5, "rooms_count": 5, "available_rooms": 5 });
    for id in 1..=7 {
        chef.patch(&hotel(id), right.clone()).await.expect(200);
        chef.patch(&hotel(id), json!({ "name": "Autre nom" })).await.expect(200);
    }
    let refused = chef.patch("/api/tickets/3/", json!({ "title": "Autre" })).await.expect(400);
    assert_eq!(refused, json!({ "status": ["« resolved » n'est pas un choix valide."] }).replace_spaces());
    let refused = chef.patch("/api/tickets/4/", json!({ "title": "Autre" })).await.expect(400);
    assert_eq!(refused, json!({ "priority": ["« urgent » n'est pas un choix valide."] }).replace_spaces());
}

/// French puts spaces that do not break inside its quotation marks.
trait French {
    fn replace_spaces(self) -> Self;
}

impl French for Value {
    fn replace_spaces(self) -> Self {
        self.to_string().replace("« ", "«\u{a0}").replace(" »", "\u{a0}»").parse().unwrap()
    }
}

#[sqlx::test(migrations = false)]
async fn no_rule_keeps_an_old_row_from_its_status_its_reader_or_its_photo(db: PgPool) {
    let app = adopted_app(db, Newer).await;
    let chef = app.sign_in("chef@hotel.sn", PASSWORD).await;
    let awa = app.sign_in("awa.diop@hotel.sn", PASSWORD).await;
    let moussa = app.sign_in("moussa@hotel.sn", PASSWORD).await;

    let closed = moussa.patch("/api/tickets/4/", json!({ "status": "closed" })).await.expect(200);
    assert_eq!((&closed["status"], &closed["priority"]), (&json!("closed"), &json!("urgent")));
    chef.patch("/api/tickets/3/", json!({ "status": "open" })).await.expect(200);
    awa.post("/api/tickets/3/comments/", json!({ "content": "Merci" })).await.expect(201);
    awa.patch("/api/messages/1/", json!({ "is_read": true })).await.expect(200);
    assert_eq!(awa.get("/api/messages/unread-count/").await.expect(200)["unread"], 0);
    chef.delete("/api/hotels/2/").await.expect(204);
    chef.delete("/api/entries/3/").await.expect(204);
    chef.delete("/api/forms/2/").await.expect(204);
}

#[sqlx::test(migrations = false)]
async fn somebody_whom_djangos_tables_name_is_deactivated_and_not_deleted(db: PgPool) {
    let app = adopted_app(db, Newer).await;
    let chef = app.sign_in("chef@hotel.sn", PASSWORD).await;

    let refused = chef.delete("/api/users/9/").await;

    assert!(refused.expect(409)["detail"].as_str().unwrap().contains("Désactivez"));
    chef.patch("/api/users/9/", json!({ "is_active": false })).await.expect(200);
    chef.delete("/api/users/8/").await.expect(204);
}

#[sqlx::test(migrations = false)]
async fn nothing_that_the_original_left_unsent_is_ever_sent_or_tidied_away(db: PgPool) {
    let app = adopted_app(db, Newer).await;
    let chef = app.sign_in("chef@hotel.sn", PASSWORD).await;
    sqlx::query("update emails_dispatcher set tidied_at = now() - interval '1 day'").execute(&app.owner).await.unwrap();

    assert_eq!(app.dispatch_emails().await.unwrap(), 0);

    let emails = chef.get("/api/emails/?ordering=id").await.expect(200);
    let states: Vec<_> =
        emails["results"].as_array().unwrap().iter().map(|email| (&email["status"], &email["is_sent"])).collect();
    let (sent, cancelled) = ((&json!("sent"), &json!(true)), (&json!("cancelled"), &json!(false)));
    assert_eq!(states, [sent, sent, cancelled, cancelled]);
    assert!(emails["results"][3]["last_error"].as_str().unwrap().contains("2022-01-06"), "{emails}");
    chef.post("/api/emails/3/retry/", json!({})).await.expect(200);
    assert_eq!(app.dispatch_emails().await.unwrap(), 1);
}

#[sqlx::test(migrations = false)]
async fn the_original_can_read_and_write_messages_until_it_is_switched_off(db: PgPool) {
    make_original(&db, Newer).await;
    adopt(&db).await;

    let insert = "insert into messaging_message (content, is_read, created_at, updated_at, recipient_id, sender_id)
                  values ('Par Django', false, now(), now(), 2, 3) returning id";
    let id: i64 = sqlx::query_scalar(insert).fetch_one(&db).await.unwrap();
    sqlx::query("update messaging_message set is_read = true where id = $1").bind(id).execute(&db).await.unwrap();

    let select =
        "select (select count(*) from messaging_message), is_read, version from messages_message where id = $1";
    let found: (i64, bool, i64) = sqlx::query_as(select).bind(id).fetch_one(&db).await.unwrap();
    assert_eq!(found, (5, true, 2));
}

// What is found, and what is refused.

#[sqlx::test(migrations = false)]
async fn the_report_says_what_was_found(db: PgPool) {
    make_original(&db, Newer).await;
    let before = all_rows(&db, "messaging_message").await;

    let Finding::Original(found) = adopt::examine(&mut connect(&db).await, &db.connect_options()).await.unwrap() else {
        panic!("not the original's");
    };

    let oddities: Vec<_> = found.oddities.iter().map(|(what, count, ids)| (&what[..12], *count, &ids[..])).collect();
    assert_eq!(
        oddities,
        [
            ("accounts who", 5, &[2_i64, 3, 4, 5, 6][..]),
            ("addresses wi", 5, &[2, 4, 5, 6, 7]),
            ("accounts wit", 2, &[8, 9]),
            ("passwords in", 1, &[11]),
            ("superusers w", 1, &[1]),
            ("accounts wit", 7, &[2, 4, 7, 8, 9]),
            ("negative pri", 1, &[2]),
            ("ratings outs", 1, &[3]),
            ("negative num", 1, &[5]),
            ("hotels with ", 2, &[4, 5]),
            ("hotels witho", 2, &[2, 6]),
            ("photos in th", 1, &[1]),
            ("tickets with", 1, &[3]),
            ("tickets with", 1, &[4]),
            ("messages to ", 1, &[3]),
            ("e-mails that", 2, &[3, 4]),
            ("e-mails that", 1, &[2]),
            ("e-mails with", 1, &[4]),
            ("forms withou", 1, &[1]),
            ("forms whose ", 3, &[2, 3, 4]),
            ("entries that", 3, &[2, 3, 5]),
        ]
    );
    let report = found.to_string();
    for part in
        ["newer form", "users_customuser               12", "ids 2, 3, 4, 5, 6\n", "ids 2, 4, 7, 8, 9 …", "locks "]
    {
        assert!(report.contains(part), "{part}\n{report}");
    }
    assert_eq!(all_rows(&db, "messaging_message").await, before);
}

#[sqlx::test(migrations = false)]
async fn what_is_not_the_originals_is_refused_with_the_reason(db: PgPool) {
    let refusal = async || {
        let examined = adopt::examine(&mut connect(&db).await, &db.connect_options()).await;
        examined.unwrap_err().to_string()
    };
    wipe(&db).await;
    assert!(refusal().await.contains("there is no table users_customuser"));

    make_tables(&db, Newer).await;
    for (change, reason) in [
        ("alter table entries_entry rename to entries", "there is no table entries_entry"),
        ("alter table tickets_ticket drop column title", "tickets_ticket has no column title"),
        ("alter table forms_form alter column fields type text", "has a column \"fields text\""),
        ("alter table hotels_hotel alter column phone drop not null", "\"phone character varying(20) null\""),
        ("alter table hotels_hotel add column stars integer not null", "\"stars integer\" without a default"),
    ] {
        let mut tx = db.begin().await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(change)).execute(&mut *tx).await.unwrap();
        let refused = adopt::examine(&mut tx, &db.connect_options()).await.unwrap_err().to_string();
        assert!(refused.contains(reason), "{refused}");
    }
    adopt(&db).await;
    let examined = adopt::examine(&mut connect(&db).await, &db.connect_options()).await.unwrap();
    assert!(matches!(examined, Finding::Adopted));
    fresh_catalog(&db).await;
    assert!(refusal().await.contains("made by this platform"));
}

#[sqlx::test(migrations = false)]
async fn migrating_an_originals_database_is_refused_until_it_is_adopted(db: PgPool) {
    make_original(&db, Newer).await;
    let before = all_rows(&db, "messaging_message").await;

    let refused = migrate::migrate(&db.connect_options()).await.unwrap_err().to_string();

    assert!(refused.contains("cargo local adopt --database-url"), "{refused}");
    assert_eq!(all_rows(&db, "messaging_message").await, before);
    adopt(&db).await;
    assert!(migrate::migrate(&db.connect_options()).await.unwrap() >= migrate::LAST_ADOPTED);
}

#[sqlx::test(migrations = false)]
async fn while_the_original_holds_a_table_adopting_gives_up_and_says_why(db: PgPool) {
    make_original(&db, Newer).await;
    let mut original = db.begin().await.unwrap();
    sqlx::query("select from emails_email").execute(&mut *original).await.unwrap();

    let refused = adopt::adopt(&mut connect(&db).await, |_, _| {}).await.unwrap_err().to_string();

    assert!(refused.contains("step 6 (emails)") && refused.contains("Is the original still running?"), "{refused}");
    let Finding::Original(found) = adopt::examine(&mut connect(&db).await, &db.connect_options()).await.unwrap() else {
        panic!("adopted");
    };
    assert_eq!(found.version, 5);
    assert!(found.to_string().contains("stopped after step 5"), "{found}");
    assert_eq!(found.oddities.len(), 6, "those of tables that remain: {found}");
    original.rollback().await.unwrap();
    adopt(&db).await;
}

#[sqlx::test(migrations = false)]
async fn of_two_adoptions_at_once_one_waits_and_finds_nothing_to_do(db: PgPool) {
    make_original(&db, Newer).await;
    let (mut one, mut other) = (connect(&db).await, connect(&db).await);
    let steps = AtomicUsize::new(0);
    let count = |_: &adopt::Step, taken: Option<Duration>| {
        steps.fetch_add(usize::from(taken.is_some()), Ordering::Relaxed);
    };

    let (one, other) = tokio::join!(adopt::adopt(&mut one, count), adopt::adopt(&mut other, count));

    assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
    assert_eq!(steps.into_inner(), adopt::steps(0).len());
}

// Interruptions.

#[sqlx::test(migrations = false)]
async fn an_adoption_that_is_cut_off_after_any_statement_is_completed_by_the_next(db: PgPool) {
    make_original(&db, Newer).await;
    let before = all_rows(&db, "messaging_message").await;
    let mut boundary = state(&db).await;
    let (mut statements, mut cuts) = (0, 0);

    loop {
        statements += 1;
        let cutter = Cutter::start(&db.connect_options(), statements).await;
        let mut through = PgConnection::connect_with(&cutter.options).await.unwrap();
        let adopted = adopt::adopt(&mut through, |_, _| {}).await;
        drop(through);
        if adopted.is_ok() {
            break;
        }
        cuts += 1;
        cutter.end_server_side(&db).await;
        // A step is there whole or not at all.
        let now = state(&db).await;
        if now != boundary {
            assert!(
                now.0 > boundary.0,
                "something is left of a step that was not taken: {:?}",
                now.1.difference(&boundary.1)
            );
            (boundary, statements) = (now, 0);
        }
    }

    assert!(cuts > 100, "{cuts}");
    let after = all_rows(&db, "messages_message").await;
    for (table, rows) in &before {
        assert_eq!(after[table].len(), rows.len(), "{table}");
    }
    let interrupted = catalog(&db).await;
    let odd = state(&db).await;
    make_original(&db, Newer).await;
    adopt(&db).await;
    assert_eq!(catalog(&db).await, interrupted);
    assert_eq!(state(&db).await, odd);
}

/// How far an adoption has come, and everything that it changes.
async fn state(db: &PgPool) -> (i64, BTreeSet<String>) {
    let version = migrate::version(&mut connect(db).await).await.unwrap();
    let select = "
        select format('%s.%s %s %s', attrelid::regclass, attname, atttypid::regtype, attnotnull)
        from pg_attribute join pg_class on pg_class.oid = attrelid
        where relnamespace = 'public'::regnamespace and attnum > 0 and relname <> '_sqlx_migrations'
            and relname <> '_sqlx_migrations_pkey'
        union all
        select format('%s %s', conname, pg_get_constraintdef(oid)) from pg_constraint
        where connamespace = 'public'::regnamespace and conname <> '_sqlx_migrations_pkey'
        union all
        select format('%s', oid::regprocedure) from pg_proc where pronamespace = 'public'::regnamespace
    ";
    (version, sqlx::query_scalar(select).fetch_all(db).await.unwrap().into_iter().collect())
}

/// Stands between an adoption and the server, and cuts the connection when the server has done so many statements: the
/// answer to the last is lost.
struct Cutter {
    options: PgConnectOptions,
}

impl Cutter {
    async fn start(server: &PgConnectOptions, statements: usize) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let address = (server.get_host().to_owned(), server.get_port());
        let options = server.clone().port(port).ssl_mode(PgSslMode::Disable).application_name("cut off");
        tokio::spawn(async move {
            let (client, _) = listener.accept().await.unwrap();
            let server = TcpStream::connect(address).await.unwrap();
            client.set_nodelay(true).unwrap();
            server.set_nodelay(true).unwrap();
            let (mut from_client, mut to_client) = client.into_split();
            let (mut from_server, mut to_server) = server.into_split();
            let requests = async {
                let _ = tokio::io::copy(&mut from_client, &mut to_server).await;
            };
            let answers = async {
                let mut done = 0;
                loop {
                    let Ok(kind) = from_server.read_u8().await else { return };
                    let Ok(length) = from_server.read_u32().await else { return };
                    let mut rest = vec![0; length as usize - 4];
                    if from_server.read_exact(&mut rest).await.is_err() {
                        return;
                    }
                    // CommandComplete.
                    done += usize::from(kind == b'C');
                    if done >= statements {
                        return;
                    }
                    let _ = to_client.write_all(&[&[kind][..], &length.to_be_bytes(), &rest].concat()).await;
                }
            };
            tokio::select! {
                () = requests => {}
                () = answers => {}
            }
        });
        Self { options }
    }

    /// The server may be in the middle of the next statement, and notices late that nobody listens.
    async fn end_server_side(&self, db: &PgPool) {
        let end = "select count(pg_terminate_backend(pid)) from pg_stat_activity
                   where datname = current_database() and application_name = 'cut off'";
        while sqlx::query_scalar::<_, i64>(end).fetch_one(db).await.unwrap() > 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

// Photos.

#[sqlx::test(migrations = false)]
async fn photos_of_the_rows_and_of_the_media_folder_are_stored(db: PgPool) {
    for form in [Older, Newer] {
        make_original(&db, form).await;
        let png = STANDARD.decode(PNG).unwrap();
        let media = std::env::temp_dir().join(format!("red media {}", std::process::id()));
        std::fs::create_dir_all(media.join("hotels")).unwrap();
        std::fs::write(media.join("hotels/sain.png"), &png).unwrap();
        std::fs::write(media.join("hotels/abime.png"), "no picture").unwrap();
        let (column, sources) = match form {
            Older => (
                "image",
                ["hotels/sain.png", "hotels/abime.png", "hotels/absent.png", "../secret.png"].map(str::to_owned),
            ),
            Newer => {
                let url = |data: &str| format!("data:image/png;base64,{data}");
                ("image_base64", [url(PNG), url("AAAA"), url("?"), "text".to_owned()])
            }
        };
        // The first good one is of a hotel that breaks a rule.
        for (id, source) in [2, 3, 4, 5].into_iter().zip(&sources) {
            let update = format!("update hotels_hotel set {column} = $2 where id = $1");
            sqlx::query(AssertSqlSafe(update)).bind(id).bind(source).execute(&db).await.unwrap();
        }
        let update = format!("update hotels_hotel set {column} = $1 where id = 1");
        sqlx::query(AssertSqlSafe(update)).bind(&sources[0]).execute(&db).await.unwrap();
        let store = Arc::new(InMemory::new());
        let images = Images::new(Store::new(Arc::clone(&store) as Arc<dyn ObjectStore>), "http://web.test/media");
        let too_early = adopt::adopt_images(&mut connect(&db).await, &images, Some(&media)).await.unwrap_err();
        assert!(too_early.to_string().contains("not adopted yet"));
        adopt(&db).await;

        let outcome = adopt::adopt_images(&mut connect(&db).await, &images, Some(&media)).await.unwrap();
        let again = adopt::adopt_images(&mut connect(&db).await, &images, Some(&media)).await.unwrap();

        assert_eq!(outcome.stored, 2);
        assert_eq!(outcome.left.iter().map(|left| left.hotel).collect::<Vec<_>>(), [3, 4, 5], "{:?}", outcome.left);
        assert_eq!((again.stored, &again.left), (0, &outcome.left));
        let key: String =
            sqlx::query_scalar("select image_key from hotels_hotel where id = 2").fetch_one(&db).await.unwrap();
        assert_eq!(store.get(&key.as_str().into()).await.unwrap().bytes().await.unwrap(), png);
        let app = TestApp::start(db.clone()).await;
        let hotel = app.sign_in("chef@hotel.sn", PASSWORD).await.get("/api/hotels/1/").await.expect(200);
        assert!(hotel["image_url"].as_str().unwrap().ends_with(".png"), "{hotel}");
        std::fs::remove_dir_all(&media).unwrap();
    }
}

// A large database.

/// `cargo local test` leaves it out: it takes minutes. It prints what docs/moving-over.md says.
#[ignore = "takes minutes"]
#[sqlx::test(migrations = false)]
async fn a_large_database_is_adopted(db: PgPool) {
    make_tables(&db, Newer).await;
    let fill = "
        insert into users_customuser (password, is_superuser, username, first_name, last_name, is_staff, is_active,
            date_joined, email, phone, is_admin, created_at, updated_at)
        select 'pbkdf2_sha256$20000$seasalt$m/aCWs0F+p+xrxc6nnanC0QWlBuCrYUspjY17CF2gog=', false, 'user' || n, 'Awa',
            'Diop ' || n, false, true, now(), 'User' || n || '@Hotel.sn', nullif(n % 2, 0)::text, false, now(), now()
        from generate_series(1, 100000) as n;
        insert into tickets_ticket (title, description, status, priority, created_at, updated_at, user_id)
        select 'Climatisation en panne ' || n, repeat('Chambre ' || n || ' depuis hier soir. ', 3), 'open', 'medium',
            now() - n * interval '10 seconds', now(), n % 100000 + 1
        from generate_series(1, 1000000) as n;
        insert into messaging_message (content, is_read, created_at, updated_at, recipient_id, sender_id)
        select repeat('Le client de la chambre ' || n || ' arrive demain. ', 2), n % 3 = 0,
            now() - n * interval '10 seconds', now(), n % 100000 + 1, n * 7 % 100000 + 1
        from generate_series(1, 1000000) as n;
        insert into emails_email (recipient, subject, body, is_sent, created_at, sent_at)
        select 'user' || n || '@hotel.sn', 'Bienvenue', 'Bonjour', n % 10 > 0, now(), now()
        from generate_series(1, 100000) as n;
    ";
    sqlx::raw_sql(fill).execute(&db).await.unwrap();
    sqlx::raw_sql("vacuum (analyze)").execute(&db).await.unwrap();
    let mut adopting = connect(&db).await;
    let backend: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut adopting).await.unwrap();
    let watched = tokio::spawn(watch_locks(db.clone(), backend));

    let started = Instant::now();
    let mut total = 0.0;
    adopt::adopt(&mut adopting, |step, taken| {
        let Some(time) = taken else { return };
        total += time.as_secs_f64();
        println!("{:>3} {:14} {:6.1} s   {}", step.version, step.name, time.as_secs_f64(), step.locks.join(", "));
    })
    .await
    .unwrap();
    println!("all steps {total:.1} s");
    sqlx::raw_sql("vacuum (analyze)").execute(&db).await.unwrap();
    println!("with vacuum {:.1} s", started.elapsed().as_secs_f64());
    println!("client: {}", high_water(std::process::id()));
    println!("server: {}", high_water(backend.cast_unsigned()));
    drop(adopting);
    println!("locks: {:#?}", watched.await.unwrap());
    let app = TestApp::start(db).await;
    let user = app.sign_in("user5@hotel.sn", PASSWORD).await;
    assert_eq!(user.get("/api/tickets/").await.expect(200)["count"], 10);
}

/// The most memory that a process has had, shared buffers that it touched included.
fn high_water(pid: u32) -> String {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM unknown").to_owned()
}

/// The strongest locks on tables of the original that a backend was seen with, until it is gone.
async fn watch_locks(db: PgPool, backend: i32) -> BTreeSet<String> {
    let select = "
        select coalesce(array_agg(distinct format('%s %s', relation::regclass, mode)), '{}'),
            exists (select from pg_stat_activity where pid = $1)
        from pg_locks
        where pid = $1 and granted and mode in ('AccessExclusiveLock', 'ShareRowExclusiveLock')
            and relation in (
                select oid from pg_class
                where relkind = 'r' and relnamespace = 'public'::regnamespace and relname ~ '^(django|users|hotels|tickets_t|mess|emails_email|forms|entries)'
            )
    ";
    let mut seen = BTreeSet::new();
    loop {
        let (locks, alive): (Vec<String>, bool) = sqlx::query_as(select).bind(backend).fetch_one(&db).await.unwrap();
        seen.extend(locks);
        if !alive {
            return seen;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
