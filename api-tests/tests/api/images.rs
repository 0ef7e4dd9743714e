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
    let url = with["image_url"].as_str().unwrap();
    let key = url.strip_prefix("http://web.test").unwrap();
    for address in [url.to_owned(), key.to_owned(), format!("https://cdn.example{key}"), String::new()] {
        for change in [json!({ "image_base64": address }), hotel(json!({ "image_base64": address }))] {
            let kept = admin.patch(&path(&with), change).await.expect(200);
            assert_eq!(kept["image_url"], with["image_url"], "{address}");
        }
    }
    assert!(stored(&app, url).await.is_some());
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_address_of_another_photo_is_refused(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let with = created(&admin, json!({ "image_base64": data_url("png", PNG) })).await;
    let other = created(&admin, json!({ "image_base64": data_url("png", PNG) })).await;
    let without = created(&admin, json!({})).await;
    let own = with["image_url"].as_str().unwrap();
    let addresses = [
        other["image_url"].as_str().unwrap().to_owned(),
        "https://evil.example/photo.jpg".to_owned(),
        "HTTP://evil.example".to_owned(),
        format!("{own}?v=2"),
    ];

    for address in &addresses {
        let change = json!({ "image_base64": address });
        let bodies = [
            admin.patch(&path(&with), change.clone()).await,
            admin.put(&path(&with), hotel(change.clone())).await,
            admin.patch(&path(&without), change.clone()).await,
            admin.post("/api/hotels/", hotel(change)).await,
        ];
        for answer in bodies {
            let errors = answer.expect(400);
            assert!(errors["image_base64"][0].as_str().unwrap().contains("omettez ce champ"), "{address}: {errors}");
        }
    }
    for (path, text) in [(path(&without), own), (path(&with), "/media/hotels/other.png")] {
        let answer = admin.patch(&path, json!({ "image_base64": text })).await;
        assert!(answer.expect(400)["image_base64"][0].is_string(), "{text}");
    }
    assert_eq!(admin.get(&path(&with)).await.expect(200)["image_url"], own);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_data_url_is_read_in_every_spelling(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let row = created(&admin, json!({})).await;
    let bare = PNG.trim_end_matches('=');

    for url in [
        format!("DATA:IMAGE/PNG;BASE64,{PNG}"),
        format!("data:;Base64,{PNG}"),
        format!("data:image/png;name=\"photo.png\";base64,{PNG}"),
        format!("data:image/png;base64,{bare}"),
        format!("data:image/png;base64, {PNG}\n"),
    ] {
        let changed = admin.patch(&path(&row), json!({ "image_base64": url })).await.expect(200);
        assert!(changed["image_url"].as_str().unwrap().ends_with(".png"), "{url}");
    }
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
async fn a_file_without_a_whole_picture_is_refused(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let hotel = created(&admin, json!({})).await;
    let mut huge = decoded(PNG);
    huge[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
    let files = [
        ("nothing", Vec::new()),
        ("a page", b"<html><script>alert(1)</script></html>".to_vec()),
        ("half a PNG", decoded(PNG)[..40].to_vec()),
        ("a PNG that ends within its pixels", decoded(PNG)[..60].to_vec()),
        ("a PNG with a chunk that every reader has to know", inserted(&decoded(PNG), 33, &png_chunk(b"CgBI", b""))),
        ("half a JPEG", decoded(JPEG)[..100].to_vec()),
        ("a JPEG without pixels", [&decoded(JPEG)[..20], b"\xff\xd9"].concat()),
        ("half a WebP", decoded(WEBP)[..30].to_vec()),
        ("half an AVIF", decoded(AVIF)[..120].to_vec()),
        ("an AVIF without its last byte", decoded(AVIF)[..decoded(AVIF).len() - 1].to_vec()),
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
async fn a_format_that_is_not_supported_is_named_as_such(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let hotel = created(&admin, json!({})).await;
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
    let unsupported: [&[u8]; 10] = [
        heic,
        b"\0\0\0\x1cftypmif1\0\0\0\0mif1miafheix",
        b"GIF89a\x01\0\x01\0\0\0\0;",
        b"BM\x3a\0\0\0",
        b"II*\0\x08\0\0\0",
        b"MM\0*\0\0\0\x08",
        b"\xff\x0a\xfa\x7f",
        b"\0\0\0\x0cJXL \r\n\x87\n",
        b"\0\0\0\x0cjP  \r\n\x87\n",
        b"\n<?xml version='1.0'?><!-- drawn --><svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    ];

    for file in unsupported {
        let path = format!("{}image/", path(&hotel));
        for (language, texts) in [
            ("fr", ["pas pris en charge", "JPEG, PNG, WebP ou AVIF"]),
            ("en", ["not supported", "JPEG, PNG, WebP or AVIF"]),
        ] {
            let request = admin.request(Method::PUT, &path).header("accept-language", language);
            let answer = request.header("content-type", "image/heic").body(file.to_vec()).send().await.expect(400);
            let message = answer["image"][0].as_str().unwrap();
            assert!(texts.iter().all(|text| message.contains(text)), "{file:?}: {message}");
        }
    }
    // Chrome does not know the type of such a file.
    let url = format!("data:application/octet-stream;base64,{}", STANDARD.encode(heic));
    let by_field = admin.patch(&path(&hotel), json!({ "image_base64": url })).await.expect(400);
    assert!(by_field["image_base64"][0].as_str().unwrap().contains("Sur un iPhone"), "{by_field}");
    let none = upload(&admin, &hotel, "image/png", b"a page".to_vec()).await.expect(400);
    let message = none["image"][0].as_str().unwrap();
    assert!(message.contains("n'est pas une image") && message.contains("JPEG, PNG, WebP ou AVIF"), "{message}");
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_photo_is_served_without_its_metadata_and_what_follows_it(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let hotel = created(&admin, json!({})).await;
    let (jpeg, png, webp, avif) = (decoded(JPEG), decoded(PNG), decoded(WEBP), decoded(AVIF));
    let behind = |file: &[u8], more: &[u8]| [file, more].concat();
    let of_jpeg = |marker, content: &[u8]| inserted(&jpeg, 20, &jpeg_segment(marker, content));
    let of_png = |kind: &[u8; 4], content: &[u8]| inserted(&png, 33, &png_chunk(kind, content));
    let exif = [b"Exif\0\0", &exif(1)[..]].concat();
    let motion = [b"\0\0\0\x14ftypmp42\0\0\0\0mp42".as_slice(), PLACE].concat();
    let simple_webp = riff(&webp[12..]);
    let extended_webp = |flags, more: &[u8]| riff(&[&webp_header(flags), &webp[12..], more].concat());
    let files = [
        ("a byte behind a JPEG", behind(&jpeg, b"\0"), jpeg.clone()),
        ("two pictures in a JPEG", behind(&of_jpeg(0xe2, &[b"MPF\0", PLACE].concat()), &jpeg), jpeg.clone()),
        ("a motion photo", behind(&of_jpeg(0xe1, &exif), &motion), jpeg.clone()),
        ("the trailer of a Samsung", behind(&jpeg, &[PLACE, b"SEFHk\0\0\0SEFT"].concat()), jpeg.clone()),
        ("a JPEG without its end marker", jpeg[..jpeg.len() - 2].to_vec(), jpeg.clone()),
        ("a JPEG with fill bytes", inserted(&jpeg, 2, b"\xff\xff"), jpeg.clone()),
        ("a JPEG's Exif", of_jpeg(0xe1, &exif), jpeg.clone()),
        ("a JPEG's XMP", of_jpeg(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", PLACE].concat()), jpeg.clone()),
        ("a JPEG's IPTC", of_jpeg(0xed, &[b"Photoshop 3.0\0", PLACE].concat()), jpeg.clone()),
        ("a JPEG's content credentials", of_jpeg(0xeb, PLACE), jpeg.clone()),
        ("a JPEG's comment", of_jpeg(0xfe, PLACE), jpeg.clone()),
        ("a comment behind a scan", inserted(&jpeg, jpeg.len() - 2, &jpeg_segment(0xfe, PLACE)), jpeg.clone()),
        ("data behind a PNG", behind(&png, PLACE), png.clone()),
        ("a PNG without its end", png[..png.len() - 12].to_vec(), png.clone()),
        ("a PNG's text", of_png(b"tEXt", &[b"Location\0", PLACE].concat()), png.clone()),
        ("a PNG's XMP", of_png(b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0", PLACE].concat()), png.clone()),
        ("a PNG's Exif", of_png(b"eXIf", &self::exif(1)), png.clone()),
        ("data behind a WebP", behind(&webp, PLACE), webp.clone()),
        ("a WebP with an unknown chunk", riff(&[&webp[12..], &riff_chunk(b"what", PLACE)].concat()), simple_webp),
        ("a WebP's Exif", extended_webp(0x08, &riff_chunk(b"EXIF", &self::exif(1))), extended_webp(0, b"")),
        ("a WebP's XMP", extended_webp(0x04, &riff_chunk(b"XMP ", PLACE)), extended_webp(0, b"")),
        ("data behind an AVIF", behind(&avif, PLACE), avif.clone()),
        ("a box behind an AVIF", behind(&avif, &isobmff_box(b"mpvd", PLACE)), avif.clone()),
        ("an AVIF's data up to its end", avif_with_data(Length::ToTheEnd), avif_with_data(Length::ToTheEnd)),
        ("data behind that", behind(&avif_with_data(Length::ToTheEnd), PLACE), avif_with_data(Length::ToTheEnd)),
        ("an AVIF with a length of 64 bits", avif_with_data(Length::Of64Bits), avif_with_data(Length::Of64Bits)),
        ("data behind that one", behind(&avif_with_data(Length::Of64Bits), PLACE), avif_with_data(Length::Of64Bits)),
    ];

    for (what, file, expected) in files {
        let row = upload(&admin, &hotel, "image/jpeg", file).await.expect(200);
        let served = stored(&app, row["image_url"].as_str().unwrap()).await.unwrap();
        assert!(!contains(&served, PLACE), "{what}");
        assert_eq!(served, expected, "{what}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_photo_keeps_its_orientation_and_nothing_else_of_its_exif(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let hotel = created(&admin, json!({})).await;
    let (jpeg, png, webp) = (decoded(JPEG), decoded(PNG), decoded(WEBP));
    let of_jpeg = |exif: &[u8]| inserted(&jpeg, 20, &jpeg_segment(0xe1, &[b"Exif\0\0", exif].concat()));
    let of_png = |exif: &[u8]| inserted(&png, png.len() - 12, &png_chunk(b"eXIf", exif));
    let of_webp = |exif: &[u8]| riff(&[&webp_header(0x08), &webp[12..], &riff_chunk(b"EXIF", exif)].concat());

    for orientation in 2..=8 {
        let (found, kept) = (exif(orientation), oriented(orientation));
        for (file, expected) in
            [(of_jpeg(&found), of_jpeg(&kept)), (of_png(&found), of_png(&kept)), (of_webp(&found), of_webp(&kept))]
        {
            let row = upload(&admin, &hotel, "image/jpeg", file).await.expect(200);
            let served = stored(&app, row["image_url"].as_str().unwrap()).await.unwrap();
            assert_eq!(served, expected, "{orientation}");
        }
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn an_avif_keeps_its_picture_in_place_and_loses_its_other_items(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let admin = app.admin().await;
    let hotel = created(&admin, json!({})).await;
    let picture = &decoded(AVIF)[275..];

    for (file, offset) in [avif_with_exif(true), avif_with_exif(false)] {
        assert!(contains(&file, PLACE) && file[offset..].starts_with(picture));
        let row = upload(&admin, &hotel, "image/avif", file).await.expect(200);
        let served = stored(&app, row["image_url"].as_str().unwrap()).await.unwrap();

        assert!(served[offset..].starts_with(picture));
        for gone in [PLACE, b"Exif", b"cdsc", b"uuid"] {
            assert!(!contains(&served, gone), "{}", String::from_utf8_lossy(gone));
        }
        let again = upload(&admin, &hotel, "image/avif", served.clone()).await.expect(200);
        assert_eq!(stored(&app, again["image_url"].as_str().unwrap()).await.unwrap(), served);
    }
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

/// A PNG of this many bytes, most of them in its colour profile.
fn png_of(bytes: usize) -> Vec<u8> {
    let png = decoded(PNG);
    let filler = bytes - png.len() - 12;
    inserted(&png, 33, &png_chunk(b"iCCP", &vec![0; filler]))
}

/// What a photo tells of the place where it was taken.
const PLACE: &[u8] = b"GPS 14.6928 N 17.4467 W";

fn contains(file: &[u8], part: &[u8]) -> bool {
    file.windows(part.len()).any(|window| window == part)
}

fn inserted(file: &[u8], at: usize, part: &[u8]) -> Vec<u8> {
    [&file[..at], part, &file[at..]].concat()
}

fn jpeg_segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker], &length[..], content].concat()
}

fn png_chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    let checksum = crc32fast::hash(&[kind, content].concat()).to_be_bytes();
    [&length[..], kind, content, &checksum].concat()
}

fn riff_chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_le_bytes();
    [kind, &length[..], content, &[0][..content.len() % 2]].concat()
}

fn riff(chunks: &[u8]) -> Vec<u8> {
    riff_chunk(b"RIFF", &[b"WEBP", chunks].concat())
}

/// Of a WebP of three by two pixels.
fn webp_header(flags: u8) -> Vec<u8> {
    riff_chunk(b"VP8X", &[flags, 0, 0, 0, 2, 0, 0, 1, 0, 0])
}

/// Exif data with an orientation, a maker and a place, little-endian as cameras write it.
fn exif(orientation: u8) -> Vec<u8> {
    let maker = [b"\x0f\x01\x02\0", &[u8::try_from(PLACE.len()).unwrap(), 0, 0, 0][..], &[38, 0, 0, 0]].concat();
    let turned = [0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0];
    [b"II*\0\x08\0\0\0\x02\0", &maker[..], &turned, &[0; 4], PLACE].concat()
}

/// Exif data with an orientation and nothing else.
fn oriented(orientation: u8) -> Vec<u8> {
    [b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", &[orientation, 0, 0, 0, 0, 0, 0][..]].concat()
}

fn isobmff_box(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len() + 8).unwrap().to_be_bytes();
    [&length[..], kind, content].concat()
}

/// How the box with an AVIF's data says how long it is.
enum Length {
    ToTheEnd,
    Of64Bits,
}

fn avif_with_data(length: Length) -> Vec<u8> {
    let mut avif = decoded(AVIF);
    let data = avif.len() - 42;
    match length {
        Length::ToTheEnd => avif[data..data + 4].fill(0),
        Length::Of64Bits => {
            avif[data..data + 4].copy_from_slice(&[0, 0, 0, 1]);
            avif.splice(data + 8..data + 8, [0, 0, 0, 0, 0, 0, 0, 50]);
            // Its offset, which was 275.
            let offset = avif.windows(4).position(|window| window == [0, 0, 1, 19]).unwrap();
            avif[offset + 3] += 8;
        }
    }
    avif
}

/// An AVIF with a place in an Exif item, in front of its picture or behind it, and one in a box of an application. Also
/// where its picture is.
fn avif_with_exif(in_front: bool) -> (Vec<u8>, usize) {
    let avif = decoded(AVIF);
    let part = |kind: &[u8]| {
        let start = avif.windows(4).position(|window| window == kind).unwrap() - 4;
        let length = u32::from_be_bytes(avif[start..start + 4].try_into().unwrap()) as usize;
        avif[start..start + length].to_vec()
    };
    let picture = &avif[275..];
    let [first, second] = if in_front { [PLACE, picture] } else { [picture, PLACE] };
    let meta = |[picture_at, exif_at]: [usize; 2]| {
        let at = |offset: usize| u32::try_from(offset).unwrap().to_be_bytes();
        let length = |part: &[u8]| u32::try_from(part.len()).unwrap().to_be_bytes();
        let entry = |id, offset, part| [&[0, id, 0, 0, 0, 1], &at(offset)[..], &length(part)].concat();
        let entries = [entry(1, picture_at, picture), entry(2, exif_at, PLACE)].concat();
        let info = |id, kind: &[u8]| isobmff_box(b"infe", &[&[2, 0, 0, 0, 0, id, 0, 0], kind, b"\0"].concat());
        let infos = [info(1, b"av01"), info(2, b"Exif")].concat();
        isobmff_box(
            b"meta",
            &[
                &[0; 4],
                &part(b"hdlr")[..],
                &part(b"pitm"),
                &isobmff_box(b"iloc", &[&[0, 0, 0, 0, 0x44, 0, 0, 2], &entries[..]].concat()),
                &isobmff_box(b"iinf", &[&[0, 0, 0, 0, 0, 2], &infos[..]].concat()),
                &isobmff_box(b"iref", &[&[0; 4], &isobmff_box(b"cdsc", &[0, 2, 0, 1, 0, 1])[..]].concat()),
                &part(b"iprp"),
                &isobmff_box(b"uuid", PLACE),
            ]
            .concat(),
        )
    };
    let ftyp = part(b"ftyp");
    let first_at = ftyp.len() + meta([0, 0]).len() + 8;
    let second_at = first_at + first.len();
    let offsets = if in_front { [second_at, first_at] } else { [first_at, second_at] };
    let file = [ftyp, meta(offsets), isobmff_box(b"mdat", &[first, second].concat())].concat();
    (file, offsets[0])
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
