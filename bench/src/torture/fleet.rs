//! Sandboxes as Lambda keeps them: a process serves one event at a time, is frozen as soon as its answer is on its way,
//! and may be gone the next time. What ends here without having been asked to is a fault of ours, and noted.

use std::{
    collections::BTreeMap,
    process::Stdio,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use local::gateway::{self, FunctionError, Invocation};
use tokio::{
    process::{Child, ChildStdin, Command},
    sync::{Notify, Semaphore, oneshot},
};
use toolbox::tools::Error;

use super::rng::Rng;
use crate::host::{Failure, Function, Host};

/// How long an event waits for a sandbox where there are as many as there may be. Lambda would not wait at all.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(5);

/// Every function's sandboxes.
pub struct Fleet {
    pools: BTreeMap<String, Arc<Pool>>,
    /// A deadline in milliseconds instead of the functions' own; 0 is none.
    limit: Arc<AtomicU64>,
    noted: Arc<Noted>,
    // Ends every process that is left, also where we are killed.
    _leash: Leash,
}

/// What became of sandboxes so far.
#[derive(Debug, Default)]
pub struct Noted {
    /// Processes started.
    pub started: AtomicU64,
    /// Processes that were killed to see what happens.
    pub killed: AtomicU64,
    /// Processes that were killed at a deadline which was made short.
    pub timed_out: AtomicU64,
    /// Events that found no sandbox.
    pub turned_away: AtomicU64,
    unprovoked: Mutex<Vec<String>>,
}

struct Pool {
    function: Function,
    seats: Arc<Semaphore>,
    idle: Mutex<Vec<Host>>,
    /// By the number of the event that each is at.
    busy: Mutex<BTreeMap<u64, Arc<Notify>>>,
    events: AtomicU64,
    limit: Arc<AtomicU64>,
    rng: Mutex<Rng>,
    noted: Arc<Noted>,
}

impl Fleet {
    /// Nothing starts yet. `functions` are by their logical ids; each has at most `most` sandboxes at work.
    ///
    /// # Errors
    /// Where there is no shell.
    pub fn new(functions: BTreeMap<String, Function>, most: usize, rng: &mut Rng) -> Result<Self, Error> {
        let leash = Leash::new()?;
        let (limit, noted) = (Arc::<AtomicU64>::default(), Arc::<Noted>::default());
        let mut pool = |function: Function| Pool {
            function: Function { group: leash.group, ..function },
            seats: Arc::new(Semaphore::new(most)),
            idle: Mutex::default(),
            busy: Mutex::default(),
            events: AtomicU64::default(),
            limit: Arc::clone(&limit),
            rng: Mutex::new(Rng::new(rng.number())),
            noted: Arc::clone(&noted),
        };
        let pools = functions.into_iter().map(|(id, function)| (id, Arc::new(pool(function)))).collect();
        Ok(Self { pools, limit, noted, _leash: leash })
    }

    /// What the gateway calls.
    pub fn functions(&self) -> impl Iterator<Item = (String, gateway::Function)> {
        self.pools.iter().map(|(id, pool)| {
            let pool = Arc::clone(pool);
            let function: gateway::Function = Arc::new(move |invocation: Invocation| {
                let pool = Arc::clone(&pool);
                Box::pin(async move { pool.call(invocation.event).await })
            });
            (id.clone(), function)
        })
    }

    /// What became of sandboxes so far.
    pub fn noted(&self) -> &Noted {
        &self.noted
    }

    /// Has every event from now on killed after so long.
    pub fn set_limit(&self, limit: Option<Duration>) {
        let milliseconds = limit.map_or(0, |limit| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX));
        self.limit.store(milliseconds, Ordering::Relaxed);
    }

    /// Kills one process, at work or idle, if there is one.
    pub fn kill_one(&self, rng: &mut Rng) {
        let pools: Vec<&Arc<Pool>> = self.pools.values().collect();
        let Some(pool) = rng.pick(&pools) else { return };
        let busy = locked(&pool.busy).values().nth(rng.below(4)).cloned();
        match busy {
            Some(killed) => killed.notify_one(),
            None if pool.take_idle().is_some() => {
                self.noted.killed.fetch_add(1, Ordering::Relaxed);
            }
            None => {}
        }
    }

    /// Kills every process: each next event starts one.
    pub fn kill_all(&self) {
        for pool in self.pools.values() {
            let idle = std::mem::take(&mut *locked(&pool.idle));
            self.noted.killed.fetch_add(idle.len() as u64, Ordering::Relaxed);
            drop(idle);
            for killed in locked(&pool.busy).values() {
                killed.notify_one();
            }
        }
    }

    /// Whether no sandbox works.
    pub fn is_idle(&self) -> bool {
        self.pools.values().all(|pool| locked(&pool.busy).is_empty())
    }
}

