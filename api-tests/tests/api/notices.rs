//! Whom the product tells by e-mail.

use api_tests::{Caller, TestApp, new_email, registration};
use serde_json::json;
use shared::db::MIGRATOR;
use sqlx::PgPool;

use crate::tickets;

// Administrators, of tickets.

#[sqlx::test(migrator = "MIGRATOR")]
async fn administrators_are_mailed_what_the_user_of_a_ticket_does(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, french, english) = (app.user().await, app.admin().await, app.admin().await);
    english.patch("/api/auth/me/", json!({ "language": "en" })).await.expect(200);
    let ticket = tickets::created(&user, json!({ "title": "Fuite d'eau", "description": "Le code est 1234" })).await;
    let (id, path) = (&ticket["id"], format!("/api/tickets/{}/", ticket["id"]));
    let comments = format!("{path}comments/");

    user.post(&comments, json!({ "content": "Le code est 1234" })).await.expect(201);
    user.patch(&path, json!({ "status": "closed" })).await.expect(200);
    user.patch(&path, json!({ "status": "open", "title": "Fuite d'eau" })).await.expect(200);
    user.patch(&path, json!({ "priority": "high" })).await.expect(200);
    french.post(&comments, json!({ "content": "Réparé" })).await.expect(201);

    let (subject, bodies) = told(&app, &french).await;
    assert_eq!(subject, [format!("Ticket #{id}\u{a0}: Fuite d'eau")]);
    let named = format!("ticket\u{a0}#{id} («\u{a0}Fuite d'eau\u{a0}»)");
    let news = [
        format!("Le {named} vient d'être ouvert."),
        format!("Il y a un nouveau commentaire sur le {named}."),
        format!("Le {named} a été rouvert."),
    ];
    assert_eq!(bodies.len(), news.len(), "{bodies:?}");
    for (body, news) in bodies.iter().zip(news) {
        assert!(body.starts_with("Bonjour,\n") && body.replace('\n', " ").contains(&news), "{body}");
        assert!(body.contains(&format!("\nhttp://web.test/tickets/{id}\n")) && !body.contains("1234"), "{body}");
    }
    let (subject, bodies) = told(&app, &english).await;
    assert_eq!((subject, bodies.len()), (vec![format!("Ticket #{id}: Fuite d'eau")], 3));
    assert!(bodies[0].starts_with("Hello,\n"), "{bodies:?}");
    let threads = "select distinct thread from emails_email where subject like 'Ticket%'";
    let threads: Vec<String> = sqlx::query_scalar(threads).fetch_all(&app.owner).await.unwrap();
    assert_eq!(threads, [format!("ticket-{id}")]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_administrators_own_ticket_is_mailed_to_the_others(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (writer, other) = (app.admin().await, app.admin().await);

    tickets::created(&writer, json!({})).await;

    assert_eq!(told(&app, &other).await.1.len(), 1);
    assert!(told(&app, &writer).await.1.is_empty());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_administrator_can_turn_mail_about_tickets_off(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, admin, other) = (app.user().await, app.admin().await, app.admin().await);
    assert_eq!(admin.get("/api/auth/me/").await.expect(200)["ticket_mail"], true);

    let me = admin.patch("/api/auth/me/", json!({ "ticket_mail": false })).await.expect(200);
    tickets::created(&user, json!({})).await;
    let whole = admin.put(&format!("/api/users/{}/", admin.id()), json!({ "email": admin.email() })).await.expect(200);

    assert_eq!((&me["ticket_mail"], &whole["ticket_mail"]), (&json!(false), &json!(false)));
    assert!(told(&app, &admin).await.1.is_empty());
    assert_eq!(told(&app, &other).await.1.len(), 1);
    let mut body = registration(&new_email());
    body["ticket_mail"] = json!(false);
    let created = admin.post("/api/users/", body).await.expect(201);
    let changed = admin.patch(&format!("/api/users/{}/", created["id"]), json!({ "ticket_mail": true })).await;
    assert_eq!((&created["ticket_mail"], &changed.expect(200)["ticket_mail"]), (&json!(false), &json!(true)));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_ticket_is_mailed_to_no_address_that_gets_nothing(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, admin, bounced, gone) = (app.user().await, app.admin().await, app.admin().await, app.admin().await);
    let suppress = "insert into emails_suppression (recipient, reason) values ($1, 'bounced')";
    sqlx::query(suppress).bind(bounced.email()).execute(&app.owner).await.unwrap();
    admin.patch(&format!("/api/users/{}/", gone.id()), json!({ "is_active": false })).await.expect(200);

    tickets::created(&user, json!({})).await;

    assert_eq!(told(&app, &admin).await.1.len(), 1);
    assert!(told(&app, &bounced).await.1.is_empty() && told(&app, &gone).await.1.is_empty());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_title_that_may_become_a_link_is_not_mailed_to_administrators(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, admin) = (app.user().await, app.admin().await);

    let ticket = tickets::created(&user, json!({ "title": "Votre accès expire, voir evil.example/x" })).await;

    let (subjects, bodies) = told(&app, &admin).await;
    assert_eq!(subjects, [format!("Ticket #{}", ticket["id"])]);
    assert!(!bodies[0].contains("evil") && !bodies[0].contains("Awa"), "{bodies:?}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn one_user_causes_sixty_ticket_mails_an_hour_at_most(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, other, admin) = (app.user().await, app.user().await, app.admin().await);
    let ticket = tickets::created(&user, json!({})).await;
    let almost = sqlx::query("update auth_attempt set count = 59 where kind = 'ticket-news'");
    assert_eq!(almost.execute(&app.owner).await.unwrap().rows_affected(), 1);
    let comments = format!("/api/tickets/{}/comments/", ticket["id"]);

    for _ in 0..3 {
        user.post(&comments, json!({ "content": "Allô ?" })).await.expect(201);
    }
    tickets::created(&other, json!({})).await;

    assert_eq!(told(&app, &admin).await.1.len(), 3, "two by one user, one by another");
}

// What the tests are written with.

/// Subjects and bodies of everything that was queued for an address, oldest first.
async fn mails(app: &TestApp, email: &str) -> Vec<(String, String)> {
    let select = "select subject, body from emails_email where recipient = $1 order by id";
    sqlx::query_as(select).bind(email).fetch_all(&app.owner).await.expect("mails")
}

/// The subjects, each once, and the bodies of the mails about tickets to an administrator.
async fn told(app: &TestApp, admin: &Caller) -> (Vec<String>, Vec<String>) {
    let (mut subjects, bodies): (Vec<_>, Vec<_>) = mails(app, admin.email()).await.into_iter().unzip();
    subjects.dedup();
    (subjects, bodies)
}
