//! The functions of template.yaml, linked into one process behind the gateway. Each is called with the event that AWS
//! would send and answers with the JSON that AWS would get.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use dashboard::Dashboard;
use email_dispatcher::Dispatcher;
use entries::{Entries, Exports};
use hotels::{Hotels, Images};
use lambda_runtime::{Context, LambdaEvent};
use serde::{Serialize, de::DeserializeOwned};
use shared::{auth::token::Verifier, config, db::Db, lambda::HttpFunction};
use tickets::Tickets;
use tokio::sync::Notify;
use users::Users;

use crate::{
    edge::MEDIA_PATH,
    gateway::{Function, FunctionError, Invocation, Template, TemplateError},
    keys::Keys,
};
use toolbox::tools::Error;

/// The template that is deployed is the one that runs here.
pub const TEMPLATE: &str = include_str!("../../template.yaml");

const AUDIENCE: &str = "red-product";

/// The function that sends mail, which no route leads to.
pub const DISPATCHER: &str = "EmailDispatcherFunction";
/// The function that hears what became of mail.
pub const EVENTS: &str = "EmailEventsFunction";

/// How mail is sent to a mailbox at `endpoint`.
pub fn mail(endpoint: String) -> config::Mail {
    config::Mail {
        from: "RED PRODUCT <no-reply@red.example>".to_owned(),
        reply_to: "support@red.example".to_owned(),
        configuration_set: Some("red-product".to_owned()),
        retention_days: 365,
        lease_seconds: config::DEFAULT_LEASE_SECONDS,
        endpoint: Some(endpoint),
        // Good for anything that does not check it.
        aws: config::Aws {
            region: "local".to_owned(),
            access_key_id: "local".to_owned(),
            secret_access_key: "local".to_owned(),
            session_token: None,
        },
    }
}

/// What differs between one platform and another.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where functions connect, as the application's role.
    pub database: Db,
    /// Where the authorizer connects.
    pub authorizer_database: Db,
    /// Where this platform is: photos, and what stands for AWS's services.
    pub origin: String,
    /// Where the web application is: the origin that CORS lets in, and that e-mails link to.
    pub web_origin: String,
    /// Where photos are kept.
    pub images: Images,
    /// Where large exports are put.
    pub exports: Exports,
    /// Who may make an account.
    pub registration: config::Registration,
    /// What stands in front of the gateway and is believed what it says of the client.
    pub edge: config::Edge,
    /// How mail is sent, and through what.
    pub mail: config::Mail,
    /// Notified where somebody waits for a mail.
    pub mail_wanted: Arc<Notify>,
    /// How long the gateway keeps the authorizer's answers, in seconds.
    pub authorizer_cache_seconds: u32,
}

/// What stands for buckets on one machine.
#[derive(Clone, Debug)]
pub struct Folders {
    /// Photos.
    pub images: PathBuf,
    /// Large exports.
    pub exports: PathBuf,
}

/// The template with this platform's parameters.
///
/// # Errors
/// Where it cannot be read.
pub fn template(settings: &Settings) -> Result<Template, TemplateError> {
    let parameters = BTreeMap::from([
        ("WebOrigin".to_owned(), settings.web_origin.clone()),
        ("AuthorizerCacheSeconds".to_owned(), settings.authorizer_cache_seconds.to_string()),
    ]);
    Template::parse(TEMPLATE, &parameters)
}

