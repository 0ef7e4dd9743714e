//! What at least two functions need, and nothing else: no hotel row, no ticket rule.
//!
//! In reading order: a request comes in through [`lambda`], is matched and let in by [`routes`], is read by [`extract`],
//! [`fields`] and [`list`], asks [`db`], and goes out as JSON or as an [`error::ApiError`].

pub mod audit;
pub mod auth;
pub mod characters;
pub mod config;
pub mod cut;
pub mod db;
pub mod email;
pub mod error;
pub mod event;
pub mod extract;
pub mod fields;
pub mod form;
pub mod format;
pub mod idempotency;
pub mod json;
pub mod lambda;
pub mod list;
pub mod openapi;
#[cfg(test)]
mod properties;
pub mod query;
pub mod routes;
pub mod store;
pub mod text;
pub mod throttle;
