//! Whom the product tells by e-mail: administrators of tickets, and the owners of accounts of what administrators do.

use api_tests::{Caller, TestApp, new_email, registration};
use http::Method;
use serde_json::{Value, json};
use shared::db::MIGRATOR;
use sqlx::PgPool;

use crate::{auth::PASSWORD, tickets};

const NEW: &str = "Teranga-2026-Thies";

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

// People who are invited.

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_invited_person_chooses_a_password_by_a_link(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    for (language, subject) in [("fr", "Votre invitation à RED PRODUCT"), ("en", "Your invitation to RED PRODUCT")] {
        let invited = invited(&admin, json!({ "first_name": "Fatou", "language": language })).await;
        let email = invited["email"].as_str().unwrap();

        let [(mail_subject, body)] = &*mails(&app, email).await else { panic!("one mail") };
        assert_eq!(mail_subject, subject);
        assert!(body.contains("Fatou") && body.contains("http://web.test/reset-password?token=…"), "{body}");
        let link = secret(&app, email).await;
        let shown = admin.get(&format!("/api/emails/?search={email}")).await.expect(200);
        assert!(!shown.to_string().contains(&link), "{shown}");
        assert_eq!(invited.get("password"), None);
        assert_eq!(log_in(&app, email, "!").await, 400);

        reset(&app, &link).await.expect(204);

        assert_eq!(log_in(&app, email, NEW).await, 200);
        reset(&app, &link).await.expect(400);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_invitation_is_dispatched_with_its_secret(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let email = invited(&admin, json!({})).await["email"].as_str().unwrap().to_owned();
    let link = format!("http://web.test/reset-password?token={}", secret(&app, &email).await);

    assert_eq!(app.dispatch_emails().await, Ok(1));

    let message = app.mailbox.messages().pop().unwrap();
    assert!(message.text.contains(&link) && message.html.contains(&link), "{}", message.text);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_invitation_needs_no_password_and_sets_one_that_is_given(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;

    let with_password = invited(&admin, json!({ "password": PASSWORD })).await;
    let weak = json!({ "email": new_email(), "invite": true, "password": "court" });
    let without = json!({ "email": new_email(), "invite": false });
    let inactive = json!({ "email": new_email(), "invite": true, "is_active": false });

    let email = with_password["email"].as_str().unwrap();
    assert_eq!((log_in(&app, email, PASSWORD).await, mails(&app, email).await.len()), (200, 1));
    assert!(admin.post("/api/users/", weak).await.expect(400)["password"][0].is_string());
    assert_eq!(
        admin.post("/api/users/", without).await.expect(400),
        json!({ "password": ["Ce champ est obligatoire."] })
    );
    assert!(admin.post("/api/users/", inactive).await.expect(400)["invite"][0].is_string());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_invited_person_can_ask_for_another_link(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let email = invited(&admin, json!({})).await["email"].as_str().unwrap().to_owned();
    let first = secret(&app, &email).await;

    app.public().post("/api/auth/forgot-password/", json!({ "email": email })).await.expect(200);

    let second = secret(&app, &email).await;
    assert_ne!(first, second);
    reset(&app, &second).await.expect(204);
    assert_eq!(log_in(&app, &email, NEW).await, 200);
    reset(&app, &first).await.expect(400);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn whatever_voids_a_reset_link_voids_an_invitation(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    for change in [json!({ "email": new_email() }), json!({ "password": PASSWORD }), json!({ "is_active": false })] {
        let invited = invited(&admin, json!({})).await;
        let link = secret(&app, invited["email"].as_str().unwrap()).await;

        admin.patch(&format!("/api/users/{}/", invited["id"]), change.clone()).await.expect(200);

        reset(&app, &link).await.expect(400);
        let kept = "select count(*) from emails_email where secret is not null";
        assert_eq!(sqlx::query_scalar::<_, i64>(kept).fetch_one(&app.owner).await.unwrap(), 0, "{change}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_invitation_holds_seven_days_and_is_not_sent_again(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let email = invited(&admin, json!({})).await["email"].as_str().unwrap().to_owned();
    let link = secret(&app, &email).await;
    for table in ["auth_password_reset", "emails_email"] {
        let days = format!("select extract(epoch from expires_at - now()) / 86400 from {table}");
        let days: f64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select ({days})::float8")))
            .fetch_one(&app.owner)
            .await
            .unwrap();
        assert!((6.99..=7.0).contains(&days), "{table} {days}");
    }
    let id: i64 = sqlx::query_scalar("select id from emails_email").fetch_one(&app.owner).await.unwrap();
    admin.post(&format!("/api/emails/{id}/cancel/"), json!({})).await.expect(200);

    let again = admin.post(&format!("/api/emails/{id}/retry/"), json!({})).await;
    let expire = "update auth_password_reset set expires_at = now()";
    sqlx::query(expire).execute(&app.owner).await.unwrap();

    let text = "Le lien de cet e-mail n'est plus valable\u{a0}: son lecteur doit en demander un autre.";
    assert_eq!(again.expect(409), json!({ "detail": text }));
    reset(&app, &link).await.expect(400);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_repeated_invitation_makes_one_account_and_one_mail(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let body = json!({ "email": new_email(), "invite": true });

    for _ in 0..2 {
        let request = admin.request(Method::POST, "/api/users/").header("idempotency-key", "key");
        request.json(&body).send().await.expect(201);
    }

    assert_eq!(mails(&app, body["email"].as_str().unwrap()).await.len(), 1);
}

// Owners, of what administrators do with their account.

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_owner_is_told_of_a_new_password_and_a_new_role_in_one_mail(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    for (change, french, english) in [
        (json!({ "password": NEW }), "Votre mot de passe a changé", "Your password was changed"),
        (json!({ "is_admin": true }), "Vous êtes administrateur", "You are an administrator"),
        (json!({ "is_admin": true, "password": NEW }), "Votre compte a changé", "Your account was changed"),
    ] {
        for method in [Method::PATCH, Method::PUT] {
            for (language, subject) in [("fr", french), ("en", english)] {
                let user = app.user().await;
                user.patch("/api/auth/me/", json!({ "language": language })).await.expect(200);
                let mut body = change.clone();
                body["email"] = json!(user.email());

                admin.request(method.clone(), &path(&user)).json(&body).send().await.expect(200);

                let told = &mails(&app, user.email()).await[1..];
                assert_eq!(told.len(), 1, "{told:?}");
                assert_eq!(told[0].0, subject);
                assert!(!told[0].1.contains(NEW), "{told:?}");
            }
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_owner_is_told_of_a_role_that_is_withdrawn(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, other) = (app.admin().await, app.admin().await);

    admin.patch(&path(&other), json!({ "is_admin": false })).await.expect(200);
    admin.patch(&path(&other), json!({ "is_admin": false, "phone": "771234567" })).await.expect(200);

    let mails = mails(&app, other.email()).await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert_eq!(mails[0].0, "Vous n'êtes plus administrateur");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn administrators_are_told_of_their_own_new_password_as_everybody_is(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;

    admin.patch(&path(&admin), json!({ "password": NEW })).await.expect(200);

    let [(subject, body)] = &*mails(&app, admin.email()).await else { panic!("one mail") };
    assert_eq!(subject, "Votre mot de passe a changé");
    assert!(body.replace('\n', " ").contains("Si ce n'était pas vous"), "{body}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_new_password_is_told_to_the_old_address_too(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let email = new_email();

    admin.patch(&path(&user), json!({ "password": NEW, "email": email })).await.expect(200);

    assert_eq!((mails(&app, user.email()).await.len(), mails(&app, &email).await.len()), (2, 1));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_change_that_is_refused_or_of_an_inactive_account_is_not_told(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);

    let request = admin.request(Method::PATCH, &path(&user)).header("if-match", "\"9\"");
    request.json(&json!({ "password": NEW })).send().await.expect(412);
    admin.patch(&path(&user), json!({ "is_admin": true, "is_active": false })).await.expect(200);
    admin.patch(&path(&user), json!({ "first_name": "Aïssa" })).await.expect(200);

    assert_eq!(mails(&app, user.email()).await.len(), 1, "the welcome");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_owner_gets_five_notices_of_administrators_an_hour_at_most(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);

    for number in 0..7 {
        admin.patch(&path(&user), json!({ "is_admin": number % 2 == 0 })).await.expect(200);
    }

    assert_eq!(mails(&app, user.email()).await.len(), 1 + 5);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_new_account_is_told_to_its_owner_without_its_password(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    for (language, subject) in [("fr", "Votre compte RED PRODUCT"), ("en", "Your RED PRODUCT account")] {
        let mut body = registration(&new_email());
        body["language"] = json!(language);

        admin.post("/api/users/", body.clone()).await.expect(201);

        let [(mail_subject, text)] = &*mails(&app, body["email"].as_str().unwrap()).await else { panic!("one mail") };
        assert_eq!(mail_subject, subject);
        assert!(text.contains("Awa") && text.contains("\nhttp://web.test/\n") && !text.contains(PASSWORD), "{text}");
    }
}

// What the tests are written with.

/// An invited person, made by an administrator.
async fn invited(admin: &Caller, changes: Value) -> Value {
    let mut body = json!({ "email": new_email(), "invite": true });
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    admin.post("/api/users/", body).await.expect(201)
}

fn path(user: &Caller) -> String {
    format!("/api/users/{}/", user.id())
}

async fn log_in(app: &TestApp, email: &str, password: &str) -> u16 {
    let body = json!({ "email": email, "password": password });
    app.public().post("/api/auth/login/", body).await.status.as_u16()
}

async fn reset(app: &TestApp, token: &str) -> api_tests::Answer {
    app.public().post("/api/auth/reset-password/", json!({ "token": token, "password": NEW })).await
}

/// The newest secret that is on its way to somebody.
async fn secret(app: &TestApp, email: &str) -> String {
    let select = "select secret from emails_email where recipient = $1 and secret is not null order by id desc limit 1";
    sqlx::query_scalar(select).bind(email).fetch_one(&app.owner).await.expect("a mail with a secret")
}

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
