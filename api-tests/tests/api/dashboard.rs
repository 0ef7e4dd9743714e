//! The dashboard: figures that are exact, of what the caller may see.

use api_tests::{Caller, TestApp};
use chrono::{Days, Utc};
use http::Method;
use serde_json::{Value, json};
use shared::db::MIGRATOR;
use sqlx::{AssertSqlSafe, PgPool};

use crate::hotels::{created, path};

async fn dashboard(caller: &Caller) -> Value {
    caller.get("/api/dashboard/").await.expect(200)
}

/// Rows that no test of this file needs to write itself. `$admin` and `$user` are ids.
async fn insert(app: &TestApp, admin: &Caller, user: &Caller, sql: &str) {
    let sql = sql.replace("$admin", &admin.id().to_string()).replace("$user", &user.id().to_string());
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&app.owner).await.unwrap();
}

async fn insert_tickets_and_messages(app: &TestApp, admin: &Caller, user: &Caller) {
    insert(
        app,
        admin,
        user,
        "
        insert into tickets_ticket (title, description, user_id, status)
        values ('A', 'a', $user, 'open'), ('B', 'b', $user, 'closed'), ('C', 'c', $admin, 'in_progress');
        insert into messages_message (sender_id, recipient_id, content, is_read)
        values ($admin, $user, 'A', false), ($admin, $user, 'B', true), ($user, $admin, 'C', false);
        insert into users_customuser (id, email, email_key, password) values (800, 'x', 'x', ''), (801, 'y', 'y', '');
        insert into messages_message (sender_id, recipient_id, content) values (800, 801, 'Secret');
        insert into messages_message (sender_id, recipient_id, content, hidden_for_sender, hidden_for_recipient)
        values ($admin, $user, 'Hidden', true, false), ($user, $admin, 'Hidden', false, true);
        insert into emails_email (recipient, subject, body, secret, expires_at, status)
        values
            ('a@example.sn', 'A', 'Body', 'Secret', now() + interval '1 hour', 'pending'),
            ('b@example.sn', 'B', 'Body', null, null, 'cancelled');
        insert into forms_form (id, title, fields, is_active) values (1, 'A', '[]', true), (2, 'B', '[]', false);
        insert into entries_entry (form_id, data) values (1, '{}'), (1, '{}'), (2, '{}');
        ",
    )
    .await;
}

