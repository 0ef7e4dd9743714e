//! A host that plays Lambda, harder than Lambda does, under many clients at once, while whatever functions depend on is
//! taken from them. What was acknowledged is remembered and looked for.

pub mod admins;
pub mod answer;
pub mod board;
pub mod chaos;
pub mod client;
pub mod fleet;
pub mod model;
pub mod people;
pub mod privacy;
pub mod queries;
pub mod report;
pub mod rng;
pub mod tally;
pub mod world;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use local::{
    gateway::{Gateway, Template},
    platform,
};
use tokio::{task::JoinSet, time::sleep};
use toolbox::{
    postgres::{PgBouncer, Pooling},
    tools::{Error, until_interrupted},
};

use crate::{
    events::WEB_ORIGIN,
    host::Function,
    site::{Filling, Site},
};
use admins::Admin;
use chaos::{Chaos, Fault};
use client::Client;
use fleet::Fleet;
use model::{Kind, Wrong};
use people::Person;
use report::Report;
use rng::Rng;
use world::World;

/// How soon service must be normal again.
const RECOVERY: Duration = Duration::from_secs(30);
/// How long there is nothing but service then.
const CALM: Duration = Duration::from_millis(500);
/// How long what is under way may take when nobody asks for more.
const END: Duration = Duration::from_secs(40);
/// Between two looks.
const POLL: Duration = Duration::from_millis(20);
/// Between what a client does and what it does next, at most, in milliseconds.
const THOUGHT: usize = 40;
const COUNTERS: i32 = 4;

/// What is asked for.
pub struct Options<'a> {
    /// Where everything is kept, until the end.
    pub folder: &'a Path,
    /// Where programs are, or are put.
    pub tools: &'a Path,
    /// The program of a function, by its name.
    pub functions: &'a dyn Fn(&str) -> PathBuf,
    /// For how long; every fault comes once in any case.
    pub time: Duration,
    /// How many clients there are.
    pub clients: u8,
    /// What happens is drawn from here.
    pub seed: u64,
    /// Whether PgBouncer stands before the database.
    pub pgbouncer: bool,
    /// Told what goes on.
    pub progress: &'a dyn Fn(&str),
}

fn pooling(port: Option<u16>) -> Pooling {
    Pooling { port, connections: 20 }
}

/// Runs it, and removes everything then.
///
/// # Errors
/// Where it could not be run to its end.
pub async fn run(options: &Options<'_>) -> Result<Report, Error> {
    let (admins, _, _) = crowd(options.clients);
    (options.progress)("starting PostgreSQL");
    let accounts = u32::from(options.clients);
    let filling = Filling { hotels: 20, accounts };
    let mut site = Site::start(options.folder, options.tools, true, filling).await?;
    let result = until_interrupted(torture(&mut site, options, admins)).await;
    let kept = if result.as_ref().is_ok_and(Report::is_success) { Ok(()) } else { keep_logs(options) };
    site.end().await?;
    kept?;
    result
}

/// What functions and PostgreSQL said, to be read beside the violations.
fn keep_logs(options: &Options<'_>) -> Result<(), Error> {
    let kept = options.folder.with_extension("logs");
    if kept.exists() {
        fs::remove_dir_all(&kept)?;
    }
    fs::create_dir_all(&kept)?;
    let logs = fs::read_dir(options.folder)?.flatten().map(|entry| entry.path());
    for log in logs.filter(|path| path.extension().is_some_and(|extension| extension == "log")) {
        fs::copy(&log, kept.join(log.file_name().unwrap_or_default()))?;
    }
    fs::copy(options.folder.join("postgres/log"), kept.join("postgres.log"))?;
    (options.progress)(&format!("what functions said is in {}", kept.display()));
    Ok(())
}

/// How many administrators there are, how many other accounts, and how many visitors.
fn crowd(clients: u8) -> (u8, u8, u8) {
    let (admins, visitors) = ((clients / 5).max(2), (clients / 10).max(1));
    (admins, clients.saturating_sub(admins + visitors).max(2), visitors)
}

