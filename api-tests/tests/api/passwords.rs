//! Changing a password, and choosing a new one by a link.

use api_tests::{Caller, TestApp};
use serde_json::{Value, json};
use shared::db::MIGRATOR;
use sqlx::PgPool;

use crate::auth::PASSWORD;

const NEW: &str = "Teranga-2026-Thies";

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_password_may_be_made_of_any_characters_and_none_is_left_out(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;

    let mut current = PASSWORD.to_owned();
    for new in ["  deux  espaces  ", "Ñdar-Géej-🐟-2026", "x y\tz\u{1} wolof", &"Téranga ".repeat(16)] {
        user.post("/api/auth/change-password/", change(&current, new)).await.expect(204);

        assert_eq!(log_in(&app, &user, new).await, 200, "{new:?}");
        for other in [new.trim(), &new[..new.len() - 1], &new.to_lowercase()].into_iter().filter(|other| *other != new)
        {
            assert_eq!(log_in(&app, &user, other).await, 400, "{other:?}");
        }
        current = new.to_owned();
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn changing_the_password_ends_every_other_session(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let phone = app.user().await;
    let laptop = app.sign_in(phone.email(), PASSWORD).await;

    let answer = laptop.post("/api/auth/change-password/", change(PASSWORD, NEW)).await;

    assert_eq!(answer.expect(204), Value::Null);
    assert_eq!(laptop.get("/api/auth/me/").await.status, 200);
    assert_eq!(phone.get("/api/auth/me/").await.status, 401);
    assert_eq!(log_in(&app, &phone, PASSWORD).await, 400);
    assert_eq!(log_in(&app, &phone, NEW).await, 200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_password_is_changed_only_by_who_knows_it_and_to_one_that_may_be_used(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;

    let wrong = user.post("/api/auth/change-password/", change(NEW, NEW)).await;
    let weak = user.post("/api/auth/change-password/", change(PASSWORD, "12345678")).await;
    let nothing = user.post("/api/auth/change-password/", json!({})).await;

    assert_eq!(wrong.expect(400), json!({ "current_password": ["Le mot de passe actuel est incorrect."] }));
    assert_eq!(weak.expect(400), json!({ "new_password": ["Ce mot de passe est entièrement numérique."] }));
    let required = "Ce champ est obligatoire.";
    assert_eq!(nothing.expect(400), json!({ "current_password": [required], "new_password": [required] }));
    assert_eq!(log_in(&app, &user, PASSWORD).await, 200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_forgotten_password_is_answered_alike_for_everyone_and_mailed_to_who_has_an_account(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, inactive) = (app.user().await, app.user().await);
    user.patch("/api/auth/me/", json!({ "language": "en" })).await.expect(200);
    deactivate(&app, &inactive).await;

    for email in [user.email(), &user.email().to_uppercase(), inactive.email(), "nobody@example.sn"] {
        let answer = app.public().post("/api/auth/forgot-password/", json!({ "email": email })).await.expect(200);
        let text = "Si un compte existe pour cette adresse, un e-mail vient de lui être envoyé.";
        assert_eq!(answer, json!({ "detail": text, "message": text }), "{email}");
    }

    let mails: Vec<(String, String, String)> =
        sqlx::query_as("select recipient, subject, body from emails_email where subject not like '%RED PRODUCT'")
            .fetch_all(&app.owner)
            .await
            .unwrap();
    assert_eq!(mails.len(), 2);
    for (recipient, subject, body) in mails {
        assert_eq!((recipient.as_str(), subject.as_str()), (user.email(), "Choose a new password"));
        assert!(body.contains("http://web.test/reset-password?token=…"), "{body}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_link_sets_a_new_password_once_and_ends_every_session(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    let token = app.reset_token(&user).await;

    let answer = reset(&app, &token, NEW).await;

    assert_eq!(answer.expect(204), Value::Null);
    assert_eq!(user.get("/api/auth/me/").await.status, 401);
    assert_eq!(log_in(&app, &user, NEW).await, 200);
    assert_eq!(log_in(&app, &user, PASSWORD).await, 400);
    let again = reset(&app, &token, PASSWORD).await;
    assert_eq!(again.expect(400), json!({ "token": ["Ce lien n'est pas valide, a déjà servi ou a expiré."] }));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_link_that_does_not_hold_changes_nothing(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (late, inactive, weak) = (app.user().await, app.user().await, app.user().await);
    let (late_token, inactive_token) = (app.reset_token(&late).await, app.reset_token(&inactive).await);
    let weak_token = app.reset_token(&weak).await;
    let expire = "update auth_password_reset set expires_at = now() where user_id = $1";
    sqlx::query(expire).bind(late.id()).execute(&app.owner).await.unwrap();
    deactivate(&app, &inactive).await;

    for token in [late_token.as_str(), &inactive_token, "x", "é", &"x".repeat(9_000)] {
        assert!(reset(&app, token, NEW).await.expect(400).get("token").is_some(), "{token:.40}");
    }
    assert_eq!(
        reset(&app, &weak_token, "court").await.expect(400),
        json!({ "password": ["Ce mot de passe est trop court. Il doit contenir au minimum 8 caractères."] })
    );
    assert_eq!(reset(&app, &weak_token, NEW).await.status, 204);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_two_uses_of_a_link_at_once_one_holds(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    let token = app.reset_token(&user).await;

    let (one, other) = tokio::join!(reset(&app, &token, NEW), reset(&app, &token, "Teranga-2026-Saly"));

    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 400]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_sign_in_with_the_old_password_does_not_outlive_a_change_that_is_under_way(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    // The change has written the new hash and not committed yet.
    let mut change = app.owner.begin().await.unwrap();
    let update = sqlx::query("update users_customuser set password = 'changed' where id = $1").bind(user.id());
    update.execute(&mut *change).await.unwrap();

    let (app_, email) = (app.clone(), user.email().to_owned());
    let sign_in = tokio::spawn(async move {
        let body = json!({ "email": email, "password": PASSWORD });
        app_.public().post("/api/auth/login/", body).await.status.as_u16()
    });
    waits_for_a_lock(&app).await;
    change.commit().await.unwrap();

    assert_eq!(sign_in.await.unwrap(), 400);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn nobody_without_the_mail_can_make_a_link_from_the_database(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let token = app.reset_token(&app.user().await).await;

    let rows: Vec<String> =
        sqlx::query_scalar("select reset::text from auth_password_reset as reset").fetch_all(&app.owner).await.unwrap();

    assert_eq!(rows.len(), 1);
    assert!(!rows[0].contains(&token));
}

fn change(current: &str, new: &str) -> Value {
    json!({ "current_password": current, "new_password": new })
}

async fn reset(app: &TestApp, token: &str, password: &str) -> api_tests::Answer {
    app.public().post("/api/auth/reset-password/", json!({ "token": token, "password": password })).await
}

async fn log_in(app: &TestApp, who: &Caller, password: &str) -> u16 {
    let body = json!({ "email": who.email(), "password": password });
    app.public().post("/api/auth/login/", body).await.status.as_u16()
}

async fn deactivate(app: &TestApp, caller: &Caller) {
    let update = sqlx::query("update users_customuser set is_active = false where id = $1").bind(caller.id());
    update.execute(&app.owner).await.unwrap();
}

/// Returns once some statement in this database waits for another's transaction.
async fn waits_for_a_lock(app: &TestApp) {
    let waiting = "select exists (
                       select from pg_locks as waiting
                       join pg_locks as held on held.pid = waiting.pid
                       join pg_database as here on here.oid = held.database and here.datname = current_database()
                       where not waiting.granted
                   )";
    let wait = async {
        while !sqlx::query_scalar::<_, bool>(waiting).fetch_one(&app.owner).await.unwrap() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), wait).await.expect("a statement that waits");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_link_is_good_for_an_hour_and_a_hash_is_argon2id(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    app.reset_token(&user).await;

    let select = "
        select password like '$argon2id$v=19$m=19456,t=2,p=1$%', (
            select round(extract(epoch from expires_at - now()) / 60)::int from auth_password_reset where user_id = $1
        )
        from users_customuser where id = $1";
    let (hashed, minutes): (bool, i32) = sqlx::query_as(select).bind(user.id()).fetch_one(&app.owner).await.unwrap();

    assert_eq!((hashed, minutes), (true, 60));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn whoever_knows_the_password_may_try_as_many_new_ones_as_they_like(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    let change = |new: &str| json!({ "current_password": PASSWORD, "new_password": new });

    for _ in 0..11 {
        assert_eq!(user.post("/api/auth/change-password/", change("court")).await.status, 400);
    }

    user.post("/api/auth/change-password/", change(NEW)).await.expect(204);
}
