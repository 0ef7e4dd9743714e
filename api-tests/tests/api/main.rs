//! The specification, from outside: every test goes through template, gateway, authorizer, function and PostgreSQL.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod access;
mod accounts;
mod adoption;
mod audit;
mod auth;
mod bad_input;
mod clients;
mod counts;
mod dashboard;
mod database;
mod docs;
mod documents;
mod edge;
mod emails;
mod entries;
mod exports;
mod forms;
mod health;
mod hotels;
mod idempotency;
mod images;
mod lists;
mod messages;
mod notices;
mod outbox;
mod passwords;
mod properties;
mod public_forms;
mod rotation;
mod round_trips;
mod seed;
mod sessions;
mod sizes;
mod template;
mod tickets;
mod tokens;
mod users;
mod watch;
