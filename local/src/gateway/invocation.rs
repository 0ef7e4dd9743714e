//! Calling a function the way Lambda is called: JSON in, JSON out, a quota on both, and two timeouts.
//!
//! The function's own timeout ends the function and is a 500; the caller's patience ends only the waiting and is a 503.

use bytes::Bytes;
use http::StatusCode;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Lambda's quota on an event and on an answer: 6 MiB and a little.
const MAX_PAYLOAD: usize = 6_291_556;

/// One call of a function.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The event, as JSON.
    pub event: Bytes,
    /// Lambda's own id for this call, not the gateway's for the request.
    pub request_id: String,
    /// When the function's own timeout ends it.
    pub deadline: SystemTime,
}

/// Why a call brought no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FunctionError {
    /// The function answered with an error, or panicked.
    Failed(String),
    /// The function could not be reached.
    Unavailable(String),
}

impl fmt::Display for FunctionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(reason) => write!(f, "the function failed: {reason}"),
            Self::Unavailable(reason) => write!(f, "the function is unavailable: {reason}"),
        }
    }
}

impl std::error::Error for FunctionError {}

/// A function: JSON in, JSON out.
pub type Function =
    Arc<dyn Fn(Invocation) -> Pin<Box<dyn Future<Output = Result<Bytes, FunctionError>> + Send>> + Send + Sync>;

/// A function with the settings that its template gives it.
pub(super) struct Target {
    pub(super) name: String,
    pub(super) function: Function,
    pub(super) timeout: Duration,
}

impl Target {
    /// Invokes the function and waits for `patience` at most.
    pub(super) async fn call(&self, event: Bytes, patience: Duration) -> Result<Bytes, StatusCode> {
        if event.len() > MAX_PAYLOAD {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        let deadline = SystemTime::now() + self.timeout;
        let invocation = Invocation { event, request_id: uuid::Uuid::new_v4().to_string(), deadline };
        let function = Arc::clone(&self.function);
        // A task of its own, because Lambda runs on when the gateway has given up or the client has gone, and because a
        // panic ends the function, not the gateway.
        let running = tokio::spawn(tokio::time::timeout(self.timeout, async move { function(invocation).await }));
        let Ok(ended) = tokio::time::timeout(patience, running).await else {
            tracing::error!(function = self.name, "the function outlasted the gateway's timeout");
            return Err(StatusCode::SERVICE_UNAVAILABLE);
        };
        let (status, reason) = match ended {
            Ok(Ok(Ok(answer))) if answer.len() <= MAX_PAYLOAD => return Ok(answer),
            Ok(Ok(Ok(_))) => (StatusCode::INTERNAL_SERVER_ERROR, "its answer is too large".to_owned()),
            Ok(Ok(Err(error @ FunctionError::Unavailable(_)))) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
            Ok(Ok(Err(error))) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
            Ok(Err(_)) => (StatusCode::INTERNAL_SERVER_ERROR, "it ran into its own timeout".to_owned()),
            Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        };
        tracing::error!(function = self.name, reason, "the invocation failed");
        Err(status)
    }
}
