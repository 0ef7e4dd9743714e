//! The list of one's own sessions, simplejwt's path, who may register, and how often strangers may try.

use api_tests::{Answer, Caller, TestApp, new_email, registration, tokens::claims};
use serde_json::{Value, json};
use shared::{config::Registration, db::MIGRATOR};
use sqlx::PgPool;

use crate::auth::PASSWORD;

#[sqlx::test(migrator = "MIGRATOR")]
async fn people_see_their_live_sessions_and_nobody_elses(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (phone, _stranger) = (app.user().await, app.user().await);
    let laptop = app.sign_in(phone.email(), PASSWORD).await;
    let ended = app.sign_in(phone.email(), PASSWORD).await;
    ended.post("/api/auth/logout/", json!({ "refresh_token": ended.refresh_token() })).await.expect(204);

    let list = laptop.get("/api/auth/sessions/").await.expect(200);

    let ids =
        |list: &Value| list["results"].as_array().unwrap().iter().map(|row| row["id"].to_string()).collect::<Vec<_>>();
    assert_eq!(ids(&list), [sid(&laptop), sid(&phone)]);
    assert_eq!((&list["count"], &list["results"][0]["is_current"]), (&json!(2), &json!(true)));
    assert_eq!(list["results"][1]["is_current"], false);
    for name in ["created_at", "last_used_at", "user_agent", "ip"] {
        assert!(list["results"][0][name].is_string(), "{name}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_user_agent_of_other_bytes_than_ascii_is_kept(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    let body = json!({ "email": user.email(), "password": PASSWORD });

    for (sent, kept) in [
        ("Téranga/1.0 (hôtel)".as_bytes(), "Téranga/1.0 (hôtel)"),
        (&b"Mozilla/5.0 (t\xe9l\xe9phone)"[..], "Mozilla/5.0 (t\u{fffd}l\u{fffd}phone)"),
    ] {
        let request = app.public().request(http::Method::POST, "/api/auth/login/").json(&body);
        request.header("user-agent", sent).send().await.expect(200);

        let list = user.get("/api/auth/sessions/").await.expect(200);
        assert_eq!(list["results"][0]["user_agent"], kept);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_what_a_browser_calls_itself_255_characters_are_kept(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    let body = json!({ "email": user.email(), "password": PASSWORD });

    let request = app.public().request(http::Method::POST, "/api/auth/login/").json(&body);
    request.header("user-agent", "x".repeat(4_000)).send().await.expect(200);

    let list = user.get("/api/auth/sessions/").await.expect(200);
    assert_eq!(list["results"][0]["user_agent"], "x".repeat(255));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_session_can_be_ended_by_whose_it_is_and_by_nobody_else(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (phone, stranger) = (app.user().await, app.user().await);
    let laptop = app.sign_in(phone.email(), PASSWORD).await;
    let path = format!("/api/auth/sessions/{}/", sid(&phone));

    assert_eq!(stranger.delete(&path).await.status, 404);
    assert_eq!(phone.get("/api/auth/me/").await.status, 200);
    assert_eq!(laptop.delete(&path).await.status, 204);
    assert_eq!(phone.get("/api/auth/me/").await.status, 401);
    assert_eq!(laptop.delete(&path).await.status, 404);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn simplejwts_path_takes_a_name_or_an_address_and_answers_its_way(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;

    for name in ["username", "email"] {
        for path in ["/api/token", "/api/token/"] {
            let pair = app.public().post(path, json!({ name: user.email(), "password": PASSWORD })).await.expect(200);
            assert_eq!(pair.as_object().unwrap().keys().collect::<Vec<_>>(), ["access", "refresh"]);
            let bearer = app.with_authorization(format!("Bearer {}", pair["access"].as_str().unwrap()));
            assert_eq!(bearer.get("/api/auth/me/").await.status, 200);
        }
    }
    let wrong = app.public().post("/api/token/", json!({ "username": user.email(), "password": "x" })).await;
    let text = "Aucun compte actif n'a été trouvé avec les identifiants fournis";
    assert_eq!(wrong.expect(401), json!({ "detail": text, "code": "no_active_account" }));
    let required = "Ce champ est obligatoire.";
    let nothing = app.public().post("/api/token/", json!({})).await;
    assert_eq!(nothing.expect(400), json!({ "username": [required], "password": [required] }));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_platform_can_be_closed_to_registrations(owner: PgPool) {
    let app = TestApp::start_with(owner, |setup| setup.settings.registration = Registration::Closed).await;

    let forbidden = json!({ "detail": "Vous n'avez pas la permission d'effectuer cette action." });
    for body in [registration(&new_email()), json!({})] {
        let answer = app.public().post("/api/auth/register/", body).await;
        assert_eq!(answer.expect(403), forbidden);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn after_ten_failures_an_address_waits_whether_or_not_it_has_an_account(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, stranger) = (app.user().await, app.public());

    for email in [user.email(), "nobody@example.sn"] {
        for _ in 0..10 {
            assert_eq!(log_in(&stranger, email, "wrong").await.status, 400);
        }
        for password in ["wrong", PASSWORD] {
            let answer = log_in(&stranger, &email.to_uppercase(), password).await;
            let seconds = answer.header("retry-after").parse::<u32>().unwrap();
            assert!((1..=900).contains(&seconds), "{seconds}");
            let text = format!("Requête ralentie. Nouvel essai possible dans {seconds}\u{a0}secondes.");
            assert_eq!(answer.expect(429), json!({ "detail": text }));
        }
    }
    assert_eq!(log_in(&app.public(), user.email(), PASSWORD).await.status, 200);
    lapse(&app).await;
    assert_eq!(log_in(&stranger, user.email(), PASSWORD).await.status, 200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_sign_in_that_succeeds_clears_the_failures_of_its_address(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, caller) = (app.user().await, app.public());

    for _ in 0..3 {
        for _ in 0..9 {
            assert_eq!(log_in(&caller, user.email(), "wrong").await.status, 400);
        }
        assert_eq!(log_in(&caller, user.email(), PASSWORD).await.status, 200);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn choosing_a_new_password_clears_the_failures_too(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, caller) = (app.user().await, app.public());
    for _ in 0..11 {
        log_in(&caller, user.email(), "wrong").await;
    }
    assert_eq!(log_in(&caller, user.email(), PASSWORD).await.status, 429);
    let body = json!({ "token": app.reset_token(&user).await, "password": "Teranga-2026-Thies" });

    app.public().post("/api/auth/reset-password/", body).await.expect(204);

    assert_eq!(log_in(&caller, user.email(), "Teranga-2026-Thies").await.status, 200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn after_fifty_failures_from_one_place_nobody_signs_in_from_there(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, stranger) = (app.user().await, app.public());
    assert_eq!(log_in(&stranger, user.email(), PASSWORD).await.status, 200);

    for number in 0..50 {
        assert_eq!(log_in(&stranger, &format!("{number}@example.sn"), "wrong").await.status, 400);
    }

    assert_eq!(log_in(&stranger, user.email(), PASSWORD).await.status, 429);
    assert_eq!(log_in(&app.public(), user.email(), PASSWORD).await.status, 200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn ten_failures_at_once_are_counted_like_ten_in_a_row(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    let public = app.public();

    let mut tries = Vec::new();
    for _ in 0..20 {
        let (public, email) = (public.clone(), user.email().to_owned());
        tries.push(tokio::spawn(async move { log_in(&public, &email, "wrong").await.status.as_u16() }));
    }
    let mut statuses = Vec::new();
    for one in tries {
        statuses.push(one.await.unwrap());
    }

    assert_eq!(statuses.iter().filter(|status| **status == 400).count(), 10);
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 10);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn five_accounts_an_hour_can_be_made_from_one_place(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let stranger = app.public();

    assert_eq!(stranger.post("/api/auth/register/", json!({})).await.status, 400);
    for _ in 0..5 {
        assert_eq!(stranger.post("/api/auth/register/", registration(&new_email())).await.status, 201);
    }

    assert_eq!(stranger.post("/api/auth/register/", registration(&new_email())).await.status, 429);
    assert_eq!(app.public().post("/api/auth/register/", registration(&new_email())).await.status, 201);
    lapse(&app).await;
    assert_eq!(stranger.post("/api/auth/register/", registration(&new_email())).await.status, 201);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_fourth_forgotten_password_in_an_hour_is_answered_alike_and_not_mailed(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, caller) = (app.user().await, app.public());
    let body = json!({ "email": user.email() });

    for _ in 0..5 {
        caller.post("/api/auth/forgot-password/", body.clone()).await.expect(200);
    }

    let mails: i64 = sqlx::query_scalar("select count(*) from emails_email where secret is not null")
        .fetch_one(&app.owner)
        .await
        .unwrap();
    assert_eq!(mails, 3);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn every_security_event_is_on_record_and_the_application_cannot_change_one(owner: PgPool) {
    let mut options = None;
    let app = TestApp::start_with(owner, |setup| options = Some(setup.options.clone())).await;
    let user = app.user().await;
    log_in(&app.public(), user.email(), "wrong").await;
    log_in(&app.public(), "nobody@example.sn", "wrong").await;
    let other = app.sign_in(user.email(), PASSWORD).await;
    other.post("/api/auth/logout/", json!({ "refresh_token": other.refresh_token() })).await.expect(204);
    let change = json!({ "current_password": PASSWORD, "new_password": "Teranga-2026-Thies" });
    user.post("/api/auth/change-password/", change).await.expect(204);

    let events: Vec<(String, Option<i64>, String)> =
        sqlx::query_as("select action, actor, actor_email from audit_event order by id")
            .fetch_all(&app.owner)
            .await
            .unwrap();

    let by = |action: &str| (action.to_owned(), Some(user.id()), user.email().to_owned());
    let unknown = ("login_failed".to_owned(), None, String::new());
    assert_eq!(events, [by("login"), by("login_failed"), unknown, by("login"), by("logout"), by("password_changed")]);
    let mut db = <sqlx::PgConnection as sqlx::Connection>::connect_with(&options.unwrap()).await.unwrap();
    for statement in ["update audit_event set actor = null", "delete from audit_event", "truncate audit_event"] {
        let refused = sqlx::query(statement).execute(&mut db).await.unwrap_err();
        assert_eq!(refused.as_database_error().unwrap().code().as_deref(), Some("42501"), "{statement}");
    }
}

/// The session's id, as the token names it.
fn sid(caller: &Caller) -> String {
    claims(caller)["sid"].as_str().unwrap().to_owned()
}

async fn log_in(caller: &Caller, email: &str, password: &str) -> Answer {
    caller.post("/api/auth/login/", json!({ "email": email, "password": password })).await
}

/// Lets every count run out.
async fn lapse(app: &TestApp) {
    sqlx::query("update auth_attempt set expires_at = now()").execute(&app.owner).await.unwrap();
}
