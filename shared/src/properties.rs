//! What holds for whatever strangers send, tried on made-up cases: how many is in `.cargo/config.toml`, and what they are
//! made of is here. Properties of what only one module can see stand in that module.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use axum::{Json, extract::FromRequestParts};
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use http::{HeaderValue, Request, header};
use lambda_http::{
    Context, LambdaEvent,
    aws_lambda_events::{
        apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse},
        encodings::Body,
    },
};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Map, Number, Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::{
    auth::{CurrentUser, Identity, Rejection},
    config,
    db::Db,
    error::ApiError,
    extract::{Id, IfMatch, NoContent, Partial, Whole},
    fields::{self, Fields, FromFields},
    idempotency::Idempotency,
    lambda::HttpFunction,
    list::{Filter, List},
    query::{Filters, Query},
    routes::{
        Access::{Admin, Public, User},
        Routes,
    },
    text::Language,
};

/// Text of any kind: what people write, what machines write, and what breaks parsers.
pub(crate) fn text() -> BoxedStrategy<String> {
    const ODD: [&str; 28] = [
        "",
        " ",
        "\0",
        "a\0b",
        "\r\n",
        "\u{feff}",
        "\u{202e}",
        "\u{a0}x\u{a0}",
        "=1+1",
        "@x",
        "NaN",
        "inf",
        "-0",
        "01",
        "1.",
        ".5",
        "1e400",
        "1e-400",
        "true",
        "null",
        "'",
        "\"",
        "\\",
        "%",
        "$serde_json::private::Number",
        "\u{10ffff}",
        "2026-02-29",
        "9999-12-31T23:59:60.9999999-23:59",
    ];
    prop_oneof![
        4 => "(?s).{0,30}",
        4 => "[ -~]{0,30}",
        3 => select(&ODD[..]).prop_map(str::to_owned),
        2 => "[0-9+-][0-9eE.+-]{0,40}",
        1 => (any::<char>(), 0..6_000_usize).prop_map(|(c, times)| c.to_string().repeat(times)),
    ]
    .boxed()
}

/// Any JSON, with numbers of any length.
pub(crate) fn json() -> BoxedStrategy<Value> {
    let number = "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,4})?";
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        2 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        2 => number.prop_map(|digits| Value::Number(digits.parse::<Number>().unwrap())),
        4 => text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            vec((text(), inner), 0..6).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
    .boxed()
}

/// A text with a few of its characters changed, taken out or put in, or its end cut off.
pub(crate) fn mutated(original: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let change = (any::<proptest::sample::Index>(), 0..4_u8, any::<char>());
    (original, vec(change, 0..4)).prop_map(|(original, changes)| {
        let mut characters: Vec<char> = original.chars().collect();
        for (at, kind, c) in changes.into_iter().filter(|_| !original.is_empty()) {
            let at = at.index(characters.len().max(1)).min(characters.len());
            match kind {
                0 => characters.insert(at, c),
                1 => characters.truncate(at),
                _ if at == characters.len() => {}
                2 => _ = characters.remove(at),
                _ => characters[at] = c,
            }
        }
        characters.into_iter().collect()
    })
}

/// A body with a field of each kind.
struct Thing;

impl FromFields for Thing {
    const EXAMPLE: &'static str = r#"{ "text": "x" }"#;

    fn from_fields(fields: &mut Fields) -> Self {
        fields.required("text", fields::text(20));
        fields.optional("blank", fields::text_or_blank(20));
        fields.optional("name", fields::name_or_blank(20));
        fields.optional("verbatim", fields::verbatim());
        fields.optional("email", fields::email_or_blank());
        fields.optional("phone", fields::phone());
        fields.optional("integer", fields::integer(0..=i32::MAX));
        fields.nullable("number", fields::number());
        fields.optional("decimal", fields::decimal(10, 2));
        fields.optional("boolean", fields::boolean());
        fields.nullable("time", fields::time());
        fields.optional("choice", fields::choice(&["a", "b"]));
        fields.optional("object", fields::object());
        Self
    }
}

