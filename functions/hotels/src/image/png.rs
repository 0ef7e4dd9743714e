//! PNG (third edition, section 5).

use super::{Picture, be32, exif};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
const IEND: &[u8] = b"\0\0\0\0IEND\xae\x42\x60\x82";

struct Chunk<'f> {
    kind: &'f [u8],
    content: &'f [u8],
    /// With its length and its checksum.
    bytes: &'f [u8],
}

/// Keeps the chunks that a picture or an animation is shown by, and its orientation. A file that ends behind its last
/// whole pixel data gets an end; a file that ends within pixel data is damaged.
pub(super) fn read(file: &[u8]) -> Option<Picture> {
    let mut rest = file.strip_prefix(SIGNATURE)?;
    let mut kept = Vec::with_capacity(file.len());
    kept.extend(SIGNATURE);
    let header = next(&mut rest).filter(|chunk| chunk.kind == b"IHDR" && chunk.content.len() == 13)?;
    kept.extend(header.bytes);
    let (width, height) = (be32(header.content)?, be32(&header.content[4..])?);
    let (mut has_pixels, mut has_exif) = (false, false);
    while let Some(Chunk { kind, content, bytes }) = next(&mut rest) {
        match kind {
            b"IDAT" => {
                has_pixels = true;
                kept.extend(bytes);
            }
            b"PLTE" | b"tRNS" | b"gAMA" | b"cHRM" | b"sRGB" | b"iCCP" | b"sBIT" | b"bKGD" | b"pHYs" | b"cICP"
            | b"mDCV" | b"mDCv" | b"cLLI" | b"cLLi" | b"acTL" | b"fcTL" | b"fdAT" => kept.extend(bytes),
            b"eXIf" if !has_exif => {
                has_exif = true;
                if let Some(orientation) = exif::orientation(content) {
                    push_exif(&mut kept, orientation);
                }
            }
            b"IEND" => {
                rest = &[];
                break;
            }
            // A reader may skip it.
            _ if kind[0].is_ascii_lowercase() => {}
            _ => return None,
        }
    }
    let is_cut = matches!(rest.get(4..8), Some(b"IDAT" | b"fdAT"));
    kept.extend(IEND);
    (has_pixels && !is_cut).then_some(Picture { bytes: kept, width, height })
}

fn next<'f>(rest: &mut &'f [u8]) -> Option<Chunk<'f>> {
    let length = be32(rest)?;
    let bytes = rest.get(..length.checked_add(12)?)?;
    *rest = &rest[bytes.len()..];
    Some(Chunk { kind: &bytes[4..8], content: &bytes[8..8 + length], bytes })
}

fn push_exif(kept: &mut Vec<u8>, orientation: u8) {
    let content = exif::only(orientation);
    let start = kept.len();
    kept.extend([0, 0, 0]);
    kept.extend(u8::try_from(content.len()));
    kept.extend(b"eXIf");
    kept.extend(content);
    let checksum = crc32fast::hash(&kept[start + 4..]);
    kept.extend(checksum.to_be_bytes());
}
