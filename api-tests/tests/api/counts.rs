//! Counts that are kept while rows are written: at every moment what counting the rows would find. Every list of a debug
//! build compares the two by itself.

use api_tests::TestApp;
use chrono::NaiveDate;
use serde_json::json;
use shared::db::MIGRATOR;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};

use crate::hotels::{created, path};

const MIGRATION: &str = include_str!("../../../migrations/0010_row_counts.sql");

/// Counter, owner, facet, day, how many.
type Figure = (String, i64, String, NaiveDate, i64);

async fn run(db: &PgPool, sql: impl Into<String>) {
    sqlx::raw_sql(AssertSqlSafe(sql.into())).execute(db).await.unwrap();
}

/// Every figure that is not zero.
async fn figures(db: &PgPool) -> Vec<Figure> {
    let select = "
        select counter, owner, facet, greatest(day, '2000-01-01'), sum(n)::bigint
        from row_count
        group by counter, owner, facet, day
        having sum(n) <> 0
        order by counter, owner, facet, day";
    sqlx::query_as(select).fetch_all(db).await.unwrap()
}

/// Counts all rows anew, as the migration does where it finds a database with rows.
async fn recount(db: &PgPool) {
    let (_, calls) = MIGRATION.split_once("\ncall ").unwrap();
    run(db, format!("call {calls}")).await;
}

