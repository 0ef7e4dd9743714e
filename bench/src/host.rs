//! A host that plays Lambda for one function: the Runtime API on a loopback port, and the process that calls it.
//!
//! As in Lambda, a process is started by the first event that finds none, gets one event at a time, may be frozen
//! between two, and is killed at its deadline; the next event then starts another one.

use std::{
    fmt,
    fs::OpenOptions,
    net::Ipv4Addr,
    path::PathBuf,
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use axum_server::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Path, State},
    response::Response,
    routing::{get, post},
    serve::ListenerExt,
};
use bytes::Bytes;
use http::{StatusCode, header};
use tokio::{
    net::TcpListener,
    process::{Child, Command},
    sync::mpsc,
    task::JoinHandle,
};
use uuid::Uuid;

/// How long a process may take until it asks for its first event. Lambda begins anew after that; we give up.
const INIT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the system may take to stop a process that was told to.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);
/// Lambda's quota on an answer.
const MAX_ANSWER: usize = 6 * 1024 * 1024;

/// What Lambda is told about a function.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name, for the environment and the ARN.
    pub name: String,
    /// The program.
    pub binary: PathBuf,
    /// Only said to the function: nothing here limits memory or CPU.
    pub memory_mib: u32,
    /// When an event's process is killed.
    pub timeout: Duration,
    /// The function's own variables. It gets nothing else of our environment.
    pub variables: Vec<(String, String)>,
    /// Where its output goes.
    pub log: PathBuf,
    /// Whether its process is stopped from the moment that it asks for the next event until there is one.
    pub freezes: bool,
    /// The process group that its process joins, if not ours.
    pub group: Option<i32>,
}

/// An answer, and what it took.
#[derive(Clone, Debug)]
pub struct Answered {
    /// What the function answered.
    pub payload: Bytes,
    /// From the event's leaving to the answer's being here.
    pub took: Duration,
    /// Where this event started the process.
    pub start: Option<Start>,
}

/// What a start took.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// From exec to the first call for an event.
    pub init: Duration,
    /// From exec to the first answer.
    pub first_answer: Duration,
}

/// Why an event has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The process could not be started.
    NotStarted(String),
    /// The process said that it cannot start.
    Init(String),
    /// The function answered with an error. Its process lives on.
    Failed(String),
    /// The process ended.
    Exited(String),
    /// The process was killed at its deadline.
    TimedOut,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStarted(error) => write!(f, "the function could not be started: {error}"),
            Self::Init(error) => write!(f, "the function cannot start: {error}"),
            Self::Failed(error) => write!(f, "the function failed: {error}"),
            Self::Exited(how) => write!(f, "the function's process ended: {how}"),
            Self::TimedOut => f.write_str("the function ran into its timeout"),
        }
    }
}

impl std::error::Error for Failure {}

/// One function, and its process if there is one.
#[derive(Debug)]
pub struct Host {
    function: Function,
    sandbox: Option<Sandbox>,
}

impl Host {
    /// Nothing starts before the first event.
    pub fn new(function: Function) -> Self {
        Self { function, sandbox: None }
    }

    /// Hands an event to the function, in the process that there is or in a new one.
    ///
    /// # Errors
    /// Where there is no answer. The next event finds a process all the same.
    pub async fn invoke(&mut self, event: Bytes) -> Result<Answered, Failure> {
        let (mut sandbox, started) = match self.sandbox.take() {
            Some(sandbox) => (sandbox, None),
            None => {
                let started = Instant::now();
                (Sandbox::start(&self.function).await?, Some(started))
            }
        };
        let init = sandbox.ready_at;
        sandbox.thaw().await?;
        let answer = sandbox.answer(event, self.function.timeout).await;
        let answered = match answer {
            Ok((payload, took, at)) => {
                let start = started.map(|started| Start {
                    init: init.duration_since(started),
                    first_answer: at.duration_since(started),
                });
                Ok(Answered { payload, took, start })
            }
            Err(failure @ (Failure::Exited(_) | Failure::TimedOut)) => return Err(failure),
            Err(failure) => Err(failure),
        };
        if self.function.freezes {
            sandbox.freeze().await?;
        }
        self.sandbox = Some(sandbox);
        answered
    }

    /// Stops the process (SIGSTOP) once it waits for an event, until the next one.
    ///
    /// # Errors
    /// Where there is none, or it does not stop.
    pub async fn freeze(&mut self) -> Result<(), Failure> {
        match &mut self.sandbox {
            Some(sandbox) => sandbox.freeze().await,
            None => Err(Failure::Exited("there is no process".to_owned())),
        }
    }

    /// Sets when the processes of the events from now on are killed.
    pub fn limit(&mut self, timeout: Duration) {
        self.function.timeout = timeout;
    }

    /// Ends the process. The next event starts another one.
    pub fn kill(&mut self) {
        self.sandbox = None;
    }

    /// The id of the process.
    pub fn process_id(&self) -> Option<u32> {
        self.sandbox.as_ref()?.process.id()
    }

