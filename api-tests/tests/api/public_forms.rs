//! Forms and their entries, as anybody sees and sends them.

use std::time::Duration;

use api_tests::{Answer, Caller, TestApp};
use http::Method;
use serde_json::{Value, json};
use shared::db::MIGRATOR;
use sqlx::PgPool;

use crate::forms::{created, field, path as form_path};

const NOT_FOUND: &str = "Pas trouvé.";
const THANKS: &str = "Merci, votre réponse a été enregistrée.";

#[sqlx::test(migrator = "MIGRATOR")]
async fn anybody_sees_what_an_active_form_asks_for_and_nothing_else_of_it(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let form = created(&admin, json!({ "description": "Votre avis" })).await;
    let shown = json!({ "id": form["id"], "title": "Avis", "description": "Votre avis", "fields": form["fields"] });

    for caller in [&app.public(), &user, &admin, &app.with_authorization("Bearer forged")] {
        let answer = caller.get(&path(&form)).await;
        assert_eq!(answer.expect(200), shown);
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    assert_eq!(app.public().get(path(&form).trim_end_matches('/')).await.expect(200), shown);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_form_that_is_not_active_does_not_exist_here(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let closed = created(&admin, json!({ "is_active": false })).await;

    for form in [&closed, &json!({ "id": 999_999 })] {
        for caller in [&app.public(), &admin] {
            assert_eq!(caller.get(&path(form)).await.expect(404), json!({ "detail": NOT_FOUND }));
            assert_eq!(
                submit(caller, form, json!({ "name": "Awa" })).await.expect(404),
                json!({ "detail": NOT_FOUND })
            );
        }
    }
    assert_eq!(app.public().get("/api/public/forms/one/").await.status, 404);
    assert_eq!(app.public().get("/api/public/forms/").await.status, 404);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn anybody_may_answer(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let form = created(&admin, json!({})).await;

    let french = submit(&app.public(), &form, json!({ "name": " Awa " })).await;
    let request = app.public().request(Method::POST, &entries(&form)).header("accept-language", "en");
    let english = request.json(&json!({ "data": { "name": "Fatou" }, "website": "", "form": 7 })).send().await;

    assert_eq!(french.expect(201), json!({ "detail": THANKS }));
    assert_eq!(english.expect(201), json!({ "detail": "Thank you, your answer has been recorded." }));
    let list = admin.get("/api/entries/?ordering=id").await.expect(200);
    let stored: Vec<_> =
        list["results"].as_array().unwrap().iter().map(|entry| (&entry["form"], &entry["data"])).collect();
    let (awa, fatou) = (json!({ "name": "Awa" }), json!({ "name": "Fatou" }));
    assert_eq!(stored, [(&form["id"], &awa), (&form["id"], &fatou)]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_answer_is_checked_like_any_entry(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let fields =
        json!(
            [field(json!({ "name": "name", "required": true })), field(json!({ "name": "age", "type": "integer" })),]
        );
    let form = created(&admin, json!({ "fields": fields })).await;
    let caller = app.public();

    let wrong = submit(&caller, &form, json!({ "age": "x", "extra": 1 })).await;
    let missing = caller.post(&entries(&form), json!({})).await;
    let no_object = caller.post(&entries(&form), json!({ "data": [] })).await;
    let no_json = caller.request(Method::POST, &entries(&form)).header("content-type", "text/plain").body("x");

    let errors = json!({
        "name": ["Ce champ est obligatoire."],
        "age": ["Un nombre entier valide est requis."],
        "extra": ["Ce formulaire n'a pas ce champ."],
    });
    assert_eq!(wrong.expect(400), json!({ "data": errors }));
    assert_eq!(missing.expect(400), json!({ "data": ["Ce champ est obligatoire."] }));
    let text = "Donnée non valide. Attendait un dictionnaire, a reçu list.";
    assert_eq!(no_object.expect(400), json!({ "data": [text] }));
    assert_eq!(no_json.send().await.status, 415);
    let nowhere =
        caller.request(Method::POST, "/api/public/forms/999999/entries/").header("content-type", "text/plain");
    assert_eq!(nowhere.body("x").send().await.status, 404, "a form that is missing is told before a bad body");
    assert_eq!(admin.get("/api/entries/").await.expect(200)["count"], 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_fills_in_the_field_that_people_do_not_see_is_thanked_and_forgotten(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let form = created(&admin, json!({})).await;
    let caller = app.public();
    let send = async |data: Value, website: Value| {
        caller.post(&entries(&form), json!({ "data": data, "website": website })).await
    };

    for website in [json!("http://spam.example"), json!("0"), json!("false")] {
        let answer = send(json!({ "name": "Bot" }), website.clone()).await;
        assert_eq!(answer.expect(201), json!({ "detail": THANKS }), "{website}");
        let wrong = send(json!({}), website).await;
        assert_eq!(wrong.expect(400), json!({ "data": { "name": ["Ce champ est obligatoire."] } }), "like anybody's");
    }
    assert_eq!(admin.get("/api/entries/").await.expect(200)["count"], 0);
    for website in [json!(""), json!(null), json!("  ")] {
        send(json!({ "name": "Awa" }), website).await.expect(201);
    }
    assert_eq!(admin.get("/api/entries/").await.expect(200)["count"], 3);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_honeypot_of_the_wrong_type_is_refused_and_loses_no_answer(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let form = created(&admin, json!({})).await;

    for website in [json!(false), json!(true), json!(0), json!(1), json!(1.5), json!([]), json!(["x"]), json!({})] {
        let body = json!({ "data": { "name": "Awa" }, "website": website });
        let answer = app.public().post(&entries(&form), body).await;
        assert_eq!(answer.expect(400), json!({ "website": ["Une chaîne de caractères est requise."] }), "{website}");
    }
    assert_eq!(admin.get("/api/entries/").await.expect(200)["count"], 0);
    submit(&app.public(), &form, json!({ "name": "Awa" })).await.expect(201);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_flood_ends_at_the_gateway_and_not_for_long(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let form = created(&app.admin().await, json!({})).await;

    for _ in 0..200 {
        assert_eq!(app.public().get(&path(&form)).await.status, 200);
    }

    assert_eq!(app.public().get(&path(&form)).await.expect(429), json!({ "message": "Too Many Requests" }));
    app.advance(Duration::from_secs(1));
    assert_eq!(app.public().get(&path(&form)).await.status, 200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn one_address_answers_twenty_times_a_minute_at_most(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let form = created(&admin, json!({})).await;
    let (caller, other) = (app.public(), app.public());
    for attempt in 0..20 {
        // What is refused counts like what is stored.
        let data = if attempt % 2 == 0 { json!({ "name": "Awa" }) } else { json!({}) };
        assert_ne!(submit(&caller, &form, data).await.status, 429, "{attempt}");
    }

    let throttled = submit(&caller, &form, json!({ "name": "Awa" })).await;
    let unread = caller.request(Method::POST, &entries(&form)).body("not JSON").send().await;

    let seconds: u32 = throttled.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds));
    let text = format!("Requête ralentie. Nouvel essai possible dans {seconds}\u{a0}secondes.");
    assert_eq!(throttled.expect(429), json!({ "detail": text }));
    assert_eq!(unread.status, 429, "before anything is read");
    assert_eq!(submit(&other, &form, json!({ "name": "Fatou" })).await.status, 201);
    assert_eq!(caller.get(&path(&form)).await.status, 200);
    assert_eq!(admin.get("/api/entries/").await.expect(200)["count"], 11);
    let a_minute_later = sqlx::query("update auth_attempt set expires_at = now()");
    a_minute_later.execute(&app.owner).await.unwrap();
    assert_eq!(submit(&caller, &form, json!({ "name": "Awa" })).await.status, 201);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_form_of_an_older_database_is_shown_but_takes_no_answers(owner: PgPool) {
    let app = TestApp::start(owner).await.with_old_rows();
    let form = created(&app.admin().await, json!({})).await;
    sqlx::query("update forms_form set fields = '\"name\"'").execute(&app.owner).await.unwrap();

    assert_eq!(app.public().get(&path(&form)).await.expect(200)["fields"], "name");
    let text = "Les champs de ce formulaire sont mal définis : il ne peut recevoir de réponses.";
    assert_eq!(submit(&app.public(), &form, json!({ "name": "Awa" })).await.expect(400), json!({ "form": [text] }));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_form_that_is_closed_is_gone_at_once(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let form = created(&admin, json!({})).await;
    submit(&app.public(), &form, json!({ "name": "Awa" })).await.expect(201);

    admin.patch(&form_path(&form), json!({ "is_active": false })).await.expect(200);

    assert_eq!(app.public().get(&path(&form)).await.status, 404);
    assert_eq!(submit(&app.public(), &form, json!({ "name": "Awa" })).await.status, 404);
}

// The same answer sent again.

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_answer_that_is_sent_again_with_its_key_is_stored_once(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let (form, other) = (created(&admin, json!({})).await, created(&admin, json!({})).await);
    let (caller, elsewhere) = (app.public(), app.public());
    let count = async || admin.get("/api/entries/").await.expect(200)["count"].as_i64().unwrap();

    let first = submit_once(&caller, &form, "key", "Awa").await;
    let again = submit_once(&elsewhere, &form, "key", "Awa").await;
    let changed = submit_once(&caller, &form, "key", "Fatou").await;

    assert_eq!((first.expect(201), again.expect(201)), (json!({ "detail": THANKS }), json!({ "detail": THANKS })));
    assert_eq!(again.header("content-type"), "application/json");
    let detail = "Cette clé d'idempotence a déjà servi pour une autre requête.";
    assert_eq!(changed.expect(409), json!({ "detail": detail }));
    assert_eq!(count().await, 1);
    submit_once(&caller, &form, "another key", "Awa").await.expect(201);
    submit_once(&caller, &other, "key", "Awa").await.expect(201);
    let signed_in = admin.request(Method::POST, "/api/entries/").header("idempotency-key", "key");
    signed_in.json(&json!({ "form": form["id"], "data": { "name": "Awa" } })).send().await.expect(201);
    assert_eq!(count().await, 4, "each key belongs to a path and a caller");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_many_equal_answers_at_once_one_is_stored(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let form = created(&admin, json!({})).await;

    let mut requests = Vec::new();
    for _ in 0..8 {
        let (caller, form) = (app.public(), form.clone());
        requests.push(tokio::spawn(async move { submit_once(&caller, &form, "key", "Awa").await.expect(201) }));
    }
    for request in requests {
        assert_eq!(request.await.unwrap(), json!({ "detail": THANKS }));
    }

    assert_eq!(admin.get("/api/entries/").await.expect(200)["count"], 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_refused_or_forgotten_answer_keeps_no_key(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let form = created(&admin, json!({})).await;
    let caller = app.public();
    let send = async |body: Value| {
        let request = caller.request(Method::POST, &entries(&form)).header("idempotency-key", "key");
        request.json(&body).send().await
    };

    send(json!({ "data": {} })).await.expect(400);
    send(json!({ "data": { "name": "Bot" }, "website": "http://spam.example" })).await.expect(201);
    send(json!({ "data": { "name": "Awa" } })).await.expect(201);

    assert_eq!(admin.get("/api/entries/").await.expect(200)["count"], 1);
    let bad_key = caller.request(Method::POST, &entries(&form)).header("idempotency-key", "clé");
    assert!(bad_key.json(&json!({})).send().await.expect(400)["Idempotency-Key"][0].is_string());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_answer_that_was_stored_is_not_held_back_by_the_limit(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let form = created(&app.admin().await, json!({})).await;
    let caller = app.public();
    submit_once(&caller, &form, "key", "Awa").await.expect(201);
    sqlx::query("update auth_attempt set count = 20 where kind = 'entry'").execute(&app.owner).await.unwrap();

    submit_once(&caller, &form, "key", "Awa").await.expect(201);
    assert_eq!(submit_once(&caller, &form, "new key", "Awa").await.status, 429);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_page_may_send_a_key_with_a_public_answer(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let request = app.public().request(Method::OPTIONS, "/api/public/forms/1/entries/");
    let request = request.header("origin", "http://web.test").header("access-control-request-method", "POST");

    let answer = request.header("access-control-request-headers", "idempotency-key").send().await;

    assert!(answer.header("access-control-allow-headers").contains("idempotency-key"), "{answer:?}");
}

async fn submit_once(caller: &Caller, form: &Value, key: &str, name: &str) -> Answer {
    let request = caller.request(Method::POST, &entries(form)).header("idempotency-key", key);
    request.json(&json!({ "data": { "name": name } })).send().await
}

fn path(form: &Value) -> String {
    format!("/api/public/forms/{}/", form["id"])
}

fn entries(form: &Value) -> String {
    format!("{}entries/", path(form))
}

async fn submit(caller: &Caller, form: &Value, data: Value) -> Answer {
    caller.post(&entries(form), json!({ "data": data })).await
}
