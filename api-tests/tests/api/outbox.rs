//! How mail leaves: through the dispatcher and SES's own SDK into the mailbox, which fails as it is told to. What
//! administrators see of it is in `emails`.

use std::{
    fs::{self, File},
    net::Ipv4Addr,
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime},
};

use api_tests::{Caller, TestApp, new_email, registration};
use axum_server::{Json, Router, body::Bytes};
use hotels::Images;
use http::{HeaderMap, Method, Uri, header};
use local::{
    gateway,
    mailbox::{Behaviour, Fault, Message},
};
use serde_json::{Value, json};
use shared::{
    config,
    db::{Db, MIGRATOR},
    email::queue::{self, Setback},
    store::Store,
};
use sqlx::PgPool;
use tokio::net::TcpListener;

use crate::{
    auth::PASSWORD,
    hotels::hotel,
    images::{PNG, data_url},
};

// What arrives.

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_registration_leads_to_a_welcome_in_the_language_of_the_request(owner: PgPool) {
    let app = TestApp::start(owner).await;
    for (language, subject, greeting) in
        [("fr", "Bienvenue sur RED PRODUCT", "Bonjour,"), ("en", "Welcome to RED PRODUCT", "Hello,")]
    {
        let email = new_email();
        let request = app.public().request(Method::POST, "/api/auth/register/").header("accept-language", language);
        request.json(&registration(&email)).send().await.expect(201);

        assert_eq!(app.dispatch_emails().await, Ok(1));

        let mail = last(&app);
        assert_eq!((mail.to.as_slice(), mail.subject.as_str()), ([email].as_slice(), subject));
        assert!(mail.text.starts_with(greeting) && mail.text.contains("\nhttp://web.test/\n"), "{}", mail.text);
        assert!(mail.html.contains(greeting) && mail.html.contains("href=\"http://web.test/\""), "{}", mail.html);
        assert_eq!(mail.from, "RED PRODUCT <no-reply@red.example>");
        assert_eq!(mail.reply_to, ["support@red.example"]);
        assert_eq!(mail.headers["Auto-Submitted"], "auto-generated");
        assert_eq!(mail.configuration_set.as_deref(), Some("red-product"));
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_sent_email_says_so_and_keeps_no_secret(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    app.reset_token(&user).await;

    assert_eq!(app.dispatch_emails().await, Ok(2));

    let sent = admin.get("/api/emails/?search=nouveau+mot").await.expect(200)["results"][0].clone();
    let id = sent["id"].to_string();
    let mail = app.mailbox.messages().into_iter().find(|mail| mail.tags["email_id"] == id).unwrap();
    assert_eq!((&sent["status"], &sent["is_sent"], &sent["attempts"]), (&json!("sent"), &json!(true), &json!(1)));
    assert_eq!(sent["message_id"], mail.message_id);
    assert!(sent["sent_at"].is_string());
    let secrets = "select count(*) from emails_email where secret is not null";
    assert_eq!(sqlx::query_scalar::<_, i64>(secrets).fetch_one(&app.owner).await.unwrap(), 0);
    assert_eq!(app.dispatch_emails().await, Ok(0));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_link_in_a_reset_works_and_its_use_is_told(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    user.patch("/api/auth/me/", json!({ "language": "en" })).await.expect(200);
    app.public().post("/api/auth/forgot-password/", json!({ "email": user.email() })).await.expect(200);
    assert_eq!(app.dispatch_emails().await, Ok(2));

    // The urgent one goes first.
    let mail = app.mailbox.messages().remove(0);
    let link = mail.text.lines().find(|line| line.contains("token=")).unwrap();
    let token = link.strip_prefix("http://web.test/reset-password?token=").unwrap();
    assert_eq!(mail.subject, "Choose a new password");
    assert!(mail.html.contains(&format!("href=\"{link}\"")) && !mail.html.contains('…'), "{}", mail.html);
    let new = json!({ "token": token, "password": "Teranga-2026-Thies" });
    app.public().post("/api/auth/reset-password/", new).await.expect(204);

    assert_eq!(app.dispatch_emails().await, Ok(1));
    assert_eq!(last(&app).subject, "Your password was changed");
    let user = app.sign_in(user.email(), "Teranga-2026-Thies").await;
    an_hour_passes(&app).await;
    let change = json!({ "current_password": "Teranga-2026-Thies", "new_password": PASSWORD });
    user.post("/api/auth/change-password/", change).await.expect(204);
    assert_eq!(app.dispatch_emails().await, Ok(1));
    assert_eq!((last(&app).to[0].as_str(), last(&app).subject.as_str()), (user.email(), "Your password was changed"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn mail_about_a_ticket_leads_its_reader_to_it_in_their_language(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, admin) = (app.user().await, app.admin().await);
    app.dispatch_emails().await.unwrap();
    // What the administrator would be told.
    admin.patch("/api/auth/me/", json!({ "ticket_mail": false })).await.expect(200);

    for (language, status, subject, greeting) in [
        ("fr", "in_progress", "Ticket #ID\u{a0}: Climatisation", "Bonjour N'Deye,"),
        ("en", "closed", "Ticket #ID: Climatisation", "Hello N'Deye,"),
    ] {
        let profile = json!({ "language": language, "first_name": "N'Deye" });
        user.patch("/api/auth/me/", profile).await.expect(200);
        let ticket = user
            .post("/api/tickets/", json!({ "title": "Climatisation", "description": "En panne" }))
            .await
            .expect(201);
        let id = ticket["id"].to_string();
        let ticket = format!("/api/tickets/{id}/");

        admin.post(&format!("{ticket}comments/"), json!({ "content": "J'arrive" })).await.expect(201);
        assert_eq!(app.dispatch_emails().await, Ok(1));
        let about_comment = last(&app);
        admin.patch(&ticket, json!({ "status": status })).await.expect(200);
        assert_eq!(app.dispatch_emails().await, Ok(1));

        // Mail programs make a thread of mails that name the same one; some want equal subjects too.
        let thread = format!("<ticket-{id}@red.example>");
        for mail in [about_comment, last(&app)] {
            assert_eq!(
                (mail.to.as_slice(), mail.subject),
                ([user.email().to_owned()].as_slice(), subject.replace("ID", &id))
            );
            assert_eq!((&mail.headers["References"], &mail.headers["In-Reply-To"]), (&thread, &thread));
            assert_eq!(mail.text.lines().next(), Some(greeting));
            let link = mail.text.lines().find_map(|line| line.strip_prefix("http://web.test/tickets/")).unwrap();
            assert!(mail.html.contains(&format!("href=\"http://web.test/tickets/{link}\"")), "{}", mail.html);
            user.get(&format!("/api/tickets/{link}/")).await.expect(200);
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn only_mail_that_the_product_wrote_says_that_it_is_automatic(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    app.reset_token(&user).await;
    let by_a_person = queue_one(&admin).await.to_string();

    assert_eq!(app.dispatch_emails().await, Ok(3));

    for mail in app.mailbox.messages() {
        let is_automatic = mail.headers.get("Auto-Submitted").map(String::as_str) == Some("auto-generated");
        assert_eq!(is_automatic, mail.tags["email_id"] != by_a_person, "{}", mail.subject);
        assert!(!mail.headers.contains_key("References"), "{}", mail.subject);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_persons_mail_is_sent_as_wrapped_text_and_as_html(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let link = format!("https://red.example/hotels?q={}&page=2", "a".repeat(100));
    let body = format!("Bonjour <Awa>,\r\n\r\n{}Voir {link}.\nÀ demain", "mot ".repeat(60));
    let email = json!({ "recipient": new_email(), "subject": "Été & \"hiver\"", "body": body });
    let row = admin.post("/api/emails/", email).await.expect(201);

    assert_eq!(app.dispatch_emails().await, Ok(1));

    let mail = last(&app);
    assert_eq!(mail.subject, "Été & \"hiver\"");
    assert!(mail.text.lines().all(|line| line.chars().count() <= 76 || line == format!("{link}.")), "{}", mail.text);
    assert!(mail.text.contains(&link) && mail.text.matches("mot").count() == 60, "{}", mail.text);
    let href = format!("href=\"{}\"", link.replace('&', "&#38;"));
    assert!(mail.html.contains(&href) && mail.html.contains("Bonjour &#60;Awa&#62;,</p>"), "{}", mail.html);
    assert!(mail.html.contains("<br>\nÀ demain</p>") && !mail.html.contains("équipe"), "{}", mail.html);
    assert_eq!(admin.get(&format!("/api/emails/{}/", row["id"])).await.expect(200)["body"], row["body"]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_body_of_one_long_line_is_sent_in_lines_of_998_octets(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let email = json!({ "recipient": new_email(), "subject": "Objet", "body": "é".repeat(5_000) });
    admin.post("/api/emails/", email).await.expect(201);

    assert_eq!(app.dispatch_emails().await, Ok(1));

    let mail = last(&app);
    assert!(mail.text.lines().all(|line| line.len() <= 998), "{:?}", mail.text.lines().map(str::len).max());
    assert_eq!(mail.text.matches('é').count(), 5_000);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn mail_queued_by_an_earlier_release_is_sent_as_it_was_queued(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let insert = "
        insert into emails_email (recipient, subject, body, html, secret, expires_at) values
            ('awa@example.sn', 'Lien', 'Voir token=…', '<p>token=…</p>', 'secret', now() + interval '1 hour');
        insert into emails_email (recipient, subject, body, html)
            values ('awa@example.sn', 'Bienvenue', 'Bonjour,', '<p>Bonjour,</p>');
        insert into emails_email (recipient, subject, body) values ('awa@example.sn', 'Lettre', 'Voir token=…');
    ";
    sqlx::raw_sql(insert).execute(&app.owner).await.unwrap();

    assert_eq!(app.dispatch_emails().await, Ok(3));

    let mails = app.mailbox.messages();
    let mail = |subject: &str| mails.iter().find(|mail| mail.subject == subject).unwrap();
    let automatic = |subject: &str| mail(subject).headers.contains_key("Auto-Submitted");
    assert_eq!((mail("Lien").text.as_str(), mail("Lien").html.as_str()), ("Voir token=secret", "<p>token=secret</p>"));
    assert_eq!(mail("Bienvenue").html, "<p>Bonjour,</p>");
    assert!(mail("Lettre").text == "Voir token=…" && mail("Lettre").html.contains("Voir token=…</p>"));
    assert_eq!(["Lien", "Bienvenue", "Lettre"].map(automatic), [true, true, false]);
}

/// Ends every count: one mail an hour tells of a new password.
async fn an_hour_passes(app: &TestApp) {
    sqlx::query("update auth_attempt set expires_at = now()").execute(&app.owner).await.unwrap();
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn mail_about_an_account_greets_by_first_name_if_it_is_one(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    app.dispatch_emails().await.unwrap();
    assert_eq!(last(&app).text.lines().next(), Some("Bonjour,"), "a stranger may have registered the address");

    for (first_name, greeting) in [
        ("Awa", "Bonjour Awa,"),
        ("Marie-Noëlle Fatou", "Bonjour Marie-Noëlle Fatou,"),
        ("Votre compte est bloqué", "Bonjour,"),
        ("evil.example", "Bonjour,"),
        ("", "Bonjour,"),
    ] {
        user.patch("/api/auth/me/", json!({ "first_name": first_name })).await.expect(200);
        an_hour_passes(&app).await;
        let change = json!({ "current_password": PASSWORD, "new_password": PASSWORD });
        user.post("/api/auth/change-password/", change).await.expect(204);

        assert_eq!(app.dispatch_emails().await, Ok(1));

        let mail = last(&app);
        assert_eq!(mail.text.lines().next(), Some(greeting));
        assert!(mail.html.contains(&format!(">{greeting}</p>")), "{}", mail.html);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_change_during_a_dispatch_is_sent_or_refused(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let mut ids = Vec::new();
    for _ in 0..24 {
        ids.push(queue_one(&admin).await);
    }
    app.mailbox.behave(Behaviour { latency_ms: 5, max_send_rate: 16.0, ..Behaviour::default() });

    let change = async {
        let mut changed = Vec::new();
        for id in ids.iter().rev() {
            let changes = json!({ "recipient": "bob@example.sn", "subject": "Autre", "body": "Autre texte" });
            let status = admin.patch(&format!("/api/emails/{id}/"), changes).await.status.as_u16();
            assert!([200, 409].contains(&status), "{status}");
            changed.push((id.to_string(), status == 200));
        }
        changed
    };
    let (run, changed) = tokio::join!(app.dispatch_emails(), change);

    assert_eq!(run, Ok(24));
    let mails = app.mailbox.messages();
    assert_eq!(mails.len(), 24);
    for (id, is_changed) in &changed {
        let mail = mails.iter().find(|mail| mail.tags["email_id"] == *id).unwrap();
        let parts = [mail.to == ["bob@example.sn"], mail.subject == "Autre", mail.text == "Autre texte"];
        assert_eq!(parts, [*is_changed; 3], "{id}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_leaves_is_a_request_as_ses_publishes_it(owner: PgPool) {
    let requests: Arc<Mutex<Vec<SesRequest>>> = Arc::default();
    let seen = Arc::clone(&requests);
    let answer = json!({
        "SendingEnabled": true,
        "SendQuota": { "Max24HourSend": 200.0, "MaxSendRate": 14.0, "SentLast24Hours": 0.0 },
        "MessageId": "0102",
    });
    let ses = Router::new().fallback(async move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
        seen.lock().unwrap().push((method, uri, headers, body));
        Json(answer)
    });
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(gateway::serve(ses, listener, std::future::pending()));
    let app = TestApp::start_with(owner, |setup| setup.settings.mail.endpoint = Some(endpoint)).await;
    let email = json!({ "recipient": "awa@example.sn", "subject": "Été", "body": "Bonjour" });
    let id = app.admin().await.post("/api/emails/", email).await.expect(201)["id"].to_string();

    assert_eq!(app.dispatch_emails().await, Ok(1));

    let requests = requests.lock().unwrap();
    let lines: Vec<_> = requests.iter().map(|(method, uri, ..)| (method.as_str(), uri.path())).collect();
    assert_eq!(lines, [("GET", "/v2/email/account"), ("POST", "/v2/email/outbound-emails")]);
    let (_, _, headers, body) = &requests[1];
    assert_eq!(headers[header::CONTENT_TYPE], "application/json");
    let signature = headers[header::AUTHORIZATION].to_str().unwrap();
    assert!(signature.starts_with("AWS4-HMAC-SHA256 Credential=local/"), "{signature}");
    assert!(signature.contains("/local/ses/aws4_request, SignedHeaders="), "{signature}");
    // https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
    let body: Value = serde_json::from_slice(body).unwrap();
    let html = &body["Content"]["Simple"]["Body"]["Html"]["Data"];
    assert!(html.as_str().unwrap().contains(">Bonjour</p>"), "{html}");
    let published = json!({
        "FromEmailAddress": "RED PRODUCT <no-reply@red.example>",
        "ReplyToAddresses": ["support@red.example"],
        "Destination": { "ToAddresses": ["awa@example.sn"] },
        "Content": { "Simple": {
            "Subject": { "Data": "Été", "Charset": "UTF-8" },
            "Body": {
                "Text": { "Data": "Bonjour", "Charset": "UTF-8" },
                "Html": { "Data": html, "Charset": "UTF-8" },
            },
        } },
        "EmailTags": [{ "Name": "email_id", "Value": id }],
        "ConfigurationSetName": "red-product",
    });
    assert_eq!(body, published);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_international_domain_is_written_as_dns_has_it(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let email = json!({ "recipient": "Awa@Société.sn", "subject": "Objet", "body": "Bonjour" });
    let row = app.admin().await.post("/api/emails/", email).await.expect(201);

    assert_eq!(app.dispatch_emails().await, Ok(1));

    assert_eq!(row["recipient"], "Awa@société.sn");
    assert_eq!(last(&app).to, ["Awa@xn--socit-esab.sn"]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_forgotten_password_calls_the_dispatcher_whoever_asks(owner: PgPool) {
    let app = TestApp::start(owner).await;

    for email in [app.user().await.email(), "nobody@example.sn"] {
        app.public().post("/api/auth/forgot-password/", json!({ "email": email })).await.expect(200);

        tokio::time::timeout(Duration::from_secs(1), app.mail_wanted.notified()).await.expect(email);
    }
}

// What goes wrong.

#[sqlx::test(migrator = "MIGRATOR")]
async fn each_answer_of_ses_has_its_consequence(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;

    for (fault, alarms, status, attempts, unknowns) in [
        (Fault::Throttle, false, "pending", 0, 0),
        (Fault::Fail, false, "pending", 1, 0),
        (Fault::Reject, false, "failed", 1, 0),
        (Fault::Reset, false, "pending", 1, 1),
        (Fault::AcceptThenReset, false, "pending", 1, 1),
        (Fault::Quota, true, "pending", 0, 0),
        (Fault::Suspend, true, "pending", 0, 0),
        (Fault::RefuseIdentity, true, "pending", 0, 0),
    ] {
        let id = queue_one(&admin).await;
        app.mailbox.behave(Behaviour { fault: Some(fault), times: Some(1), ..Behaviour::default() });

        let run = app.dispatch_emails().await;

        assert_eq!(run.is_err(), alarms, "{fault:?}: {run:?}");
        assert_eq!(state(&app, id).await, (status.to_owned(), attempts, unknowns), "{fault:?}");
        let row = admin.get(&format!("/api/emails/{id}/")).await.expect(200);
        // An account that may not send is not even tried.
        assert_eq!(row["last_error"] == "", fault == Fault::Suspend, "{fault:?}: {row}");
        app.mailbox.behave(Behaviour::default());
        if status == "pending" {
            come_due(&app).await;
            assert_eq!(app.dispatch_emails().await, Ok(1), "{fault:?}");
            assert_eq!(state(&app, id).await.0, "sent");
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_email_that_may_have_gone_goes_again_at_most_three_times(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let id = queue_one(&app.admin().await).await;
    app.mailbox.behave(Behaviour { fault: Some(Fault::AcceptThenReset), ..Behaviour::default() });

    for _ in 0..6 {
        come_due(&app).await;
        assert_eq!(app.dispatch_emails().await, Ok(0));
    }

    assert_eq!(app.mailbox.messages().len(), 4);
    assert_eq!(state(&app, id).await.0, "failed");
    // A report of its arrival settles what nobody knew.
    app.report(&last(&app), "delivery").await;
    assert_eq!(state(&app, id).await.0, "sent");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_email_that_ses_never_takes_is_given_up_after_twelve_attempts(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let id = queue_one(&app.admin().await).await;
    app.mailbox.behave(Behaviour { fault: Some(Fault::Fail), ..Behaviour::default() });

    for attempts in 1..=12 {
        assert_ne!(state(&app, id).await.0, "failed", "after {attempts}");
        come_due(&app).await;
        app.dispatch_emails().await.unwrap();
    }

    assert_eq!(state(&app, id).await, ("failed".to_owned(), 12, 0));
    assert_eq!(app.mailbox.requests().0, 12);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_retry_waits_longer_each_time_and_never_the_same(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    for _ in 0..20 {
        queue_one(&admin).await;
    }
    app.mailbox.behave(Behaviour { fault: Some(Fault::Fail), ..Behaviour::default() });
    app.dispatch_emails().await.unwrap();
    let spread = "select count(distinct next_attempt_at), extract(epoch from max(next_attempt_at) - now())::float8,
                  count(*) filter (where next_attempt_at > now() + interval '15 seconds') from emails_email";
    let (distinct, longest, late): (i64, f64, i64) = sqlx::query_as(spread).fetch_one(&app.owner).await.unwrap();
    assert_eq!(distinct, 20);
    assert!(longest <= 30.0 && late > 0, "{longest} {late}");

    sqlx::query("update emails_email set attempts = 10").execute(&app.owner).await.unwrap();
    come_due(&app).await;
    app.dispatch_emails().await.unwrap();

    let (_, longest, _): (i64, f64, i64) = sqlx::query_as(spread).fetch_one(&app.owner).await.unwrap();
    assert!(longest > 120.0 && longest <= 3600.0, "{longest}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_answer_that_never_comes_is_waited_for_no_longer_than_ten_seconds(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let id = queue_one(&app.admin().await).await;
    app.mailbox.behave(Behaviour { fault: Some(Fault::AcceptThenHang), times: Some(1), ..Behaviour::default() });
    let began = Instant::now();

    assert_eq!(app.dispatch_emails().await, Ok(0));

    assert!((9.5..13.0).contains(&began.elapsed().as_secs_f64()), "{:?}", began.elapsed());
    assert_eq!(state(&app, id).await, ("pending".to_owned(), 1, 1));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn while_nobody_answers_for_ses_no_email_is_touched(owner: PgPool) {
    let app = TestApp::start_with(owner, |setup| {
        setup.settings.mail.endpoint = Some("http://127.0.0.1:9".to_owned());
    })
    .await;
    let id = queue_one(&app.admin().await).await;

    assert!(app.dispatch_emails().await.is_err());

    assert_eq!(state(&app, id).await, ("pending".to_owned(), 0, 0));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn where_sending_is_paused_one_email_finds_out_for_all(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    for _ in 0..10 {
        queue_one(&admin).await;
    }
    app.mailbox.behave(Behaviour { fault: Some(Fault::RefuseIdentity), ..Behaviour::default() });

    let alarm = app.dispatch_emails().await.unwrap_err();

    assert!(alarm.contains("not verified"), "{alarm}");
    assert_eq!(app.mailbox.requests().0, 1);
    let attempted = "select count(*) from emails_email where attempts > 0 or status <> 'pending'";
    assert_eq!(sqlx::query_scalar::<_, i64>(attempted).fetch_one(&app.owner).await.unwrap(), 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn no_more_is_sent_than_the_day_allows(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    for _ in 0..5 {
        queue_one(&admin).await;
    }
    app.mailbox.behave(Behaviour { max_24_hour_send: 3.0, ..Behaviour::default() });

    assert!(app.dispatch_emails().await.unwrap_err().contains("quota"));
    assert!(app.dispatch_emails().await.unwrap_err().contains("quota"));

    assert_eq!((app.mailbox.messages().len(), app.mailbox.requests().0), (3, 3));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn mail_leaves_at_the_accounts_rate(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    for _ in 0..45 {
        queue_one(&admin).await;
    }
    app.mailbox.behave(Behaviour { max_send_rate: 20.0, latency_ms: 50, ..Behaviour::default() });
    let began = Instant::now();

    assert_eq!(app.dispatch_emails().await, Ok(45));

    assert_eq!(app.mailbox.requests(), (45, 0));
    assert!(began.elapsed() > Duration::from_secs_f64(44.0 / 20.0), "{:?}", began.elapsed());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_throttled_dispatcher_slows_down_and_loses_nothing(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    for _ in 0..30 {
        queue_one(&admin).await;
    }
    app.mailbox.behave(Behaviour {
        max_send_rate: 50.0,
        fault: Some(Fault::Throttle),
        times: Some(1),
        ..Behaviour::default()
    });

    let first = app.dispatch_emails().await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let then = app.dispatch_emails().await.unwrap();

    assert_eq!((first + then, app.mailbox.messages().len()), (30, 30));
    assert_eq!(app.mailbox.requests(), (31, 1));
    let attempts = "select max(attempts) from emails_email";
    assert_eq!(sqlx::query_scalar::<_, i32>(attempts).fetch_one(&app.owner).await.unwrap(), 1);
}

// Who waits for whom.

#[sqlx::test(migrator = "MIGRATOR")]
async fn mail_to_dead_addresses_delays_no_other(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let dead = "with dead as (
                    insert into emails_suppression (recipient, reason)
                    select 'dead' || n || '@example.sn', 'bounced' from generate_series(1, 10000) as n
                    returning recipient
                )
                insert into emails_email (recipient, subject, body, next_attempt_at)
                select upper(recipient), 'Objet', 'Bonjour', now() - interval '1 day' from dead";
    sqlx::query(dead).execute(&app.owner).await.unwrap();
    let id = queue_one(&admin).await;
    let began = Instant::now();

    assert_eq!(app.dispatch_emails().await, Ok(1));

    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(state(&app, id).await.0, "sent");
    let failed = "select count(*) from emails_email where status = 'failed' and attempts = 0";
    assert_eq!(sqlx::query_scalar::<_, i64>(failed).fetch_one(&app.owner).await.unwrap(), 10_000);
    assert_eq!(app.mailbox.requests().0, 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_email_that_hangs_or_fails_delays_no_other(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    for fault in [Fault::Hang, Fault::Fail, Fault::Reject, Fault::Reset] {
        app.mailbox.clear();
        for _ in 0..20 {
            queue_one(&admin).await;
        }
        // The first of them.
        app.mailbox.behave(Behaviour { fault: Some(fault), times: Some(1), ..Behaviour::default() });
        let began = Instant::now();

        let others = async {
            while app.mailbox.messages().len() < 19 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            began.elapsed()
        };
        let (sent, took) = tokio::join!(app.dispatch_emails(), others);

        assert_eq!(sent, Ok(19), "{fault:?}");
        assert!(took < Duration::from_secs(4), "{fault:?}: {took:?}");
        sqlx::query("delete from emails_email").execute(&app.owner).await.unwrap();
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_reset_link_overtakes_everything_else(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    for _ in 0..20 {
        queue_one(&admin).await;
    }
    app.reset_token(&user).await;

    app.dispatch_emails().await.unwrap();

    assert_eq!(app.mailbox.messages()[0].to, [user.email()]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_reset_link_that_has_expired_is_not_sent(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    app.reset_token(&user).await;
    let expire = "update emails_email set expires_at = now() where secret is not null returning id";
    let id = sqlx::query_scalar(expire).fetch_one(&app.owner).await.unwrap();

    assert_eq!(app.dispatch_emails().await, Ok(1));

    assert_eq!(state(&app, id).await.0, "failed");
    assert_eq!(last(&app).subject, "Bienvenue sur RED PRODUCT");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_four_dispatchers_at_once_one_works_and_each_mail_goes_once(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    for _ in 0..40 {
        queue_one(&admin).await;
    }
    app.mailbox.behave(Behaviour { latency_ms: 20, ..Behaviour::default() });

    let (a, b, c, d) =
        tokio::join!(app.dispatch_emails(), app.dispatch_emails(), app.dispatch_emails(), app.dispatch_emails());

    let mut sent = [a, b, c, d].map(Result::unwrap);
    sent.sort_unstable();
    assert_eq!(sent, [0, 0, 0, 40]);
    assert_eq!(app.mailbox.messages().len(), 40);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_is_queued_while_a_dispatcher_ends_is_sent_by_it_when_it_is_called(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    queue_one(&admin).await;
    app.mailbox.behave(Behaviour { latency_ms: 1_500, ..Behaviour::default() });

    let call_again = async {
        // The first has found nothing more by now, and waits for its one answer.
        tokio::time::sleep(Duration::from_millis(700)).await;
        queue_one(&admin).await;
        app.dispatch_emails().await
    };
    let (first, second) = tokio::join!(app.dispatch_emails(), call_again);

    assert_eq!((first, second), (Ok(2), Ok(0)));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_dispatcher_that_died_is_succeeded_when_its_leases_end(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let id = queue_one(&app.admin().await).await;
    // It had claimed the mail.
    let die = "update emails_dispatcher set holder = gen_random_uuid(), held_until = now() + interval '1 second'";
    sqlx::query(die).execute(&app.owner).await.unwrap();
    let claim = "update emails_email set status = 'sending', attempts = 1, claims = 1,
                 next_attempt_at = now() + interval '1 second'";
    sqlx::query(claim).execute(&app.owner).await.unwrap();
    assert_eq!(app.dispatch_emails().await, Ok(0));

    tokio::time::sleep(Duration::from_millis(1_100)).await;

    assert_eq!(app.dispatch_emails().await, Ok(1));
    assert_eq!(state(&app, id).await, ("sent".to_owned(), 2, 1));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn whoever_reports_after_somebody_else_has_claimed_changes_nothing(owner: PgPool) {
    let mut options = None;
    let app = TestApp::start_with(owner, |setup| options = Some(setup.options.clone())).await;
    let id = queue_one(&app.admin().await).await;
    let db = Db::pool(options.unwrap(), 1);
    let mut conn = db.acquire().await.unwrap();
    let (_, slow) = queue::claim(&mut conn, 1, 0.0).await.unwrap();
    let (_, next) = queue::claim(&mut conn, 1, 60.0).await.unwrap();
    let (slow, next) = (slow[0].claim, next[0].claim);

    queue::complete(&mut conn, &[(slow, "late".to_owned())]).await.unwrap();
    queue::release(&mut conn, slow, Setback::Transient, "late").await.unwrap();
    queue::fail(&mut conn, slow, "late").await.unwrap();
    assert_eq!(state(&app, id).await, ("sending".to_owned(), 2, 1));
    queue::complete(&mut conn, &[(next, "in time".to_owned())]).await.unwrap();
    queue::complete(&mut conn, &[(next, "again".to_owned())]).await.unwrap();

    let message_id: String = sqlx::query_scalar("select message_id from emails_email where id = $1")
        .bind(id)
        .fetch_one(&app.owner)
        .await
        .unwrap();
    assert_eq!((slow.id, next.id, message_id.as_str()), (id, id, "in time"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_rolled_back_request_sends_no_mail(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let taken = app.user().await;
    app.public().post("/api/auth/register/", registration(taken.email())).await.expect(400);

    assert_eq!(app.dispatch_emails().await, Ok(1));
}

// What becomes of it.

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_bounce_and_a_complaint_suppress_the_address_and_count_once(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;

    for (what, status) in [("bounce", "bounced"), ("complaint", "complained")] {
        let recipient = format!("{what}@Example.sn");
        let body = json!({ "recipient": recipient, "subject": "Objet", "body": "Bonjour" });
        let id = admin.post("/api/emails/", body.clone()).await.expect(201)["id"].as_i64().unwrap();
        app.dispatch_emails().await.unwrap();
        let mail = last(&app);

        app.report(&mail, what).await;
        let reported = admin.get(&format!("/api/emails/{id}/")).await;
        app.report(&mail, what).await;
        app.report(&mail, "delivery").await;

        let again = admin.get(&format!("/api/emails/{id}/")).await;
        assert_eq!(reported.expect(200)["status"], status);
        assert_eq!(again.header("etag"), reported.header("etag"), "{what}: twice changes nothing");
        let suppressed = admin.get(&format!("/api/emails/suppressions/?search={what}")).await.expect(200);
        let row = &suppressed["results"][0];
        assert_eq!((&row["recipient"], &row["reason"]), (&json!(recipient.to_lowercase()), &json!(status)));
        assert!(admin.post("/api/emails/", body.clone()).await.expect(400).get("recipient").is_some());

        // Lifted, and the old report once more.
        admin.delete(&format!("/api/emails/suppressions/{}/", row["id"])).await.expect(204);
        app.report(&mail, what).await;
        admin.post("/api/emails/", body).await.expect(201);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_complaint_after_a_bounce_counts_and_not_the_other_way_round(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let id = queue_one(&app.admin().await).await;
    app.dispatch_emails().await.unwrap();

    app.report(&last(&app), "bounce").await;
    app.report(&last(&app), "complaint").await;
    app.report(&last(&app), "bounce").await;

    assert_eq!(state(&app, id).await.0, "complained");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_full_mailbox_is_noted_and_its_address_stays(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let id = queue_one(&admin).await;
    app.dispatch_emails().await.unwrap();

    app.report(&last(&app), "soft_bounce").await;

    let row = admin.get(&format!("/api/emails/{id}/")).await.expect(200);
    assert_eq!(
        (&row["status"], &row["last_error"]),
        (&json!("sent"), &json!("Transient: smtp; 552 5.2.2 mailbox full"))
    );
    assert_eq!(admin.get("/api/emails/suppressions/").await.expect(200)["count"], 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn whatever_another_server_says_its_bounce_counts(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let id = queue_one(&admin).await;
    app.dispatch_emails().await.unwrap();
    let mut report = last(&app).report("bounce").unwrap();
    report["detail"]["bounce"]["bouncedRecipients"][0]["diagnosticCode"] =
        json!(format!("550 \0 {}", "no ".repeat(5_000)));

    app.hear(report).await;

    let row = admin.get(&format!("/api/emails/{id}/")).await.expect(200);
    let reason = row["last_error"].as_str().unwrap();
    assert_eq!((&row["status"], reason.chars().count()), (&json!("bounced"), 1_000));
    assert!(reason.starts_with("Permanent: 550 \u{fffd} no no "), "{reason}");
    assert_eq!(admin.get("/api/emails/suppressions/").await.expect(200)["count"], 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_report_about_nobodys_mail_changes_nothing(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let id = queue_one(&app.admin().await).await;
    app.dispatch_emails().await.unwrap();

    for tag in ["999999", "abc", ""] {
        let mut mail = last(&app);
        mail.tags.insert("email_id".to_owned(), tag.to_owned());
        app.report(&mail, "bounce").await;
    }
    let mut untagged = last(&app);
    untagged.tags.clear();
    app.report(&untagged, "complaint").await;

    assert_eq!(state(&app, id).await.0, "sent");
}

// Housekeeping.

#[sqlx::test(migrator = "MIGRATOR")]
async fn once_an_hour_what_is_over_is_removed_and_nothing_else(owner: PgPool) {
    let app = TestApp::start_with(owner, |setup| setup.settings.mail.retention_days = 30).await;
    let (admin, user) = (app.admin().await, app.user().await);
    app.dispatch_emails().await.unwrap();
    let fill = "
        insert into auth_session (id, user_id, expires_at)
        select n, (select min(id) from users_customuser), now() - n * interval '6 days' from generate_series(1, 2) as n;
        insert into auth_password_reset (token_sha256, user_id, expires_at)
        select decode(n::text, 'escape'), (select min(id) from users_customuser), now() - n * interval '13 hours'
        from generate_series(1, 2) as n;
        insert into auth_attempt values ('old', 'x', 1, now()), ('new', 'x', 1, now() + interval '1 minute');
        insert into idempotency_key (user_id, path, key_sha256, body_sha256, expires_at)
        select (select min(id) from users_customuser), '/', n::text::bytea, '', now() + n * interval '1 hour'
        from generate_series(-1, 1, 2) as n;
        insert into emails_email (recipient, subject, body, status, created_at, updated_at, next_attempt_at)
        select status || '@example.sn', '', '', status, age, age, now() + interval '1 day'
        from generate_series(1, 2) as n, unnest(array['failed', 'cancelled', 'pending']) as status,
            lateral (select now() - n * interval '20 days') as of_then (age);
        insert into emails_email (recipient, subject, body, status, created_at, updated_at)
        select 'many', '', '', 'failed', age, age
        from generate_series(1, 2500), (select now() - interval '1 year') as of_then (age);
    ";
    sqlx::raw_sql(fill).execute(&app.owner).await.unwrap();
    let kept = "select
        (select count(*) from auth_session where id in (1, 2)) || ' ' || (select count(*) from auth_password_reset) || ' '
        || (select count(*) from auth_attempt where kind in ('old', 'new')) || ' '
        || (select count(*) from idempotency_key) || ' '
        || (select count(*) from emails_email where recipient in ('failed@example.sn', 'cancelled@example.sn')) || ' '
        || (select count(*) from emails_email where recipient = 'pending@example.sn') || ' '
        || (select count(*) from emails_email where recipient = 'many')";
    let kept = async || sqlx::query_scalar::<_, String>(kept).fetch_one(&app.owner).await.unwrap();

    app.dispatch_emails().await.unwrap();
    assert_eq!(kept().await, "2 2 2 2 4 2 2500", "within the hour");
    let later = "update emails_dispatcher set tidied_at = now() - interval '1 hour'";
    sqlx::query(later).execute(&app.owner).await.unwrap();
    app.dispatch_emails().await.unwrap();

    assert_eq!(kept().await, "1 1 1 1 2 2 0");
    assert_eq!(
        (user.get("/api/auth/me/").await.status, admin.get("/api/auth/me/").await.status.as_u16()),
        (http::StatusCode::OK, 200)
    );
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn once_an_hour_photos_of_yesterday_that_no_hotel_names_are_removed(owner: PgPool) {
    let folder = std::env::temp_dir().join(format!("red-photos-{}", uuid::Uuid::new_v4()));
    fs::create_dir(&folder).unwrap();
    let store = Store::open(&config::Store::Folder(folder.clone())).unwrap();
    let app = TestApp::start_with(owner, |setup| {
        setup.settings.images = Images::new(store, "http://web.test/media");
    })
    .await;
    let admin = app.admin().await;
    let photo = hotel(json!({ "image_base64": data_url("png", PNG) }));
    let named = admin.post("/api/hotels/", photo).await.expect(201);
    let named = named["image_url"].as_str().unwrap().strip_prefix("http://web.test/media/").unwrap().to_owned();
    let photos = [named.as_str(), "hotels/1/orphan.png", "hotels/2/orphan.jpg", "hotels/3/new.png", "other/orphan.png"];
    for photo in photos {
        let file = folder.join(photo);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let file = File::options().append(true).create(true).open(file).unwrap();
        let age = Duration::from_secs(if photo.contains("new") { 23 } else { 25 } * 60 * 60);
        file.set_modified(SystemTime::now() - age).unwrap();
    }
    let kept = || photos.map(|photo| folder.join(photo).exists());

    app.dispatch_emails().await.unwrap();
    assert_eq!(kept(), [true; 5], "within the hour");
    let later = "update emails_dispatcher set tidied_at = now() - interval '1 hour'";
    sqlx::query(later).execute(&app.owner).await.unwrap();
    app.dispatch_emails().await.unwrap();

    assert_eq!(kept(), [true, false, false, true, true]);
    fs::remove_dir_all(&folder).unwrap();
}

/// What arrives at SES.
type SesRequest = (Method, Uri, HeaderMap, Bytes);

async fn queue_one(admin: &Caller) -> i64 {
    let email = json!({ "recipient": new_email(), "subject": "Objet", "body": "Bonjour" });
    let created: Value = admin.post("/api/emails/", email).await.expect(201);
    created["id"].as_i64().unwrap()
}

fn last(app: &TestApp) -> Message {
    app.mailbox.messages().pop().expect("a mail")
}

/// Whatever waits, waits no longer.
async fn come_due(app: &TestApp) {
    let update = "update emails_email set next_attempt_at = now() where status in ('pending', 'sending')";
    sqlx::query(update).execute(&app.owner).await.unwrap();
}

/// Status, attempts, and how often nobody knew.
async fn state(app: &TestApp, id: i64) -> (String, i32, i32) {
    let select = "select status, attempts, unknowns from emails_email where id = $1";
    sqlx::query_as(select).bind(id).fetch_one(&app.owner).await.unwrap()
}
