//! Users, as administrators keep them, and the directory.

use std::time::Duration;

use api_tests::{Caller, TestApp, new_email, registration};
use http::Method;
use serde_json::{Value, json};
use shared::db::MIGRATOR;
use sqlx::PgPool;

use crate::auth::PASSWORD;

const FORBIDDEN: &str = "Vous n'avez pas la permission d'effectuer cette action.";
const NOT_FOUND: &str = "Pas trouvé.";
const TAKEN: &str = "Un objet custom user avec ce champ email existe déjà.";

// Creating and reading.

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_user_needs_only_an_address_and_a_password(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let body = json!({ "email": " Moussa.Fall@Example.SN ", "password": PASSWORD });

    let answer = admin.post("/api/users/", body).await;

    let user = answer.expect(201);
    let expected = json!({
        "id": user["id"], "email": "moussa.fall@example.sn", "first_name": "", "last_name": "", "phone": "",
        "language": "fr", "ticket_mail": true, "is_admin": false, "is_active": true,
        "created_at": user["created_at"], "updated_at": user["updated_at"],
    });
    assert_eq!(user, expected);
    let read = admin.get(&path(&user)).await;
    assert_eq!(read.expect(200), user);
    assert_eq!((answer.header("etag"), read.header("etag")), ("\"1\"", "\"1\""));
    assert_eq!(app.sign_in("moussa.fall@example.sn", PASSWORD).await.session["user"], user);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_user_keeps_everything_that_is_said_of_them(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let whole = json!({
        "email": "fatou@example.sn", "password": PASSWORD, "first_name": "Fatou", "last_name": "N'Diaye",
        "phone": "+221 77 123 45 67", "language": "en", "ticket_mail": false, "is_admin": true, "is_active": false,
    });

    let mut user = admin.post("/api/users/", whole.clone()).await.expect(201);

    assert!(user.get("password").is_none());
    user["password"] = whole["password"].clone();
    for (name, value) in whole.as_object().unwrap() {
        assert_eq!(&user[name], value, "{name}");
    }
    let mails: i64 = sqlx::query_scalar("select count(*) from emails_email").fetch_one(&app.owner).await.unwrap();
    assert_eq!(mails, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_new_user_speaks_the_language_of_the_request_unless_another_is_given(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;

    for (header, given, language) in
        [("en", None, "en"), ("fr", None, "fr"), ("de", None, "fr"), ("en", Some("fr"), "fr"), ("fr", Some("en"), "en")]
    {
        let mut body = json!({ "email": new_email(), "password": PASSWORD });
        if let Some(given) = given {
            body["language"] = json!(given);
        }
        let request = admin.request(Method::POST, "/api/users/").json(&body).header("accept-language", header);

        assert_eq!(request.send().await.expect(201)["language"], language, "{header} {given:?}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_value_that_breaks_a_rule_is_refused_with_the_rule(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let user = created(&admin, json!({ "first_name": "Mamadou", "last_name": "Sarr" })).await;

    for (field, value, text) in [
        ("email", json!(""), "Ce champ ne peut être vide."),
        ("email", json!(null), "Ce champ ne peut être nul."),
        ("email", json!("awa"), "Saisissez une adresse e-mail valide."),
        ("first_name", json!("x".repeat(151)), "Assurez-vous que ce champ comporte au plus 150\u{a0}caractères."),
        ("last_name", json!("A\nB"), "Les caractères de contrôle ne sont pas autorisés."),
        ("phone", json!("appelez"), "Saisissez un numéro de téléphone valide, par exemple +221 77 123 45 67."),
        ("language", json!("de"), "«\u{a0}de\u{a0}» n'est pas un choix valide."),
        ("is_admin", json!("maybe"), "Une valeur vraie ou fausse est requise."),
        ("is_active", json!(null), "Ce champ ne peut être nul."),
        ("password", json!(""), "Ce champ ne peut être vide."),
        ("password", json!(null), "Ce champ ne peut être nul."),
        ("password", json!("Kx7-vQ2"), "Ce mot de passe est trop court. Il doit contenir au minimum 8 caractères."),
        ("password", json!("73519402846"), "Ce mot de passe est entièrement numérique."),
        ("password", json!("qwertyuiop"), "Ce mot de passe est trop courant."),
        ("password", json!("é".repeat(129)), "Assurez-vous que ce champ comporte au plus 128\u{a0}caractères."),
        ("password", json!("Mamadou1"), "Le mot de passe est trop semblable au champ «\u{a0}prénom\u{a0}»."),
    ] {
        let answer = admin.patch(&path(&user), json!({ field: value })).await;

        assert_eq!((answer.status.as_u16(), answer.body()), (400, json!({ field: [text] })), "{field}: {value}");
    }
    assert_eq!(admin.get(&path(&user)).await.expect(200), user);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn all_failing_fields_are_told_at_once(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let required = json!(["Ce champ est obligatoire."]);

    let empty = admin.post("/api/users/", json!({})).await;
    let similar = json!({ "email": "x", "password": "Khadija1", "first_name": "Khadija", "phone": "x" });
    let similar = admin.post("/api/users/", similar).await;

    assert_eq!(empty.expect(400), json!({ "email": required, "password": required }));
    let fields: Vec<_> = similar.expect(400).as_object().unwrap().keys().cloned().collect();
    assert_eq!(fields, ["email", "password", "phone"]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_taken_address_is_told_with_the_other_failing_fields(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user, other) = (app.admin().await, app.user().await, app.user().await);
    let path = format!("/api/users/{}/", user.id());
    let taken = other.email().to_uppercase();
    let invalid = json!({ "email": taken, "password": "court", "phone": "x" });
    let names = |answer: &Value| answer.as_object().unwrap().keys().cloned().collect::<Vec<_>>();

    let created = admin.post("/api/users/", invalid.clone()).await.expect(400);
    let replaced = admin.put(&path, invalid.clone()).await.expect(400);
    let changed = admin.patch(&path, invalid.clone()).await.expect(400);
    let registered = app.public().post("/api/auth/register/", invalid).await.expect(400);

    for answer in [created, replaced, changed, registered] {
        assert_eq!(names(&answer), ["email", "password", "phone"], "{answer}");
        assert_eq!(answer["email"], json!([TAKEN]));
    }
    admin.patch(&path, json!({ "first_name": "Mamadou" })).await.expect(200);
    let similar = admin.patch(&path, json!({ "email": taken, "password": "Mamadou-7" })).await.expect(400);
    assert_eq!(names(&similar), ["email", "password"], "{similar}");
    let own = admin.patch(&path, json!({ "email": user.email(), "phone": "x" })).await.expect(400);
    assert_eq!(names(&own), ["phone"], "{own}");
    let nobody = json!({ "email": other.email(), "phone": "x" });
    assert_eq!(admin.patch("/api/users/999999/", nobody).await.status.as_u16(), 404);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_stranger_is_told_of_twenty_taken_addresses_an_hour_at_most(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, stranger) = (app.user().await, app.public());
    let body = json!({ "email": user.email(), "password": "" });

    for attempt in 0..22 {
        let answer = stranger.post("/api/auth/register/", body.clone()).await.expect(400);
        assert_eq!(answer.get("email").is_some(), attempt < 20, "{attempt} {answer}");
        assert!(answer["password"][0].is_string());
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_new_password_must_not_resemble_what_the_account_is_or_becomes(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let user = path(&created(&admin, json!({ "first_name": "Mamadou", "last_name": "Sarr" })).await);

    let old_name = admin.patch(&user, json!({ "password": "Mamadou-7" })).await;
    let new_name = admin.patch(&user, json!({ "password": "Khadija-7", "first_name": "Khadija" })).await;
    let renamed = admin.patch(&user, json!({ "password": "Mamadou-7", "first_name": "Khadija" })).await;

    assert_eq!((old_name.status.as_u16(), new_name.status.as_u16(), renamed.status.as_u16()), (400, 400, 200));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_address_belongs_to_one_account_whatever_its_case(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let user = created(&admin, json!({ "email": "awa@example.sn" })).await;
    let other = path(&created(&admin, json!({})).await);
    let taken = json!({ "email": [TAKEN] });

    assert_eq!(admin.post("/api/users/", registration("AWA@Example.sn")).await.expect(400), taken);
    assert_eq!(admin.patch(&other, json!({ "email": "Awa@Example.SN" })).await.expect(400), taken);
    assert_eq!(admin.put(&other, json!({ "email": "awa@example.sn" })).await.expect(400), taken);
    assert_eq!(app.public().post("/api/auth/register/", registration("awa@EXAMPLE.sn")).await.expect(400), taken);
    let moved = admin.patch(&path(&user), json!({ "email": "Awa.Diop@Example.SN" })).await.expect(200);
    assert_eq!(moved["email"], "awa.diop@example.sn");
    app.sign_in("awa.diop@example.sn", PASSWORD).await;
    admin.patch(&other, json!({ "email": "awa@example.sn" })).await.expect(200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_adopted_address_with_capitals_can_be_sent_back_as_it_was_read(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    created(&admin, json!({ "email": "awa@example.sn" })).await;
    let adopt = "insert into users_customuser (email, email_key, password) \
        values ('Awa@Example.sn', 'Awa@Example.sn', '') returning id";
    let id: i64 = sqlx::query_scalar(adopt).fetch_one(&app.owner).await.unwrap();
    let user = format!("/api/users/{id}/");

    let record = admin.get(&user).await.expect(200);
    let answer = admin.patch(&user, record.clone()).await.expect(200);

    assert_eq!(answer["email"], "Awa@Example.sn");
    assert_eq!(admin.patch(&user, json!({ "email": "AWA@example.sn" })).await.expect(400), json!({ "email": [TAKEN] }));
}

// Changing.

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_patch_changes_what_it_names_and_a_put_keeps_what_has_a_default(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let kept = json!({ "first_name": "Awa", "phone": "771234567", "language": "en", "is_admin": true });
    let mut user = created(&admin, kept).await;

    let patched = admin.patch(&path(&user), json!({ "last_name": "Ba", "is_active": false })).await.expect(200);
    let replaced = admin.put(&path(&user), json!({ "email": "nouveau@example.sn" })).await.expect(200);

    user["last_name"] = json!("Ba");
    user["is_active"] = json!(false);
    user["updated_at"] = patched["updated_at"].clone();
    assert_eq!(patched, user);
    user["email"] = json!("nouveau@example.sn");
    user["updated_at"] = replaced["updated_at"].clone();
    assert_eq!(replaced, user);
    assert_eq!(admin.put(&path(&user), json!({})).await.expect(400), json!({ "email": ["Ce champ est obligatoire."] }));
    admin.patch(&path(&user), json!({ "is_active": true })).await.expect(200);
    app.sign_in("nouveau@example.sn", PASSWORD).await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_record_can_be_sent_back_as_it_was_read(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let user = path(&created(&admin, json!({})).await);
    let own = format!("/api/users/{}/", admin.id());

    for (path, method) in [(&user, Method::PATCH), (&user, Method::PUT), (&own, Method::PATCH), (&own, Method::PUT)] {
        let record = admin.get(path).await.expect(200);
        let mut answer = admin.request(method, path).json(&record).send().await.expect(200);

        answer["updated_at"] = record["updated_at"].clone();
        assert_eq!(answer, record);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn with_a_new_password_every_session_of_the_user_ends(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let second = app.sign_in(user.email(), PASSWORD).await;
    let path = format!("/api/users/{}/", user.id());
    admin.patch(&path, json!({ "first_name": "Awa" })).await.expect(200);
    user.get("/api/auth/me/").await.expect(200);

    admin.put(&path, json!({ "email": user.email(), "password": "Nouveau-2026-Thies" })).await.expect(200);

    for session in [&user, &second] {
        assert_eq!(session.get("/api/auth/me/").await.expect(401)["code"], "token_not_valid");
        let refresh = json!({ "refresh_token": session.refresh_token() });
        assert_eq!(app.public().post("/api/auth/refresh/", refresh).await.status.as_u16(), 401);
    }
    let old = json!({ "email": user.email(), "password": PASSWORD });
    assert_eq!(app.public().post("/api/auth/login/", old).await.status.as_u16(), 400);
    app.sign_in(user.email(), "Nouveau-2026-Thies").await;
    admin.get("/api/auth/me/").await.expect(200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_deactivated_user_is_out_and_signs_in_once_activated_again(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let path = format!("/api/users/{}/", user.id());

    admin.patch(&path, json!({ "is_active": false })).await.expect(200);

    assert_eq!(user.get("/api/auth/me/").await.expect(401)["code"], "user_inactive");
    let credentials = json!({ "email": user.email(), "password": PASSWORD });
    assert_eq!(app.public().post("/api/auth/login/", credentials).await.status.as_u16(), 400);
    admin.patch(&path, json!({ "is_active": true })).await.expect(200);
    app.sign_in(user.email(), PASSWORD).await.get("/api/auth/me/").await.expect(200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_promotion_and_a_demotion_take_effect(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let path = format!("/api/users/{}/", user.id());

    for (is_admin, status) in [(true, 200), (false, 403)] {
        admin.patch(&path, json!({ "is_admin": is_admin })).await.expect(200);
        assert_eq!(user.get("/api/users/").await.status.as_u16(), status);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn two_patches_of_different_fields_at_once_both_hold(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (one, other) = (app.admin().await, app.admin().await);
    let user = path(&created(&one, json!({})).await);

    for round in 1..=5 {
        let (first_name, last_name) = (format!("A{round}"), format!("B{round}"));
        let (first, second) = tokio::join!(
            one.patch(&user, json!({ "first_name": first_name })),
            other.patch(&user, json!({ "last_name": last_name })),
        );

        assert_eq!((first.status.as_u16(), second.status.as_u16()), (200, 200));
        let stored = one.get(&user).await.expect(200);
        assert_eq!((&stored["first_name"], &stored["last_name"]), (&json!(first_name), &json!(last_name)));
    }
}

// What an administrator cannot do to themself, and who is left.

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_administrator_cannot_delete_demote_or_deactivate_themself(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let own = format!("/api/users/{}/", admin.id());
    let before = admin.get(&own).await.expect(200);
    app.admin().await;

    let refused = [
        (admin.delete(&own).await, "Vous ne pouvez pas supprimer votre propre compte."),
        (
            admin.patch(&own, json!({ "is_admin": false, "first_name": "Refusé" })).await,
            "Vous ne pouvez pas vous retirer vos propres droits d'administrateur.",
        ),
        (
            admin.put(&own, json!({ "email": admin.email(), "is_active": false })).await,
            "Vous ne pouvez pas désactiver votre propre compte.",
        ),
    ];

    for (answer, text) in refused {
        assert_eq!(answer.expect(409), json!({ "detail": text }));
    }
    assert_eq!(admin.get(&own).await.expect(200), before);
    let request = admin.request(Method::DELETE, &own).header("accept-language", "en").header("if-match", "\"0\"");
    assert_eq!(request.send().await.expect(409), json!({ "detail": "You cannot delete your own account." }));
    admin.patch(&own, json!({ "first_name": "Fatou", "is_admin": true })).await.expect(200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_two_administrators_who_remove_each_other_at_once_exactly_one_succeeds(owner: PgPool) {
    let app = TestApp::start_with(owner, |setup| setup.settings.authorizer_cache_seconds = 60).await;

    for round in 0..12 {
        let (one, other) = (app.admin().await, app.admin().await);
        // Both are known to the gateway: what keeps the second is the function alone.
        one.get("/api/auth/me/").await.expect(200);
        other.get("/api/auth/me/").await.expect(200);
        let (of_one, of_other) = (format!("/api/users/{}/", one.id()), format!("/api/users/{}/", other.id()));
        let remove = async |caller: &Caller, path: &str| match round % 3 {
            0 => caller.patch(path, json!({ "is_admin": false })).await,
            1 => caller.patch(path, json!({ "is_active": false })).await,
            _ => caller.delete(path).await,
        };

        let (first, second) = tokio::join!(remove(&one, &of_other), remove(&other, &of_one));

        let succeeded = [&first, &second].iter().filter(|answer| answer.status.is_success()).count();
        let refused = [&first, &second].iter().filter(|answer| answer.status.as_u16() == 403).count();
        assert_eq!((succeeded, refused), (1, 1), "{first:?} {second:?}");
        let left = "select count(*) from users_customuser where id in ($1, $2) and is_admin and is_active";
        let left: i64 = sqlx::query_scalar(left).bind(one.id()).bind(other.id()).fetch_one(&app.owner).await.unwrap();
        assert_eq!(left, 1);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn in_a_ring_of_administrators_who_remove_each_other_at_once_somebody_is_left(owner: PgPool) {
    let app = TestApp::start_with(owner, |setup| setup.settings.authorizer_cache_seconds = 60).await;
    let ring = [app.admin().await, app.admin().await, app.admin().await, app.admin().await];

    for round in 0..6 {
        let mut requests = Vec::new();
        for (at, caller) in ring.iter().enumerate() {
            let (caller, next) = (caller.clone(), ring[(at + 1 + round % 2) % ring.len()].id());
            requests.push(tokio::spawn(async move {
                caller.patch(&format!("/api/users/{next}/"), json!({ "is_admin": false })).await.status.as_u16()
            }));
        }
        for request in requests {
            assert!([200, 403].contains(&request.await.unwrap()));
        }
        let left: i64 = sqlx::query_scalar("select count(*) from users_customuser where is_admin")
            .fetch_one(&app.owner)
            .await
            .unwrap();
        assert!(left >= 1);
        sqlx::query("update users_customuser set is_admin = true").execute(&app.owner).await.unwrap();
    }
}

// Deleting.

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_deleted_user_is_gone_with_their_sessions(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let path = format!("/api/users/{}/", user.id());
    let stale = admin.request(Method::DELETE, &path).header("if-match", "\"0\"").send().await;

    let answer = admin.delete(&path).await;

    assert_eq!(stale.status.as_u16(), 412);
    assert_eq!((answer.status.as_u16(), answer.bytes.len()), (204, 0));
    let gone = json!({ "detail": NOT_FOUND });
    assert_eq!(admin.delete(&path).await.expect(404), gone);
    assert_eq!(admin.get(&path).await.expect(404), gone);
    assert_eq!(admin.patch(&path, json!({ "password": PASSWORD })).await.expect(404), gone);
    assert_eq!(admin.patch(&path, json!({ "password": "x" })).await.expect(404), gone);
    assert_eq!(admin.put(&path, json!({})).await.expect(404), gone);
    assert_eq!(user.get("/api/auth/me/").await.expect(401)["code"], "user_not_found");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_user_with_tickets_comments_or_messages_is_not_deleted(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, with_ticket, sender, recipient) =
        (app.admin().await, app.user().await, app.user().await, app.user().await);
    let colleague = app.admin().await;
    let ticket = with_ticket.post("/api/tickets/", crate::tickets::ticket(json!({}))).await.expect(201);
    let comments = format!("/api/tickets/{}/comments/", ticket["id"]);
    colleague.post(&comments, json!({ "content": "Bonjour" })).await.expect(201);
    let message = json!({ "recipient_id": recipient.id(), "content": "Bonjour" });
    let message = sender.post("/api/messages/", message).await.expect(201);
    recipient.delete(&format!("/api/messages/{}/", message["id"])).await.expect(204);

    let tickets = "Cet utilisateur a des tickets ou y a participé. Désactivez son compte.";
    let messages = "Cet utilisateur a envoyé ou reçu des messages. Désactivez son compte.";
    for (user, text) in [(&with_ticket, tickets), (&colleague, tickets), (&sender, messages), (&recipient, messages)] {
        let path = format!("/api/users/{}/", user.id());
        let stale = admin.request(Method::DELETE, &path).header("if-match", "\"0\"").send().await;

        assert_eq!(admin.delete(&path).await.expect(409), json!({ "detail": text }));
        assert_eq!(stale.expect(409), json!({ "detail": text }), "told before a version that has passed");
        admin.patch(&path, json!({ "is_active": false })).await.expect(200);
    }
}

// Who may, and in which order what is wrong is told.

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_user_reads_and_writes_no_users(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    let own = format!("/api/users/{}/", user.id());

    for (method, path) in [
        (Method::GET, "/api/users/".to_owned()),
        (Method::POST, "/api/users/".to_owned()),
        (Method::GET, own.clone()),
        (Method::PUT, own.clone()),
        (Method::PATCH, own.clone()),
        (Method::DELETE, own.clone()),
        (Method::GET, "/api/users/999999/".to_owned()),
    ] {
        let answer = user.request(method.clone(), &path).json(&json!({ "is_admin": true })).send().await;
        assert_eq!(answer.expect(403), json!({ "detail": FORBIDDEN }), "{method} {path}");
    }
    assert_eq!(user.get("/api/auth/me/").await.expect(200)["is_admin"], false);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_administrator_whose_role_is_withdrawn_cannot_write_from_then_on(owner: PgPool) {
    let app = TestApp::start_with(owner, |setup| setup.settings.authorizer_cache_seconds = 60).await;
    let (colleague, user) = (app.admin().await, app.user().await);

    for withdrawal in [json!({ "is_admin": false }), json!({ "is_active": false })] {
        let admin = app.admin().await;
        admin.get("/api/users/").await.expect(200);
        colleague.patch(&format!("/api/users/{}/", admin.id()), withdrawal).await.expect(200);

        for (method, path) in [
            (Method::POST, "/api/users/".to_owned()),
            (Method::PUT, format!("/api/users/{}/", user.id())),
            (Method::PATCH, format!("/api/users/{}/", user.id())),
            (Method::DELETE, format!("/api/users/{}/", user.id())),
            (Method::PATCH, format!("/api/users/{}/", admin.id())),
            (Method::DELETE, "/api/users/999999/".to_owned()),
        ] {
            let body = registration(&new_email());
            let answer = admin.request(method.clone(), &path).json(&body).send().await;
            assert_eq!(answer.expect(403), json!({ "detail": FORBIDDEN }), "{method} {path}");
        }
        let bad = admin.patch(&format!("/api/users/{}/", user.id()), json!({ "email": 1 })).await;
        assert_eq!(bad.status.as_u16(), 403);
    }
    assert_eq!(colleague.get(&format!("/api/users/{}/", user.id())).await.expect(200)["email"], user.email());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_several_faults_the_first_in_the_contracts_order_is_told(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let own = format!("/api/users/{}/", admin.id());
    let here = format!("/api/users/{}/", user.id());
    let nowhere = "/api/users/999999/".to_owned();
    let (json, text) = ("application/json", "text/plain");
    let taken = format!(r#"{{"email": "{}", "is_active": false}}"#, user.email());

    for (caller, path, media_type, body, status) in [
        (&app.public(), &nowhere, text, "{", 401),
        (&user, &nowhere, text, "{", 403),
        (&admin, &nowhere, text, "{", 404),
        (&admin, &nowhere, json, r#"{"password": "x"}"#, 404),
        (&admin, &here, text, "{", 415),
        (&admin, &here, json, "[]", 400),
        (&admin, &here, json, r#"{"password": "x"}"#, 400),
        (&admin, &own, json, &taken, 400),
        (&admin, &own, json, r#"{"is_active": false}"#, 409),
        (&admin, &here, json, r#"{"is_active": false}"#, 412),
    ] {
        let request = caller.request(Method::PATCH, path).header("content-type", media_type).body(body.to_owned());

        let answer = request.header("if-match", "\"0\"").send().await;

        assert_eq!(answer.status.as_u16(), status, "{media_type} {body} at {path}: {}", answer.body());
    }
    assert_eq!(admin.get(&here).await.expect(200)["is_active"], true);
}

// The record.

#[sqlx::test(migrator = "MIGRATOR")]
async fn every_write_is_on_record_and_no_password_is(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let user = created(&admin, json!({ "first_name": "Awa" })).await;
    admin.patch(&path(&user), json!({ "first_name": "Aïssa" })).await.expect(200);
    admin.patch(&path(&user), json!({ "is_admin": true, "phone": "771234567" })).await.expect(200);
    admin.patch(&path(&user), json!({ "is_admin": true, "password": "Nouveau-2026-Thies" })).await.expect(200);
    admin.patch(&path(&user), json!({ "password": "court" })).await.expect(400);
    admin.delete(&path(&user)).await.expect(204);

    let select = "select action, actor, object_id, changes from audit_event where resource = 'user' order by id";
    let events: Vec<(String, i64, i64, Value)> = sqlx::query_as(select).fetch_all(&app.owner).await.unwrap();

    let actions: Vec<_> = events.iter().map(|(action, ..)| action.as_str()).collect();
    assert_eq!(actions, ["create", "update", "update", "role_changed", "update", "password_changed", "delete"]);
    assert!(events.iter().all(|(_, actor, object, _)| *actor == admin.id() && json!(object) == user["id"]));
    assert_eq!(events[0].3["email"], json!([null, user["email"]]));
    assert_eq!(events[1].3, json!({ "first_name": ["Awa", "Aïssa"] }));
    assert_eq!(events[2].3, json!({ "is_admin": [false, true], "phone": ["", "771234567"] }));
    assert_eq!(events[3].3, json!({ "is_admin": [false, true] }));
    assert_eq!((&events[4].3, &events[5].3), (&json!({}), &json!({})));
    assert_eq!(events[6].3["email"], json!([user["email"], null]));
    let everything = format!("{events:?}");
    for secret in [PASSWORD, "Nouveau-2026-Thies", "argon2", "password\""] {
        assert!(!everything.contains(secret), "{secret}");
    }
}

// Lists.

#[sqlx::test(migrator = "MIGRATOR")]
async fn users_are_searched_filtered_and_ordered(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let hide = "update users_customuser set email = 'zz@red.sn', email_key = 'zz@red.sn'";
    sqlx::query(hide).execute(&app.owner).await.unwrap();
    for (email, first_name, last_name, phone, is_admin, is_active) in [
        ("c.diop@example.sn", "Awa", "Diop", "+221 77 111 22 33", false, true),
        ("a.ba@example.sn", "Élodie", "Ba", "", true, true),
        ("b.sarr@example.com", "Moussa", "Sârr", "338001122", false, false),
    ] {
        let body = json!({
            "email": email, "first_name": first_name, "last_name": last_name, "phone": phone, "is_admin": is_admin,
            "is_active": is_active,
        });
        created(&admin, body).await;
    }
    let found = async |path: String| -> String {
        let list = admin.get(&path).await.expect(200);
        let rows = list["results"].as_array().unwrap();
        assert_eq!(list["count"], rows.len());
        rows.iter().filter_map(|row| row["email"].as_str()?.chars().next()).collect()
    };

    for (query, users, people) in [
        ("", "bacz", "acz"),
        ("search=SARR", "b", ""),
        ("search=elodie", "a", "a"),
        ("search=example.sn,77", "c", ""),
        ("search=example.sn,diop", "c", "c"),
        ("search=77111", "c", ""),
        ("search=33800", "b", ""),
        ("search=diopawa", "", ""),
        ("search=%25", "", ""),
        ("search=fr", "", ""),
        ("ordering=email", "abcz", "acz"),
        ("ordering=-email", "zcba", "zca"),
        ("ordering=first_name", "zcab", "zca"),
        ("ordering=-last_name", "bcaz", "caz"),
        ("ordering=last_name", "zacb", "zac"),
        ("ordering=created_at", "zcab", "zca"),
        ("ordering=-id", "bacz", "acz"),
        ("ordering=phone", "bacz", "acz"),
        ("is_admin=true", "az", "acz"),
        ("is_admin=0", "bc", "acz"),
        ("is_active=false", "b", "acz"),
        ("is_active=true&is_admin=false", "c", "acz"),
        ("is_active=&is_admin=", "bacz", "acz"),
    ] {
        assert_eq!(found(format!("/api/users/?{query}")).await, users, "users, {query}");
        assert_eq!(found(format!("/api/users/directory/?{query}")).await, people, "directory, {query}");
        assert_eq!(found(format!("/api/auth/users/?{query}")).await, people, "auth/users, {query}");
    }
    let wrong = admin.get("/api/users/?is_admin=x&is_active=2").await.expect(400);
    let text = json!(["Une valeur vraie ou fausse est requise."]);
    assert_eq!(wrong, json!({ "is_admin": text, "is_active": text }));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_directory_says_who_is_there_and_nothing_else_about_them(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let gone = created(&admin, json!({ "is_active": false })).await;
    let person = json!({ "id": user.id(), "email": user.email(), "first_name": "Awa", "last_name": "Diop" });

    for path in ["/api/users/directory/", "/api/auth/users/", "/api/auth/users"] {
        let list = user.get(path).await.expect(200);
        let rows = list["results"].as_array().unwrap();

        assert_eq!(list["count"], 2, "{path}");
        assert!(rows.contains(&person), "{list}");
        assert!(!rows.iter().any(|row| row["id"] == gone["id"]), "{list}");
        let page = user.get(&format!("{path}?page_size=1")).await.expect(200);
        assert_eq!(page["next"], format!("http://red.test{path}?page=2&page_size=1"));
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_browser_may_ask_before_it_calls_the_paths_of_users(owner: PgPool) {
    let app = TestApp::start(owner).await;

    for path in ["/api/users", "/api/users/", "/api/users/directory/", "/api/auth/users", "/api/auth/users/"] {
        let request = app.public().request(Method::OPTIONS, path).header("origin", "http://web.test");
        let answer = request.header("access-control-request-method", "GET").send().await;

        assert_eq!(answer.status.as_u16(), 204, "{path}");
        assert_eq!(app.public().get(path).await.status.as_u16(), 401, "{path}");
    }
}

// What the tests are written with.

/// A new user, made by an administrator.
async fn created(admin: &Caller, changes: Value) -> Value {
    let mut body = json!({ "email": new_email(), "password": PASSWORD });
    for (name, value) in changes.as_object().expect("an object") {
        body[name] = value.clone();
    }
    // Two rows of one moment would be in one order only.
    tokio::time::sleep(Duration::from_millis(1)).await;
    admin.post("/api/users/", body).await.expect(201)
}

fn path(user: &Value) -> String {
    format!("/api/users/{}/", user["id"].as_i64().expect("an id"))
}
