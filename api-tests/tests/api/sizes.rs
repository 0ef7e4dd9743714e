//! Sizes: no row makes an answer impossible, and one account cannot create or search without limit.

use std::io::Write;

use api_tests::{Answer, Caller, TestApp};
use http::Method;
use serde_json::{Value, json};
use shared::{cut::MAX_ROW_BYTES, db::MIGRATOR};
use sqlx::PgPool;
use tokio::task::JoinSet;

use crate::{entries::entered, forms, hotels, tickets::ticket};

const CONTROL: &str = "Les caractères de contrôle ne sont pas autorisés.";
const TOO_LARGE: &str =
    "Assurez-vous que ce champ comporte au plus 40\u{a0}ko de JSON. Raccourcissez ses textes les plus longs.";

// Lists.

/// The paths of every list, from the API's description of itself.
fn lists() -> Vec<String> {
    let document: Value = serde_json::from_str(&local::openapi::document().unwrap()).unwrap();
    let paths = document["paths"].as_object().unwrap().iter().filter(|(_, methods)| {
        let parameters = methods["get"]["parameters"].as_array();
        parameters.is_some_and(|parameters| parameters.iter().any(|parameter| parameter["name"] == "page_size"))
    });
    paths.map(|(path, _)| path.clone()).collect()
}

fn size(value: &Value) -> usize {
    value.to_string().len()
}

