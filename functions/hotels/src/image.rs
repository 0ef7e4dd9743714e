//! A photo, as it is uploaded: told by its content, and taken only if it is that and nothing else. Nothing is decoded, so
//! a small file that claims to be a huge picture costs nothing here; browsers are spared it by the limit on pixels.

use axum::extract::{FromRequest, Request};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use imagesize::ImageType;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shared::{
    error::ApiError,
    extract::read_body,
    fields::Field,
    openapi::{Describe, Operation, Shape},
    text::Text,
};
use uuid::Uuid;

/// The largest photo, in bytes.
pub(crate) const MAX_BYTES: usize = 4 * 1024 * 1024;
/// The largest photo of the original's, which let 10 MB in. It reaches the store without the gateway.
const MAX_BYTES_OF_ORIGINAL: usize = 16 * 1024 * 1024;
/// The largest photo as it is unpacked: more than any camera makes, and what a phone can still show.
const MAX_PIXELS: usize = 100_000_000;

const NO_IMAGE: Text = Text::Own {
    fr: "Transférez une image valide. Le fichier que vous avez transféré n'est pas une image, ou il est corrompu.",
    en: "Upload a valid image. The file you uploaded was either not an image or a corrupted image.",
};
const TOO_LARGE: Text = Text::Own {
    fr: "L'image ne doit pas dépasser 4\u{a0}Mo ni 100 millions de pixels.",
    en: "The image may have at most 4 MB and 100 million pixels.",
};

/// The body of `PUT hotels/{id}/image/`: the file itself. The format is read from its content; the media type only has to
/// be that of a file.
pub(crate) struct Upload(pub Image);

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let is_file = |media_type: &str| media_type.starts_with("image/") || media_type == "application/octet-stream";
        let bytes = read_body(request, MAX_BYTES, is_file).await?;
        Image::read(bytes).map(Self).map_err(|text| ApiError::invalid("image", text))
    }
}

impl Describe for Upload {
    fn describe(operation: &mut Operation) {
        operation.takes(&["image/jpeg", "image/png", "image/webp", "image/avif"], "The file itself, of up to 4 MiB.");
        operation.fails(413, "The file is too large.");
        operation.fails(415, "The body is a form, or compressed, instead of a file.");
    }
}

/// A photo that may be stored.
#[derive(Clone, Debug)]
pub struct Image {
    pub(crate) bytes: Bytes,
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Jpeg,
    Png,
    WebP,
    Avif,
}

impl Image {
    /// Reads a file.
    pub(crate) fn read(bytes: Bytes) -> Result<Self, Text> {
        if bytes.len() > MAX_BYTES { Err(TOO_LARGE) } else { Self::tell(bytes) }
    }

