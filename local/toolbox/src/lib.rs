//! What needs no function to be compiled: a private PostgreSQL, the checks, and the tools that they need. A crate of its
//! own, so that `cargo prepare` can renew the queries' metadata while the functions do not compile for want of it.

pub mod bench;
pub mod checks;
pub mod commands;
pub mod postgres;
pub mod tools;
pub mod torture;
pub mod web;
