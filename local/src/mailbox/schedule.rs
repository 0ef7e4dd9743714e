//! What calls the dispatcher: EventBridge Scheduler every minute, and Lambda's Invoke API where a function asks for it.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum_server::{
    Router,
    extract::{Path, State},
    routing::post,
};
use bytes::Bytes;
use http::StatusCode;
use tokio::{
    sync::Notify,
    time::{MissedTickBehavior, interval},
};
use uuid::Uuid;

use crate::gateway::{Function, Invocation};

const TICK: Duration = Duration::from_secs(60);
/// The dispatcher's own timeout in the template.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Calls the dispatcher every minute, and whenever it is wanted, for ever.
pub async fn schedule(dispatcher: Option<Function>, wanted: Arc<Notify>) {
    let Some(dispatcher) = dispatcher else { return };
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = wanted.notified() => {}
        }
        let invocation = Invocation {
            event: Bytes::from_static(b"{}"),
            request_id: Uuid::new_v4().to_string(),
            deadline: SystemTime::now() + TIMEOUT,
        };
        if let Err(error) = dispatcher(invocation).await {
            tracing::error!(%error, "mail was not sent");
        }
    }
}

/// Lambda's Invoke API, as far as functions that run by themselves call the dispatcher.
pub fn invoke_api(wanted: Arc<Notify>) -> Router {
    Router::new().route("/2015-03-31/functions/{name}/invocations", post(invoke)).with_state(wanted)
}

async fn invoke(State(wanted): State<Arc<Notify>>, Path(name): Path<String>) -> StatusCode {
    if name != "email-dispatcher" {
        return StatusCode::NOT_FOUND;
    }
    wanted.notify_one();
    StatusCode::ACCEPTED
}
