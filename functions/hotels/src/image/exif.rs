//! Exif (a TIFF file inside a picture): only the orientation is read and written.

/// The tag `Orientation`.
const ORIENTATION: usize = 0x0112;
const SHORT: usize = 3;
/// The length of a directory entry, in bytes.
const ENTRY: usize = 12;

/// How a picture has to be turned or mirrored: 2 to 8. `None` if it is upright or if the data does not say.
pub(super) fn orientation(tiff: &[u8]) -> Option<u8> {
    let is_little_endian = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let number = |bytes: &[u8]| {
        let add = |sum: usize, byte: &u8| sum << 8 | usize::from(*byte);
        if is_little_endian { bytes.iter().rev().fold(0, add) } else { bytes.iter().fold(0, add) }
    };
    let directory = tiff.get(number(tiff.get(4..8)?)..)?;
    let entries = directory.get(2..)?.chunks_exact(ENTRY).take(number(&directory[..2]));
    let entry = entries.into_iter().find(|entry| number(&entry[..2]) == ORIENTATION)?;
    // Browsers ignore the tag with any other type.
    if number(&entry[2..4]) != SHORT || number(&entry[4..8]) != 1 {
        return None;
    }
    u8::try_from(number(&entry[8..10])).ok().filter(|orientation| matches!(orientation, 2..=8))
}

/// Exif data that holds an orientation and nothing else.
pub(super) fn only(orientation: u8) -> Vec<u8> {
    let header = b"MM\0*\0\0\0\x08\0\x01";
    let entry = [1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0];
    [&header[..], &entry, &[0; 4]].concat()
}
