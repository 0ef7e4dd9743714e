//! `cargo local seed`: as many made-up rows as one wants, to look at or to measure with. They are valid by the same
//! rules as those that the API writes, and are added to what there is. No mail among them is waiting to be sent.

pub(crate) mod rows;

mod words;

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use shared::auth::password;
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use toolbox::tools::Error;

use crate::{
    accounts::{Credentials, explain},
    database::is_on_this_machine,
    queries,
};
use rows::Invention;

/// The password of every seeded user. It is hashed once, which takes longer than a thousand rows do.
pub const PASSWORD: &str = "Teranga-2026-Dakar";

/// Rows per statement. Each statement is committed by itself: an interruption leaves what was made so far.
const BATCH: u32 = 10_000;
/// How many users tickets and messages are spread over, and forms entries: the newest.
const USERS: i64 = 10_000;
const FORMS: i64 = 1_000;

/// How many rows of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct Counts {
    /// Hotels in the cities of Senegal
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub hotels: u32,
    /// Users, all with the same password, which is printed
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub users: u32,
    /// Tickets of seeded users
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub tickets: u32,
    /// Messages between seeded users
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub messages: u32,
    /// Forms with fields of every type
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub forms: u32,
    /// Entries to seeded forms
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub entries: u32,
    /// E-mails that were sent, failed or cancelled: none of them will be sent
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub emails: u32,
}

/// Enough to look at.
pub const DEMO: Counts = Counts { hotels: 12, users: 20, tickets: 40, messages: 60, forms: 3, entries: 50, emails: 20 };

impl Counts {
    /// These, or a small set where none was asked for.
    pub fn or_demo(self) -> Self {
        if self == Self::default() { DEMO } else { self }
    }

    fn each(&self) -> [(u32, &'static str); 7] {
        [
            (self.hotels, "hotels"),
            (self.users, "users"),
            (self.tickets, "tickets"),
            (self.messages, "messages"),
            (self.forms, "forms"),
            (self.entries, "entries"),
            (self.emails, "emails"),
        ]
    }
}

/// `12 hotels, 20 users`
impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let made = self.each().into_iter().filter(|(count, _)| *count > 0);
        let made: Vec<_> = made.map(|(count, kind)| format!("{count} {kind}")).collect();
        f.write_str(&made.join(", "))
    }
}

/// Seeds a database as its owner, with a bar on the terminal. Answers whom to sign in as, if users were made.
///
/// # Errors
/// A sentence that says what to do.
pub async fn run(owner: &PgConnectOptions, counts: &Counts, elsewhere: bool) -> Result<Option<Credentials>, Error> {
    if !elsewhere && !is_on_this_machine(owner) {
        return Err(format!(
            "{} is not this machine: made-up rows cannot be told from real ones afterwards, and seeded users have a \
             password that everybody knows. If that is what you want there: --yes",
            owner.get_host()
        )
        .into());
    }
    let mut db = PgConnection::connect_with(owner).await?;
    // It hides itself where standard error is no terminal.
    let bar = ProgressBar::new(counts.each().iter().map(|(count, _)| u64::from(*count)).sum());
    bar.set_style(ProgressStyle::with_template("{msg:10} {wide_bar} {human_pos}/{human_len}  {eta}")?);
    bar.enable_steady_tick(Duration::from_millis(200));
    let result = insert(&mut db, counts, &bar).await;
    bar.finish_and_clear();
    let credentials = result?;
    db.close().await?;
    Ok(credentials)
}

/// The same on a connection of the owner's, in silence.
///
/// # Errors
/// A sentence that says what to do.
pub async fn fill(db: &mut PgConnection, counts: &Counts) -> Result<Option<Credentials>, Error> {
    insert(db, counts, &ProgressBar::hidden()).await
}

