//! What the tests are written in: a [`TestApp`] is a whole platform on a database of its own, a [`Caller`] sends
//! requests through its gateway, and an [`Answer`] is what comes back.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

pub mod log;
pub mod tokens;

mod answer;
mod app;
mod caller;
mod documentation;

pub use answer::Answer;
pub use app::{Setup, TestApp, new_email, registration};
pub use caller::{Caller, Request};
