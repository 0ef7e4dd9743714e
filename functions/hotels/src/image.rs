//! An uploaded photo. Its format is recognised by its content. The module of the format copies the parts that the picture
//! is shown by and leaves out the rest: metadata, which may tell where a photo was taken, other pictures in the file, and
//! data behind its end. Nothing is decoded, so a small file that claims to be a huge picture costs nothing here; the limit
//! on pixels protects browsers.
//!
//! The crates that edit containers keep all segments that they do not know, and read no AVIF, so the formats are read here.

mod avif;
mod exif;
mod jpeg;
mod png;
mod webp;

use axum::extract::{FromRequest, Request};
use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use bytes::Bytes;
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
    fr: "Transférez une image valide, au format JPEG, PNG, WebP ou AVIF. Le fichier que vous avez transféré n'est pas une \
         image, ou il est corrompu.",
    en: "Upload a valid image: JPEG, PNG, WebP or AVIF. The file you uploaded was either not an image or a corrupted image.",
};
const UNSUPPORTED: Text = Text::Own {
    fr: "Ce format d'image n'est pas pris en charge. Transférez une image JPEG, PNG, WebP ou AVIF.",
    en: "This image format is not supported. Upload a JPEG, PNG, WebP or AVIF image.",
};
const HEIC: Text = Text::Own {
    fr: "Le format HEIC n'est pas pris en charge. Transférez une image JPEG, PNG, WebP ou AVIF. Sur un iPhone, choisissez \
         Réglages > Appareil photo > Formats > Le plus compatible.",
    en: "HEIC images are not supported. Upload a JPEG, PNG, WebP or AVIF image. On an iPhone, choose Settings > Camera > \
         Formats > Most Compatible.",
};
const TOO_LARGE: Text = Text::Own {
    fr: "L'image ne doit pas dépasser 4\u{a0}Mo ni 100 millions de pixels.",
    en: "The image may have at most 4 MB and 100 million pixels.",
};

const ADDRESS: Text = Text::Own {
    fr: "Une adresse n'est pas une image. Envoyez l'image elle-même, ou omettez ce champ pour garder la photo.",
    en: "A URL is not an image. Send the image itself, or leave this field out to keep the photo.",
};

/// Data URLs come with padding and without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

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
        // The file's own content tells its type. Some generated clients know binary bodies only as octets.
        let media_types = ["application/octet-stream", "image/jpeg", "image/png", "image/webp", "image/avif"];
        operation.takes(&media_types, "The file itself, of up to 4 MiB.");
        operation.fails(413, "The file is too large.");
        operation.fails(415, "The body is a form, or compressed, instead of a file.");
    }
}

/// A photo that may be stored, without its metadata.
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
        let format = Format::of(&bytes)?;
        let Picture { bytes, width, height } = match format {
            Format::Jpeg => jpeg::read(&bytes),
            Format::Png => png::read(&bytes),
            Format::WebP => webp::read(&bytes),
            Format::Avif => avif::read(&bytes),
        }
        .filter(|picture| picture.width > 0 && picture.height > 0)
        .ok_or(NO_IMAGE)?;
        if width.saturating_mul(height) > MAX_PIXELS {
            Err(TOO_LARGE)
        } else {
            Ok(Self { bytes: bytes.into(), format })
        }
    }

    /// Reads the field `image_base64`: a data URL (RFC 2397). An empty text means that there is no new photo. So does the
    /// photo's own address, which answers have in this field: see [`repeats_address`].
    pub(crate) fn field() -> Field<impl Fn(&Value) -> Result<Option<Self>, Text>> {
        let shape =
            || json!({ "type": "string", "description": "A JPEG, PNG, WebP or AVIF of up to 4 MiB as a data URL." });
        Field::new(Shape::Other(shape), Self::from_data_url)
    }

    fn from_data_url(value: &Value) -> Result<Option<Self>, Text> {
        let text = value.as_str().ok_or(NO_IMAGE)?;
        if text.is_empty() {
            return Ok(None);
        }
        if text.contains("://") {
            return Err(ADDRESS);
        }
        Self::read(Self::bytes_of_data_url(text)?).map(Some)
    }

    /// The content of a data URL. Browsers do not know the media type of every image.
    ///
    /// # Errors
    /// If it is not a data URL in base64.
    pub fn bytes_of_data_url(url: &str) -> Result<Bytes, Text> {
        let (head, data) = url.split_once(',').ok_or(NO_IMAGE)?;
        let head = head.to_ascii_lowercase();
        if !head.starts_with("data:") || !head.ends_with(";base64") {
            return Err(NO_IMAGE);
        }
        BASE64.decode(data.trim()).map(Bytes::from).map_err(|_| NO_IMAGE)
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

/// Whether a text is the address of the stored photo. Its host is that under which the client reads photos, so the paths
/// are compared.
pub(crate) fn repeats_address(text: &Value, stored: &Value) -> bool {
    let path = |value: &Value| value.as_str().and_then(path_of_address).map(str::to_owned);
    path(text).is_some_and(|text| Some(text) == path(stored))
}

/// The path of an http URL, or a path by itself.
fn path_of_address(text: &str) -> Option<&str> {
    let scheme = text.split_once("://").map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest));
    match scheme {
        Some((scheme, rest)) if scheme == "http" || scheme == "https" => {
            Some(rest.find('/').map_or("", |at| &rest[at..]))
        }
        _ => text.starts_with('/').then_some(text),
    }
}