const FIELDS: [&str; 14] = [
    "text", "blank", "name", "verbatim", "email", "phone", "integer", "number", "decimal", "boolean", "time", "choice",
    "object", "another",
];

struct ThingFilter;

impl Filter for ThingFilter {
    const ORDERINGS: &'static [(&'static str, &'static str)] = &[("name", "name")];
    const SEARCH: &'static str = "name";

    fn read(filters: &mut Filters<'_>) -> Self {
        filters.text("text");
        filters.boolean("boolean");
        filters.number("number");
        filters.at_least("at_least");
        filters.decimal("decimal");
        filters.choice("choice", &["a", "b"]);
        filters.id("id");
        filters.since("since");
        filters.until("until");
        Self
    }
}

async fn list(_: List<ThingFilter>) -> Result<NoContent, ApiError> {
    Ok(NoContent)
}

async fn create(_: Idempotency, _: Whole<Thing>) -> Result<NoContent, ApiError> {
    Ok(NoContent)
}

async fn change(_: Id, _: IfMatch, changes: Result<Partial<Thing>, ApiError>) -> Result<NoContent, ApiError> {
    changes.map(|_| NoContent)
}

async fn caller(user: CurrentUser) -> Json<Vec<i64>> {
    Json(vec![user.id, user.session_id])
}

/// A function with no database behind it, so that whatever asks for one is a 503.
static FUNCTION: LazyLock<(Runtime, HttpFunction)> = LazyLock::new(|| {
    let db = Db::sandbox(config::database_url("postgres://red_app@127.0.0.1:1/red").unwrap());
    let routes = Routes::new()
        .get("/api/things", Public, list)
        .post("/api/things", User, create)
        .patch("/api/things/{id}", Public, change)
        .get("/api/caller", User, caller)
        .get("/api/admin", Admin, caller);
    (Builder::new_current_thread().enable_all().build().unwrap(), HttpFunction::new(routes, db))
});

/// The answer to an event, which has to be one of the contract's.
fn answer(event: Value) -> Result<(u16, ApiGatewayV2httpResponse, Value), TestCaseError> {
    let is_head = event["requestContext"]["http"]["method"] == "HEAD";
    let payload: ApiGatewayV2httpRequest =
        serde_json::from_value(event).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let (runtime, function) = &*FUNCTION;
    let answer = runtime.block_on(function.answer(LambdaEvent::new(payload, Context::default())));
    let status = u16::try_from(answer.status_code).unwrap();
    let body = match &answer.body {
        Some(Body::Text(text)) => {
            serde_json::from_str(text).map_err(|error| TestCaseError::fail(format!("{error}: {text}")))?
        }
        _ => Value::Null,
    };
    prop_assert_eq!(answer.headers.get(header::CACHE_CONTROL).map(HeaderValue::as_bytes), Some(&b"no-store"[..]));
    prop_assert_eq!(answer.headers.get("x-request-id").map(HeaderValue::as_bytes), Some(&b"request-1"[..]));
    match status {
        200..=299 => {}
        _ if is_head => prop_assert!(answer.body.is_none()),
        400 => prop_assert!(body.get("detail").is_some_and(Value::is_string) || is_field_errors(&body), "{body}"),
        401 | 403 | 404 | 405 | 413 | 415 | 503 => prop_assert!(body["detail"].is_string(), "{body}"),
        other => prop_assert!(false, "{other}: {body}"),
    }
    Ok((status, answer, body))
}

/// Each field with its sentences, or with the same for what is inside it.
fn is_field_errors(body: &Value) -> bool {
    let is_fault = |fault: &Value| match fault {
        Value::Array(items) => !items.is_empty() && items.iter().all(|item| item.is_string() || is_field_errors(item)),
        Value::Object(_) => is_field_errors(fault),
        _ => false,
    };
    body.as_object().is_some_and(|fields| fields.values().all(is_fault))
}

fn event(method: &str, path: &str, query: &str, headers: &Map<String, Value>, body: Option<&str>) -> Value {
    json!({
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "requestId": "request-1",
            "domainName": "red.test",
            "http": { "method": method, "path": path, "sourceIp": "192.0.2.7" },
        },
        "body": body,
        "isBase64Encoded": false,
    })
}

