//! Functions as Lambda runs them: each in a process of its own behind the Runtime API, one request at a time.
//!
//! `cargo local bench` measures them ([`report`], explained in docs/performance.md); `tests/faults.rs`
//! takes the database away from them. Nothing here limits memory or CPU as Lambda does, and there is no micro-VM.

pub mod artefacts;
pub mod cases;
pub mod events;
pub mod export;
pub mod growth;
pub mod host;
pub mod mail;
pub mod measure;
pub mod peer;
pub mod pgbench;
pub mod plot;
pub mod queries;
pub mod report;
pub mod site;
pub mod statements;
pub mod stats;
pub mod torture;
