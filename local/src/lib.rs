//! RED PRODUCT on one machine: the gateway of template.yaml, every function behind it, a private PostgreSQL, and the
//! checks. `cargo local up` and `cargo local test` are the two commands that a newcomer needs.

pub mod up;
pub mod platform;
pub mod gateway;
pub mod keys;
pub mod accounts;
pub mod postgres;
pub mod checks;
pub mod tools;

mod queries;