/// Headers that a function looks at, and others, with values that HTTP allows.
fn headers() -> impl Strategy<Value = Map<String, Value>> {
    const NAMES: [&str; 14] = [
        "accept-language",
        "content-type",
        "if-match",
        "idempotency-key",
        "x-forwarded-proto",
        "user-agent",
        "x-viewer-host",
        "x-viewer-ip",
        "x-viewer-path",
        "x-origin-verify",
        "range",
        "accept",
        "content-length",
        "host",
    ];
    let value = prop_oneof![
        3 => "[ -~\t]{0,40}",
        2 => "[ -~é€𝒳]{0,20}",
        1 => select(vec![
            "application/json", "*", "W/\"1\"", "\"", "en;q=1e9", "en;q=NaN", "bytes=0-,-1", "text/plain;", "http", "::1", "",
        ]).prop_map(str::to_owned),
        1 => "[a-z]{8000,9000}",
    ];
    vec((select(&NAMES[..]), value), 0..6)
        .prop_map(|pairs| pairs.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect())
}

/// Paths that lead somewhere, almost somewhere, and nowhere.
fn path() -> impl Strategy<Value = String> {
    let segment = prop_oneof![
        4 => select(vec!["api", "things", "1", "caller", ".", "..", "", "%2f", "%00", "?x", "#", "1;2", "9223372036854775808", "-1", "０"])
            .prop_map(str::to_owned),
        1 => "(?s).{0,12}",
        1 => "[0-9]{1,400}",
    ];
    prop_oneof![
        3 => vec(segment, 0..6).prop_map(|segments| format!("/{}", segments.join("/"))),
        2 => "[0-9]{1,20}".prop_map(|id| format!("/api/things/{id}/")),
        2 => Just("/api/things".to_owned()),
        1 => "(?s).{0,40}",
        1 => (60_000..80_000_usize).prop_map(|length| format!("/api/things/{}", "1".repeat(length))),
    ]
}

fn query() -> impl Strategy<Value = String> {
    let name = select(vec![
        "page",
        "page_size",
        "ordering",
        "search",
        "text",
        "boolean",
        "number",
        "at_least",
        "decimal",
        "choice",
        "id",
        "since",
        "until",
        "other",
    ]);
    let pair = (name, text(), any::<bool>()).prop_map(|(name, value, encoded)| match encoded {
        true => form_urlencoded::Serializer::new(String::new()).append_pair(name, &value).finish(),
        false => format!("{name}={value}"),
    });
    prop_oneof![4 => vec(pair, 0..6).prop_map(|pairs| pairs.join("&")), 1 => text()]
}

/// Bodies: fields of every kind, JSON of any kind, and what is almost JSON.
fn body() -> impl Strategy<Value = String> {
    let object = vec((select(&FIELDS[..]), json()), 0..8);
    let object = object
        .prop_map(|pairs| Value::Object(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()));
    prop_oneof![
        4 => object.clone().prop_map(|object| object.to_string()),
        2 => mutated(object.prop_map(|object| object.to_string())),
        2 => json().prop_map(|value| value.to_string()),
        1 => text(),
        1 => (select(vec!["[", "{\"text\":", "{\"object\":{\"a\":"]), 1..5_000_usize).prop_map(|(open, depth)| open.repeat(depth)),
        1 => "(\"|\\{\"text\":\")(\\\\u(d[89a-f][0-9a-f]{2}|[0-9a-f]{4})){1,3}(\"|\"\\})",
    ]
}