async fn torture(site: &mut Site, options: &Options<'_>, admins: u8) -> Result<Report, Error> {
    let started = Instant::now();
    let mut rng = Rng::new(options.seed);
    let mut pgbouncer = None;
    if let (true, Some(cluster)) = (options.pgbouncer, site.cluster()) {
        pgbouncer = Some(PgBouncer::start(cluster, options.tools, pooling(None), options.progress).await?);
    }
    let world = Arc::new(world(site, options, pgbouncer.as_ref().map(PgBouncer::port), &mut rng)?);
    let (form, counters) = queries::prepare(&mut site.superuser().await?, admins.into(), COUNTERS).await?;
    prepare(&world, form, &counters, options.clients);

    (options.progress)(&format!("seed {}; {} clients sign in", options.seed, options.clients));
    let mut clients = JoinSet::new();
    start(&world, options.clients, &mut rng, &mut clients);
    let mut chaos = Chaos { site, tools: options.tools, pgbouncer, world: Arc::clone(&world), rng };
    let mut report = Report::new(options.seed);
    let begun = Instant::now();
    sleep(CALM).await;
    recover(&world, begun, &mut report, None).await;
    let mut rounds = 0;
    'rounds: loop {
        for burst in chaos.round() {
            if rounds > 0 && started.elapsed() >= options.time {
                break 'rounds;
            }
            let names: Vec<String> = burst.iter().map(ToString::to_string).collect();
            (options.progress)(&format!("{:>6.1} s  {}", started.elapsed().as_secs_f64(), names.join(", and ")));
            let end = chaos.burst(&burst).await?;
            recover(&world, end, &mut report, Some(&burst)).await;
            sleep(CALM).await;
            check(&world, chaos.site).await?;
        }
        rounds += 1;
        if started.elapsed() >= options.time {
            break;
        }
    }

    (options.progress)("looking for everything that was acknowledged");
    world.end();
    let mut ended = Vec::new();
    while let Some(client) = clients.join_next().await {
        ended.push(client?);
    }
    quiesce(&world).await;
    check(&world, chaos.site).await?;
    for client in &mut ended {
        look(client, chaos.site).await?;
    }
    for what in world.fleet.noted().unprovoked() {
        world.tally.violation(&what, &[]);
    }
    if let Some(pgbouncer) = chaos.pgbouncer.take() {
        pgbouncer.stop().await?;
    }
    report.finish(&world, started.elapsed());
    Ok(report)
}

/// The gateway, and the functions behind it.
fn world(site: &Site, options: &Options<'_>, pooler: Option<u16>, rng: &mut Rng) -> Result<World, Error> {
    let parameters = BTreeMap::from([
        ("WebOrigin".to_owned(), WEB_ORIGIN.to_owned()),
        ("AuthorizerCacheSeconds".to_owned(), "0".to_owned()),
    ]);
    let template = Template::parse(platform::TEMPLATE, &parameters)?;
    let routed = template.routes.iter().map(|route| &route.function);
    let called = routed.chain(template.authorizers.values().map(|authorizer| &authorizer.function));
    let mut functions = BTreeMap::new();
    for id in called {
        let name = template.binaries.get(id).ok_or_else(|| format!("{id} has no binary"))?;
        let function = site.function(name, (options.functions)(name))?;
        functions.insert(id.clone(), through(function, site, pooler));
    }
    let fleet = Fleet::new(functions, usize::from(options.clients), rng)?;
    let gateway = Gateway::new(template, fleet.functions().collect())?;
    Ok(World::new(gateway, fleet))
}

/// The function, connecting to PgBouncer where there is one.
fn through(mut function: Function, site: &Site, pooler: Option<u16>) -> Function {
    if let (Some(pooler), Some(cluster)) = (pooler, site.cluster()) {
        let server = format!("@127.0.0.1:{}/", cluster.port());
        for (_, value) in function.variables.iter_mut().filter(|(name, _)| name == "DATABASE_URL") {
            *value = value.replace(&server, &format!("@127.0.0.1:{pooler}/"));
        }
    }
    function
}

