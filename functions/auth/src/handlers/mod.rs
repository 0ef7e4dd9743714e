//! One function per route, in the order of a person's life with the product.

mod account;
mod password;
mod session;

pub(crate) use account::{find_me, register, update_me};
pub(crate) use password::{change_password, request_reset, reset_password};
pub(crate) use session::{delete_session, issue_token, list_keys, list_sessions, log_in, log_out, refresh};

use shared::{
    email::address,
    error::ApiError,
    lambda::Call,
    throttle::{self, Count, Limit},
};

use crate::model::Device;

const QUARTER_OF_AN_HOUR: u32 = 15 * 60;
const HOUR: u32 = 60 * 60;

/// Failed sign-ins from one address.
const LOGIN_ADDRESS: Limit = Limit { kind: "login-address", max: 50, seconds: QUARTER_OF_AN_HOUR };
/// Failed sign-ins for one e-mail from one address.
const LOGIN_PAIR: Limit = Limit { kind: "login-pair", max: 10, seconds: QUARTER_OF_AN_HOUR };
/// Failed sign-ins for one e-mail from anywhere: far more, so that a single stranger cannot lock the owner out.
const LOGIN_EMAIL: Limit = Limit { kind: "login-email", max: 100, seconds: QUARTER_OF_AN_HOUR };
/// Sign-ins of one account that succeeded.
const SIGN_INS: Limit = Limit { kind: "sign-ins", max: 30, seconds: QUARTER_OF_AN_HOUR };
/// Registrations from one address.
const REGISTER_ADDRESS: Limit = Limit { kind: "register-address", max: 5, seconds: HOUR };
/// Registrations from one address that are not valid, and are told whether their e-mail is taken.
const TAKEN_ADDRESSES: Limit = Limit { kind: "taken-addresses", max: 20, seconds: HOUR };
/// Forgotten passwords from one address.
const FORGOT_ADDRESS: Limit = Limit { kind: "forgot-address", max: 20, seconds: HOUR };
/// Forgotten passwords of one e-mail from one address.
const FORGOT_PAIR: Limit = Limit { kind: "forgot-pair", max: 3, seconds: HOUR };
/// Forgotten passwords of one e-mail from anywhere.
const FORGOT_EMAIL: Limit = Limit { kind: "forgot-email", max: 10, seconds: HOUR };
/// Wrong current passwords in one session: an open browser is no way to guess. Failed sign-ins elsewhere do not count.
const CURRENT_PASSWORD: Limit = Limit { kind: "current-password", max: 10, seconds: QUARTER_OF_AN_HOUR };
/// Password changes of one account. Never forgiven.
const PASSWORD_CHANGES: Limit = Limit { kind: "password-changes", max: 5, seconds: HOUR };
/// Mails to one account about a new password.
const PASSWORD_NOTICES: Limit = Limit { kind: "password-notices", max: 1, seconds: HOUR };

/// An e-mail together with a client address, as a subject.
fn pair(email: &str, call: &Call) -> String {
    format!("{email} {}", throttle::address(call.ip))
}

/// What an attempt at an e-mail counts against. The address comes first: an address over its limit counts against no
/// e-mail, and one over its limit for the e-mail not against the e-mail alone.
fn counts(limits: [Limit; 3], email: &str, call: &Call) -> [Count; 3] {
    let [by_address, by_pair, by_email] = limits;
    let email = address::key(email);
    [(by_address, throttle::address(call.ip)), (by_pair, pair(&email, call)), (by_email, email)]
}

fn device(call: &Call) -> Result<Device<'_>, ApiError> {
    let random = getrandom::u64().map_err(|error| ApiError::internal(error.to_string()))?;
    Ok(Device {
        session_id: (random >> 11).cast_signed(),
        user_agent: &call.user_agent,
        ip: call.ip.map(|ip| ip.to_string()),
    })
}
