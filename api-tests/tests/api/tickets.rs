//! Tickets, their threads, and the mails about them.

use std::time::Duration;

use api_tests::{Answer, Caller, TestApp};
use http::Method;
use serde_json::{Value, json};
use shared::db::MIGRATOR;
use sqlx::PgPool;

const FORBIDDEN: &str = "Vous n'avez pas la permission d'effectuer cette action.";
const NOT_FOUND: &str = "Pas trouvé.";
const ANSWERED: &str =
    "Ce ticket ne peut plus être supprimé\u{a0}: il n'est plus ouvert, ou quelqu'un y a répondu. Fermez-le.";
const CLOSED: &str = "Ce ticket est fermé. Rouvrez-le avant de le modifier.";

// Creating and reading.

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_ticket_needs_only_a_title_and_a_description(owner: PgPool) {
    let user = TestApp::start(owner).await.user().await;

    let answer = user.post("/api/tickets/", json!({ "title": " Clim ", "description": "En panne" })).await;

    let ticket = answer.expect(201);
    let expected = json!({
        "id": ticket["id"], "title": "Clim", "description": "En panne", "status": "open", "priority": "medium",
        "user": user.id(), "user_name": "Awa Diop", "created_at": ticket["created_at"],
        "updated_at": ticket["updated_at"],
    });
    assert_eq!(ticket, expected);
    let read = user.get(&path(&ticket)).await;
    assert_eq!(read.expect(200), ticket);
    assert_eq!((answer.header("etag"), read.header("etag")), ("\"1\"", "\"1\""));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_new_ticket_is_open_and_its_creators_whatever_is_said(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let extra = json!({ "status": "closed", "user": 999_999, "user_name": "x", "id": 7, "priority": "high" });
    let nonsense = json!({ "status": "nonsense", "user": [], "created_at": null });

    let by_admin = created(&admin, json!({ "user": user.id() })).await;
    let by_user = created(&user, extra).await;
    let with_nonsense = created(&user, nonsense).await;

    assert_eq!(by_admin["user"], admin.id());
    for ticket in [by_user, with_nonsense] {
        assert_eq!((&ticket["user"], &ticket["status"]), (&json!(user.id()), &json!("open")));
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_value_that_breaks_a_rule_is_refused_with_the_rule(owner: PgPool) {
    let user = TestApp::start(owner).await.user().await;
    let ticket = created(&user, json!({})).await;

    for (field, value, text) in [
        ("title", json!(""), "Ce champ ne peut être vide."),
        ("title", json!(null), "Ce champ ne peut être nul."),
        ("title", json!("x".repeat(256)), "Assurez-vous que ce champ comporte au plus 255\u{a0}caractères."),
        ("description", json!(" \n"), "Ce champ ne peut être vide."),
        ("description", json!(["x"]), "Une chaîne de caractères est requise."),
        ("priority", json!("urgent"), "«\u{a0}urgent\u{a0}» n'est pas un choix valide."),
        ("status", json!("done"), "«\u{a0}done\u{a0}» n'est pas un choix valide."),
        ("status", json!(null), "Ce champ ne peut être nul."),
    ] {
        let answer = user.patch(&path(&ticket), json!({ field: value })).await;

        assert_eq!((answer.status.as_u16(), answer.body()), (400, json!({ field: [text] })), "{field}: {value}");
    }
    let required = json!({ "title": ["Ce champ est obligatoire."], "description": ["Ce champ est obligatoire."] });
    assert_eq!(user.post("/api/tickets/", json!({})).await.expect(400), required);
    assert_eq!(user.put(&path(&ticket), json!({})).await.expect(400), required);
    assert_eq!(user.get(&path(&ticket)).await.expect(200), ticket);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn somebody_without_a_name_is_called_by_their_address(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;

    for (first_name, last_name, name) in
        [("Awa", "Diop", "Awa Diop"), ("Awa", "", "Awa"), ("", "Diop", "Diop"), ("", "", user.email())]
    {
        user.patch("/api/auth/me/", json!({ "first_name": first_name, "last_name": last_name })).await.expect(200);
        let ticket = created(&user, json!({})).await;
        let thread = format!("{}comments/", path(&ticket));
        let comment = user.post(&thread, json!({ "content": "Bonjour" })).await.expect(201);

        assert_eq!((&ticket["user_name"], &comment["author_name"]), (&json!(name), &json!(name)));
        assert_eq!(user.get("/api/tickets/?page_size=1").await.expect(200)["results"][0]["user_name"], name);
        assert_eq!(user.get(&path(&ticket)).await.expect(200)["user_name"], name);
        assert_eq!(user.get(&thread).await.expect(200)["results"][0]["author_name"], name);
    }
}

// Who may.

#[sqlx::test(migrator = "MIGRATOR")]
async fn somebody_elses_ticket_does_not_exist(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, other, admin) = (app.user().await, app.user().await, app.admin().await);
    let ticket = created(&user, json!({})).await;
    let comments = format!("{}comments/", path(&ticket));

    let gone = json!({ "detail": NOT_FOUND });
    for (method, path) in [
        (Method::GET, path(&ticket)),
        (Method::PUT, path(&ticket)),
        (Method::PATCH, path(&ticket)),
        (Method::DELETE, path(&ticket)),
        (Method::GET, comments.clone()),
        (Method::POST, comments.clone()),
    ] {
        for body in [json!({}), self::ticket(json!({ "status": "in_progress", "content": "x" })), json!([])] {
            let answer = other.request(method.clone(), &path).json(&body).send().await;
            assert_eq!(answer.expect(404), gone, "{method} {path} {body}");
        }
    }
    assert_eq!(other.get("/api/tickets/").await.expect(200)["count"], 0);
    assert_eq!(user.get(&comments).await.expect(200)["count"], 0);
    assert_eq!(admin.get(&path(&ticket)).await.expect(200), ticket);
    assert_eq!(admin.get("/api/tickets/").await.expect(200)["results"], json!([ticket]));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_user_edits_closes_and_reopens_their_ticket_and_sets_no_other_status(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, admin) = (app.user().await, app.admin().await);
    let ticket = path(&created(&user, json!({})).await);

    for (changes, status, answer) in [
        (json!({ "title": "Autre", "description": "Autre", "priority": "low" }), 200, "open"),
        (json!({ "status": "open" }), 200, "open"),
        (json!({ "status": "in_progress" }), 403, FORBIDDEN),
        (json!({ "status": "in_progress", "title": "Refusé" }), 403, FORBIDDEN),
        (json!({ "status": "closed", "title": "Fini" }), 200, "closed"),
        (json!({ "status": "closed" }), 200, "closed"),
        (json!({ "title": "Refusé" }), 409, CLOSED),
        (json!({ "description": "Refusé" }), 409, CLOSED),
        (json!({ "priority": "high" }), 409, CLOSED),
        (json!({ "status": "closed", "title": "Refusé" }), 409, CLOSED),
        (json!({ "status": "in_progress" }), 403, FORBIDDEN),
        (json!({ "title": "Fini", "priority": "low" }), 200, "closed"),
        (json!({}), 200, "closed"),
        (json!({ "status": "open", "title": "Rouvert" }), 200, "open"),
    ] {
        let got = user.patch(&ticket, changes.clone()).await;

        let body = got.body();
        let field = if status == 200 { "status" } else { "detail" };
        assert_eq!((got.status.as_u16(), &body[field]), (status, &json!(answer)), "{changes}: {body}");
    }
    assert_eq!(user.get(&ticket).await.expect(200)["title"], "Rouvert");
    admin.patch(&ticket, json!({ "status": "in_progress" })).await.expect(200);
    assert_eq!(user.patch(&ticket, json!({ "title": "En cours" })).await.expect(200)["status"], "in_progress");
    assert_eq!(user.patch(&ticket, json!({ "status": "open" })).await.expect(403)["detail"], FORBIDDEN);
    user.patch(&ticket, json!({ "status": "closed" })).await.expect(200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_administrator_edits_any_ticket_and_sets_any_status(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, admin) = (app.user().await, app.admin().await);
    let ticket = path(&created(&user, json!({})).await);

    for status in ["in_progress", "closed", "in_progress", "open", "closed"] {
        let changes = json!({ "status": status, "title": format!("Vu : {status}") });
        let changed = admin.patch(&ticket, changes.clone()).await.expect(200);

        assert_eq!((&changed["status"], &changed["title"]), (&changes["status"], &changes["title"]));
        assert_eq!(changed["user"], user.id());
    }
    admin.patch(&ticket, json!({ "description": "Encore", "user": admin.id() })).await.expect(200);
    assert_eq!(user.get(&ticket).await.expect(200)["user"], user.id());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_closed_ticket_is_told_in_english_too_and_before_a_version_that_has_passed(owner: PgPool) {
    let user = TestApp::start(owner).await.user().await;
    let ticket = path(&created(&user, json!({})).await);
    user.patch(&ticket, json!({ "status": "closed" })).await.expect(200);
    let patch = |body: Value| {
        let request = user.request(Method::PATCH, &ticket).json(&body).header("accept-language", "en");
        request.header("if-match", "\"0\"").send()
    };

    let closed = patch(json!({ "title": "x" })).await;
    let forbidden = patch(json!({ "status": "in_progress" })).await;
    let stale = patch(json!({ "status": "open" })).await;

    assert_eq!(closed.expect(409), json!({ "detail": "This ticket is closed. Reopen it before changing it." }));
    assert_eq!((forbidden.status.as_u16(), stale.status.as_u16()), (403, 412));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_record_can_be_sent_back_as_it_was_read(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, admin) = (app.user().await, app.admin().await);
    let ticket = path(&created(&user, json!({ "priority": "high" })).await);

    for status in ["open", "in_progress", "closed"] {
        admin.patch(&ticket, json!({ "status": status })).await.expect(200);
        for (caller, method) in [(&user, Method::PATCH), (&user, Method::PUT), (&admin, Method::PATCH)] {
            let record = caller.get(&ticket).await.expect(200);
            let mut answer = caller.request(method, &ticket).json(&record).send().await.expect(200);

            answer["updated_at"] = record["updated_at"].clone();
            assert_eq!(answer, record);
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_put_keeps_what_it_leaves_out(owner: PgPool) {
    let user = TestApp::start(owner).await.user().await;
    let ticket = path(&created(&user, json!({ "priority": "high" })).await);

    let replaced = user.put(&ticket, json!({ "title": "Autre", "description": "Autre" })).await.expect(200);

    let expected = (&json!("Autre"), &json!("high"), &json!("open"));
    assert_eq!((&replaced["title"], &replaced["priority"], &replaced["status"]), expected);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_ticket_is_deleted_by_its_user_or_an_administrator_with_its_thread(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, admin) = (app.user().await, app.admin().await);

    for caller in [&user, &admin] {
        let ticket = path(&created(&user, json!({})).await);
        user.post(&format!("{ticket}comments/"), json!({ "content": "Bonjour" })).await.expect(201);
        let stale = caller.request(Method::DELETE, &ticket).header("if-match", "\"0\"").send().await;

        assert_eq!(stale.status.as_u16(), 412);
        assert_eq!(caller.delete(&ticket).await.status.as_u16(), 204);
        assert_eq!(caller.delete(&ticket).await.expect(404), json!({ "detail": NOT_FOUND }));
        assert_eq!(user.get(&format!("{ticket}comments/")).await.status.as_u16(), 404);
    }
    let left: i64 = sqlx::query_scalar("select count(*) from tickets_comment").fetch_one(&app.owner).await.unwrap();
    assert_eq!(left, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_user_deletes_a_ticket_only_while_it_is_open_and_theirs_alone(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, admin) = (app.user().await, app.admin().await);
    let ticket = async || path(&created(&user, json!({})).await);
    let status = |status: &str| json!({ "status": status });
    let (commented, closed, reopened, changed) = (ticket().await, ticket().await, ticket().await, ticket().await);
    admin.post(&format!("{commented}comments/"), json!({ "content": "On arrive" })).await.expect(201);
    user.patch(&closed, status("closed")).await.expect(200);
    user.patch(&reopened, status("closed")).await.expect(200);
    user.patch(&reopened, status("open")).await.expect(200);
    admin.patch(&changed, status("in_progress")).await.expect(200);
    admin.patch(&changed, status("open")).await.expect(200);

    for kept in [&commented, &closed, &changed] {
        for if_match in ["*", "\"99\""] {
            let answer = user.request(Method::DELETE, kept).header("if-match", if_match).send().await;
            assert_eq!(answer.expect(409), json!({ "detail": ANSWERED }), "{kept}");
        }
        user.get(kept).await.expect(200);
    }
    user.delete(&reopened).await.expect(204);
    let english = user.request(Method::DELETE, &closed).header("accept-language", "en").send().await.expect(409);
    assert!(english["detail"].as_str().unwrap().starts_with("This ticket can no longer be deleted"), "{english}");
    for deleted in [commented, closed, changed] {
        admin.delete(&deleted).await.expect(204);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn no_comment_is_lost_with_a_ticket_that_its_user_deletes(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, admin) = (app.user().await, app.admin().await);
    for _ in 0..20 {
        let ticket = path(&created(&user, json!({})).await);
        let (commenter, comments) = (admin.clone(), format!("{ticket}comments/"));
        let comment = tokio::spawn(async move { commenter.post(&comments, json!({ "content": "Oui" })).await });

        let deleted = user.delete(&ticket).await.status.as_u16();

        let commented = comment.await.unwrap().status.as_u16();
        assert!(matches!((deleted, commented), (204, 404) | (409, 201)), "{deleted} {commented}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_administrator_whose_role_is_withdrawn_is_a_user_from_then_on(owner: PgPool) {
    let app = TestApp::start_with(owner, |setup| setup.settings.authorizer_cache_seconds = 60).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let (own, others) = (path(&created(&admin, json!({})).await), path(&created(&user, json!({})).await));
    let withdraw = sqlx::query("update users_customuser set is_admin = false where id = $1").bind(admin.id());

    withdraw.execute(&app.owner).await.unwrap();

    assert_eq!(admin.patch(&others, json!({ "status": "closed" })).await.status.as_u16(), 404);
    assert_eq!(admin.put(&others, json!({})).await.status.as_u16(), 404);
    assert_eq!(admin.delete(&others).await.status.as_u16(), 404);
    assert_eq!(admin.post(&format!("{others}comments/"), json!({ "content": "x" })).await.status.as_u16(), 404);
    assert_eq!(admin.patch(&own, json!({ "status": "in_progress" })).await.status.as_u16(), 403);
    assert_eq!(admin.patch(&own, json!({ "status": "closed" })).await.status.as_u16(), 200);
    assert_eq!(user.get(&others).await.expect(200)["status"], "open");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_several_faults_the_first_in_the_contracts_order_is_told(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    let here = path(&created(&user, json!({})).await);
    let nowhere = "/api/tickets/999999/".to_owned();
    let (json, text) = ("application/json", "text/plain");

    for (caller, path, media_type, body, status) in [
        (&app.public(), &nowhere, text, "{", 401),
        (&user, &nowhere, text, "{", 404),
        (&user, &nowhere, json, r#"{"priority": 9}"#, 404),
        (&user, &here, text, "{", 415),
        (&user, &here, json, "{", 400),
        (&user, &here, json, r#"{"priority": 9}"#, 400),
        (&user, &here, json, r#"{"status": "in_progress"}"#, 403),
        (&user, &here, json, r#"{"priority": "low"}"#, 412),
    ] {
        let request = caller.request(Method::PATCH, path).header("content-type", media_type).body(body);

        let answer = request.header("if-match", "\"0\"").send().await;

        assert_eq!(answer.status.as_u16(), status, "{media_type} {body} at {path}: {}", answer.body());
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn two_patches_of_different_fields_at_once_both_hold(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, admin) = (app.user().await, app.admin().await);
    let ticket = path(&created(&user, json!({})).await);

    for round in 1..=5 {
        let title = format!("Titre {round}");
        let status = if round % 2 == 0 { "open" } else { "in_progress" };
        let (first, second) = tokio::join!(
            user.patch(&ticket, json!({ "title": title })),
            admin.patch(&ticket, json!({ "status": status })),
        );

        assert_eq!((first.status.as_u16(), second.status.as_u16()), (200, 200));
        let stored = user.get(&ticket).await.expect(200);
        assert_eq!((&stored["title"], &stored["status"]), (&json!(title), &json!(status)));
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_two_who_close_a_ticket_at_once_one_does(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, admin) = (app.user().await, app.admin().await);

    for _ in 0..5 {
        let ticket = path(&created(&user, json!({})).await);
        let (first, second) = tokio::join!(
            user.patch(&ticket, json!({ "status": "closed" })),
            admin.patch(&ticket, json!({ "status": "closed" })),
        );

        assert_eq!((first.status.as_u16(), second.status.as_u16()), (200, 200));
        let thread = thread(&user, &ticket).await;
        assert_eq!(thread.len(), 1, "{thread:?}");
    }
}

// The thread.

#[sqlx::test(migrator = "MIGRATOR")]
async fn comments_and_changes_of_the_status_make_one_thread_oldest_first(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, admin) = (app.user().await, app.admin().await);
    let ticket = path(&created(&user, json!({})).await);
    let id = user.get(&ticket).await.expect(200)["id"].clone();
    let comments = format!("{ticket}comments/");

    let first = user.post(&comments, json!({ "content": "  La chambre 12 \n" })).await;
    admin.patch(&ticket, json!({ "status": "in_progress", "priority": "high" })).await.expect(200);
    admin.post(&comments, json!({ "content": "J'arrive" })).await.expect(201);
    admin.patch(&ticket, json!({ "priority": "low", "status": "in_progress" })).await.expect(200);
    user.patch(&ticket, json!({ "status": "closed" })).await.expect(200);
    user.post(&comments, json!({ "content": "Merci" })).await.expect(201);

    let list = admin.get(&comments).await.expect(200);
    assert_eq!((&list["count"], &list["next"], &list["previous"]), (&json!(5), &json!(null), &json!(null)));
    let rows = list["results"].as_array().unwrap();
    let row = |at: usize, author: &Caller, name: &str, kind: &str, content: Value, from: Value, to: Value| {
        let (id_of_row, created_at) = (&rows[at]["id"], &rows[at]["created_at"]);
        let expected = json!({
            "id": id_of_row, "ticket": id, "author": author.id(), "author_name": name, "kind": kind,
            "content": content, "from": from, "to": to, "created_at": created_at,
        });
        assert_eq!(rows[at], expected);
    };
    row(0, &user, "Awa Diop", "comment", json!("La chambre 12"), json!(null), json!(null));
    row(1, &admin, admin.email(), "status", json!(null), json!("open"), json!("in_progress"));
    row(2, &admin, admin.email(), "comment", json!("J'arrive"), json!(null), json!(null));
    row(3, &user, "Awa Diop", "status", json!(null), json!("in_progress"), json!("closed"));
    row(4, &user, "Awa Diop", "comment", json!("Merci"), json!(null), json!(null));
    assert_eq!(first.expect(201), rows[0]);
    assert_eq!(first.header("etag"), "\"1\"");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_comment_has_up_to_5000_characters(owner: PgPool) {
    let user = TestApp::start(owner).await.user().await;
    let comments = format!("{}comments/", path(&created(&user, json!({})).await));

    for (body, text) in [
        (json!({}), "Ce champ est obligatoire."),
        (json!({ "content": null }), "Ce champ ne peut être nul."),
        (json!({ "content": "  " }), "Ce champ ne peut être vide."),
        (json!({ "content": {} }), "Une chaîne de caractères est requise."),
        (json!({ "content": "é".repeat(5_001) }), "Assurez-vous que ce champ comporte au plus 5000\u{a0}caractères."),
    ] {
        assert_eq!(user.post(&comments, body).await.expect(400), json!({ "content": [text] }));
    }
    user.post(&comments, json!({ "content": "é".repeat(5_000) })).await.expect(201);
    assert_eq!(user.get(&comments).await.expect(200)["count"], 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_thread_has_pages_and_can_be_read_backwards(owner: PgPool) {
    let user = TestApp::start(owner).await.user().await;
    let comments = format!("{}comments/", path(&created(&user, json!({})).await));
    for number in 1..=12 {
        user.post(&comments, json!({ "content": format!("n{number}") })).await.expect(201);
    }
    let contents = |list: &Value| -> Vec<String> {
        list["results"].as_array().unwrap().iter().map(|row| row["content"].as_str().unwrap().to_owned()).collect()
    };

    let first = user.get(&comments).await.expect(200);
    let second = user.get(&format!("{comments}?page=2")).await.expect(200);
    let backwards = user.get(&format!("{comments}?ordering=-created_at&page_size=1")).await.expect(200);

    assert_eq!(contents(&first).first().map(String::as_str), Some("n1"));
    assert_eq!(first["next"], format!("http://red.test{comments}?page=2"));
    assert_eq!(contents(&second), ["n11", "n12"]);
    assert_eq!(contents(&backwards), ["n12"]);
    assert_eq!(user.get(&format!("{comments}?page=3")).await.status.as_u16(), 404);
}

// Mails.

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_tickets_user_gets_a_mail_when_somebody_else_changes_its_status(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, admin) = (app.user().await, app.admin().await);
    let ticket = created(&user, json!({ "title": "Secret de la chambre" })).await;

    admin.patch(&path(&ticket), json!({ "status": "in_progress" })).await.expect(200);
    admin.patch(&path(&ticket), json!({ "status": "in_progress", "title": "Autre" })).await.expect(200);
    user.patch(&path(&ticket), json!({ "status": "closed" })).await.expect(200);

    let mails = mails(&app, &user).await;
    let id = &ticket["id"];
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert_eq!(mails[0].0, format!("Ticket #{id}\u{a0}: Secret de la chambre"));
    assert!(mails[0].1.contains(&format!("http://web.test/tickets/{id}\n")), "{}", mails[0].1);
    let news =
        format!("Votre ticket\u{a0}#{id} («\u{a0}Secret de la chambre\u{a0}») est maintenant en cours de traitement.");
    assert!(mails[0].1.replace('\n', " ").contains(&news), "{}", mails[0].1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_tickets_user_gets_a_mail_when_somebody_else_comments_without_the_comment(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, admin) = (app.user().await, app.admin().await);
    user.patch("/api/auth/me/", json!({ "language": "en" })).await.expect(200);
    let ticket = created(&user, json!({})).await;
    let comments = format!("{}comments/", path(&ticket));

    admin.post(&comments, json!({ "content": "Le code est 1234" })).await.expect(201);
    user.post(&comments, json!({ "content": "Merci" })).await.expect(201);
    admin.patch(&path(&ticket), json!({ "status": "closed" })).await.expect(200);

    let mails = mails(&app, &user).await;
    let id = &ticket["id"];
    let subjects: Vec<_> = mails.iter().map(|(subject, _)| subject.clone()).collect();
    let subject = format!("Ticket #{id}: {}", ticket["title"].as_str().unwrap());
    assert_eq!(subjects, [subject.clone(), subject]);
    for (_, body) in &mails {
        assert!(body.contains(&format!("http://web.test/tickets/{id}\n")) && !body.contains("1234"), "{body}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn mail_names_the_ticket_by_its_new_title_and_never_by_a_link(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, admin) = (app.user().await, app.admin().await);

    for (title, shown) in [
        ("Fuite\u{202e} d'eau & <b>odeur</b>", Some("Fuite d'eau & <b>odeur</b>")),
        (&*"é".repeat(255), Some(&*format!("{}…", "é".repeat(59)))),
        ("Gagnez sur https://evil.example", None),
        ("Voir evil.example/x", None),
        ("moi@evil.example", None),
    ] {
        let ticket = created(&user, json!({})).await;
        sqlx::query("update tickets_ticket set title = $2 where id = $1")
            .bind(ticket["id"].as_i64())
            .bind(title)
            .execute(&app.owner)
            .await
            .expect("update");
        admin.patch(&path(&ticket), json!({ "status": "closed" })).await.expect(200);

        let (subject, body) = mails(&app, &user).await.pop().expect("a mail");
        let name = shown.map(|title| format!("\u{a0}: {title}")).unwrap_or_default();
        assert_eq!(subject, format!("Ticket #{}{name}", ticket["id"]));
        assert!(shown.is_none_or(|title| body.replace('\n', " ").contains(title)), "{body}");
        assert!(!body.contains("evil"), "{body}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_change_that_is_refused_leaves_no_line_and_no_mail(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, admin) = (app.user().await, app.admin().await);
    let ticket = path(&created(&user, json!({})).await);
    let request = admin.request(Method::PATCH, &ticket).json(&json!({ "status": "closed" }));

    let stale = request.header("if-match", "\"9\"").send().await;

    assert_eq!(stale.status.as_u16(), 412);
    assert!(thread(&user, &ticket).await.is_empty());
    assert!(mails(&app, &user).await.is_empty());
    assert_eq!(on_record(&app).await.len(), 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_administrators_own_ticket_causes_no_mail(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let ticket = path(&created(&admin, json!({})).await);

    admin.patch(&ticket, json!({ "status": "in_progress" })).await.expect(200);
    admin.post(&format!("{ticket}comments/"), json!({ "content": "Note" })).await.expect(201);

    assert!(mails(&app, &admin).await.is_empty());
}

// The record.

#[sqlx::test(migrator = "MIGRATOR")]
async fn writes_by_administrators_are_on_record_and_those_by_users_are_not(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, admin) = (app.user().await, app.admin().await);
    let ticket = created(&user, json!({ "title": "Clim" })).await;
    let comments = format!("{}comments/", path(&ticket));
    user.patch(&path(&ticket), json!({ "title": "Climatisation" })).await.expect(200);
    user.post(&comments, json!({ "content": "Bonjour" })).await.expect(201);
    assert_eq!(on_record(&app).await, []);

    admin.patch(&path(&ticket), json!({ "status": "closed", "priority": "high" })).await.expect(200);
    admin.post(&comments, json!({ "content": "Réparé" })).await.expect(201);
    admin.delete(&path(&ticket)).await.expect(204);
    created(&admin, json!({})).await;

    let events = on_record(&app).await;
    let actions: Vec<_> = events.iter().map(|(action, actor, ..)| (action.as_str(), *actor)).collect();
    assert_eq!(actions, ["update", "update", "delete", "create"].map(|action| (action, admin.id())));
    assert_eq!(events[0].3, json!({ "status": ["open", "closed"], "priority": ["medium", "high"] }));
    assert_eq!(events[1].3, json!({ "comment": [null, "Réparé"] }));
    assert_eq!(events[2].3["title"], json!(["Climatisation", null]));
    assert!(events[..3].iter().all(|(_, _, object, _)| json!(object) == ticket["id"]));
}

// Lists.

#[sqlx::test(migrator = "MIGRATOR")]
async fn priority_and_status_sort_by_what_they_mean(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, admin) = (app.user().await, app.admin().await);
    for (title, priority, status) in
        [("É", "high", "in_progress"), ("b", "low", "closed"), ("C", "medium", "open"), ("a", "low", "open")]
    {
        let ticket = created(&user, json!({ "title": title, "priority": priority })).await;
        admin.patch(&path(&ticket), json!({ "status": status })).await.expect(200);
    }
    user.patch(&path_of(&user, "C").await, json!({})).await.expect(200);

    for (ordering, order) in [
        ("", "aCbÉ"),
        ("created_at", "ÉbCa"),
        ("-updated_at", "CabÉ"),
        ("priority", "baCÉ"),
        ("-priority", "ÉCab"),
        ("status", "CaÉb"),
        ("-status", "bÉaC"),
        ("title", "abCÉ"),
        ("-title", "ÉCba"),
        ("priority,title", "abCÉ"),
        ("-priority,-status,id", "ÉCba"),
        ("user", "aCbÉ"),
        ("-id", "aCbÉ"),
    ] {
        for caller in [&user, &admin] {
            let list = caller.get(&format!("/api/tickets/?ordering={ordering}")).await.expect(200);
            assert_eq!(titles(&list), order, "{ordering}");
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn tickets_are_searched_and_filtered(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, other, admin) = (app.user().await, app.user().await, app.admin().await);
    for (caller, title, description, priority, day) in [
        (&user, "A", "La clé de la chambre", "low", "2026-01-30T23:59:59.999999Z"),
        (&user, "B", "Le minibar", "high", "2026-01-31T00:00:00Z"),
        (&user, "C", "La CLE du minibar", "high", "2026-01-31T23:59:59.999999Z"),
        (&other, "D", "Chambre 100%", "medium", "2026-02-01T00:00:00Z"),
    ] {
        let body = json!({ "title": title, "description": description, "priority": priority });
        let ticket = created(caller, body).await;
        sqlx::query("update tickets_ticket set created_at = $2::text::timestamptz where id = $1")
            .bind(ticket["id"].as_i64())
            .bind(day)
            .execute(&app.owner)
            .await
            .unwrap();
    }
    admin.patch(&path_of(&admin, "B").await, json!({ "status": "closed" })).await.expect(200);
    let (user_id, other_id) = (user.id(), other.id());

    for (query, of_admin, of_user) in [
        ("", "ABCD", "ABC"),
        ("search=cle", "AC", "AC"),
        ("search=cl%C3%A9+chambre", "A", "A"),
        ("search=100%25", "D", ""),
        ("search=d", "ACD", "AC"),
        ("status=closed", "B", "B"),
        ("status=open&priority=high", "C", "C"),
        ("priority=low", "A", "A"),
        ("status=&priority=", "ABCD", "ABC"),
        (&format!("user={user_id}"), "ABC", "ABC"),
        (&format!("user={other_id}"), "D", ""),
        ("user=999999999", "", ""),
        ("user=99999999999999999999", "", ""),
        ("created_at__gte=2026-01-31", "BCD", "BC"),
        ("created_at__lte=2026-01-31", "ABC", "ABC"),
        ("created_at__gte=2026-01-31&created_at__lte=2026-01-31", "BC", "BC"),
        ("created_at__lte=2026-01-31T00:00:00Z", "AB", "AB"),
        ("created_at__lte=2026-01-31T00:59:59%2B01:00", "", ""),
        ("created_at__lte=2026-01-31T01:00:00+01:00", "AB", "AB"),
        ("created_at__gte=2026-02-01T00:00:00", "D", ""),
        ("created_at__lte=2025-12-31", "", ""),
    ] {
        for (caller, found) in [(&admin, of_admin), (&user, of_user)] {
            let list = caller.get(&format!("/api/tickets/?ordering=title&{query}")).await.expect(200);
            assert_eq!((titles(&list), &list["count"]), (found.to_owned(), &json!(found.len())), "{query}");
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_filter_of_the_wrong_type_is_refused_by_its_name(owner: PgPool) {
    let user = TestApp::start(owner).await.user().await;

    let answer =
        user.get("/api/tickets/?status=x&priority=LOW&user=awa&created_at__gte=hier&created_at__lte=2026-13-01").await;

    let time = "Saisissez une date et une heure valides.";
    let errors = json!({
        "status": ["«\u{a0}x\u{a0}» n'est pas un choix valide."],
        "priority": ["«\u{a0}LOW\u{a0}» n'est pas un choix valide."],
        "user": ["Saisissez un nombre."], "created_at__gte": [time], "created_at__lte": [time],
    });
    assert_eq!(answer.expect(400), errors);
}

// What the tests are written with.

/// A body that is accepted, with these fields set.
pub(crate) fn ticket(changes: Value) -> Value {
    let mut body = json!({ "title": "Climatisation", "description": "Elle ne marche pas." });
    for (name, value) in changes.as_object().expect("an object") {
        body[name] = value.clone();
    }
    body
}

/// A new ticket.
pub(crate) async fn created(caller: &Caller, changes: Value) -> Value {
    // Two rows of one moment would be in one order only.
    tokio::time::sleep(Duration::from_millis(1)).await;
    caller.post("/api/tickets/", ticket(changes)).await.expect(201)
}

fn path(ticket: &Value) -> String {
    format!("/api/tickets/{}/", ticket["id"].as_i64().expect("an id"))
}

/// Where the ticket of this title is.
async fn path_of(caller: &Caller, title: &str) -> String {
    let list = caller.get("/api/tickets/").await.expect(200);
    let rows = list["results"].as_array().expect("rows");
    path(rows.iter().find(|row| row["title"] == title).expect("a ticket of this title"))
}

async fn thread(caller: &Caller, ticket: &str) -> Vec<Value> {
    let answer: Answer = caller.get(&format!("{ticket}comments/?page_size=100")).await;
    answer.expect(200)["results"].as_array().expect("rows").clone()
}

fn titles(list: &Value) -> String {
    list["results"].as_array().expect("rows").iter().filter_map(|row| row["title"].as_str()).collect()
}

/// Subjects and bodies of what was queued for somebody, without the welcome.
async fn mails(app: &TestApp, reader: &Caller) -> Vec<(String, String)> {
    let select = "select subject, body from emails_email where recipient = $1 and body not like '%compte%' order by id";
    sqlx::query_as(select).bind(reader.email()).fetch_all(&app.owner).await.expect("mails")
}

/// Action, actor, object and changes of what was recorded about tickets.
async fn on_record(app: &TestApp) -> Vec<(String, i64, i64, Value)> {
    let select = "select action, actor, object_id, changes from audit_event where resource = 'ticket' order by id";
    sqlx::query_as(select).fetch_all(&app.owner).await.expect("events")
}
