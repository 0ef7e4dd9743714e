//! Functions as Lambda runs them: each in a process of its own behind the Runtime API, one request at a time.
//!
//! `cargo run --release --bin bench` measures them ([`measure`], explained in docs/performance.md); `tests/faults.rs`
//! takes the database away from them. Nothing here limits memory or CPU as Lambda does, and there is no micro-VM.

pub mod artefacts;
pub mod events;
pub mod host;
pub mod mail;
pub mod measure;
pub mod pgbench;
pub mod queries;
pub mod report;
pub mod site;
pub mod stats;
pub mod torture;
