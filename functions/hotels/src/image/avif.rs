//! AVIF: items in boxes (ISO/IEC 14496-12 and 23008-12). Items are found by their offset in the file, so nothing is ever
//! moved: bytes that the picture does not need are zeroed where they are, and the box `meta` keeps its length.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use super::{Picture, be32};

/// Types of items that are pictures or put pictures together.
const PICTURES: [&[u8]; 4] = [b"av01", b"grid", b"iovl", b"iden"];
/// Properties that a picture is shown by. The others may say when it was taken, or describe it.
const PROPERTIES: [&[u8]; 15] = [
    b"ispe", b"pixi", b"av1C", b"colr", b"pasp", b"clap", b"irot", b"imir", b"auxC", b"a1op", b"a1lx", b"lsel",
    b"clli", b"mdcv", b"cclv",
];

/// A box and where it is in its file.
#[derive(Clone, Debug)]
struct Block<'f> {
    kind: &'f [u8],
    start: usize,
    content: Range<usize>,
}

/// Where an item's bytes are.
struct Location {
    id: usize,
    /// The entry itself.
    entry: Range<usize>,
    is_in_idat: bool,
    extents: Vec<Range<usize>>,
}

/// Keeps the primary picture, the pictures that it is made of, and their transparency. An animation becomes its primary
/// picture.
pub(super) fn read(file: &[u8]) -> Option<Picture> {
    let blocks = blocks(file, 0..file.len());
    let meta = blocks.iter().find(|block| block.kind == b"meta")?;
    let children = blocks_in(file, meta.content.start.checked_add(4)?..meta.content.end);
    let child = |kind: &[u8]| children.iter().find(|child| child.kind == kind);

    let items = Items::read(file, child(b"pitm")?, child(b"iinf")?, child(b"iref"))?;
    let locations = locations(file, child(b"iloc")?)?;
    let kept = || locations.iter().filter(|location| items.kept.contains(&location.id));
    let extents_in = |is_in_idat| {
        merged(kept().filter(|kept| kept.is_in_idat == is_in_idat).flat_map(|kept| kept.extents.iter().cloned()))
    };
    let (in_file, in_idat) = (extents_in(false), extents_in(true));
    if in_file.is_empty() && in_idat.is_empty() || !in_idat.is_empty() && child(b"idat").is_none() {
        return None;
    }

    let (ipco, others) = child(b"iprp").and_then(|iprp| {
        let mut blocks = blocks_in(file, iprp.content.clone()).into_iter();
        Some((blocks.next().filter(|ipco| ipco.kind == b"ipco")?, blocks))
    })?;
    let properties = blocks_in(file, ipco.content);
    let (width, height) = largest(file, &properties)?;

    let mut new_meta = Vec::with_capacity(meta.content.len());
    new_meta.extend(file.get(meta.start..meta.content.start + 4)?);
    let mut seen = BTreeSet::new();
    for child in children.iter().filter(|child| seen.insert(child.kind)) {
        match child.kind {
            b"hdlr" => {
                // Its name may be anything.
                let name = file.get(child.content.start + 24..child.content.end).unwrap_or_default().len();
                new_meta.extend(&file[child.start..child.content.end - name]);
                new_meta.resize(new_meta.len() + name, 0);
            }
            b"pitm" => new_meta.extend(&file[child.start..child.content.end]),
            b"iprp" => {
                let start = new_meta.len();
                new_meta.extend(&file[child.start..child.content.end]);
                let others = others.clone().filter(|block| block.kind != b"ipma");
                let unneeded = properties.iter().filter(|property| !PROPERTIES.contains(&property.kind)).cloned();
                for property in unneeded.chain(others) {
                    let moved = |at: usize| at - child.start + start;
                    clear(&mut new_meta[moved(property.start)..moved(property.content.end)], &property);
                }
            }
            b"idat" => {
                let start = child.content.start;
                let inside = |extent: &Range<usize>| start + extent.start..start + extent.end;
                let kept: Vec<_> = in_idat.iter().map(inside).collect();
                new_meta.extend(&file[child.start..start]);
                push_only(&mut new_meta, file, child.content.clone(), &kept)?;
            }
            b"iinf" => {
                push_list(&mut new_meta, file, child, &items.kept_infos, items.list_start, items.counter.clone())?
            }
            b"iref" => push_list(&mut new_meta, file, child, &items.kept_references, child.content.start + 4, 0..0)?,
            b"iloc" => {
                let entries: Vec<_> = kept().map(|location| location.entry.clone()).collect();
                let first = locations.first()?.entry.start;
                let counter = if file.get(child.content.start)? < &2 { first - 2..first } else { first - 4..first };
                push_list(&mut new_meta, file, child, &entries, first, counter)?;
            }
            _ => {}
        }
    }
    match (meta.content.end - meta.start).checked_sub(new_meta.len())? {
        0 => {}
        // No box is that short.
        1..8 => return None,
        free => {
            new_meta.extend(u32::try_from(free).ok()?.to_be_bytes());
            new_meta.extend(b"free");
            new_meta.resize(meta.content.end - meta.start, 0);
        }
    }

    let end = in_file.last().map_or(0, |extent| extent.end).max(meta.content.end);
    let mut bytes = Vec::with_capacity(end);
    let mut used = 0;
    for block in blocks.iter().take_while(|block| block.start < end) {
        let start = bytes.len();
        bytes.extend(&file[block.start..block.content.start]);
        match block.kind {
            b"ftyp" if block.start == 0 => {
                bytes.extend(&file[block.content.clone()]);
                for brand in bytes[start + 8..].chunks_exact_mut(4).filter(|brand| *brand == b"avis") {
                    brand.copy_from_slice(b"avif");
                }
            }
            b"meta" if block.start == meta.start => bytes.splice(start.., new_meta.iter().copied()).for_each(drop),
            b"mdat" => {
                let content = block.content.start..block.content.end.min(end);
                let first = in_file.partition_point(|extent| extent.start < content.start);
                let behind = in_file.partition_point(|extent| extent.start < content.end);
                let inside = in_file.get(first..behind).unwrap_or_default();
                push_only(&mut bytes, file, content, inside)?;
                used += inside.len();
                let length = u64::try_from(bytes.len() - start).ok()?;
                match block.content.start - block.start {
                    16 => bytes[start + 8..start + 16].copy_from_slice(&length.to_be_bytes()),
                    // A length of 0 says that it reaches to the end of the file.
                    _ if be32(&bytes[start..]) == Some(0) => {}
                    _ => bytes[start..start + 4].copy_from_slice(&u32::try_from(length).ok()?.to_be_bytes()),
                }
            }
            _ => {
                bytes.resize(start + block.content.end - block.start, 0);
                clear(&mut bytes[start..], block);
            }
        }
    }
    // Data elsewhere than in `mdat`, or in a piece of it that is not there.
    (used == in_file.len()).then_some(Picture { bytes, width, height })
}

