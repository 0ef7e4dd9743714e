//! Exports of entries: how fast they are written, and how much memory that takes.

use std::{collections::BTreeMap, fs, path::Path, time::Instant};

use local::seed::Counts;
use serde::Serialize;
use toolbox::tools::Error;

use crate::{
    cases::ADMIN,
    events::get,
    host::Host,
    measure::{answer, say},
    queries,
    site::{Binaries, SOMEBODY, Site},
};

/// Entries of one form, in turn. Both exports are too large to be an answer.
const SIZES: [u32; 2] = [50_000, 100_000];

/// An export.
#[derive(Debug, Serialize)]
pub struct Export {
    /// The size of the file, in bytes.
    pub bytes: u64,
    /// From the request to the answer, in seconds.
    pub seconds: f64,
    /// The most memory that the process ever had, in bytes, where the system says so.
    pub peak_memory: Option<u64>,
}

/// Writes exports of a form with more and more entries, each by a new process, into a folder.
///
/// # Errors
/// A sentence that says what to do.
pub async fn run(site: &mut Site, binaries: Binaries<'_>) -> Result<BTreeMap<u32, Export>, Error> {
    let store = site.folder().join("exports");
    fs::create_dir_all(&store)?;
    site.fill(&Counts { forms: 1, ..Counts::default() }).await?;
    let form = queries::select_newest_form(&mut site.superuser().await?).await?;
    let (mut found, mut there) = (BTreeMap::new(), 0);
    for size in SIZES {
        say(&format!("export: {size} entries"));
        queries::insert_entries(&mut site.superuser().await?, form, size - there).await?;
        there = size;
        let mut function = site.function("entries", binaries("entries"))?;
        function.variables.retain(|(name, _)| name != "EXPORT_STORE");
        function.variables.push(("EXPORT_STORE".to_owned(), format!("file://{}", store.display())));
        let mut host = Host::new(function);
        let small = site.event(get(&format!("/api/entries/?form={form}"), SOMEBODY)?, Some(ADMIN)).await?;
        answer(&mut host, small, 200).await?;
        let event = site.event(get(&format!("/api/entries/export/?form={form}"), SOMEBODY)?, Some(ADMIN)).await?;
        let before = size_of(&store)?;
        let started = Instant::now();
        answer(&mut host, event, 303).await?;
        let seconds = started.elapsed().as_secs_f64();
        let bytes = size_of(&store)? - before;
        found.insert(size, Export { bytes, seconds, peak_memory: host.peak_memory() });
    }
    Ok(found)
}

/// Of all files in a folder, in bytes.
fn size_of(folder: &Path) -> Result<u64, Error> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        bytes += if entry.file_type()?.is_dir() { size_of(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(bytes)
}
