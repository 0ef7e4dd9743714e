//! All entries of a form as a file.

use std::{
    fs::File,
    io::Cursor,
    net::SocketAddr,
    time::{Duration, SystemTime},
};

use api_tests::{Answer, Caller, TestApp};
use calamine::{Data, DataType, Reader, Xlsx};
use entries::Exports;
use http::Method;
use local::{edge, platform::Folders};
use object_store::{ObjectStore, ObjectStoreExt, path::Path};
use serde_json::{Value, json};
use shared::{config, db::MIGRATOR, store::Store};
use sqlx::PgPool;

use crate::{
    entries::entered,
    forms::{created, field, path as form_path},
};

/// The most entries that a workbook takes.
const MAX_XLSX_ROWS: i32 = 200_000;
const MAX_CSV_ROWS: i32 = 500_000;

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_export_has_a_column_per_field_and_a_row_per_entry(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let fields = json!([
        field(json!({ "name": "name", "label": "Prénom, nom" })),
        field(json!({ "name": "age", "label": "Âge", "type": "integer" })),
        field(json!({ "name": "when", "label": "Arrivée", "type": "datetime" })),
        field(json!({ "name": "extras", "label": "Options", "type": "multiselect", "options": ["Wifi", "Spa"] })),
        field(json!({ "name": "agreed", "label": "=Accord", "type": "boolean" })),
    ]);
    let form = created(&admin, json!({ "fields": fields })).await;
    let first = json!({
        "name": "dit \"Ndar\"", "age": -5, "when": "2026-11-22T11:05:00+02:00", "extras": ["Wifi", "Spa"], "agreed": true,
    });
    let first = entered(&admin, &form, first).await;
    let second = entered(&admin, &form, json!({ "name": "=1+1" })).await;
    let other = created(&admin, json!({})).await;
    entered(&admin, &other, json!({ "name": "elsewhere" })).await;

    let answer = export(&admin, &form).await;

    let csv = format!(
        "\u{feff}id,created_at,\"Prénom, nom\",Âge,Arrivée,Options,'=Accord,version\r\n\
         {},{},\"dit \"\"Ndar\"\"\",-5,2026-11-22T09:05:00.000000Z,Wifi; Spa,true,1\r\n\
         {},{},'=1+1,,,,,1\r\n",
        first["id"],
        first["created_at"].as_str().unwrap(),
        second["id"],
        second["created_at"].as_str().unwrap(),
    );
    assert_eq!((answer.status.as_u16(), text(&answer)), (200, csv.as_str()));
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    let disposition = format!("attachment; filename=\"form-{}.csv\"", form["id"]);
    assert_eq!(answer.header("content-disposition"), disposition);
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_public_answer_brings_no_formula_into_the_csv(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let fields = json!([
        field(json!({ "name": "a", "label": "A;=B", "type": "textarea" })),
        field(json!({ "name": "n", "type": "number" }))
    ]);
    let form = created(&admin, json!({ "fields": fields })).await;
    let path = format!("/api/public/forms/{}/entries/", form["id"]);
    for answer in [";=1+1;", "x\t=1+1", "Rue 10,\n+221 77", "＝1+1", "x; \"@SUM(1)\""] {
        app.public().post(&path, json!({ "data": { "a": answer, "n": -12.75 } })).await.expect(201);
    }

    let answer = export(&admin, &form).await;

    let cells: Vec<&str> = text(&answer).split("\r\n").map(|row| row.splitn(3, ',').last().unwrap()).collect();
    assert_eq!(
        cells,
        [
            "A;'=B,Réponse,version",
            ";'=1+1;,-12.75,1",
            "x\t'=1+1,-12.75,1",
            "\"Rue 10,\n'+221 77\",-12.75,1",
            "'＝1+1,-12.75,1",
            "\"x; \"\"'@SUM(1)\"\"\",-12.75,1",
            "",
        ]
    );
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_workbook_has_typed_cells_and_no_formula(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let fields = json!([
        field(json!({ "name": "name", "label": "Prénom" })),
        field(json!({ "name": "age", "label": "Âge", "type": "number" })),
        field(json!({ "name": "day", "label": "Jour", "type": "date" })),
        field(json!({ "name": "when", "label": "Arrivée", "type": "datetime" })),
        field(json!({ "name": "agreed", "label": "=Accord", "type": "boolean" })),
        field(json!({ "name": "site", "label": "Site", "type": "url" })),
    ]);
    let form = created(&admin, json!({ "title": "Enquête [2026]: avis?", "fields": fields })).await;
    let data = json!({
        "name": "=1+1", "age": -12.75, "day": "2026-11-22", "when": "2026-11-22T14:00:00+02:00", "agreed": true,
        "site": "https://red.example/?a=1&b=2",
    });
    let entry = entered(&admin, &form, data).await;

    let path = format!("/api/entries/export/?form={}&format=xlsx", form["id"]);
    let answer = admin.get(&path).await;

    let media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, media_type));
    let disposition = format!("attachment; filename=\"form-{}.xlsx\"", form["id"]);
    assert_eq!(answer.header("content-disposition"), disposition);
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(answer.bytes.to_vec())).unwrap();
    let sheet = workbook.sheet_names()[0].clone();
    assert_eq!(sheet, "Enquête  2026   avis");
    assert!(workbook.worksheet_formula(&sheet).unwrap().is_empty());
    let range = workbook.worksheet_range(&sheet).unwrap();
    let rows: Vec<&[Data]> = range.rows().collect();
    let headings: Vec<String> = rows[0].iter().map(ToString::to_string).collect();
    assert_eq!(headings, ["id", "created_at", "Prénom", "Âge", "Jour", "Arrivée", "=Accord", "Site", "version"]);
    let text = |text: &str| Data::String(text.to_owned());
    assert_eq!(rows[1][0].as_f64().map(|id| id.to_string()), Some(entry["id"].to_string()));
    assert_eq!((&rows[1][2], &rows[1][3]), (&text("=1+1"), &Data::Float(-12.75)));
    let [Data::DateTime(day), Data::DateTime(when)] = &rows[1][4..6] else { panic!("no dates: {rows:?}") };
    assert_eq!((day.as_f64(), when.as_f64()), (46_348.0, 46_348.5));
    assert_eq!((&rows[1][6], &rows[1][7]), (&Data::Bool(true), &text("https://red.example/?a=1&b=2")));
    assert!(matches!(rows[1][1], Data::DateTime(_)), "{:?}", rows[1][1]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_large_workbook_is_a_file_like_a_large_csv(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let form = created(&admin, json!({})).await;
    // Texts that are not compressed to nothing.
    let insert = "insert into entries_entry (form_id, data)
        select $1, jsonb_build_object('name', (select string_agg(md5(random()::text), '') from generate_series(1, 300) where n > 0))
        from generate_series(1, 1000) as n";
    sqlx::query(insert).bind(form["id"].as_i64()).execute(&app.owner).await.unwrap();

    let path = format!("/api/entries/export/?form={}&format=xlsx", form["id"]);
    let answer = admin.get(&path).await;

    assert_eq!(answer.status, 303);
    let key = answer.header("location").strip_prefix("http://red.test/exports/").unwrap();
    assert!(key.ends_with(".xlsx"), "{key}");
    let file = app.exports.get(&Path::from(key)).await.unwrap();
    assert!(format!("{:?}", file.attributes).contains("spreadsheetml"), "{:?}", file.attributes);
    let bytes = file.bytes().await.unwrap().to_vec();
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    assert_eq!(workbook.worksheet_range_at(0).unwrap().unwrap().height(), 1_001);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_format_other_than_csv_and_xlsx_is_refused(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let form = created(&admin, json!({})).await;

    for format in ["ods", "CSV", "json"] {
        let answer = admin.get(&format!("/api/entries/export/?form={}&format={format}", form["id"])).await;
        assert_eq!(
            answer.expect(400),
            json!({ "format": [format!("«\u{a0}{format}\u{a0}» n'est pas un choix valide.")] })
        );
    }
    let both = admin.get("/api/entries/export/?format=ods").await.expect(400);
    assert_eq!(both["form"], json!(["Ce champ est obligatoire."]));
    assert!(both["format"][0].is_string(), "{both}");
    let empty = admin.get(&format!("/api/entries/export/?form={}&format=", form["id"])).await;
    assert_eq!((empty.status.as_u16(), empty.header("content-type")), (200, "text/csv; charset=utf-8"));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_form_with_too_many_entries_is_not_exported(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let form = created(&admin, json!({})).await;
    insert(&app, &form, &json!({}), MAX_XLSX_ROWS + 1).await;
    let is_refused = async |format: &str, texts: [&str; 2]| {
        for (language, text) in ["fr", "en"].into_iter().zip(texts) {
            let path = format!("/api/entries/export/?form={}&format={format}", form["id"]);
            let answer = admin.request(Method::GET, &path).header("accept-language", language).send().await.expect(413);
            assert!(answer["detail"].as_str().unwrap().contains(text), "{answer}");
        }
    };

    is_refused("xlsx", ["format=csv", "Export them as CSV"]).await;
    insert(&app, &form, &json!({}), MAX_CSV_ROWS - MAX_XLSX_ROWS).await;
    is_refused("csv", ["page par page", "page by page"]).await;
    assert!(app.exports.list_with_delimiter(None).await.unwrap().common_prefixes.is_empty());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_a_form_asked_for_earlier_comes_after_what_it_asks_for_now(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let ask = |fields: [(&str, &str); 2]| json!({ "fields": fields.map(|(name, label)| field(json!({ "name": name, "label": label }))) });
    let form = created(&admin, ask([("z", "Ancien"), ("a", "Vieux")])).await;
    let old = entered(&admin, &form, json!({ "z": "1", "a": "2" })).await;
    admin.patch(&form_path(&form), ask([("n", "Nom"), ("m", "Nom")])).await.expect(200);
    let new = entered(&admin, &form, json!({ "m": "4", "n": "3" })).await;

    let answer = export(&admin, &form).await;

    let csv = format!(
        "\u{feff}id,created_at,Nom (n),Nom (m),a,z,version\r\n{},{},,,2,1,1\r\n{},{},3,4,,,1\r\n",
        old["id"],
        old["created_at"].as_str().unwrap(),
        new["id"],
        new["created_at"].as_str().unwrap(),
    );
    assert_eq!(text(&answer), csv);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_export_is_of_one_form_that_there_is(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (admin, user) = (app.admin().await, app.user().await);
    let closed = created(&admin, json!({ "is_active": false })).await;

    assert_eq!(text(&export(&admin, &closed).await), "\u{feff}id,created_at,Nom,version\r\n");
    for query in ["", "?form=", "?from=1"] {
        let answer = admin.get(&format!("/api/entries/export/{query}")).await;
        assert_eq!(answer.expect(400), json!({ "form": ["Ce champ est obligatoire."] }), "{query}");
    }
    let answer = admin.get("/api/entries/export?form=one").await;
    assert_eq!(answer.expect(400), json!({ "form": ["Saisissez un nombre."] }));
    let answer = admin.get("/api/entries/export/?form=999999").await;
    assert_eq!(answer.expect(404), json!({ "detail": "Pas trouvé." }));
    assert_eq!(export(&user, &closed).await.status, 403);
    assert_eq!(export(&app.public(), &closed).await.status, 401);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn entries_of_an_older_database_are_exported_as_far_as_they_have_names(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let form = created(&admin, json!({})).await;
    for data in [json!("text"), json!([1]), json!(null), json!({ "x": { "y": 1 }, "name": ["a", 2] })] {
        insert(&app, &form, &data, 1).await;
    }
    sqlx::query("update forms_form set fields = '{}'").execute(&app.owner).await.unwrap();

    let answer = export(&admin, &form).await;

    let rows: Vec<&str> = text(&answer).lines().map(|line| line.splitn(3, ',').last().unwrap()).collect();
    assert_eq!(rows, ["name,x,version", ",,1", ",,1", ",,1", "a; 2,\"{\"\"y\"\":1}\",1"]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn every_entry_is_in_the_file_once_oldest_first(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let form = created(&admin, json!({})).await;
    // All of one statement, so that only the id tells them apart.
    insert(&app, &form, &json!({ "name": "Awa" }), 2_345).await;
    let first = entered(&admin, &form, json!({ "name": "first" })).await;
    sqlx::query("update entries_entry set created_at = '2000-01-01' where id = $1")
        .bind(first["id"].as_i64())
        .execute(&app.owner)
        .await
        .unwrap();

    let answer = export(&admin, &form).await;

    let ids: Vec<i64> =
        text(&answer).lines().skip(1).map(|row| row.split_once(',').unwrap().0.parse().unwrap()).collect();
    assert_eq!((ids.len(), ids[0]), (2_346, first["id"].as_i64().unwrap()));
    assert!(ids[1..].is_sorted_by(|a, b| a < b));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_export_of_almost_four_megabytes_is_an_answer_whatever_is_in_it(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let form = created(&admin, json!({})).await;
    // Each quotation mark is doubled.
    insert(&app, &form, &json!({ "name": "\"".repeat(10_000) }), 199).await;

    let answer = export(&admin, &form).await;

    assert_eq!(answer.status, 200);
    assert!((3_950_000..4_000_000).contains(&answer.bytes.len()), "{}", answer.bytes.len());
    assert!(app.exports.list_with_delimiter(None).await.unwrap().common_prefixes.is_empty());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_larger_export_is_a_file_that_the_answer_leads_to(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let form = created(&admin, json!({})).await;
    insert(&app, &form, &json!({ "name": "é".repeat(10_000) }), 700).await;
    let path = format!("/api/entries/export/?form={}", form["id"]);

    let redirect = export(&admin, &form).await;
    let request = admin.request(Method::GET, &path).header("accept", "application/json, text/plain, */*");
    let link = request.send().await.expect(200);

    assert_eq!((redirect.status.as_u16(), redirect.bytes.len()), (303, 0));
    let mut names = link.as_object().unwrap().keys();
    assert_eq!(
        (names.next().unwrap().as_str(), names.next().unwrap().as_str(), names.next()),
        ("expires_at", "url", None)
    );
    for url in [redirect.header("location"), link["url"].as_str().unwrap()] {
        let key = url.strip_prefix("http://red.test/exports/").unwrap();
        let file = app.exports.get(&Path::from(key)).await.unwrap();
        let attributes = format!("{:?}", file.attributes);
        assert!(attributes.contains("text/csv") && attributes.contains("attachment"), "{attributes}");
        let csv = String::from_utf8(file.bytes().await.unwrap().to_vec()).unwrap();
        assert!(csv.starts_with("\u{feff}id,created_at,Nom,version\r\n"));
        let rows: Vec<&str> = csv.lines().skip(1).collect();
        assert!(rows.len() == 700 && rows.iter().all(|row| row.ends_with(&format!("{},1", "é".repeat(10_000)))));
    }
    assert_ne!(redirect.header("location"), link["url"].as_str().unwrap());
    let expires_at: chrono::DateTime<chrono::Utc> = link["expires_at"].as_str().unwrap().parse().unwrap();
    assert!((590..=600).contains(&(expires_at - chrono::Utc::now()).num_seconds()), "{expires_at}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn on_one_machine_a_link_is_good_for_ten_minutes(owner: PgPool) {
    let folder = std::env::temp_dir().join(format!("red-exports-{}", uuid::Uuid::new_v4()));
    let folders = Folders { images: folder.join("images"), exports: folder.join("exports") };
    std::fs::create_dir_all(&folders.images).unwrap();
    std::fs::create_dir_all(&folders.exports).unwrap();
    let store = Store::open(&config::Store::Folder(folders.exports.clone())).unwrap();
    let app = TestApp::start_with(owner, |setup| setup.settings.exports = Exports::new(store)).await;
    let admin = app.admin().await;
    let form = created(&admin, json!({})).await;
    insert(&app, &form, &json!({ "name": "é".repeat(10_000) }), 300).await;
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let router = edge::router(app.gateway(), &folders, None).unwrap();
    let serving = tokio::spawn(local::gateway::serve(router, listener, std::future::pending()));

    let answer = export(&admin, &form).await;

    let location = answer.header("location");
    let key = location.strip_prefix("http://red.test").unwrap();
    let fetch = async |path: &str| get(&format!("{origin}{path}")).await;
    let (status, headers, body) = fetch(key).await;
    assert_eq!((status, body.len() > 6_000_000), (200, true));
    assert!(headers.contains("text/csv; charset=utf-8") && headers.contains("no-store"), "{headers}");
    assert_eq!(fetch(&key.replace("form-", "from-")).await.0, 404);
    assert_eq!(fetch("/exports/..%2f..%2fimages").await.0, 404);
    let file = File::open(folders.exports.join(key.strip_prefix("/exports/").unwrap())).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(601)).unwrap();
    assert_eq!(fetch(key).await.0, 404, "ten minutes later");
    serving.abort();
    std::fs::remove_dir_all(&folder).unwrap();
}

// Files for people.

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_file_for_people_has_their_words_and_their_time(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let form = asked(&app, &admin).await;
    for (language, csv) in [
        (
            "fr",
            "\u{feff}Numéro,Reçue le (America/New_York),Nom,Arrivée (America/New_York),Jour,Accord,Version\r\n\
             1,2026-03-08 01:59:59,Awa,2026-11-21 19:00:00,2026-11-22,oui,2\r\n\
             2,2026-03-08 03:00:00,Fatou,,,non,2\r\n\
             3,2026-11-01 01:30:00,Binta,,,,2\r\n",
        ),
        (
            "en",
            "\u{feff}Number,Received (America/New_York),Nom,Arrivée (America/New_York),Jour,Accord,Version\r\n\
             1,2026-03-08 01:59:59,Awa,2026-11-21 19:00:00,2026-11-22,yes,2\r\n\
             2,2026-03-08 03:00:00,Fatou,,,no,2\r\n\
             3,2026-11-01 01:30:00,Binta,,,,2\r\n",
        ),
    ] {
        let query = format!("?form={}&for=people&time_zone=America/New_York", form["id"]);
        let request = admin.request(Method::GET, &format!("/api/entries/export/{query}"));
        let answer = request.header("accept-language", language).send().await;

        assert_eq!((answer.status.as_u16(), text(&answer)), (200, csv));
    }
    let utc = admin.get(&format!("/api/entries/export/?form={}&for=people", form["id"])).await;
    assert!(text(&utc).contains("Reçue le (UTC)") && text(&utc).contains("1,2026-03-08 06:59:59,Awa"), "{utc:?}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_workbook_for_people_has_dates_of_their_time_zone(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let form = asked(&app, &admin).await;

    let query = format!("?form={}&for=people&time_zone=America/New_York&format=xlsx", form["id"]);
    let answer = admin.get(&format!("/api/entries/export/{query}")).await;

    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(answer.bytes.to_vec())).unwrap();
    let range = workbook.worksheet_range_at(0).unwrap().unwrap();
    let rows: Vec<&[Data]> = range.rows().collect();
    let [Data::DateTime(received), Data::String(_), Data::DateTime(when), Data::DateTime(day)] = &rows[1][1..5] else {
        panic!("no dates: {rows:?}")
    };
    // 2 a.m. less a second on the 8th of March, and 7 p.m. on the 21st of November.
    assert!((received.as_f64() - (46_089.0 + 7_199.0 / 86_400.0)).abs() < 1e-7, "{received}");
    assert!((when.as_f64() - (46_347.0 + 19.0 / 24.0)).abs() < 1e-7, "{when}");
    assert_eq!(day.as_f64(), 46_348.0);
    let text = |text: &str| Data::String(text.to_owned());
    assert_eq!([&rows[1][5], &rows[2][5], &rows[3][5]], [&text("oui"), &text("non"), &Data::Empty]);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_file_for_people_is_named_after_its_form_and_day(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    // The day there, which may be another one than in UTC.
    let today = || (chrono::Utc::now() + chrono::TimeDelta::hours(14)).format("%Y-%m-%d").to_string();
    for (title, ascii, encoded) in [
        ("Avis", "Avis", None),
        ("Enquête: l'été / 2026", "Enqu_te l'_t_ 2026", Some("Enqu%C3%AAte%20l%27%C3%A9t%C3%A9%202026")),
        ("../../\"x\"\\", "x", None),
    ] {
        let form = created(&admin, json!({ "title": title })).await;
        let path = format!("/api/entries/export/?form={}&for=people&time_zone=Pacific/Kiritimati", form["id"]);
        let (before, answer, after) = (today(), admin.get(&path).await, today());

        let name = |today: &str| match encoded {
            Some(encoded) => {
                format!("attachment; filename=\"{ascii} {today}.csv\"; filename*=UTF-8''{encoded}%20{today}.csv")
            }
            None => format!("attachment; filename=\"{ascii} {today}.csv\""),
        };
        let disposition = answer.header("content-disposition");
        assert!([name(&before), name(&after)].iter().any(|name| name == disposition), "{disposition}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_large_file_for_people_keeps_its_name_behind_its_link(owner: PgPool) {
    let folder = std::env::temp_dir().join(format!("red-exports-{}", uuid::Uuid::new_v4()));
    let folders = Folders { images: folder.join("images"), exports: folder.join("exports") };
    std::fs::create_dir_all(&folders.images).unwrap();
    std::fs::create_dir_all(&folders.exports).unwrap();
    let store = Store::open(&config::Store::Folder(folders.exports.clone())).unwrap();
    let app = TestApp::start_with(owner, |setup| setup.settings.exports = Exports::new(store)).await;
    let admin = app.admin().await;
    let title = format!("Enquête 100 % {}", "🌴é".repeat(100));
    let form = created(&admin, json!({ "title": title })).await;
    insert(&app, &form, &json!({ "name": "é".repeat(10_000) }), 201).await;
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let router = edge::router(app.gateway(), &folders, None).unwrap();
    let serving = tokio::spawn(local::gateway::serve(router, listener, std::future::pending()));

    let answer = admin.get(&format!("/api/entries/export/?form={}&for=people", form["id"])).await;

    let key = answer.header("location").strip_prefix("http://red.test").unwrap();
    assert!(key.contains("/Enqu%C3%AAte%20100%20"), "{key}");
    assert_eq!(get(&format!("{origin}{key}")).await.0, 200);
    serving.abort();
    std::fs::remove_dir_all(&folder).unwrap();
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_time_zone_that_is_not_known_is_refused(owner: PgPool) {
    let admin = TestApp::start(owner).await.admin().await;
    let form = created(&admin, json!({})).await;

    for zone in ["Dakar", "UTC+1", "%00", "../etc", "africa/dakar"] {
        let path = format!("/api/entries/export/?form={}&for=people&time_zone={zone}", form["id"]);
        assert!(admin.get(&path).await.expect(400)["time_zone"][0].is_string(), "{zone}");
    }
    let audience = admin.get(&format!("/api/entries/export/?form={}&for=machines", form["id"])).await;
    assert!(audience.expect(400)["for"][0].is_string());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_export_has_the_entries_and_the_order_of_the_list(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let form = created(&admin, json!({})).await;
    let names = ["Awa", "Fatou", "Awa et Binta", "Moussa"];
    for (number, name) in (1..).zip(names) {
        let entry = entered(&admin, &form, json!({ "name": name })).await;
        let update =
            "update entries_entry set created_at = make_timestamptz(2026, 11, 25 - $2, 12, 0, 0, 'UTC') where id = $1";
        sqlx::query(update).bind(entry["id"].as_i64()).bind(number).execute(&app.owner).await.unwrap();
    }
    for (query, found) in [
        ("", "4321"),
        ("ordering=created_at", "4321"),
        ("ordering=-created_at", "1234"),
        ("ordering=id", "1234"),
        ("ordering=-id", "4321"),
        ("ordering=name,-created_at", "1234"),
        ("search=awa", "31"),
        ("search=awa+binta", "3"),
        ("created_at__gte=2026-11-23", "21"),
        ("created_at__lte=2026-11-22", "43"),
        ("created_at__gte=2026-11-22T12:00:00Z&created_at__lte=2026-11-23T12:00:00Z&ordering=id", "23"),
        ("search=nobody", ""),
    ] {
        let answer = admin.get(&format!("/api/entries/export/?form={}&{query}", form["id"])).await;
        let rows: String = text(&answer).lines().skip(1).filter_map(|line| line.split(',').next()).collect();
        assert_eq!(rows, found, "{query}");
    }
    let wrong = admin.get(&format!("/api/entries/export/?form={}&created_at__gte=x", form["id"])).await;
    assert!(wrong.expect(400)["created_at__gte"][0].is_string());
    let long = admin.get(&format!("/api/entries/export/?form={}&search={}", form["id"], "x".repeat(501))).await;
    assert_eq!(text(&long).lines().count(), 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn every_entry_is_in_the_file_once_in_any_order(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let form = created(&admin, json!({})).await;
    // Some of one moment, and none in the order of the ids.
    let insert = "insert into entries_entry (form_id, data, created_at)
        select $1, '{}', timestamptz '2026-01-01' + (n * 7919 % 500) * interval '1 second' from generate_series(1, 2345) as n";
    sqlx::query(insert).bind(form["id"].as_i64()).execute(&app.owner).await.unwrap();

    for ordering in ["created_at", "-created_at", "id", "-id"] {
        let answer = admin.get(&format!("/api/entries/export/?form={}&ordering={ordering}", form["id"])).await;
        let mut keys: Vec<(String, i64)> = text(&answer)
            .lines()
            .skip(1)
            .map(|line| line.split(',').collect::<Vec<_>>())
            .map(|cells| (if ordering.ends_with("id") { "" } else { cells[1] }.to_owned(), cells[0].parse().unwrap()))
            .collect();
        if ordering.starts_with('-') {
            keys.reverse();
        }
        assert!(keys.len() == 2_345 && keys.is_sorted_by(|a, b| a < b), "{ordering}");
    }
}

/// A form with three entries: a moment before and one after a change to summer time, and one that happens twice in autumn.
async fn asked(app: &TestApp, admin: &Caller) -> Value {
    let fields = json!([
        field(json!({ "name": "name", "label": "Nom" })),
        field(json!({ "name": "when", "label": "Arrivée", "type": "datetime" })),
        field(json!({ "name": "day", "label": "Jour", "type": "date" })),
        field(json!({ "name": "agreed", "label": "Accord", "type": "boolean" })),
    ]);
    let form = created(admin, json!({ "fields": fields })).await;
    let arrival = "2026-11-22T00:00:00Z";
    for (data, time) in [
        (json!({ "name": "Awa", "when": arrival, "day": "2026-11-22", "agreed": true }), "2026-03-08T06:59:59Z"),
        (json!({ "name": "Fatou", "agreed": false }), "2026-03-08T07:00:00Z"),
        (json!({ "name": "Binta" }), "2026-11-01T06:30:00Z"),
    ] {
        let entry = entered(admin, &form, data).await;
        let update = "update entries_entry set created_at = $2::timestamptz where id = $1";
        sqlx::query(update).bind(entry["id"].as_i64()).bind(time).execute(&app.owner).await.unwrap();
    }
    form
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn head_answers_like_get_without_a_body(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let (small, large) = (created(&admin, json!({})).await, created(&admin, json!({})).await);
    entered(&admin, &small, json!({ "name": "Awa" })).await;
    insert(&app, &large, &json!({ "name": "é".repeat(10_000) }), 201).await;

    for (form, status) in [(&small, 200), (&large, 303), (&json!({ "id": 999_999 }), 404)] {
        let path = format!("/api/entries/export/?form={}", form["id"]);
        let (head, get) = (admin.request(Method::HEAD, &path).send().await, admin.get(&path).await);

        assert_eq!((head.status.as_u16(), get.status.as_u16(), head.bytes.len()), (status, status, 0));
        for header in ["content-type", "content-disposition", "cache-control"] {
            assert_eq!(head.header(header), get.header(header), "{header}");
        }
    }
}

async fn export(caller: &Caller, form: &Value) -> Answer {
    caller.get(&format!("/api/entries/export/?form={}", form["id"])).await
}

fn text(answer: &Answer) -> &str {
    std::str::from_utf8(&answer.bytes).unwrap()
}

/// Entries that the API would not have let in, or that would take it long.
async fn insert(app: &TestApp, form: &Value, data: &Value, count: i32) {
    let insert = "insert into entries_entry (form_id, data) select $1, $2 from generate_series(1, $3)";
    let insert = sqlx::query(insert).bind(form["id"].as_i64()).bind(data).bind(count);
    insert.execute(&app.owner).await.unwrap();
}

/// Status, headers and body of what a browser would get.
async fn get(url: &str) -> (u16, String, Vec<u8>) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET /{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    let headers = String::from_utf8(answer[..end].to_vec()).unwrap();
    let status = headers[9..12].parse().unwrap();
    (status, headers, answer[end..].to_vec())
}
