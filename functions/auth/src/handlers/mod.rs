//! One function per route, in the order of a person's life with the product.

mod account;
mod password;
mod session;

pub(crate) use account::{find_me, register, update_me};
pub(crate) use password::{change_password, request_reset, reset_password};
pub(crate) use session::{delete_session, issue_token, list_keys, list_sessions, log_in, log_out, refresh};

use shared::{error::ApiError, lambda::Call, throttle::Limit};

use crate::model::Device;

/// Failed sign-ins for one e-mail.
const LOGIN_EMAIL: Limit = Limit { kind: "login-email", max: 10, seconds: 15 * 60 };
/// Failed sign-ins from one address.
const LOGIN_ADDRESS: Limit = Limit { kind: "login-address", max: 50, seconds: 15 * 60 };
/// Registrations from one address.
const REGISTER_ADDRESS: Limit = Limit { kind: "register-address", max: 5, seconds: 60 * 60 };
/// Forgotten passwords of one e-mail.
const FORGOT_EMAIL: Limit = Limit { kind: "forgot-email", max: 3, seconds: 60 * 60 };

fn device(call: &Call) -> Result<Device<'_>, ApiError> {
    let random = getrandom::u64().map_err(|error| ApiError::internal(error.to_string()))?;
    Ok(Device {
        session_id: (random >> 11).cast_signed(),
        user_agent: &call.user_agent,
        ip: call.ip.map(|ip| ip.to_string()),
    })
}
