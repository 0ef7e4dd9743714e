//! Where cargo puts the functions that are built for a test.

use std::path::PathBuf;

pub(crate) fn of(function: &str) -> PathBuf {
    PathBuf::from(match function {
        "auth" => env!("CARGO_BIN_EXE_auth-under-test"),
        "authorizer" => env!("CARGO_BIN_EXE_authorizer-under-test"),
        "dashboard" => env!("CARGO_BIN_EXE_dashboard-under-test"),
        "emails" => env!("CARGO_BIN_EXE_emails-under-test"),
        "entries" => env!("CARGO_BIN_EXE_entries-under-test"),
        "forms" => env!("CARGO_BIN_EXE_forms-under-test"),
        "hello" => env!("CARGO_BIN_EXE_hello-under-test"),
        "hotels" => env!("CARGO_BIN_EXE_hotels-under-test"),
        "messages" => env!("CARGO_BIN_EXE_messages-under-test"),
        "tickets" => env!("CARGO_BIN_EXE_tickets-under-test"),
        "users" => env!("CARGO_BIN_EXE_users-under-test"),
        other => panic!("{other} is new"),
    })
}