/// What is kept of a file, and the size of the picture in pixels.
struct Picture {
    bytes: Vec<u8>,
    width: usize,
    height: usize,
}

impl Format {
    fn of(bytes: &[u8]) -> Result<Self, Text> {
        let is_text = |tag: &[u8]| {
            bytes.trim_ascii_start().strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start().starts_with(tag)
        };
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Ok(Self::Jpeg),
            [0x89, b'P', b'N', b'G', ..] => Ok(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(Self::WebP),
            [_, _, _, _, b'f', b't', b'y', b'p', ..] => {
                let length = be32(bytes).unwrap_or_default().min(bytes.len());
                let brands = bytes.get(8..length).unwrap_or_default();
                let has = |known: &[&[u8]]| brands.chunks(4).any(|brand| known.contains(&brand));
                if has(&[b"avif", b"avis"]) {
                    Ok(Self::Avif)
                } else if has(&[b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"]) {
                    Err(HEIC)
                } else {
                    Err(NO_IMAGE)
                }
            }
            // BMP, GIF, TIFF, JPEG XL and JPEG 2000, both as a file and as a bare codestream, icons.
            [b'B', b'M', ..]
            | [b'G', b'I', b'F', b'8', ..]
            | [b'I', b'I', 42 | 43, 0, ..]
            | [b'M', b'M', 0, 42 | 43, ..]
            | [0, 0, 0, 12, b'J', b'X', b'L', b' ', ..]
            | [0, 0, 0, 12, b'j', b'P', b' ', b' ', ..]
            | [0xff, 0x0a, ..]
            | [0xff, 0x4f, 0xff, 0x51, ..]
            | [0, 0, 1, 0, ..] => Err(UNSUPPORTED),
            _ if is_text(b"<svg") => Err(UNSUPPORTED),
            _ if is_text(b"<?xml") && bytes.windows(4).take(2000).any(|tag| tag == b"<svg") => Err(UNSUPPORTED),
            _ => Err(NO_IMAGE),
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
            Self::Avif => "avif",
        }
    }
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

    /// The content of a segment or chunk that says where a photo was taken.
    fn metadata() -> impl Strategy<Value = Vec<u8>> {
        let names: Vec<&[u8]> = vec![
            b"Exif\0\0II*\0GPS",
            b"JFXX\0",
            b"MPF\0",
            b"http://ns.adobe.com/xap/1.0/\0",
            b"Photoshop 3.0\0",
            b"Ducky",
            b"",
            b"II*\0\x08\0\0\0",
        ];
        (select(names), vec(any::<u8>(), 0..100)).prop_map(|(name, more)| [name, &more].concat())
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
            if let Ok(image) = read {
                let starts = |magic: &[u8]| image.bytes.starts_with(magic);
                let is_named_rightly = match image.format {
                    Format::Jpeg => starts(b"\xff\xd8\xff"),
                    Format::Png => starts(b"\x89PNG\r\n\x1a\n"),
                    Format::WebP => starts(b"RIFF"),
                    Format::Avif => image.bytes.get(4..8) == Some(b"ftyp"),
                };
                prop_assert!(is_named_rightly);
                // At most what a format needs to say that the file ends, or where an omitted byte belongs.
                prop_assert!(image.bytes.len() <= bytes.len() + 64);
                let again = Image::read(image.bytes.clone());
                prop_assert!(again.is_ok_and(|again| again.format == image.format && again.bytes == image.bytes));
            }
        }

        #[test]
        fn data_behind_a_picture_is_cut(picture in picture(), behind in vec(any::<u8>(), 1..400)) {
            let read = Image::read(Bytes::from([&picture[..], &behind].concat()));
            prop_assert_eq!(read.unwrap().bytes, picture);
        }

        #[test]
        fn metadata_is_removed_wherever_it_stands(
            jpeg in vec((select(vec![0xe0, 0xe1, 0xe2, 0xed, 0xee, 0xef, 0xfe]), metadata()), 1..6),
            png in vec((select(vec![*b"tEXt", *b"zTXt", *b"iTXt", *b"eXIf", *b"tIME", *b"prVt"]), metadata()), 1..6),
            webp in vec((select(vec![*b"EXIF", *b"XMP ", *b"what"]), metadata()), 1..6),
            at_end in any::<bool>(),
        ) {
            let segments = jpeg.iter().flat_map(|(marker, content)| {
                let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
                [&[0xff, *marker], &length[..], content].concat()
            });
            let picture = STANDARD.decode(JPEG).unwrap();
            let at = if at_end { picture.len() - 2 } else { 2 };
            let dressed: Vec<u8> = picture[..at].iter().copied().chain(segments).chain(picture[at..].to_vec()).collect();
            prop_assert_eq!(&Image::read(dressed.into()).unwrap().bytes, &picture);

            let chunks = png.iter().flat_map(|(kind, content)| {
                let length = u32::try_from(content.len()).unwrap().to_be_bytes();
                [&length[..], kind, content, &crc32fast::hash(&[&kind[..], content].concat()).to_be_bytes()].concat()
            });
            let picture = STANDARD.decode(PNG).unwrap();
            let at = if at_end { picture.len() - 12 } else { 33 };
            let dressed: Vec<u8> = picture[..at].iter().copied().chain(chunks).chain(picture[at..].to_vec()).collect();
            prop_assert_eq!(&Image::read(dressed.into()).unwrap().bytes, &picture);

            let chunk = |kind: &[u8], content: &[u8]| {
                let length = u32::try_from(content.len()).unwrap().to_le_bytes();
                [kind, &length, content, &[0][..content.len() % 2]].concat()
            };
            let riff = |chunks: &[u8]| chunk(b"RIFF", &[b"WEBP", chunks].concat());
            let metadata: Vec<u8> = webp.iter().flat_map(|(kind, content)| chunk(kind, content)).collect();
            let picture = &STANDARD.decode(WEBP).unwrap()[12..];
            let (before, behind): (&[u8], &[u8]) = if at_end { (&[], &metadata) } else { (&metadata, &[]) };
            let header = |flags| chunk(b"VP8X", &[flags, 0, 0, 0, 2, 0, 0, 1, 0, 0]);
            let dressed = riff(&[&header(0x0c)[..], before, picture, behind].concat());
            prop_assert_eq!(Image::read(dressed.into()).unwrap().bytes, riff(&[&header(0), picture].concat()));
        }

        #[test]
        fn a_picture_without_its_pixels_is_refused(picture in picture(), cut in any::<Index>()) {
            prop_assert!(Image::read(Bytes::from(picture.clone())).is_ok());
            let cut = &picture[..cut.index(picture.len())];
            // The end marker of a JPEG and of a PNG can be added; the last byte of the pixels cannot.
            let read = Image::read(Bytes::copy_from_slice(cut));
            match read {
                Ok(image) => prop_assert!(matches!(image.format, Format::Jpeg | Format::Png) && cut.len() + 14 > picture.len()),
                Err(_) => prop_assert!(cut.len() < picture.len()),
            }
        }

        #[test]
        fn a_data_url_holds_what_was_put_into_it(
            picture in picture(),
            head in "([dD][aA][tT][aA]):([a-zA-Z]{0,9}/[a-zA-Z+.-]{0,10}(;name=\"?[a-z]{1,5}\"?)?)?;[bB][aA][sS][eE]64",
            is_padded in any::<bool>(),
        ) {
            let data = STANDARD.encode(&picture);
            let url = format!("{head},{}", if is_padded { &data } else { data.trim_end_matches('=') });
            let read = Image::from_data_url(&json!(url)).unwrap();
            prop_assert_eq!(read.unwrap().bytes, picture);
        }

        #[test]
        fn any_text_is_a_data_url_or_refused(text in prop_oneof!["(?s).{0,60}", "data:image/png;base64,[A-Za-z0-9+/= ]{0,60}", "https?://.{0,20}"]) {
            let read = Image::from_data_url(&json!(text));
            prop_assert_eq!(matches!(read, Ok(None)), text.is_empty());
        }
    }