    /// Reads a file that the original has: the rules are the same, but it may be larger.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read_of_original(bytes: Bytes) -> Result<Self, Text> {
        if bytes.len() > MAX_BYTES_OF_ORIGINAL { Err(TOO_LARGE) } else { Self::tell(bytes) }
    }

    fn tell(bytes: Bytes) -> Result<Self, Text> {
        let format = match imagesize::image_type(&bytes) {
            Ok(ImageType::Jpeg) if jpeg_is_whole(&bytes) => Format::Jpeg,
            Ok(ImageType::Png) if png_is_whole(&bytes) => Format::Png,
            Ok(ImageType::Webp) if webp_is_whole(&bytes) => Format::WebP,
            Ok(ImageType::Heif(imagesize::Compression::Av1)) if avif_is_whole(&bytes) => Format::Avif,
            _ => return Err(NO_IMAGE),
        };
        match imagesize::blob_size(&bytes) {
            Ok(size) if size.width == 0 || size.height == 0 => Err(NO_IMAGE),
            Ok(size) if size.width.saturating_mul(size.height) > MAX_PIXELS => Err(TOO_LARGE),
            Ok(_) => Ok(Self { bytes, format }),
            Err(_) => Err(NO_IMAGE),
        }
    }

    /// Reads the field `image_base64`: a data URL (RFC 2397). What the same field says in an answer, an address or
    /// nothing, means that there is no new photo.
    pub(crate) fn field() -> Field<impl Fn(&Value) -> Result<Option<Self>, Text>> {
        let shape =
            || json!({ "type": "string", "description": "A JPEG, PNG, WebP or AVIF of up to 4 MiB as a data URL." });
        Field::new(Shape::Other(shape), Self::from_data_url)
    }

    fn from_data_url(value: &Value) -> Result<Option<Self>, Text> {
        let text = value.as_str().ok_or(NO_IMAGE)?;
        if text.is_empty() || text.starts_with("http://") || text.starts_with("https://") {
            return Ok(None);
        }
        Self::read(Self::bytes_of_data_url(text)?).map(Some)
    }

    /// What a data URL of an image holds.
    ///
    /// # Errors
    /// Where it is none.
    pub fn bytes_of_data_url(url: &str) -> Result<Bytes, Text> {
        let (_, data) = url.strip_prefix("data:image/").and_then(|rest| rest.split_once(";base64,")).ok_or(NO_IMAGE)?;
        STANDARD.decode(data.trim()).map(Bytes::from).map_err(|_| NO_IMAGE)
    }

    /// A name for it in object storage: never used before, and another one for every content.
    pub(crate) fn new_key(&self) -> String {
        let hash = Sha256::digest(&self.bytes);
        let hash: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        format!("hotels/{}/{hash}.{}", Uuid::new_v4(), self.format.extension())
    }

    pub(crate) fn media_type(&self) -> &'static str {
        match self.format {
            Format::Jpeg => "image/jpeg",
            Format::Png => "image/png",
            Format::WebP => "image/webp",
            Format::Avif => "image/avif",
        }
    }
}

impl Format {
    fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
            Self::Avif => "avif",
        }
    }
}

// A file that is a picture in front and something else behind would be that something to another reader. So each format
// is walked by its own lengths, and has to end where the file does.

/// Segments up to the end of the image (ISO/IEC 10918-1, annex B).
fn jpeg_is_whole(bytes: &[u8]) -> bool {
    let Some(mut rest) = bytes.strip_prefix(b"\xff\xd8") else { return false };
    loop {
        let Some((&[0xff, marker], behind)) = rest.split_first_chunk() else { return false };
        rest = match marker {
            0xd9 => return behind.is_empty(),
            // A fill byte, and markers that stand alone.
            0xff => &rest[1..],
            0x01 | 0xd0..=0xd7 => behind,
            _ => {
                let Some(segment) = take(behind, 0, be16) else { return false };
                // Entropy-coded data follows a scan's header up to the next marker that is none of its own.
                if marker == 0xda { after_scan(segment) } else { segment }
            }
        };
    }
}

fn after_scan(data: &[u8]) -> &[u8] {
    let marker = data.windows(2).position(|pair| pair[0] == 0xff && !matches!(pair[1], 0 | 0xd0..=0xd7 | 0xff));
    marker.map_or(&[], |at| &data[at..])
}

/// Chunks up to IEND (PNG, section 5).
fn png_is_whole(bytes: &[u8]) -> bool {
    let Some(mut rest) = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n") else { return false };
    loop {
        let kind = rest.get(4..8);
        // A chunk is its length, its kind, its data, and a checksum.
        let Some(behind) = take(rest, 12, be32) else { return false };
        if kind == Some(b"IEND") {
            return behind.is_empty();
        }
        rest = behind;
    }
}

/// One RIFF chunk (RFC 9649, section 2.4).
fn webp_is_whole(bytes: &[u8]) -> bool {
    let length = bytes.get(4..8).and_then(|length| length.try_into().ok()).map(u32::from_le_bytes);
    length.is_some_and(|length| usize::try_from(length).is_ok_and(|length| length.saturating_add(8) == bytes.len()))
}

