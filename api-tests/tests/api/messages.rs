//! Messages from one person to another.

use std::time::Duration;

use api_tests::{Caller, TestApp};
use http::Method;
use serde_json::{Value, json};
use shared::db::MIGRATOR;
use sqlx::PgPool;

const FORBIDDEN: &str = "Vous n'avez pas la permission d'effectuer cette action.";
const NOT_FOUND: &str = "Pas trouvé.";

// Writing and reading.

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_message_names_both_people_and_is_unread(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (sender, recipient) = (app.user().await, app.admin().await);

    let body = json!({ "recipient_id": recipient.id(), "content": "  Bonjour \n" });
    let answer = sender.post("/api/messages/", body).await;

    let message = answer.expect(201);
    let expected = json!({
        "id": message["id"],
        "sender": { "id": sender.id(), "email": sender.email(), "first_name": "Awa", "last_name": "Diop" },
        "recipient": { "id": recipient.id(), "email": recipient.email(), "first_name": "", "last_name": "" },
        "sender_id": sender.id(), "recipient_id": recipient.id(), "content": "Bonjour", "is_read": false,
        "read_at": null, "created_at": message["created_at"], "updated_at": message["updated_at"],
    });
    assert_eq!(message, expected);
    for caller in [&sender, &recipient] {
        let read = caller.get(&path(&message)).await;
        assert_eq!((read.expect(200), read.header("etag")), (message.clone(), answer.header("etag")));
        assert_eq!(caller.get("/api/messages/").await.expect(200)["results"], json!([message]));
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_recipient_is_given_as_an_id_or_an_object_under_either_name(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (sender, recipient) = (app.user().await, app.user().await);
    let id = recipient.id();

    for to in [
        json!({ "recipient_id": id }),
        json!({ "recipient_id": id.to_string() }),
        json!({ "recipient": id }),
        json!({ "recipient": { "id": id, "email": "x" } }),
        json!({ "recipient_id": null, "recipient": id }),
        json!({ "recipient_id": id, "recipient": "ignored", "sender_id": id, "is_read": true, "read_at": "x" }),
    ] {
        let mut body = to.clone();
        body["content"] = json!("Bonjour");
        let message = sender.post("/api/messages/", body).await.expect(201);

        assert_eq!((&message["recipient_id"], &message["sender_id"]), (&json!(id), &json!(sender.id())), "{to}");
        assert_eq!(message["is_read"], false);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_message_goes_to_an_active_user_other_than_its_sender(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (sender, gone, admin) = (app.user().await, app.user().await, app.admin().await);
    admin.patch(&format!("/api/users/{}/", gone.id()), json!({ "is_active": false })).await.expect(200);
    let missing = |id: i64| format!("Clé primaire «\u{a0}{id}\u{a0}» non valide - l'objet n'existe pas.");
    let no_such = |id: &str| format!("Clé primaire «\u{a0}{id}\u{a0}» non valide - l'objet n'existe pas.");
    let not_a_key = |kind: &str| format!("Type incorrect. Attendait une clé primaire, a reçu {kind}.");
    let oneself = "Vous ne pouvez pas vous écrire à vous-même.".to_owned();

    for (field, to, text) in [
        ("recipient_id", json!(999_999), missing(999_999)),
        ("recipient", json!({ "id": 999_999 }), missing(999_999)),
        ("recipient_id", json!(gone.id()), missing(gone.id())),
        ("recipient_id", json!(sender.id()), oneself.clone()),
        ("recipient", json!(sender.id().to_string()), oneself),
        ("recipient_id", json!(9_223_372_036_854_775_808_u64), no_such("9223372036854775808")),
        ("recipient_id", json!("-9223372036854775809"), no_such("-9223372036854775809")),
        ("recipient", json!({ "id": 1e300 }), no_such("1e+300")),
        ("recipient", json!(-1), no_such("-1")),
        ("recipient_id", json!("-1"), no_such("-1")),
        ("recipient_id", json!(999_999.0), no_such("999999")),
        ("recipient", json!("awa"), not_a_key("str")),
        ("recipient_id", json!("1.0"), not_a_key("str")),
        ("recipient_id", json!(" "), not_a_key("str")),
        ("recipient_id", json!(1.5), not_a_key("float")),
        ("recipient_id", json!(true), not_a_key("bool")),
        ("recipient_id", json!([1]), not_a_key("list")),
        ("recipient", json!({ "id": [1] }), not_a_key("list")),
        ("recipient_id", json!(""), "Ce champ ne peut être nul.".to_owned()),
        ("recipient_id", json!(null), "Ce champ ne peut être nul.".to_owned()),
    ] {
        let answer = sender.post("/api/messages/", json!({ field: to, "content": "Bonjour" })).await;
        assert_eq!((answer.status.as_u16(), answer.body()), (400, json!({ field: [text] })), "{field}: {to}");
    }
    let required = json!(["Ce champ est obligatoire."]);
    assert_eq!(
        sender.post("/api/messages/", json!({})).await.expect(400),
        json!({ "recipient_id": required, "content": required }),
    );
    assert_eq!(sender.get("/api/messages/").await.expect(200)["count"], 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_content_has_1_to_5000_characters(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (sender, recipient) = (app.user().await, app.user().await);
    let send = async |content: Value| {
        sender.post("/api/messages/", json!({ "recipient_id": recipient.id(), "content": content })).await
    };

    for content in ["é".to_owned(), "é".repeat(5_000)] {
        assert_eq!(send(json!(content)).await.expect(201)["content"], content);
    }
    let too_long = "Assurez-vous que ce champ comporte au plus 5000\u{a0}caractères.";
    for (content, text) in [
        (json!(" "), "Ce champ ne peut être vide."),
        (json!("é".repeat(5_001)), too_long),
        (json!(["x"]), "Une chaîne de caractères est requise."),
        (json!("a\0b"), "Le caractère nul n’est pas autorisé."),
    ] {
        assert_eq!(send(content).await.expect(400), json!({ "content": [text] }));
    }
}

// Who may.

#[sqlx::test(migrator = "MIGRATOR")]
async fn other_peoples_messages_do_not_exist_for_administrators_either(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (sender, recipient, admin, other) = (app.user().await, app.user().await, app.admin().await, app.user().await);
    let message = sent(&sender, &recipient, "Entre nous").await;
    let gone = json!({ "detail": NOT_FOUND });

    for caller in [&admin, &other] {
        for (method, path) in [
            (Method::GET, path(&message)),
            (Method::PATCH, path(&message)),
            (Method::DELETE, path(&message)),
            (Method::POST, format!("{}read/", path(&message))),
        ] {
            for body in [json!({ "is_read": true }), json!({}), json!([])] {
                let answer = caller.request(method.clone(), &path).json(&body).send().await;
                assert_eq!(answer.expect(404), gone, "{method} {path}");
            }
        }
        assert_eq!(caller.get("/api/messages/?search=entre").await.expect(200)["count"], 0);
        let filtered = caller.get(&format!("/api/messages/?with={}", sender.id())).await.expect(200);
        assert_eq!(filtered["count"], 0);
        assert_eq!(caller.get("/api/messages/unread-count/").await.expect(200), json!({ "unread": 0 }));
        assert_eq!(caller.post("/api/messages/read-all/", json!({})).await.expect(200), json!({ "updated": 0 }));
    }
    assert_eq!(recipient.get(&path(&message)).await.expect(200), message);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_message_that_was_sent_is_not_edited(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (sender, recipient) = (app.user().await, app.user().await);
    let message = sent(&sender, &recipient, "Bonjour").await;
    let edit = json!({ "content": "Autre", "recipient_id": 1, "read_at": "2020-01-01T00:00:00Z" });

    let put = sender.put(&path(&message), edit.clone()).await;
    let by_sender = sender.patch(&path(&message), edit.clone()).await;
    let by_recipient = recipient.patch(&path(&message), edit).await;

    assert_eq!(put.expect(405), json!({ "detail": "Méthode «\u{a0}PUT\u{a0}» non autorisée." }));
    let mut allow: Vec<_> = put.header("allow").split(", ").collect();
    allow.sort_unstable();
    assert_eq!(allow, ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH"]);
    assert_eq!(by_sender.expect(200), message, "nothing changed, the time neither");
    let mut after = by_recipient.expect(200);
    after["updated_at"] = message["updated_at"].clone();
    assert_eq!(after, message);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn only_the_recipient_says_whether_a_message_is_read(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (sender, recipient) = (app.user().await, app.user().await);
    let message = path(&sent(&sender, &recipient, "Bonjour").await);
    let read = format!("{message}read/");
    let forbidden = json!({ "detail": FORBIDDEN });

    assert_eq!(sender.patch(&message, json!({ "is_read": true })).await.expect(403), forbidden);
    assert_eq!(sender.post(&read, json!({})).await.expect(403), forbidden);
    let first = recipient.patch(&message, json!({ "is_read": true })).await.expect(200);
    let again = recipient.post(&read, json!({})).await.expect(200);
    assert_eq!(sender.patch(&message, json!({ "is_read": false })).await.expect(403), forbidden);
    let unread = recipient.patch(&message, json!({ "is_read": "no" })).await.expect(200);
    let by_path = recipient.post(&read, Value::Null).await;

    assert!(first["read_at"].is_string() && first["read_at"] == again["read_at"], "{first} {again}");
    assert_eq!((&unread["is_read"], &unread["read_at"]), (&json!(false), &json!(null)));
    assert_eq!(by_path.expect(200)["is_read"], true);
    assert!(by_path.header("etag") > "\"1\"");
    assert_eq!(sender.get(&message).await.expect(200), by_path.body());
    let wrong = json!({ "is_read": ["Une valeur vraie ou fausse est requise."] });
    for caller in [&sender, &recipient] {
        assert_eq!(caller.patch(&message, json!({ "is_read": "maybe" })).await.expect(400), wrong);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_record_can_be_sent_back_as_it_was_read(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (sender, recipient) = (app.user().await, app.user().await);
    let message = path(&sent(&sender, &recipient, "Bonjour").await);

    for is_read in [false, true] {
        recipient.patch(&message, json!({ "is_read": is_read })).await.expect(200);
        for caller in [&sender, &recipient] {
            let record = caller.get(&message).await.expect(200);
            let mut answer = caller.patch(&message, record.clone()).await.expect(200);

            answer["updated_at"] = record["updated_at"].clone();
            assert_eq!(answer, record);
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_several_faults_the_first_in_the_contracts_order_is_told(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (sender, recipient) = (app.user().await, app.user().await);
    let here = path(&sent(&sender, &recipient, "Bonjour").await);
    let nowhere = "/api/messages/999999/".to_owned();
    let (json, text) = ("application/json", "text/plain");

    for (caller, path, media_type, body, status) in [
        (&app.public(), &nowhere, text, "{", 401),
        (&sender, &nowhere, text, "{", 404),
        (&sender, &nowhere, json, r#"{"is_read": true}"#, 404),
        (&recipient, &here, text, "{", 415),
        (&recipient, &here, json, "[]", 400),
        (&sender, &here, json, r#"{"is_read": true}"#, 403),
        (&sender, &here, json, "{}", 412),
        (&recipient, &here, json, r#"{"is_read": true}"#, 412),
    ] {
        let request = caller.request(Method::PATCH, path).header("content-type", media_type).body(body);

        let answer = request.header("if-match", "\"0\"").send().await;

        assert_eq!(answer.status.as_u16(), status, "{media_type} {body} at {path}: {}", answer.body());
    }
    let stale = recipient.request(Method::DELETE, &here).header("if-match", "\"0\"").send().await;
    assert_eq!(stale.status.as_u16(), 412);
    assert_eq!(recipient.get(&here).await.expect(200)["is_read"], false);
}

// Deleting.

#[sqlx::test(migrator = "MIGRATOR")]
async fn deleting_hides_a_message_for_the_caller_alone(owner: PgPool) {
    let app = TestApp::start(owner).await;

    for sender_first in [true, false] {
        let (sender, recipient) = (app.user().await, app.user().await);
        let message = sent(&sender, &recipient, "Bonjour").await;
        let (one, other) = if sender_first { (&sender, &recipient) } else { (&recipient, &sender) };
        let before = other.get(&path(&message)).await;

        assert_eq!(one.delete(&path(&message)).await.status.as_u16(), 204);

        let gone = json!({ "detail": NOT_FOUND });
        assert_eq!(one.delete(&path(&message)).await.expect(404), gone);
        assert_eq!(one.get(&path(&message)).await.expect(404), gone);
        assert_eq!(one.patch(&path(&message), json!({ "is_read": true })).await.expect(404), gone);
        assert_eq!(one.post(&format!("{}read/", path(&message)), json!({})).await.expect(404), gone);
        assert_eq!(one.get("/api/messages/").await.expect(200)["count"], 0);
        assert_eq!(one.get("/api/messages/unread-count/").await.expect(200), json!({ "unread": 0 }));
        let after = other.get(&path(&message)).await;
        assert_eq!((after.expect(200), after.header("etag")), (before.body(), before.header("etag")));
        assert_eq!(other.get("/api/messages/").await.expect(200)["count"], 1);
        other.delete(&path(&message)).await.expect(204);
        assert_eq!(other.get(&path(&message)).await.expect(404), gone);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_two_deletes_at_once_one_finds_nothing(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (sender, recipient) = (app.user().await, app.user().await);

    for _ in 0..5 {
        let path = path(&sent(&sender, &recipient, "Bonjour").await);
        let (first, second) = tokio::join!(recipient.delete(&path), recipient.delete(&path));

        let mut statuses = [first.status.as_u16(), second.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 404]);
    }
}

// Unread.

#[sqlx::test(migrator = "MIGRATOR")]
async fn unread_messages_are_counted_and_read_all_at_once(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (one, other) = (app.user().await, app.user().await);
    let mut messages = Vec::new();
    for number in 0..4 {
        messages.push(path(&sent(&other, &one, &format!("n{number}")).await));
    }
    sent(&one, &other, "réponse").await;
    one.delete(&messages[0]).await.expect(204);
    one.post(&format!("{}read/", messages[1]), json!({})).await.expect(200);
    let read_at = one.get(&messages[1]).await.expect(200)["read_at"].clone();

    assert_eq!(one.get("/api/messages/unread-count/").await.expect(200), json!({ "unread": 2 }));
    assert_eq!(one.post("/api/messages/read-all/", json!({})).await.expect(200), json!({ "updated": 2 }));
    assert_eq!(one.post("/api/messages/read-all/", json!({})).await.expect(200), json!({ "updated": 0 }));
    assert_eq!(one.get("/api/messages/unread-count/").await.expect(200), json!({ "unread": 0 }));

    assert_eq!(other.get("/api/messages/unread-count/").await.expect(200), json!({ "unread": 1 }));
    assert_eq!(other.get(&messages[0]).await.expect(200)["is_read"], false, "a hidden one stays as it was");
    assert_eq!(one.get(&messages[1]).await.expect(200)["read_at"], read_at);
    assert!(one.get(&messages[2]).await.expect(200)["read_at"].is_string());
}

// Lists.

#[sqlx::test(migrator = "MIGRATOR")]
async fn messages_are_searched_filtered_and_ordered(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (me, awa, bou) = (app.user().await, app.user().await, app.user().await);
    for (from, to, content) in [
        (&me, &awa, "A la clé"),
        (&awa, &me, "B la CLE 100%"),
        (&bou, &me, "C"),
        (&me, &bou, "D"),
        (&awa, &bou, "E la clé"),
    ] {
        sent(from, to, content).await;
    }
    let list = me.get("/api/messages/?search=b").await.expect(200);
    me.post(&format!("{}read/", path(&list["results"][0])), json!({})).await.expect(200);
    let (awa_id, bou_id, my_id) = (awa.id(), bou.id(), me.id());

    for (query, found) in [
        ("", "DCBA"),
        ("ordering=created_at", "ABCD"),
        ("ordering=-created_at", "DCBA"),
        ("ordering=id", "ABCD"),
        ("ordering=content", "DCBA"),
        ("box=inbox", "CB"),
        ("box=sent", "DA"),
        ("box=", "DCBA"),
        ("is_read=true", "B"),
        ("is_read=false", "DCA"),
        ("box=inbox&is_read=0", "C"),
        ("box=sent&is_read=true", ""),
        (&format!("with={awa_id}"), "BA"),
        (&format!("with={bou_id}&box=sent"), "D"),
        (&format!("with={my_id}"), ""),
        ("with=999999", ""),
        ("search=cle", "BA"),
        ("search=100%25", "B"),
        ("search=100_", ""),
        (&format!("search=cle&with={awa_id}&box=sent&ordering=-id"), "A"),
    ] {
        let list = me.get(&format!("/api/messages/?{query}")).await.expect(200);
        let initials: String = list["results"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|row| row["content"].as_str()?.chars().next())
            .collect();
        assert_eq!((initials.as_str(), &list["count"]), (found, &json!(found.len())), "{query}");
    }
    let wrong = me.get("/api/messages/?box=out&is_read=2&with=awa").await.expect(400);
    let errors = json!({
        "box": ["«\u{a0}out\u{a0}» n'est pas un choix valide."],
        "is_read": ["Une valeur vraie ou fausse est requise."],
        "with": ["Saisissez un nombre."],
    });
    assert_eq!(wrong, errors);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn pages_of_messages_of_one_moment_neither_overlap_nor_skip(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (me, other) = (app.user().await, app.user().await);
    let insert = "insert into messages_message (sender_id, recipient_id, content) \
        select case n % 2 when 0 then $1 else $2 end, case n % 2 when 0 then $2 else $1 end, 'x' \
        from generate_series(1, 25) as n returning id";
    let mut all: Vec<i64> =
        sqlx::query_scalar(insert).bind(me.id()).bind(other.id()).fetch_all(&app.owner).await.unwrap();

    let mut seen = Vec::new();
    for page in 1..=3 {
        let list = me.get(&format!("/api/messages/?page={page}")).await.expect(200);
        seen.extend(list["results"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()));
    }

    all.reverse();
    assert_eq!(seen, all);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_adopted_message_to_oneself_is_listed_once(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let me = app.user().await;
    let insert = "insert into messages_message (sender_id, recipient_id, content) values ($1, $1, 'Note')";
    sqlx::query(insert).bind(me.id()).execute(&app.owner).await.unwrap();

    let list = me.get("/api/messages/").await.expect(200);

    assert_eq!(list["count"], 1);
    me.delete(&path(&list["results"][0])).await.expect(204);
    assert_eq!(me.get("/api/messages/").await.expect(200)["count"], 0);
}

// The record.

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_administrators_send_and_delete_is_on_record_without_what_they_wrote(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let message = sent(&admin, &user, "Confidentiel").await;
    let answer = sent(&user, &admin, "Confidentiel").await;
    admin.post(&format!("{}read/", path(&answer)), json!({})).await.expect(200);
    user.delete(&path(&message)).await.expect(204);
    admin.delete(&path(&message)).await.expect(204);

    let select = "select action, actor, object_id, changes from audit_event where resource = 'message' order by id";
    let events: Vec<(String, i64, i64, Value)> = sqlx::query_as(select).fetch_all(&app.owner).await.unwrap();

    let (id, from, to) = (&message["id"], admin.id(), user.id());
    let create = json!({ "id": [null, id], "sender_id": [null, from], "recipient_id": [null, to] });
    let delete = json!({ "id": [id, null], "sender_id": [from, null], "recipient_id": [to, null] });
    let object = id.as_i64().unwrap();
    assert_eq!(events, [("create".to_owned(), from, object, create), ("delete".to_owned(), from, object, delete)]);
}

// What the tests are written with.

async fn sent(sender: &Caller, recipient: &Caller, content: &str) -> Value {
    // Two rows of one moment would be in one order only.
    tokio::time::sleep(Duration::from_millis(1)).await;
    let body = json!({ "recipient_id": recipient.id(), "content": content });
    sender.post("/api/messages/", body).await.expect(201)
}

fn path(message: &Value) -> String {
    format!("/api/messages/{}/", message["id"].as_i64().expect("an id"))
}