/// What functions read where they run by themselves, to be the same as those that are linked in here. `database` and
/// `owner` are URLs: that of [`Settings::database`], and the same as the owner. Some values are secret: never print them.
///
/// # Errors
/// Where the keys cannot be read.
pub fn environment(
    settings: &Settings,
    keys: &Keys,
    database: &str,
    owner: &str,
    folders: &Folders,
) -> Result<Vec<(&'static str, String)>, Error> {
    let registration = match settings.registration {
        config::Registration::Open => "open",
        config::Registration::Closed => "closed",
    };
    let mut environment = vec![
        ("DATABASE_URL", database.to_owned()),
        ("MIGRATE_DATABASE_URL", owner.to_owned()),
        ("JWT_ISSUER", settings.web_origin.clone()),
        ("JWT_AUDIENCE", AUDIENCE.to_owned()),
        ("WEB_ORIGIN", settings.web_origin.clone()),
        ("IMAGE_STORE", format!("file://{}", folders.images.display())),
        ("IMAGE_BASE_URL", format!("{}{MEDIA_PATH}", settings.origin)),
        ("EXPORT_STORE", format!("file://{}", folders.exports.display())),
        ("REGISTRATION", registration.to_owned()),
        ("PAGE_SIZE", settings.edge.page_size.to_string()),
        ("ORIGIN_VERIFY", settings.edge.origin_verify.clone().unwrap_or_default()),
        ("DISPATCHER_FUNCTION", "email-dispatcher".to_owned()),
        ("EMAIL_FROM", settings.mail.from.clone()),
        ("EMAIL_REPLY_TO", settings.mail.reply_to.clone()),
        ("SES_CONFIGURATION_SET", settings.mail.configuration_set.clone().unwrap_or_default()),
        ("EMAIL_RETENTION_DAYS", settings.mail.retention_days.to_string()),
        // What Lambda itself sets.
        ("AWS_REGION", settings.mail.aws.region.clone()),
        ("AWS_ACCESS_KEY_ID", settings.mail.aws.access_key_id.clone()),
        ("AWS_SECRET_ACCESS_KEY", settings.mail.aws.secret_access_key.clone()),
        ("AWS_SESSION_TOKEN", settings.mail.aws.session_token.clone().unwrap_or_default()),
        // Where AWS's services are here.
        ("AWS_ENDPOINT_URL_SESV2", settings.mail.endpoint.clone().unwrap_or_default()),
        ("AWS_ENDPOINT_URL_LAMBDA", settings.origin.clone()),
    ];
    environment.extend(keys.environment()?);
    Ok(environment)
}

/// The functions that the template's routes, authorizer, schedule and rules lead to, by their logical ids.
///
/// # Errors
/// Where the keys cannot be read.
pub fn functions(settings: &Settings, keys: &Keys) -> Result<HashMap<String, Function>, Error> {
    let db = || settings.database.clone();
    let edge = config::Edge { web_origin: Some(settings.web_origin.clone()), ..settings.edge.clone() };
    let http = |function: HttpFunction| http(function.behind(edge.clone()));
    let config = config::Tokens {
        signing_key: keys.signing_key()?,
        public_keys: keys.public_keys()?,
        issuer: settings.web_origin.clone(),
        audience: AUDIENCE.to_owned(),
        refresh_keys: keys.refresh_keys()?,
    };
    let tokens = Verifier::new(&config.public_keys, &config.issuer, &config.audience)?;
    let authorizer = Arc::new(authorizer::Authorizer::new(tokens, settings.authorizer_database.clone()));
    let authorize = linked(move |event| {
        let authorizer = Arc::clone(&authorizer);
        async move { authorizer.authorize(event).await }
    });
    let dashboard = Dashboard::new(db(), &format!("{}{MEDIA_PATH}", settings.origin));
    let wanted = auth::Dispatcher::Local(Arc::clone(&settings.mail_wanted));
    let auth = auth::Auth::new(db(), config, &settings.web_origin, settings.registration, wanted)?;
    let dispatcher = Arc::new(Dispatcher::new(db(), settings.mail.clone(), settings.images.store().clone()));
    let dispatch = Arc::new(move |invocation: Invocation| {
        let dispatcher = Arc::clone(&dispatcher);
        boxed(async move {
            let sent = dispatcher.run(invocation.deadline).await;
            let sent = sent.map_err(|error| FunctionError::Failed(error.to_string()))?;
            Ok(serde_json::json!({ "sent": sent }).to_string().into())
        })
    });
    let events_db = db();
    let hear = Arc::new(move |invocation: Invocation| {
        let db = events_db.clone();
        boxed(async move {
            let failed = |error: &dyn std::fmt::Display| FunctionError::Failed(error.to_string());
            let event = serde_json::from_slice(&invocation.event).map_err(|error| failed(&error))?;
            email_events::record(&db, event).await.map_err(|error| failed(&error))?;
            Ok(Bytes::from_static(b"null"))
        })
    });
    Ok([
        ("AuthorizerFunction", authorize),
        ("AuthFunction", http(HttpFunction::new(auth::routes(), auth))),
        ("FormsFunction", http(HttpFunction::new(forms::routes(), db()))),
        ("EntriesFunction", http(HttpFunction::new(entries::routes(), Entries::new(db(), settings.exports.clone())))),
        ("HotelsFunction", http(HttpFunction::new(hotels::routes(), Hotels::new(db(), settings.images.clone())))),
        ("UsersFunction", http(HttpFunction::new(users::routes(), Users::new(db(), &settings.web_origin)))),
        ("TicketsFunction", http(HttpFunction::new(tickets::routes(), Tickets::new(db(), &settings.web_origin)))),
        ("MessagesFunction", http(HttpFunction::new(messages::routes(), db()))),
        ("DashboardFunction", http(HttpFunction::new(dashboard::routes(), dashboard))),
        ("EmailsFunction", http(HttpFunction::new(emails::routes(), db()))),
        (DISPATCHER, dispatch),
        (EVENTS, hear),
    ]
    .map(|(id, function)| (id.to_owned(), function))
    .into())
}