/// 100 rows of every table, each larger than any that the API accepts.
async fn insert_adopted(app: &TestApp, admin: &Caller, ticket: i64) {
    for statement in [
        "insert into tickets_ticket (title, description, user_id) select 'T', text, $1 from large, generate_series(1, 100)",
        "insert into tickets_comment (ticket_id, author_id, kind, content)
            select $2, $1, 'comment', text from large, generate_series(1, 100)",
        "insert into hotels_hotel (name, description, city, price_per_night)
            select 'H', text, 'Ville ' || n, 1 from large, generate_series(1, 100) as n",
        "insert into messages_message (sender_id, recipient_id, content)
            select id, $1, text from users_customuser, large, generate_series(1, 100) where id <> $1",
        "insert into emails_email (recipient, subject, body) select 'a@b.sn', 'S', text from large, generate_series(1, 100)",
        "insert into emails_suppression (recipient, reason)
            select 'a' || n || '@b.sn', 'bounced' from generate_series(1, 100) as n",
        "insert into forms_form (title, description, fields)
            select 'F', text, to_jsonb(array_fill(text, array[2])) from large, generate_series(1, 100)",
        "insert into entries_entry (form_id, data) select (select max(id) from forms_form), jsonb_build_object(
                'deep', jsonb_build_object('list', array_fill(7, array[3000]), 'text', text), 'name', n)
            from large, generate_series(1, 100) as n",
        "insert into audit_event (action, resource, changes)
            select 'update', 'hotel', jsonb_build_object('a', array[text, left(text, 900)], 'b', array[null, left(text, 9000)])
            from large, generate_series(1, 100)",
        "insert into users_customuser (email, email_key, password, first_name, last_name)
            select n || '@b.sn', n || '@b.sn', '', repeat('😀', 150), repeat('\"', 150) from generate_series(1, 100) as n",
        "insert into auth_session (id, user_id, expires_at, user_agent)
            select -n, $1, now() + interval '1 hour', repeat('\"', 255) from generate_series(1, 100) as n",
    ] {
        // A third of the bytes is escaped in JSON, and again in Lambda's event.
        let statement = format!(r#"with large as (select repeat('"\😀', 6000) as text) {statement}"#);
        let statement = statement.replace("$1", &admin.id().to_string()).replace("$2", &ticket.to_string());
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&app.owner).await.unwrap();
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn every_list_answers_a_page_of_a_hundred_rows_of_any_size(owner: PgPool) {
    let app = TestApp::start(owner).await.with_old_rows();
    let (admin, user) = (app.admin().await, app.user().await);
    let first = user.post("/api/tickets/", ticket(json!({}))).await.expect(201)["id"].as_i64().unwrap();
    insert_adopted(&app, &admin, first).await;

    let lists = lists();
    assert!(lists.len() >= 13, "{lists:?}");
    for list in lists {
        let path = list.replace("{id}", &first.to_string());
        let page = admin.get(&format!("{path}?page_size=100")).await.expect(200);
        let rows = page["results"].as_array().unwrap();
        assert_eq!(rows.len(), 100, "{list}");
        for row in rows {
            assert!(size(row) <= MAX_ROW_BYTES && row["id"].is_i64(), "{list}: {}", size(row));
        }
        let next_to_last = admin.get(&format!("{path}?page=last&page_size=100")).await;
        assert_eq!(next_to_last.status, 200, "{list}");
    }
    for caller in [&admin, &user] {
        caller.get("/api/dashboard/").await.expect(200);
        caller.get("/api/hotels/dashboard/stats/").await.expect(200);
        caller.get("/api/hotels/cities/").await.expect(200);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_largest_accepted_rows_are_listed_and_answered(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    for c in ["\"", "\\", "😀", "\n\"", "é"] {
        let text = format!("x{}x", c.repeat(9_998 / c.chars().count()));
        let created = user.post("/api/tickets/", ticket(json!({ "description": text }))).await.expect(201);
        assert_eq!(created["description"], text);
        let listed = &admin.get("/api/tickets/").await.expect(200)["results"][0];
        assert!(size(listed) <= MAX_ROW_BYTES);
        let path = format!("/api/tickets/{}/", created["id"]);
        assert_eq!(user.get(&path).await.expect(200)["description"], text);
        user.delete(&path).await.expect(204);
    }
    admin.get("/api/audit/?page_size=100").await.expect(200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_row_of_megabytes_is_answered_whole_at_its_own_path(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let created = admin.post("/api/tickets/", ticket(json!({}))).await.expect(201);
    let path = format!("/api/tickets/{}/", created["id"]);

    for characters in [1_100_000, 7_000_000] {
        sqlx::query("update tickets_ticket set description = repeat('\"a', $2 / 2) where id = $1")
            .bind(created["id"].as_i64())
            .bind(characters)
            .execute(&app.owner)
            .await
            .unwrap();
        for request in
            [admin.request(Method::GET, &path), admin.request(Method::GET, &path).header("accept-encoding", "gzip")]
        {
            let row = request.send().await.expect(200);
            assert_eq!(row["description"].as_str().map(str::len), Some(usize::try_from(characters).unwrap()));
        }
        let listed = admin.get("/api/tickets/").await.expect(200)["results"][0]["description"].clone();
        let listed = listed.as_str().unwrap();
        assert_eq!((listed.chars().count(), listed.ends_with('…')), (10_000, true));
        admin.get("/api/dashboard/").await.expect(200);
    }
    // Seven million characters fit into Lambda's answer only if they are compressed.
    let identity = admin.request(Method::GET, &path).header("accept-encoding", "identity").send().await;
    identity.expect(500);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn adopted_json_of_any_depth_is_listed_and_answered(owner: PgPool) {
    let app = TestApp::start(owner).await.with_old_rows();
    let admin = app.admin().await;
    let form = forms::created(&admin, json!({})).await;
    let entry = entered(&admin, &form, json!({ "name": "Awa" })).await;
    let paths = [
        format!("/api/entries/{}/", entry["id"]),
        format!("/api/forms/{}/", form["id"]),
        format!("/api/public/forms/{}/", form["id"]),
    ];

    for depth in [90, 110, 126, 129, 3_000] {
        for statement in [
            "update entries_entry set data = (repeat('{\"a\":', $1) || '1' || repeat('}', $1))::jsonb",
            "update forms_form set fields = (repeat('[', $1) || repeat(']', $1))::jsonb",
            "insert into audit_event (action, resource, changes)
                values ('update', 'entry', (repeat('{\"a\":', $1) || '1' || repeat('}', $1))::jsonb)",
        ] {
            sqlx::query(sqlx::AssertSqlSafe(statement)).bind(depth).execute(&app.owner).await.unwrap();
        }
        for list in ["/api/entries/", "/api/forms/", "/api/audit/"] {
            admin.get(list).await.expect(200);
        }
        for path in &paths {
            let row = admin.get(path).await.expect(200);
            let value = if path.contains("forms") { &row["fields"] } else { &row["data"] };
            assert!(!value.is_string(), "{path} {depth}");
        }
    }

    // JSON of megabytes is not sent from the database as often as a page has rows.
    let data = "insert into entries_entry (form_id, data)
        select form_id, jsonb_build_object('name', repeat('x', 1000000)) from entries_entry, generate_series(1, 100)";
    sqlx::query(data).execute(&app.owner).await.unwrap();
    let list = admin.get("/api/entries/?page_size=100").await.expect(200);
    let row = &list["results"][0];
    assert!(row["data"].as_str().unwrap().ends_with("xxx…"));
    let path = format!("/api/entries/{}/", row["id"]);
    let unchanged = admin.put(&path, row.clone()).await.expect(200);
    assert_eq!(unchanged["data"]["name"].as_str().map(str::len), Some(1_000_000));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_audit_lists_a_thousand_characters_and_keeps_all(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let hotel = hotels::created(&admin, json!({ "description": "a".repeat(5_000) })).await;
    let path = hotels::path(&hotel);
    admin.patch(&path, json!({ "description": "b".repeat(10_000) })).await.expect(200);
    let form = forms::created(&admin, json!({})).await;
    let entry = entered(&admin, &form, json!({ "name": "n".repeat(3_000) })).await;

    let audit = admin.get("/api/audit/?action=update").await.expect(200);
    let change = &audit["results"][0]["changes"]["description"];
    for (value, c) in [(&change[0], "a"), (&change[1], "b")] {
        assert_eq!(*value, format!("{}…", c.repeat(999)));
    }
    let audit = admin.get(&format!("/api/audit/?resource=entry&object_id={}", entry["id"])).await.expect(200);
    assert_eq!(audit["results"][0]["changes"]["data"][1]["name"], format!("{}…", "n".repeat(999)));

    let kept: Value = sqlx::query_scalar("select changes from audit_event where action = 'update'")
        .fetch_one(&app.owner)
        .await
        .unwrap();
    assert_eq!(kept["description"], json!(["a".repeat(5_000), "b".repeat(10_000)]));
}

// What is accepted.

#[sqlx::test(migrator = "MIGRATOR")]
async fn no_text_has_control_characters_or_more_than_ten_thousand(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let of_user = format!("/api/tickets/{}/", user.post("/api/tickets/", ticket(json!({}))).await.expect(201)["id"]);
    let comments = format!("{of_user}comments/");
    let hotel = hotels::path(&hotels::created(&admin, json!({})).await);
    let form = forms::created(&admin, json!({})).await;
    let form_path = format!("/api/forms/{}/", form["id"]);
    let person = format!("/api/users/{}/", user.id());
    let email = |name: &str, text: &str| {
        let mut email = json!({ "recipient": "awa@example.sn", "subject": "Objet", "body": "Bonjour" });
        email[name] = json!(text);
        email
    };

    for c in ['\u{0}', '\u{1}', '\u{b}', '\u{1b}', '\u{7f}', '\u{80}', '\u{9f}'] {
        let text = format!("a{c}b");
        for (caller, method, path, body) in [
            (&user, "POST", "/api/tickets/", ticket(json!({ "description": text }))),
            (&user, "POST", "/api/tickets/", ticket(json!({ "title": text }))),
            (&user, "PATCH", of_user.as_str(), json!({ "description": text })),
            (&user, "POST", comments.as_str(), json!({ "content": text })),
            (&user, "POST", "/api/messages/", json!({ "recipient_id": admin.id(), "content": text })),
            (&user, "POST", "/api/entries/", json!({ "form": form["id"], "data": { "name": text } })),
            (&user, "PATCH", "/api/auth/me/", json!({ "first_name": text })),
            (&admin, "PATCH", hotel.as_str(), json!({ "description": text })),
            (&admin, "PATCH", hotel.as_str(), json!({ "address": text })),
            (&admin, "POST", "/api/emails/", email("body", &text)),
            (&admin, "POST", "/api/emails/", email("subject", &text)),
            (&admin, "PATCH", form_path.as_str(), json!({ "description": text })),
            (
                &admin,
                "PATCH",
                form_path.as_str(),
                json!({ "fields": [{ "name": "a", "label": text, "type": "text" }] }),
            ),
            (
                &admin,
                "PATCH",
                form_path.as_str(),
                json!({ "fields": [{ "name": "a", "label": "A", "type": "text", "pattern": text }] }),
            ),
            (
                &admin,
                "PATCH",
                form_path.as_str(),
                json!({ "fields": [{ "name": "a", "label": "A", "type": "select", "options": [text] }] }),
            ),
            (&admin, "PATCH", person.as_str(), json!({ "last_name": text })),
        ] {
            let answer = caller.request(method.parse().unwrap(), path).json(&body).send().await;
            let body = answer.expect(400).to_string();
            assert!(c == '\0' || body.contains(CONTROL), "{method} {path}: {body}");
        }
    }
    let long = "x".repeat(10_001);
    for (caller, method, path, body) in [
        (&user, "POST", "/api/tickets/", ticket(json!({ "description": long }))),
        (&user, "PATCH", of_user.as_str(), json!({ "description": long })),
        (&admin, "PATCH", hotel.as_str(), json!({ "description": long })),
        (&admin, "POST", "/api/emails/", email("body", &long)),
        (&admin, "PATCH", form_path.as_str(), json!({ "description": long })),
    ] {
        let answer = caller.request(method.parse().unwrap(), path).json(&body).send().await.expect(400);
        assert!(answer.to_string().contains("10000\u{a0}caractères"), "{answer}");
    }
    let text = "Ligne 1\r\n\tLigne 2\u{2028}Ligne 3\nعربي 👩\u{200d}🚀";
    let kept = admin.patch(&hotel, json!({ "description": text })).await.expect(200);
    assert_eq!(kept["description"], text);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_entry_and_a_definition_have_forty_kilobytes_at_most(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let field = |n: usize| json!({ "name": format!("f{n}"), "label": "F", "type": "textarea" });
    let fields: Vec<Value> = (0..10).map(field).collect();
    let form = forms::created(&admin, json!({ "fields": fields })).await;
    let answer = |text: &str, fields: usize| {
        let data = (0..fields).map(|n| (format!("f{n}"), json!(text))).collect::<serde_json::Map<_, _>>();
        json!({ "form": form["id"], "data": data })
    };
    let public = format!("/api/public/forms/{}/entries/", form["id"]);

    for (body, status) in [
        (answer(&"x".repeat(10_000), 3), 201),
        (answer(&"x".repeat(10_000), 4), 400),
        (answer(&"\"".repeat(4_900), 4), 201),
        (answer(&"\"".repeat(5_000), 4), 400),
        (answer(&"\n\u{1}".repeat(5_000), 10), 400),
        (answer(&"😀".repeat(2_000), 5), 400),
    ] {
        for path in ["/api/entries/", public.as_str()] {
            let answered = admin.post(path, body.clone()).await;
            assert_eq!(answered.status, status, "{path} {}", size(&body));
        }
    }
    let refused = admin.post("/api/entries/", answer(&"x".repeat(9_999), 5)).await.expect(400);
    assert_eq!(refused, json!({ "data": [TOO_LARGE] }));

    let fields = |help: usize| {
        let field = |n| json!({ "name": format!("f{n}"), "label": "F", "type": "text", "help": "h".repeat(help) });
        json!({ "title": "F", "fields": (0..50).map(field).collect::<Vec<Value>>() })
    };
    admin.post("/api/forms/", fields(700)).await.expect(201);
    assert_eq!(admin.post("/api/forms/", fields(800)).await.expect(400), json!({ "fields": [TOO_LARGE] }));
    let path = format!("/api/forms/{}/", form["id"]);
    admin.patch(&path, fields(1_000)).await.expect(400);
}

// What a list cut comes back.

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_cut_text_that_comes_back_leaves_the_stored_text(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let hotel = hotels::created(&admin, json!({})).await["id"].clone();
    let ticket = admin.post("/api/tickets/", ticket(json!({}))).await.expect(201)["id"].clone();
    let form = forms::created(&admin, json!({})).await;
    let entry = entered(&admin, &form, json!({ "name": "Awa" })).await["id"].clone();
    let email = json!({ "recipient": "awa@example.sn", "subject": "Bonjour", "body": "Bonjour." });
    let email = admin.post("/api/emails/", email).await.expect(201)["id"].clone();
    // Longer than accepted, and with a character that is not.
    for (table, id, set) in [
        ("hotels_hotel", &hotel, "description = repeat(e'x\\x01', 10000)"),
        ("tickets_ticket", &ticket, "description = repeat('long ', 10000)"),
        ("forms_form", &form["id"], "description = repeat('😀', 30000)"),
        ("emails_email", &email, "body = repeat('😀', 10000)"),
        ("entries_entry", &entry, r#"data = jsonb_build_object('name', repeat('n', 20000), 'old', 'gone')"#),
    ] {
        let update = format!("update {table} set {set} where id = {id}");
        sqlx::query(sqlx::AssertSqlSafe(update)).execute(&app.owner).await.unwrap();
    }

    for (list, id, title, text) in [
        ("/api/hotels/", &hotel, "name", "description"),
        ("/api/tickets/", &ticket, "title", "description"),
        ("/api/forms/", &form["id"], "title", "description"),
        ("/api/emails/", &email, "subject", "body"),
    ] {
        let path = format!("{list}{id}/");
        let whole = admin.get(&path).await.expect(200);
        let listed = admin.get(list).await.expect(200)["results"][0].clone();
        assert_ne!(listed[text], whole[text], "{list}");
        for method in [Method::PUT, Method::PATCH] {
            for row in [&listed, &whole] {
                let mut row = row.clone();
                row[title] = json!(format!("Autre {method}"));
                let changed = admin.request(method.clone(), &path).json(&row).send().await.expect(200);
                assert_eq!((&changed[title], &changed[text]), (&row[title], &whole[text]), "{path}");
            }
        }
        // Another text is a change, and is validated.
        let long = format!("{}y", whole[text].as_str().unwrap());
        admin.patch(&path, json!({ text: long })).await.expect(400);
        let changed = admin.patch(&path, json!({ text: "Court…" })).await.expect(200);
        assert_eq!(changed[text], "Court…");
    }

    let path = format!("/api/entries/{entry}/");
    let whole = admin.get(&path).await.expect(200);
    let listed = admin.get("/api/entries/").await.expect(200)["results"][0].clone();
    assert_eq!(admin.put(&path, listed.clone()).await.expect(200)["data"], whole["data"]);
    let mut changed = listed["data"].clone();
    changed["old"] = json!("changed");
    admin.patch(&path, json!({ "data": changed })).await.expect(400);
    changed.as_object_mut().unwrap().remove("old");
    let changed = admin.patch(&path, json!({ "data": changed })).await.expect(200);
    assert_eq!(changed["data"], json!({ "name": "n".repeat(20_000) }));
}

// Limits for one account.

/// Sends requests at once and counts the answers by their status.
async fn statuses(caller: &Caller, requests: Vec<(Method, String, Value)>) -> (usize, Vec<Answer>) {
    let mut running = JoinSet::new();
    for (method, path, body) in requests {
        let request = caller.request(method, &path);
        running
            .spawn(async move { if body.is_null() { request.send().await } else { request.json(&body).send().await } });
    }
    let answers = running.join_all().await;
    let (done, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status.is_success());
    (done.len(), refused)
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_user_creates_120_rows_a_minute_at_most(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user, other) = (app.admin().await, app.user().await, app.user().await);
    let form = forms::created(&admin, json!({})).await;
    let once =
        || user.request(Method::POST, "/api/tickets/").header("idempotency-key", "once").json(&ticket(json!({})));
    let own = once().send().await.expect(201);
    let creations = |count: usize| {
        let kinds = [
            ("/api/tickets/".to_owned(), ticket(json!({}))),
            (format!("/api/tickets/{}/comments/", own["id"]), json!({ "content": "Bonjour" })),
            ("/api/messages/".to_owned(), json!({ "recipient_id": other.id(), "content": "Bonjour" })),
            ("/api/entries/".to_owned(), json!({ "form": form["id"], "data": { "name": "Awa" } })),
        ];
        let kinds = kinds.into_iter().cycle().take(count);
        kinds.map(|(path, body)| (Method::POST, path, body)).collect::<Vec<_>>()
    };

    let (mut created, mut refused) = (1, Vec::new());
    for _ in 0..6 {
        let (done, more) = statuses(&user, creations(22)).await;
        created += done;
        refused.extend(more);
    }
    assert_eq!((created, refused.len()), (120, 13));
    for answer in refused {
        answer.expect(429);
        assert!((1..=60).contains(&answer.header("retry-after").parse::<u32>().unwrap()));
    }
    // A change of the status adds a line to the thread, and an answer that is repeated adds nothing.
    let path = format!("/api/tickets/{}/", own["id"]);
    user.patch(&path, json!({ "status": "closed" })).await.expect(429);
    user.patch(&path, json!({ "title": "Autre titre" })).await.expect(200);
    assert_eq!(once().send().await.expect(201), own);
    other.post("/api/tickets/", ticket(json!({}))).await.expect(201);
    user.get("/api/tickets/").await.expect(200);
    let (done, _) = statuses(&admin, creations(20)).await;
    assert_eq!(done, 20);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_user_searches_60_times_a_minute_at_most(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let paths = ["/api/hotels/?search=a", "/api/tickets/?search=b", "/api/users/directory/?search=c"];
    let searches = |count| {
        let paths = paths.into_iter().cycle().take(count);
        paths.map(|path| (Method::GET, path.to_owned(), Value::Null)).collect::<Vec<_>>()
    };

    let (done, refused) = statuses(&user, searches(63)).await;
    assert_eq!((done, refused.len()), (60, 3));
    for answer in refused {
        answer.expect(429);
        assert_ne!(answer.header("retry-after"), "");
    }
    user.get("/api/hotels/?ordering=name").await.expect(200);
    user.get("/api/hotels/?search=").await.expect(200);
    let (done, _) = statuses(&admin, searches(63)).await;
    assert_eq!(done, 63);
}

// Compression.

/// Whether caches are told that the answer depends on `Accept-Encoding`.
fn varies(answer: &Answer) -> bool {
    answer.headers.get_all("vary").iter().any(|value| value == "Accept-Encoding")
}

async fn get(caller: &Caller, path: &str, accept: &str) -> Answer {
    caller.request(Method::GET, path).header("accept-encoding", accept).send().await
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn answers_of_a_kilobyte_are_compressed_where_gzip_is_accepted(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let large = hotels::path(&hotels::created(&admin, json!({ "description": "d".repeat(2_000) })).await);
    let small = hotels::path(&hotels::created(&admin, json!({})).await);

    for path in ["/api/schema/", "/api/docs/", "/api/hotels/", large.as_str(), "/api/hotels/?search=zzz&page_size=1"] {
        let plain = admin.get(path).await;
        let is_large = plain.bytes.len() >= 1_000;
        for accept in ["gzip", "br, gzip;q=0.2", "*"] {
            let compressed = get(&admin, path, accept).await;
            assert_eq!(compressed.header("content-encoding"), if is_large { "gzip" } else { "" }, "{path} {accept}");
            assert_eq!(varies(&compressed), is_large, "{path}");
            assert_eq!(compressed.header("etag"), plain.header("etag"), "{path}");
            assert_eq!(compressed.decoded(), plain.bytes, "{path}");
            assert!(!is_large || compressed.bytes.len() < plain.bytes.len());
            let head = admin.request(Method::HEAD, path).header("accept-encoding", accept).send().await;
            for header in ["content-encoding", "etag", "content-type"] {
                assert_eq!(head.header(header), compressed.header(header), "{header} of {path}");
            }
            assert_eq!(head.header("content-length"), compressed.bytes.len().to_string(), "{path}");
        }
        for accept in ["identity", "br", "gzip;q=0", "gzip;q=0, *"] {
            let answer = get(&admin, path, accept).await;
            assert_eq!((answer.header("content-encoding"), &answer.bytes), ("", &plain.bytes), "{path} {accept}");
            assert_eq!(varies(&answer), is_large, "{path}");
        }
    }
    assert_eq!(get(&admin, &small, "gzip").await.header("content-encoding"), "");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn answers_with_tokens_are_never_compressed(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    for _ in 0..10 {
        app.sign_in(user.email(), "Teranga-2026-Dakar").await;
    }
    let sessions = get(&user, "/api/auth/sessions/", "gzip").await;
    let body = json!({ "username": user.email(), "password": "Teranga-2026-Dakar" });
    let token = app.public().request(Method::POST, "/api/token/").json(&body).header("accept-encoding", "gzip");
    for answer in [sessions, token.send().await] {
        answer.expect(200);
        assert_eq!((answer.header("content-encoding"), varies(&answer)), ("", false));
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_compressed_body_in_a_request_is_not_read_as_json(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(hotels::hotel(json!({})).to_string().as_bytes()).unwrap();
    let request = admin.request(Method::POST, "/api/hotels/").body(gzip.finish().unwrap());
    let answer = request.header("content-type", "application/json").header("content-encoding", "gzip").send().await;
    assert!(answer.status.is_client_error());
}

// The default page size.

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_platform_sets_the_page_size_of_a_caller_who_names_none(owner: PgPool) {
    let app = TestApp::start_with(owner, |setup| setup.settings.edge.page_size = 25).await;
    let user = app.user().await;
    sqlx::query(
        "insert into hotels_hotel (name, city, price_per_night) select 'H', 'Dakar', 1 from generate_series(1, 60)",
    )
    .execute(&app.owner)
    .await
    .unwrap();

    for (query, rows) in [
        ("", 25),
        ("page_size=", 25),
        ("page_size=0", 25),
        ("page_size=x", 25),
        ("page_size=5", 5),
        ("page_size=999", 60),
    ] {
        let list = user.get(&format!("/api/hotels/?{query}")).await.expect(200);
        assert_eq!(list["results"].as_array().unwrap().len(), rows, "{query}");
    }
    let last = user.get("/api/hotels/?page=last").await.expect(200);
    assert_eq!(last["results"].as_array().unwrap().len(), 10);
    assert_eq!(last["previous"], "http://red.test/api/hotels/?page=2");
}