/// Boxes that say how long they are (ISO/IEC 14496-12, section 4.2), the picture itself among them.
fn avif_is_whole(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    let mut has_data = false;
    while !rest.is_empty() {
        has_data |= rest.get(4..8) == Some(b"mdat");
        let known = matches!(rest.get(4..8), Some(b"ftyp" | b"meta" | b"mdat" | b"moov" | b"free" | b"skip" | b"uuid"));
        let Some(behind) = take(rest, 0, be32) else { return false };
        if !known || behind.len() == rest.len() {
            return false;
        }
        rest = behind;
    }
    has_data
}

/// What is behind an element that begins with its own length, to which `more` has to be added.
fn take(bytes: &[u8], more: usize, length: fn(&[u8]) -> Option<usize>) -> Option<&[u8]> {
    bytes.get(length(bytes)?.checked_add(more)?..)
}

fn be16(bytes: &[u8]) -> Option<usize> {
    bytes.first_chunk().map(|bytes| u16::from_be_bytes(*bytes).into())
}

fn be32(bytes: &[u8]) -> Option<usize> {
    bytes.first_chunk().and_then(|bytes| u32::from_be_bytes(*bytes).try_into().ok())
}

#[cfg(test)]
mod properties {
    #![allow(clippy::unwrap_used)]

    use std::time::{Duration, Instant};

    use base64::{Engine, engine::general_purpose::STANDARD};
    use bytes::Bytes;
    use proptest::{
        collection::vec,
        prelude::*,
        sample::{Index, select},
    };
    use serde_json::json;

    use super::{Format, Image};

    // Pictures of three by two pixels.
    const PNG: &str =
        "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAFUlEQVR4nGPs9bZgYGBgYGBgYoABABOxARRIIUU3AAAAAElFTkSuQmCC";
    const JPEG: &str = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObDoKrarYqMyP/L2u71////m8H////6/+b9//j/wAALCAACAAMBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAv/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8Ab//Z";
    const WEBP: &str = "UklGRi4AAABXRUJQVlA4ICIAAABwAQCdASoDAAIABUB8JaACdAFAAAD+4cNpDhZBuk/VAYAA";
    const AVIF: &str = "AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUIAAADrbWV0YQAAAAAAAAAhaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAAAAAAAAAOcGl0bQAAAAAAAQAAAB5pbG9jAAAAAEQAAAEAAQAAAAEAAAETAAAAIgAAAChpaW5mAAAAAAABAAAAGmluZmUCAAAAAAEAAGF2MDFDb2xvcgAAAABqaXBycAAAAEtpcGNvAAAAFGlzcGUAAAAAAAAAAwAAAAIAAAAQcGl4aQAAAAADCAgIAAAADGF2MUOBAAwAAAAAE2NvbHJuY2x4AAEADQAGgAAAABdpcG1hAAAAAAAAAAEAAQQBAoMEAAAAKm1kYXQSAAoIGAQrRAQ0GhAyFB2Hh4Wd3HHHAsAAAJA1jjxnR0yN";

    fn picture() -> impl Strategy<Value = Vec<u8>> {
        select(vec![PNG, JPEG, WEBP, AVIF]).prop_map(|base64| STANDARD.decode(base64).unwrap())
    }

    /// A picture with some bytes changed, a piece of it repeated or left out, or lengths that are too long.
    fn damaged() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![any::<u8>(), select(vec![0, 1, 7, 8, 0x7f, 0x80, 0xfe, 0xff])];
        (picture(), vec((any::<Index>(), any::<Index>(), 0..5_u8, byte), 1..6)).prop_map(|(mut bytes, changes)| {
            for (at, end, kind, byte) in changes {
                if bytes.is_empty() {
                    break;
                }
                let (at, end) = (at.index(bytes.len()), end.index(bytes.len()));
                let (at, end) = (at.min(end), at.max(end));
                match kind {
                    0 | 1 => bytes[at] = byte,
                    2 => bytes.truncate(end),
                    3 => _ = bytes.drain(at..end),
                    _ => {
                        let piece = bytes[at..end].to_vec();
                        bytes.splice(end..end, piece.repeat(usize::from(byte % 4)));
                    }
                }
            }
            bytes
        })
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_picture_or_refused_at_once(bytes in prop_oneof![
            4 => damaged(),
            1 => vec(any::<u8>(), 0..400),
            2 => (picture(), vec(any::<u8>(), 0..400)).prop_map(|(picture, noise)| [&picture[..12], &noise].concat()),
        ]) {
            let started = Instant::now();

            let read = Image::read(Bytes::from(bytes.clone()));

            prop_assert!(started.elapsed() < Duration::from_secs(1));
            // What is kept is the file and nothing else, under the name that its first bytes say.
            if let Ok(image) = read {
                let starts = |magic: &[u8]| bytes.starts_with(magic);
                let is_named_rightly = match image.format {
                    Format::Jpeg => starts(b"\xff\xd8\xff"),
                    Format::Png => starts(b"\x89PNG\r\n\x1a\n"),
                    Format::WebP => starts(b"RIFF"),
                    Format::Avif => bytes.get(4..8) == Some(b"ftyp"),
                };
                prop_assert!(is_named_rightly);
                prop_assert_eq!(image.bytes, bytes);
            }
        }

