//! Registration, sign-in, sessions, profile.

use api_tests::{Caller, TestApp, new_email, registration};
use serde_json::{Value, json};
use shared::db::MIGRATOR;
use sqlx::PgPool;

pub(crate) const PASSWORD: &str = "Teranga-2026-Dakar";
const WRONG: &str = "Email ou mot de passe incorrect";

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_registration_signs_in_a_user_who_is_no_administrator(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let body = json!({
        "email": "  Awa.Diop@Example.SN ", "password": PASSWORD, "password2": PASSWORD, "first_name": "Awa",
        "last_name": "Diop", "phone": "+221 77 123 45 67", "is_admin": true, "is_active": false, "id": 77,
    });

    let signed_in = app.public().post("/api/auth/register/", body).await.expect(201);

    let user = &signed_in["user"];
    assert_eq!(user["email"], "awa.diop@example.sn");
    assert_eq!((&user["first_name"], &user["last_name"]), (&json!("Awa"), &json!("Diop")));
    assert_eq!((&user["phone"], &user["language"]), (&json!("+221 77 123 45 67"), &json!("fr")));
    assert_eq!((&user["is_admin"], &user["is_active"]), (&json!(false), &json!(true)));
    assert_ne!(user["id"], 77);
    assert!(user.get("password").is_none());
    assert_eq!(signed_in["access_token"], signed_in["access"]);
    assert_eq!(signed_in["refresh_token"], signed_in["refresh"]);
    assert!(app.sign_in("awa.diop@example.sn", PASSWORD).await.get("/api/auth/me/").await.status.is_success());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_registration_queues_a_welcome_mail_in_the_language_of_the_request(owner: PgPool) {
    let app = TestApp::start(owner).await;
    for (language, subject) in [("en", "Welcome to RED PRODUCT"), ("fr-SN", "Bienvenue sur RED PRODUCT")] {
        let email = new_email();
        let request = app.public().request(http::Method::POST, "/api/auth/register/");

        let answer = request.header("accept-language", language).json(&registration(&email)).send().await.expect(201);

        assert_eq!(answer["user"]["language"], language[..2]);
        let mails: Vec<(String, String, bool)> =
            sqlx::query_as("select subject, status, is_sent from emails_email where recipient = $1")
                .bind(&email)
                .fetch_all(&app.owner)
                .await
                .unwrap();
        assert_eq!(mails, [(subject.to_owned(), "pending".to_owned(), false)]);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_registration_that_is_refused_leaves_no_account_and_no_mail(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let taken = app.user().await;

    let answer = app.public().post("/api/auth/register/", registration(&taken.email().to_uppercase())).await;

    assert_eq!(answer.expect(400), json!({ "email": ["Un objet custom user avec ce champ email existe déjà."] }));
    let rows: (i64, i64, i64) = sqlx::query_as(
        "select (select count(*) from users_customuser), (select count(*) from emails_email),
                (select count(*) from auth_session)",
    )
    .fetch_one(&app.owner)
    .await
    .unwrap();
    assert_eq!(rows, (1, 1, 1));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_two_registrations_of_one_address_at_once_one_is_refused(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (lower, upper) = (registration("awa@example.sn"), registration("AWA@example.sn"));
    let public = app.public();

    let (one, other) =
        tokio::join!(public.post("/api/auth/register/", lower), public.post("/api/auth/register/", upper));

    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_registration_says_everything_that_is_wrong_with_it(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let required = "Ce champ est obligatoire.";
    let cases: &[(Value, Value)] = &[
        (json!({}), json!({ "email": [required], "password": [required] })),
        (
            json!({ "email": "awa", "password": "123", "first_name": "x".repeat(151), "phone": "call me" }),
            json!({
                "email": ["Saisissez une adresse e-mail valide."],
                "first_name": ["Assurez-vous que ce champ comporte au plus 150\u{a0}caractères."],
                "phone": ["Saisissez un numéro de téléphone valide, par exemple +221 77 123 45 67."],
                "password": [
                    "Ce mot de passe est trop court. Il doit contenir au minimum 8 caractères.",
                    "Ce mot de passe est entièrement numérique.",
                ],
            }),
        ),
        (
            json!({ "email": "awa@example.sn", "password": "password1" }),
            json!({ "password": ["Ce mot de passe est trop courant."] }),
        ),
        (
            json!({ "email": "fatoumata@example.sn", "password": "fatoumata1" }),
            json!({ "password": ["Le mot de passe est trop semblable au champ «\u{a0}adresse e-mail\u{a0}»."] }),
        ),
        (
            json!({ "email": "awa@example.sn", "password": PASSWORD, "password2": "autre" }),
            json!({ "password": ["Les mots de passe ne correspondent pas"] }),
        ),
        (
            json!({ "email": "awa@example.sn", "password": PASSWORD, "first_name": "Awa,\n\nCliquez ici" }),
            json!({ "first_name": ["Les caractères de contrôle ne sont pas autorisés."] }),
        ),
        (
            json!({ "email": null, "password": "" }),
            json!({ "email": ["Ce champ ne peut être nul."], "password": ["Ce champ ne peut être vide."] }),
        ),
        (
            json!({ "email": "awa@example.sn", "password": "x".repeat(129) }),
            json!({ "password": ["Assurez-vous que ce champ comporte au plus 128\u{a0}caractères."] }),
        ),
    ];

    for (body, errors) in cases {
        assert_eq!(app.public().post("/api/auth/register/", body.clone()).await.expect(400), *errors, "{body}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_address_that_no_mail_could_reach_is_none(owner: PgPool) {
    let app = TestApp::start(owner).await;

    for email in
        ["jérôme@x.fr", "a@b.c", "a@b_c.fr", "a@b.123", "a@localhost", "a@[127.0.0.1]", "a b@x.fr", "a@x..fr", "@x.fr"]
    {
        let answer = app.public().post("/api/auth/register/", registration(email)).await;
        assert_eq!(answer.expect(400), json!({ "email": ["Saisissez une adresse e-mail valide."] }), "{email}");
    }
    for email in ["a.b+c@sous-domaine.example.sn", "o'brien@x.fr", "a@exämple.sn"] {
        assert_eq!(app.public().post("/api/auth/register/", registration(email)).await.status, 201, "{email}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn nothing_that_a_stranger_typed_stands_in_a_mail_to_somebody_else(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let mut body = registration("victim@example.sn");
    body["first_name"] = json!("confirmez sur https://evil.example");

    app.public().post("/api/auth/register/", body).await.expect(201);
    app.public().post("/api/auth/forgot-password/", json!({ "email": "victim@example.sn" })).await.expect(200);

    let bodies: Vec<String> =
        sqlx::query_scalar("select subject || body from emails_email").fetch_all(&app.owner).await.unwrap();
    assert_eq!(bodies.len(), 2);
    assert!(bodies.iter().all(|body| !body.contains("evil.example")), "{bodies:?}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_sign_in_ignores_the_case_of_the_address(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;

    let again = app.sign_in(&user.email().to_uppercase(), PASSWORD).await;

    assert_eq!(again.id(), user.id());
    assert_ne!(again.refresh_token(), user.refresh_token());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn every_sign_in_that_fails_has_the_same_answer(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, inactive, without_password) = (app.user().await, app.user().await, app.user().await);
    deactivate(&app, &inactive).await;
    for (caller, hash) in [(&without_password, "")] {
        let update =
            sqlx::query("update users_customuser set password = $2 where id = $1").bind(caller.id()).bind(hash);
        update.execute(&app.owner).await.unwrap();
    }

    for (email, password) in [
        (user.email(), "Teranga-2026-Thies"),
        (inactive.email(), PASSWORD),
        (without_password.email(), PASSWORD),
        ("nobody@example.sn", PASSWORD),
        ("not an address", PASSWORD),
        (user.email(), &"x".repeat(10_000)),
        (&"x".repeat(10_000), PASSWORD),
    ] {
        let body = json!({ "email": email, "password": password });
        let answer = app.public().post("/api/auth/login/", body).await;
        assert_eq!(answer.expect(400), json!({ "non_field_errors": [WRONG] }), "{email:.40}");
    }
    let answer = app.public().post("/api/auth/login/", json!({ "email": user.email() })).await;
    assert_eq!(answer.expect(400), json!({ "password": ["Ce champ est obligatoire."] }));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_plain_refresh_leaves_the_refresh_token_alive_on_every_path_and_under_every_name(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;

    for path in ["/api/auth/refresh/", "/api/auth/token/refresh/", "/api/token/refresh/", "/api/auth/refresh"] {
        let token = user.refresh_token();
        for body in [
            json!({ "refresh_token": token }),
            json!({ "refresh": token }),
            json!({ "refresh_token": null, "refresh": token }),
        ] {
            let answer = app.public().post(path, body).await.expect(200);

            assert_eq!(answer["access_token"], answer["access"]);
            assert!(answer.get("refresh_token").is_none());
            let token = answer["access"].as_str().unwrap();
            assert_eq!(app.with_authorization(format!("Bearer {token}")).get("/api/auth/me/").await.status, 200);
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_refresh_without_a_token_of_ours_says_so(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    let mut tampered = user.refresh_token().to_owned();
    tampered.replace_range(30..31, if &tampered[30..31] == "A" { "B" } else { "A" });
    let access = user.session["access_token"].as_str().unwrap();

    let missing = app.public().post("/api/auth/refresh/", json!({})).await.expect(400);
    assert_eq!(missing, json!({ "refresh_token": ["Ce champ est obligatoire."] }));

    for token in [&tampered, access, "x", "é", &user.refresh_token()[..20], &user.refresh_token().repeat(200)] {
        for rotate in [false, true] {
            let body = json!({ "refresh_token": token, "rotate": rotate });
            let answer = app.public().post("/api/auth/refresh/", body).await.expect(401);
            assert_eq!(answer, json!({ "detail": "Le jeton est invalide ou expiré", "code": "token_not_valid" }));
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_rotation_gives_a_new_refresh_token_and_renews_the_session(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    age_session(&app, &user, "6 days").await;

    let answer = rotate(&app, user.refresh_token()).await.expect(200);

    assert_eq!(answer["refresh_token"], answer["refresh"]);
    assert_ne!(answer["refresh_token"], user.refresh_token());
    let next = answer["refresh_token"].as_str().unwrap();
    assert_eq!(rotate(&app, next).await.status, 200);
    assert_eq!(days_left(&app, &user).await, 7);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn rotation_does_not_carry_a_session_past_ninety_days(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    let update = "update auth_session set created_at = now() - interval '88 days' where user_id = $1";
    sqlx::query(update).bind(user.id()).execute(&app.owner).await.unwrap();

    rotate(&app, user.refresh_token()).await.expect(200);

    assert_eq!(days_left(&app, &user).await, 2);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn two_rotations_at_once_end_with_the_same_successor(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;

    let (one, other) = tokio::join!(rotate(&app, user.refresh_token()), rotate(&app, user.refresh_token()));

    let (one, other) = (one.expect(200), other.expect(200));
    assert_eq!(one["refresh_token"], other["refresh_token"]);
    assert_eq!(rotate(&app, one["refresh_token"].as_str().unwrap()).await.status, 200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_predecessor_of_a_refresh_token_works_for_ten_seconds_more(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    let rotated = rotate(&app, user.refresh_token()).await.expect(200);

    let plain = app.public().post("/api/auth/refresh/", json!({ "refresh": user.refresh_token() })).await;
    let again = rotate(&app, user.refresh_token()).await;

    assert_eq!(plain.status, 200);
    assert_eq!(again.expect(200)["refresh_token"], rotated["refresh_token"]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_refresh_token_used_after_that_is_taken_for_stolen_and_ends_the_session(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    let rotated = rotate(&app, user.refresh_token()).await.expect(200);
    let update = "update auth_session set rotations = array[now() - interval '11 seconds'] where user_id = $1";
    sqlx::query(update).bind(user.id()).execute(&app.owner).await.unwrap();

    let stolen = rotate(&app, user.refresh_token()).await;

    assert_eq!(stolen.expect(401)["code"], "token_not_valid");
    let successor = rotate(&app, rotated["refresh_token"].as_str().unwrap()).await;
    assert_eq!(successor.expect(401)["code"], "token_not_valid");
    assert_eq!(user.get("/api/auth/me/").await.expect(401)["code"], "token_not_valid");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_refresh_token_from_before_the_predecessor_works_for_ten_seconds_too(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    let second = rotate(&app, user.refresh_token()).await.expect(200);
    let third = rotate(&app, second["refresh_token"].as_str().unwrap()).await.expect(200);

    let answer = rotate(&app, user.refresh_token()).await;

    assert_eq!(answer.expect(200)["refresh_token"], third["refresh_token"]);
    assert_eq!(user.get("/api/auth/me/").await.status, 200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_session_past_its_seven_days_and_one_of_a_deactivated_account_do_not_refresh(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (late, inactive) = (app.user().await, app.user().await);
    age_session(&app, &late, "7 days 1 second").await;
    deactivate(&app, &inactive).await;

    for rotate in [false, true] {
        let refresh = |caller: &Caller| json!({ "refresh_token": caller.refresh_token(), "rotate": rotate });
        let english = app.public().request(http::Method::POST, "/api/auth/refresh/").header("accept-language", "en");
        let answer = english.json(&refresh(&late)).send().await.expect(401);
        assert_eq!(answer, json!({ "detail": "Token is expired", "code": "token_not_valid" }));
        let answer = app.public().post("/api/auth/refresh/", refresh(&inactive)).await.expect(401);
        assert_eq!(answer, json!({ "detail": "L'utilisateur est désactivé", "code": "user_inactive" }));
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn logging_out_ends_the_session_at_once_and_no_other(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let phone = app.user().await;
    let laptop = app.sign_in(phone.email(), PASSWORD).await;

    let answer = phone.post("/api/auth/logout/", json!({ "refresh_token": phone.refresh_token() })).await;

    assert_eq!(answer.expect(204), Value::Null);
    let refused = phone.get("/api/hotels/").await;
    assert_eq!(
        refused.expect(401),
        json!({ "detail": "Le type de jeton fourni n'est pas valide", "code": "token_not_valid" })
    );
    let refresh = app.public().post("/api/auth/refresh/", json!({ "refresh_token": phone.refresh_token() })).await;
    assert_eq!(refresh.status, 401);
    assert_eq!(laptop.get("/api/hotels/").await.status, 200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn logging_out_succeeds_whatever_the_token_is(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    let token = json!({ "refresh": user.refresh_token() });

    for body in
        [json!({}), json!([]), json!({ "refresh_token": null }), json!({ "refresh": "?" }), token.clone(), token]
    {
        let answer = app.public().post("/api/auth/logout/", body.clone()).await;
        assert_eq!(answer.status, 204, "{body}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn people_change_their_own_profile_and_nothing_else_of_their_account(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    let read = user.get("/api/auth/me/").await;
    let changes = json!({
        "first_name": " Awa Marième ", "phone": "", "language": "en", "email": "x@example.sn", "is_admin": true,
        "password": "Another-2026-One", "id": 1,
    });

    let changed = user.request(http::Method::PATCH, "/api/auth/me/").header("if-match", read.header("etag"));
    let changed = changed.json(&changes).send().await;

    let me = changed.expect(200);
    assert_eq!((&me["first_name"], &me["language"]), (&json!("Awa Marième"), &json!("en")));
    assert_eq!((&me["email"], &me["is_admin"]), (&json!(user.email()), &json!(false)));
    assert_ne!(changed.header("etag"), read.header("etag"));
    assert_eq!(user.get("/api/auth/me/").await.expect(200), me);
    app.sign_in(user.email(), PASSWORD).await;
    let stale = user.request(http::Method::PATCH, "/api/auth/me/").header("if-match", read.header("etag"));
    assert_eq!(stale.json(&json!({})).send().await.status, 412);
    let wrong = user.patch("/api/auth/me/", json!({ "language": "wo" })).await;
    assert_eq!(wrong.expect(400), json!({ "language": ["«\u{a0}wo\u{a0}» n'est pas un choix valide."] }));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_public_keys_check_a_token_and_may_be_kept_for_five_minutes(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;

    let answer = app.public().get("/.well-known/jwks.json").await;

    assert_eq!(answer.header("cache-control"), "max-age=300");
    let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_value(answer.expect(200)).unwrap();
    let token = user.session["access_token"].as_str().unwrap();
    let header = jsonwebtoken::decode_header(token).unwrap();
    let key = jsonwebtoken::DecodingKey::from_jwk(keys.find(&header.kid.unwrap()).unwrap()).unwrap();
    let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::EdDSA);
    rules.set_audience(&["red-product"]);
    assert!(jsonwebtoken::decode::<Value>(token, &key, &rules).is_ok());
    let private = answer.bytes.windows(3).any(|window| window == b"\"d\"");
    assert!(!private);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn no_token_password_address_or_name_reaches_the_log(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, admin) = (app.user().await, app.admin().await);
    let wrong = json!({ "email": user.email(), "password": "Teranga-2026-Wrong" });
    app.public().post("/api/auth/login/", wrong).await;
    app.public().post("/api/auth/register/", registration(user.email())).await;
    app.with_authorization("Bearer a.secret.token").get("/api/hotels/").await;
    let answer = rotate(&app, user.refresh_token()).await;

    let log = api_tests::log::everything();

    assert!(log.contains(answer.header("x-request-id")));
    for secret in [
        user.email(),
        user.refresh_token(),
        user.session["access_token"].as_str().unwrap(),
        admin.email(),
        PASSWORD,
        "Teranga-2026-Wrong",
        "a.secret.token",
        "Diop",
    ] {
        assert!(!log.contains(secret), "{secret}");
    }
}

async fn rotate(app: &TestApp, token: &str) -> api_tests::Answer {
    app.public().post("/api/auth/refresh/", json!({ "refresh_token": token, "rotate": true })).await
}

async fn deactivate(app: &TestApp, caller: &Caller) {
    let update = sqlx::query("update users_customuser set is_active = false where id = $1").bind(caller.id());
    update.execute(&app.owner).await.unwrap();
}

async fn age_session(app: &TestApp, caller: &Caller, age: &str) {
    let update = "update auth_session
                  set created_at = created_at - $2::text::interval, expires_at = expires_at - $2::text::interval
                  where user_id = $1";
    sqlx::query(update).bind(caller.id()).bind(age).execute(&app.owner).await.unwrap();
}

async fn days_left(app: &TestApp, caller: &Caller) -> i32 {
    let select =
        "select round(extract(epoch from expires_at - now()) / 86400)::int from auth_session where user_id = $1";
    sqlx::query_scalar(select).bind(caller.id()).fetch_one(&app.owner).await.unwrap()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_password_that_django_hashed_signs_in_and_is_hashed_our_way_then(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let pbkdf2 = "'pbkdf2_sha256$1000$seasalt$JTzf8t564r9wPf4zm4rpFaXnH339GLEYAX/kghxXykg='";
    for django in ["'argon2' || password", pbkdf2] {
        let user = app.user().await;
        let adopt = format!("update users_customuser set password = {django} where id = {}", user.id());
        sqlx::query(sqlx::AssertSqlSafe(adopt)).execute(&app.owner).await.unwrap();
        let log_in = async |password: &str| {
            let credentials = json!({ "email": user.email(), "password": password });
            app.public().post("/api/auth/login/", credentials).await.status.as_u16()
        };

        assert_eq!(log_in("Teranga-2026-Thies").await, 400);
        assert_eq!(log_in(PASSWORD).await, 200, "{django}");

        let select = "select password from users_customuser where id = $1";
        let hash: String = sqlx::query_scalar(select).bind(user.id()).fetch_one(&app.owner).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(log_in(PASSWORD).await, 200);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_administrators_change_of_their_own_data_is_on_record(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;

    admin.patch("/api/auth/me/", json!({ "first_name": "Awa" })).await.expect(200);

    let audit = admin.get("/api/audit/?resource=user&action=update").await.expect(200);
    assert_eq!(audit["results"][0]["object_id"], admin.id());
    assert_eq!(audit["results"][0]["changes"], json!({ "first_name": ["", "Awa"] }));
}
