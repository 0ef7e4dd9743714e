//! E-mail: the messages that the product sends, and the queue in the database that they wait in. Only the dispatcher
//! sends.

pub mod address;
pub mod queue;

mod excerpt;
mod mail;
mod plain;

pub use mail::{Mail, SECRET, Ticket, TicketNews, Written};