        #[test]
        fn a_picture_with_something_behind_it_or_without_its_end_is_none(
            picture in picture(), behind in vec(any::<u8>(), 1..40), cut in any::<Index>(),
        ) {
            prop_assert!(Image::read(Bytes::from(picture.clone())).is_ok());
            prop_assert!(Image::read(Bytes::from([&picture[..], &behind].concat())).is_err());
            prop_assert!(Image::read(Bytes::from(picture[..cut.index(picture.len())].to_vec())).is_err());
        }

        #[test]
        fn a_data_url_holds_what_was_put_into_it(picture in picture(), kind in "[a-z+.-]{0,10}") {
            let url = format!("data:image/{kind};base64,{}", STANDARD.encode(&picture));
            let read = Image::from_data_url(&json!(url)).unwrap();
            prop_assert_eq!(read.unwrap().bytes, picture);
        }

        #[test]
        fn any_text_is_a_data_url_or_refused(text in prop_oneof!["(?s).{0,60}", "data:image/png;base64,[A-Za-z0-9+/= ]{0,60}", "https?://.{0,20}"]) {
            let read = Image::from_data_url(&json!(text));
            let is_address = text.is_empty() || text.starts_with("http://") || text.starts_with("https://");
            prop_assert_eq!(matches!(read, Ok(None)), is_address);
        }
    }

    #[test]
    fn an_avif_that_ends_before_its_picture_is_none() {
        let avif = STANDARD.decode(AVIF).unwrap();
        let data = avif.windows(4).position(|kind| kind == b"mdat").unwrap() - 4;
        assert!(Image::read(Bytes::from(avif[..data].to_vec())).is_err());
    }

    #[test]
    fn a_photo_has_a_hundred_million_pixels_at_most() {
        let png = STANDARD.decode(PNG).unwrap();
        for (width, height, fits) in [(10_000_u32, 10_000_u32, true), (10_001, 10_000, false), (0, 3, false)] {
            let header = [&png[..16], &width.to_be_bytes(), &height.to_be_bytes(), &png[24..]].concat();
            assert_eq!(Image::read(Bytes::from(header)).is_ok(), fits, "{width} by {height}");
        }
    }

    #[test]
    fn a_photo_of_the_original_has_sixteen_mebibytes_at_most() {
        let (png, mib) = (STANDARD.decode(PNG).unwrap(), 1024 * 1024);
        // A chunk that readers pass over makes it as long as one likes.
        let of = |length: usize| {
            let chunk = u32::try_from(length - png.len() - 12).unwrap().to_be_bytes();
            let padding = vec![0; length - png.len() - 12];
            Bytes::from([&png[..33], &chunk, b"tESt", &padding, &[0; 4], &png[33..]].concat())
        };
        for (length, ours, theirs) in
            [(4 * mib, true, true), (4 * mib + 1, false, true), (16 * mib, false, true), (16 * mib + 1, false, false)]
        {
            assert_eq!(of(length).len(), length);
            assert_eq!(Image::read(of(length)).is_ok(), ours, "{length}");
            assert_eq!(Image::read_of_original(of(length)).is_ok(), theirs, "{length}");
        }
    }
}
