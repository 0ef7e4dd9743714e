//! The outbox. A mail is queued in the transaction of what causes it, so it exists exactly if its cause does; a
//! dispatcher sends it later.
//!
//! Delivery is at least once. A claim is a lease that ends by itself, and it has a number: whoever reports after
//! somebody else has claimed the mail changes nothing. A second copy can reach a reader only where nobody knows what
//! became of the first (its dispatcher died, the answer was lost), and no more than [`MAX_UNKNOWNS`] times. All times
//! are the database's.

use super::Mail;
use crate::{
    db::{Conn, Tx},
    text::Language,
    throttle::Limit,
};

/// A mail is given up after so many attempts that came to nothing.
const MAX_ATTEMPTS: i32 = 12;
/// A mail whose fate is unknown is sent again at most so often.
const MAX_UNKNOWNS: i32 = 3;
/// The first retry comes within so many seconds, each further one within twice as many.
const BACKOFF_SECONDS: f64 = 30.0;
/// No retry waits longer.
const MAX_BACKOFF_SECONDS: f64 = 3600.0;

/// Queues a mail. It leaves only if the transaction commits.
///
/// # Errors
/// When the database does not answer.
pub async fn enqueue(tx: &mut Tx<'_>, recipient: &str, language: Language, mail: &Mail<'_>) -> sqlx::Result<()> {
    let written = mail.written(language).map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query!(
        "insert into emails_email (recipient, subject, body, html, thread) values ($1, $2, $3, $4, $5)",
        recipient,
        written.subject,
        written.text,
        written.html,
        mail.thread(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Queues a mail to every active administrator who wants mail about tickets, in one statement: each in the reader's
/// language, without a greeting by name. The writer gets none, nor does a suppressed address. Each writer causes at most
/// `limit` of these mails for one administrator; further ones are left out.
///
/// # Errors
/// When the database does not answer.
pub async fn enqueue_for_administrators(
    tx: &mut Tx<'_>,
    writer: i64,
    limit: Limit,
    mail: &Mail<'_>,
) -> sqlx::Result<()> {
    let written = |language| mail.written(language).map_err(|error| sqlx::Error::Encode(error.into()));
    let (french, english) = (written(Language::French)?, written(Language::English)?);
    sqlx::query!(
        "
        with counted as materialized (
            select count_attempt(
                array[$9::text], array[($1::bigint)::text], array[$10::float8], array[$11::int], false
            ) is null as is_within_limit
        )
        insert into emails_email (recipient, subject, body, html, thread)
        select
            email,
            case language when 'en' then $5 else $2 end,
            case language when 'en' then $6 else $3 end,
            case language when 'en' then $7 else $4 end,
            $8
        from users_customuser
        where is_admin and is_active and ticket_mail and id <> $1
            and not exists (select from emails_suppression as dead where dead.recipient = address_key(email))
            and (select is_within_limit from counted)
        ",
        writer,
        french.subject,
        french.text,
        french.html,
        english.subject,
        english.text,
        english.html,
        mail.thread(),
        limit.kind,
        f64::from(limit.seconds),
        limit.max,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Queues a mail with a secret in it, which is worth something for so many hours, to an account: for no account it does
/// nothing. Only the dispatcher ever selects the secret, and puts it in the place of [`super::SECRET`].
///
/// # Errors
/// When the database does not answer.
pub async fn enqueue_secret(
    tx: &mut Tx<'_>,
    user_id: i64,
    language: Language,
    mail: &Mail<'_>,
    secret: &str,
    hours: i32,
) -> sqlx::Result<()> {
    let written = mail.written(language).map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query!(
        "
        insert into emails_email (recipient, subject, body, html, secret, expires_at)
        select email, $2, $3, $4, $5, now() + make_interval(hours => $6)
        from users_customuser
        where id = $1
        ",
        user_id,
        written.subject,
        written.text,
        written.html,
        secret,
        hours,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A mail that is to be sent now, by whoever claimed it.
#[derive(Clone)]
pub struct Claimed {
    /// What it is reported under.
    pub claim: Claim,
    /// To whom.
    pub recipient: String,
    /// The subject.
    pub subject: String,
    /// The body as text.
    pub body: String,
    /// The body as HTML, which is stored for the product's own mail alone: it is empty if a person wrote the mail.
    pub html: String,
    /// The conversation that it belongs to.
    pub thread: Option<String>,
    /// What stands in the place of [`super::SECRET`].
    pub secret: Option<String>,
}

/// A mail, and which of its claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The mail's id.
    pub id: i64,
    /// The number of the claim.
    pub number: i32,
}

/// What became of an attempt that did not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setback {
    /// It was not sent. Trying again may help: later, and later each time.
    Transient,
    /// It may have been sent.
    Unknown,
    /// It was not sent, for reasons that have nothing to do with it: this was no attempt.
    Postponed,
}

/// Whether there is anything to claim.
///
/// # Errors
/// When the database does not answer.
pub async fn is_anything_due(db: &mut Conn) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"
        select
            exists (
                select from emails_email
                where status in ('pending', 'sending') and secret is not null and next_attempt_at <= now()
            ) or exists (
                select from emails_email
                where status in ('pending', 'sending') and secret is null and next_attempt_at <= now()
            ) as "due!"
        "#,
    )
    .fetch_one(db)
    .await
}

/// Takes up to `limit` mails that are due, for `lease_seconds`. What another dispatcher is just taking is left to it.
///
/// A mail that is `sending` and due is one whose lease has ended: nobody knows what became of it. A mail that has no
/// reader any more (its link has expired, its address bounced) or whose fate was unknown too often fails here.
///
/// Answers how many were taken, and those among them that are to be sent.
///
/// # Errors
/// When the database does not answer.
pub async fn claim(db: &mut Conn, limit: i64, lease_seconds: f64) -> sqlx::Result<(usize, Vec<Claimed>)> {
    take(db, limit, lease_seconds, true).await
}

/// Fails those of the next `limit` mails that [`claim`] would fail, and takes none. Answers how many.
///
/// # Errors
/// When the database does not answer.
pub async fn bury(db: &mut Conn, limit: i64) -> sqlx::Result<usize> {
    Ok(take(db, limit, 0.0, false).await?.0)
}

async fn take(db: &mut Conn, limit: i64, lease_seconds: f64, live_too: bool) -> sqlx::Result<(usize, Vec<Claimed>)> {
    let rows = sqlx::query!(
        r#"
        with urgent as (
            select id, status, unknowns, recipient, expires_at
            from emails_email
            where status in ('pending', 'sending') and secret is not null and next_attempt_at <= now()
            order by next_attempt_at, id
            limit $1
            for update skip locked
        ),
        other as (
            select id, status, unknowns, recipient, expires_at
            from emails_email
            where status in ('pending', 'sending') and secret is null and next_attempt_at <= now()
            order by next_attempt_at, id
            limit $1 - (select count(*) from urgent)
            for update skip locked
        ),
        due as materialized (
            select id, status, case
                when expires_at <= now() then 'The link in it has expired.'
                when status = 'sending' and unknowns >= $3 then 'Nobody knows what became of it, too often.'
                when exists (select from emails_suppression as dead where dead.recipient = address_key(taken.recipient))
                    then 'The address bounced or complained before.'
            end as reason
            from (select * from urgent union all select * from other) as taken
        )
        update emails_email as mail
        set status = case when reason is null then 'sending' else 'failed' end,
            attempts = attempts + (reason is null)::int,
            unknowns = unknowns + (due.status = 'sending')::int,
            claims = claims + 1,
            next_attempt_at = now() + make_interval(secs => $2),
            secret = case when reason is null then secret end,
            last_error = coalesce(reason, last_error)
        from due
        where mail.id = due.id and ($4 or reason is not null)
        returning mail.id, claims, recipient, subject, body, html, thread, secret, reason is null as "is_live!"
        "#,
        limit,
        lease_seconds,
        MAX_UNKNOWNS,
        live_too,
    )
    .fetch_all(db)
    .await?;
    let taken = rows.len();
    let live = rows.into_iter().filter(|row| row.is_live).map(|row| Claimed {
        claim: Claim { id: row.id, number: row.claims },
        recipient: row.recipient,
        subject: row.subject,
        body: row.body,
        html: row.html,
        thread: row.thread,
        secret: row.secret,
    });
    Ok((taken, live.collect()))
}

/// Records mails as sent, under the ids that the service gave them: as many as have come in.
///
/// # Errors
/// When the database does not answer.
pub async fn complete(db: &mut Conn, sent: &[(Claim, String)]) -> sqlx::Result<()> {
    let ids: Vec<i64> = sent.iter().map(|(claim, _)| claim.id).collect();
    let numbers: Vec<i32> = sent.iter().map(|(claim, _)| claim.number).collect();
    let message_ids: Vec<String> = sent.iter().map(|(_, message_id)| message_id.clone()).collect();
    sqlx::query!(
        "
        update emails_email as mail
        set status = 'sent',
            is_sent = true,
            sent_at = now(),
            message_id = left(done.message_id, 255),
            secret = null,
            last_error = ''
        from unnest($1::bigint[], $2::int[], $3::text[]) as done (id, claims, message_id)
        where mail.id = done.id and mail.claims = done.claims and mail.status = 'sending'
        ",
        &ids,
        &numbers,
        &message_ids,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Puts a mail back, or gives it up where this was once too often. Retries wait for a random part of a time that
/// doubles, so that mails which failed together do not come back together.
///
/// # Errors
/// When the database does not answer.
pub async fn release(db: &mut Conn, claim: Claim, setback: Setback, error: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "
        with told as (
            select
                id,
                attempts - ($3 = 'postponed')::int as attempts,
                unknowns + ($3 = 'unknown')::int as unknowns
            from emails_email
            where id = $1 and claims = $2 and status = 'sending'
            for update
        ),
        judged as (
            select *, $3 <> 'postponed' and (attempts >= $5 or unknowns > $6) as given_up
            from told
        )
        update emails_email as mail
        set status = case when given_up then 'failed' else 'pending' end,
            attempts = judged.attempts,
            unknowns = judged.unknowns,
            secret = case when given_up then null else secret end,
            next_attempt_at = now() + case
                when $3 = 'postponed' then interval '1 second' + random() * interval '1 second'
                else random() * make_interval(secs => least($8, $7 * 2 ^ greatest(judged.attempts - 1, 0)))
            end,
            last_error = coalesce(nullif($4, ''), last_error)
        from judged
        where mail.id = judged.id
        ",
        claim.id,
        claim.number,
        setback.name(),
        error,
        MAX_ATTEMPTS,
        MAX_UNKNOWNS,
        BACKOFF_SECONDS,
        MAX_BACKOFF_SECONDS,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Gives a mail up: no retry would help it.
///
/// # Errors
/// When the database does not answer.
pub async fn fail(db: &mut Conn, claim: Claim, error: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "
        update emails_email
        set status = 'failed', secret = null, last_error = $3
        where id = $1 and claims = $2 and status = 'sending'
        ",
        claim.id,
        claim.number,
        error,
    )
    .execute(db)
    .await?;
    Ok(())
}

impl Setback {
    fn name(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::Unknown => "unknown",
            Self::Postponed => "postponed",
        }
    }
}
