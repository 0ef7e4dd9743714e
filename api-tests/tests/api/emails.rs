//! The outbox as administrators see it. How mail is sent is in `outbox`.

use api_tests::{Caller, TestApp};
use http::Method;
use local::mailbox::{Behaviour, Fault};
use serde_json::{Value, json};
use shared::db::MIGRATOR;
use sqlx::PgPool;

use crate::access::routes;

const FORBIDDEN: &str = "Vous n'avez pas la permission d'effectuer cette action.";
const NOT_FOUND: &str = "Pas trouvé.";
const LINE_BREAK: &str = "Les sauts de ligne ne sont pas autorisés.";

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_email_waits_from_its_creation(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let body =
        json!({ "recipient": " Awa@Example.sn ", "subject": "Votre réservation", "body": "Bonjour,\nà demain." });

    let answer = admin.post("/api/emails/", body).await;

    let created = answer.expect(201);
    for (field, value) in [
        ("recipient", json!("Awa@Example.sn")),
        ("subject", json!("Votre réservation")),
        ("body", json!("Bonjour,\nà demain.")),
        ("is_sent", json!(false)),
        ("status", json!("pending")),
        ("attempts", json!(0)),
        ("last_error", json!("")),
        ("message_id", json!("")),
        ("scheduled_at", Value::Null),
        ("sent_at", Value::Null),
    ] {
        assert_eq!(created[field], value, "{field}");
    }
    assert_eq!(created.as_object().unwrap().len(), 13, "{created}");
    assert_eq!(answer.header("etag"), "\"1\"");
    assert_eq!(admin.get(&path(&created)).await.expect(200), created);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_value_that_breaks_a_rule_is_refused_with_the_rule(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;

    for (field, value, text) in [
        ("recipient", json!(null), "Ce champ ne peut être nul."),
        ("recipient", json!(""), "Ce champ ne peut être vide."),
        ("recipient", json!("awa"), "Saisissez une adresse e-mail valide."),
        ("recipient", json!("a@example.sn, b@example.sn"), "Saisissez une adresse e-mail valide."),
        ("recipient", json!("awa@example.sn\r\nBcc: b@example.sn"), LINE_BREAK),
        ("recipient", json!("awa@example.sn\n"), LINE_BREAK),
        ("subject", json!(null), "Ce champ ne peut être nul."),
        ("subject", json!(" "), "Ce champ ne peut être vide."),
        ("subject", json!("Objet\nBcc: b@example.sn"), LINE_BREAK),
        ("subject", json!("Objet\r"), LINE_BREAK),
        ("subject", json!("x".repeat(256)), "Assurez-vous que ce champ comporte au plus 255\u{a0}caractères."),
        ("body", json!(""), "Ce champ ne peut être vide."),
        ("body", json!("a\0b"), "Le caractère nul n’est pas autorisé."),
        (
            "scheduled_at",
            json!("demain"),
            "La date + heure n'a pas le bon format. Utilisez un des formats suivants à la place\u{a0}: \
             YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].",
        ),
    ] {
        let answer = admin.post("/api/emails/", email(json!({ field: value }))).await;

        assert_eq!(answer.expect(400), json!({ field: [text] }), "{field}: {value}");
    }
    let required = "Ce champ est obligatoire.";
    assert_eq!(
        admin.post("/api/emails/", json!({})).await.expect(400),
        json!({ "recipient": [required], "subject": [required], "body": [required] })
    );
    assert_eq!(admin.get("/api/emails/").await.expect(200)["count"], 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_only_the_queue_decides_is_ignored(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;

    let body = email(json!({ "status": "sent", "is_sent": true, "attempts": 7, "secret": "x", "scheduled_at": null }));
    let created = admin.post("/api/emails/", body).await.expect(201);

    assert_eq!((&created["status"], &created["attempts"]), (&json!("pending"), &json!(0)));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_scheduled_email_leaves_at_its_time(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let later = created(&admin, json!({ "scheduled_at": "2099-01-31T08:00:00+01:00" })).await;
    let due = created(&admin, json!({ "scheduled_at": "2020-01-31T08:00:00Z" })).await;

    assert_eq!(app.dispatch_emails().await, Ok(1));

    assert_eq!(later["scheduled_at"], "2099-01-31T07:00:00.000000Z");
    assert_eq!(admin.get(&path(&later)).await.expect(200)["status"], "pending");
    assert_eq!(admin.get(&path(&due)).await.expect(200)["status"], "sent");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_list_searches_filters_and_orders(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    for (recipient, subject) in
        [("awa@example.sn", "Réservation"), ("bob@example.sn", "Été"), ("aminata@saly.sn", "Été")]
    {
        created(&admin, json!({ "recipient": recipient, "subject": subject })).await;
    }
    admin.post("/api/emails/1/cancel/", json!({})).await.expect(200);
    assert_eq!(app.dispatch_emails().await, Ok(2));
    app.report(&app.mailbox.messages()[0], "bounce").await;
    let date = "update emails_email set created_at = '2026-01-31T12:00:00Z' where id = 2";
    sqlx::query(date).execute(&app.owner).await.unwrap();

    for (query, expected) in [
        ("", &[3, 1, 2][..]),
        ("?search=reservation", &[1]),
        ("?search=saly+ete", &[3]),
        ("?search=ete,example", &[2]),
        ("?is_sent=true", &[3, 2]),
        ("?is_sent=no", &[1]),
        ("?status=bounced", &[2]),
        ("?status=cancelled&is_sent=true", &[]),
        ("?created_at__lte=2026-01-31", &[2]),
        ("?created_at__gte=2026-02-01", &[3, 1]),
        ("?created_at__gte=2026-01-31T13:00:00+01:00&created_at__lte=2026-01-31T12:00", &[2]),
        ("?ordering=created_at", &[2, 1, 3]),
        ("?ordering=status", &[2, 1, 3]),
        ("?is_sent=true&ordering=sent_at", &[2, 3]),
        ("?ordering=-id", &[3, 2, 1]),
    ] {
        let list = admin.get(&format!("/api/emails/{query}")).await.expect(200);
        let mut ids: Vec<_> =
            list["results"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect();
        if query.contains("sent_at") {
            // Both may have been sent in the same statement, and so at the same time.
            ids.sort_unstable();
        }
        assert_eq!(ids, expected, "{query}");
    }
    assert!(admin.get("/api/emails/?status=lost").await.expect(400).get("status").is_some());
    assert!(admin.get("/api/emails/?is_sent=maybe").await.expect(400).get("is_sent").is_some());
    assert!(admin.get("/api/emails/?created_at__gte=hier").await.expect(400).get("created_at__gte").is_some());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn cancelling_and_retrying_depend_on_the_status(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let row = created(&admin, json!({})).await;
    let (cancel, retry) = (format!("{}cancel/", path(&row)), format!("{}retry/", path(&row)));

    for (status, may_cancel, may_retry) in [
        ("pending", true, false),
        ("sending", false, false),
        ("sent", false, false),
        ("failed", false, true),
        ("cancelled", false, true),
        ("bounced", false, false),
        ("complained", false, false),
    ] {
        set_status(&app, &row, status).await;
        let cancelled = admin.post(&cancel, json!({})).await;
        assert_eq!(cancelled.status.as_u16(), if may_cancel { 200 } else { 409 }, "cancel {status}");
        set_status(&app, &row, status).await;
        let retried = admin.post(&retry, json!({})).await;
        assert_eq!(retried.status.as_u16(), if may_retry { 200 } else { 409 }, "retry {status}");
        if may_cancel {
            assert_eq!(cancelled.body()["status"], "cancelled");
        } else {
            let detail = "Seul un e-mail en attente peut être annulé.";
            assert_eq!(cancelled.body(), json!({ "detail": detail }));
        }
        if may_retry {
            assert_eq!((&retried.body()["status"], &retried.body()["attempts"]), (&json!("pending"), &json!(0)));
        } else {
            let detail = "Seul un e-mail en échec ou annulé peut être renvoyé.";
            assert_eq!(retried.body(), json!({ "detail": detail }));
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_cancelled_email_does_not_leave_and_a_retried_one_does(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let row = created(&admin, json!({})).await;
    admin.post(&format!("{}cancel/", path(&row)), json!({})).await.expect(200);
    assert_eq!(app.dispatch_emails().await, Ok(0));

    admin.post(&format!("{}retry/", path(&row)), json!({})).await.expect(200);

    assert_eq!(app.dispatch_emails().await, Ok(1));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_email_is_deleted_unless_it_is_being_sent(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let row = created(&admin, json!({})).await;
    set_status(&app, &row, "sending").await;

    let sending = admin.delete(&path(&row)).await;
    set_status(&app, &row, "sent").await;
    let stale = admin.request(http::Method::DELETE, &path(&row)).header("if-match", "\"1\"").send().await;
    let etag = admin.get(&path(&row)).await.header("etag").to_owned();
    let current = admin.request(http::Method::DELETE, &path(&row)).header("if-match", etag).send().await;

    assert_eq!(sending.expect(409), json!({ "detail": "Cet e-mail est en cours d'envoi." }));
    assert_eq!((stale.status.as_u16(), current.status.as_u16()), (412, 204));
    assert_eq!(admin.get(&path(&row)).await.expect(404), json!({ "detail": NOT_FOUND }));
    assert_eq!(admin.delete(&path(&row)).await.status, 404);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_row_that_is_not_there_is_404_for_every_action(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;

    for (method, path) in [
        ("GET", "/api/emails/999/"),
        ("DELETE", "/api/emails/999/"),
        ("PUT", "/api/emails/999/"),
        ("PATCH", "/api/emails/999/"),
        ("POST", "/api/emails/999/retry/"),
        ("POST", "/api/emails/999/cancel/"),
        ("GET", "/api/emails/abc/"),
        ("DELETE", "/api/emails/suppressions/999/"),
    ] {
        let answer = admin.request(method.parse().unwrap(), path).send().await;
        assert_eq!(answer.expect(404), json!({ "detail": NOT_FOUND }), "{method} {path}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_withdrawn_role_ends_at_once_for_whatever_writes(owner: PgPool) {
    let app = TestApp::start_with(owner, |setup| setup.settings.authorizer_cache_seconds = 60).await;
    let admin = app.admin().await;
    let row = created(&admin, json!({})).await;
    suppress(&app, "bob@example.sn", "bounced").await;
    let demote = sqlx::query("update users_customuser set is_admin = false where id = $1").bind(admin.id());
    demote.execute(&app.owner).await.unwrap();

    for (method, path) in [
        ("POST", "/api/emails/".to_owned()),
        ("POST", format!("{}cancel/", path(&row))),
        ("POST", format!("{}retry/", path(&row))),
        ("PUT", path(&row)),
        ("PATCH", path(&row)),
        ("DELETE", path(&row)),
        ("DELETE", "/api/emails/suppressions/1/".to_owned()),
    ] {
        let answer = admin.request(method.parse().unwrap(), &path).json(&email(json!({}))).send().await;
        assert_eq!(answer.expect(403), json!({ "detail": FORBIDDEN }), "{method} {path}");
    }
    assert_eq!(admin.get("/api/emails/").await.expect(200)["count"], 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_suppressed_address_takes_no_mail_until_it_is_lifted(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    suppress(&app, "awa@example.sn", "complained").await;
    suppress(&app, "bob@example.sn", "bounced").await;

    let refused = admin.post("/api/emails/", email(json!({ "recipient": "Awa@Example.SN" }))).await;
    let list = admin.get("/api/emails/suppressions/").await.expect(200);
    let found = admin.get("/api/emails/suppressions?search=AWA").await.expect(200);
    let id = found["results"][0]["id"].clone();
    let lifted = admin.delete(&format!("/api/emails/suppressions/{id}/")).await;

    let text = "Cette adresse a refusé un e-mail ou s'en est plainte\u{a0}: plus rien ne lui est envoyé.";
    assert_eq!(refused.expect(400), json!({ "recipient": [text] }));
    assert_eq!((&list["count"], &list["next"]), (&json!(2), &Value::Null));
    assert_eq!(found["count"], 1);
    let row = found["results"][0].as_object().unwrap();
    assert_eq!(row.keys().collect::<Vec<_>>(), ["created_at", "id", "reason", "recipient"]);
    assert_eq!((&row["recipient"], &row["reason"]), (&json!("awa@example.sn"), &json!("complained")));
    assert_eq!(lifted.expect(204), Value::Null);
    assert_eq!(admin.delete(&format!("/api/emails/suppressions/{id}/")).await.status, 404);
    admin.post("/api/emails/", email(json!({ "recipient": "awa@example.sn" }))).await.expect(201);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_suppression_is_found_by_its_address_in_any_case(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    suppress(&app, "awa@example.sn", "complained").await;
    suppress(&app, "awa@example.sn.example", "bounced").await;
    suppress(&app, "awa@exämple.sn", "bounced").await;

    for (recipient, found) in [
        ("awa@example.sn", Some("awa@example.sn")),
        ("Awa%40Example.SN", Some("awa@example.sn")),
        ("awa@xn--exmple-cua.sn", Some("awa@exämple.sn")),
        ("awa@example", None),
        ("%25", None),
    ] {
        let list = admin.get(&format!("/api/emails/suppressions/?recipient={recipient}")).await.expect(200);
        let rows = list["results"].as_array().unwrap();
        assert_eq!(
            rows.iter().map(|row| row["recipient"].as_str()).collect::<Vec<_>>(),
            Vec::from_iter(found.map(Some))
        );
        assert_eq!(list["count"], rows.len());
    }
    assert_eq!(admin.get("/api/emails/suppressions/?recipient=").await.expect(200)["count"], 3);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_email_to_a_suppressed_address_is_not_sent_again(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let row = created(&admin, json!({ "recipient": "Awa@example.sn" })).await;
    let retry = format!("{}retry/", path(&row));
    set_status(&app, &row, "failed").await;
    suppress(&app, "awa@example.sn", "bounced").await;

    let french = admin.post(&retry, json!({})).await;
    let english = admin.request(Method::POST, &retry).header("accept-language", "en").send().await;
    let suppression = admin.get("/api/emails/suppressions/?recipient=awa@example.sn").await.expect(200);
    admin.delete(&format!("/api/emails/suppressions/{}/", suppression["results"][0]["id"])).await.expect(204);

    let text = "Cette adresse a refusé un e-mail ou s'en est plainte. Débloquez-la avant de renvoyer cet e-mail.";
    assert_eq!(french.expect(409), json!({ "detail": text }));
    assert!(english.expect(409)["detail"].as_str().unwrap().contains("suppression list"));
    admin.post(&retry, json!({})).await.expect(200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn every_write_is_on_record(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let row = created(&admin, json!({})).await;
    suppress(&app, "bob@example.sn", "bounced").await;
    admin.post(&format!("{}cancel/", path(&row)), json!({})).await.expect(200);
    admin.post(&format!("{}retry/", path(&row)), json!({})).await.expect(200);
    admin.delete(&path(&row)).await.expect(204);
    admin.delete("/api/emails/suppressions/1/").await.expect(204);

    let select = "select action, resource, actor, object_id, changes from audit_event
                  where resource in ('email', 'suppression') order by id";
    let events: Vec<(String, String, i64, i64, Value)> = sqlx::query_as(select).fetch_all(&app.owner).await.unwrap();

    let done: Vec<_> = events.iter().map(|(action, resource, ..)| (action.as_str(), resource.as_str())).collect();
    assert_eq!(
        done,
        [("create", "email"), ("cancel", "email"), ("retry", "email"), ("delete", "email"), ("lift", "suppression")]
    );
    assert!(events.iter().all(|(_, _, actor, ..)| *actor == admin.id()));
    assert_eq!(events[0].4["subject"], json!([null, "Objet"]));
    assert_eq!(events[1].4, json!({ "status": ["pending", "cancelled"] }));
    assert_eq!(events[2].4, json!({ "status": ["cancelled", "pending"] }));
    assert_eq!(events[4].4["recipient"], json!(["bob@example.sn", null]));
}

// Corrections.

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_pending_email_can_be_corrected(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let row = created(&admin, json!({ "scheduled_at": "2099-01-31T08:00:00Z" })).await;

    let corrected = admin
        .patch(&path(&row), json!({ "recipient": " Bob@Example.sn ", "body": "Bonjour Bob,\nà demain." }))
        .await
        .expect(200);
    let replaced = admin
        .put(&path(&row), json!({ "recipient": "eve@example.sn", "subject": "Correction", "body": "Bonjour" }))
        .await;

    assert_eq!((&corrected["recipient"], &corrected["subject"]), (&json!("Bob@Example.sn"), &json!("Objet")));
    assert_eq!(corrected["body"], "Bonjour Bob,\nà demain.");
    let replaced_row = replaced.expect(200);
    assert_eq!((&replaced_row["subject"], &replaced_row["status"]), (&json!("Correction"), &json!("pending")));
    assert_eq!(replaced_row["scheduled_at"], row["scheduled_at"], "PUT keeps a time that it does not name");
    assert_eq!(replaced.header("etag"), "\"3\"");
    let sent_now = admin.patch(&path(&row), json!({ "scheduled_at": null })).await.expect(200);
    assert_eq!(sent_now["scheduled_at"], Value::Null);
    assert_eq!(app.dispatch_emails().await, Ok(1));
    let mail = app.mailbox.messages().pop().unwrap();
    assert_eq!((mail.to[0].as_str(), mail.subject.as_str(), &*mail.text), ("eve@example.sn", "Correction", "Bonjour"));
    assert!(mail.html.contains(">Bonjour</p>"), "{}", mail.html);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_new_time_is_the_one_at_which_the_email_leaves(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let later = created(&admin, json!({ "scheduled_at": "2099-01-31T08:00:00Z" })).await;
    let now = created(&admin, json!({})).await;

    admin.patch(&path(&now), json!({ "scheduled_at": "2099-01-31T08:00:00+01:00" })).await.expect(200);
    assert_eq!(app.dispatch_emails().await, Ok(0));
    admin.patch(&path(&later), json!({ "scheduled_at": "2020-01-31T08:00:00Z" })).await.expect(200);

    assert_eq!(app.dispatch_emails().await, Ok(1));
    assert_eq!(admin.get(&path(&later)).await.expect(200)["status"], "sent");
    assert_eq!(admin.get(&path(&now)).await.expect(200)["scheduled_at"], "2099-01-31T07:00:00.000000Z");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_whole_email_can_be_sent_back_and_stays_as_it_is(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;

    for scheduled_at in [json!(null), json!("2099-01-31T08:00:00.123456Z")] {
        let row = created(&admin, json!({ "scheduled_at": scheduled_at })).await;
        let next = "select next_attempt_at::text from emails_email where id = $1";
        let next = sqlx::query_scalar::<_, String>(next).bind(row["id"].as_i64());
        let before = next.fetch_one(&app.owner).await.unwrap();
        let mut whole = row.clone();
        whole["unknown"] = json!([1]);
        whole["status"] = json!("sent");

        for answer in [admin.put(&path(&row), whole.clone()).await, admin.patch(&path(&row), whole).await] {
            let mut again = answer.expect(200);
            again["updated_at"] = row["updated_at"].clone();
            assert_eq!(again, row);
        }
        admin.patch(&path(&row), json!({})).await.expect(200);
        let next = "select next_attempt_at::text from emails_email where id = $1";
        let next = sqlx::query_scalar::<_, String>(next).bind(row["id"].as_i64());
        assert_eq!(next.fetch_one(&app.owner).await.unwrap(), before, "a backoff is not cut short");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn only_a_pending_email_can_be_changed(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let row = created(&admin, json!({})).await;

    for status in ["sending", "sent", "failed", "cancelled", "bounced", "complained"] {
        set_status(&app, &row, status).await;
        for (method, body) in
            [("PUT", email(json!({}))), ("PATCH", json!({ "subject": "Autre" })), ("PATCH", json!({}))]
        {
            let answer = admin.request(method.parse().unwrap(), &path(&row)).json(&body).send().await;

            let detail = "Seul un e-mail en attente peut être modifié.";
            assert_eq!(answer.expect(409), json!({ "detail": detail }), "{method} {status}");
        }
    }
    assert_eq!(admin.get(&path(&row)).await.expect(200)["subject"], "Objet");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_email_that_the_product_wrote_cannot_be_changed(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let token = app.reset_token(&user).await;
    let ticket = user.post("/api/tickets/", json!({ "title": "Fuite", "description": "Eau" })).await.expect(201);
    admin.patch(&format!("/api/tickets/{}/", ticket["id"]), json!({ "status": "closed" })).await.expect(200);
    let rows = admin.get("/api/emails/?status=pending").await.expect(200)["results"].as_array().unwrap().clone();
    assert!(rows.len() >= 3, "a welcome, a link and a notice");

    for row in &rows {
        for changes in [json!({ "recipient": "eve@example.sn" }), json!({ "body": "token=…" }), json!({})] {
            let answer = admin.request(Method::PATCH, &path(row)).header("accept-language", "en").json(&changes).send();

            let detail = "This email was written by the application: it can be cancelled, but not changed.";
            assert_eq!(answer.await.expect(409), json!({ "detail": detail }), "{row}");
        }
    }

    app.dispatch_emails().await.unwrap();
    let mails = app.mailbox.messages();
    assert!(mails.iter().all(|mail| mail.to != ["eve@example.sn"]));
    assert!(mails.iter().any(|mail| mail.to == [user.email()] && mail.text.contains(&token)));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_email_that_may_have_been_sent_cannot_be_changed(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let row = created(&admin, json!({})).await;

    for (fault, status) in [(Fault::Fail, 200), (Fault::Throttle, 200), (Fault::AcceptThenReset, 409)] {
        app.mailbox.behave(Behaviour { fault: Some(fault), times: Some(1), ..Behaviour::default() });
        sqlx::query("update emails_email set next_attempt_at = now()").execute(&app.owner).await.unwrap();
        app.dispatch_emails().await.unwrap();

        let answer = admin.patch(&path(&row), json!({ "recipient": "eve@example.sn" })).await;

        assert_eq!(answer.status.as_u16(), status, "{fault:?}: {answer:?}");
    }
    let answer = admin.patch(&path(&row), json!({})).await;
    let detail = "Cet e-mail est peut-être déjà parti. Annulez-le et écrivez-en un autre.";
    assert_eq!(answer.expect(409), json!({ "detail": detail }));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_correction_obeys_the_rules_of_a_new_email(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let row = created(&admin, json!({})).await;
    suppress(&app, "eve@example.sn", "bounced").await;
    let suppressed = "Cette adresse a refusé un e-mail ou s'en est plainte\u{a0}: plus rien ne lui est envoyé.";

    for (field, value, text) in [
        ("recipient", json!("awa@example.sn\r\nBcc: b@example.sn"), LINE_BREAK),
        ("recipient", json!("Eve@Example.sn"), suppressed),
        ("recipient", json!("a@example.sn, b@example.sn"), "Saisissez une adresse e-mail valide."),
        ("recipient", json!(null), "Ce champ ne peut être nul."),
        ("subject", json!("Objet\nBcc: b@example.sn"), LINE_BREAK),
        ("subject", json!(" "), "Ce champ ne peut être vide."),
        ("body", json!("a\0b"), "Le caractère nul n’est pas autorisé."),
    ] {
        for method in [Method::PUT, Method::PATCH] {
            let body = email(json!({ field: value }));
            let answer = admin.request(method, &path(&row)).json(&body).send().await;

            assert_eq!(answer.expect(400), json!({ field: [text] }), "{field}: {value}");
        }
    }
    let required = "Ce champ est obligatoire.";
    assert_eq!(
        admin.put(&path(&row), json!({ "subject": "Autre" })).await.expect(400),
        json!({ "recipient": [required], "body": [required] })
    );
    assert_eq!(admin.get(&path(&row)).await.expect(200), row);
    // Suppressed since it was queued: other fields can be corrected, and the dispatcher gives the mail up.
    suppress(&app, "awa@example.sn", "bounced").await;
    admin.put(&path(&row), email(json!({ "subject": "Autre" }))).await.expect(200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_correction_replaces_only_the_version_that_it_names(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let row = created(&admin, json!({})).await;
    let change = async |method: Method, version: &str, subject: &str| {
        let body = email(json!({ "subject": subject }));
        let request = admin.request(method, &path(&row)).header("if-match", version);
        request.json(&body).send().await.status.as_u16()
    };

    assert_eq!(change(Method::PATCH, "\"1\"", "Deux").await, 200);
    assert_eq!(change(Method::PATCH, "\"1\"", "Trois").await, 412);
    assert_eq!(change(Method::PUT, "\"1\", \"7\"", "Trois").await, 412);
    assert_eq!(change(Method::PUT, "W/\"2\"", "Quatre").await, 200);

    assert_eq!(admin.get(&path(&row)).await.expect(200)["subject"], "Quatre");
    let select = "select changes from audit_event where resource = 'email' and action = 'update' order by id";
    let changes: Vec<Value> = sqlx::query_scalar(select).fetch_all(&app.owner).await.unwrap();
    assert_eq!(changes, [json!({ "subject": ["Objet", "Deux"] }), json!({ "subject": ["Deux", "Quatre"] })]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn no_administrator_reads_a_live_reset_link(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let token = app.reset_token(&user).await;
    let row = admin.get("/api/emails/?search=nouveau+mot").await.expect(200)["results"][0].clone();
    let retry = format!("{}retry/", path(&row));

    let mut read = vec![
        admin.get("/api/emails/").await,
        admin.get(&path(&row)).await,
        admin.get(&format!("/api/emails/?search={token}")).await,
        admin.post(&retry, json!({})).await,
    ];
    read.push(admin.post(&format!("{}cancel/", path(&row)), json!({})).await);
    let retried = admin.post(&retry, json!({})).await;
    let changes: Vec<String> =
        sqlx::query_scalar("select changes::text from audit_event").fetch_all(&app.owner).await.unwrap();

    assert!(row["body"].as_str().unwrap().contains("/reset-password?token=…"), "{row}");
    let detail = "Le lien de cet e-mail n'est plus valable\u{a0}: son lecteur doit en demander un autre.";
    assert_eq!(retried.expect(409), json!({ "detail": detail }));
    for text in read.iter().map(|answer| String::from_utf8_lossy(&answer.bytes)) {
        // The address of a page repeats its search.
        assert!(!text.contains(&token) || text.contains("\"count\":0"), "{text}");
    }
    assert!(changes.iter().all(|changes| !changes.contains(&token)));
    assert!(!api_tests::log::everything().contains(&token));
}

/// Whatever state the mail is in.
#[sqlx::test(migrator = "MIGRATOR")]
async fn no_answer_of_the_api_holds_a_live_reset_link(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let token = app.reset_token(&user).await;
    let id: i64 =
        sqlx::query_scalar("select id from emails_email where secret is not null").fetch_one(&app.owner).await.unwrap();
    let paths: Vec<String> = routes()
        .into_iter()
        .filter(|(_, (method, ..))| *method == Method::GET)
        .map(|(function, (_, path, _))| {
            let id = if function == "EmailsFunction" { id } else { user.id() };
            format!("{}/", path.replace("{id}", &id.to_string()))
        })
        .collect();
    assert!(paths.contains(&format!("/api/emails/{id}/")) && paths.contains(&"/api/audit/".to_owned()), "{paths:?}");

    for status in ["pending", "sending"] {
        let update = "update emails_email set status = $2 where id = $1";
        sqlx::query(update).bind(id).bind(status).execute(&app.owner).await.unwrap();
        for path in &paths {
            for query in ["", "?ordering=-id&page_size=100", "?search=reset-password"] {
                let answer = admin.get(&format!("{path}{query}")).await;
                assert!(!String::from_utf8_lossy(&answer.bytes).contains(&token), "{status}: {path}{query}");
            }
        }
    }
    // It would have worked.
    let new = json!({ "token": token, "password": "Teranga-2026-Thies" });
    app.public().post("/api/auth/reset-password/", new).await.expect(204);
}

fn email(changes: Value) -> Value {
    let mut email = json!({ "recipient": "awa@example.sn", "subject": "Objet", "body": "Bonjour" });
    email.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    email
}

async fn created(admin: &Caller, changes: Value) -> Value {
    admin.post("/api/emails/", email(changes)).await.expect(201)
}

fn path(row: &Value) -> String {
    format!("/api/emails/{}/", row["id"])
}

async fn set_status(app: &TestApp, row: &Value, status: &str) {
    let update = "update emails_email set status = $2, is_sent = $2 in ('sent', 'bounced', 'complained'),
                  sent_at = case when $2 in ('sent', 'bounced', 'complained') then now() end where id = $1";
    let update = sqlx::query(update).bind(row["id"].as_i64().unwrap()).bind(status);
    update.execute(&app.owner).await.unwrap();
}

async fn suppress(app: &TestApp, recipient: &str, reason: &str) {
    let insert = "insert into emails_suppression (recipient, reason) values ($1, $2)";
    sqlx::query(insert).bind(recipient).bind(reason).execute(&app.owner).await.unwrap();
}
