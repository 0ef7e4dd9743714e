//! Entries, as people who are signed in make them and administrators keep them.

use std::time::Duration;

use api_tests::{Answer, Caller, TestApp};
use http::Method;
use serde_json::{Value, json};
use shared::db::MIGRATOR;
use sqlx::{Connection, PgConnection, PgPool};

use crate::forms::{created, events, field, path as form_path};

const NOT_FOUND: &str = "Pas trouvé.";
const REQUIRED: &str = "Ce champ est obligatoire.";

// What an entry holds.

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_user_enters_what_an_administrator_reads(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let form = created(&admin, json!({})).await;

    let answer = user.post("/api/entries/", json!({ "form": form["id"], "data": { "name": "Awa" } })).await;

    let entry = answer.expect(201);
    let expected = json!({
        "id": entry["id"], "form": form["id"], "data": { "name": "Awa" },
        "created_at": entry["created_at"], "updated_at": entry["created_at"],
    });
    assert_eq!(entry, expected);
    assert_eq!(answer.header("etag"), "\"1\"");
    assert_eq!(admin.get(&path(&entry)).await.expect(200), entry);
    assert_eq!(admin.get("/api/entries/").await.expect(200)["results"], json!([entry]));
    assert_eq!(entered(&admin, &form, json!({ "name": "Admin" })).await["data"]["name"], "Admin");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn values_are_read_generously_and_kept_in_one_form(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let choices = json!(["Wifi", "Spa", "12"]);

    for (kind, sent, kept) in [
        ("text", json!("  Awa \n"), json!("Awa")),
        ("text", json!(1960), json!("1960")),
        ("text", json!("é".repeat(10_000)), json!("é".repeat(10_000))),
        ("textarea", json!("a\n\nb"), json!("a\n\nb")),
        ("email", json!(" Awa@Example.sn "), json!("Awa@Example.sn")),
        ("phone", json!("+221 77 123 45 67"), json!("+221 77 123 45 67")),
        ("phone", json!(771_234_567), json!("771234567")),
        ("number", json!("12"), json!(12)),
        ("number", json!(12.0), json!(12)),
        ("number", json!(" 12.50 "), json!(12.5)),
        ("number", json!("1e3"), json!(1000)),
        ("number", json!(-0.1), json!(-0.1)),
        ("number", json!(1e15), json!(1_000_000_000_000_000_i64)),
        ("number", json!(-1e15), json!(-1_000_000_000_000_000_i64)),
        ("integer", json!("12.0"), json!(12)),
        ("integer", json!(-3), json!(-3)),
        ("integer", json!(1_000_000_000_000_000_i64), json!(1_000_000_000_000_000_i64)),
        ("boolean", json!(true), json!(true)),
        ("boolean", json!("no"), json!(false)),
        ("boolean", json!(1), json!(true)),
        ("date", json!("2026-11-22"), json!("2026-11-22")),
        ("date", json!(" 2024-02-29 "), json!("2024-02-29")),
        ("datetime", json!("2026-11-22T09:05:00Z"), json!("2026-11-22T09:05:00.000000Z")),
        ("datetime", json!("2026-11-22T09:05:00.5+02:00"), json!("2026-11-22T07:05:00.500000Z")),
        ("url", json!("https://fr.wikipedia.org/wiki/Thiès"), json!("https://fr.wikipedia.org/wiki/Thiès")),
        ("url", json!("HTTP://localhost:8080/?a=b#c"), json!("HTTP://localhost:8080/?a=b#c")),
        ("select", json!(" Spa "), json!("Spa")),
        ("select", json!(12), json!("12")),
        ("multiselect", json!(["Spa", "Wifi"]), json!(["Spa", "Wifi"])),
    ] {
        let form = created(&admin, json!({ "fields": [field(json!({ "type": kind, "options": choices }))] })).await;

        let entry = entered(&admin, &form, json!({ "answer": sent })).await;

        assert_eq!(entry["data"], json!({ "answer": kept }), "{kind}: {sent}");
        assert_eq!(admin.get(&path(&entry)).await.expect(200), entry, "{kind}: {sent}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_value_that_breaks_a_rule_is_refused_with_the_rule(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let at_least = |min: &str| format!("Assurez-vous que cette valeur est supérieure ou égale à\u{a0}{min}.");
    let at_most = |max: &str| format!("Assurez-vous que cette valeur est inférieure ou égale à\u{a0}{max}.");
    let not_a_string = "Une chaîne de caractères est requise.";
    let too_long = "Assurez-vous que ce champ comporte au plus 10000\u{a0}caractères.";
    let no_match = "Cette valeur ne satisfait pas le motif imposé.";
    let not_a_date = "La date n'a pas le bon format. Utilisez le format AAAA-MM-JJ.";
    let not_a_time = "La date et l'heure n'ont pas le bon format. Utilisez le format AAAA-MM-JJThh:mm:ssZ.";
    let not_a_url = "Saisissez une URL valide.";
    let not_a_phone = "Saisissez un numéro de téléphone valide, par exemple +221 77 123 45 67.";
    let of = |kind: &str| json!({ "type": kind });
    let range = |kind: &str, min: Value, max: Value| json!({ "type": kind, "min": min, "max": max });
    let choices = |kind: &str| json!({ "type": kind, "options": ["Wifi", "Spa"] });

    for (rules, value, text) in [
        (of("text"), json!(true), not_a_string),
        (of("text"), json!({}), not_a_string),
        (of("text"), json!("a\0b"), "Le caractère nul n’est pas autorisé."),
        (of("text"), json!("x".repeat(10_001)), too_long),
        (of("textarea"), json!("é".repeat(10_001)), too_long),
        (of("url"), json!(format!("http://a.b/{}", "x".repeat(10_000))), too_long),
        (
            json!({ "type": "text", "min_length": 3 }),
            json!(" éé "),
            "Assurez-vous que ce champ comporte au moins 3\u{a0}caractères.",
        ),
        (
            json!({ "type": "textarea", "max_length": 3 }),
            json!("abcd"),
            "Assurez-vous que ce champ comporte au plus 3\u{a0}caractères.",
        ),
        (json!({ "type": "text", "pattern": "[A-Z]{2}" }), json!("ABC"), no_match),
        (json!({ "type": "text", "pattern": "[A-Z]{2}" }), json!("xAB"), no_match),
        (json!({ "type": "phone", "pattern": r"\+221.*" }), json!("771234567"), no_match),
        (of("email"), json!("awa"), "Saisissez une adresse e-mail valide."),
        (of("phone"), json!("call me"), not_a_phone),
        (of("number"), json!("12,5"), "Un nombre valide est requis."),
        (of("number"), json!(true), "Un nombre valide est requis."),
        (of("number"), json!("NaN"), "Un nombre valide est requis."),
        (of("number"), json!(1.1e15), &at_most("1000000000000000")),
        (of("number"), json!("-1e16"), &at_least("-1000000000000000")),
        (range("number", json!(0.5), json!(null)), json!(0.4), &at_least("0.5")),
        (range("number", json!(null), json!(2)), json!(2.1), &at_most("2")),
        (of("integer"), json!(1.5), "Un nombre entier valide est requis."),
        (of("integer"), json!("many"), "Un nombre entier valide est requis."),
        (of("integer"), json!(1_000_000_000_000_001_i64), &at_most("1000000000000000")),
        (of("integer"), json!("9".repeat(50)), &at_most("1000000000000000")),
        (range("integer", json!(1), json!(3)), json!(0), &at_least("1")),
        (range("integer", json!(1), json!(3)), json!(4), &at_most("3")),
        (of("boolean"), json!("maybe"), "Une valeur vraie ou fausse est requise."),
        (of("date"), json!("2026-02-29"), not_a_date),
        (of("date"), json!("22/11/2026"), not_a_date),
        (of("date"), json!("2026-1-2"), not_a_date),
        (of("date"), json!("2026-11-22T00:00:00Z"), not_a_date),
        (of("date"), json!(20_261_122), not_a_date),
        (range("date", json!("2026-01-02"), json!(null)), json!("2026-01-01"), &at_least("2026-01-02")),
        (of("datetime"), json!("2026-11-22"), not_a_time),
        (of("datetime"), json!("2026-11-22T09:05:00"), not_a_time),
        (of("datetime"), json!("9999-12-31T23:59:59-01:00"), not_a_time),
        (
            range("datetime", json!(null), json!("2026-01-01T00:00:00Z")),
            json!("2026-01-01T00:00:01Z"),
            &at_most("2026-01-01 00:00:00 UTC"),
        ),
        (of("url"), json!("javascript:alert(1)"), not_a_url),
        (of("url"), json!("ftp://example.sn/"), not_a_url),
        (of("url"), json!("example.sn"), not_a_url),
        (of("url"), json!("http://"), not_a_url),
        (of("url"), json!("http://a b.sn/"), not_a_url),
        (of("url"), json!("https://example.sn/\nx"), not_a_url),
        (choices("select"), json!("Bar"), "«\u{a0}Bar\u{a0}» n'est pas un choix valide."),
        (choices("select"), json!("wifi"), "«\u{a0}wifi\u{a0}» n'est pas un choix valide."),
        (choices("select"), json!(["Wifi"]), not_a_string),
        (choices("multiselect"), json!("Wifi"), "Donnée non valide. Attendait une liste, a reçu str."),
        (choices("multiselect"), json!(["Wifi", "Bar"]), "«\u{a0}Bar\u{a0}» n'est pas un choix valide."),
        (choices("multiselect"), json!(["Wifi", "Wifi"]), "Un choix ne peut être fait qu'une fois."),
        (choices("multiselect"), json!(["Wifi", null]), not_a_string),
    ] {
        let form = created(&admin, json!({ "fields": [field(rules.clone())] })).await;

        let answer = enter(&user, &form, json!({ "answer": value })).await;

        let told = (answer.status.as_u16(), answer.body());
        assert_eq!(told, (400, json!({ "data": { "answer": [text] } })), "{rules}: {value:.40}");
    }
    assert_eq!(admin.get("/api/entries/").await.expect(200)["count"], 0, "nothing was written");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_required_field_needs_an_answer_and_an_optional_one_does_not(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let options = json!(["Wifi"]);

    for kind in ["text", "textarea", "email", "phone", "number", "integer", "date", "url", "select", "multiselect"] {
        let rules = |required: bool| {
            let rules = json!({ "type": kind, "required": required, "options": options, "min_length": 5 });
            json!({ "fields": [field(rules)] })
        };
        let (required, optional) = (created(&admin, rules(true)).await, created(&admin, rules(false)).await);
        for data in [json!({}), json!({ "answer": null }), json!({ "answer": "" }), json!({ "answer": " \n" })] {
            let refused = enter(&admin, &required, data.clone()).await;
            assert_eq!(refused.expect(400), json!({ "data": { "answer": [REQUIRED] } }), "{kind}: {data}");
            assert_eq!(entered(&admin, &optional, data.clone()).await["data"], json!({}), "{kind}: {data}");
        }
        let empty_list = enter(&admin, &required, json!({ "answer": [] })).await.expect(400);
        assert_eq!(empty_list["data"]["answer"] == json!([REQUIRED]), kind == "multiselect", "{kind}: {empty_list}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_answer_of_the_wrong_type_is_refused_and_not_dropped(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let text = "Une chaîne de caractères est requise.";
    let not_a_list = |kind: &str| format!("Donnée non valide. Attendait une liste, a reçu {kind}.");

    for (kind, value, expected) in [
        ("text", json!([]), text.to_owned()),
        ("text", json!({}), text.to_owned()),
        ("textarea", json!(false), text.to_owned()),
        ("email", json!([]), text.to_owned()),
        ("phone", json!([[]]), text.to_owned()),
        ("url", json!({}), text.to_owned()),
        ("select", json!([]), text.to_owned()),
        ("number", json!([]), "Un nombre valide est requis.".to_owned()),
        ("integer", json!(false), "Un nombre entier valide est requis.".to_owned()),
        ("integer", json!([]), "Un nombre entier valide est requis.".to_owned()),
        ("boolean", json!([]), "Une valeur vraie ou fausse est requise.".to_owned()),
        ("multiselect", json!({}), not_a_list("dict")),
        ("multiselect", json!(false), not_a_list("bool")),
    ] {
        let fields = json!([field(json!({ "type": kind, "options": ["Wifi"] }))]);
        let form = created(&admin, json!({ "fields": fields })).await;
        let refused = enter(&app.public(), &form, json!({ "answer": value })).await;
        assert_eq!(refused.status, 401);
        let refused = enter(&admin, &form, json!({ "answer": value })).await;
        assert_eq!(refused.expect(400), json!({ "data": { "answer": [expected] } }), "{kind}: {value}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn stored_json_of_another_program_is_answered_as_it_is(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let form = created(&admin, json!({})).await;
    let entry = entered(&admin, &form, json!({ "name": "Awa" })).await;
    let stored = r#"{"$serde_json::private::Number":"100"}"#;
    let forms = format!(
        r#"update forms_form set fields = '[{{"name": "name", "label": "Nom", "type": "text", "more": {stored}}}]'"#
    );
    sqlx::query(sqlx::AssertSqlSafe(forms)).execute(&app.owner).await.unwrap();
    let entries = format!(r#"update entries_entry set data = '{{"a":{stored}}}'"#);
    sqlx::query(sqlx::AssertSqlSafe(entries)).execute(&app.owner).await.unwrap();
    let form_path = crate::forms::path(&form);

    let changed = admin.patch(&form_path, json!({ "title": "Avis" })).await;
    let public = format!("/api/public{}", form_path.trim_start_matches("/api"));
    let mut answers = vec![changed];
    for path in [&path(&entry), "/api/entries/", &form_path, "/api/forms/", &public] {
        answers.push(admin.get(path).await);
    }
    let export = admin.get(&format!("/api/entries/export/?form={}", form["id"])).await;
    assert_eq!(admin.delete(&path(&entry)).await.status, 204);
    answers.push(admin.get("/api/audit/?resource=entry&action=delete").await);

    assert_eq!(export.status, 200);
    for answer in answers {
        let text = String::from_utf8_lossy(&answer.bytes);
        assert_eq!(answer.status, 200, "{text}");
        assert!(text.contains(stored), "{text}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn no_is_an_answer_too(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let form = created(&admin, json!({ "fields": [field(json!({ "type": "boolean", "required": true }))] })).await;

    assert_eq!(entered(&admin, &form, json!({ "answer": false })).await["data"], json!({ "answer": false }));
    let refused = enter(&admin, &form, json!({ "answer": null })).await;
    assert_eq!(refused.expect(400), json!({ "data": { "answer": [REQUIRED] } }));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn all_failing_values_and_unknown_names_are_told_at_once_in_the_callers_language(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let fields = json!([
        field(json!({ "name": "name", "required": true })),
        field(json!({ "name": "age", "type": "integer", "max": 120 })),
        field(json!({ "name": "ok" })),
    ]);
    let form = created(&admin, json!({ "fields": fields })).await;
    let body = json!({ "form": form["id"], "data": { "age": 200, "ok": "yes", "admin": true, "Name": null } });

    let french = admin.post("/api/entries/", body.clone()).await;
    let english = admin.request(Method::POST, "/api/entries/").json(&body).header("accept-language", "en").send().await;

    let unknown = "Ce formulaire n'a pas ce champ.";
    let too_large = "Assurez-vous que cette valeur est inférieure ou égale à\u{a0}120.";
    let errors = json!({ "name": [REQUIRED], "age": [too_large], "admin": [unknown], "Name": [unknown] });
    assert_eq!(french.expect(400), json!({ "data": errors }));
    let unknown = "This form has no such field.";
    let too_large = "Ensure this value is less than or equal to 120.";
    let errors =
        json!({ "name": ["This field is required."], "age": [too_large], "admin": [unknown], "Name": [unknown] });
    assert_eq!(english.expect(400), json!({ "data": errors }));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_entry_needs_a_form_and_an_object(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let closed = created(&admin, json!({ "is_active": false })).await;
    let no_such = |id: &Value| format!("Clé primaire «\u{a0}{id}\u{a0}» non valide - l'objet n'existe pas.");
    let not_a_key = |kind: &str| format!("Type incorrect. Attendait une clé primaire, a reçu {kind}.");
    let not_an_object = |kind: &str| format!("Donnée non valide. Attendait un dictionnaire, a reçu {kind}.");

    for caller in [&admin, &user] {
        for (body, errors) in [
            (json!({}), json!({ "form": [REQUIRED], "data": [REQUIRED] })),
            (json!({ "form": 999_999, "data": {} }), json!({ "form": [no_such(&json!(999_999))] })),
            (json!({ "form": closed["id"], "data": {} }), json!({ "form": [no_such(&closed["id"])] })),
            (json!({ "form": -1, "data": {} }), json!({ "form": [no_such(&json!(-1))] })),
            (json!({ "form": null, "data": {} }), json!({ "form": ["Ce champ ne peut être nul."] })),
            (json!({ "form": "one", "data": {} }), json!({ "form": [not_a_key("str")] })),
            (json!({ "form": true, "data": {} }), json!({ "form": [not_a_key("bool")] })),
            (json!({ "form": [1], "data": {} }), json!({ "form": [not_a_key("list")] })),
            (json!({ "form": {}, "data": {} }), json!({ "form": [not_a_key("dict")] })),
            (json!({ "form": 1.5, "data": {} }), json!({ "form": [not_a_key("float")] })),
            (json!({ "form": "1.0", "data": {} }), json!({ "form": [not_a_key("str")] })),
            (json!({ "form": "", "data": {} }), json!({ "form": ["Ce champ ne peut être nul."] })),
            (
                json!({ "form": 9_223_372_036_854_775_808_u64, "data": {} }),
                json!({ "form": [no_such(&json!(9_223_372_036_854_775_808_u64))] }),
            ),
            (json!({ "form": i64::MAX, "data": {} }), json!({ "form": [no_such(&json!(i64::MAX))] })),
            (json!({ "form": closed["id"], "data": [] }), json!({ "data": [not_an_object("list")] })),
            (json!({ "form": closed["id"], "data": "{}" }), json!({ "data": [not_an_object("str")] })),
            (json!({ "form": closed["id"], "data": null }), json!({ "data": ["Ce champ ne peut être nul."] })),
        ] {
            let answer = caller.post("/api/entries/", body.clone()).await;
            assert_eq!((answer.status.as_u16(), answer.body()), (400, errors), "{body}");
        }
    }
    let form = created(&admin, json!({})).await;
    let by_text = json!({ "form": form["id"].to_string(), "data": { "name": "Awa" }, "id": 7, "user": 1 });
    assert_eq!(user.post("/api/entries", by_text).await.expect(201)["form"], form["id"]);
    for id in [format!("{}.0", form["id"]), format!("{}e0", form["id"]), format!("\" +{} \"", form["id"])] {
        let body = format!(r#"{{"form": {id}, "data": {{"name": "Awa"}}}}"#);
        let request = user.request(Method::POST, "/api/entries/").header("content-type", "application/json");
        assert_eq!(request.body(body).send().await.expect(201)["form"], form["id"], "{id}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_form_that_is_not_well_defined_takes_no_entries(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let form = created(&admin, json!({})).await;
    sqlx::query("update forms_form set fields = '{\"name\": \"text\"}'").execute(&app.owner).await.unwrap();

    let text = "Les champs de ce formulaire sont mal définis : il ne peut recevoir de réponses.";
    for caller in [&admin, &user] {
        assert_eq!(enter(caller, &form, json!({ "name": "Awa" })).await.expect(400), json!({ "form": [text] }));
    }
}

// A form that changes.

#[sqlx::test(migrator = "MIGRATOR")]
async fn entries_outlive_a_change_of_their_form_as_they_are(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let form = created(&admin, json!({})).await;
    let entry = entered(&admin, &form, json!({ "name": "Awa" })).await;
    let fields = json!([field(json!({ "name": "age", "type": "integer", "required": true }))]);
    admin.patch(&form_path(&form), json!({ "fields": fields })).await.expect(200);

    assert_eq!(admin.get(&path(&entry)).await.expect(200), entry);
    for (method, body) in
        [(Method::PATCH, json!({})), (Method::PATCH, json!({ "form": form["id"] })), (Method::PUT, entry.clone())]
    {
        let answer = admin.request(method, &path(&entry)).json(&body).send().await;
        assert_eq!(answer.expect(200)["data"], entry["data"], "what stays the same is not checked again");
    }
    let unknown = "Ce formulaire n'a pas ce champ.";
    let errors = json!({ "data": { "age": [REQUIRED], "name": [unknown] } });
    for method in [Method::PATCH, Method::PUT] {
        let body = json!({ "form": form["id"], "data": { "name": "Fatou" } });
        let answer = admin.request(method, &path(&entry)).json(&body).send().await;
        assert_eq!(answer.expect(400), errors);
    }
    let corrected = admin.patch(&path(&entry), json!({ "data": { "age": "41" } })).await.expect(200);
    assert_eq!(corrected["data"], json!({ "age": 41 }));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_entry_is_checked_against_the_form_as_it_is_when_it_is_stored(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let form = created(&admin, json!({})).await;
    entered(&user, &form, json!({ "name": "Awa" })).await;
    let mut connection = PgConnection::connect_with(&app.owner.connect_options()).await.unwrap();
    let mut barrier = connection.begin().await.unwrap();
    sqlx::query("lock table entries_entry in share mode").execute(&mut *barrier).await.unwrap();

    // It has read the form, and waits until entries may be stored again.
    let late = tokio::spawn({
        let (user, form) = (user.clone(), form.clone());
        async move { enter(&user, &form, json!({ "name": "Fatou" })).await }
    });
    until_somebody_waits(&app.owner).await;
    let fields = json!([field(json!({ "name": "age", "type": "integer", "required": true }))]);
    admin.patch(&form_path(&form), json!({ "fields": fields })).await.expect(200);
    barrier.commit().await.unwrap();

    let unknown = "Ce formulaire n'a pas ce champ.";
    assert_eq!(late.await.unwrap().expect(400), json!({ "data": { "age": [REQUIRED], "name": [unknown] } }));
    assert_eq!(admin.get("/api/entries/").await.expect(200)["count"], 1);
}

async fn until_somebody_waits(owner: &PgPool) {
    let waiting = "select exists (select from pg_locks where relation = 'entries_entry'::regclass and not granted)";
    for _ in 0..300 {
        if sqlx::query_scalar(waiting).fetch_one(owner).await.unwrap() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nobody waits");
}

// Changing and deleting.

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_administrator_changes_an_entry(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let fields = json!([field(json!({ "name": "a" })), field(json!({ "name": "b", "type": "number" }))]);
    let form = created(&admin, json!({ "fields": fields })).await;
    let entry = admin.post("/api/entries/", json!({ "form": form["id"], "data": { "a": "x", "b": 1 } })).await;
    let path = path(&entry.body());

    let patched = admin.patch(&path, json!({ "data": { "b": "2.5" } })).await;
    let replaced = admin.put(&path, json!({ "form": form["id"], "data": { "a": " y " } })).await;

    assert_eq!(patched.expect(200)["data"], json!({ "b": 2.5 }), "data is one field, which is replaced as a whole");
    assert_eq!(replaced.expect(200)["data"], json!({ "a": "y" }));
    assert_eq!([entry.header("etag"), patched.header("etag"), replaced.header("etag")], ["\"1\"", "\"2\"", "\"3\""]);
    assert_eq!(admin.get(&path).await.expect(200), replaced.body());
    assert!(replaced.body()["updated_at"].as_str() > entry.body()["updated_at"].as_str());
    assert_eq!(admin.put(&path, json!({})).await.expect(400), json!({ "form": [REQUIRED], "data": [REQUIRED] }));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_entry_of_a_closed_form_can_still_be_corrected(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let form = created(&admin, json!({})).await;
    let entry = entered(&admin, &form, json!({ "name": "Awa" })).await;
    admin.patch(&form_path(&form), json!({ "is_active": false })).await.expect(200);

    let corrected = admin.put(&path(&entry), json!({ "form": form["id"], "data": { "name": "Awa Diop" } })).await;

    assert_eq!(corrected.expect(200)["data"], json!({ "name": "Awa Diop" }));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_entry_moves_to_another_form_only_if_that_takes_it(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let (form, alike) = (created(&admin, json!({})).await, created(&admin, json!({ "title": "Autre" })).await);
    let other = created(&admin, json!({ "fields": [field(json!({ "name": "age", "type": "integer" }))] })).await;
    let closed = created(&admin, json!({ "is_active": false })).await;
    let entry = entered(&admin, &form, json!({ "name": "Awa" })).await;
    let path = path(&entry);

    let moved = admin.patch(&path, json!({ "form": alike["id"] })).await;
    let unfit = admin.patch(&path, json!({ "form": other["id"] })).await;
    let fit = admin.patch(&path, json!({ "form": other["id"], "data": { "age": 5 } })).await;

    assert_eq!(moved.expect(200)["form"], alike["id"]);
    assert_eq!(unfit.expect(400), json!({ "data": { "name": ["Ce formulaire n'a pas ce champ."] } }));
    assert_eq!(fit.expect(200)["form"], other["id"]);
    for id in [&closed["id"], &json!(999_999)] {
        let text = format!("Clé primaire «\u{a0}{id}\u{a0}» non valide - l'objet n'existe pas.");
        assert_eq!(admin.patch(&path, json!({ "form": id })).await.expect(400), json!({ "form": [text] }));
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_deleted_entry_is_gone(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let form = created(&admin, json!({})).await;
    let entry = entered(&admin, &form, json!({ "name": "Awa" })).await;

    let answer = admin.delete(&path(&entry)).await;

    assert_eq!((answer.status.as_u16(), answer.bytes.len()), (204, 0));
    let gone = json!({ "detail": NOT_FOUND });
    assert_eq!(admin.delete(&path(&entry)).await.expect(404), gone);
    assert_eq!(admin.get(&path(&entry)).await.expect(404), gone);
    assert_eq!(admin.patch(&path(&entry), json!({})).await.expect(404), gone);
    assert_eq!(admin.put(&path(&entry), entry.clone()).await.expect(404), gone);
    assert_eq!(admin.get(&form_path(&form)).await.expect(200)["entries_count"], 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_write_holds_only_where_if_match_names_the_rows_version(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let form = created(&admin, json!({})).await;
    let entry = entered(&admin, &form, json!({ "name": "Awa" })).await;
    let write = async |method: Method, if_match: &str| {
        admin.request(method, &path(&entry)).json(&entry).header("if-match", if_match).send().await.status.as_u16()
    };

    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        assert_eq!(write(method, "\"0\"").await, 412);
    }
    assert_eq!(write(Method::PATCH, "\"1\"").await, 200);
    assert_eq!(write(Method::PUT, "\"1\"").await, 412);
    assert_eq!(write(Method::PUT, "W/\"2\"").await, 200);
    assert_eq!(write(Method::DELETE, "\"3\"").await, 204);
}

// Who may.

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_several_faults_the_first_in_the_contracts_order_is_told(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let form = created(&admin, json!({})).await;
    let entry = entered(&user, &form, json!({ "name": "Awa" })).await;
    let (here, nowhere) = (path(&entry), "/api/entries/999999/".to_owned());
    let (json, text) = ("application/json", "text/plain");

    for (caller, path, media_type, body, status) in [
        (&app.public(), &nowhere, text, "{", 401),
        (&user, &nowhere, text, "{", 403),
        (&user, &here, json, "{}", 403),
        (&admin, &nowhere, text, "{", 404),
        (&admin, &nowhere, json, r#"{"data": 5}"#, 404),
        (&admin, &nowhere, json, r#"{"data": {"x": 5}}"#, 404),
        (&admin, &here, text, "{", 415),
        (&admin, &here, json, "{", 400),
        (&admin, &here, json, r#"{"data": 5}"#, 400),
        (&admin, &here, json, r#"{"data": {"x": 5}}"#, 400),
        (&admin, &here, json, r#"{"data": {"name": "x"}}"#, 412),
    ] {
        let request = caller.request(Method::PATCH, path).header("content-type", media_type).body(body);
        let answer = request.header("if-match", "\"0\"").send().await;
        assert_eq!(answer.status.as_u16(), status, "{media_type} {body} at {path}");
    }
    for path in ["/api/entries/", &here, "/api/entries/export/"] {
        assert_eq!(user.get(path).await.status, 403, "{path}");
    }
    assert_eq!(user.delete(&here).await.status, 403);
    assert_eq!(user.put(&here, entry.clone()).await.status, 403);
    assert_eq!(admin.get(&here).await.expect(200), entry);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_administrator_whose_role_is_withdrawn_cannot_write_from_then_on(owner: PgPool) {
    let app = TestApp::start_with(owner, |setup| setup.settings.authorizer_cache_seconds = 60).await;
    let admin = app.admin().await;
    let form = created(&admin, json!({})).await;
    let entry = entered(&admin, &form, json!({ "name": "Awa" })).await;
    let withdraw = sqlx::query("update users_customuser set is_admin = false where id = $1").bind(admin.id());

    withdraw.execute(&app.owner).await.unwrap();

    for answer in [
        admin.put(&path(&entry), entry.clone()).await,
        admin.patch(&path(&entry), json!({})).await,
        admin.patch(&path(&entry), json!({ "data": { "x": 5 } })).await,
        admin.patch("/api/entries/999999/", json!({})).await,
        admin.delete(&path(&entry)).await,
    ] {
        assert_eq!(answer.status, 403);
    }
    assert_eq!(admin.get(&path(&entry)).await.expect(200), entry);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn every_write_by_an_administrator_is_on_record(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let form = created(&admin, json!({})).await;
    entered(&user, &form, json!({ "name": "Fatou" })).await;
    let entry = entered(&admin, &form, json!({ "name": "Awa" })).await;
    admin.patch(&path(&entry), json!({ "data": { "name": "Awa Diop" } })).await.expect(200);
    admin.patch(&path(&entry), json!({ "data": {} })).await.expect(400);
    admin.delete(&path(&entry)).await.expect(204);

    let events = events(&app, "entry").await;

    let actions: Vec<&str> = events.iter().map(|(action, ..)| action.as_str()).collect();
    assert_eq!(actions, ["create", "update", "delete"]);
    assert!(events.iter().all(|(_, actor, object, _)| (*actor, json!(object)) == (admin.id(), entry["id"].clone())));
    assert_eq!(
        (&events[0].3["form"], &events[0].3["data"]),
        (&json!([null, form["id"]]), &json!([null, entry["data"]]))
    );
    assert_eq!(events[1].3, json!({ "data": [{ "name": "Awa" }, { "name": "Awa Diop" }] }));
    assert_eq!(events[2].3["data"], json!([{ "name": "Awa Diop" }, null]));
}

// Lists.

#[sqlx::test(migrator = "MIGRATOR")]
async fn entries_are_filtered_and_ordered(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let (form, other) = (created(&admin, json!({})).await, created(&admin, json!({})).await);
    for (form, name, time) in [
        (&form, "A", "2026-01-30T12:00:00Z"),
        (&form, "B", "2026-01-31T23:59:59.999999Z"),
        (&other, "C", "2026-02-01T00:00:00Z"),
        (&form, "D", "2026-02-02T00:00:00Z"),
    ] {
        let entry = entered(&admin, form, json!({ "name": name })).await;
        let update = "update entries_entry set created_at = $2::text::timestamptz where id = $1";
        sqlx::query(update).bind(entry["id"].as_i64()).bind(time).execute(&app.owner).await.unwrap();
    }
    let id = &form["id"];

    for (query, names) in [
        (String::new(), "DCBA"),
        ("ordering=created_at".to_owned(), "ABCD"),
        ("ordering=-id".to_owned(), "DCBA"),
        ("ordering=data".to_owned(), "DCBA"),
        (format!("form={id}"), "DBA"),
        (format!("form={id}&form={}", other["id"]), "C"),
        ("form=".to_owned(), "DCBA"),
        ("form=999999".to_owned(), ""),
        (format!("form={}", "9".repeat(30)), ""),
        ("created_at__gte=2026-01-31".to_owned(), "DCB"),
        ("created_at__lte=2026-01-31".to_owned(), "BA"),
        ("created_at__lte=2026-02-01T00:00:00Z".to_owned(), "CBA"),
        ("created_at__gte=2026-01-31T02:00:00+02:00&created_at__lte=2026-02-01".to_owned(), "CB"),
        (format!("form={id}&created_at__gte=2026-01-31&search=d"), "D"),
        ("page_size=3&page=2".to_owned(), "A"),
    ] {
        let list = admin.get(&format!("/api/entries/?{query}")).await.expect(200);
        assert_eq!(names_of(&list), names, "{query}");
    }
    let wrong = admin.get("/api/entries/?form=x&created_at__gte=soon").await;
    let errors =
        json!({ "form": ["Saisissez un nombre."], "created_at__gte": ["Saisissez une date et une heure valides."] });
    assert_eq!(wrong.expect(400), errors);
    assert_eq!(admin.get("/api/entries/?form=999999&page=2").await.status, 404);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_search_finds_any_value_and_no_name(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let fields = json!([
        field(json!({ "name": "name" })),
        field(json!({ "name": "city", "type": "textarea" })),
        field(json!({ "name": "price", "type": "number" })),
        field(json!({ "name": "agreed", "type": "boolean" })),
        field(json!({ "name": "extras", "type": "multiselect", "options": ["Petit déjeuner", "Spa"] })),
    ]);
    let form = created(&admin, json!({ "fields": fields })).await;
    for data in [
        json!({ "name": "A", "city": "Thiès\nSaint-Louis" }),
        json!({ "name": "B", "price": 1234.5, "agreed": true }),
        json!({ "name": "C", "extras": ["Spa", "Petit déjeuner"] }),
        json!({ "name": "D", "city": "100% d'accord_\\" }),
    ] {
        entered(&admin, &form, data).await;
    }
    let adopted =
        "insert into entries_entry (form_id, data) values ($1, '{\"name\": \"E\", \"x\": {\"y\": [\"Gorée\"]}}')";
    sqlx::query(adopted).bind(form["id"].as_i64()).execute(&app.owner).await.unwrap();

    for (search, names) in [
        ("thies", "A"),
        ("SAINT-LOUIS", "A"),
        ("thies+louis", "A"),
        ("Thi%C3%A8s,spa", ""),
        ("1234.5", "B"),
        ("234", "B"),
        ("true", "B"),
        ("dejeuner", "C"),
        ("petit,spa", "C"),
        ("%25", "D"),
        ("_", "D"),
        ("%5C", "D"),
        ("d'accord", "D"),
        ("goree", "E"),
        ("extras", ""),
        ("price", ""),
        ("", "EDCBA"),
    ] {
        let list = admin.get(&format!("/api/entries/?search={search}")).await.expect(200);
        assert_eq!(names_of(&list), names, "{search}");
    }
}

fn names_of(list: &Value) -> String {
    list["results"].as_array().unwrap().iter().map(|entry| entry["data"]["name"].as_str().unwrap()).collect()
}

// What the tests are written with.

/// What a new entry is answered.
pub(crate) async fn enter(caller: &Caller, form: &Value, data: Value) -> Answer {
    caller.post("/api/entries/", json!({ "form": form["id"], "data": data })).await
}

/// A new entry.
pub(crate) async fn entered(caller: &Caller, form: &Value, data: Value) -> Value {
    enter(caller, form, data).await.expect(201)
}

fn path(entry: &Value) -> String {
    format!("/api/entries/{}/", entry["id"].as_i64().expect("an id"))
}