/// What is there from the beginning.
fn prepare(world: &World, form: i64, counters: &[i64], accounts: u8) {
    let mut model = world.model();
    let mut board = world.board();
    board.form = form;
    for (number, id) in (1..).zip(counters) {
        let marker = format!("n{number}");
        model.begin_create(Kind::Counter, &marker, &[]);
        model.created(&marker, Some(*id));
        board.counters.push((*id, marker));
    }
    for id in 1..=i64::from(accounts) {
        let marker = format!("p{id}");
        model.begin_create(Kind::Profile, &marker, &[("first_name", "Awa")]);
        model.created(&marker, Some(id));
    }
}

/// Everybody signs in, and works until it is over.
fn start(world: &Arc<World>, clients: u8, rng: &mut Rng, tasks: &mut JoinSet<Client>) {
    let (admins, people, visitors) = crowd(clients);
    let accounts = i64::from(admins + people);
    for number in 1..=admins + people + visitors {
        let (id, is_admin) = (i64::from(number), number <= admins);
        let is_visitor = id > accounts;
        let user = if is_visitor { -id } else { id };
        let mut client = Client::new(Arc::clone(world), user, is_admin, number, Rng::new(rng.number()));
        let world = Arc::clone(world);
        tasks.spawn(async move {
            if is_visitor {
                while !world.is_over() {
                    let turn = world.turn.read().await;
                    admins::visit(&mut client).await;
                    drop(turn);
                    think(&mut client).await;
                }
                return client;
            }
            client.sign_in().await;
            if is_admin {
                let mut admin = Admin::new(client, accounts, i64::from(admins));
                while !world.is_over() {
                    let turn = world.turn.read().await;
                    admin.act().await;
                    drop(turn);
                    think(&mut admin.client).await;
                }
                return admin.client;
            }
            let mut person = Person { client, tickets: Vec::new(), people: accounts };
            while !world.is_over() {
                let turn = world.turn.read().await;
                person.act().await;
                drop(turn);
                think(&mut person.client).await;
            }
            person.client
        });
    }
}

async fn think(client: &mut Client) {
    sleep(Duration::from_millis(client.rng.below(THOUGHT) as u64)).await;
}

/// Waits until service is normal.
async fn recover(world: &World, end: Instant, report: &mut Report, after: Option<&[Fault]>) {
    let recovery = loop {
        match world.tally.recovery(end) {
            Some(recovery) => break Some(recovery),
            None if end.elapsed() > RECOVERY => break None,
            None => sleep(POLL).await,
        }
    };
    match (recovery, after) {
        (Some(recovery), Some(faults)) => report.recovered(faults, recovery),
        (None, _) => world.tally.violation(&format!("no normal service {RECOVERY:?} after {after:?}"), &[]),
        _ => {}
    }
}

/// Everybody stands still while it is looked at what the database has.
async fn check(world: &World, site: &Site) -> Result<(), Error> {
    let _still = world.turn.write().await;
    let (found, disagreements) = queries::snapshot(&mut site.superuser().await?).await?;
    let wrong = world.model().check(&found);
    for Wrong { what, about } in wrong {
        world.tally.violation(&what, &about);
    }
    for what in disagreements {
        world.tally.violation(&what, &[]);
    }
    Ok(())
}

async fn quiesce(world: &World) {
    let deadline = Instant::now() + END;
    while !world.fleet.is_idle() {
        if Instant::now() > deadline {
            world.tally.violation("functions work on though nobody asks for anything", &[]);
            return;
        }
        sleep(POLL).await;
    }
}

/// Whether somebody's lists have all that is theirs and nothing else.
async fn look(client: &mut Client, site: &Site) -> Result<(), Error> {
    if client.user < 0 {
        return Ok(());
    }
    let (tickets, messages) = queries::select_lists(&mut site.superuser().await?, client.user).await?;
    let mut lists = vec![("/api/messages/?", messages)];
    if !client.is_admin {
        lists.push(("/api/tickets/?", tickets));
    }
    for (path, expected) in lists {
        let listed = admins::ids(client, path).await;
        if listed.as_ref() != Some(&expected) {
            let what = format!("{path} of {} has {listed:?} where there are {expected:?}", client.user);
            client.world.tally.violation(&what, &[]);
        }
    }
    Ok(())
}
