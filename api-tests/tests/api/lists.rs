//! Lists: pages, searches, orderings and filters, as every resource has them and as hotels show them.

use api_tests::{Caller, TestApp};
use http::Method;
use serde_json::{Value, json};
use shared::db::MIGRATOR;
use sqlx::{Connection, PgConnection, PgPool};

use crate::hotels::created;

// Pages.

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_empty_list_has_one_empty_page(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;

    for query in ["", "?page=1", "?page=last", "?page=", "?search=nothing", "?city=Nulle+Part&page_size=1"] {
        let list = admin.get(&format!("/api/hotels/{query}")).await.expect(200);

        assert_eq!(list, json!({ "count": 0, "next": null, "previous": null, "results": [] }), "{query}");
    }
    assert_eq!(admin.get("/api/hotels/?page=2").await.expect(404), json!({ "detail": "Page non valide." }));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_page_has_ten_rows_and_links_to_its_neighbours(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    insert_alike(&app, 23).await;
    let url = |query: &str| format!("http://red.test/api/hotels/{query}");

    for (query, rows, previous, next) in [
        ("", 10, json!(null), json!(url("?page=2"))),
        ("?page=1", 10, json!(null), json!(url("?page=2"))),
        ("?page=2", 10, json!(url("")), json!(url("?page=3"))),
        ("?page=3", 3, json!(url("?page=2")), json!(null)),
        ("?page=last", 3, json!(url("?page=2")), json!(null)),
    ] {
        let list = user.get(&format!("/api/hotels/{query}")).await.expect(200);

        assert_eq!((&list["count"], rows_of(&list).len()), (&json!(23), rows), "{query}");
        assert_eq!((&list["previous"], &list["next"]), (&previous, &next), "{query}");
        assert_eq!(list.as_object().map(serde_json::Map::len), Some(4));
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn the_last_page_is_the_page_of_the_highest_number(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    insert_alike(&app, 23).await;

    for query in [
        "",
        "&ordering=name",
        "&ordering=-rating,city",
        "&page_size=5",
        "&page_size=23",
        "&search=hotel",
        "&ordering=id",
    ] {
        let last = user.get(&format!("/api/hotels/?page=last{query}")).await.expect(200);
        let size = if query.contains('5') {
            5
        } else if query.contains("23") {
            23
        } else {
            10
        };

        let number = 23_u32.div_ceil(size);
        let numbered = user.get(&format!("/api/hotels/?page={number}{query}")).await.expect(200);
        assert_eq!(last, numbered, "{query}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_list_of_exactly_one_page_has_no_second(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    insert_alike(&app, 10).await;

    let list = user.get("/api/hotels/").await.expect(200);

    assert_eq!((rows_of(&list).len(), &list["next"]), (10, &json!(null)));
    assert_eq!(user.get("/api/hotels/?page=2").await.status.as_u16(), 404);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn links_are_on_the_host_that_was_called_and_keep_every_other_parameter(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    insert_alike(&app, 5).await;
    let kept = "search=H%C3%94TEL&ordering=-name&page_size=2&city=&unknown=a%2Bb%26c&unknown=d+e";

    for path in ["/api/hotels", "/api/hotels/"] {
        let request = user.request(Method::GET, &format!("{path}?page=2&{kept}"));
        let list = request.header("host", "hotels.example:8443").send().await.expect(200);

        let (next, previous) = (link(&list, "next"), link(&list, "previous"));
        let mut parameters = pairs(kept);
        assert_eq!(previous, (format!("http://hotels.example:8443{path}"), parameters.clone()));
        parameters.push(("page".to_owned(), "3".to_owned()));
        parameters.sort();
        assert_eq!(next, (format!("http://hotels.example:8443{path}"), parameters));
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn nothing_but_the_called_host_and_path_decides_where_links_lead(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    insert_alike(&app, 11).await;

    for (header, value) in [
        ("x-forwarded-host", "evil.test"),
        ("x-forwarded-proto", "javascript"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-port", "666"),
        ("x-forwarded-prefix", "/evil"),
        ("x-original-url", "/evil"),
        ("forwarded", "host=evil.test;proto=https"),
        ("origin", "http://evil.test"),
        ("referer", "http://evil.test/"),
    ] {
        let request = user.request(Method::GET, "/api/hotels/").header(header, value);

        let list = request.send().await.expect(200);

        assert_eq!(list["next"], "http://red.test/api/hotels/?page=2", "{header}: {value}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_page_that_does_not_exist_is_not_found(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    insert_alike(&app, 11).await;

    for page in [
        "0",
        "-1",
        "3",
        "abc",
        "1.0",
        "1,5",
        "1e0",
        "0x1",
        "1%202",
        "first",
        "LAST",
        "%C2%B2",
        "1%00",
        "%00",
        "%FF",
        "4294967297",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "99999999999999999999999999999999999999",
        "-9223372036854775809",
    ] {
        let path = format!("/api/hotels/?page={page}");
        let french = user.get(&path).await;
        let english = user.request(Method::GET, &path).header("accept-language", "en").send().await;

        let texts = (json!({ "detail": "Page non valide." }), json!({ "detail": "Invalid page." }));
        assert_eq!((french.status.as_u16(), english.status.as_u16()), (404, 404), "{page}");
        assert_eq!((french.body(), english.body()), texts, "{page}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_the_size_of_a_page_only_1_to_100_is_believed(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    insert_alike(&app, 105).await;

    for (size, rows) in [
        ("1", 1),
        ("7", 7),
        ("99", 99),
        ("100", 100),
        ("101", 100),
        ("1000000", 100),
        ("99999999999999999999999999", 100),
        ("", 10),
        ("0", 10),
        ("-5", 10),
        ("abc", 10),
        ("2.5", 10),
        ("1e1", 10),
        ("%FF", 10),
    ] {
        let list = user.get(&format!("/api/hotels/?page_size={size}")).await.expect(200);

        assert_eq!((rows_of(&list).len(), &list["count"]), (rows, &json!(105)), "{size}");
    }
    let last = user.get("/api/hotels/?page_size=50&page=3").await.expect(200);
    assert_eq!((rows_of(&last).len(), &last["next"]), (5, &json!(null)));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn rows_that_are_alike_are_each_on_exactly_one_page(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;
    let mut all = insert_alike(&app, 31).await;
    all.sort_unstable();

    let orderings =
        ["", "created_at", "name", "-name", "city", "price_per_night", "-rating", "available_rooms", "rating,-city"];
    // Counted while they were written, found by a search, and found by a filter.
    let found = ["", "&search=hotel", "&city=dakar"];
    for (ordering, found) in orderings.iter().flat_map(|ordering| found.map(|found| (ordering, found))) {
        let mut path = format!("/api/hotels/?page_size=7&ordering={ordering}{found}");
        let mut seen = Vec::new();
        loop {
            let list = user.get(&path).await.expect(200);
            seen.extend(rows_of(&list).iter().map(|row| row["id"].as_i64().unwrap()));
            let Some(next) = list["next"].as_str() else { break };
            path = next.strip_prefix("http://red.test").unwrap().to_owned();
        }
        seen.sort_unstable();
        assert_eq!(seen, all, "{ordering}{found}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn no_statement_is_compiled_which_takes_longer_than_any_of_them(owner: PgPool) {
    // The database may be a copy of a migrated one, which lacks the settings of the original.
    sqlx::raw_sql(include_str!("../../../migrations/0012_no_jit.sql")).execute(&owner).await.unwrap();
    let mut db = PgConnection::connect_with(&owner.connect_options()).await.unwrap();

    let jit: String = sqlx::query_scalar("show jit").fetch_one(&mut db).await.unwrap();

    assert_eq!(jit, "off");
}

// Searches.

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_search_finds_rows_that_contain_every_term_in_some_field(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    for (name, city, address) in [
        ("A Téranga", "Thiès", "Avenue Lamine Guèye"),
        ("B 100% Plage", "Saly", r"Route_de_la\Plage"),
        ("C L'Étoile \"Blanche\"", "Dakar", "12 Rue Félix-Faure"),
    ] {
        created(&admin, json!({ "name": name, "city": city, "address": address, "description": "ocean" })).await;
    }

    for (search, found) in [
        ("", "ABC"),
        (" , \t\n,, ", "ABC"),
        ("thies", "A"),
        ("THIÈS", "A"),
        ("Thie\u{300}s", "A"),
        ("hiè", "A"),
        ("teranga", "A"),
        ("téranga gueye", "A"),
        ("gueye,thies,ter", "A"),
        ("  teranga , ,thies ", "A"),
        ("teranga\u{a0}thies", "A"),
        ("teranga dakar", ""),
        ("plage", "B"),
        ("plage saly plage", "B"),
        ("a", "ABC"),
        ("ocean", ""),
        ("%", "B"),
        ("100%", "B"),
        ("\u{ff05}", "B"),
        ("100\u{ff05}", "B"),
        ("10%0", ""),
        ("%plage", ""),
        ("_", "B"),
        ("route_de", "B"),
        ("s_ly", ""),
        ("\\", "B"),
        ("la\\plage", "B"),
        ("\\\\", ""),
        ("\\%", ""),
        ("'", "C"),
        ("l'etoile", "C"),
        ("\"", "C"),
        ("\"blanche\"", "C"),
        ("\"rue felix", ""),
        ("rue felix", "C"),
        ("'rue felix'", ""),
        ("felix-faure", "C"),
        ("12", "C"),
        ("gueyethies", ""),
        ("thiès\navenue", "A"),
        ("'; drop table hotels_hotel; --", ""),
        ("$1", ""),
        ("🏨", ""),
    ] {
        let list = admin.get(&format!("/api/hotels/?ordering=name&{}", query("search", search))).await.expect(200);

        assert_eq!((initials(&list), &list["count"]), (found.to_owned(), &json!(found.len())), "{search:?}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_search_can_be_written_in_every_way_that_a_form_is(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    for name in ["A été 50%", "B hiver a+b"] {
        created(&admin, json!({ "name": name })).await;
    }

    for (query, found) in [
        ("search=a+%C3%A9t%C3%A9", "A"),
        ("search=a%20%C3%A9T%C3%89", "A"),
        ("search=été", "A"),
        ("search=a%2Bb", "B"),
        ("search=50%", "A"),
        ("search=50%25", "A"),
        ("search=%zz", ""),
        ("%73earch=hiver", "B"),
        ("search=hiver&search=ete", "A"),
        ("search=hiver&search=", "AB"),
        ("SEARCH=hiver", "AB"),
        ("search", "AB"),
        ("&&search=hiver&&=x&", "B"),
    ] {
        let list = admin.get(&format!("/api/hotels/?ordering=name&{query}")).await.expect(200);

        assert_eq!(initials(&list), found, "{query}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn of_more_than_ten_words_the_ten_longest_are_searched(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let address = "12 bis rue de la Corniche Ouest, 1er étage, près du Phare des Mamelles, BP 5150 Dakar";
    created(&admin, json!({ "address": address })).await;
    let count = async |search: &str| {
        let list = admin.get(&format!("/api/hotels/?{}", query("search", search))).await;
        list.expect(200)["count"].clone()
    };

    assert_eq!(count(address).await, 1);
    // The short words are not used, whether or not the row has them.
    assert_eq!(count(&format!("q zz {address}")).await, 1);
    assert_eq!(count(&format!("{address} quelqueshotels")).await, 0);
    // Of words of the same length the first are used; a repeated word is one word.
    assert_eq!(count("corniche corniche 1er bis rue des ouest phare étage 5150 dakar près q").await, 1);
    assert_eq!(count("12 12 12 12 12 12 12 12 12 12 12 zz").await, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_search_of_any_length_is_answered(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let search = async |text: &str| user.get(&format!("/api/hotels/?search={text}")).await;
    let pasted = "mot+".repeat(2_000);

    for long in ["x".repeat(501), "x".repeat(9_000), "%25,".repeat(2_000), "%5C".repeat(3_000)] {
        assert_eq!(search(&long).await.expect(200)["count"], 0);
    }
    created(&admin, json!({ "name": "Mot à mot", "description": "a".repeat(900) })).await;
    assert_eq!(search(&pasted).await.expect(200)["count"], 1);
    assert_eq!(search(&format!("{pasted}absent")).await.expect(200)["count"], 0);
    let ticket = json!({ "title": "Long", "description": "é".repeat(900) });
    user.post("/api/tickets/", ticket).await.expect(201);
    let found = user.get(&format!("/api/tickets/?search={}", "e".repeat(900))).await.expect(200);
    assert_eq!(found["count"], 1);
    // The gateway takes no more than 10,240 bytes of request line and headers.
    assert!(search(&"x".repeat(10_240)).await.expect(431)["message"].is_string());
}

// Orderings.

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_list_is_in_the_order_that_is_asked_for(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    for (name, city, price, rating, free) in
        [("A", "Thiès", 900, 4.0, 3), ("C", "Dakar", 10_000, 3.5, 20), ("B", "Saly", 900, 4.5, 100)]
    {
        let numbers = json!({
            "name": name, "city": city, "price_per_night": price, "rating": rating, "available_rooms": free,
        });
        created(&admin, numbers).await;
    }

    for (ordering, order) in [
        ("", "BCA"),
        ("created_at", "ACB"),
        ("-created_at", "BCA"),
        ("id", "ACB"),
        ("-id", "BCA"),
        ("name", "ABC"),
        ("-name", "CBA"),
        ("city", "CBA"),
        ("-city", "ABC"),
        ("price_per_night,name", "ABC"),
        ("price_per_night,-name", "BAC"),
        ("-price_per_night,-rating", "CBA"),
        ("rating", "CAB"),
        ("-rating", "BAC"),
        ("available_rooms", "ACB"),
        ("-available_rooms", "BCA"),
        (" price_per_night , -name ", "BAC"),
        ("unknown,name", "ABC"),
        ("description,-password,,name,", "ABC"),
        ("unknown", "BCA"),
        ("-", "BCA"),
        ("--name", "BCA"),
        ("name desc", "BCA"),
        ("NAME", "BCA"),
        ("version", "BCA"),
        ("name;drop table hotels_hotel", "BCA"),
        ("name,-name", "ABC"),
    ] {
        let list = admin.get(&format!("/api/hotels/?{}", query("ordering", ordering))).await.expect(200);

        assert_eq!(initials(&list), order, "{ordering:?}");
    }
    let last_counts = admin.get("/api/hotels/?ordering=name&ordering=-name").await.expect(200);
    assert_eq!(initials(&last_counts), "CBA");
}

// Filters.

#[sqlx::test(migrator = "MIGRATOR")]
async fn filters_leave_the_rows_that_meet_all_of_them(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    for (name, city, price, currency, rating, free, active) in [
        ("A", "Thiès", "20000.00", "XOF", 4.5, 0, true),
        ("B", "Cap Skirring", "30000.50", "XOF", 3.0, 10, true),
        ("C", "Dakar", "45.00", "EUR", 5.0, 25, true),
        ("D", "Dakar", "60.00", "USD", 0.0, 5, false),
    ] {
        let fields = json!({
            "name": name, "city": city, "price_per_night": price, "currency": currency, "rating": rating,
            "available_rooms": free, "is_active": active,
        });
        created(&admin, fields).await;
    }

    for (query, found) in [
        ("city=Dakar", "CD"),
        ("city=THIES", "A"),
        ("city=thi%C3%A8s", "A"),
        ("city=Thi", ""),
        ("city=%25", ""),
        ("city=Cap_Skirring", ""),
        ("city=cap+skirring", "B"),
        ("city=Cap%20Skirring", "B"),
        ("city=Dakar,Saly", ""),
        ("is_active=true", "ABC"),
        ("is_active=True", "ABC"),
        ("is_active=1", "ABC"),
        ("is_active=false", "D"),
        ("is_active=0", "D"),
        ("currency=EUR", "C"),
        ("currency=XOF", "AB"),
        ("price_per_night__gte=20000", "AB"),
        ("price_per_night__gte=20000.01", "B"),
        ("price_per_night__gte=2e4", "AB"),
        ("price_per_night__gte=-1", "ABCD"),
        ("price_per_night__lte=60", "CD"),
        ("price_per_night__lte=59.999", "C"),
        ("price_per_night__gte=50&price_per_night__lte=25000", "AD"),
        ("price_per_night__gte=2&price_per_night__lte=1", ""),
        ("price%5Fper_night__lte=45.0", "C"),
        ("rating__gte=4.5", "AC"),
        ("rating__gte=5", "C"),
        ("rating__gte=5.1", ""),
        ("available_rooms__gte=10", "BC"),
        ("available_rooms__gte=0", "ABCD"),
        ("available_rooms__gte=9223372036854775807", ""),
        ("city=dakar&is_active=true&currency=EUR&rating__gte=1&available_rooms__gte=1&search=dak", "C"),
        ("city=dakar&currency=XOF", ""),
        ("city=Dakar&city=Thiès", "A"),
        ("rating__gte=nonsense&rating__gte=5", "C"),
        ("city=", "ABCD"),
        ("city=Dakar&city=", "ABCD"),
        ("is_active=&currency=&price_per_night__gte=&price_per_night__lte=&rating__gte=&available_rooms__gte=", "ABCD"),
        ("rating__lte=1&name=A&unknown=1", "ABCD"),
    ] {
        let list = admin.get(&format!("/api/hotels/?ordering=name&{query}")).await.expect(200);

        assert_eq!((initials(&list), &list["count"]), (found.to_owned(), &json!(found.len())), "{query}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_filter_of_the_wrong_type_is_refused_by_its_name(owner: PgPool) {
    let user = TestApp::start(owner).await.user().await;

    for (filter, values) in [
        ("is_active", &["maybe", "2", "null", "[]"][..]),
        ("currency", &["GBP", "xof", "XOF,EUR", "%F0%9F%92%B0"]),
        ("price_per_night__gte", &["abc", "12,5", "NaN", "Infinity", "-inf", "1..2", "0x10", "1+2"]),
        ("price_per_night__lte", &["abc", "12,5", "NaN", "Infinity", "%FF", "e"]),
        ("rating__gte", &["abc", "4,5", "NaN", "Infinity", "-inf", "1e400", "%D9%A4"]),
        ("available_rooms__gte", &["abc", "NaN", "ten", "1e", "--1"]),
    ] {
        for value in values {
            let answer = user.get(&format!("/api/hotels/?{filter}={value}")).await;

            let errors = answer.body();
            assert_eq!(answer.status.as_u16(), 400, "{filter}={value}: {errors}");
            assert!(errors[filter][0].is_string() && errors.as_object().unwrap().len() == 1, "{errors}");
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn all_wrong_filters_are_told_at_once_and_before_a_page_is_looked_for(owner: PgPool) {
    let user = TestApp::start(owner).await.user().await;
    let path = "/api/hotels/?is_active=x&price_per_night__gte=x&rating__gte=x&available_rooms__gte=x&page=99";

    let french = user.get(path).await.expect(400);
    let english = user.request(Method::GET, path).header("accept-language", "en").send().await.expect(400);

    let errors = |boolean, number| {
        json!({
            "is_active": [boolean], "price_per_night__gte": [number], "rating__gte": [number],
            "available_rooms__gte": [number],
        })
    };
    assert_eq!(french, errors("Une valeur vraie ou fausse est requise.", "Saisissez un nombre."));
    assert_eq!(english, errors("Must be a valid boolean.", "Enter a number."));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_nul_byte_in_a_query_is_refused_by_the_parameters_name(owner: PgPool) {
    let user = TestApp::start(owner).await.user().await;

    for name in ["search", "city", "ordering", "page_size", "currency", "is_active", "rating__gte", "unknown"] {
        for value in ["%00", "a%00b"] {
            let path = format!("/api/hotels/?{name}={value}");
            let french = user.get(&path).await;
            let english = user.request(Method::GET, &path).header("accept-language", "en").send().await;

            assert_eq!(french.expect(400), json!({ name: ["Le caractère nul n’est pas autorisé."] }), "{path}");
            assert_eq!(english.expect(400), json!({ name: ["Null characters are not allowed."] }), "{path}");
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_users_list_has_active_rows_alone_whatever_is_asked(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    created(&admin, json!({ "name": "A" })).await;
    created(&admin, json!({ "name": "B", "is_active": false })).await;

    for (query, found) in
        [("", "A"), ("?is_active=true", "A"), ("?is_active=false", ""), ("?search=b", ""), ("?page_size=1", "A")]
    {
        let list = user.get(&format!("/api/hotels/{query}")).await.expect(200);

        assert_eq!((initials(&list), &list["count"]), (found.to_owned(), &json!(found.len())), "{query}");
        assert_eq!(list["next"], json!(null), "{query}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_row_of_a_list_is_the_row_itself(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let hotel = created(&admin, json!({ "rating": 4, "description": "Calme" })).await;

    let answer = admin.get("/api/hotels/").await;

    assert_eq!(answer.expect(200)["results"], json!([hotel]));
    assert!(answer.headers.get("etag").is_none());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_list_shows_a_change_at_once(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let hotel = created(&admin, json!({ "city": "Saly" })).await;
    let counts = async |admin: &Caller| {
        let count =
            async |city: &str| admin.get(&format!("/api/hotels/?city={city}")).await.expect(200)["count"].clone();
        (count("Saly").await, count("Kolda").await)
    };
    assert_eq!(counts(&admin).await, (json!(1), json!(0)));

    admin.patch(&crate::hotels::path(&hotel), json!({ "city": "Kolda" })).await.expect(200);

    assert_eq!(counts(&admin).await, (json!(0), json!(1)));
    admin.delete(&crate::hotels::path(&hotel)).await;
    assert_eq!(counts(&admin).await, (json!(0), json!(0)));
}

// What the tests are written with.

/// Hotels that differ in nothing but their ids. Only one statement makes rows of one moment.
async fn insert_alike(app: &TestApp, count: i32) -> Vec<i64> {
    let insert = "insert into hotels_hotel (name, city, price_per_night) \
        select 'Hôtel', 'Dakar', 45000 from generate_series(1, $1) returning id";
    sqlx::query_scalar(insert).bind(count).fetch_all(&app.owner).await.expect("hotels")
}

fn rows_of(list: &Value) -> &[Value] {
    list["results"].as_array().expect("rows")
}

/// The first letters of the rows' names, in the order of the rows.
fn initials(list: &Value) -> String {
    rows_of(list).iter().filter_map(|row| row["name"].as_str()?.chars().next()).collect()
}

fn query(name: &str, value: &str) -> String {
    form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish()
}

/// The parameters of a query string, sorted.
fn pairs(query: &str) -> Vec<(String, String)> {
    let mut pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    pairs.sort();
    pairs
}

/// A link's address and its parameters.
fn link(list: &Value, name: &str) -> (String, Vec<(String, String)>) {
    let (address, query) = list[name].as_str().and_then(|url| url.split_once('?')).expect("a link with parameters");
    (address.to_owned(), pairs(query))
}