    /// How much memory of the process is resident, in bytes, where the system says so under `/proc`.
    pub fn resident_memory(&self) -> Option<u64> {
        self.memory("VmRSS:")
    }

    /// How much it ever was.
    pub fn peak_memory(&self) -> Option<u64> {
        self.memory("VmHWM:")
    }

    fn memory(&self, what: &str) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process_id()?)).ok()?;
        let kib = status.lines().find_map(|line| line.strip_prefix(what)?.trim().strip_suffix(" kB"))?;
        Some(kib.parse::<u64>().ok()? * 1024)
    }
}

/// A process and its Runtime API. Both end when this is dropped.
#[derive(Debug)]
struct Sandbox {
    process: Child,
    server: JoinHandle<()>,
    events: mpsc::UnboundedSender<Event>,
    said: mpsc::UnboundedReceiver<Said>,
    name: String,
    /// When it asked for its first event.
    ready_at: Instant,
    /// Whether it waits for an event.
    idle: bool,
    frozen: bool,
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // The process is killed by its own drop, frozen or not.
        self.server.abort();
    }
}

#[derive(Debug)]
struct Event {
    request_id: String,
    deadline: SystemTime,
    function: String,
    payload: Bytes,
}

/// What a process says through the Runtime API, each with its time.
enum Said {
    Next(Instant),
    Answer(Bytes, Instant),
    Error(String),
    InitError(String),
}

impl Sandbox {
    async fn start(function: &Function) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| Failure::NotStarted(format!("{}: {error}", function.binary.display()));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (events, waiting) = mpsc::unbounded_channel();
        let (say, said) = mpsc::unbounded_channel();
        let api = Api { say, events: tokio::sync::Mutex::new(waiting), current: Mutex::new(String::new()) };
        let listener = listener.tap_io(|stream| {
            // At worst an answer waits for an acknowledgement.
            let _ = stream.set_nodelay(true);
        });
        let server = tokio::spawn(async move {
            // It ends only with its task.
            let _ = axum_server::serve(listener, api.into_router()).await;
        });

        let log = OpenOptions::new().create(true).append(true).open(&function.log).map_err(failed)?;
        let mut command = Command::new(&function.binary);
        command.env_clear().envs(environment(function, &address.to_string()));
        command.stdin(Stdio::null()).stdout(log.try_clone().map_err(failed)?).stderr(log).kill_on_drop(true);
        if let Some(group) = function.group {
            command.process_group(group);
        }
        let now = Instant::now();
        let process = command.spawn().map_err(failed)?;
        let name = function.name.clone();
        let mut sandbox = Self { process, server, events, said, name, ready_at: now, idle: false, frozen: false };
        sandbox.ready_at = sandbox.wait_until_idle(now + INIT_TIMEOUT).await?.unwrap_or(now);
        Ok(sandbox)
    }

    /// Waits for the call for an event, and says when that was unless it was before.
    async fn wait_until_idle(&mut self, until: Instant) -> Result<Option<Instant>, Failure> {
        while !self.idle {
            match self.listen(until).await? {
                Said::Next(at) => {
                    self.idle = true;
                    return Ok(Some(at));
                }
                Said::InitError(error) => return Err(Failure::Init(error)),
                // Of an event that was given up.
                Said::Answer(..) | Said::Error(_) => {}
            }
        }
        Ok(None)
    }

    async fn answer(&mut self, payload: Bytes, timeout: Duration) -> Result<(Bytes, Duration, Instant), Failure> {
        self.wait_until_idle(Instant::now() + timeout).await?;
        let (now, request_id) = (Instant::now(), Uuid::new_v4().to_string());
        let event = Event { request_id, deadline: SystemTime::now() + timeout, function: self.name.clone(), payload };
        self.idle = false;
        if self.events.send(event).is_err() {
            return Err(Failure::Exited("its Runtime API ended".to_owned()));
        }
        loop {
            match self.listen(now + timeout).await? {
                Said::Answer(answer, at) => return Ok((answer, at.duration_since(now), at)),
                Said::Error(error) | Said::InitError(error) => return Err(Failure::Failed(error)),
                Said::Next(_) => {}
            }
        }
    }

    async fn listen(&mut self, until: Instant) -> Result<Said, Failure> {
        tokio::select! {
            // What it said before it ended counts.
            biased;
            Some(said) = self.said.recv() => Ok(said),
            status = self.process.wait() => {
                Err(Failure::Exited(status.map_or_else(|error| error.to_string(), |status| status.to_string())))
            }
            () = tokio::time::sleep_until(until.into()) => {
                // Should it have ended just now, that is as well.
                let _ = self.process.kill().await;
                Err(Failure::TimedOut)
            }
        }
    }

    async fn freeze(&mut self) -> Result<(), Failure> {
        self.wait_until_idle(Instant::now() + STOP_TIMEOUT).await?;
        self.signal("STOP").await?;
        // A signal is only on its way when `kill` returns.
        let until = Instant::now() + STOP_TIMEOUT;
        while !self.is_stopped() {
            if Instant::now() > until {
                return Err(Failure::Exited("it does not stop".to_owned()));
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        self.frozen = true;
        Ok(())
    }

    async fn thaw(&mut self) -> Result<(), Failure> {
        if self.frozen {
            self.signal("CONT").await?;
            self.frozen = false;
        }
        Ok(())
    }

    /// The standard library sends no signal but SIGKILL.
    async fn signal(&self, signal: &str) -> Result<(), Failure> {
        let Some(id) = self.process.id() else { return Err(Failure::Exited("before a signal".to_owned())) };
        let sent = Command::new("kill").arg(format!("-{signal}")).arg(id.to_string()).status().await;
        match sent {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(Failure::Exited(format!("kill: {status}"))),
            Err(error) => Err(Failure::Exited(format!("kill: {error}"))),
        }
    }

    /// The third field of `/proc/<id>/stat`, behind a name in parentheses that may hold anything.
    fn is_stopped(&self) -> bool {
        let stat = self.process.id().and_then(|id| std::fs::read_to_string(format!("/proc/{id}/stat")).ok());
        stat.is_some_and(|stat| stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('T')))
    }
}

