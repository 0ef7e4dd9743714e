//! The specification, from outside: every test goes through template, gateway, authorizer, function and PostgreSQL.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod access;
mod auth;
mod bad_input;
mod database;
mod docs;
mod emails;
mod health;
mod hotels;
mod idempotency;
mod images;
mod lists;
mod outbox;
mod passwords;
mod rotation;
mod round_trips;
mod seed;
mod sessions;
mod template;
mod tokens;
mod watch;
