//! WebP (RFC 9649).

use super::{Picture, exif};

const EXIF_FLAG: u8 = 0x08;
const XMP_FLAG: u8 = 0x04;

/// Keeps the chunks that a picture or an animation is shown by, and its orientation. A chunk that is not whole, and
/// everything behind it, is cut.
pub(super) fn read(file: &[u8]) -> Option<Picture> {
    let length = le32(file.strip_prefix(b"RIFF")?)?;
    let end = file.len().min(length.saturating_add(8));
    let mut rest = file.get(..end)?.get(8..)?.strip_prefix(b"WEBP")?;
    let mut kept = Vec::with_capacity(file.len());
    let (mut width, mut height) = (0, 0);
    let (mut is_extended, mut has_picture, mut has_exif, mut orientation) = (false, false, false, None);
    while let Some((kind, content)) = next(&mut rest) {
        match kind {
            b"VP8X" if kept.is_empty() && content.len() >= 10 => {
                (width, height) = (le24(&content[4..7]) + 1, le24(&content[7..10]) + 1);
                push(&mut kept, kind, &content[..10]);
                is_extended = true;
            }
            b"ICCP" | b"ANIM" | b"ALPH" if is_extended && !has_picture => push(&mut kept, kind, content),
            b"VP8 " | b"VP8L" if !has_picture => {
                let (frame_width, frame_height) = frame_size(kind, content)?;
                (width, height) = (width.max(frame_width), height.max(frame_height));
                push(&mut kept, kind, content);
                has_picture = true;
                if !is_extended {
                    break;
                }
            }
            b"ANMF" if is_extended && content.len() >= 16 => {
                let (header, mut chunks) = content.split_at(16);
                let mut frame = header.to_vec();
                while let Some((kind, content)) = next(&mut chunks) {
                    if matches!(kind, b"ALPH" | b"VP8 " | b"VP8L") {
                        push(&mut frame, kind, content);
                    }
                }
                push(&mut kept, kind, &frame);
                has_picture = true;
            }
            b"EXIF" if is_extended && !has_exif => {
                has_exif = true;
                orientation = exif::orientation(content.strip_prefix(b"Exif\0\0").unwrap_or(content));
            }
            _ => {}
        }
    }
    if !has_picture {
        return None;
    }
    if is_extended {
        let flags = &mut kept[8];
        *flags &= !(EXIF_FLAG | XMP_FLAG);
        if let Some(orientation) = orientation {
            *flags |= EXIF_FLAG;
            push(&mut kept, b"EXIF", &exif::only(orientation));
        }
    }
    let length = u32::try_from(kept.len() + 4).ok()?.to_le_bytes();
    Some(Picture { bytes: [b"RIFF", &length[..], b"WEBP", &kept].concat(), width, height })
}

/// The next chunk. Some encoders leave out the byte that fills up the last one.
fn next<'f>(rest: &mut &'f [u8]) -> Option<(&'f [u8], &'f [u8])> {
    let length = le32(rest.get(4..)?)?;
    let (head, behind) = rest.split_at_checked(8)?;
    let content = behind.get(..length)?;
    *rest = behind.get(length + length % 2..).unwrap_or_default();
    Some((&head[..4], content))
}

fn push(kept: &mut Vec<u8>, kind: &[u8], content: &[u8]) {
    kept.extend(kind);
    // Files are far below 4 GB.
    kept.extend(u32::try_from(content.len()).unwrap_or(u32::MAX).to_le_bytes());
    kept.extend(content);
    kept.extend(&[0][..content.len() % 2]);
}

/// Width and height of a bitstream (RFC 6386, section 9.1; RFC 9649, section 3.4).
fn frame_size(kind: &[u8], content: &[u8]) -> Option<(usize, usize)> {
    if kind == b"VP8 " {
        let size = content.get(3..10)?.strip_prefix(b"\x9d\x01\x2a")?;
        Some((
            usize::from(size[1] & 0x3f) << 8 | usize::from(size[0]),
            usize::from(size[3] & 0x3f) << 8 | usize::from(size[2]),
        ))
    } else {
        let bits = le32(content.strip_prefix(b"\x2f")?)?;
        Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
    }
}

fn le24(bytes: &[u8]) -> usize {
    bytes.iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
}

fn le32(bytes: &[u8]) -> Option<usize> {
    bytes.first_chunk().and_then(|bytes| u32::from_le_bytes(*bytes).try_into().ok())
}
