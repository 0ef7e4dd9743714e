//! Who calls. [`token`] reads access tokens (for the authorizer alone), [`session`] asks the database whether the
//! session behind one still holds, [`Identity`] carries the answer from the authorizer to a function, and
//! [`CurrentUser`] is what a handler sees of it. [`password`] hashes and judges passwords, and
//! [`LinkToken`] is the secret of a link to choose one.

pub mod password;
pub mod session;
pub mod token;

mod identity;
mod link;

pub use identity::{CurrentUser, Identity, Rejection};
pub use link::LinkToken;
