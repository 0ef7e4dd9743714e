//! RED PRODUCT on one machine: the gateway of template.yaml and every function behind it; the database and the
//! checks are in `toolbox`. `cargo local up` and `cargo local test` are the two commands that a newcomer needs.

pub mod accounts;
pub mod addresses;
pub mod adopt;
pub mod database;
pub mod doctor;
pub mod edge;
pub mod fuzz;
pub mod gateway;
pub mod keys;
pub mod mailbox;
pub mod openapi;
pub mod platform;
pub mod private;
pub mod remote;
pub mod secrets;
pub mod seed;
pub mod site;
pub mod up;
pub mod watch;

mod queries;