/// What Lambda sets, and what the function's owner did.
fn environment(function: &Function, api: &str) -> Vec<(String, String)> {
    let lambda = [
        ("AWS_LAMBDA_RUNTIME_API", api),
        ("AWS_LAMBDA_FUNCTION_NAME", &function.name),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &function.memory_mib.to_string()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ("AWS_LAMBDA_LOG_LEVEL", "INFO"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", &format!("/aws/lambda/{}", function.name)),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "local"),
        // Of the function's role. Nothing in AWS believes these.
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_SESSION_TOKEN", "local"),
        ("AWS_REGION", REGION),
        ("AWS_DEFAULT_REGION", REGION),
        ("_HANDLER", "bootstrap"),
        ("LANG", "en_US.UTF-8"),
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("TZ", ":UTC"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    lambda.into_iter().chain(function.variables.iter().cloned()).collect()
}

const REGION: &str = "eu-west-1";

/// The Runtime API of one process.
struct Api {
    say: mpsc::UnboundedSender<Said>,
    events: tokio::sync::Mutex<mpsc::UnboundedReceiver<Event>>,
    /// The id of the event that is being worked on.
    current: Mutex<String>,
}

impl Api {
    fn into_router(self) -> Router {
        let runtime = Router::new()
            .route("/invocation/next", get(next))
            .route("/invocation/{id}/response", post(response))
            .route("/invocation/{id}/error", post(error))
            .route("/init/error", post(init_error));
        Router::new()
            .nest("/2018-06-01/runtime", runtime)
            .layer(DefaultBodyLimit::max(MAX_ANSWER))
            .with_state(Arc::new(self))
    }

    fn say(&self, said: Said) {
        // Nobody listens to a process that is being ended.
        let _ = self.say.send(said);
    }

    /// Passes on what is said about the current event, and refuses the rest.
    fn say_about(&self, id: &str, said: Said) -> Response {
        if *self.current.lock().unwrap_or_else(PoisonError::into_inner) != id {
            return json(
                StatusCode::BAD_REQUEST,
                r#"{"errorType":"InvalidRequestID","errorMessage":"Invalid request ID"}"#,
            );
        }
        self.say(said);
        json(StatusCode::ACCEPTED, r#"{"status":"OK"}"#)
    }
}

async fn next(State(api): State<Arc<Api>>) -> Response {
    api.say(Said::Next(Instant::now()));
    let Some(event) = api.events.lock().await.recv().await else {
        return json(StatusCode::GONE, "{}");
    };
    api.current.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&event.request_id);
    let deadline = event.deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let trace = Uuid::new_v4().simple().to_string();
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let built = Response::builder()
        .header(header::CONTENT_TYPE, "application/json")
        .header("lambda-runtime-aws-request-id", &event.request_id)
        .header("lambda-runtime-deadline-ms", deadline.to_string())
        .header(
            "lambda-runtime-invoked-function-arn",
            format!("arn:aws:lambda:{REGION}:000000000000:function:{}", event.function),
        )
        .header("lambda-runtime-trace-id", format!("Root=1-{seconds:08x}-{:.24};Sampled=0", trace))
        .body(Body::from(event.payload));
    built.unwrap_or_else(|_| json(StatusCode::INTERNAL_SERVER_ERROR, "{}"))
}

async fn response(State(api): State<Arc<Api>>, Path(id): Path<String>, answer: Bytes) -> Response {
    api.say_about(&id, Said::Answer(answer, Instant::now()))
}

async fn error(State(api): State<Arc<Api>>, Path(id): Path<String>, error: Bytes) -> Response {
    api.say_about(&id, Said::Error(String::from_utf8_lossy(&error).into_owned()))
}

async fn init_error(State(api): State<Arc<Api>>, error: Bytes) -> Response {
    api.say(Said::InitError(String::from_utf8_lossy(&error).into_owned()));
    json(StatusCode::ACCEPTED, r#"{"status":"OK"}"#)
}

fn json(status: StatusCode, body: &'static str) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    response
}