/// Users 1 to 3, a form, and rows of everything, in three statements each.
async fn fill(db: &PgPool) {
    run(
        db,
        "
        insert into users_customuser (email, email_key, password, is_admin, is_active)
        select n || '@example.sn', n || '@example.sn', '', n = 1, n < 3 from generate_series(1, 3) as n;
        insert into hotels_hotel (name, city, price_per_night, is_active)
        select 'Hôtel', (array['Thiès', 'THIES', 'Dakar'])[1 + n % 3], 1, n % 4 > 0 from generate_series(1, 12) as n;
        insert into forms_form (title, fields, is_active) values ('A', '[]', true), ('B', '[]', false);
        insert into entries_entry (form_id, data, created_at)
        select 1 + n % 2, '{}', now() - n * interval '9 days' from generate_series(0, 9) as n;
        insert into emails_email (recipient, subject, body) select 'a@example.sn', 'A', 'B' from generate_series(1, 5);
        insert into tickets_ticket (title, description, user_id, created_at)
        select 'A', 'B', 1 + n % 3, now() - n * interval '9 days' from generate_series(0, 9) as n;
        insert into audit_event (action, resource) values ('login', 'session'), ('logout', 'session');
        insert into messages_message (
            sender_id, recipient_id, content, is_read, hidden_for_sender, hidden_for_recipient
        )
        select sender, recipient, 'A', is_read, hidden_for_sender, hidden_for_recipient
        from generate_series(1, 2) as sender, generate_series(1, 2) as recipient, (values (true), (false)) as r (is_read),
            (values (true), (false)) as s (hidden_for_sender), (values (true), (false)) as h (hidden_for_recipient);

        update users_customuser set is_active = not is_active where id > 1;
        update hotels_hotel set name = 'B', city = 'Saly', is_active = not is_active where id % 5 = 0;
        update hotels_hotel set name = 'C';
        update forms_form set is_active = true;
        update entries_entry set form_id = 1 where id = 2;
        update emails_email set status = 'cancelled' where id < 3;
        update tickets_ticket set status = 'closed', user_id = 1 where id % 2 = 0;
        update messages_message set is_read = true, hidden_for_sender = true where id % 3 = 0;
        update tickets_ticket set status = 'closed' where false;

        delete from users_customuser where id = 3 and not exists (select from tickets_ticket where user_id = 3);
        delete from hotels_hotel where id < 3;
        delete from entries_entry where id > 8;
        delete from emails_email where id = 1;
        delete from tickets_ticket where id in (1, 2);
        delete from messages_message where id % 7 = 0;
        ",
    )
    .await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn figures_are_what_counting_all_rows_finds(owner: PgPool) {
    fill(&owner).await;
    let kept = figures(&owner).await;

    recount(&owner).await;

    assert_eq!(kept, figures(&owner).await);
    assert!(kept.len() > 30, "{kept:?}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn rows_that_were_there_before_are_counted(owner: PgPool) {
    let tables = ["users_customuser", "hotels_hotel", "forms_form", "entries_entry", "emails_email", "tickets_ticket"];
    let tables = [&tables[..], &["audit_event", "messages_message"]].concat();
    let triggers =
        |state: &str| tables.iter().map(|table| format!("alter table {table} {state} trigger user;")).collect();
    run(&owner, Iterator::collect::<String>(std::iter::once::<String>(triggers("disable")))).await;
    fill(&owner).await;
    assert_eq!(figures(&owner).await, []);

    recount(&owner).await;

    let counts: Vec<(String, i64)> = sqlx::query_as(
        "select counter, sum(n)::bigint from row_count where owner = -1 group by counter order by counter",
    )
    .fetch_all(&owner)
    .await
    .unwrap();
    let counts: Vec<_> = counts.iter().map(|(counter, n)| (counter.as_str(), *n)).collect();
    let expected = [("audit", 2), ("emails", 4), ("entries", 8), ("forms", 2), ("hotels", 10), ("tickets", 8)];
    assert_eq!(counts, [&expected[..], &[("users", 3)]].concat());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn each_message_that_a_user_sees_is_counted_in_one_box(owner: PgPool) {
    fill(&owner).await;

    for user in [1_i64, 2] {
        let (inbox, sent, unread): (i64, i64, i64) = sqlx::query_as(
            "
            select
                count(*) filter (where recipient_id = $1 and not hidden_for_recipient and sender_id <> $1),
                count(*) filter (where sender_id = $1 and not hidden_for_sender),
                count(*) filter (
                    where recipient_id = $1 and not hidden_for_recipient and sender_id <> $1 and not is_read
                )
            from messages_message
            ",
        )
        .bind(user)
        .fetch_one(&owner)
        .await
        .unwrap();

        let figures = figures(&owner).await;
        let sum = |facets: &[&str]| -> i64 {
            let own = figures.iter().filter(|(counter, of, ..)| counter == "messages" && *of == user);
            own.filter(|(_, _, facet, ..)| facets.contains(&facet.as_str())).map(|(.., n)| n).sum()
        };
        assert_eq!(sum(&["inbox read", "inbox unread"]), inbox);
        assert_eq!(sum(&["inbox unread"]), unread);
        assert_eq!(sum(&["sent"]), sent);
        assert!(inbox > unread && unread > 0 && sent > 0);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_table_that_is_emptied_has_no_rows(owner: PgPool) {
    fill(&owner).await;

    run(&owner, "truncate hotels_hotel, tickets_ticket cascade").await;

    let left = figures(&owner).await;
    assert!(left.iter().all(|(counter, ..)| !["hotels", "cities", "tickets"].contains(&counter.as_str())), "{left:?}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_is_rolled_back_is_not_counted(owner: PgPool) {
    fill(&owner).await;
    let before = figures(&owner).await;

    run(&owner, "begin; delete from hotels_hotel; select fold_row_counts('hotels', '{-1}'); rollback").await;

    assert_eq!(figures(&owner).await, before);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_folded_figure_is_one_line_and_old_days_are_one_day(owner: PgPool) {
    fill(&owner).await;
    run(&owner, "update row_count set day = day - 45 where counter = 'tickets' and day > '-infinity'").await;
    let total = async || {
        let select = "select sum(n)::bigint from row_count where counter = 'tickets' and owner = -1";
        sqlx::query_scalar::<_, i64>(select).fetch_one(&owner).await.unwrap()
    };
    let before = total().await;

    run(&owner, "select fold_row_counts('tickets', '{-1}')").await;

    let lines: Vec<(String, bool)> = sqlx::query_as(
        "select facet, day = '-infinity' from row_count where counter = 'tickets' and owner = -1 order by facet",
    )
    .fetch_all(&owner)
    .await
    .unwrap();
    assert_eq!(lines, [("closed".to_owned(), true), ("open".to_owned(), true)]);
    assert_eq!(total().await, before);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn figures_hold_at_every_moment_while_others_write_and_fold(owner: PgPool) {
    fill(&owner).await;
    let compare = "
        select
            (select sum(n) from row_count where counter = 'tickets' and owner = -1)::bigint,
            (select count(*) from tickets_ticket),
            (select sum(n) from row_count where counter = 'tickets' and owner = 1 and facet = 'open')::bigint,
            (select count(*) from tickets_ticket where user_id = 1 and status = 'open')";
    let writer = async |n: i64| {
        let mut connection = owner.acquire().await.unwrap();
        for round in 0..60 {
            let id: i64 = sqlx::query_scalar(
                "insert into tickets_ticket (title, description, user_id) values ('A', 'B', $1) returning id",
            )
            .bind(1 + (n + round) % 2)
            .fetch_one(&mut *connection)
            .await
            .unwrap();
            let then = [
                "update tickets_ticket set status = 'closed' where id = $1",
                "begin; update tickets_ticket set user_id = 1, status = 'in_progress' where id = $1; commit",
                "begin; delete from tickets_ticket where id = $1; rollback",
                "delete from tickets_ticket where id = $1",
            ];
            let then = then[usize::try_from(round).unwrap() % then.len()].replace("$1", &id.to_string());
            sqlx::raw_sql(AssertSqlSafe(then)).execute(&mut *connection).await.unwrap();
        }
    };
    let writers = async { tokio::join!(writer(0), writer(1), writer(2)) };
    let over = std::cell::Cell::new(false);
    let folder = async {
        while !over.get() {
            run(&owner, "select fold_row_counts('tickets', '{-1, 1, 2}')").await;
        }
    };
    let reader = async {
        let mut read = 0;
        while !over.get() {
            let figures: (i64, i64, i64, i64) = sqlx::query_as(compare).fetch_one(&owner).await.unwrap();
            assert_eq!((figures.0, figures.2), (figures.1, figures.3));
            read += 1;
        }
        read
    };

    let (_, (), read) = tokio::join!(
        async {
            writers.await;
            over.set(true)
        },
        folder,
        reader
    );

    assert!(read > 10, "{read}");
    let kept = figures(&owner).await;
    recount(&owner).await;
    assert_eq!(kept, figures(&owner).await);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_figure_has_few_lines_whatever_is_written(owner: PgPool) {
    fill(&owner).await;
    let insert = "insert into hotels_hotel (name, city, price_per_night) values ('A', 'Dakar', 1)";
    for _ in 0..1_200 {
        sqlx::query(insert).execute(&owner).await.unwrap();
    }

    let select = "select count(*) from row_count where counter = 'hotels'";
    let lines: i64 = sqlx::query_scalar(select).fetch_one(&owner).await.unwrap();

    // Folded by chance, every thirty-second time: so many lines in a row once in a billion times.
    assert!(lines < 700, "{lines}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_application_cannot_touch_a_figure(owner: PgPool) {
    let mut options = None;
    let _app = TestApp::start_with(owner, |setup| options = Some(setup.options.clone())).await;
    let mut application = PgConnection::connect_with(&options.unwrap()).await.unwrap();

    for statement in [
        "insert into row_count values ('hotels', -1, 'active', '-infinity', 1)",
        "update row_count set n = n + 1",
        "delete from row_count",
        "truncate row_count",
        "select fold_row_counts('hotels', '{-1}')",
        "call keep_row_counts('mine', 'hotels_hotel', 'select 1, '''', now()::date')",
    ] {
        let refused = sqlx::query(statement).execute(&mut application).await.unwrap_err();

        let code = refused.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned());
        assert_eq!(code.as_deref(), Some("42501"), "{statement}: {refused}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_list_of_hotels_counts_what_the_caller_sees(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let mut rows = Vec::new();
    for n in 0..13 {
        rows.push(created(&admin, json!({ "is_active": n % 4 > 0 })).await);
    }
    admin.patch(&path(&rows[1]), json!({ "is_active": false, "city": "Saly" })).await.expect(200);
    admin.patch(&path(&rows[2]), json!({ "name": "Autre" })).await.expect(200);
    admin.delete(&path(&rows[3])).await.expect(204);
    admin.delete(&path(&rows[4])).await.expect(204);

    for (query, for_admin, for_user) in [
        ("", 11, 7),
        ("?is_active=true", 7, 7),
        ("?is_active=false", 4, 0),
        ("?page_size=1&page=last", 11, 7),
        ("?page=1&ordering=-name", 11, 7),
        ("?is_active=false&city=saly", 1, 0),
        ("?is_active=false&currency=EUR", 0, 0),
        ("?search=hôtel", 10, 6),
        ("?search=%20,", 11, 7),
    ] {
        let list = format!("/api/hotels/{query}");
        assert_eq!(admin.get(&list).await.expect(200)["count"], for_admin, "{query}");
        assert_eq!(user.get(&list).await.expect(200)["count"], for_user, "{query}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_figure_that_is_wrong_is_not_answered_by_a_debug_build(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    created(&admin, json!({})).await;

    run(&app.owner, "insert into row_count values ('hotels', -1, 'active', '-infinity', 1)").await;

    assert_eq!(admin.get("/api/hotels/").await.status, 500);
}
