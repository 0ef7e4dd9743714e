//! The account's rate: sends begin at even distances, never two at once where SES would mind.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

/// A little less than what is allowed: sends that left at even distances do not arrive so.
const SHARE: f64 = 0.98;
/// How long nothing is sent after SES has said that it was too much.
const REST: Duration = Duration::from_secs(1);
/// Sends that were under way when it said so say the same again. They count as one.
const ONE_COMPLAINT: Duration = Duration::from_secs(2);

/// When the next send may begin.
#[derive(Debug)]
pub(crate) struct Pace(Mutex<State>);

#[derive(Debug)]
struct State {
    distance: Duration,
    next: Instant,
    /// Raised when the pace changes: turns that were given out before hold no more.
    epoch: u32,
    slowed_at: Option<Instant>,
    stopped: bool,
}

impl Pace {
    /// At most `rate` a second.
    pub(crate) fn new(rate: f64) -> Self {
        let distance = Duration::from_secs_f64(1.0 / (rate * SHARE));
        Self(Mutex::new(State { distance, next: Instant::now(), epoch: 0, slowed_at: None, stopped: false }))
    }

    /// Waits for a turn. False where there are no more.
    pub(crate) async fn turn(&self) -> bool {
        loop {
            let (at, epoch) = {
                let mut state = self.state();
                let at = state.next.max(Instant::now());
                state.next = at + state.distance;
                (at, state.epoch)
            };
            sleep_until(at).await;
            let state = self.state();
            if state.stopped || state.epoch == epoch {
                return !state.stopped;
            }
        }
    }

    /// It was too fast: rests, and goes on half as fast.
    pub(crate) fn slow_down(&self) {
        let now = Instant::now();
        let mut state = self.state();
        if state.slowed_at.is_some_and(|at| now.duration_since(at) < ONE_COMPLAINT) {
            return;
        }
        state.slowed_at = Some(now);
        state.epoch += 1;
        state.distance *= 2;
        state.next = now + REST;
    }

    /// Gives out no more turns.
    pub(crate) fn stop(&self) {
        self.state().stopped = true;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Pace;

    #[tokio::test]
    async fn turns_keep_their_distance_and_a_complaint_halves_the_pace() {
        let pace = Pace::new(200.0);
        let began = Instant::now();
        for _ in 0..20 {
            pace.turn().await;
        }
        assert!(began.elapsed() >= Duration::from_millis(90), "{:?}", began.elapsed());

        pace.slow_down();
        pace.slow_down();
        let slowed = Instant::now();
        for _ in 0..11 {
            pace.turn().await;
        }
        // A second's rest, then ten distances of ten milliseconds: slowed once, not twice.
        let took = slowed.elapsed();
        assert!(took >= Duration::from_millis(1_090) && took < Duration::from_millis(1_190), "{took:?}");
    }
}