/// The items of a file that are kept.
struct Items {
    kept: BTreeSet<usize>,
    /// Their entries in `iinf`.
    kept_infos: Vec<Range<usize>>,
    /// References among them, in `iref`.
    kept_references: Vec<Range<usize>>,
    /// Where the list in `iinf` starts, and where its length is.
    list_start: usize,
    counter: Range<usize>,
}

impl Items {
    fn read(file: &[u8], pitm: &Block<'_>, iinf: &Block<'_>, iref: Option<&Block<'_>>) -> Option<Self> {
        let wide = |block: &Block<'_>| Some(if *file.get(block.content.start)? == 0 { 2 } else { 4 });
        let primary = number(file, pitm.content.start + 4, wide(pitm)?)?;
        let counter = iinf.content.start + 4..iinf.content.start + 4 + wide(iinf)?;
        let list_start = counter.end;

        let mut types = BTreeMap::new();
        let infos = blocks_in(file, list_start..iinf.content.end);
        let id_of = |info: &Block<'_>| {
            let start = info.content.start;
            let length = match file.get(start).filter(|_| info.kind == b"infe" && info.content.len() >= 12)? {
                2 => 2,
                3 => 4,
                _ => return None,
            };
            Some((number(file, start + 4, length)?, file.get(start + 6 + length..start + 10 + length)?))
        };
        for (id, kind) in infos.iter().filter_map(id_of) {
            types.entry(id).or_insert(kind);
        }

