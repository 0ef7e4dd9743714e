//! The log, as tests read it: what the functions wrote, by request.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, Once, PoisonError},
};

use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context, layer::SubscriberExt, util::SubscriberInitExt};

static EVENTS: Mutex<Vec<Entry>> = Mutex::new(Vec::new());
static INSTALL: Once = Once::new();

type Entry = HashMap<&'static str, String>;

/// Starts listening; the first call counts.
pub fn listen() {
    INSTALL.call_once(|| tracing_subscriber::registry().with(Listener).init());
}

/// Everything that was logged about a request, as `name=value` lines.
pub fn entries(request_id: &str) -> Vec<String> {
    let ours = |entry: &&Entry| entry.get("request_id").is_some_and(|id| id == request_id);
    let line =
        |entry: &Entry| entry.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ");
    events().iter().filter(ours).map(line).collect()
}

/// Everything that was logged so far by anyone, in one text.
pub fn everything() -> String {
    events().iter().flat_map(HashMap::values).cloned().collect::<Vec<_>>().join("\n")
}

pub(crate) fn round_trips(message: &str, request_id: &str) -> u64 {
    let events = events();
    let entry = events.iter().find(|entry| {
        entry.get("message").is_some_and(|text| text == message)
            && entry.get("request_id").is_some_and(|id| id == request_id)
    });
    let count = entry.and_then(|entry| entry.get("sql_round_trips")).expect("a log entry with the round trips");
    count.parse().expect("a number of round trips")
}

fn events() -> std::sync::MutexGuard<'static, Vec<Entry>> {
    EVENTS.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Listener;

impl<S: Subscriber> Layer<S> for Listener {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() <= Level::INFO {
            let mut entry = Fields(Entry::new());
            event.record(&mut entry);
            events().push(entry.0);
        }
    }
}

struct Fields(Entry);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}
