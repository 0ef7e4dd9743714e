//! RED PRODUCT on one machine: the gateway of template.yaml, every function behind it, a private PostgreSQL, and the
//! checks. `cargo local up` and `cargo local test` are the two commands that a newcomer needs.

pub mod accounts;
pub mod database;
pub mod edge;
pub mod gateway;
pub mod keys;
pub mod platform;
pub mod remote;
pub mod up;
pub mod watch;

mod queries;
