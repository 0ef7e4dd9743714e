//! Hotels: one row at a time. Their lists are in `lists`, what no client should send in `bad_input`.

use api_tests::{Answer, Caller, TestApp};
use chrono::{DateTime, Utc};
use http::Method;
use serde_json::{Value, json};
use shared::db::MIGRATOR;
use sqlx::PgPool;

const FORBIDDEN: &str = "Vous n'avez pas la permission d'effectuer cette action.";
const NOT_FOUND: &str = "Pas trouvé.";
const TOO_MANY_FREE: &str = "Le nombre de chambres disponibles ne peut pas dépasser le nombre de chambres.";

// Creating and reading.

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_hotel_needs_only_a_name_a_city_and_a_price(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let body = json!({ "name": "Hôtel Téranga", "city": "Dakar", "price_per_night": 45000 });

    let answer = admin.post("/api/hotels/", body).await;

    let defaults = json!({
        "name": "Hôtel Téranga", "description": "", "city": "Dakar", "address": "", "phone": "", "email": "",
        "price_per_night": "45000.00", "currency": "XOF", "rating": 0.0, "rooms_count": 0, "available_rooms": 0,
        "is_active": true,
    });
    assert_fields(&answer.expect(201), &defaults);
    assert!(answer.body()["id"].is_i64());
    assert!(answer.headers.get("location").is_none());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_hotel_keeps_everything_that_is_said_of_it(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let whole = json!({
        "name": "Saint-Louis Riverside", "description": "Sur le quai.\n\nVue sur le fleuve.", "city": "Saint-Louis",
        "address": "Quai Henry Jay", "phone": "+221 33 961 11 11", "email": "Accueil@Riverside.sn",
        "price_per_night": "33000.50", "currency": "EUR", "rating": 4.7, "rooms_count": 70, "available_rooms": 25,
        "is_active": false,
    });

    let created = admin.post("/api/hotels/", whole.clone()).await.expect(201);

    assert_fields(&created, &whole);
    assert_eq!(admin.get(&path(&created)).await.expect(200), created);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn money_ratings_and_times_have_one_format(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;

    let hotel = created(&admin, json!({ "price_per_night": 0.5, "rating": 5 })).await;

    let answer = admin.get(&path(&hotel)).await;
    let text = String::from_utf8(answer.bytes.to_vec()).unwrap();
    assert!(text.contains(r#""price_per_night":"0.50""#), "{text}");
    assert!(text.contains(r#""rating":5.0"#), "{text}");
    assert!(text.contains("Hôtel"), "text beyond ASCII is not escaped: {text}");
    assert_eq!(answer.header("content-type"), "application/json");
    for field in ["created_at", "updated_at"] {
        let time = hotel[field].as_str().unwrap();
        assert!(time.len() == "2026-11-22T09:05:00.000000Z".len() && time.ends_with('Z'), "{time}");
        let age = Utc::now() - time.parse::<DateTime<Utc>>().unwrap();
        assert!(age.num_seconds().abs() < 60, "{time}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn values_are_read_as_generously_as_by_the_original(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let path = path(&created(&admin, json!({ "rooms_count": 500 })).await);

    for (field, sent, kept) in [
        ("name", json!("  Saly Beach \n"), json!("Saly Beach")),
        ("name", json!(1960), json!("1960")),
        ("name", json!(4.5), json!("4.5")),
        ("name", json!("é".repeat(255)), json!("é".repeat(255))),
        ("city", json!("x".repeat(100)), json!("x".repeat(100))),
        ("description", json!(" \t "), json!("")),
        ("address", json!(""), json!("")),
        ("phone", json!("+221 77 123 45 67"), json!("+221 77 123 45 67")),
        ("phone", json!("\u{202a}+221\u{a0}77\u{2011}123 45 67\u{202c}"), json!("+221 77-123 45 67")),
        ("phone", json!(771_234_567), json!("771234567")),
        ("email", json!(""), json!("")),
        ("email", json!(" Contact@Saly.SN "), json!("Contact@Saly.SN")),
        ("price_per_night", json!("1e3"), json!("1000.00")),
        ("price_per_night", json!(" 12 "), json!("12.00")),
        ("price_per_night", json!(45000.5), json!("45000.50")),
        ("price_per_night", json!(0.1), json!("0.10")),
        ("price_per_night", json!("99999999.99"), json!("99999999.99")),
        ("rating", json!("4.5"), json!(4.5)),
        ("rating", json!(5), json!(5.0)),
        ("rooms_count", json!("120"), json!(120)),
        ("rooms_count", json!("12.0"), json!(12)),
        ("rooms_count", json!(80.0), json!(80)),
        ("rooms_count", json!(2_147_483_647), json!(2_147_483_647)),
        ("available_rooms", json!("0"), json!(0)),
        ("currency", json!("USD"), json!("USD")),
        ("is_active", json!("no"), json!(false)),
        ("is_active", json!(1), json!(true)),
        ("is_active", json!("off"), json!(false)),
        ("is_active", json!("T"), json!(true)),
        ("is_active", json!(0), json!(false)),
        ("is_active", json!("Yes"), json!(true)),
    ] {
        let answer = admin.patch(&path, json!({ field: sent })).await;

        assert_eq!((answer.status.as_u16(), &answer.body()[field]), (200, &kept), "{field}: {sent}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_value_that_breaks_a_rule_is_refused_with_the_rule(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let hotel = created(&admin, json!({})).await;

    for (field, value, text) in [
        ("name", json!(null), "Ce champ ne peut être nul."),
        ("name", json!(""), "Ce champ ne peut être vide."),
        ("name", json!(" \n "), "Ce champ ne peut être vide."),
        ("name", json!("x".repeat(256)), "Assurez-vous que ce champ comporte au plus 255\u{a0}caractères."),
        ("name", json!("a\0b"), "Le caractère nul n’est pas autorisé."),
        ("city", json!(null), "Ce champ ne peut être nul."),
        ("city", json!(""), "Ce champ ne peut être vide."),
        ("city", json!("x".repeat(101)), "Assurez-vous que ce champ comporte au plus 100\u{a0}caractères."),
        ("description", json!(null), "Ce champ ne peut être nul."),
        ("address", json!("x".repeat(256)), "Assurez-vous que ce champ comporte au plus 255\u{a0}caractères."),
        ("phone", json!("7".repeat(21)), "Assurez-vous que ce champ comporte au plus 20\u{a0}caractères."),
        ("email", json!("accueil"), "Saisissez une adresse e-mail valide."),
        ("email", json!("accueil@hotel"), "Saisissez une adresse e-mail valide."),
        ("email", json!("Awa <awa@hotel.sn>"), "Saisissez une adresse e-mail valide."),
        ("price_per_night", json!(null), "Ce champ ne peut être nul."),
        ("price_per_night", json!(-0.01), "Le prix ne peut pas être négatif"),
        ("price_per_night", json!("12,5"), "Un nombre valide est requis."),
        ("price_per_night", json!(true), "Un nombre valide est requis."),
        ("price_per_night", json!("NaN"), "Un nombre valide est requis."),
        ("price_per_night", json!("Infinity"), "Un nombre valide est requis."),
        ("price_per_night", json!(""), "Un nombre valide est requis."),
        ("price_per_night", json!("1.234"), "Assurez-vous qu'il n'y a pas plus de 2\u{a0}chiffres après la virgule."),
        ("price_per_night", json!(100_000_000), "Assurez-vous qu'il n'y a pas plus de 8 chiffres avant la virgule."),
        ("currency", json!("GBP"), "«\u{a0}GBP\u{a0}» n'est pas un choix valide."),
        ("currency", json!("xof"), "«\u{a0}xof\u{a0}» n'est pas un choix valide."),
        ("currency", json!(null), "Ce champ ne peut être nul."),
        ("rating", json!(5.1), "La note doit être entre 0 et 5"),
        ("rating", json!(-0.1), "La note doit être entre 0 et 5"),
        ("rating", json!("good"), "Un nombre valide est requis."),
        ("rating", json!(""), "Un nombre valide est requis."),
        ("rating", json!(null), "Ce champ ne peut être nul."),
        ("rooms_count", json!(-1), "Assurez-vous que cette valeur est supérieure ou égale à\u{a0}0."),
        (
            "rooms_count",
            json!(2_147_483_648_u64),
            "Assurez-vous que cette valeur est inférieure ou égale à\u{a0}2147483647.",
        ),
        ("rooms_count", json!(1.5), "Un nombre entier valide est requis."),
        ("rooms_count", json!(true), "Un nombre entier valide est requis."),
        ("rooms_count", json!(""), "Un nombre entier valide est requis."),
        ("available_rooms", json!(-1), "Assurez-vous que cette valeur est supérieure ou égale à\u{a0}0."),
        ("available_rooms", json!("many"), "Un nombre entier valide est requis."),
        ("is_active", json!("maybe"), "Une valeur vraie ou fausse est requise."),
        ("is_active", json!(2), "Une valeur vraie ou fausse est requise."),
        ("is_active", json!(null), "Ce champ ne peut être nul."),
    ] {
        let answer = admin.patch(&path(&hotel), json!({ field: value })).await;

        assert_eq!((answer.status.as_u16(), answer.body()), (400, json!({ field: [text] })), "{field}: {value}");
    }
    assert_eq!(admin.get(&path(&hotel)).await.expect(200), hotel, "nothing was written");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_price_of_nothing_has_two_places_too(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;

    for price in [json!(0), json!("0.00"), json!(-0.0), json!("-0"), json!("0e5")] {
        let hotel = created(&admin, json!({ "price_per_night": price })).await;

        assert_eq!(hotel["price_per_night"], "0.00", "{price}");
        assert_eq!(admin.get(&path(&hotel)).await.expect(200), hotel);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_the_digits_of_a_price_all_are_counted_first_then_those_after_the_point(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let in_total = "Assurez-vous qu'il n'y a pas plus de 10\u{a0}chiffres au total.";
    let after_the_point = "Assurez-vous qu'il n'y a pas plus de 2\u{a0}chiffres après la virgule.";
    let before_the_point = "Assurez-vous qu'il n'y a pas plus de 8 chiffres avant la virgule.";

    for (price, text) in [
        (json!("12345678901"), in_total),
        (json!("12345678.901"), in_total),
        (json!("1e10"), in_total),
        (json!("99999999999999999999"), in_total),
        (json!(12_345_678_901_u64), in_total),
        (json!("1.23456"), after_the_point),
        (json!("0.001"), after_the_point),
        (json!("1234567890"), before_the_point),
        (json!("123456789.5"), before_the_point),
    ] {
        let answer = admin.post("/api/hotels/", hotel(json!({ "price_per_night": price }))).await;

        assert_eq!((answer.status.as_u16(), answer.body()), (400, json!({ "price_per_night": [text] })), "{price}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn all_failing_fields_are_told_at_once_in_the_callers_language(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let body = json!({
        "name": "x".repeat(300), "city": "", "phone": [], "email": "awa", "currency": "CFA", "rating": 9,
        "price_per_night": -1, "rooms_count": "1.5", "available_rooms": -1, "is_active": "peut-être",
    });

    let request = admin.request(Method::POST, "/api/hotels/").json(&body);
    let answer = request.header("accept-language", "en-GB,en;q=0.9,fr;q=0.5").send().await;

    let errors = json!({
        "name": ["Ensure this field has no more than 255 characters."],
        "city": ["This field may not be blank."],
        "phone": ["Not a valid string."],
        "email": ["Enter a valid email address."],
        "currency": ["\"CFA\" is not a valid choice."],
        "rating": ["The rating must be between 0 and 5"],
        "price_per_night": ["The price cannot be negative"],
        "rooms_count": ["A valid integer is required."],
        "available_rooms": ["Ensure this value is greater than or equal to 0."],
        "is_active": ["Must be a valid boolean."],
    });
    assert_eq!(answer.expect(400), errors);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_new_or_replaced_hotel_needs_its_required_fields(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let path = path(&created(&admin, json!({})).await);

    let answers = [admin.post("/api/hotels/", json!({})).await, admin.put(&path, json!({ "rating": 4 })).await];

    let required = json!(["Ce champ est obligatoire."]);
    for answer in answers {
        assert_eq!(answer.expect(400), json!({ "name": required, "city": required, "price_per_night": required }));
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_hotel_cannot_have_more_free_rooms_than_rooms(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let path = path(&created(&admin, json!({ "rooms_count": 10, "available_rooms": 5 })).await);
    let refusal = json!({ "non_field_errors": [TOO_MANY_FREE] });

    for answer in [
        admin.post("/api/hotels/", hotel(json!({ "rooms_count": 10, "available_rooms": 11 }))).await,
        admin.put(&path, hotel(json!({ "available_rooms": 11 }))).await,
        admin.patch(&path, json!({ "available_rooms": 11 })).await,
        admin.patch(&path, json!({ "rooms_count": 4 })).await,
    ] {
        assert_eq!(answer.expect(400), refusal);
    }
    let stored = admin.get(&path).await.expect(200);
    assert_eq!((&stored["rooms_count"], &stored["available_rooms"]), (&json!(10), &json!(5)));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_hotel_whose_number_of_rooms_is_not_set_may_have_any_number_of_free_ones(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let path = path(&created(&admin, json!({ "available_rooms": 7 })).await);

    for (changes, status) in [
        (json!({ "available_rooms": 900 }), 200),
        (json!({ "rooms_count": 899 }), 400),
        (json!({ "rooms_count": 900 }), 200),
        (json!({ "rooms_count": 20, "available_rooms": 20 }), 200),
        (json!({ "rooms_count": 0, "available_rooms": 21 }), 200),
    ] {
        assert_eq!(admin.patch(&path, changes.clone()).await.status.as_u16(), status, "{changes}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_rule_about_free_rooms_is_told_in_english_too(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let body = hotel(json!({ "rooms_count": 1, "available_rooms": 2 }));

    let answer = admin.request(Method::POST, "/api/hotels/").json(&body).header("accept-language", "en").send().await;

    let text = "There cannot be more available rooms than rooms.";
    assert_eq!(answer.expect(400), json!({ "non_field_errors": [text] }));
}

// Changing.

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_put_keeps_what_it_leaves_out(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let kept = json!({
        "description": "Calme", "address": "Quai Henry Jay", "phone": "771234567", "email": "a@b.sn",
        "currency": "USD", "rating": 4.5, "rooms_count": 9, "available_rooms": 3, "is_active": false,
    });
    let path = path(&created(&admin, kept.clone()).await);
    let body = json!({ "name": "Riverside", "city": "Saint-Louis", "price_per_night": "1.00" });

    let replaced = admin.put(&path, body.clone()).await.expect(200);

    assert_fields(&replaced, &body);
    assert_fields(&replaced, &kept);
    assert_eq!(admin.get(&path).await.expect(200), replaced);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_patch_changes_what_it_names_and_nothing_else(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let mut hotel = created(&admin, json!({ "rating": 4.5, "description": "Calme" })).await;

    let changed = admin.patch(&path(&hotel), json!({ "city": "Thiès", "description": "" })).await.expect(200);

    hotel["city"] = json!("Thiès");
    hotel["description"] = json!("");
    hotel["updated_at"] = changed["updated_at"].clone();
    assert_eq!(changed, hotel);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_empty_patch_still_renews_the_time_and_the_version(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let before = admin.post("/api/hotels/", hotel(json!({}))).await;

    let after = admin.patch(&path(&before.body()), json!({})).await;

    assert!(version(&after) > version(&before));
    let (before, after) = (before.body(), after.expect(200));
    assert!(after["updated_at"].as_str() > before["updated_at"].as_str(), "{before} {after}");
    assert_eq!(after["created_at"], before["created_at"]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_record_can_be_sent_back_as_it_was_read(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let hotel = created(&admin, json!({ "rating": 4.8, "rooms_count": 12 })).await;

    for method in [Method::PATCH, Method::PUT] {
        let record = admin.get(&path(&hotel)).await.expect(200);
        let mut answer = admin.request(method, &path(&hotel)).json(&record).send().await.expect(200);

        answer["updated_at"] = record["updated_at"].clone();
        assert_eq!(answer, record);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn unknown_and_read_only_fields_are_ignored(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let other = created(&admin, json!({ "name": "Another" })).await;
    let extra = json!({
        "id": other["id"], "created_at": "1999-01-01T00:00:00Z", "updated_at": null, "version": 99, "stars": [1],
        "is_admin": true, "": {},
    });

    let hotel = created(&admin, extra.clone()).await;
    let changed = admin.patch(&path(&hotel), extra).await.expect(200);

    assert_ne!(hotel["id"], other["id"]);
    assert_fields(&changed, &json!({ "id": hotel["id"], "created_at": hotel["created_at"] }));
    assert!(changed.get("stars").is_none() && changed.get("version").is_none());
    assert_eq!(admin.get(&path(&other)).await.expect(200), other);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_deleted_hotel_is_gone(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let hotel = created(&admin, json!({})).await;

    let answer = admin.delete(&path(&hotel)).await;

    assert_eq!((answer.status.as_u16(), answer.bytes.len()), (204, 0));
    let gone = json!({ "detail": NOT_FOUND });
    assert_eq!(admin.delete(&path(&hotel)).await.expect(404), gone);
    assert_eq!(admin.get(&path(&hotel)).await.expect(404), gone);
    assert_eq!(admin.patch(&path(&hotel), json!({})).await.expect(404), gone);
    assert_eq!(admin.put(&path(&hotel), self::hotel(json!({}))).await.expect(404), gone);
    assert_eq!(admin.get("/api/hotels/").await.expect(200)["count"], 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn two_patches_of_different_fields_at_once_both_hold(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let path = path(&created(&admin, json!({})).await);

    for round in 1..=5 {
        let (name, price) = (format!("Name {round}"), format!("{round}.00"));
        let (first, second) = tokio::join!(
            admin.patch(&path, json!({ "name": name })),
            admin.patch(&path, json!({ "price_per_night": price })),
        );

        assert_eq!((first.status.as_u16(), second.status.as_u16()), (200, 200));
        let stored = admin.get(&path).await.expect(200);
        assert_fields(&stored, &json!({ "name": name, "price_per_night": price }));
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn two_changes_at_once_cannot_break_together_a_rule_that_each_keeps(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;

    for _ in 0..5 {
        let path = path(&created(&admin, json!({ "rooms_count": 10, "available_rooms": 2 })).await);
        let (fewer_rooms, more_free) = tokio::join!(
            admin.patch(&path, json!({ "rooms_count": 5 })),
            admin.patch(&path, json!({ "available_rooms": 8 })),
        );

        let mut statuses = [fewer_rooms.status.as_u16(), more_free.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400]);
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_two_deletes_at_once_one_finds_nothing(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;

    for _ in 0..5 {
        let path = path(&created(&admin, json!({})).await);
        let (first, second) = tokio::join!(admin.delete(&path), admin.delete(&path));

        let mut statuses = [first.status.as_u16(), second.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 404]);
    }
}

// Versions.

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_rows_answers_carry_its_version(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;

    let created = admin.post("/api/hotels/", hotel(json!({}))).await;
    let path = path(&created.body());
    let read = admin.get(&path).await;
    let patched = admin.patch(&path, json!({ "rating": 1 })).await;
    let replaced = admin.put(&path, hotel(json!({}))).await;

    assert_eq!(version(&read), version(&created));
    assert!(version(&patched) > version(&read));
    assert!(version(&replaced) > version(&patched));
    assert_eq!(version(&admin.get(&path).await), version(&replaced));
    assert!(admin.patch(&path, json!({ "rating": 9 })).await.headers.get("etag").is_none());
    assert_eq!(version(&admin.get(&path).await), version(&replaced), "a refused change is none");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_write_holds_only_where_if_match_names_the_rows_version(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let path = path(&created(&admin, json!({})).await);

    for (if_match, holds) in [
        ("\"{v}\"", true),
        ("W/\"{v}\"", true),
        ("*", true),
        (" * ", true),
        ("\"0\", \"{v}\"", true),
        ("\"0\",W/\"{v}\" , \"other\"", true),
        ("\"0\"", false),
        ("\"{next}\"", false),
        ("W/\"0\"", false),
        ("\"0\", \"{next}\"", false),
        ("{v}", false),
        ("\"{v}", false),
        ("{v}\"", false),
        ("\"{v}.0\"", false),
        ("'{v}'", false),
        ("w/\"{v}\"", false),
        ("\"*\"", false),
        ("\"-1\"", false),
        ("\"99999999999999999999999999\"", false),
        ("\"\"", false),
        ("garbage", false),
        (",,,", false),
    ] {
        for method in [Method::PATCH, Method::PUT] {
            let version = version(&admin.get(&path).await);
            let value = if_match.replace("{v}", &version.to_string()).replace("{next}", &(version + 1).to_string());
            let request = admin.request(method, &path).json(&hotel(json!({}))).header("if-match", &value);

            let answer = request.send().await;

            let expected = if holds { 200 } else { 412 };
            assert_eq!(answer.status.as_u16(), expected, "{value} for version {version}: {}", answer.body());
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_tag_is_compared_as_text_and_not_as_a_number(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let created = admin.post("/api/hotels/", hotel(json!({}))).await;
    let version = version(&created);

    for tag in [format!("\"0{version}\""), format!("\"+{version}\""), format!("W/\"00{version}\"")] {
        let request = admin.request(Method::PATCH, &path(&created.body())).json(&json!({})).header("if-match", &tag);

        assert_eq!(request.send().await.status.as_u16(), 412, "{tag}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_delete_checks_if_match_too(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let created = admin.post("/api/hotels/", hotel(json!({}))).await;
    let path = path(&created.body());
    let delete = async |if_match: &str| admin.request(Method::DELETE, &path).header("if-match", if_match).send().await;

    for if_match in ["\"0\"", "W/\"0\"", "garbage"] {
        assert_eq!(delete(if_match).await.status.as_u16(), 412, "{if_match}");
    }
    assert_eq!(delete(created.header("etag")).await.status.as_u16(), 204);
    assert_eq!(delete("*").await.status.as_u16(), 404, "* means that it exists");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_version_that_has_passed_is_told_in_both_languages(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let hotel = created(&admin, json!({})).await;
    let request = || admin.request(Method::PATCH, &path(&hotel)).json(&json!({})).header("if-match", "\"0\"");

    let french = request().send().await;
    let english = request().header("accept-language", "en").send().await;

    let text = "La ressource a changé depuis sa lecture. Rechargez-la avant de la modifier.";
    assert_eq!(french.expect(412), json!({ "detail": text }));
    let text = "The resource has changed since it was read. Reload it before changing it.";
    assert_eq!(english.expect(412), json!({ "detail": text }));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_two_changes_to_one_version_at_once_exactly_one_wins(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let path = path(&created(&admin, json!({})).await);

    for _ in 0..5 {
        let read = admin.get(&path).await;
        let patch = |body| admin.request(Method::PATCH, &path).json(&body).header("if-match", read.header("etag"));
        let (first, second) =
            tokio::join!(patch(json!({ "name": "First" })).send(), patch(json!({ "name": "Second" })).send(),);

        let mut statuses = [first.status.as_u16(), second.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
        let winner = if first.status == 200 { first } else { second };
        assert_eq!(admin.get(&path).await.expect(200), winner.body());
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_condition_of_a_read_is_not_evaluated(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let created = admin.post("/api/hotels/", hotel(json!({}))).await;
    let etag = created.header("etag");

    for (header, value) in [("if-none-match", etag), ("if-none-match", "*"), ("if-match", "\"0\"")] {
        let request = admin.request(Method::GET, &path(&created.body())).header(header, value);

        assert_eq!(request.send().await.expect(200), created.body(), "{header}: {value}");
    }
}

// Who may.

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_inactive_hotel_exists_for_administrators_alone(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let hotel = created(&admin, json!({ "city": "Saly" })).await;
    assert_eq!(user.get(&path(&hotel)).await.expect(200), hotel);

    admin.patch(&path(&hotel), json!({ "is_active": false })).await.expect(200);

    assert_eq!(user.get(&path(&hotel)).await.expect(404), json!({ "detail": NOT_FOUND }));
    assert_eq!(user.get("/api/hotels/").await.expect(200)["count"], 0);
    assert_eq!(user.get("/api/hotels/?is_active=false").await.expect(200)["count"], 0);
    assert_eq!(user.get("/api/hotels/cities/").await.expect(200), json!([]));
    assert_eq!(admin.get(&path(&hotel)).await.expect(200)["is_active"], false);
    assert_eq!(admin.get("/api/hotels/").await.expect(200)["count"], 1);
    assert_eq!(admin.get("/api/hotels/cities/").await.expect(200), json!(["Saly"]));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_user_cannot_write_hotels_and_does_not_learn_which_exist(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let hotel = created(&admin, json!({})).await;

    for (method, path) in [
        (Method::POST, "/api/hotels/".to_owned()),
        (Method::PUT, path(&hotel)),
        (Method::PATCH, path(&hotel)),
        (Method::DELETE, path(&hotel)),
        (Method::PUT, "/api/hotels/999999/".to_owned()),
        (Method::PATCH, "/api/hotels/999999/".to_owned()),
        (Method::DELETE, "/api/hotels/none/".to_owned()),
    ] {
        let french = user.request(method.clone(), &path).body("not JSON").send().await;
        let english = user.request(method.clone(), &path).header("accept-language", "en").send().await;

        assert_eq!(french.expect(403), json!({ "detail": FORBIDDEN }), "{method} {path}");
        let text = "You do not have permission to perform this action.";
        assert_eq!(english.expect(403), json!({ "detail": text }), "{method} {path}");
    }
    assert_eq!(admin.get(&path(&hotel)).await.expect(200), hotel);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_several_faults_the_first_in_the_contracts_order_is_told(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let forger = app.with_authorization("Bearer forged");
    let hotel = created(&admin, json!({ "rooms_count": 5 })).await;
    let (here, nowhere) = (path(&hotel), "/api/hotels/999999/".to_owned());
    let (json, text) = ("application/json", "text/plain");

    for (caller, path, media_type, body, status) in [
        (&app.public(), &nowhere, text, "{", 401),
        (&forger, &nowhere, text, "{", 401),
        (&user, &nowhere, text, "{", 403),
        (&admin, &nowhere, text, "{", 404),
        (&admin, &nowhere, json, "{", 404),
        (&admin, &nowhere, json, r#"{"rating": 9}"#, 404),
        (&admin, &nowhere, json, r#"{"available_rooms": 6}"#, 404),
        (&admin, &here, text, "{", 415),
        (&admin, &here, json, "{", 400),
        (&admin, &here, json, "[]", 400),
        (&admin, &here, json, r#"{"rating": 9}"#, 400),
        (&admin, &here, json, r#"{"rating": 4}"#, 412),
    ] {
        let request = caller.request(Method::PATCH, path).header("content-type", media_type).body(body);

        let answer = request.header("if-match", "\"0\"").send().await;

        assert_eq!(answer.status.as_u16(), status, "{media_type} {body} at {path}: {}", answer.body());
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_rule_over_several_fields_is_told_before_a_version_that_has_passed(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let path = path(&created(&admin, json!({ "rooms_count": 5 })).await);
    let body = json!({ "rooms_count": 5, "available_rooms": 6 });

    let answer = admin.request(Method::PATCH, &path).json(&body).header("if-match", "\"0\"").send().await;

    assert_eq!(answer.expect(400), json!({ "non_field_errors": [TOO_MANY_FREE] }));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_administrator_whose_role_is_withdrawn_cannot_write_from_then_on(owner: PgPool) {
    let app = TestApp::start_with(owner, |setup| setup.settings.authorizer_cache_seconds = 60).await;
    let admin = app.admin().await;
    let hotel = created(&admin, json!({})).await;
    let withdraw = sqlx::query("update users_customuser set is_admin = false where id = $1").bind(admin.id());

    withdraw.execute(&app.owner).await.unwrap();

    for (method, path) in [
        (Method::POST, "/api/hotels/".to_owned()),
        (Method::PUT, path(&hotel)),
        (Method::PATCH, path(&hotel)),
        (Method::DELETE, path(&hotel)),
        (Method::PATCH, "/api/hotels/999999/".to_owned()),
        (Method::DELETE, "/api/hotels/999999/".to_owned()),
    ] {
        let answer = admin.request(method.clone(), &path).json(&self::hotel(json!({}))).send().await;

        assert_eq!(answer.expect(403), json!({ "detail": FORBIDDEN }), "{method} {path}");
    }
    assert_eq!(admin.get("/api/hotels/").await.expect(200)["results"], json!([hotel]));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_administrator_who_is_deactivated_cannot_write_from_then_on(owner: PgPool) {
    let app = TestApp::start_with(owner, |setup| setup.settings.authorizer_cache_seconds = 60).await;
    let admin = app.admin().await;
    let path = path(&created(&admin, json!({})).await);
    let deactivate = sqlx::query("update users_customuser set is_active = false where id = $1").bind(admin.id());

    deactivate.execute(&app.owner).await.unwrap();

    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        let answer = admin.request(method, &path).json(&hotel(json!({}))).send().await;
        assert_eq!(answer.expect(403), json!({ "detail": FORBIDDEN }));
    }
}

// Cities.

#[sqlx::test(migrator = "MIGRATOR")]
async fn cities_are_those_of_visible_hotels_sorted_and_each_named_once(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    for city in ["Thiès", "Dakar", "Élinkine", "Fatick", "Dakar", "Ziguinchor"] {
        created(&admin, json!({ "city": city })).await;
    }
    created(&admin, json!({ "city": "Kolda", "is_active": false })).await;

    let (seen_by_user, seen_by_admin) =
        (user.get("/api/hotels/cities/").await.expect(200), admin.get("/api/hotels/cities").await.expect(200));

    assert_eq!(seen_by_user, json!(["Dakar", "Élinkine", "Fatick", "Thiès", "Ziguinchor"]));
    assert_eq!(seen_by_admin, json!(["Dakar", "Élinkine", "Fatick", "Kolda", "Thiès", "Ziguinchor"]));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_city_that_is_spelt_in_two_ways_is_one_city(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    for city in ["Thiès", "THIES", "thiès"] {
        created(&admin, json!({ "city": city })).await;
    }

    let cities = admin.get("/api/hotels/cities/").await.expect(200);

    assert_eq!(cities, json!(["Thiès"]));
}

// The wire.

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_path_answers_the_same_with_and_without_its_trailing_slash(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let hotel = created(&admin, json!({})).await;

    for path in ["/api/hotels".to_owned(), format!("/api/hotels/{}", hotel["id"]), "/api/hotels/cities".to_owned()] {
        let (bare, slashed) = (admin.get(&path).await, admin.get(&format!("{path}/")).await);

        assert_eq!(bare.expect(200), slashed.expect(200), "{path}");
        assert_eq!(bare.header("etag"), slashed.header("etag"), "{path}");
    }
    let bare = format!("/api/hotels/{}", hotel["id"]);
    admin.post("/api/hotels", self::hotel(json!({}))).await.expect(201);
    admin.put(&bare, self::hotel(json!({}))).await.expect(200);
    admin.patch(&bare, json!({})).await.expect(200);
    assert_eq!(admin.delete(&bare).await.status.as_u16(), 204);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn head_answers_like_get_without_a_body(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let hotel = created(&admin, json!({})).await;

    for (path, status) in [
        ("/api/hotels/", 200),
        (path(&hotel).as_str(), 200),
        ("/api/hotels/cities/", 200),
        ("/api/hotels/999999/", 404),
        ("/api/hotels/?page=9", 404),
        ("/api/hotels/?price_per_night__gte=x", 400),
        ("/api/nothing/", 404),
        ("/api/schema/", 200),
    ] {
        let (head, get) = (admin.request(Method::HEAD, path).send().await, admin.get(path).await);

        assert_eq!((head.status.as_u16(), head.bytes.len()), (status, 0), "{path}");
        for header in ["content-type", "etag", "cache-control", "vary"] {
            assert_eq!(head.header(header), get.header(header), "{header} of {path}");
        }
        assert_eq!(head.header("content-length"), get.bytes.len().to_string(), "{path}");
    }
    assert_eq!(app.public().request(Method::HEAD, "/api/hotels/").send().await.status.as_u16(), 401);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_method_that_is_not_served_is_told_with_those_that_are(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;

    for (method, path, allowed) in [
        (Method::PUT, "/api/hotels/", &["GET", "HEAD", "OPTIONS", "POST"][..]),
        (Method::PATCH, "/api/hotels", &["GET", "HEAD", "OPTIONS", "POST"]),
        (Method::DELETE, "/api/hotels/", &["GET", "HEAD", "OPTIONS", "POST"]),
        (Method::POST, "/api/hotels/1/", &["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "PUT"]),
        (Method::POST, "/api/hotels/cities/", &["GET", "HEAD", "OPTIONS"]),
        (Method::DELETE, "/api/hotels/cities", &["GET", "HEAD", "OPTIONS"]),
    ] {
        let answer = user.request(method.clone(), path).body("not JSON").send().await;

        let text = format!("Méthode «\u{a0}{method}\u{a0}» non autorisée.");
        assert_eq!(answer.expect(405), json!({ "detail": text }), "{method} {path}");
        let mut allow: Vec<_> = answer.header("allow").split(", ").collect();
        allow.sort_unstable();
        assert_eq!(allow, allowed, "{method} {path}");
    }
    let answer = user.request(Method::PUT, "/api/hotels/").header("accept-language", "en").send().await;
    assert_eq!(answer.expect(405), json!({ "detail": "Method \"PUT\" not allowed." }));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn who_is_not_signed_in_does_not_learn_which_methods_are_served(owner: PgPool) {
    let app = TestApp::start(owner).await;

    let nobody = app.send("PUT", "/api/hotels/").await;
    let forger = app.with_authorization("Bearer forged").put("/api/hotels/", json!({})).await;
    let other_scheme = app.with_authorization("Basic YTpi").delete("/api/hotels/cities/").await;

    assert_eq!(nobody.expect(401), json!({ "message": "Unauthorized" }));
    assert_eq!(forger.expect(401)["code"], "token_not_valid");
    assert_eq!(other_scheme.expect(401), json!({ "detail": "Informations d'authentification non fournies." }));
    for answer in [nobody, forger, other_scheme] {
        assert!(answer.headers.get("allow").is_none());
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn no_answer_may_be_stored_and_each_has_its_own_id(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let hotel = created(&admin, json!({})).await;
    let stale = admin.request(Method::PATCH, &path(&hotel)).json(&json!({})).header("if-match", "\"0\"");

    let answers = [
        admin.get("/api/hotels/").await,
        admin.get("/api/hotels/cities/").await,
        admin.request(Method::HEAD, &path(&hotel)).send().await,
        admin.post("/api/hotels/", self::hotel(json!({}))).await,
        admin.post("/api/hotels/", json!({})).await,
        admin.post("/api/hotels/1/", json!({})).await,
        admin.request(Method::POST, "/api/hotels/").header("content-type", "text/plain").body("x").send().await,
        stale.send().await,
        admin.delete(&path(&hotel)).await,
        admin.get(&path(&hotel)).await,
        admin.get("/api/hotels/%00/").await,
        user.post("/api/hotels/", json!({})).await,
        app.with_authorization("Bearer forged").get("/api/hotels/").await,
    ];

    let statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses, [200, 200, 200, 201, 400, 405, 415, 412, 204, 404, 404, 403, 401]);
    let mut ids: Vec<_> = answers.iter().map(|answer| answer.header("x-request-id")).collect();
    ids.sort_unstable();
    ids.dedup();
    assert!(ids.len() == answers.len() && !ids[0].is_empty(), "{ids:?}");
    for answer in &answers {
        assert_eq!(answer.header("cache-control"), "no-store", "{answer:?}");
        // Nor does a browser take it for anything but what it says it is.
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{answer:?}");
        assert_eq!(answer.header("apigw-requestid"), answer.header("x-request-id"), "{answer:?}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_web_application_may_read_every_answer_and_no_other_origin_may(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;

    for path in ["/api/hotels/", "/api/hotels/999999/", "/api/hotels/?rating__gte=x"] {
        for (origin, allowed) in [("http://web.test", "http://web.test"), ("http://evil.test", "")] {
            let answer = admin.request(Method::GET, path).header("origin", origin).send().await;

            assert_eq!(answer.header("access-control-allow-origin"), allowed, "{path}");
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn cors_allows_credentials_and_the_headers_that_clients_send(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let asks = |origin: &'static str, path: &'static str| {
        let request = app.public().request(Method::OPTIONS, path).header("origin", origin);
        request
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "x-csrftoken,cache-control")
            .send()
    };
    for path in ["/api/hotels/", "/api/auth/login/", "/api/nowhere/"] {
        let allowed = asks("http://web.test", path).await;
        assert_eq!(allowed.header("access-control-allow-origin"), "http://web.test", "{path}");
        assert_eq!(allowed.header("access-control-allow-credentials"), "true", "{path}");
        let headers = allowed.header("access-control-allow-headers").to_owned();
        for header in ["x-csrftoken", "cache-control", "if-none-match", "authorization", "idempotency-key"] {
            assert!(headers.split(',').any(|allowed| allowed == header), "{path}: {headers}");
        }
        for origin in
            ["http://evil.test", "null", "http://web.test.evil.test", "https://web.test", "http://web.test:81"]
        {
            let refused = asks(origin, path).await;
            for header in ["origin", "credentials", "headers", "methods"] {
                assert_eq!(refused.header(&format!("access-control-allow-{header}")), "", "{path}, {origin}");
            }
        }
    }
    let answer = app.public().request(Method::GET, "/api/health/").header("origin", "http://web.test").send().await;
    assert_eq!(answer.header("access-control-allow-credentials"), "true");
    assert_eq!(answer.header("set-cookie"), "");
}

// What the tests are written with.

/// A body that is accepted, with these fields set.
pub(crate) fn hotel(changes: Value) -> Value {
    let mut body = json!({ "name": "Hôtel Téranga", "city": "Dakar", "price_per_night": "45000.00" });
    for (name, value) in changes.as_object().expect("an object") {
        body[name] = value.clone();
    }
    body
}

/// A new hotel.
pub(crate) async fn created(admin: &Caller, changes: Value) -> Value {
    admin.post("/api/hotels/", hotel(changes)).await.expect(201)
}

/// Where a hotel is.
pub(crate) fn path(hotel: &Value) -> String {
    format!("/api/hotels/{}/", hotel["id"].as_i64().expect("an id"))
}

#[track_caller]
fn assert_fields(row: &Value, expected: &Value) {
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&row[name], value, "{name}");
    }
}

#[track_caller]
fn version(answer: &Answer) -> i64 {
    let version = answer.header("etag").strip_prefix('"').and_then(|tag| tag.strip_suffix('"')?.parse().ok());
    version.unwrap_or_else(|| panic!("{}: no version in {:?}", answer.status, answer.headers))
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn every_write_is_on_record_field_by_field(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let hotel = created(&admin, json!({ "name": "Teranga", "rooms_count": 5 })).await;
    admin.patch(&path(&hotel), json!({ "name": "Téranga", "rooms_count": 5 })).await.expect(200);
    admin.patch(&path(&hotel), json!({ "rating": 9 })).await.expect(400);
    admin.delete(&path(&hotel)).await.expect(204);

    let events: Vec<(String, i64, i64, String, Value)> = sqlx::query_as(
        "select action, actor, object_id, host(ip), changes from audit_event where resource = 'hotel' order by id",
    )
    .fetch_all(&app.owner)
    .await
    .unwrap();

    let actions: Vec<&str> = events.iter().map(|(action, ..)| action.as_str()).collect();
    assert_eq!(actions, ["create", "update", "delete"]);
    for (_, actor, object, ip, _) in &events {
        assert_eq!((*actor, json!(object)), (admin.id(), hotel["id"].clone()));
        assert!(ip.starts_with("10."), "{ip}");
    }
    assert_eq!(events[0].4["name"], json!([null, "Teranga"]));
    assert_eq!(events[1].4, json!({ "name": ["Teranga", "Téranga"] }));
    assert_eq!(events[2].4["name"], json!(["Téranga", null]));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_write_that_is_refused_is_not_on_record(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let hotel = created(&admin, json!({ "rooms_count": 5 })).await;

    admin.patch(&path(&hotel), json!({ "available_rooms": 6 })).await.expect(400);
    let stale = admin.request(Method::DELETE, &path(&hotel)).header("if-match", "\"7\"").send().await;

    assert_eq!(stale.status, 412);
    let count: i64 = sqlx::query_scalar("select count(*) from audit_event where resource = 'hotel'")
        .fetch_one(&app.owner)
        .await
        .unwrap();
    assert_eq!(count, 1);
}
