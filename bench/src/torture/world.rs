//! What all clients share.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use local::gateway::Gateway;
use tokio::sync::RwLock;

use super::{board::Board, fleet::Fleet, model::Model, tally::Tally};

/// What all clients share.
pub struct World {
    /// What they talk to.
    pub gateway: Gateway,
    /// What is behind it.
    pub fleet: Fleet,
    /// What was answered.
    pub tally: Tally,
    model: Mutex<Model>,
    board: Mutex<Board>,
    /// Held by each client while it does something; taken by whoever wants them all to stand still.
    pub turn: RwLock<()>,
    over: AtomicBool,
}

impl World {
    /// Nothing has happened in it.
    pub fn new(gateway: Gateway, fleet: Fleet) -> Self {
        Self {
            gateway,
            fleet,
            tally: Tally::default(),
            model: Mutex::default(),
            board: Mutex::default(),
            turn: RwLock::new(()),
            over: AtomicBool::new(false),
        }
    }

    /// What was acknowledged.
    pub fn model(&self) -> MutexGuard<'_, Model> {
        self.model.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What clients tell each other.
    pub fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has everybody end what they do.
    pub fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    /// Whether everybody is to end.
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }
}