fn names(rows: &Value, field: &str) -> Vec<String> {
    rows.as_array().unwrap().iter().map(|row| row[field].as_str().unwrap().to_owned()).collect()
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_empty_platform_has_every_figure(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;

    let shown = dashboard(&admin).await;

    let keys: Vec<_> = shown.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "activity",
            "counts",
            "emails_by_status",
            "hotels_by_city",
            "popular_hotels",
            "recent_emails",
            "recent_messages",
            "recent_tickets",
            "tickets_by_status",
            "unread_messages",
        ]
    );
    assert_eq!(
        shown["counts"],
        json!({ "forms": 0, "messages": 0, "users": 1, "emails": 0, "hotels": 0, "entries": 0, "tickets": 0 })
    );
    assert_eq!(shown["unread_messages"], 0);
    assert_eq!(shown["tickets_by_status"], json!({ "open": 0, "in_progress": 0, "closed": 0 }));
    assert_eq!(
        shown["emails_by_status"],
        json!({
            "pending": 0, "sending": 0, "sent": 0, "failed": 0, "cancelled": 0, "bounced": 0, "complained": 0,
        })
    );
    for list in ["hotels_by_city", "recent_tickets", "recent_messages", "recent_emails", "popular_hotels"] {
        assert_eq!(shown[list], json!([]), "{list}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_administrator_sees_all_figures(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    sqlx::query("delete from emails_email").execute(&app.owner).await.unwrap();
    insert_tickets_and_messages(&app, &admin, &user).await;
    created(&admin, json!({})).await;
    created(&admin, json!({ "is_active": false })).await;

    let shown = dashboard(&admin).await;

    assert_eq!(
        shown["counts"],
        json!({ "forms": 2, "messages": 3, "users": 4, "emails": 2, "hotels": 2, "entries": 3, "tickets": 3 })
    );
    assert_eq!(shown["unread_messages"], 1);
    assert_eq!(shown["tickets_by_status"], json!({ "open": 1, "in_progress": 1, "closed": 1 }));
    let emails = &shown["emails_by_status"];
    assert_eq!((&emails["pending"], &emails["cancelled"], &emails["sent"]), (&json!(1), &json!(1), &json!(0)));
    assert_eq!(names(&shown["recent_tickets"], "title"), ["C", "B", "A"]);
    assert_eq!(names(&shown["recent_messages"], "content"), ["C", "B", "A"]);
    assert_eq!(names(&shown["recent_emails"], "subject"), ["B", "A"]);
    let today = &shown["activity"][29];
    assert_eq!(today, &json!({ "date": today["date"], "tickets": 3, "messages": 3, "entries": 3, "emails": 2 }));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_user_sees_their_own_figures_and_what_is_active(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    insert_tickets_and_messages(&app, &admin, &user).await;
    created(&admin, json!({ "city": "Dakar" })).await;
    created(&admin, json!({ "city": "Dakar", "is_active": false, "rating": 5 })).await;
    created(&admin, json!({ "city": "Saly", "is_active": false })).await;

    let shown = dashboard(&user).await;

    assert_eq!(
        shown["counts"],
        json!({ "forms": 1, "messages": 5, "users": null, "emails": null, "hotels": 1, "entries": null, "tickets": 2 })
    );
    assert_eq!(shown["unread_messages"], 2);
    assert_eq!(shown["tickets_by_status"], json!({ "open": 1, "in_progress": 0, "closed": 1 }));
    assert_eq!(shown["emails_by_status"], json!({}));
    assert_eq!(shown["hotels_by_city"], json!([{ "city": "Dakar", "count": 1 }]));
    assert_eq!(names(&shown["recent_tickets"], "title"), ["B", "A"]);
    assert_eq!(names(&shown["recent_messages"], "content"), ["Hidden", "Hidden", "C", "B", "A"]);
    assert_eq!(shown["recent_emails"], json!([]));
    assert_eq!(shown["popular_hotels"].as_array().unwrap().len(), 1);
    let today = &shown["activity"][29];
    assert_eq!(today, &json!({ "date": today["date"], "tickets": 2, "messages": 5, "entries": null, "emails": null }));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn activity_has_each_of_the_last_thirty_days_oldest_first(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    insert(
        &app,
        &admin,
        &user,
        "
        insert into tickets_ticket (title, description, user_id, created_at)
        select 'A', 'a', $user, date_trunc('day', now() at time zone 'UTC') at time zone 'UTC' + after
        from unnest(array['-1 microsecond', '0', '-29 days', '-29 days -1 microsecond', '-3 years']::interval[]) as after;
        ",
    )
    .await;

    for caller in [&admin, &user] {
        let activity = dashboard(caller).await["activity"].clone();

        let today = Utc::now().date_naive();
        let days: Vec<String> = (0..30).rev().map(|ago| (today - Days::new(ago)).to_string()).collect();
        assert_eq!(names(&activity, "date"), days);
        let tickets: Vec<_> = activity.as_array().unwrap().iter().map(|day| day["tickets"].as_i64().unwrap()).collect();
        assert_eq!((tickets[0], tickets[28], tickets[29]), (1, 1, 1));
        assert_eq!(tickets.iter().sum::<i64>(), 3);
        assert_eq!(dashboard(caller).await["counts"]["tickets"], 5);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_is_deleted_is_in_no_figure(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    insert_tickets_and_messages(&app, &admin, &user).await;
    let hotel = created(&admin, json!({})).await;
    assert_eq!(dashboard(&admin).await["activity"][29]["tickets"], 3);

    admin.delete(&path(&hotel)).await.expect(204);
    let delete = "
        delete from tickets_ticket where title = 'B';
        delete from entries_entry where form_id = 1;
        update messages_message set hidden_for_recipient = true where content = 'C';
        delete from emails_email;";
    insert(&app, &admin, &user, delete).await;

    let shown = dashboard(&admin).await;
    let counts = &shown["counts"];
    assert_eq!((&counts["hotels"], &counts["entries"], &counts["messages"]), (&json!(0), &json!(1), &json!(2)));
    let today = &shown["activity"][29];
    assert_eq!(today, &json!({ "date": today["date"], "tickets": 2, "messages": 2, "entries": 1, "emails": 0 }));
    assert_eq!(shown["tickets_by_status"]["closed"], 0);
    assert_eq!((&shown["unread_messages"], &shown["hotels_by_city"]), (&json!(0), &json!([])));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_latest_five_rows_are_those_of_their_lists(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    insert(
        &app,
        &admin,
        &user,
        "
        delete from emails_email;
        insert into tickets_ticket (title, description, user_id)
        select n::text, 'a', $user from generate_series(1, 7) as n;
        insert into messages_message (sender_id, recipient_id, content, created_at)
        select
            case when n % 2 = 0 then $user else $admin end, case when n % 2 = 0 then $admin else $user end, n::text,
            now() + n * interval '1 second'
        from generate_series(1, 12) as n;
        insert into emails_email (recipient, subject, body, secret, expires_at)
        select 'a@example.sn', n::text, 'Body', 'Secret', now() + interval '1 hour' from generate_series(1, 7) as n;
        ",
    )
    .await;

    let shown = dashboard(&admin).await;

    let five = ["7", "6", "5", "4", "3"];
    assert_eq!(names(&shown["recent_tickets"], "title"), five);
    assert_eq!(names(&shown["recent_emails"], "subject"), five);
    assert_eq!(names(&shown["recent_messages"], "content"), ["12", "11", "10", "9", "8"]);
    let ticket = &shown["recent_tickets"][0];
    assert_eq!(
        ticket,
        &json!({
            "id": ticket["id"], "title": "7", "description": "a", "status": "open", "priority": "medium",
            "user": user.id(), "user_name": "Awa Diop", "created_at": ticket["created_at"],
            "updated_at": ticket["updated_at"],
        })
    );
    assert!(ticket["id"].is_i64() && ticket["created_at"].as_str().unwrap().ends_with('Z'));
    let message = &shown["recent_messages"][0];
    let person = |caller: &Caller| {
        let account = &caller.session["user"];
        json!({
            "id": account["id"], "email": account["email"], "first_name": account["first_name"],
            "last_name": account["last_name"],
        })
    };
    assert_eq!(
        message,
        &json!({
            "id": message["id"], "sender": person(&user), "recipient": person(&admin), "sender_id": user.id(),
            "recipient_id": admin.id(), "content": "12", "is_read": false, "read_at": null,
            "created_at": message["created_at"], "updated_at": message["updated_at"],
        })
    );
    let email = &shown["recent_emails"][0];
    assert_eq!((&email["status"], &email["recipient"]), (&json!("pending"), &json!("a@example.sn")));
    assert!(email.get("body").is_none() && email.get("secret").is_none(), "{email}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn popular_hotels_are_the_highest_rated_active_ones(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let image = json!({ "image_base64": format!("data:image/png;base64,{}", crate::images::PNG) });
    let mut with_photo = Value::Null;
    for (name, rating, is_active) in
        [("A", 4.5, true), ("B", 5.0, false), ("C", 3.0, true), ("D", 4.9, true), ("E", 4.5, true), ("F", 1.0, true)]
    {
        let hotel = created(&admin, json!({ "name": name, "rating": rating, "is_active": is_active })).await;
        if name == "D" {
            with_photo = admin.patch(&path(&hotel), image.clone()).await.expect(200);
        }
    }
    created(&admin, json!({ "name": "G", "rating": 0.5 })).await;

    for caller in [&admin, &app.user().await] {
        let hotels = dashboard(caller).await["popular_hotels"].clone();

        assert_eq!(names(&hotels, "name"), ["D", "E", "A", "C", "F"]);
        for (field, value) in hotels[0].as_object().unwrap() {
            assert_eq!(value, &with_photo[field], "{field}");
        }
        assert!(hotels[0]["image_url"].is_string());
        assert_eq!(hotels[1]["image_url"], json!(null));
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn cities_are_the_twenty_largest_in_a_spelling_that_somebody_chose(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    insert(
        &app,
        &admin,
        &user,
        "
        insert into hotels_hotel (name, city, price_per_night, is_active) values ('A', 'THIÈS', 1, false);
        insert into hotels_hotel (name, city, price_per_night, created_at)
        values ('B', 'Thiès', 1, now() + interval '1 s'), ('C', 'thies', 1, now() + interval '2 s');
        insert into hotels_hotel (name, city, price_per_night)
        select 'D', 'City ' || chr(64 + n), 1 from generate_series(1, 24) as n, generate_series(1, n + 3);
        ",
    )
    .await;

    let (of_admin, of_user) = (dashboard(&admin).await, dashboard(&user).await);

    let cities = of_admin["hotels_by_city"].as_array().unwrap();
    assert_eq!(cities.len(), 20);
    assert_eq!(
        (&cities[0], &cities[19]),
        (&json!({ "city": "City X", "count": 27 }), &json!({ "city": "City E", "count": 8 }))
    );
    sqlx::query("delete from hotels_hotel where name = 'D'").execute(&app.owner).await.unwrap();
    assert_eq!(dashboard(&admin).await["hotels_by_city"], json!([{ "city": "THIÈS", "count": 3 }]));
    assert_eq!(dashboard(&user).await["hotels_by_city"], json!([{ "city": "Thiès", "count": 2 }]));
    assert_eq!(of_user["hotels_by_city"].as_array().unwrap().len(), 20);
}

// What clients of the original call.

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_original_figures_are_kept_under_their_names(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    sqlx::query("delete from emails_email").execute(&app.owner).await.unwrap();
    insert_tickets_and_messages(&app, &admin, &user).await;
    let hotel = created(&admin, json!({ "name": "Téranga" })).await;
    created(&admin, json!({ "name": "Fermé", "is_active": false })).await;

    let of_admin = admin.get("/api/hotels/dashboard/stats/").await.expect(200);
    let of_user = user.get("/api/hotels/dashboard/stats").await.expect(200);

    let popular = json!([{ "id": hotel["id"], "name": "Téranga", "reservations": 0 }]);
    assert_eq!(
        of_admin,
        json!({
            "totalHotels": 2, "totalUsers": 4, "totalReservations": 0, "totalRevenue": 0, "totalTickets": 3,
            "totalMessages": 3, "totalEmails": 2, "recentActivities": of_admin["recentActivities"],
            "popularHotels": popular,
        })
    );
    assert_eq!(
        of_user,
        json!({
            "totalHotels": 1, "totalUsers": 0, "totalReservations": 0, "totalRevenue": 0, "totalTickets": 2,
            "totalMessages": 5, "totalEmails": 0, "recentActivities": of_user["recentActivities"],
            "popularHotels": popular,
        })
    );
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn recent_activities_are_told_newest_first_in_the_callers_language(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    insert(
        &app,
        &admin,
        &user,
        "
        insert into hotels_hotel (id, name, city, price_per_night, created_at, is_active)
        values (51, 'Téranga', 'Dakar', 1, '2026-01-01T08:00:00Z', true),
            (52, 'Fermé', 'Dakar', 1, '2026-01-01T09:00:00Z', false);
        insert into tickets_ticket (id, title, description, user_id, created_at)
        values (61, 'Clim', 'a', $user, '2026-01-02T08:00:00Z'), (62, 'Wifi', 'a', $admin, '2026-01-02T09:00:00Z');
        insert into users_customuser (id, email, email_key, password) values (800, 'x@example.sn', 'x', '');
        insert into messages_message (id, sender_id, recipient_id, content, created_at)
        values (71, $user, 800, 'Secret', '2026-01-03T08:00:00Z'), (72, 800, $user, 'Secret', '2026-01-03T09:00:00Z');
        ",
    )
    .await;
    let path = "/api/hotels/dashboard/stats/";

    let french = user.get(path).await.expect(200)["recentActivities"].clone();
    let english = user.request(Method::GET, path).header("accept-language", "en").send().await.expect(200);
    let of_admin = admin.get(path).await.expect(200)["recentActivities"].clone();

    let activity = |id: i64, kind: &str, description: &str, timestamp: &str| json!({ "id": id, "type": kind, "description": description, "timestamp": timestamp });
    assert_eq!(
        french,
        json!([
            activity(72, "message", "Message reçu de x@example.sn", "2026-01-03T09:00:00.000000Z"),
            activity(71, "message", "Message envoyé à x@example.sn", "2026-01-03T08:00:00.000000Z"),
            activity(61, "ticket", "Nouveau ticket de Awa Diop\u{a0}: Clim", "2026-01-02T08:00:00.000000Z"),
            activity(51, "hotel", "Nouvel hôtel\u{a0}: Téranga", "2026-01-01T08:00:00.000000Z"),
        ])
    );
    assert_eq!(
        names(&english["recentActivities"], "description"),
        [
            "Message received from x@example.sn",
            "Message sent to x@example.sn",
            "New ticket from Awa Diop: Clim",
            "New hotel: Téranga",
        ]
    );
    assert_eq!(of_admin.as_array().unwrap().iter().map(|row| row["id"].clone()).collect::<Vec<_>>(), [62, 61, 52, 51]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_dashboards_are_all_that_is_below_their_paths(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;

    for path in ["/api/hotels/dashboard", "/api/hotels/dashboard/", "/api/hotels/dashboard/more/", "/api/dashboard/1"] {
        assert_eq!(user.get(path).await.expect(404), json!({ "detail": "Pas trouvé." }), "{path}");
        assert_eq!(app.public().get(path).await.status, 401, "{path}");
    }
}
