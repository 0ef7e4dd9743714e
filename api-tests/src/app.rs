use std::{
    collections::HashMap,
    net::Ipv4Addr,
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime},
};

use entries::Exports;
use hotels::Images;
use http::Method;
use local::{
    accounts,
    gateway::{self, Function, FunctionError, Gateway, Invocation},
    keys::Keys,
    mailbox::{Mailbox, Message},
    platform::{self, Settings},
};
use object_store::{ObjectStore, memory::InMemory};
use serde_json::{Value, json};
use shared::{config, db::Db, store::Store};
use sqlx::{ConnectOptions, PgPool, postgres::PgConnectOptions};
use tokio::{net::TcpListener, sync::Notify};
use uuid::Uuid;

use crate::{Caller, log};

/// The origin of the web application.
pub(crate) const WEB_ORIGIN: &str = "http://web.test";

/// What a test changes about its platform before it starts.
pub struct Setup {
    /// Databases, origin, cache.
    pub settings: Settings,
    /// Functions that stand in for the platform's own, by the template's logical ids.
    pub replaced: HashMap<String, Function>,
    /// How the application's role connects to the test's database: through PgBouncer where the tests run through it.
    pub options: PgConnectOptions,
    /// The same without PgBouncer, for what is about a connection to the server itself.
    pub direct: PgConnectOptions,
}

/// A platform on a database of its own.
#[derive(Clone)]
pub struct TestApp {
    pub(crate) gateway: Arc<Gateway>,
    /// What tokens are signed with.
    pub keys: Keys,
    clock: Clock,
    functions: Arc<HashMap<String, Function>>,
    /// Where mail goes.
    pub mailbox: Mailbox,
    /// Notified where somebody waits for a mail.
    pub mail_wanted: Arc<Notify>,
    /// Where photos are kept.
    pub photos: Arc<InMemory>,
    /// Where large exports are put.
    pub exports: Arc<InMemory>,
    /// The database as its owner, for what the API cannot show.
    pub owner: PgPool,
    pub(crate) has_old_rows: bool,
}

#[derive(Clone)]
struct Clock(Arc<Mutex<Instant>>);

impl TestApp {
    /// A platform as `cargo local up` would start it.
    pub async fn start(owner: PgPool) -> Self {
        Self::start_with(owner, |_| {}).await
    }

    /// The same, changed.
    pub async fn start_with(owner: PgPool, change: impl FnOnce(&mut Setup)) -> Self {
        Self::start_with_keys(owner, Keys::generate().expect("keys"), change).await
    }

    /// The same with the keys of another platform, whose tokens it then believes.
    pub async fn start_with_keys(owner: PgPool, keys: Keys, change: impl FnOnce(&mut Setup)) -> Self {
        log::listen();
        let direct = application_role(&owner);
        let options = match std::env::var("TEST_APP_PORT") {
            Ok(port) => direct.clone().port(port.parse().expect("TEST_APP_PORT")),
            Err(_) => direct.clone(),
        };
        let database = Db::pool(options.clone(), 4);
        let photos = Arc::new(InMemory::new());
        let exports = Arc::new(InMemory::new());
        let mailbox = Mailbox::new();
        let mail_wanted = Arc::default();
        let settings = Settings {
            authorizer_database: database.clone(),
            database,
            origin: WEB_ORIGIN.to_owned(),
            web_origin: WEB_ORIGIN.to_owned(),
            images: Images::new(memory(&photos), &format!("{WEB_ORIGIN}/media")),
            exports: Exports::new(memory(&exports)),
            registration: config::Registration::Open,
            edge: config::Edge::default(),
            mail: platform::mail(serve(&mailbox).await),
            mail_wanted: Arc::clone(&mail_wanted),
            authorizer_cache_seconds: 0,
        };
        let mut setup = Setup { settings, replaced: HashMap::new(), options, direct };
        change(&mut setup);
        let mut functions = platform::functions(&setup.settings, &keys).expect("functions");
        functions.extend(setup.replaced);

        let clock = Clock(Arc::new(Mutex::new(Instant::now())));
        let template = platform::template(&setup.settings).expect("template.yaml");
        let gateway = Gateway::new(template, functions.clone()).expect("a function for every route");
        let gateway = gateway.with_clock({
            let clock = clock.clone();
            move || *clock.0.lock().expect("the clock")
        });
        let functions = Arc::new(functions);
        Self {
            gateway: Arc::new(gateway),
            keys,
            clock,
            functions,
            mailbox,
            mail_wanted,
            photos,
            exports,
            owner,
            has_old_rows: false,
        }
    }