/// The type of a function's future, for closures that the compiler cannot see it in.
fn boxed<F>(answer: F) -> Pin<Box<dyn Future<Output = Result<Bytes, FunctionError>> + Send>>
where
    F: Future<Output = Result<Bytes, FunctionError>> + Send + 'static,
{
    Box::pin(answer)
}

fn http(function: HttpFunction) -> Function {
    let function = Arc::new(function);
    linked(move |event| {
        let function = Arc::clone(&function);
        async move { function.answer(event).await }
    })
}

/// JSON in, JSON out, around a function that is linked in.
fn linked<E, R, F>(function: impl Fn(LambdaEvent<E>) -> F + Send + Sync + 'static) -> Function
where
    E: DeserializeOwned + Send + 'static,
    R: Serialize,
    F: Future<Output = R> + Send + 'static,
    R: Send + 'static,
{
    let function = Arc::new(function);
    Arc::new(move |invocation: Invocation| {
        let function = Arc::clone(&function);
        Box::pin(async move {
            let failed = |error: serde_json::Error| FunctionError::Failed(error.to_string());
            let payload = serde_json::from_slice(&invocation.event).map_err(failed)?;
            let answer = function(LambdaEvent::new(payload, context(&invocation))).await;
            serde_json::to_vec(&answer).map(Bytes::from).map_err(failed)
        })
    })
}

fn context(invocation: &Invocation) -> Context {
    let deadline = invocation.deadline.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let mut context = Context::default();
    context.request_id.clone_from(&invocation.request_id);
    context.deadline = u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX);
    context
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeSet;

    use saphyr::{LoadableYamlNode, YamlOwned};
    use shared::store::Store;

    use super::*;

    /// What functions read on a platform whose web application is elsewhere.
    fn environment_of_functions() -> BTreeMap<&'static str, String> {
        let folders = Folders { images: std::env::temp_dir(), exports: std::env::temp_dir() };
        let store = Store::open(&config::Store::Folder(std::env::temp_dir())).unwrap();
        let database = Db::sandbox(config::database_url("postgres://red_app@127.0.0.1/red").unwrap());
        let settings = Settings {
            authorizer_database: database.clone(),
            database,
            origin: "http://red.test".to_owned(),
            web_origin: "http://web.test".to_owned(),
            images: Images::new(store.clone(), "http://red.test/media"),
            exports: Exports::new(store),
            registration: config::Registration::Open,
            edge: config::Edge::default(),
            mail: mail("http://127.0.0.1:9".to_owned()),
            mail_wanted: Arc::default(),
            authorizer_cache_seconds: 0,
        };
        environment(&settings, &Keys::generate().unwrap(), "", "", &folders).unwrap().into_iter().collect()
    }

    #[test]
    fn a_web_application_elsewhere_moves_neither_photos_nor_what_stands_for_aws() {
        let environment = environment_of_functions();

        for (name, value) in [
            ("WEB_ORIGIN", "http://web.test"),
            ("JWT_ISSUER", "http://web.test"),
            ("IMAGE_BASE_URL", "http://red.test/media"),
            ("AWS_ENDPOINT_URL_LAMBDA", "http://red.test"),
        ] {
            assert_eq!(environment[name], value, "{name}");
        }
    }

    #[test]
    fn functions_have_every_variable_that_the_template_gives_them() {
        let environment = environment_of_functions();
        let names = environment.keys().copied();
        let given: BTreeSet<&str> = names.filter(|name| !name.starts_with("AWS_")).collect();

        let document = YamlOwned::load_from_str(TEMPLATE).unwrap();
        let resources = document[0].as_mapping_get("Resources").unwrap().as_mapping().unwrap();
        let properties = resources.values().filter_map(|resource| resource.as_mapping_get("Properties"));
        let variables = properties.filter_map(|node| node.as_mapping_get("Environment")?.as_mapping_get("Variables"));
        let wanted: BTreeSet<&str> = variables
            .flat_map(|variables| variables.as_mapping().unwrap().keys())
            .map(|name| name.as_str().unwrap())
            .collect();

        assert_eq!(given, wanted);
    }

    #[test]
    fn the_template_names_the_binary_of_each_function() {
        let parameters = BTreeMap::from([("WebOrigin".to_owned(), "http://web.test".to_owned())]);
        let template = Template::parse(TEMPLATE, &parameters).unwrap();

        assert!(template.functions.keys().eq(template.binaries.keys()));
    }
}
