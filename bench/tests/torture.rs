//! Everything that can go wrong, once: the short form of `cargo local torture`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use bench::torture::{self, Options};
use toolbox::postgres::PgBouncer;

#[tokio::test(flavor = "multi_thread")]
async fn whatever_goes_wrong_nothing_is_lost_doubled_or_shown_to_others() {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.local/tools");
    let folder = std::env::temp_dir().join(format!("red product {} torture", std::process::id()));
    let report = torture::run(&Options {
        folder: &folder,
        tools: &tools,
        functions: &binary,
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

fn binary(name: &str) -> PathBuf {
    PathBuf::from(match name {
        "auth" => env!("CARGO_BIN_EXE_auth-under-test"),
        "authorizer" => env!("CARGO_BIN_EXE_authorizer-under-test"),
        "dashboard" => env!("CARGO_BIN_EXE_dashboard-under-test"),
        "emails" => env!("CARGO_BIN_EXE_emails-under-test"),
        "entries" => env!("CARGO_BIN_EXE_entries-under-test"),
        "forms" => env!("CARGO_BIN_EXE_forms-under-test"),
        "hotels" => env!("CARGO_BIN_EXE_hotels-under-test"),
        "messages" => env!("CARGO_BIN_EXE_messages-under-test"),
        "tickets" => env!("CARGO_BIN_EXE_tickets-under-test"),
        "users" => env!("CARGO_BIN_EXE_users-under-test"),
        other => panic!("{other} is new"),
    })
}
