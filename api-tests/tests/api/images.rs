//! Photos of hotels.

use api_tests::{Answer, Caller, TestApp};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::Method;
use object_store::{ObjectStoreExt, path::Path};
use serde_json::{Value, json};
use shared::db::MIGRATOR;
use sqlx::PgPool;

use crate::hotels::{created, hotel, path};

// Pictures of three by two pixels.
pub(crate) const PNG: &str = concat!(
    "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAFUlEQVR4nGPs9bZgYGBgYGBgYoABABOxARRIIUU3AAAAAElFTkSu",
    "QmCC",
);
const JPEG: &str = concat!(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObDoKrarYqMyP/L2u71",
    "////m8H////6/+b9//j/wAALCAACAAMBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAv/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAI",
    "AQEAAD8Ab//Z",
);
const WEBP: &str = "UklGRi4AAABXRUJQVlA4ICIAAABwAQCdASoDAAIABUB8JaACdAFAAAD+4cNpDhZBuk/VAYAA";
const AVIF: &str = concat!(
    "AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUIAAADrbWV0YQAAAAAAAAAhaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAA",
    "AAAAAAAOcGl0bQAAAAAAAQAAAB5pbG9jAAAAAEQAAAEAAQAAAAEAAAETAAAAIgAAAChpaW5mAAAAAAABAAAAGmluZmUCAAAAAAEA",
    "AGF2MDFDb2xvcgAAAABqaXBycAAAAEtpcGNvAAAAFGlzcGUAAAAAAAAAAwAAAAIAAAAQcGl4aQAAAAADCAgIAAAADGF2MUOBAAwA",
    "AAAAE2NvbHJuY2x4AAEADQAGgAAAABdpcG1hAAAAAAAAAAEAAQQBAoMEAAAAKm1kYXQSAAoIGAQrRAQ0GhAyFB2Hh4Wd3HHHAsAA",
    "AJA1jjxnR0yN",
);

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_photo_comes_with_a_hotel_or_later_and_is_found_under_every_name(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;

    let new = admin.post("/api/hotels/", hotel(json!({ "image_base64": data_url("png", PNG) }))).await.expect(201);
    let bare = created(&admin, json!({})).await;
    let changed = admin.patch(&path(&bare), json!({ "image_base64": data_url("jpeg", JPEG) })).await.expect(200);

    for (row, extension, file) in [(&new, "png", PNG), (&changed, "jpg", JPEG)] {
        let url = row["image_url"].as_str().unwrap();
        assert!(url.starts_with("http://web.test/media/hotels/") && url.ends_with(&format!(".{extension}")), "{url}");
        assert_eq!((&row["image"], &row["image_base64"]), (&row["image_url"], &row["image_url"]));
        assert_eq!(stored(&app, url).await.unwrap(), decoded(file));
        assert_eq!(admin.get(&path(row)).await.expect(200), *row);
    }
    assert_eq!((&bare["image_url"], &bare["image"], &bare["image_base64"]), (&Value::Null, &Value::Null, &Value::Null));
    let list = admin.get("/api/hotels/?ordering=id").await.expect(200);
    assert_eq!(list["results"], json!([new, changed]));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_file_is_told_by_its_content_whatever_it_is_called(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let hotel = created(&admin, json!({})).await;

    for (file, extension) in [(PNG, ".png"), (JPEG, ".jpg"), (WEBP, ".webp"), (AVIF, ".avif")] {
        let by_field = admin.patch(&path(&hotel), json!({ "image_base64": data_url("gif", file) })).await.expect(200);
        let by_file = upload(&admin, &hotel, "image/gif", decoded(file)).await.expect(200);

        for row in [by_field, by_file] {
            assert!(row["image_url"].as_str().unwrap().ends_with(extension), "{row}");
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_new_photo_has_a_new_address_and_the_old_one_is_gone(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let first = created(&admin, json!({ "image_base64": data_url("png", PNG) })).await;

    let second = upload(&admin, &first, "image/webp", decoded(WEBP)).await;

    let (old, new) = (first["image_url"].as_str().unwrap(), second.expect(200)["image_url"].clone());
    assert_ne!(json!(old), new);
    assert_ne!(second.header("etag"), "\"1\"");
    assert_eq!(stored(&app, old).await, None);
    assert_eq!(stored(&app, new.as_str().unwrap()).await.unwrap(), decoded(WEBP));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_record_as_it_was_read_keeps_its_photo(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let with = created(&admin, json!({ "image_base64": data_url("png", PNG) })).await;
    let without = created(&admin, json!({})).await;

    for hotel in [&with, &without] {
        let kept = admin.patch(&path(hotel), hotel.clone()).await.expect(200);
        assert_eq!(kept["image_url"], hotel["image_url"]);
    }
    assert!(stored(&app, with["image_url"].as_str().unwrap()).await.is_some());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_photo_can_be_taken_away_once(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let hotel = created(&admin, json!({ "image_base64": data_url("png", PNG) })).await;
    let image = format!("{}image/", path(&hotel));

    let stale = admin.request(Method::DELETE, &image).header("if-match", "\"7\"").send().await;
    assert_eq!(stale.status, 412);
    assert_eq!(admin.delete(&image).await.status, 204);

    assert_eq!(admin.get(&path(&hotel)).await.expect(200)["image_url"], Value::Null);
    assert_eq!(stored(&app, hotel["image_url"].as_str().unwrap()).await, None);
    assert_eq!(admin.delete(&image).await.status, 404);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_hotel_takes_its_photo_along(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let hotel = created(&admin, json!({ "image_base64": data_url("png", PNG) })).await;

    admin.delete(&path(&hotel)).await.expect(204);

    assert_eq!(stored(&app, hotel["image_url"].as_str().unwrap()).await, None);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_write_that_is_refused_leaves_no_photo_behind(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let row = created(&admin, json!({ "rooms_count": 5 })).await;
    let image = data_url("png", PNG);

    let rule = admin.patch(&path(&row), json!({ "available_rooms": 6, "image_base64": image })).await;
    let missing = admin.patch("/api/hotels/999999/", json!({ "image_base64": image })).await;
    let body = hotel(json!({ "image_base64": image }));
    let keyed = || admin.request(Method::POST, "/api/hotels/").header("idempotency-key", "k").json(&body);
    let (first, again) = (keyed().send().await.expect(201), keyed().send().await.expect(201));

    assert_eq!((rule.status.as_u16(), missing.status.as_u16()), (400, 404));
    assert_eq!(first, again);
    assert_eq!(photos(&app).await, 1);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn what_is_no_picture_or_more_than_one_is_refused(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let hotel = created(&admin, json!({})).await;
    let behind = |file: &str, more: &[u8]| [decoded(file).as_slice(), more].concat();
    let mut huge = decoded(PNG);
    huge[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
    let files = [
        ("nothing", Vec::new()),
        ("a page", b"<html><script>alert(1)</script></html>".to_vec()),
        ("a drawing", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec()),
        ("a GIF", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;".to_vec()),
        ("an archive behind a PNG", behind(PNG, b"PK\x05\x06")),
        ("a page behind a JPEG", behind(JPEG, b"<script>")),
        ("a page behind a WebP", behind(WEBP, b"<script>")),
        ("a page behind an AVIF", behind(AVIF, b"<script>")),
        ("half a PNG", decoded(PNG)[..40].to_vec()),
        ("half a JPEG", decoded(JPEG)[..100].to_vec()),
        ("half a WebP", decoded(WEBP)[..30].to_vec()),
        ("half an AVIF", decoded(AVIF)[..120].to_vec()),
        ("a PNG of four gigapixels", huge),
    ];

    for (what, file) in files {
        let by_file = upload(&admin, &hotel, "image/png", file.clone()).await;
        assert!(by_file.expect(400)["image"][0].is_string(), "{what}");
        let url = data_url("png", &STANDARD.encode(file));
        let by_field = admin.patch(&path(&hotel), json!({ "image_base64": url })).await;
        assert!(by_field.expect(400)["image_base64"][0].is_string(), "{what}");
    }
    for value in [json!("data:image/png;base64,%%%"), json!("data:text/html;base64,YQ=="), json!("YQ=="), json!(7)] {
        let answer = admin.patch(&path(&hotel), json!({ "image_base64": value })).await;
        assert!(answer.expect(400)["image_base64"][0].is_string(), "{value}");
    }
    assert_eq!(photos(&app).await, 0);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_photo_has_four_mebibytes_at_most(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let hotel = created(&admin, json!({})).await;
    const MAX: usize = 4 * 1024 * 1024;

    let largest = upload(&admin, &hotel, "image/png", png_of(MAX)).await;
    let larger = upload(&admin, &hotel, "image/png", png_of(MAX + 1)).await;
    let in_a_field = data_url("png", &STANDARD.encode(png_of(MAX)));
    let field = admin.patch(&path(&hotel), json!({ "image_base64": in_a_field })).await;
    let too_much = admin.patch(&path(&hotel), json!({ "description": "x".repeat(5_976_883) })).await;

    assert_eq!((largest.status.as_u16(), larger.status.as_u16()), (200, 413));
    assert_eq!((field.status.as_u16(), too_much.status.as_u16()), (200, 413));
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_photo_is_sent_as_a_file_and_not_in_a_form(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, admin) = (app.user().await, app.admin().await);
    let hotel = created(&admin, json!({})).await;

    for (sent, told) in [
        ("multipart/form-data; boundary=x", "multipart/form-data"),
        ("Application/X-WWW-Form-Urlencoded", "application/x-www-form-urlencoded"),
        ("application/json", "application/json"),
        ("text/plain;charset=UTF-8", "text/plain"),
        ("images/png", "images/png"),
    ] {
        let text = format!("Type de média «\u{a0}{told}\u{a0}» non supporté.");
        for file in [decoded(PNG), b"--x\r\n".to_vec()] {
            assert_eq!(upload(&admin, &hotel, sent, file).await.expect(415), json!({ "detail": text }), "{sent}");
        }
        let missing = json!({ "id": 999_999 });
        assert_eq!(upload(&admin, &missing, sent, decoded(PNG)).await.status, 404, "{sent}");
        assert_eq!(upload(&user, &hotel, sent, decoded(PNG)).await.status, 403, "{sent}");
    }
    for media_type in ["image/png", "IMAGE/JPEG; q=1", "image/x-unknown", "application/octet-stream", ""] {
        upload(&admin, &hotel, media_type, decoded(PNG)).await.expect(200);
    }
    let without_a_type = admin.request(Method::PUT, &format!("{}image/", path(&hotel))).body(decoded(PNG));
    without_a_type.send().await.expect(200);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_photo_is_checked_after_the_hotel_is_found(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, admin) = (app.user().await, app.admin().await);
    let missing = json!({ "id": 999_999 });

    assert_eq!(upload(&admin, &missing, "image/png", b"no picture".to_vec()).await.status, 404);
    assert_eq!(upload(&user, &missing, "image/png", b"no picture".to_vec()).await.status, 403);
}

/// A PNG of this many bytes, most of them in a chunk that viewers skip.
fn png_of(bytes: usize) -> Vec<u8> {
    let png = decoded(PNG);
    let filler = bytes - png.len() - 12;
    let (head, tail) = png.split_at(33);
    let length = u32::try_from(filler).unwrap().to_be_bytes();
    [head, &length, b"flLr", &vec![0; filler + 4], tail].concat()
}

fn decoded(file: &str) -> Vec<u8> {
    STANDARD.decode(file).unwrap()
}

pub(crate) fn data_url(kind: &str, file: &str) -> String {
    format!("data:image/{kind};base64,{file}")
}

async fn upload(caller: &Caller, hotel: &Value, media_type: &str, file: Vec<u8>) -> Answer {
    let path = format!("{}image/", path(hotel));
    caller.request(Method::PUT, &path).header("content-type", media_type).body(file).send().await
}

/// The file behind an address, if it is still there.
#[sqlx::test(migrator = "MIGRATOR")]
async fn a_photo_is_kept_where_nobody_can_say_whether_its_hotel_was_written(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    // The connection ends while the transaction commits: the answer to the commit never comes.
    sqlx::raw_sql(
        "
        create function cut() returns trigger language plpgsql as $$
        begin
            perform pg_terminate_backend(pg_backend_pid());
            return null;
        end
        $$;
        create constraint trigger cut after insert on hotels_hotel deferrable initially deferred
            for each row execute function cut();
        ",
    )
    .execute(&app.owner)
    .await
    .unwrap();

    let answer = admin.post("/api/hotels/", hotel(json!({ "image_base64": data_url("png", PNG) }))).await;

    assert_eq!(answer.status, 503);
    assert_eq!(photos(&app).await, 1);
}

async fn stored(app: &TestApp, url: &str) -> Option<Vec<u8>> {
    let key = url.strip_prefix("http://web.test/media/").expect("an address of ours");
    let found = app.photos.get(&Path::from(key)).await.ok()?;
    Some(found.bytes().await.unwrap().to_vec())
}

async fn photos(app: &TestApp) -> usize {
    let list = object_store::ObjectStore::list_with_delimiter(&*app.photos, Some(&Path::from("hotels"))).await;
    list.unwrap().common_prefixes.len()
}