/// What an authorizer's answer is made of, or almost.
fn context() -> impl Strategy<Value = Map<String, Value>> {
    let now = Utc::now().timestamp();
    let value = |usual: Vec<Value>| prop_oneof![6 => select(usual), 1 => json()];
    let ids = || value(vec![json!("1"), json!("9223372036854775807"), json!("-1")]);
    let some = |strategy: BoxedStrategy<Value>| prop::option::weighted(0.9, strategy);
    let rare = |strategy: BoxedStrategy<Value>| prop::option::weighted(0.15, strategy);
    (
        some(ids().boxed()),
        some(ids().boxed()),
        some(value(vec![json!(now + 600), json!(now + 600), json!(now), json!(0)]).boxed()),
        some(value(vec![json!(true), json!(false)]).boxed()),
        rare(value(vec![json!(true), json!(false)]).boxed()),
        rare(value(vec![json!("token_not_valid"), json!("user_inactive"), json!("a code of tomorrow")]).boxed()),
    )
        .prop_map(|(user_id, session_id, expires_at, is_admin, unchecked, rejected)| {
            let names = ["user_id", "session_id", "expires_at", "is_admin", "unchecked", "rejected"];
            let values = [user_id, session_id, expires_at, is_admin, unchecked, rejected];
            names.into_iter().zip(values).filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
        })
}