        // From the primary picture to the pictures that it is made of, and to their transparency.
        let mut needs: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut references = Vec::new();
        if let Some(iref) = iref {
            let length = wide(iref)?;
            for reference in blocks_in(file, iref.content.start + 4..iref.content.end) {
                let start = reference.content.start;
                let from = number(file, start, length)?;
                let count = number(file, start + length, 2)?;
                let targets = file.get(start + length + 2..reference.content.end)?.chunks_exact(length);
                let to: Vec<usize> = targets.take(count).map(whole).collect();
                match reference.kind {
                    b"dimg" => needs.entry(from).or_default().extend(&to),
                    b"auxl" => to.iter().for_each(|to| needs.entry(*to).or_default().push(from)),
                    _ => {}
                }
                references.push((reference.start..reference.content.end, from, to));
            }
        }
        let is_picture = |id: &usize| types.get(id).is_some_and(|kind| PICTURES.contains(kind));
        let (mut kept, mut next) = (BTreeSet::new(), vec![primary]);
        while let Some(id) = next.pop() {
            if is_picture(&id) && kept.insert(id) {
                next.extend(needs.get(&id).into_iter().flatten());
            }
        }
        if !kept.contains(&primary) || !kept.iter().any(|id| types[id] == b"av01") {
            return None;
        }

        let is_kept = |info: &&Block<'_>| id_of(info).is_some_and(|(id, _)| kept.contains(&id));
        let kept_infos = infos.iter().filter(is_kept).map(|info| info.start..info.content.end).collect();
        let among =
            |(_, from, to): &(_, usize, Vec<usize>)| kept.contains(from) && to.iter().all(|to| kept.contains(to));
        let kept_references = references.into_iter().filter(among).map(|(at, ..)| at).collect();
        Some(Self { kept, kept_infos, kept_references, list_start, counter })
    }
}

/// Reads `iloc`. Items in other files or inside other items are not supported.
fn locations(file: &[u8], iloc: &Block<'_>) -> Option<Vec<Location>> {
    let content = iloc.content.clone();
    let version = *file.get(content.start)?;
    let sizes = file.get(content.start + 4..content.start + 6)?;
    let [offset_size, length_size, base_size, index_size] =
        [sizes[0] >> 4, sizes[0] & 15, sizes[1] >> 4, sizes[1] & 15].map(usize::from);
    let index_size = if version == 0 { 0 } else { index_size };
    if version > 2 || [offset_size, length_size, base_size, index_size].iter().any(|size| !matches!(size, 0 | 4 | 8)) {
        return None;
    }
    let mut at = content.start + 6;
    let mut take = |length: usize| {
        let read = number(file, at, length).filter(|_| at + length <= content.end);
        at += length;
        read.map(|read| (read, at))
    };
    let id_size = if version < 2 { 2 } else { 4 };
    let (count, mut start) = take(id_size)?;
    let mut locations = Vec::new();
    for _ in 0..count {
        let (id, _) = take(id_size)?;
        let method = if version == 0 { 0 } else { take(2)?.0 & 15 };
        let (source, _) = take(2)?;
        let (base, _) = take(base_size)?;
        let (count, mut end) = take(2)?;
        if count > 1 && index_size + offset_size + length_size == 0 {
            return None;
        }
        let mut extents = Vec::new();
        for _ in 0..count {
            take(index_size)?;
            let (offset, _) = take(offset_size)?;
            let (length, behind) = take(length_size)?;
            let from = base.checked_add(offset)?;
            extents.push(from..from.checked_add(length)?);
            end = behind;
        }
        if method > 1 || source != 0 {
            extents.clear();
        }
        locations.push(Location { id, entry: start..end, is_in_idat: method == 1, extents });
        start = end;
    }
    Some(locations)
}