impl Noted {
    /// Functions that failed, ended or ran into their time without having been made to.
    pub fn unprovoked(&self) -> Vec<String> {
        locked(&self.unprovoked).clone()
    }
}

impl Pool {
    async fn call(self: Arc<Self>, event: Bytes) -> Result<Bytes, FunctionError> {
        let seat = tokio::time::timeout(QUEUE_TIMEOUT, Arc::clone(&self.seats).acquire_owned()).await;
        let Ok(Ok(seat)) = seat else {
            self.noted.turned_away.fetch_add(1, Ordering::Relaxed);
            return Err(FunctionError::Unavailable("every sandbox is at work".to_owned()));
        };
        let (answer, answered) = oneshot::channel();
        // Whoever asked may go away; a sandbox works on.
        tokio::spawn(async move {
            self.work(event, answer).await;
            drop(seat);
        });
        answered.await.unwrap_or_else(|_| Err(FunctionError::Failed("its sandbox is gone".to_owned())))
    }

    async fn work(&self, event: Bytes, answer: oneshot::Sender<Result<Bytes, FunctionError>>) {
        let mut host = self.take_idle().unwrap_or_else(|| {
            self.noted.started.fetch_add(1, Ordering::Relaxed);
            Host::new(self.function.clone())
        });
        let limit = Duration::from_millis(self.limit.load(Ordering::Relaxed));
        host.limit(if limit.is_zero() { self.function.timeout } else { limit });
        let killed = Arc::new(Notify::new());
        let number = self.events.fetch_add(1, Ordering::Relaxed);
        locked(&self.busy).insert(number, Arc::clone(&killed));
        // Dropped where it is killed, and its process with it.
        let invoked = tokio::select! {
            biased;
            () = killed.notified() => None,
            invoked = host.invoke(event) => Some(invoked),
        };
        locked(&self.busy).remove(&number);
        let result = match invoked {
            Some(Ok(answered)) => Ok(answered.payload),
            Some(Err(failure)) => {
                self.judge(&failure, !limit.is_zero());
                Err(FunctionError::Failed(failure.to_string()))
            }
            None => {
                self.noted.killed.fetch_add(1, Ordering::Relaxed);
                Err(FunctionError::Failed("killed".to_owned()))
            }
        };
        let lives = result.is_ok();
        // Nobody may be waiting for it any more.
        let _ = answer.send(result);
        if !lives {
            return;
        }
        match host.freeze().await {
            Ok(()) => locked(&self.idle).push(host),
            Err(failure) => self.judge(&failure, false),
        }
    }

    fn judge(&self, failure: &Failure, limited: bool) {
        if limited && *failure == Failure::TimedOut {
            self.noted.timed_out.fetch_add(1, Ordering::Relaxed);
        } else {
            locked(&self.noted.unprovoked).push(format!("{}: {failure}", self.function.name));
        }
    }

    /// Any of them: where it were always the last one, most would never be used again.
    fn take_idle(&self) -> Option<Host> {
        let mut idle = locked(&self.idle);
        let at = locked(&self.rng).below(idle.len());
        (at < idle.len()).then(|| idle.swap_remove(at))
    }
}

/// A process group whose leader ends all of it when we end, however we do: a frozen process would stay for ever.
struct Leash {
    group: Option<i32>,
    _leader: Child,
    _line: Option<ChildStdin>,
}

impl Leash {
    fn new() -> Result<Self, Error> {
        let mut command = Command::new("sh");
        command.args(["-c", "read -r _; kill -KILL 0"]).stdin(Stdio::piped()).process_group(0);
        let mut leader = command.spawn().map_err(|error| format!("sh: {error}"))?;
        let line = leader.stdin.take();
        let group = leader.id().and_then(|id| i32::try_from(id).ok());
        Ok(Self { group, _leader: leader, _line: line })
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