async fn insert(db: &mut PgConnection, counts: &Counts, bar: &ProgressBar) -> Result<Option<Credentials>, Error> {
    check(db, counts).await?;
    let mut invention = Invention::new()?;

    bar.set_message("hotels");
    for size in batches(counts.hotels) {
        let hotels: Vec<_> = (0..size).map(|_| invention.hotel()).collect();
        queries::insert_hotels(db, &hotels).await?;
        bar.inc(size.into());
    }

    bar.set_message("users");
    let mut credentials = None;
    if counts.users > 0 {
        let hash = password::hash(PASSWORD.to_owned()).await.map_err(|_| "the password could not be hashed")?;
        for size in batches(counts.users) {
            let ids = queries::next_user_ids(db, size.into()).await?;
            // One in twenty has left; never the first, who is whom to sign in as.
            let users = ids.into_iter().enumerate().map(|(n, id)| invention.user(id, &hash, n % 20 != 19));
            let users: Vec<_> = users.collect();
            queries::insert_users(db, &users).await?;
            let first = users.into_iter().next();
            credentials = credentials
                .or_else(|| first.map(|user| Credentials { email: user.email, password: PASSWORD.to_owned() }));
            bar.inc(size.into());
        }
    }

    let people = queries::select_seeded_users(db, USERS).await?;
    bar.set_message("tickets");
    for size in batches(counts.tickets) {
        let tickets: Vec<_> = (0..size).map(|_| invention.ticket(&people)).collect();
        queries::insert_tickets(db, &tickets).await?;
        bar.inc(size.into());
    }
    bar.set_message("messages");
    for size in batches(counts.messages) {
        let messages: Vec<_> = (0..size).map(|_| invention.message(&people)).collect();
        queries::insert_messages(db, &messages).await?;
        bar.inc(size.into());
    }

    bar.set_message("forms");
    for size in batches(counts.forms) {
        let forms: Vec<_> = (0..size).map(|_| invention.form()).collect();
        queries::insert_forms(db, &forms).await?;
        bar.inc(size.into());
    }
    let forms = queries::select_seeded_forms(db, &words::forms(), FORMS).await?;
    bar.set_message("entries");
    for size in batches(counts.entries) {
        let entries: Vec<_> = (0..size).map(|_| invention.entry(&forms)).collect();
        queries::insert_entries(db, &entries).await?;
        bar.inc(size.into());
    }

    bar.set_message("emails");
    for size in batches(counts.emails) {
        let emails: Vec<_> = (0..size).map(|_| invention.email()).collect();
        queries::insert_emails(db, &emails).await?;
        bar.inc(size.into());
    }

    bar.set_message("statistics");
    queries::vacuum(db).await?;
    Ok(credentials)
}

/// What a row belongs to has to be there first.
async fn check(db: &mut PgConnection, counts: &Counts) -> Result<(), Error> {
    let people = queries::select_seeded_users(db, USERS).await.map_err(explain)?.len() + counts.users as usize;
    let forms = queries::select_seeded_forms(db, &words::forms(), FORMS).await?.len() + counts.forms as usize;
    if counts.messages > 0 && people < 2 {
        return Err("messages go from one seeded user to another, and there are not two: add --users 2".into());
    }
    if counts.tickets > 0 && people == 0 {
        return Err("tickets belong to seeded users, and there are none: add --users 1".into());
    }
    if counts.entries > 0 && forms == 0 {
        return Err("entries belong to seeded forms, and there are none: add --forms 1".into());
    }
    Ok(())
}

/// The sizes of the batches that make up so many rows.
fn batches(count: u32) -> impl Iterator<Item = u32> {
    (0..count).step_by(BATCH as usize).map(move |done| BATCH.min(count - done))
}

#[cfg(test)]
mod tests {
    use super::{Counts, DEMO, batches};

    #[test]
    fn batches_add_up_to_the_count() {
        assert_eq!(batches(0).count(), 0);
        assert_eq!(batches(10_000).collect::<Vec<_>>(), [10_000]);
        assert_eq!(batches(20_001).collect::<Vec<_>>(), [10_000, 10_000, 1]);
    }

    #[test]
    fn without_a_count_there_is_a_small_set() {
        assert_eq!(Counts::default().or_demo(), DEMO);
        assert_eq!(Counts { hotels: 2, entries: 1, ..Counts::default() }.or_demo().to_string(), "2 hotels, 1 entries");
    }
}
