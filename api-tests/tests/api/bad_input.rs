//! What no client should send, and somebody will: each has a clear answer, and none an error of ours.

use api_tests::{Answer, Caller, TestApp};
use http::Method;
use serde_json::{Value, json};
use shared::db::MIGRATOR;
use sqlx::PgPool;

use crate::hotels::{created, hotel, path};

const MIB: usize = 1024 * 1024;

// Bodies.

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_body_that_is_not_json_is_told_so(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let path = path(&created(&admin, json!({})).await);

    for body in [
        &b"{"[..],
        b"}",
        br#"{"name""#,
        br#"{"name": "Teranga"#,
        br#"{"name": "Teranga", }"#,
        br#"{"name": "Teranga"} {}"#,
        br#"{"name": "Teranga"}]"#,
        br#"{'name': 'Teranga'}"#,
        br#"{name: "Teranga"}"#,
        b"[1, 2",
        b"nul",
        b"NaN",
        b"-",
        b"0x10",
        br#"{"rating": NaN}"#,
        br#"{"rating": Infinity}"#,
        br#"{"rating": .5}"#,
        br#"{"rating": 5.}"#,
        br#"{"rating": +5}"#,
        br#"{"rooms_count": 012}"#,
        br#"{"name": "\q"}"#,
        br#"{"name": "\u12"}"#,
        br#"{"name": "\ud800"}"#,
        br#"{"name": "\ud83d!"}"#,
        br#"{"name": "\udc00\ud800"}"#,
        br#"{"\ud800": 1}"#,
        b"{\"name\": \"a\nb\"}",
        b"{\"name\": \"a\0b\"}",
        b"\0",
        b"{}\0",
        b"   ",
        b"\xef\xbb\xbf{",
        b"\xef\xbb\xbf\xef\xbb\xbf{}",
        b"{\"name\": \"\xff\xfe\"}",
        b"{\"name\": \"caf\xe9\"}",
        b"{\"name\": \"\xc0\x80\"}",
        b"{\"name\": \"\xed\xa0\x80\"}",
        b"{\"name\": \"\xf4\x90\x80\x80\"}",
        b"{\"\xff\": 1}",
        b"\xff\xfe{\0}\0",
        b"name=Teranga&city=Dakar",
        b"<name>Teranga</name>",
    ] {
        for (method, path) in [(Method::POST, "/api/hotels/"), (Method::PATCH, &path)] {
            let answer = send(&admin, method, path, "application/json", body.to_vec()).await;

            let (told, shown) = (answer.body(), String::from_utf8_lossy(body));
            assert_eq!(answer.status.as_u16(), 400, "{shown}: {told}");
            assert!(told["detail"].as_str().is_some_and(|told| told.starts_with("JSON parse error - ")), "{told}");
            assert_clear(&answer, &shown);
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_body_that_is_nested_without_end_is_told_so(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let nested = |open: &str, middle: &str, close: &str| {
        [open.repeat(100_000), middle.to_owned(), close.repeat(100_000)].concat()
    };

    for body in [
        nested("[", "", ""),
        nested("[", "", "]"),
        nested("{\"a\":", "1", "}"),
        nested("{\"a\":", "", ""),
        nested("[{\"a\":", "", ""),
        format!("{{\"name\": {}}}", nested("[", "1", "]")),
        format!("{{\"unknown\": {}}}", nested("[", "1", "]")),
    ] {
        let answer = send(&admin, Method::POST, "/api/hotels/", "application/json", body).await;

        assert!(answer.expect(400)["detail"].as_str().unwrap().starts_with("JSON parse error - "));
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_body_that_is_not_an_object_is_told_what_it_is(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let path = path(&created(&admin, json!({})).await);

    for (body, kind) in [
        ("[]", "list"),
        (r#"[{"name": "Teranga"}]"#, "list"),
        (r#""Teranga""#, "str"),
        (r#""""#, "str"),
        ("0", "int"),
        ("-12", "int"),
        ("18446744073709551615", "int"),
        ("4.5", "float"),
        ("true", "bool"),
        ("false", "bool"),
        (" [ ] ", "list"),
    ] {
        let french = send(&admin, Method::POST, "/api/hotels/", "application/json", body).await;
        let request = admin.request(Method::PATCH, &path).body(body).header("content-type", "application/json");
        let english = request.header("accept-language", "en").send().await;

        let text = format!("Donnée non valide. Attendait un dictionnaire, a reçu {kind}.");
        assert_eq!(french.expect(400), json!({ "non_field_errors": [text] }), "{body}");
        let text = format!("Invalid data. Expected a dictionary, but got {kind}.");
        assert_eq!(english.expect(400), json!({ "non_field_errors": [text] }), "{body}");
    }
    let null = send(&admin, Method::PUT, &path, "application/json", "null").await;
    assert!(null.expect(400)["non_field_errors"][0].is_string());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_empty_body_is_an_empty_object(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let path = path(&created(&admin, json!({})).await);

    for media_type in ["application/json", "text/plain", "multipart/form-data; boundary=x", ""] {
        let new = send(&admin, Method::POST, "/api/hotels/", media_type, "").await;
        let changed = send(&admin, Method::PATCH, &path, media_type, "").await;

        assert_eq!(new.expect(400)["name"], json!(["Ce champ est obligatoire."]), "{media_type}");
        changed.expect(200);
    }
    let without_a_type = admin.request(Method::POST, "/api/hotels/").send().await;
    assert_eq!(without_a_type.expect(400)["city"], json!(["Ce champ est obligatoire."]));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_body_that_is_not_sent_as_json_is_not_read(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let path = path(&created(&admin, json!({})).await);
    let body = hotel(json!({})).to_string();

    for (sent, media_type) in [
        ("application/xml", "application/xml"),
        ("text/plain", "text/plain"),
        ("text/html", "text/html"),
        ("text/json", "text/json"),
        ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded"),
        ("application/octet-stream", "application/octet-stream"),
        ("application/jsonp", "application/jsonp"),
        ("image/png", "image/png"),
        ("json", "json"),
        ("*/*", "*/*"),
    ] {
        for (method, path) in [(Method::POST, "/api/hotels/"), (Method::PUT, &path), (Method::PATCH, &path)] {
            let answer = send(&admin, method, path, sent, body.clone()).await;

            let text = format!("Type de média «\u{a0}{media_type}\u{a0}» non supporté.");
            assert_eq!(answer.expect(415), json!({ "detail": text }), "{sent}");
        }
    }
    for odd in [
        &b"multipart/form-data; boundary=x"[..],
        b"application/json/x",
        b"\xff\xfe",
        b"text/\xc3\xa9",
        b"a,b;c=\"d",
        &[b'x'; 5_000],
    ] {
        let answer = send(&admin, Method::POST, "/api/hotels/", odd, body.clone()).await;

        assert_eq!(answer.status.as_u16(), 415, "{}", String::from_utf8_lossy(odd));
        assert_clear(&answer, &String::from_utf8_lossy(odd));
    }
    assert_eq!(admin.get("/api/hotels/").await.expect(200)["count"], 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn json_may_be_named_in_several_ways(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;

    for media_type in
        ["application/json", "application/json; charset=utf-8", "Application/JSON", " application/json ;charset=UTF-8"]
    {
        let body = hotel(json!({ "name": "Téranga" })).to_string();
        let answer = send(&admin, Method::POST, "/api/hotels/", media_type, body).await;

        assert_eq!(answer.expect(201)["name"], "Téranga", "{media_type}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn json_in_another_character_set_is_refused(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let body = hotel(json!({})).to_string();

    for (media_type, charset) in [
        ("application/json; charset=utf-16", "utf-16"),
        ("application/json;charset=ISO-8859-1", "iso-8859-1"),
        ("application/json; v=1; Charset = \"windows-1252\"", "windows-1252"),
        ("application/problem+json; charset=latin1", "latin1"),
    ] {
        let answer = send(&admin, Method::POST, "/api/hotels/", media_type, body.clone()).await;
        let text = format!("Jeu de caractères «\u{a0}{charset}\u{a0}» non supporté\u{a0}: envoyez le JSON en UTF-8.");
        assert_eq!(answer.expect(415), json!({ "detail": text }), "{media_type}");
    }
    for media_type in ["application/json; charset=\"UTF-8\"", "application/json; charset=us-ascii", "application/json;"]
    {
        send(&admin, Method::POST, "/api/hotels/", media_type, body.clone()).await.expect(201);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_byte_order_mark_before_json_is_ignored(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let body = format!("\u{feff}{}", hotel(json!({ "name": "Téranga" })));

    let answer = send(&admin, Method::POST, "/api/hotels/", "application/json", body).await;

    assert_eq!(answer.expect(201)["name"], "Téranga");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_compressed_body_is_refused_unread(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let row = path(&created(&admin, json!({})).await);
    let gzip = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\xae\x05\x00\x43\xbf\xa6\xa3\x02\x00\x00\x00".to_vec();
    let encoded =
        async |caller: &Caller, method: Method, path: &str, encoding: &str, media_type: &str, body: Vec<u8>| {
            let request = caller.request(method, path).header("content-encoding", encoding);
            request.header("content-type", media_type).body(body).send().await
        };

    let image = format!("{row}image/");
    for (encoding, told) in
        [("gzip", "gzip"), ("BR", "br"), ("identity, deflate", "deflate"), ("x-made-up", "x-made-up")]
    {
        let text =
            format!("Encodage de contenu «\u{a0}{told}\u{a0}» non supporté\u{a0}: envoyez le corps sans compression.");
        for (caller, method, path, media_type) in [
            (&admin, Method::POST, "/api/hotels/", "application/json"),
            (&admin, Method::PATCH, row.as_str(), "application/json"),
            (&admin, Method::PUT, row.as_str(), "application/x-www-form-urlencoded"),
            (&admin, Method::PUT, image.as_str(), "image/png"),
            (&app.public(), Method::POST, "/api/auth/login/", "application/json"),
        ] {
            let answer = encoded(caller, method, path, encoding, media_type, gzip.clone()).await;
            assert_eq!(answer.expect(415), json!({ "detail": text }), "{path}: {encoding}");
        }
    }
    let body = hotel(json!({})).to_string().into_bytes();
    for encoding in ["identity", "Identity", "", "identity, identity"] {
        encoded(&admin, Method::POST, "/api/hotels/", encoding, "application/json", body.clone()).await.expect(201);
    }
    let missing = encoded(&admin, Method::PATCH, "/api/hotels/999999/", "gzip", "application/json", gzip).await;
    assert_eq!(missing.status, 404, "a missing row is told before the encoding");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_private_key_of_the_parser_is_refused_in_every_body(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, public) = (app.admin().await, app.public());
    let row = path(&created(&admin, json!({})).await);
    let form = crate::forms::created(&admin, json!({})).await;
    let entries = format!("/api/public/forms/{}/entries/", form["id"]);
    let text = "Une clé qui commence par «\u{a0}$serde_json::private::\u{a0}» n'est pas autorisée\u{a0}: retirez-la.";

    for (caller, method, path, body) in [
        (&admin, Method::PATCH, &row, r#"{"price_per_night": {"$serde_json::private::Number": "100"}}"#),
        (&admin, Method::PATCH, &row, r#"{"price_per_night": {"\u0024serde_json::private::N\u0075mber": "100"}}"#),
        (&admin, Method::PATCH, &row, r#"{"unknown": [{"a": 1, "$serde_json::private::Number": "100"}]}"#),
        (&admin, Method::PATCH, &row, r#"{"name": {"$serde_json::private::RawValue": "\"Teranga\""}}"#),
        (&admin, Method::PATCH, &row, r#"{"$serde_json::private::RawValue": "{\"rating\": 1}"}"#),
        (&admin, Method::PATCH, &row, r#"{"$serde_json::private::Number": "1", "$serde_json::private::Number": "2"}"#),
        (&public, Method::POST, &entries, r#"{"data": {"name": {"$serde_json::private::Number" : "1"}}}"#),
        (&public, Method::POST, &entries, r#"{"data": {"$serde_json::private::RawValue": "{\"name\": \"x\"}"}}"#),
        (&public, Method::POST, &"/api/auth/login/".to_owned(), r#"{"email": {"$serde_json::private::Number": "1"}}"#),
    ] {
        let answer = send(caller, method, path, "application/json", body).await;
        assert_eq!(answer.expect(400), json!({ "detail": text }), "{body}");
    }
    let kept =
        send(&admin, Method::PATCH, &row, "application/json", r#"{"name": "$serde_json::private::Number"}"#).await;
    assert_eq!(kept.expect(200)["name"], "$serde_json::private::Number");
    let query = "?%24serde_json%3A%3Aprivate%3A%3ANumber=1&page_size=%24serde_json%3A%3Aprivate%3A%3ANumber";
    admin.get(&format!("/api/hotels/{query}")).await.expect(200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_time_that_no_client_can_read_is_refused_everywhere(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let field = |kind: &str| json!({ "name": kind, "label": "Quand", "type": kind });
    let form = crate::forms::created(&admin, json!({ "fields": [field("date"), field("datetime")] })).await;
    let mail = json!({ "recipient": "awa@example.sn", "subject": "Bonjour", "body": "Bonjour" });

    for time in [
        "2026-01-15T12:34:60Z",
        "2026-12-31T23:59:60.5+00:00",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-00:01",
        "2026-01-15T24:00:00Z",
        "2026-W03-4T10:00:00Z",
    ] {
        let answer = json!({ "form": form["id"], "data": { "datetime": time } });
        assert!(admin.post("/api/entries/", answer).await.expect(400)["data"]["datetime"][0].is_string(), "{time}");
        for bound in ["min", "max"] {
            let mut field = field("datetime");
            field[bound] = json!(time);
            let answer = admin.post("/api/forms/", crate::forms::form(json!({ "fields": [field] }))).await;
            assert!(answer.expect(400)["fields"][0][bound][0].is_string(), "{bound}: {time}");
        }
        for filter in ["created_at__gte", "created_at__lte"] {
            for list in ["tickets", "emails", "entries", "audit"] {
                let query = time.replace('+', "%2B");
                let answer = admin.get(&format!("/api/{list}/?{filter}={query}")).await;
                assert!(answer.expect(400)[filter][0].is_string(), "{list}: {time}");
            }
        }
        let mut mail = mail.clone();
        mail["scheduled_at"] = json!(time);
        assert!(admin.post("/api/emails/", mail).await.expect(400)["scheduled_at"][0].is_string(), "{time}");
    }
    for date in ["0000-01-01", "0000-12-31", "2026-W03-4", "2026-015"] {
        let answer = json!({ "form": form["id"], "data": { "date": date } });
        assert!(admin.post("/api/entries/", answer).await.expect(400)["data"]["date"][0].is_string(), "{date}");
        assert_eq!(admin.get(&format!("/api/audit/?created_at__lte={date}")).await.status, 400, "{date}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_first_and_the_last_moment_are_kept_and_found(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let field = |kind: &str| json!({ "name": kind, "label": "Quand", "type": kind });
    let form = crate::forms::created(&admin, json!({ "fields": [field("date"), field("datetime")] })).await;

    for (date, time, kept) in [
        ("0001-01-01", "0001-01-01T14:00:00+14:00", "0001-01-01T00:00:00.000000Z"),
        ("9999-12-31", "9999-12-31t23:59:59.9999999-00:00", "9999-12-31T23:59:59.999999Z"),
    ] {
        let data = json!({ "date": date, "datetime": time });
        let entry = admin.post("/api/entries/", json!({ "form": form["id"], "data": data })).await.expect(201);
        assert_eq!(entry["data"], json!({ "date": date, "datetime": kept }));
    }
    for list in ["entries", "audit", "tickets", "emails"] {
        let all = admin.get(&format!("/api/{list}/")).await.expect(200)["count"].clone();
        for filter in [
            "created_at__gte=0001-01-01",
            "created_at__gte=0001-01-01T00:00:00Z",
            "created_at__lte=9999-12-31",
            "created_at__lte=9999-12-31T23:59:59.9999999Z",
        ] {
            assert_eq!(
                admin.get(&format!("/api/{list}/?{filter}")).await.expect(200)["count"],
                all,
                "{list}: {filter}"
            );
        }
        for filter in ["created_at__lte=0001-01-01", "created_at__gte=9999-12-31T23:59:59.9999999Z"] {
            assert_eq!(admin.get(&format!("/api/{list}/?{filter}")).await.expect(200)["count"], 0, "{list}: {filter}");
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_filter_by_id_is_read_the_same_in_every_list(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let entries = crate::forms::created(&admin, json!({})).await;
    admin.post("/api/entries/", json!({ "form": entries["id"], "data": { "name": "Awa" } })).await.expect(201);
    admin.post("/api/tickets/", json!({ "title": "Clim", "description": "Bruit" })).await.expect(201);

    for path in ["tickets/?user", "entries/?form", "messages/?with", "audit/?actor", "audit/?object_id"] {
        for of_no_row in ["0", "-1", "999999", "9223372036854775808", "-9223372036854775809"] {
            let list = admin.get(&format!("/api/{path}={of_no_row}")).await.expect(200);
            assert_eq!(list["count"], 0, "{path}={of_no_row}");
            assert_eq!(list["results"], json!([]), "{path}={of_no_row}");
        }
        let (_, name) = path.split_once('?').unwrap();
        for other in ["1.0", "1e0", "abc", "true"] {
            let answer = admin.get(&format!("/api/{path}={other}")).await;
            assert_eq!(answer.expect(400), json!({ name: ["Saisissez un nombre."] }), "{path}={other}");
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_body_of_more_than_a_mebibyte_is_too_large(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    // Fields that are not known are ignored.
    let of_size = |size: usize| {
        let frame = hotel(json!({ "unknown": "" })).to_string().len();
        hotel(json!({ "unknown": "x".repeat(size - frame) })).to_string()
    };

    let (largest, too_large) = (of_size(MIB), of_size(MIB + 1));
    let largest = send(&admin, Method::POST, "/api/hotels/", "application/json", largest).await;
    let french = send(&admin, Method::POST, "/api/hotels/", "application/json", too_large.clone()).await;
    let request =
        admin.request(Method::POST, "/api/hotels/").body(too_large).header("content-type", "application/json");
    let english = request.header("accept-language", "en").send().await;

    largest.expect(201);
    let text = "Le corps de la requête dépasse 1048576\u{a0}octets.";
    assert_eq!(french.expect(413), json!({ "detail": text }));
    assert_eq!(english.expect(413), json!({ "detail": "The request body is larger than 1048576 bytes." }));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_body_that_no_function_could_take_is_refused_by_the_gateway(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let path = path(&created(&admin, json!({})).await);

    for (media_type, body) in [
        // More than the 6 MiB of an event: as text, in base64, and once escaped.
        ("application/json", "x".repeat(7 * MIB)),
        ("image/png", "x".repeat(5 * MIB)),
        ("application/json", "\"".repeat(4 * MIB)),
        // More than the 10 MiB of a request.
        ("application/json", "x".repeat(10 * MIB + 1)),
    ] {
        let answer = send(&admin, Method::PATCH, &path, media_type, body).await;

        assert_eq!(answer.expect(413), json!({ "message": "Request Entity Too Large" }), "{media_type}");
        assert!(!answer.header("apigw-requestid").is_empty());
    }
}

// Fields.

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_value_of_the_wrong_type_is_refused_in_every_field(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let path = path(&created(&admin, json!({})).await);
    let (list, object) = (json!([1]), json!({ "name": "x" }));
    let fields = [
        ("name", json!(true)),
        ("description", json!(false)),
        ("city", json!(true)),
        ("address", json!(true)),
        ("phone", json!(true)),
        ("email", json!(7)),
        ("price_per_night", json!(false)),
        ("currency", json!(1)),
        ("rating", json!(true)),
        ("rooms_count", json!(false)),
        ("available_rooms", json!("1 2")),
        ("is_active", json!("")),
    ];

    for (field, wrong) in &fields {
        for value in [&Value::Null, &list, &object, wrong] {
            let answer = admin.patch(&path, json!({ *field: value })).await;

            let told = answer.expect(400);
            assert!(told[*field][0].is_string(), "{field}: {value}: {told}");
            assert_eq!(told.as_object().map(serde_json::Map::len), Some(1), "{field}: {value}: {told}");
        }
    }
    let all = Value::Object(fields.iter().map(|(field, _)| ((*field).to_owned(), list.clone())).collect());
    let told = admin.post("/api/hotels/", all).await.expect(400);
    assert_eq!(told.as_object().map(serde_json::Map::len), Some(fields.len()), "{told}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_nul_character_is_refused_in_every_text(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let path = path(&created(&admin, json!({})).await);

    for field in ["name", "description", "city", "address", "phone", "email"] {
        for value in ["\0", "a\0b", "a@b.sn\0"] {
            let answer = admin.patch(&path, json!({ field: value })).await;

            assert_eq!(answer.expect(400), json!({ field: ["Le caractère nul n’est pas autorisé."] }), "{value:?}");
        }
    }
    for field in ["price_per_night", "currency", "rating", "rooms_count", "is_active"] {
        let told = admin.patch(&path, json!({ field: "1\0" })).await.expect(400);
        assert!(told[field][0].is_string(), "{told}");
    }
    admin.patch(&path, json!({ "un\0known": "\0" })).await.expect(200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn numbers_at_the_edge_are_kept_exactly_or_refused(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let path = path(&created(&admin, json!({})).await);

    for (field, sent, kept) in [
        ("rooms_count", "-0", "0"),
        ("rooms_count", "1e2", "100"),
        ("rooms_count", "2147483647", "2147483647"),
        ("rooms_count", r#""+7""#, "7"),
        ("rooms_count", r#""007""#, "7"),
        ("rooms_count", r#""5.000000000000000000000000000000""#, "5"),
        ("price_per_night", "99999999.99", r#""99999999.99""#),
        ("price_per_night", "0.1", r#""0.10""#),
        ("price_per_night", "1e-2", r#""0.01""#),
        ("price_per_night", r#""+5""#, r#""5.00""#),
        ("price_per_night", r#""000000000000005""#, r#""5.00""#),
        ("rating", "5", "5.0"),
        ("rating", "1e-400", "0.0"),
        ("rating", r#""5e0""#, "5.0"),
        ("name", "12345678901234567890", r#""12345678901234567890""#),
        ("name", "-7", r#""-7""#),
    ] {
        let body = format!(r#"{{"{field}": {sent}}}"#);
        let answer = send(&admin, Method::PATCH, &path, "application/json", body).await;

        let kept: Value = serde_json::from_str(kept).unwrap();
        assert_eq!((answer.status.as_u16(), &answer.body()[field]), (200, &kept), "{field}: {sent}");
    }
    for (field, sent) in [
        ("rooms_count", "2147483648"),
        ("rooms_count", "9223372036854775808"),
        ("rooms_count", "12345678901234567890"),
        ("rooms_count", "-12345678901234567890"),
        ("rooms_count", "99999999999999999999"),
        ("rooms_count", "1e300"),
        ("rooms_count", "0.1"),
        ("price_per_night", "12345678901234567890"),
        ("price_per_night", "99999999999999999999"),
        ("price_per_night", "1e300"),
        ("price_per_night", "1e-300"),
        ("price_per_night", r#""1e400""#),
        ("price_per_night", "1e400"),
        ("price_per_night", "-1e400"),
        ("price_per_night", r#""1e-400""#),
        ("price_per_night", r#""1e99999999999999999999""#),
        ("price_per_night", r#""0x10""#),
        ("price_per_night", r#""1 000""#),
        ("price_per_night", r#""--5""#),
        ("rating", "5.0000001"),
        ("rating", "99999999999999999999"),
        ("rating", r#""1e400""#),
        ("rating", r#""-Infinity""#),
        ("rating", r#""0x1""#),
    ] {
        let body = format!(r#"{{"{field}": {sent}}}"#);
        let answer = send(&admin, Method::PATCH, &path, "application/json", body).await;

        let told = answer.body();
        assert_eq!(answer.status.as_u16(), 400, "{field}: {sent}: {told}");
        assert!(told[field][0].is_string(), "{told}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_whole_number_of_any_length_is_out_of_range_rather_than_no_number(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let path = path(&created(&admin, json!({})).await);

    for digits in ["2147483648", "12345678901234567890", "99999999999999999999", &"9".repeat(300)] {
        let body = format!(r#"{{"rooms_count": {digits}}}"#);
        let answer = send(&admin, Method::PATCH, &path, "application/json", body).await;

        let text = "Assurez-vous que cette valeur est inférieure ou égale à\u{a0}2147483647.";
        assert_eq!(answer.expect(400), json!({ "rooms_count": [text] }), "{digits}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_number_in_the_place_of_a_text_keeps_all_its_digits(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let path = path(&created(&admin, json!({})).await);

    for digits in ["18446744073709551615", "99999999999999999999", "-99999999999999999999"] {
        let body = format!(r#"{{"name": {digits}}}"#);
        let answer = send(&admin, Method::PATCH, &path, "application/json", body).await;

        assert_eq!(answer.expect(200)["name"], digits);
    }
    for (number, text) in [
        ("1e2", "100.0"),
        ("1E+2", "100.0"),
        ("1.50", "1.5"),
        ("12", "12"),
        ("-0", "0"),
        ("-0.0", "-0.0"),
        ("1e16", "1e+16"),
        ("0.00001", "1e-05"),
        ("0.1e-400", "0.0"),
    ] {
        let answer = send(&admin, Method::PATCH, &path, "application/json", format!(r#"{{"name": {number}}}"#)).await;
        assert_eq!(answer.expect(200)["name"], text, "{number}");
    }
    for infinite in ["1e400", "-1E400"] {
        let answer = send(&admin, Method::PATCH, &path, "application/json", format!(r#"{{"name": {infinite}}}"#)).await;
        assert_eq!(answer.expect(400), json!({ "name": ["Une chaîne de caractères est requise."] }), "{infinite}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_a_repeated_key_the_last_counts(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let path = path(&created(&admin, json!({})).await);
    let patch = async |body: &'static str| send(&admin, Method::PATCH, &path, "application/json", body).await;

    assert_eq!(patch(r#"{"name": "First", "name": "Last"}"#).await.expect(200)["name"], "Last");
    assert_eq!(patch(r#"{"rating": "bad", "rating": 4}"#).await.expect(200)["rating"], 4.0);
    assert_eq!(
        patch(r#"{"name": "First", "n\u0061me": ""}"#).await.expect(400)["name"][0],
        "Ce champ ne peut être vide."
    );
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn text_of_every_kind_is_kept_as_it_is(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let hotel = created(&admin, json!({})).await;

    for text in [
        "<script>alert('x')</script>",
        "'; drop table hotels_hotel; --",
        "$1 %s {0} ${x} {{7*7}}",
        "\\ \" / x",
        "🏨 هتل 飯店 Ħ\u{301}",
        "\u{202e}desrever",
        "\u{feff}x",
        "a\tb\r\nc",
        "a\u{2028}\u{2029}b",
        "\u{10ffff}\u{fffe}x",
    ] {
        let answer = admin.patch(&path(&hotel), json!({ "description": text })).await.expect(200);

        assert_eq!(answer["description"], text);
        assert_eq!(admin.get(&path(&hotel)).await.expect(200), answer);
    }
}

// Paths and queries.

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_path_that_could_be_read_in_two_ways_leads_nowhere(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let hotel = created(&admin, json!({})).await;
    let id = hotel["id"].to_string();

    for template in [
        "/api/hotels/%2e%2e/",
        "/api/hotels/%2e%2e/health/",
        "/api/hotels/../health/",
        "/api/hotels/..%2fhealth",
        "/api/hotels/%2e%2e%2fhealth%2f",
        "/api/hotels/%2e%2e%2fhotels%2f{id}",
        "/api/hotels/cities/../{id}/",
        "/api/hotels/.%2e/hotels/{id}/",
        "/api/hotels/%252e%252e/health/",
        "/api/hotels/%c0%ae%c0%ae/health/",
        "/api/hotels/..%5chealth",
        "/api/hotels/%5c..%5chealth",
        "/api/hotels/..",
        "/api/hotels/...",
        "/api/hotels//",
        "/api/hotels///",
        "/api/hotels//{id}/",
        "/api/hotels/{id}//",
        "/api//hotels/{id}/",
        "//api/hotels/{id}/",
        "/api/hotels/%2f",
        "/api/hotels/%2f{id}",
        "/api/hotels/%00",
        "/api/hotels/{id}%00",
        "/api/hotels/%00{id}/",
        "/api/hotels/{id}%3f",
        "/api/hotels/%3fpage=1",
        "/api/hotels/{id}%3fpage=1",
        "/api/hotels/{id}%23",
        "/api/hotels/%23",
        "/api/hotels/{id}%25",
        "/api/hotels/{id};",
        "/api/hotels/{id};v=1",
        "/api/hotels;v=1/{id}",
        "/api/hotels/;/",
        "/api/hotels/{id},{id}",
        "/api/hotels/{id}%20",
        "/api/hotels/%20{id}/",
        "/api/hotels/+{id}/",
        "/api/hotels/{id}%0a",
        "/api/hotels/%0d%0aset-cookie:x=1",
        "/api/hotels/{id}.json",
        "/api/hotels/{id}:{id}",
        "/api/hotels/@{id}",
        "/api/hotels/http://evil.test/",
        "/api/hotels/%7Bid%7D",
        "/api/hotels/é",
        "/api/hotels/%C3%A9/",
        "/api/hotels/%EF%BC%91/",
        "/api/hotels/%D9%A1/",
        "/api/hotels/%F0%9F%8F%A8/",
        "/api/hotels/%E2%80%AE/",
        "/api/hotels/%ff",
        "/api/hotels/%C3%28/",
        "/api/hotels/%ED%A0%80/",
        "/api/hotels/%",
        "/api/hotels/%2",
        "/api/hotels/%zz",
        "/api/hotels/%u0031",
        "/api/hotels/{id}/nothing/",
        "/api/hotels/cities/{id}/",
        "/api/hotels/Cities/",
        "/API/HOTELS/",
        "/api/hotel/",
        "/api/hotelsx/",
        "/api",
        "/",
    ] {
        for method in [Method::GET, Method::PATCH, Method::DELETE] {
            let path = template.replace("{id}", &id);
            let answer = admin.request(method.clone(), &path).json(&json!({ "name": "Taken" })).send().await;

            let gateways = answer.body()["message"].is_string();
            let expected = if gateways && answer.status == 400 { 400 } else { 404 };
            assert_eq!(answer.status.as_u16(), expected, "{method} {path}: {}", answer.body());
            assert_clear(&answer, &path);
            assert!(answer.headers.get("set-cookie").is_none());
        }
    }
    assert_eq!(admin.get(&self::path(&hotel)).await.expect(200), hotel, "nothing was written");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_segment_of_one_dot_leads_nowhere(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let hotel = created(&admin, json!({})).await;
    let id = &hotel["id"];

    for path in [
        "/api/hotels/.".to_owned(),
        "/api/hotels/./".to_owned(),
        "/api/hotels/./cities/".to_owned(),
        "/api/hotels/%2e/cities".to_owned(),
        format!("/api/hotels/./{id}/"),
        format!("/api/hotels/%2e/{id}"),
        format!("/api/hotels/././{id}"),
        format!("/api/hotels/{id}/."),
        format!("/api/hotels/{id}/./"),
        format!("/api/hotels/{id}%2f."),
        format!("/api/./hotels/{id}/"),
        format!("/./api/hotels/{id}/"),
    ] {
        for method in [Method::GET, Method::PATCH, Method::DELETE] {
            let answer = admin.request(method.clone(), &path).json(&json!({ "name": "Taken" })).send().await;

            assert_eq!(answer.status.as_u16(), 404, "{method} {path}: {}", answer.body());
        }
    }
    assert_eq!(admin.get(&self::path(&hotel)).await.expect(200), hotel, "nothing was written");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_escaped_slash_leads_nowhere_that_a_slash_would_not(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, public) = (app.admin().await, app.public());
    let hotel = created(&admin, json!({})).await;
    let id = &hotel["id"];

    for path in [
        format!("/api/hotels/{id}%2f"),
        format!("/api/hotels%2f{id}"),
        format!("/api%2Fhotels/{id}"),
        format!("/%61pi/hotel%73/{id}"),
    ] {
        let answer = admin.get(&path).await;

        if answer.status == 200 {
            assert_eq!(answer.body(), hotel, "{path}");
            assert_eq!(public.get(&path).await.status.as_u16(), 401, "{path}");
        } else {
            assert_eq!(answer.status.as_u16(), 404, "{path}");
            assert_clear(&answer, &path);
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn without_a_token_no_odd_path_says_more_than_a_plain_one(owner: PgPool) {
    let app = TestApp::start(owner).await;

    for path in [
        "/api/hotels/%2e%2e/health/",
        "/api/hotels/..%2fhealth",
        "/api/hotels//",
        "/api/hotels/%00",
        "/api/hotels/1%3f",
        "/api/health/../hotels/",
        "/api/health/..%2fhotels%2f",
        "/api/health//../../hotels/1",
    ] {
        let answer = app.public().get(path).await;

        assert!([401, 404].contains(&answer.status.as_u16()), "{path}: {}", answer.status);
        assert_clear(&answer, path);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_id_that_is_no_64_bit_number_is_not_found(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    created(&admin, json!({})).await;

    for id in [
        "0",
        "999999",
        "2147483648",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551617",
        "99999999999999999999999999999999999999999",
        "-1",
        "+1",
        "%2B1",
        "-0",
        "1.0",
        "1e0",
        "0x1",
        "1_0",
        "0b1",
        "١",
        "null",
        "undefined",
        "NaN",
        "true",
        "*",
        "me",
        "'1'",
        "1'--",
    ] {
        for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
            let path = format!("/api/hotels/{id}/");
            let answer = admin.request(method.clone(), &path).json(&hotel(json!({}))).send().await;

            assert_eq!(answer.expect(404), json!({ "detail": "Pas trouvé." }), "{method} {path}");
        }
    }
    assert_eq!(admin.get("/api/hotels/").await.expect(200)["count"], 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_id_with_leading_zeros_is_the_number_that_it_says(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let hotel = created(&admin, json!({})).await;

    let answer = admin.get(&format!("/api/hotels/000{}/", hotel["id"])).await;

    assert_eq!(answer.expect(200), hotel);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_query_that_makes_no_sense_is_no_harm(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    created(&admin, json!({})).await;

    for (query, count) in [
        ("&", 1),
        ("=", 1),
        ("=x&&=&;&?", 1),
        ("%", 1),
        ("%zz=%zz", 1),
        ("%ff=%ff", 1),
        ("search[]=x&search[a]=b", 1),
        ("page[]=9", 1),
        ("search=%ff", 0),
        ("search=%C0%80", 0),
        ("search=%ED%A0%80", 0),
        ("search=été", 0),
        ("city=%ff%fe", 0),
        ("ordering=%ff", 1),
        ("ordering=%27;select%20pg_sleep(9)--", 1),
        ("price_per_night__gte=0&price_per_night__gte=0", 1),
        ("é=1&%F0%9F%8F%A8=2", 1),
        (&format!("ordering={}", "name,-rating,".repeat(500)), 1),
        (&"a&".repeat(4_000), 1),
        (&format!("{}=1", "x".repeat(8_000)), 1),
        (&"city=Nulle&".repeat(600), 0),
    ] {
        let answer = admin.get(&format!("/api/hotels/?{query}")).await;

        assert_eq!(answer.expect(200)["count"], count, "{query}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_nul_byte_in_a_query_is_refused_on_every_path(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let hotel = created(&admin, json!({})).await;

    for path in ["/api/hotels/", "/api/hotels/cities/", &path(&hotel), "/api/auth/me/", "/api/health/"] {
        for (query, name) in [("x=%00", "x"), ("%00=1", "\0"), ("x=1&x=a%00b", "x")] {
            let answer = admin.get(&format!("{path}?{query}")).await;
            assert_eq!(answer.expect(400), json!({ name: ["Le caractère nul n’est pas autorisé."] }), "{path}?{query}");
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_filter_that_no_row_could_meet_is_no_error_of_ours(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    created(&admin, json!({})).await;

    for filter in ["price_per_night__gte", "price_per_night__lte", "rating__gte", "available_rooms__gte"] {
        for value in [
            "99999999999999999999",
            "-99999999999999999999",
            "9223372036854775808",
            "-9223372036854775809",
            "1e30",
            "1e-30",
            "1e308",
            "1e400",
            "0.00000000000000000000000000000000001",
            &"9".repeat(5_000),
        ] {
            let answer = admin.get(&format!("/api/hotels/?{filter}={value}")).await;

            match answer.status.as_u16() {
                200 => assert!(answer.body()["count"].is_u64()),
                _ => assert!(answer.expect(400)[filter][0].is_string(), "{filter}={value}"),
            }
        }
    }
}

// Headers.

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_language_that_we_do_not_speak_is_answered_in_french(owner: PgPool) {
    let user = TestApp::start(owner).await.user().await;

    for header in [
        &b""[..],
        b"de",
        b"*",
        b"wo-SN, *;q=0.5",
        b"english",
        b"e",
        b"-en",
        b"en;q=0",
        b"en;q=banana",
        b"en;q=",
        b"en;q=-1",
        b"en;q=NaN",
        b"fr, en",
        b"en;q=0.5, fr;q=0.9",
        b",,,;;;q=q=q",
        b"\xff\xfe\xfd",
        b"\xc3\xa9n",
        &[b','; 9_000],
        &b"de,".repeat(3_000),
    ] {
        let request = user.request(Method::GET, "/api/hotels/999999/").header("accept-language", header);

        let answer = request.send().await;
        let header = String::from_utf8_lossy(header);
        assert_eq!(answer.expect(404), json!({ "detail": "Pas trouvé." }), "{header}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn english_is_answered_to_whoever_prefers_it(owner: PgPool) {
    let user = TestApp::start(owner).await.user().await;

    for header in ["en", "EN", "en-US", "en-US,en;q=0.5", "de, en;q=0.1", "fr;q=0.4, en-GB;q=0.5", " en ; q=0.9 "] {
        let request = user.request(Method::GET, "/api/hotels/999999/").header("accept-language", header);

        assert_eq!(request.send().await.expect(404), json!({ "detail": "Not found." }), "{header}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_host_that_is_none_is_refused_by_the_gateway(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;

    for host in [
        &b""[..],
        b"a b",
        b"evil.test/path",
        b"user@evil.test",
        b"red.test:99999",
        b"red.test:x",
        b"red.test,evil.test",
        b"<script>",
        b"\"red.test\"",
        b"r\xc3\xa9d.test",
        b"\xff",
        b"[::1",
    ] {
        let answer = user.request(Method::GET, "/api/hotels/").header("host", host).send().await;

        let host = String::from_utf8_lossy(host);
        assert_eq!(answer.expect(400), json!({ "message": "Bad Request" }), "{host}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn headers_that_only_a_proxy_should_send_change_nothing(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let hotel = created(&admin, json!({})).await;

    for (header, value) in [
        ("x-http-method-override", &b"DELETE"[..]),
        ("x-method-override", b"DELETE"),
        ("x-original-url", b"/api/health/"),
        ("x-rewrite-url", b"/api/health/"),
        ("x-forwarded-for", b"not, an, address, \xff"),
        ("x-forwarded-proto", b"\xff"),
        ("x-forwarded-host", b"evil.test"),
        ("x-forwarded-port", b"-1"),
        ("x-request-id", b"mine"),
        ("x-amzn-trace-id", b"\xff"),
        ("apigw-requestid", b"mine"),
        ("cookie", b"a=b; c; =; \xff"),
        ("user-agent", b"\xff\xfe"),
        ("user-agent", &[b'x'; 4_000]),
        ("content-length", b"abc"),
        ("content-encoding", b"gzip"),
        ("transfer-encoding", b"chunked"),
        ("expect", b"100-continue"),
        ("range", b"bytes=0-1"),
        ("accept", b"application/xml"),
        ("accept-encoding", b"br, \xff"),
        ("idempotency-key", b"\xff"),
        ("if-modified-since", b"Fri, 31 Dec 9999 23:59:59 GMT"),
        ("if-unmodified-since", b"never"),
    ] {
        let answer = admin.request(Method::GET, &path(&hotel)).header(header, value).send().await;

        assert_eq!(answer.expect(200), hotel, "{header}");
        assert_ne!(answer.header("x-request-id"), "mine");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_precondition_of_any_bytes_matches_nothing(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let hotel = created(&admin, json!({})).await;

    for if_match in [
        &b"\xff"[..],
        b"\"\xff\"",
        b"\"\xc3\xa9\"",
        b"\"1\xff\"",
        b"W/",
        b"W/W/\"1\"",
        b"\"",
        b"\"\"\"",
        b"* *",
        b"**",
        b"null",
        &[b'"'; 4_000],
        &b"\"0\",".repeat(1_000),
    ] {
        for method in [Method::PUT, Method::PATCH, Method::DELETE] {
            let request =
                admin.request(method, &path(&hotel)).json(&self::hotel(json!({}))).header("if-match", if_match);

            assert_eq!(request.send().await.status.as_u16(), 412, "{}", String::from_utf8_lossy(if_match));
        }
    }
    assert_eq!(admin.get(&path(&hotel)).await.expect(200), hotel);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn more_headers_or_address_than_the_gateway_takes_are_refused_by_it(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    let long = "x".repeat(10_240);

    let answers = [
        user.request(Method::GET, "/api/hotels/").header("accept-language", &long).send().await,
        user.request(Method::GET, "/api/hotels/").header("if-match", &long).send().await,
        user.request(Method::GET, "/api/hotels/").header("x-anything", &long).send().await,
        app.with_authorization(format!("Bearer {long}")).get("/api/hotels/").await,
        user.get(&format!("/api/hotels/{long}")).await,
        user.get(&format!("/api/hotels/?{long}")).await,
        app.public().get(&format!("/api/hotels/?page={long}")).await,
    ];

    for answer in answers {
        assert!(answer.expect(431)["message"].is_string());
        assert!(!answer.header("apigw-requestid").is_empty());
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn almost_as_much_as_the_gateway_takes_is_still_answered(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    let long = "1".repeat(9_000);

    assert_eq!(user.get(&format!("/api/hotels/{long}/")).await.status.as_u16(), 404);
    assert_eq!(user.get(&format!("/api/hotels/?page={long}")).await.status.as_u16(), 404);
    assert_eq!(user.get(&format!("/api/hotels/?page_size={long}")).await.status.as_u16(), 200);
    let answer = app.with_authorization(format!("Bearer {long}")).get("/api/hotels/").await;
    assert_eq!(answer.expect(401)["code"], "token_not_valid");
    let many =
        (0..200).fold(user.request(Method::GET, "/api/hotels/"), |request, at| request.header(&format!("x-{at}"), "1"));
    many.send().await.expect(200);
}

// What the tests are written with.

async fn send(
    caller: &Caller,
    method: Method,
    path: &str,
    media_type: impl AsRef<[u8]>,
    body: impl Into<Vec<u8>>,
) -> Answer {
    caller.request(method, path).header("content-type", media_type).body(body.into()).send().await
}

/// A refusal is JSON: a sentence of ours, faults by field, or a message of the gateway, and nothing from inside.
#[track_caller]
fn assert_clear(answer: &Answer, case: &str) {
    assert!(answer.status.is_client_error(), "{case}: {}", answer.status);
    assert_eq!(answer.header("content-type"), "application/json", "{case}");
    let body = answer.body();
    let told = body.as_object().unwrap_or_else(|| panic!("{case}: {body}"));
    let sentences =
        |value: &Value| value.is_string() || value.as_array().is_some_and(|all| all.iter().all(Value::is_string));
    assert!(!told.is_empty() && told.values().all(sentences), "{case}: {body}");
    let text = body.to_string().to_lowercase();
    for inside in ["sqlx", "postgres", "panicked", "hotels_hotel", ".rs:"] {
        assert!(!text.contains(inside), "{case}: {body}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_the_original_adds_to_its_answers_is_not_there(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;

    let refused = app.with_authorization("Bearer x").get("/api/hotels/").await;
    let plain = user.get("/api/hotels/?format=xml").await;

    assert_eq!((refused.status.as_u16(), refused.header("www-authenticate")), (401, ""));
    assert!(refused.body().get("messages").is_none());
    assert_eq!((plain.status.as_u16(), plain.header("allow")), (200, ""));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_phone_is_trimmed_and_has_at_most_twenty_characters(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;

    let kept = user.patch("/api/auth/me/", json!({ "phone": "  +221 77 123 45 67 " })).await.expect(200);
    let refused = user.patch("/api/auth/me/", json!({ "phone": "+221 77 123 45 67    8" })).await;

    assert_eq!(kept["phone"], "+221 77 123 45 67");
    assert_eq!(refused.expect(400)["phone"][0], "Assurez-vous que ce champ comporte au plus 20\u{a0}caractères.");
}
