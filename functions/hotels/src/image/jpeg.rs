//! JPEG (ISO/IEC 10918-1, annex B).

use super::{Picture, be16, exif};

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;
const APP14: u8 = 0xee;
const EXIF: &[u8] = b"Exif\0\0";

struct Segment<'f> {
    marker: u8,
    content: &'f [u8],
}

/// Keeps the tables, the frame and the scans of the first picture, its colour profile and its orientation. Once there is
/// a scan, the picture ends at EOI or at the first segment that no picture has. Viewers show a picture without EOI.
pub(super) fn read(file: &[u8]) -> Option<Picture> {
    let mut rest = file.strip_prefix(b"\xff\xd8")?;
    let mut kept = Vec::with_capacity(file.len());
    kept.extend([0xff, SOI]);
    let mut size = None;
    let (mut has_scan, mut has_exif) = (false, false);
    while let Some(Segment { marker, content }) = next(&mut rest) {
        match marker {
            // Markers that stand alone have no use between segments.
            0x01 | 0xd0..=0xd7 => {}
            // Huffman, arithmetic and quantisation tables, the restart interval, the number of lines.
            0xc4 | 0xcc | 0xdb..=0xdd => push(&mut kept, marker, content),
            // The frame. Hierarchical pictures have several, and no browser shows them.
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf if size.is_none() => {
                size = Some((be16(content.get(3..)?)?, be16(content.get(1..)?)?));
                push(&mut kept, marker, content);
            }
            SOS if size.is_some() => {
                let (data, behind) = rest.split_at(scan_length(rest));
                if data.is_empty() {
                    break;
                }
                push(&mut kept, SOS, content);
                kept.extend(data);
                rest = behind;
                has_scan = true;
            }
            // Without its thumbnail.
            APP0 if content.starts_with(b"JFIF\0") && content.len() >= 14 => {
                push(&mut kept, APP0, &[&content[..12], &[0, 0]].concat());
            }
            // Viewers read the first one.
            APP1 if content.starts_with(EXIF) && !has_exif && !has_scan => {
                has_exif = true;
                if let Some(orientation) = exif::orientation(&content[EXIF.len()..]) {
                    push(&mut kept, APP1, &[EXIF, &exif::only(orientation)].concat());
                }
            }
            APP2 if content.starts_with(b"ICC_PROFILE\0") => push(&mut kept, APP2, content),
            // How the components are to be transformed: without it, CMYK pictures have wrong colours.
            APP14 if content.starts_with(b"Adobe") && content.len() >= 12 => push(&mut kept, APP14, &content[..12]),
            // Other applications' data, and comments.
            0xe0..=0xef | 0xfe => {}
            // EOI, or what no picture has.
            _ => break,
        }
    }
    kept.extend([0xff, EOI]);
    let (width, height) = size.filter(|_| has_scan)?;
    Some(Picture { bytes: kept, width, height })
}

/// The next segment. As viewers do, it skips bytes that belong to none.
fn next<'f>(rest: &mut &'f [u8]) -> Option<Segment<'f>> {
    let at = rest.windows(2).position(|pair| pair[0] == 0xff && !matches!(pair[1], 0 | 0xff))?;
    let (marker, behind) = rest[at + 1..].split_first()?;
    if matches!(marker, 0x01 | 0xd0..=EOI) {
        *rest = behind;
        return Some(Segment { marker: *marker, content: &[] });
    }
    let length = be16(behind)?;
    let content = behind.get(2..length)?;
    *rest = &behind[length..];
    Some(Segment { marker: *marker, content })
}

/// How long entropy-coded data is: up to the next marker that is none of its own.
fn scan_length(data: &[u8]) -> usize {
    let marker = data.windows(2).position(|pair| pair[0] == 0xff && !matches!(pair[1], 0 | 0xd0..=0xd7 | 0xff));
    marker.unwrap_or(data.len())
}

fn push(kept: &mut Vec<u8>, marker: u8, content: &[u8]) {
    // A segment is never longer than the one that was read.
    let length = u16::try_from(content.len() + 2).unwrap_or(u16::MAX);
    kept.extend([0xff, marker]);
    kept.extend(length.to_be_bytes());
    kept.extend(content);
}