    #[test]
    fn stray_bytes_between_segments_of_a_jpeg_cost_no_part_of_it() {
        let jpeg = STANDARD.decode(JPEG).unwrap();
        let clean = Image::read(Bytes::from(jpeg.clone())).unwrap();
        for marker in [0xdb, 0xc0, 0xc4, 0xda] {
            let at = jpeg.windows(2).position(|pair| pair == [0xff, marker]).unwrap();
            let stray = [&jpeg[..at], &[0, 0, 7], &jpeg[at..]].concat();
            assert_eq!(Image::read(Bytes::from(stray)).unwrap().bytes, clean.bytes, "{marker:x}");
        }
    }

    #[test]
    fn the_first_exif_of_a_jpeg_decides_its_orientation() {
        let jpeg = STANDARD.decode(JPEG).unwrap();
        let clean = Image::read(Bytes::from(jpeg.clone())).unwrap();
        let exif = |orientation: u8| {
            let content = [&b"Exif\0\0"[..], &super::exif::only(orientation)].concat();
            let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
            [&[0xff, 0xe1][..], &length, &content].concat()
        };
        let read = |first: u8, second: u8| {
            let both = [&jpeg[..2], &exif(first), &exif(second), &jpeg[2..]].concat();
            Image::read(Bytes::from(both)).unwrap().bytes
        };
        assert_eq!(read(1, 6), clean.bytes);
        assert_eq!(read(6, 1), read(6, 3));
        assert_ne!(read(6, 1), clean.bytes);
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