proptest! {
    #[test]
    fn every_event_has_an_answer_of_the_contract(
        method in prop_oneof![4 => select(vec!["GET", "HEAD", "POST", "PATCH", "OPTIONS"]).prop_map(str::to_owned), 1 => "[A-Z]{1,20}"],
        path in path(),
        query in query(),
        headers in headers(),
        body in prop::option::of(body()),
    ) {
        let (status, _, _) = answer(event(&method, &path, &query, &headers, body.as_deref()))?;

        prop_assert_ne!(status, 503, "no route that is open here needs a database");
        if !path.starts_with("/api/") && method != "OPTIONS" {
            prop_assert_eq!(status, 404);
        }
    }

    #[test]
    fn an_event_that_says_little_has_an_answer_too(
        left_out in vec(select(vec!["version", "rawPath", "rawQueryString", "headers", "body", "isBase64Encoded"]), 0..6),
        body in prop_oneof![Just(Value::Null), body().prop_map(Value::from)],
        is_base64 in any::<bool>(),
    ) {
        let mut event = event("POST", "/api/things", "", &Map::new(), None);
        event["body"] = body;
        event["isBase64Encoded"] = json!(is_base64);
        for name in left_out {
            event.as_object_mut().unwrap().remove(name);
        }

        answer(event)?;
    }

    #[test]
    fn a_body_is_read_the_same_in_base64(body in body()) {
        use base64::{Engine, engine::general_purpose::STANDARD};
        let plain = event("PATCH", "/api/things/1", "", &Map::new(), Some(&body));
        let mut encoded = plain.clone();
        encoded["body"] = json!(STANDARD.encode(&body));
        encoded["isBase64Encoded"] = json!(true);

        let (plain, encoded) = (answer(plain)?, answer(encoded)?);

        prop_assert_eq!((plain.0, plain.2), (encoded.0, encoded.2));
    }

    #[test]
    fn a_body_of_any_bytes_is_read_or_refused(bytes in vec(any::<u8>(), 1..200)) {
        use base64::{Engine, engine::general_purpose::STANDARD};
        let mut event = event("PATCH", "/api/things/1", "", &Map::new(), None);
        event["body"] = json!(STANDARD.encode(&bytes));
        event["isBase64Encoded"] = json!(true);

        let (status, _, _) = answer(event)?;

        let is_object = serde_json::from_slice::<Map<String, Value>>(&bytes).is_ok();
        prop_assert!(status == 400 || is_object);
    }

    #[test]
    fn nobody_is_let_in_but_by_a_whole_answer_of_the_authorizer(context in context(), path in select(vec!["/api/caller", "/api/admin"])) {
        // A key that serde_json keeps to itself makes no event at all, and no authorizer's answer has it.
        prop_assume!(!json!(context).to_string().contains("$serde_json"));
        let mut event = event("GET", path, "", &Map::new(), None);
        event["requestContext"]["authorizer"] = json!({ "lambda": context });
        let id = |name: &str| context.get(name).and_then(Value::as_str).and_then(|id| id.parse::<i64>().ok());
        let flag = |name: &str| context.get(name).map_or(Some(false), Value::as_bool);
        let expires_at = context.get("expires_at").and_then(Value::as_i64);
        let known = match (context.get("rejected"), id("user_id"), id("session_id"), expires_at, flag("is_admin"), flag("unchecked")) {
            (None, Some(user), Some(session), Some(expires_at), Some(is_admin), Some(unchecked)) if expires_at > Utc::now().timestamp() => {
                Some((user, session, is_admin, unchecked))
            }
            _ => None,
        };

        let (status, _, body) = answer(event)?;

        match known {
            None => prop_assert_eq!(status, 401),
            Some((_, _, _, true)) => prop_assert_eq!(status, 503),
            Some((_, _, false, _)) if path == "/api/admin" => prop_assert_eq!(status, 403),
            Some((user, session, ..)) => prop_assert_eq!((status, body), (200, json!([user, session]))),
        }
    }

    #[test]
    fn every_identity_survives_the_way_through_the_gateway(
        id in any::<i64>(), session_id in any::<i64>(), is_admin in any::<bool>(), expires_at in any::<i64>(),
    ) {
        let user = CurrentUser { id, session_id, is_admin };
        for identity in [
            Identity::Known { user, expires_at },
            Identity::Unchecked { user_id: id, session_id, expires_at },
            Identity::Rejected(Rejection::TokenNotValid),
        ] {
            let context: HashMap<String, Value> = serde_json::from_value(identity.to_context()).unwrap();
            prop_assert_eq!(Identity::from_context(&context), identity);
        }
    }

    #[test]
    fn an_idempotency_key_is_1_to_255_ascii_characters(key in prop_oneof!["[ -~]{0,300}", "[ -~é]{0,20}", "[a-z]{254,257}"]) {
        let user = json!({ "user_id": "1", "session_id": "1", "expires_at": i64::MAX });
        let headers = Map::from_iter([("idempotency-key".to_owned(), json!(key))]);
        let mut event = event("POST", "/api/things", "", &headers, Some(r#"{"text": "x"}"#));
        event["requestContext"]["authorizer"] = json!({ "lambda": user });

        let (status, _, body) = answer(event)?;

        let fits = key.is_ascii() && (1..=255).contains(&key.len());
        prop_assert_eq!(status, if fits { 204 } else { 400 });
        prop_assert_eq!(body.get("Idempotency-Key").is_some(), !fits);
    }

    #[test]
    fn an_id_is_a_number_of_64_bits_in_digits(id in prop_oneof!["[0-9]{1,25}", "[0-9A-Za-z._~-]{1,10}"]) {
        let (status, _, _) = answer(event("PATCH", &format!("/api/things/{id}"), "", &Map::new(), None))?;

        let is_id = id.bytes().all(|byte| byte.is_ascii_digit()) && id.parse::<i64>().is_ok();
        prop_assert_eq!(status, if is_id { 204 } else { 404 });
    }

    #[test]
    fn if_match_names_the_versions_that_it_names(versions in vec(any::<i64>(), 1..6), weak in any::<bool>(), other in any::<i64>()) {
        let tags: Vec<String> = versions.iter().map(|version| format!("{}\"{version}\"", if weak { "W/" } else { "" })).collect();
        let read = if_match(tags.join(" , ").as_bytes());

        prop_assert_eq!(read.versions(), Some(&versions[..]));
        prop_assert_eq!(read.admits(other), versions.contains(&other));
    }

    #[test]
    fn if_match_of_any_bytes_admits_no_version_that_it_does_not_spell(bytes in vec(any::<u8>().prop_filter("a header", |byte| *byte >= 32 && *byte != 127), 0..40), version in 0..1_000_i64) {
        let read = if_match(&bytes);

        let text = String::from_utf8_lossy(&bytes);
        let is_spelt = text.contains(&format!("\"{version}\""));
        prop_assert!(text.trim() == "*" || !read.admits(version) || is_spelt);
    }

    #[test]
    fn another_page_of_a_list_keeps_every_other_parameter(query in query(), page in 1..1_000_u64) {
        let read = Query::parse(&query);

        let other = Query::parse(&read.of_page(page));

        let number = (page > 1).then(|| page.to_string());
        prop_assert_eq!(other.get("page"), number.as_deref());
        for name in ["page_size", "ordering", "search", "text", "boolean", "since", "other"] {
            prop_assert_eq!(other.get(name), read.get(name), "{}", name);
        }
        prop_assert_eq!(Query::parse(&other.of_page(page)).of_page(page), other.of_page(page));
    }

    #[test]
    fn a_list_is_answered_or_refused_by_the_name_of_a_parameter(query in query()) {
        let (status, _, body) = answer(event("GET", "/api/things", &query, &Map::new(), None))?;

        let given = Query::parse(&query);
        let blames_what_was_given = || body.as_object().unwrap().keys().all(|name| given.get(name).is_some() || name.contains('\0') || query.contains("%00") || query.contains('\0'));
        prop_assert!(matches!(status, 204 | 404) || (status == 400 && blames_what_was_given()), "{status}: {body}");
    }

    #[test]
    fn a_time_is_found_by_itself_and_by_no_later_one(seconds in -62_000_000_000_i64..253_402_300_799, micros in 0..1_000_000_u32, offset in -1439..1440_i32) {
        let time = DateTime::<Utc>::from_timestamp(seconds, micros * 1_000).unwrap();
        let zone = chrono::FixedOffset::east_opt(offset * 60).unwrap();
        let local = time.with_timezone(&zone);
        prop_assume!((0..=9999).contains(&chrono::Datelike::year(&local)));
        for written in [time.to_rfc3339_opts(SecondsFormat::Micros, true), local.to_rfc3339_opts(SecondsFormat::Micros, false), local.to_rfc3339_opts(SecondsFormat::Micros, false).replace('T', " ")] {
            // As a query has it: encoded, or with the plus of its offset as a space.
            for query in [form_urlencoded::Serializer::new(String::new()).append_pair("t", &written).finish(), format!("t={written}")] {
                let query = Query::parse(&query);
                let mut filters = Filters::new(&query);
                prop_assert_eq!(filters.since("t"), Some(time), "{}", written);
                prop_assert_eq!(filters.until("t"), Some(time + Duration::microseconds(1)), "{}", written);
            }
        }
    }

    #[test]
    fn what_is_read_as_a_time_has_a_beginning_before_its_end(text in prop_oneof![text(), mutated("20[0-9]{2}-[01][0-9]-[0-3][0-9]([T ][0-2][0-9]:[0-6][0-9](:[0-6][0-9])?([.,][0-9]{1,12})?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?")]) {
        let query = Query::parse(&form_urlencoded::Serializer::new(String::new()).append_pair("t", &text).finish());
        let mut filters = Filters::new(&query);

        let (since, until) = (filters.since("t"), filters.until("t"));

        prop_assert_eq!(since.is_some(), until.is_some());
        prop_assert!(since <= until);
        prop_assert_eq!(filters.finish().is_err(), since.is_none() && query.get("t").is_some_and(|text| !text.trim().is_empty()));
    }

    #[test]
    fn english_is_answered_where_it_weighs_more(en in 0..=1_000_u16, fr in 0..=1_000_u16, english_first in any::<bool>()) {
        let (en_range, fr_range) = (format!("en-GB;q={}", f32::from(en) / 1_000.0), format!("fr;q={}", f32::from(fr) / 1_000.0));
        let header = if english_first { [en_range, fr_range] } else { [fr_range, en_range] }.join(", ");

        let wins = en > fr || (en == fr && english_first && en > 0);
        prop_assert_eq!(Language::preferred(&header) == Language::English, wins, "{}", header);
    }

    #[test]
    fn french_is_answered_to_whoever_does_not_name_english(header in text()) {
        prop_assume!(!header.to_ascii_lowercase().contains("en"));
        prop_assert_eq!(Language::preferred(&header), Language::French);
    }

    #[test]
    fn what_a_field_reads_it_reads_again_as_the_same(value in prop_oneof![3 => json(), 2 => plausible()]) {
        fn again<T: Clone + PartialEq + std::fmt::Debug>(
            field: &fields::Field<impl Fn(&Value) -> Result<T, crate::text::Text>>,
            value: &Value,
            write: impl Fn(&T) -> Value,
        ) -> Result<Option<T>, TestCaseError> {
            let Ok(read) = field.read(value) else { return Ok(None) };
            prop_assert_eq!(field.read(&write(&read)), Ok(read.clone()));
            Ok(Some(read))
        }
        let as_text = |text: &String| json!(text);

        for (max, text) in [(20, again(&fields::text(20), &value, as_text)?), (20, again(&fields::text_or_blank(20), &value, as_text)?), (20, again(&fields::name_or_blank(20), &value, as_text)?)] {
            if let Some(text) = text {
                prop_assert!(text.chars().count() <= max && text.trim() == text && !text.contains('\0'));
            }
        }
        if let Some(name) = again(&fields::name_or_blank(150), &value, as_text)? {
            prop_assert!(!name.chars().any(|c| c.is_control() || crate::characters::is_bidi_control(c)));
            prop_assert!(name.is_empty() || name.chars().any(crate::characters::is_visible));
        }
        again(&fields::title(150), &value, as_text)?;
        if let Some(email) = again(&fields::account_email(), &value, as_text)? {
            let key = crate::email::address::key_of(&email);
            prop_assert_eq!(fields::account_email().read(&json!(&key)), Ok(key));
        }
        if let Some(phone) = again(&fields::phone(), &value, as_text)? {
            prop_assert!(phone.len() <= 20 && phone.bytes().all(|byte| byte.is_ascii_digit() || b"+ -.()".contains(&byte)));
        }
        if let Some(integer) = again(&fields::integer(-5..=i32::MAX), &value, |integer| json!(integer))? {
            prop_assert!(integer >= -5);
            // However it was written, it is the number that was written.
            let written = value.as_str().map_or_else(|| value.to_string(), |text| text.trim().to_owned());
            prop_assert_eq!(written.parse::<f64>(), Ok(f64::from(integer)), "{}", written);
        }
        if let Some(number) = again(&fields::number(), &value, |number| json!(number))? {
            prop_assert!(number.is_finite());
        }
        if let Some(decimal) = again(&fields::decimal(10, 2), &value, |decimal| json!(decimal.to_string()))? {
            prop_assert!(decimal.scale() <= 2 && decimal.mantissa().unsigned_abs() < 10_u128.pow(10));
        }
        if let (Some(id), Value::Number(number)) = (again(&fields::key(), &value, |id| json!(id))?, &value) {
            prop_assert!(number.as_i64() == Some(id) || number.as_f64() == Some(id as f64), "{}", number);
        }
        again(&fields::boolean(), &value, |boolean| json!(boolean))?;
        again(&fields::choice(&["a", "1", "true"]), &value, as_text)?;
        again(&fields::time(), &value, |time: &DateTime<Utc>| json!(time.to_rfc3339_opts(SecondsFormat::Micros, true)))?;
    }

    #[test]
    fn a_number_keeps_its_value_as_text(float in any::<f64>().prop_filter("JSON", |float| float.is_finite()), integer in any::<i128>()) {
        let text = fields::verbatim().read(&json!(float)).unwrap();
        prop_assert_eq!(text.parse::<f64>(), Ok(float));
        prop_assert!(text.contains(['.', 'e']) && !text.contains('E'), "{}", text);
        let digits: Value = serde_json::from_str(&integer.to_string()).unwrap();
        prop_assert_eq!(fields::verbatim().read(&digits), Ok(integer.to_string()));
    }

    #[test]
    fn a_time_that_is_read_is_in_the_years_that_clients_read(text in edge_of_time()) {
        let read = fields::time().read(&json!(text));
        if let Ok(time) = read {
            prop_assert!((1..=9999).contains(&chrono::Datelike::year(&time)), "{}", text);
            let written = time.to_rfc3339_opts(SecondsFormat::Micros, true);
            prop_assert_eq!(written.len(), "2026-01-31T00:00:00.000000Z".len());
            prop_assert_eq!(DateTime::parse_from_rfc3339(&written).unwrap(), time);
        }
        let definition = json!([{ "name": "a", "label": "A", "type": "datetime" }]);
        let form = crate::form::Definition::read(&definition).unwrap();
        if let Ok(kept) = form.check(json!({ "a": text }).as_object().unwrap()) {
            let written = kept["a"].as_str().unwrap();
            prop_assert!(("0001".."9999z").contains(&written) && !written.contains(":60"), "{}: {}", text, written);
        }
    }

    #[test]
    fn an_address_that_is_taken_is_one_line_and_one_reader(email in email()) {
        if let Ok(read) = fields::email().read(&json!(email)) {
            prop_assert!(read.len() >= 3 && read.chars().count() <= 254);
            prop_assert!(!read.chars().any(char::is_control), "{read:?}");
            let (local, domain) = read.rsplit_once('@').unwrap();
            prop_assert!(local.is_ascii() && !domain.contains(|c: char| c.is_whitespace() || ",;<>()[]\"\\:".contains(c)), "{read:?}");
            // What would begin another reader in a header stands in quotation marks or not at all.
            let is_quoted = local.len() >= 2 && local.starts_with('"') && local.ends_with('"');
            prop_assert!(is_quoted || !local.contains(|c: char| c.is_whitespace() || ",;<>()[]\"\\:@".contains(c)), "{read:?}");
        }
    }
}

fn if_match(value: &[u8]) -> IfMatch {
    let request =
        Request::builder().header(header::IF_MATCH, HeaderValue::from_bytes(value).unwrap()).body(()).unwrap();
    let (mut parts, ()) = request.into_parts();
    FUNCTION.0.block_on(IfMatch::from_request_parts(&mut parts, &Arc::new(()))).unwrap()
}

/// Times about the first and the last year, leap seconds, and odd offsets.
fn edge_of_time() -> impl Strategy<Value = String> {
    let date = select(vec!["0000-12-31", "0001-01-01", "9999-12-31", "2026-12-31", "2016-12-31"]);
    let fraction = "([.][0-9]{1,12}|[.]9{6,9})?";
    let offset = "(Z|z|[+-](0[0-9]|1[0-9]|2[0-4]):[0-6][0-9])";
    (date, "[Tt ](00|12|23|24):(00|59|60):(00|59|60)", fraction, offset)
        .prop_map(|(date, time, fraction, offset)| format!("{date}{time}{fraction}{offset}"))
}

/// What fields take, or almost.
fn plausible() -> impl Strategy<Value = Value> {
    prop_oneof![
        mutated("[+]?[0-9 ]{4,20}").prop_map(Value::from),
        mutated("-?[0-9]{1,12}([.][0-9]{1,3})?(e[0-9]{1,2})?").prop_map(Value::from),
        (-20..20_i64).prop_map(Value::from),
        (-2_000..2_000_i32).prop_map(|tenths| json!(f64::from(tenths) / 10.0)),
        select(vec![
            "true",
            "no",
            "on",
            "0",
            "T",
            "a",
            "2026-11-22",
            "2026-11-22T09:05",
            "2026-11-22T09:05:60.1234567Z"
        ])
        .prop_map(Value::from),
        mutated(Just("2026-11-22T09:05:00.123456+02:00".to_owned())).prop_map(Value::from),
    ]
}

fn email() -> impl Strategy<Value = String> {
    let part = "[a-z0-9é.+,;<>()\"\\\\ \t\r\n:@\\[\\]-]{0,12}";
    prop_oneof![
        mutated("[a-z.+-]{1,10}@[a-z-]{1,10}[.][a-z]{1,4}"),
        (part, part).prop_map(|(local, domain)| format!("{local}@{domain}.sn")),
        part.prop_map(|local| format!("\"{local}\"@example.sn")),
        mutated(Just("\"a b\"@example.sn".to_owned())),
        mutated(Just("Awa <awa@example.sn>, moussa@example.sn".to_owned())),
    ]
}
