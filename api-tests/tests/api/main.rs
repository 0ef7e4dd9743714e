//! The specification, from outside: every test goes through template, gateway, authorizer, function and PostgreSQL.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod access;
mod auth;
mod bad_input;
mod database;
mod entries;
mod exports;
mod forms;
mod health;
mod hotels;
mod idempotency;
mod images;
mod lists;
mod passwords;
mod public_forms;
mod round_trips;
mod sessions;
mod template;
mod tokens;
mod watch;
