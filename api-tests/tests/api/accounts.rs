//! What ends links and sessions, limits on accounts, and the spellings of addresses, names, passwords and phone numbers.

use api_tests::{Answer, Caller, TestApp, new_email, registration};
use proptest::prelude::*;
use serde_json::json;
use shared::{db::MIGRATOR, email::address};
use sqlx::PgPool;

use crate::auth::PASSWORD;

const NEW: &str = "Teranga-2026-Thies";

// Links and sessions.

#[sqlx::test(migrator = "MIGRATOR")]
async fn every_change_of_an_account_voids_its_open_reset_links(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    for change in ["password", "email", "deactivation", "put", "change-password", "another link", "operator"] {
        let user = app.user().await;
        let path = format!("/api/users/{}/", user.id());
        let link = app.reset_token(&user).await;
        let mail = "select id from emails_email where recipient = $1 and secret is not null";
        let mail: i64 = sqlx::query_scalar(mail).bind(user.email()).fetch_one(&app.owner).await.unwrap();
        match change {
            "password" => drop(admin.patch(&path, json!({ "password": NEW })).await.expect(200)),
            "email" => drop(admin.patch(&path, json!({ "email": new_email() })).await.expect(200)),
            "put" => {
                let body = json!({ "email": new_email(), "password": NEW, "is_active": false });
                admin.put(&path, body).await.expect(200);
                admin.patch(&path, json!({ "is_active": true })).await.expect(200);
            }
            "deactivation" => {
                admin.patch(&path, json!({ "is_active": false })).await.expect(200);
                admin.patch(&path, json!({ "is_active": true })).await.expect(200);
            }
            "change-password" => {
                let body = json!({ "current_password": PASSWORD, "new_password": NEW });
                user.post("/api/auth/change-password/", body).await.expect(204);
            }
            "another link" => drop(reset(&app, &app.reset_token(&user).await, NEW).await.expect(204)),
            _ => {
                let update = "update users_customuser set email = $2, email_key = $2 where id = $1";
                sqlx::query(update).bind(user.id()).bind(new_email()).execute(&app.owner).await.unwrap();
            }
        }

        let errors = reset(&app, &link, "Teranga-2026-Saly").await.expect(400);
        assert_eq!(errors, json!({ "token": ["Ce lien n'est pas valide, a déjà servi ou a expiré."] }), "{change}");
        let select = "select status, secret is null from emails_email where id = $1";
        let mail: (String, bool) = sqlx::query_as(select).bind(mail).fetch_one(&app.owner).await.unwrap();
        assert_eq!(mail, ("cancelled".to_owned(), true), "{change}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_reset_mail_that_is_being_sent_is_not_sent_again_after_a_change(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let link = app.reset_token(&user).await;
    let claim = "update emails_email set status = 'sending', next_attempt_at = now() where secret is not null";
    sqlx::query(claim).execute(&app.owner).await.unwrap();

    admin.patch(&format!("/api/users/{}/", user.id()), json!({ "email": new_email() })).await.expect(200);
    app.dispatch_emails().await.unwrap();

    let select = "select status from emails_email where expires_at is not null";
    let status: String = sqlx::query_scalar(select).fetch_one(&app.owner).await.unwrap();
    assert_eq!(status, "failed");
    assert_eq!(reset(&app, &link, NEW).await.status, 400);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_deleted_account_gets_no_reset_mail(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    app.reset_token(&user).await;

    admin.delete(&format!("/api/users/{}/", user.id())).await.expect(204);

    let select = "select status from emails_email where expires_at is not null";
    assert_eq!(sqlx::query_scalar::<_, String>(select).fetch_one(&app.owner).await.unwrap(), "cancelled");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_new_hash_of_the_same_password_and_a_new_name_void_no_link(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let adopt = "update users_customuser set password = 'argon2' || password where id = $1";
    sqlx::query(adopt).bind(user.id()).execute(&app.owner).await.unwrap();
    let link = app.reset_token(&user).await;

    app.sign_in(user.email(), PASSWORD).await;
    admin.patch(&format!("/api/users/{}/", user.id()), json!({ "first_name": "Fatou" })).await.expect(200);
    admin.patch(&format!("/api/users/{}/", user.id()), json!({ "email": user.email() })).await.expect(200);

    let select = "select password like 'argon2%' from users_customuser where id = $1";
    let outdated: bool = sqlx::query_scalar(select).bind(user.id()).fetch_one(&app.owner).await.unwrap();
    assert!(!outdated);
    reset(&app, &link, NEW).await.expect(204);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_deactivation_ends_the_sessions_for_good(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let path = format!("/api/users/{}/", user.id());

    admin.patch(&path, json!({ "is_active": false })).await.expect(200);
    admin.patch(&path, json!({ "is_active": true })).await.expect(200);

    assert_eq!(user.get("/api/auth/me/").await.expect(401)["code"], "token_not_valid");
    let refresh = json!({ "refresh_token": user.refresh_token() });
    assert_eq!(app.public().post("/api/auth/refresh/", refresh).await.status, 401);
    app.sign_in(user.email(), PASSWORD).await.get("/api/auth/me/").await.expect(200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn twenty_tabs_that_rotate_fast_all_keep_a_working_session(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    let mut tokens = vec![user.refresh_token().to_owned()];
    for _ in 0..20 {
        let next = rotate(&app, tokens.last().unwrap()).await.expect(200)["refresh_token"].as_str().unwrap().to_owned();
        tokens.push(next);
    }

    for token in &tokens[..20] {
        let answer = rotate(&app, token).await.expect(200);
        assert_eq!(answer["refresh_token"], tokens[20].as_str());
        let plain = app.public().post("/api/auth/refresh/", json!({ "refresh": token })).await;
        assert_eq!(plain.status, 200);
    }
    rotate(&app, &tokens[20]).await.expect(200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn ten_seconds_count_from_the_rotation_of_the_token_itself(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    let second = rotate(&app, user.refresh_token()).await.expect(200);
    let age = "update auth_session
               set rotations = array(select time - interval '11 seconds' from unnest(rotations) as time)
               where user_id = $1";
    sqlx::query(age).bind(user.id()).execute(&app.owner).await.unwrap();
    let third = rotate(&app, second["refresh"].as_str().unwrap()).await.expect(200);

    let recent = rotate(&app, second["refresh"].as_str().unwrap()).await.expect(200);
    assert_eq!(recent["refresh"], third["refresh"]);
    let stolen = rotate(&app, user.refresh_token()).await;

    assert_eq!(stolen.expect(401)["code"], "token_not_valid");
    assert_eq!(rotate(&app, third["refresh"].as_str().unwrap()).await.status, 401);
}

// Limits.

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_password_changes_five_times_an_hour_and_one_mail_tells_of_it(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    let change = |number: usize| {
        let (current, new) = [(PASSWORD, NEW), (NEW, PASSWORD)][number % 2];
        json!({ "current_password": current, "new_password": new })
    };

    for number in 0..5 {
        user.post("/api/auth/change-password/", change(number)).await.expect(204);
    }
    let sixth = user.post("/api/auth/change-password/", change(5)).await;

    assert!(sixth.header("retry-after").parse::<u32>().unwrap() > 3_000);
    assert_eq!(sixth.status, 429);
    reset(&app, &app.reset_token(&user).await, "Teranga-2026-Saly").await.expect(204);
    let notices = "select count(*) from emails_email where subject = 'Votre mot de passe a changé' and recipient = $1";
    let mails = "select subject from emails_email where recipient = $1";
    let subjects: Vec<String> = sqlx::query_scalar(mails).bind(user.email()).fetch_all(&app.owner).await.unwrap();
    let notices: i64 = sqlx::query_scalar(notices).bind(user.email()).fetch_one(&app.owner).await.unwrap();
    assert_eq!(notices, 1, "{subjects:?}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn strangers_failures_do_not_stop_the_owner_who_is_signed_in(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    let stranger = app.public();
    for _ in 0..11 {
        log_in(&stranger, user.email(), "wrong").await;
    }

    let change = json!({ "current_password": PASSWORD, "new_password": NEW });
    user.post("/api/auth/change-password/", change).await.expect(204);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn ten_wrong_current_passwords_stop_one_session_and_no_other(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let open_browser = app.user().await;
    let laptop = app.sign_in(open_browser.email(), PASSWORD).await;
    let change = |current: &str| json!({ "current_password": current, "new_password": NEW });

    for _ in 0..10 {
        assert_eq!(open_browser.post("/api/auth/change-password/", change("wrong")).await.status, 400);
    }

    assert_eq!(open_browser.post("/api/auth/change-password/", change(PASSWORD)).await.status, 429);
    assert_eq!(log_in(&app.public(), open_browser.email(), PASSWORD).await.status, 200);
    laptop.post("/api/auth/change-password/", change(PASSWORD)).await.expect(204);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_two_password_changes_at_once_the_second_proves_nothing(owner: PgPool) {
    let app = TestApp::start(owner).await;
    for _ in 0..3 {
        let phone = app.user().await;
        let laptop = app.sign_in(phone.email(), PASSWORD).await;
        let change = |new: &str| json!({ "current_password": PASSWORD, "new_password": new });

        let (first, second) = tokio::join!(
            phone.post("/api/auth/change-password/", change("Teranga-2026-Saly")),
            laptop.post("/api/auth/change-password/", change("Teranga-2026-Mbour")),
        );

        let is_first = first.status == 204;
        let (winner, new, other) =
            if is_first { (&phone, "Teranga-2026-Saly", second) } else { (&laptop, "Teranga-2026-Mbour", first) };
        // The other one meets another password, or an ended session.
        assert!(other.status == 400 || other.status == 401, "{other:?}");
        winner.get("/api/auth/me/").await.expect(200);
        log_in(&app.public(), phone.email(), new).await.expect(200);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_address_over_its_limit_counts_against_no_email(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (victim, stranger) = (app.user().await, app.public());
    for number in 0..50 {
        log_in(&stranger, &format!("{number}@example.sn"), "wrong").await;
    }

    for _ in 0..12 {
        assert_eq!(log_in(&stranger, victim.email(), "wrong").await.status, 429);
    }

    let select = "select count(*) from auth_attempt where starts_with(subject, $1)";
    let counted: i64 = sqlx::query_scalar(select).bind(victim.email()).fetch_one(&app.owner).await.unwrap();
    assert_eq!(counted, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn one_stranger_does_not_lock_an_owner_out_and_many_do(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    for stranger in 0..10 {
        let stranger = (stranger, app.public());
        for attempt in 0..11 {
            let status = log_in(&stranger.1, user.email(), "wrong").await.status;
            assert_eq!(status, if attempt < 10 { 400 } else { 429 }, "stranger {}", stranger.0);
        }
        if stranger.0 == 0 {
            // What the stranger did stops nobody else.
            let mut db = app.owner.acquire().await.unwrap();
            let count = "select count from auth_attempt where kind = 'login-email'";
            assert_eq!(sqlx::query_scalar::<_, i32>(count).fetch_one(&mut *db).await.unwrap(), 10);
        }
    }

    assert_eq!(log_in(&app.public(), user.email(), PASSWORD).await.status, 429);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn thirty_sign_ins_of_one_account_in_a_quarter_of_an_hour_are_enough(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, other) = (app.user().await, app.user().await);
    let mut statuses = Vec::new();
    for number in 0..32 {
        let path = if number % 2 == 0 { "/api/auth/login/" } else { "/api/token/" };
        let body = json!({ "email": user.email(), "password": PASSWORD });
        statuses.push(app.public().post(path, body).await.status.as_u16());
    }

    assert_eq!(statuses, [vec![200; 30], vec![429; 2]].concat());
    assert_eq!(log_in(&app.public(), other.email(), PASSWORD).await.status, 200);
    let sessions = "select count(*) from auth_session where user_id = $1";
    assert_eq!(sqlx::query_scalar::<_, i64>(sessions).bind(user.id()).fetch_one(&app.owner).await.unwrap(), 31);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn correct_sign_ins_at_once_are_all_accepted(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, other, caller) = (app.user().await, app.user().await, app.public());

    // More than the limits for one e-mail from one address and for one address.
    let emails = [user.email(), other.email()].repeat(28);
    let statuses = log_in_at_once(&caller, &emails, |_| PASSWORD).await;

    assert_eq!(statuses, [200; 56]);
    assert_eq!(log_in(&caller, user.email(), "wrong").await.status, 400);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn ten_of_many_wrong_sign_ins_at_once_are_verified(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, caller) = (app.user().await, app.public());

    let mut statuses = log_in_at_once(&caller, &[user.email()].repeat(40), |_| "wrong").await;

    statuses.sort_unstable();
    assert_eq!(statuses, [vec![400; 10], vec![429; 30]].concat());
    assert_eq!(log_in(&caller, user.email(), PASSWORD).await.status, 429);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn right_and_wrong_sign_ins_at_once_do_not_block_each_other(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, caller) = (app.user().await, app.public());
    let is_wrong = |number: usize| number.is_multiple_of(3);

    let password = |number| if is_wrong(number) { "wrong" } else { PASSWORD };
    let statuses = log_in_at_once(&caller, &[user.email()].repeat(18), password).await;

    let expected: Vec<_> = (0..18).map(|number| if is_wrong(number) { 400 } else { 200 }).collect();
    assert_eq!(statuses, expected);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn correct_current_passwords_at_once_are_all_accepted(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    let changes = (0..15).map(|_| {
        let user = user.clone();
        let change = json!({ "current_password": PASSWORD, "new_password": "short" });
        tokio::spawn(async move { user.post("/api/auth/change-password/", change).await })
    });

    for change in changes.collect::<Vec<_>>() {
        assert!(change.await.unwrap().expect(400)["new_password"].is_array());
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_two_links_of_one_account_used_at_once_one_holds(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    let (first, second) = (app.reset_token(&user).await, app.reset_token(&user).await);

    let (one, other) = tokio::join!(reset(&app, &first, NEW), reset(&app, &second, "Teranga-2026-Saly"));

    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 400]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn twenty_reset_links_an_hour_leave_for_one_address(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let stranger = app.public();
    let mut answers = Vec::new();
    for _ in 0..22 {
        let user = app.user().await;
        answers.push(forgot(&stranger, user.email()).await.expect(200));
    }

    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(links(&app).await, 20);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_stranger_uses_up_three_of_an_owners_reset_links(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, stranger) = (app.user().await, app.public());
    for _ in 0..5 {
        forgot(&stranger, user.email()).await.expect(200);
    }
    assert_eq!(links(&app).await, 3);

    forgot(&user, user.email()).await.expect(200);
    assert_eq!(links(&app).await, 4);
    for _ in 0..10 {
        forgot(&app.public(), user.email()).await.expect(200);
    }
    assert_eq!(links(&app).await, 10);
}

// Addresses.

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_letter_that_lowers_differently_passes_by_no_limit(owner: PgPool) {
    let app = TestApp::start(owner).await;
    app.public().post("/api/auth/register/", registration("lilian@example.sn")).await.expect(201);
    app.public().post("/api/auth/register/", registration("kim@example.sn")).await.expect(201);

    for email in ["lİlian@example.sn", "\u{212a}im@example.sn", "lılian@example.sn"] {
        assert_eq!(log_in(&app.public(), email, PASSWORD).await.status, 400, "{email}");
    }
    for email in ["LILIAN@EXAMPLE.SN", "lilian@ｅxample.sn", "lilian@exam\u{ad}ple.sn", " lilian@example.sn "] {
        assert_eq!(log_in(&app.public(), email, PASSWORD).await.status, 200, "{email}");
    }
    let stranger = app.public();
    for _ in 0..5 {
        log_in(&stranger, "lilian@example.sn", "wrong").await;
        log_in(&stranger, "Lilian@EXAMPLE。sn", "wrong").await;
    }
    assert_eq!(log_in(&stranger, "lilian@example.sn", PASSWORD).await.status, 429);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_spellings_of_a_domain_are_one_mailbox(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let user = app.public().post("/api/auth/register/", registration("a@İstanbul.sn")).await.expect(201);
    assert_eq!(user["user"]["email"], "a@i\u{307}stanbul.sn");
    app.public().post("/api/auth/register/", registration("a@istanbul.sn")).await.expect(201);
    app.public().post("/api/auth/register/", registration("Awa@EXÄMPLE.sn")).await.expect(201);

    for spelling in ["awa@xn--exmple-cua.sn", "AWA@XN--EXMPLE-CUA.SN", "awa@exa\u{308}mple.sn", "awa@exämple。sn"] {
        let taken = app.public().post("/api/auth/register/", registration(spelling)).await;
        assert!(taken.expect(400).get("email").is_some(), "{spelling}");
        assert_eq!(log_in(&app.public(), spelling, PASSWORD).await.status, 200, "{spelling}");
    }

    let suppress = "insert into emails_suppression (recipient, reason) values (address_key($1), 'bounced')";
    sqlx::query(suppress).bind(address::normalize("Awa@EXÄMPLE.sn")).execute(&app.owner).await.unwrap();
    let mail = json!({ "recipient": "AWA@xn--exmple-cua.sn", "subject": "Objet", "body": "Bonjour" });
    assert!(admin.post("/api/emails/", mail).await.expect(400).get("recipient").is_some());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_odd_address_of_an_older_database_still_signs_in(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    for (email, key, typed) in [
        ("JÉRÔME@x.fr", "JÉRÔME@x.fr", vec!["JÉRÔME@x.fr"]),
        ("jérôme@x.fr", "jérôme@x.fr", vec!["jérôme@x.fr", "jérôme@X.FR"]),
        ("a@xn--exmple-cua.sn", "a@xn--exmple-cua.sn", vec!["a@xn--exmple-cua.sn", "A@exämple.sn"]),
        (
            "\"admin@red.example\"@evil.example",
            "\"admin@red.example\"@evil.example",
            vec!["\"admin@red.example\"@EVIL.example"],
        ),
        ("admin@rеd.example", "admin@rеd.example", vec!["ADMIN@rеd.example"]),
    ] {
        let update = "update users_customuser set email = $2, email_key = $3 where id = $1";
        sqlx::query(update).bind(user.id()).bind(email).bind(key).execute(&app.owner).await.unwrap();
        for typed in typed {
            assert_eq!(log_in(&app.public(), typed, PASSWORD).await.status, 200, "{typed}");
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn rust_and_postgresql_agree_on_the_key_of_any_address(owner: PgPool) {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};
    let mut runner = TestRunner::default();
    let any = prop_oneof![
        any::<String>(),
        "[A-Za-zÀ-žİıſK\u{1e9e}ΑΣ]{0,20}@[A-Za-zÀ-žİı.]{0,20}",
        proptest::collection::vec(any::<char>(), 0..40).prop_map(|all| all.into_iter().collect::<String>()),
    ];
    let mut texts: Vec<String> =
        (0..2_000).map(|_| any.new_tree(&mut runner).unwrap().current().replace('\0', "")).collect();
    texts.extend(('\u{1}'..=char::MAX).filter(|c| c.is_uppercase() || c.is_lowercase()).map(String::from));

    let keys: Vec<String> =
        sqlx::query_scalar("select address_key(t) from unnest($1::text[]) with ordinality as u (t, n) order by n")
            .bind(&texts)
            .fetch_all(&owner)
            .await
            .unwrap();

    for (text, key) in texts.iter().zip(keys) {
        assert_eq!(address::key_of(text), key, "{text:?}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_new_account_has_no_address_that_looks_like_another(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let path = format!("/api/users/{}/", user.id());
    let misleading = "Saisissez une adresse e-mail sans guillemets, dont le domaine est dans une seule écriture.";

    for email in ["admin@rеd.example", "\"admin@red.example\"@evil.example", "admin@xn--rd-hlc.example", "a@сосо.com"]
    {
        let registered = app.public().post("/api/auth/register/", registration(email)).await;
        assert_eq!(registered.expect(400), json!({ "email": [misleading] }), "{email}");
        assert_eq!(admin.post("/api/users/", registration(email)).await.status, 400, "{email}");
        assert_eq!(admin.put(&path, json!({ "email": email })).await.status, 400, "{email}");
        assert_eq!(admin.patch(&path, json!({ "email": email })).await.status, 400, "{email}");
    }
    for email in ["a@почта.рф", "a@日本語.jp", "a@exämple.sn"] {
        assert_eq!(admin.patch(&path, json!({ "email": email })).await.expect(200)["email"], email);
    }
}

// Names, passwords, phones.

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_name_can_be_seen_and_is_what_it_looks_like(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let path = format!("/api/users/{}/", user.id());

    for name in
        ["\u{200b}", "\u{202e}avA", "\u{3164}", "\u{2800}\u{2800}", "\u{301}", "A\u{2066}b", "\u{61c}Awa", "\u{fe0f}"]
    {
        for field in ["first_name", "last_name"] {
            assert_eq!(user.patch("/api/auth/me/", json!({ field: name })).await.status, 400, "{name:?}");
            assert_eq!(admin.patch(&path, json!({ field: name })).await.status, 400, "{name:?}");
            let mut body = registration(&new_email());
            body[field] = json!(name);
            assert_eq!(admin.post("/api/users/", body.clone()).await.status, 400, "{name:?}");
            assert_eq!(app.public().post("/api/auth/register/", body).await.status, 400, "{name:?}");
        }
    }
    for name in ["", "Ñdèye-Awa d'Almeida", "نور", "می\u{200c}خواهم", "👩\u{200d}🚀", "李"] {
        let me = user.patch("/api/auth/me/", json!({ "first_name": name })).await.expect(200);
        assert_eq!(me["first_name"], name);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_password_of_digits_of_any_script_of_blanks_or_with_nul_is_refused(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;

    for (password, text) in [
        ("１２３４５６７８９０", "Ce mot de passe est entièrement numérique."),
        ("١٢٣٤٥٦٧٨٩٠", "Ce mot de passe est entièrement numérique."),
        ("१२३४५६७८९०", "Ce mot de passe est entièrement numérique."),
        ("Teranga\0-2026", "Le caractère nul n’est pas autorisé."),
        ("        ", "Ce champ ne peut être vide."),
        ("\u{2800}\u{2800}\u{2800}\u{2800}\u{301}\u{301}\u{e000}\u{e000}", "Ce champ ne peut être vide."),
        ("\u{3000}\u{a0}\u{2003}\u{200b}\t\n\u{feff}\u{2028}", "Ce champ ne peut être vide."),
    ] {
        let mut body = registration(&new_email());
        body["password"] = json!(password);
        let answer = app.public().post("/api/auth/register/", body).await;
        assert_eq!(answer.expect(400), json!({ "password": [text] }), "{password:?}");
        let change = json!({ "current_password": PASSWORD, "new_password": password });
        let answer = user.post("/api/auth/change-password/", change).await;
        assert_eq!(answer.expect(400), json!({ "new_password": [text] }), "{password:?}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_accent_signs_in_however_the_keyboard_types_it(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (composed, decomposed) = ("Thiès-Ñdar-2026", "Thie\u{300}s-N\u{303}dar-2026");
    for (set, typed) in [(composed, decomposed), (decomposed, composed)] {
        let mut body = registration(&new_email());
        body["password"] = json!(set);
        app.public().post("/api/auth/register/", body.clone()).await.expect(201);

        app.sign_in(body["email"].as_str().unwrap(), typed).await;
        assert_eq!(log_in(&app.public(), body["email"].as_str().unwrap(), "Thies-Ndar-2026").await.status, 400);
    }
    // As Django hashed what a Mac typed.
    let user = app.user().await;
    let hash = "pbkdf2_sha256$1000$seasalt$Ez7KnU06izzs7WcF/I4wEI/fnn4oolMArlGyNj8YF+E=";
    let update = "update users_customuser set password = $2 where id = $1";
    sqlx::query(update).bind(user.id()).bind(hash).execute(&app.owner).await.unwrap();
    app.sign_in(user.email(), decomposed).await;
    app.sign_in(user.email(), composed).await;
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn all_failing_fields_of_a_new_password_are_told_once(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let short = "Ce mot de passe est trop court. Il doit contenir au minimum 8 caractères.";
    let required = "Ce champ est obligatoire.";
    let null = "Ce champ ne peut être nul.";
    let link = "Ce lien n'est pas valide, a déjà servi ou a expiré.";

    let change = json!({ "current_password": "wrong", "new_password": "short" });
    assert_eq!(
        user.post("/api/auth/change-password/", change).await.expect(400),
        json!({ "current_password": ["Le mot de passe actuel est incorrect."], "new_password": [short] })
    );
    assert_eq!(
        user.post("/api/auth/change-password/", json!({ "new_password": "short" })).await.expect(400),
        json!({ "current_password": [required], "new_password": [short] })
    );
    assert_eq!(reset(&app, "none", "short").await.expect(400), json!({ "token": [link], "password": [short] }));
    assert_eq!(
        app.public().post("/api/auth/reset-password/", json!({ "password": "short" })).await.expect(400),
        json!({ "token": [required], "password": [short] })
    );
    for (password, text) in [(json!(null), null), (json!(""), "Ce champ ne peut être vide."), (json!("short"), short)]
    {
        let body = json!({ "email": new_email(), "password": password });
        assert_eq!(admin.post("/api/users/", body).await.expect(400), json!({ "password": [text] }));
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn wrong_current_passwords_and_requested_links_are_on_record(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    let change = json!({ "current_password": "wrong", "new_password": NEW });
    user.post("/api/auth/change-password/", change).await.expect(400);
    let stranger = app.public();
    for _ in 0..5 {
        forgot(&stranger, user.email()).await.expect(200);
    }
    forgot(&app.public(), "nobody@example.sn").await.expect(200);

    let select = "select action, actor, object_id from audit_event where action <> 'login' order by id";
    let events: Vec<(String, Option<i64>, Option<i64>)> = sqlx::query_as(select).fetch_all(&app.owner).await.unwrap();
    let requested = |actor| ("password_reset_requested".to_owned(), actor, actor);
    let mut expected = vec![("password_change_failed".to_owned(), Some(user.id()), Some(user.id()))];
    // Throttled requests are not recorded.
    expected.extend([requested(Some(user.id())), requested(Some(user.id())), requested(Some(user.id()))]);
    expected.push(requested(None));
    assert_eq!(events, expected);
    let admin = app.admin().await;
    for (action, count) in [("password_change_failed", 1), ("password_reset_requested", 4)] {
        assert_eq!(admin.get(&format!("/api/audit/?action={action}")).await.expect(200)["count"], count);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_directory_does_not_tell_phone_numbers_and_administrators_find_them(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let phone = json!({ "phone": "\u{202a}+221\u{a0}77\u{202f}123-45.67\u{202c}" });
    let me = user.patch("/api/auth/me/", phone).await.expect(200);
    assert_eq!(me["phone"], "+221 77 123-45.67");

    for search in ["481", "771234567", "%2B221", "77%20123", "123-45"] {
        for path in ["/api/users/directory/", "/api/auth/users/"] {
            assert_eq!(user.get(&format!("{path}?search={search}")).await.expect(200)["count"], 0, "{search}");
        }
    }
    for search in [
        "771234567",
        "%2B221771234567",
        "77%20123",
        "123-45",
        "2217712",
        "diop%20771234567",
        "77-12-34-567",
        "(221)77",
        "771.234.567",
        "%2B(221)-77",
        "77%2012.34-5",
        "+221%2077",
        "%E2%80%8Bdi%C2%ADop",
    ] {
        let found = admin.get(&format!("/api/users/?search={search}")).await.expect(200);
        assert_eq!(found["count"], 1, "{search}");
    }
    for search in ["77-12-35", "77x1234", "()", "1-2-3@4"] {
        let found = admin.get(&format!("/api/users/?search={search}")).await.expect(200);
        assert_eq!(found["count"], 0, "{search}");
    }
    for search in ["DIOP", "awa", &user.email()[..8]] {
        assert!(
            user.get(&format!("/api/users/directory/?search={search}")).await.expect(200)["count"] == 1,
            "{search}"
        );
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_user_looks_one_person_up_in_the_directory(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user, gone) = (app.admin().await, app.user().await, app.user().await);
    let of_gone = format!("/api/users/{}/", gone.id());
    admin.patch(&of_gone, json!({ "is_active": false })).await.expect(200);

    let person = admin.get(&format!("/api/users/directory/{}/", user.id())).await.expect(200);

    let expected = json!({ "id": user.id(), "email": user.email(), "first_name": "Awa", "last_name": "Diop" });
    assert_eq!(person, expected);
    assert_eq!(user.get(&format!("/api/users/directory/{}", admin.id())).await.expect(200)["id"], admin.id());
    for other in [&gone.id().to_string(), "999999999", "0", "-1", "x", "9223372036854775808"] {
        assert_eq!(user.get(&format!("/api/users/directory/{other}/")).await.status, 404, "{other}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_title_can_be_seen_wherever_there_is_one(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let hotel = |name: &str, city: &str| json!({ "name": name, "city": city, "price_per_night": 1 });
    let form = |title: &str, label: &str| json!({ "title": title, "fields": [{ "name": "a", "label": label, "type": "text" }] });
    let email = |subject: &str| json!({ "recipient": "awa@example.sn", "subject": subject, "body": "Bonjour" });

    for name in ["\u{200b}", "\u{3164}\u{2800}", "Hôtel \u{202e}ratleG", "\u{2069}x", "\u{e0041}"] {
        for (path, body, field) in [
            ("/api/hotels/", hotel(name, "Dakar"), "name"),
            ("/api/hotels/", hotel("Hôtel", name), "city"),
            ("/api/tickets/", json!({ "title": name, "description": "x" }), "title"),
            ("/api/forms/", form(name, "A"), "title"),
            ("/api/forms/", form("Avis", name), "fields"),
            ("/api/emails/", email(name), "subject"),
        ] {
            let errors = admin.post(path, body).await.expect(400);
            let fields: Vec<_> = errors.as_object().unwrap().keys().collect();
            assert_eq!(fields, [field], "{path} {name:?}");
        }
    }
    let errors = admin.post("/api/forms/", form("Avis", "\u{202e}x")).await.expect(400);
    assert!(errors["fields"][0]["label"][0].is_string(), "{errors}");
    for options in [json!(["a", "\u{200b}"]), json!(["a", "\u{202e}b"]), json!(["Thi\u{e8}s", "Thie\u{300}s"])] {
        let fields = json!([{ "name": "a", "label": "A", "type": "select", "options": options }]);
        let errors = admin.post("/api/forms/", json!({ "title": "Avis", "fields": fields })).await.expect(400);
        assert!(errors["fields"][0]["options"][0].is_string(), "{errors}");
    }
    admin.post("/api/hotels/", hotel("فندق دكار", "Thiès")).await.expect(201);
    admin.post("/api/forms/", form("Ça va\u{a0}?", "👍🏽")).await.expect(201);
}

async fn reset(app: &TestApp, token: &str, password: &str) -> Answer {
    app.public().post("/api/auth/reset-password/", json!({ "token": token, "password": password })).await
}

async fn rotate(app: &TestApp, token: &str) -> Answer {
    app.public().post("/api/auth/refresh/", json!({ "refresh_token": token, "rotate": true })).await
}

async fn log_in(caller: &Caller, email: &str, password: &str) -> Answer {
    caller.post("/api/auth/login/", json!({ "email": email, "password": password })).await
}

/// The statuses of sign-ins that all begin at once, in the order of `emails`.
async fn log_in_at_once(caller: &Caller, emails: &[&str], password: impl Fn(usize) -> &'static str) -> Vec<u16> {
    let attempts = emails.iter().enumerate().map(|(number, email)| {
        let (caller, email, password) = (caller.clone(), (*email).to_owned(), password(number));
        tokio::spawn(async move { log_in(&caller, &email, password).await.status.as_u16() })
    });
    let mut statuses = Vec::new();
    for attempt in attempts.collect::<Vec<_>>() {
        statuses.push(attempt.await.unwrap());
    }
    statuses
}

async fn forgot(caller: &Caller, email: &str) -> Answer {
    caller.post("/api/auth/forgot-password/", json!({ "email": email })).await
}

async fn links(app: &TestApp) -> i64 {
    sqlx::query_scalar("select count(*) from auth_password_reset").fetch_one(&app.owner).await.unwrap()
}