/// The largest size that a property names.
fn largest(file: &[u8], properties: &[Block<'_>]) -> Option<(usize, usize)> {
    let sizes = properties.iter().filter(|property| property.kind == b"ispe" && property.content.len() >= 12);
    let sizes = sizes.filter_map(|ispe| {
        let at = ispe.content.start + 4;
        Some((number(file, at, 4)?, number(file, at + 4, 4)?))
    });
    sizes.max_by_key(|(width, height)| width.saturating_mul(*height))
}

/// Boxes up to the end, or to what is none.
fn blocks(file: &[u8], range: Range<usize>) -> Vec<Block<'_>> {
    let mut at = range.start;
    let next = || {
        let block = block(file, at..range.end)?;
        at = block.content.end;
        Some(block)
    };
    std::iter::from_fn(next).collect()
}

/// Boxes inside another one.
fn blocks_in(file: &[u8], range: Range<usize>) -> Vec<Block<'_>> {
    if range.start <= range.end { blocks(file, range) } else { Vec::new() }
}

fn block(file: &[u8], range: Range<usize>) -> Option<Block<'_>> {
    let head = file.get(range.clone())?;
    let kind = head.get(4..8)?;
    let (header, length) = match be32(head)? {
        0 => (8, head.len()),
        1 => (16, number(head, 8, 8)?),
        length => (8, length),
    };
    let start = range.start;
    let end = start.checked_add(length).filter(|end| length >= header && *end <= range.end)?;
    Some(Block { kind, start, content: start + header..end })
}

/// Overlapping and neighbouring ranges as one, in order. Empty ones are left out.
fn merged(ranges: impl Iterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let mut sorted: Vec<_> = ranges.filter(|range| !range.is_empty()).collect();
    sorted.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in sorted {
        match merged.last_mut().filter(|last| range.start <= last.end) {
            Some(last) => last.end = last.end.max(range.end),
            None => merged.push(range),
        }
    }
    merged
}

/// Adds a range of the file with zeros for all bytes but those that are kept. `None` if these are not inside of it.
fn push_only(bytes: &mut Vec<u8>, file: &[u8], range: Range<usize>, kept: &[Range<usize>]) -> Option<()> {
    let start = bytes.len();
    bytes.resize(start + range.len(), 0);
    for kept in kept {
        let at = start + kept.start.checked_sub(range.start)?;
        bytes.get_mut(at..at + kept.len()).filter(|_| kept.end <= range.end)?.copy_from_slice(&file[kept.clone()]);
    }
    Some(())
}

/// Adds a box that is a list, with some of its entries. `counter` is where their number is, if it has one.
fn push_list(
    bytes: &mut Vec<u8>,
    file: &[u8],
    list: &Block<'_>,
    entries: &[Range<usize>],
    first: usize,
    counter: Range<usize>,
) -> Option<()> {
    let start = bytes.len();
    bytes.extend(file.get(list.start..first)?);
    let count = u64::try_from(entries.len()).ok()?.to_be_bytes();
    if !counter.is_empty() {
        let at = start + counter.start.checked_sub(list.start)?;
        bytes.get_mut(at..at + counter.len())?.copy_from_slice(&count[8 - counter.len()..]);
    }
    for entry in entries {
        bytes.extend(file.get(entry.clone())?);
    }
    let length = u64::try_from(bytes.len() - start).ok()?.to_be_bytes();
    // A length of 0 would reach to the end of the box around it.
    if list.content.start - list.start == 16 {
        bytes[start + 8..start + 16].copy_from_slice(&length);
    } else {
        bytes[start..start + 4].copy_from_slice(&length[4..]);
    }
    Some(())
}

/// Makes free space of a box.
fn clear(bytes: &mut [u8], block: &Block<'_>) {
    let header = block.content.start - block.start;
    bytes[4..8].copy_from_slice(b"free");
    bytes[header..].fill(0);
}

/// A number of so many bytes, of which there may be none.
fn number(file: &[u8], at: usize, length: usize) -> Option<usize> {
    let bytes = file.get(at..at.checked_add(length)?)?;
    (bytes.len() < 8 || bytes[0] < 0x40).then(|| whole(bytes))
}

fn whole(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
}
