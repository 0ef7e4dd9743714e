//! Everything that can go wrong, once: the short form of `cargo local torture`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod programs;

use std::{path::Path, time::Duration};

use bench::torture::{self, Options};
use toolbox::postgres::PgBouncer;

#[tokio::test(flavor = "multi_thread")]
async fn whatever_goes_wrong_nothing_is_lost_doubled_or_shown_to_others() {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.local/tools");
    let folder = std::env::temp_dir().join(format!("red product {} torture", std::process::id()));
    let report = torture::run(&Options {
        folder: &folder,
        tools: &tools,
        functions: &programs::of,
        time: Duration::ZERO,
        clients: 8,
        seed: 1,
        // Built where it is wanted, which a test does not do.
        pgbouncer: PgBouncer::is_here(&tools).await,
        progress: &|_| (),
    })
    .await
    .unwrap();

    assert!(report.is_success(), "{report}");
    assert!(report.acknowledged > 50, "hardly anything happened:\n{report}");
}