    /// The same with rows of an imported database, which may break rules that the documentation has for new ones.
    #[must_use]
    pub fn with_old_rows(self) -> Self {
        Self { has_old_rows: true, ..self }
    }

    /// What answers, to be put behind something else.
    pub fn gateway(&self) -> Arc<Gateway> {
        Arc::clone(&self.gateway)
    }

    /// Calls the dispatcher, as its schedule does. Answers how many mails it sent.
    ///
    /// # Errors
    /// What the alarm would say.
    pub async fn dispatch_emails(&self) -> Result<u64, String> {
        match self.call(platform::DISPATCHER, json!({})).await {
            Ok(answer) => Ok(answer["sent"].as_u64().expect("how many were sent")),
            Err(FunctionError::Failed(reason) | FunctionError::Unavailable(reason)) => Err(reason),
        }
    }

    /// Reports what became of a mail (`delivery`, `bounce`, `soft_bounce`, `complaint`), as SES does.
    pub async fn report(&self, message: &Message, what: &str) {
        self.hear(message.report(what).expect("such a report")).await;
    }

    /// The same, of a report as it is.
    pub async fn hear(&self, event: Value) {
        self.call(platform::EVENTS, event).await.expect("a report that is taken");
    }

    async fn call(&self, function: &str, event: Value) -> Result<Value, FunctionError> {
        let invocation = Invocation {
            event: event.to_string().into(),
            request_id: Uuid::new_v4().to_string(),
            deadline: SystemTime::now() + Duration::from_secs(120),
        };
        let answer = self.functions[function](invocation).await?;
        Ok(serde_json::from_slice(&answer).expect("JSON"))
    }

    /// Moves the gateway's clock, which its cache goes by.
    pub fn advance(&self, time: Duration) {
        *self.clock.0.lock().expect("the clock") += time;
    }

    /// Anyone, without a token.
    pub fn public(&self) -> Caller {
        Caller::new(self.clone(), None)
    }

    /// Somebody with this `Authorization` header.
    pub fn with_authorization(&self, header: impl Into<String>) -> Caller {
        Caller::new(self.clone(), Some(header.into()))
    }

    /// A new administrator, signed in.
    pub async fn admin(&self) -> Caller {
        let mut db = self.owner.acquire().await.expect("a connection");
        let made = accounts::create_admin(&mut db, &new_email(), None).await.expect("an administrator");
        self.sign_in(&made.email, &made.password).await
    }

    /// A new user, signed in.
    pub async fn user(&self) -> Caller {
        let answer = self.public().post("/api/auth/register/", registration(&new_email())).await;
        Caller::signed_in(self.clone(), answer.expect(201))
    }

    /// Somebody who has an account.
    pub async fn sign_in(&self, email: &str, password: &str) -> Caller {
        let answer = self.public().post("/api/auth/login/", json!({ "email": email, "password": password })).await;
        Caller::signed_in(self.clone(), answer.expect(200))
    }

    /// The secret of a link to choose a new password, as only its reader gets it.
    pub async fn reset_token(&self, reader: &Caller) -> String {
        self.public().post("/api/auth/forgot-password/", json!({ "email": reader.email() })).await.expect(200);
        let select =
            "select secret from emails_email where recipient = $1 and secret is not null order by id desc limit 1";
        let secret = sqlx::query_scalar(select).bind(reader.email()).fetch_one(&self.owner).await;
        secret.expect("a mail with a secret")
    }

    /// Sends what no [`Caller`] would: any method, path and headers.
    pub async fn send(&self, method: &str, path: &str) -> crate::Answer {
        self.public().request(method.parse::<Method>().expect("a method"), path).send().await
    }
}

fn memory(objects: &Arc<InMemory>) -> Store {
    Store::new(Arc::clone(objects) as Arc<dyn ObjectStore>)
}

/// Where the mailbox is to be found.
async fn serve(mailbox: &Mailbox) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(gateway::serve(mailbox.router(None), listener, std::future::pending()));
    format!("http://{address}")
}

/// The body of a registration that is accepted.
pub fn registration(email: &str) -> Value {
    json!({ "email": email, "password": "Teranga-2026-Dakar", "first_name": "Awa", "last_name": "Diop" })
}

/// An address that nobody has.
pub fn new_email() -> String {
    format!("{}@example.sn", Uuid::new_v4().simple())
}

/// The test's own database, as the role that functions have in AWS. The test command sets its password.
fn application_role(owner: &PgPool) -> PgConnectOptions {
    let password =
        std::env::var("TEST_APP_PASSWORD").expect("TEST_APP_PASSWORD: run the tests with `cargo local test`");
    let options = (*owner.connect_options()).clone().username("red_app").password(&password);
    config::database_url(options.to_url_lossy().as_str()).expect("the test's database")
}
