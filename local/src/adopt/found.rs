//! What a database turns out to be, before anything is written: the original's or not, which form of it, how much there is,
//! and what in it our rules would not have let in.

use std::fmt;

use indicatif::{HumanBytes, HumanCount};
use sqlx::{AssertSqlSafe, PgConnection, postgres::PgConnectOptions};
use toolbox::tools::Error;

use super::steps::{Step, steps};

/// The oldest PostgreSQL that the platform runs on.
const OLDEST_SERVER: i32 = 14;
/// How many ids a line of the report has.
const IDS: usize = 5;

/// A table of the original, and the migration that adopts it. Of its columns those that end in `null` may be null, and those
/// that begin with `?` are not in every form of it.
struct Table {
    name: &'static str,
    version: i64,
    columns: &'static [&'static str],
}

const TABLES: &[Table] = &[
    Table {
        name: "users_customuser",
        version: 2,
        columns: &[
            "id bigint",
            "password character varying(128)",
            "last_login timestamp with time zone null",
            "is_superuser boolean",
            "username character varying(150)",
            "first_name character varying(150)",
            "last_name character varying(150)",
            "is_staff boolean",
            "is_active boolean",
            "date_joined timestamp with time zone",
            "email character varying(254)",
            "phone character varying(20) null",
            "is_admin boolean",
            "created_at timestamp with time zone",
            "updated_at timestamp with time zone",
        ],
    },
    Table {
        name: "hotels_hotel",
        version: 3,
        columns: &[
            "id bigint",
            "name character varying(255)",
            "description text null",
            "city character varying(100)",
            "address character varying(255)",
            "phone character varying(20)",
            "email character varying(254)",
            "price_per_night numeric(10,2)",
            "rating double precision",
            "rooms_count integer",
            "available_rooms integer",
            "is_active boolean",
            "?image character varying(100) null",
            "?image_base64 text null",
            "?image_size integer",
            "?image_type character varying(50) null",
            "created_at timestamp with time zone",
            "updated_at timestamp with time zone",
        ],
    },
    Table {
        name: "tickets_ticket",
        version: 4,
        columns: &[
            "id bigint",
            "title character varying(255)",
            "description text",
            "status character varying(20)",
            "?priority character varying(20)",
            "user_id bigint",
            "created_at timestamp with time zone",
            "updated_at timestamp with time zone",
        ],
    },
    Table {
        name: "messaging_message",
        version: 5,
        columns: &[
            "id bigint",
            "content text",
            "is_read boolean",
            "sender_id bigint",
            "recipient_id bigint",
            "created_at timestamp with time zone",
            "updated_at timestamp with time zone",
        ],
    },
    Table {
        name: "emails_email",
        version: 6,
        columns: &[
            "id bigint",
            "recipient character varying(254)",
            "subject character varying(255)",
            "body text",
            "is_sent boolean",
            "created_at timestamp with time zone",
            "sent_at timestamp with time zone null",
        ],
    },
    Table {
        name: "forms_form",
        version: 7,
        columns: &[
            "id bigint",
            "title character varying(255)",
            "description text null",
            "fields jsonb",
            "is_active boolean",
            "created_at timestamp with time zone",
            "updated_at timestamp with time zone",
        ],
    },
    Table {
        name: "entries_entry",
        version: 7,
        columns: &[
            "id bigint",
            "form_id bigint",
            "data jsonb",
            "created_at timestamp with time zone",
            "updated_at timestamp with time zone",
        ],
    },
];

/// What the original let in and this platform would not, or treats in another way.
struct Oddity {
    table: &'static str,
    /// Only where the table has it.
    column: &'static str,
    rows: &'static str,
    what: &'static str,
}

const ODDITIES: &[Oddity] = &[
    Oddity {
        table: "users_customuser",
        column: "email",
        rows: r#"lower(email collate "C") in (
                    select lower(email collate "C") from users_customuser group by 1 having count(*) > 1
                )"#,
        what: "accounts whose addresses differ only by case: each keeps its own and signs in with it as it is written",
    },
    Oddity {
        table: "users_customuser",
        column: "email",
        rows: r#"email <> lower(email collate "C")"#,
        what: "addresses with capitals: they stay as they are, and case does not matter at the sign-in",
    },
    Oddity {
        table: "users_customuser",
        column: "password",
        rows: "password = '' or password like '!%'",
        what: "accounts without a password: nobody signs in until a new one is set (\"forgot password\")",
    },
    Oddity {
        table: "users_customuser",
        column: "password",
        rows: r"password <> '' and password not like '!%'
                and password !~ '^(pbkdf2_sha256|argon2|bcrypt_sha256|scrypt)\$'",
        what: "passwords in a form that cannot be checked here: a new one has to be set (\"forgot password\")",
    },
    Oddity {
        table: "users_customuser",
        column: "is_superuser",
        rows: "is_superuser and not is_admin",
        what: "superusers who are no administrators: they become administrators",
    },
    Oddity {
        table: "users_customuser",
        column: "phone",
        rows: "phone is null",
        what: "accounts without a phone (null): it becomes empty",
    },
    Oddity {
        table: "hotels_hotel",
        column: "price_per_night",
        rows: "price_per_night < 0",
        what: "negative prices: they stay; changing such a hotel asks for a price first",
    },
    Oddity {
        table: "hotels_hotel",
        column: "rating",
        rows: "not rating between 0 and 5",
        what: "ratings outside of 0 to 5: they stay; changing such a hotel asks for a rating first",
    },
    Oddity {
        table: "hotels_hotel",
        column: "rooms_count",
        rows: "rooms_count < 0 or available_rooms < 0",
        what: "negative numbers of rooms: they stay; changing such a hotel asks for a number first",
    },
    Oddity {
        table: "hotels_hotel",
        column: "rooms_count",
        rows: "rooms_count <> 0 and available_rooms > rooms_count",
        what: "hotels with more rooms free than there are: they stay; changing one asks for the numbers first",
    },
    Oddity {
        table: "hotels_hotel",
        column: "description",
        rows: "description is null",
        what: "hotels without a description (null): it becomes empty",
    },
    Oddity {
        table: "hotels_hotel",
        column: "image_base64",
        rows: "image_base64 <> ''",
        what: "photos in the database: `cargo local adopt images` stores them afterwards",
    },
    Oddity {
        table: "hotels_hotel",
        column: "image",
        rows: "image <> ''",
        what: "photos in the media folder: `cargo local adopt images --media FOLDER` stores them afterwards",
    },
    Oddity {
        table: "tickets_ticket",
        column: "status",
        rows: "status not in ('open', 'in_progress', 'closed')",
        what: "tickets with a status of their own: it stays; changing such a ticket asks for a status first",
    },
    Oddity {
        table: "tickets_ticket",
        column: "priority",
        rows: "priority not in ('low', 'medium', 'high')",
        what: "tickets with a priority of their own: it stays; their status can be changed, the rest asks for a priority",
    },
    Oddity {
        table: "messaging_message",
        column: "sender_id",
        rows: "sender_id = recipient_id",
        what: "messages to oneself: they are listed as sent",
    },
    Oddity {
        table: "emails_email",
        column: "is_sent",
        rows: "not is_sent",
        what: "e-mails that were not sent: they are parked as cancelled and will not be sent; an administrator can retry one",
    },
    Oddity {
        table: "emails_email",
        column: "sent_at",
        rows: "is_sent and sent_at is null",
        what: "e-mails that were sent at no known time: it becomes the time at which they were written",
    },
    Oddity {
        table: "emails_email",
        column: "sent_at",
        rows: "not is_sent and sent_at is not null",
        what: "e-mails with a time of sending that were not sent: it is noted beside the mail",
    },
    Oddity {
        table: "forms_form",
        column: "description",
        rows: "description is null",
        what: "forms without a description (null): it becomes empty",
    },
    Oddity {
        table: "forms_form",
        column: "fields",
        rows: "jsonb_typeof(fields) <> 'array' or fields = '[]'",
        what: "forms whose fields are no list, or an empty one: they are shown, and take no entries until they are given fields",
    },
    Oddity {
        table: "entries_entry",
        column: "data",
        rows: "jsonb_typeof(data) <> 'object'",
        what: "entries that are no set of answers: they are shown as they are",
    },
];

/// A database of the original's, or what remains of it to be adopted.
#[derive(Clone, Debug)]
pub struct Found {
    place: String,
    server: String,
    newer: bool,
    /// What is adopted already; 0 is nothing.
    pub version: i64,
    /// Table, rows, bytes.
    tables: Vec<(&'static str, i64, i64)>,
    /// What, how many, and the first ids.
    pub oddities: Vec<(&'static str, i64, Vec<i64>)>,
}

/// What a database is.
#[derive(Clone, Debug)]
pub enum Finding {
    /// The original's, all of it or the part that an adoption has not come to.
    Original(Found),
    /// Adopted already.
    Adopted,
}

/// Finds out. Nothing is written.
///
/// # Errors
/// Every reason why this is no database that could be adopted.
pub async fn examine(db: &mut PgConnection, options: &PgConnectOptions) -> Result<Finding, Error> {
    let version = migrate::version(db).await?;
    if !migrate::is_original(db).await? {
        return if !has_table(db, "users_customuser").await? {
            Err("there is no table users_customuser: this is not the original's database (is it another one on the same \
                 server?). An empty database needs no adoption: cargo local migrate"
                .into())
        } else if has_column(db, "users_customuser", "is_superuser").await? {
            Ok(Finding::Adopted)
        } else {
            Err("this database was made by this platform, not by the original: cargo local migrate".into())
        };
    }
    let pending: Vec<&Table> = TABLES.iter().filter(|table| table.version > version).collect();
    let mut reasons = Vec::new();
    for table in &pending {
        reasons.extend(differences(db, table).await?);
    }
    if !reasons.is_empty() {
        return Err(
            format!("this is not a database of the original as it is known:\n  {}", reasons.join("\n  ")).into()
        );
    }
    let reasons = obstacles(db, &pending).await?;
    if !reasons.is_empty() {
        return Err(format!("this login cannot adopt the database:\n  {}", reasons.join("\n  ")).into());
    }

    let mut tables = Vec::new();
    for name in TABLES.iter().map(|table| current_name(table.name, table.version <= version)) {
        let select = format!("select (select count(*) from {name}), pg_total_relation_size('{name}')");
        let (rows, bytes) = sqlx::query_as(AssertSqlSafe(select)).fetch_one(&mut *db).await?;
        tables.push((name, rows, bytes));
    }
    let mut oddities = Vec::new();
    for Oddity { table, column, rows, what } in ODDITIES {
        if pending.iter().any(|pending| pending.name == *table) && has_column(db, table, column).await? {
            let select = format!(
                "select count(*), coalesce((array_agg(id order by id))[1:{IDS}], '{{}}') from {table} where {rows}"
            );
            let (count, ids) = sqlx::query_as(AssertSqlSafe(select)).fetch_one(&mut *db).await?;
            if count > 0 {
                oddities.push((*what, count, ids));
            }
        }
    }
    let name = options.get_database().unwrap_or_else(|| options.get_username());
    Ok(Finding::Original(Found {
        place: format!("{name} on {}:{}", options.get_host(), options.get_port()),
        server: sqlx::query_scalar("show server_version").fetch_one(&mut *db).await?,
        newer: has_column(db, "hotels_hotel", "image_base64").await?,
        version,
        tables,
        oddities,
    }))
}

/// The adopted table of messages has another name.
fn current_name(name: &'static str, adopted: bool) -> &'static str {
    if adopted && name == "messaging_message" { "messages_message" } else { name }
}

/// The rows of every table of the original, by our names once it is adopted.
///
/// # Errors
/// Where the database does not answer.
pub async fn count_rows(db: &mut PgConnection) -> Result<Vec<(&'static str, i64)>, Error> {
    let mut counts = Vec::new();
    for table in TABLES {
        let name = current_name(table.name, true);
        let select = format!("select count(*) from {name}");
        counts.push((name, sqlx::query_scalar(AssertSqlSafe(select)).fetch_one(&mut *db).await?));
    }
    Ok(counts)
}

async fn has_table(db: &mut PgConnection, table: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar("select to_regclass($1) is not null").bind(table).fetch_one(db).await
}

async fn has_column(db: &mut PgConnection, table: &str, column: &str) -> sqlx::Result<bool> {
    let select = "select exists (
        select from pg_attribute where attrelid = to_regclass($1) and attname = $2 and not attisdropped
    )";
    sqlx::query_scalar(select).bind(table).bind(column).fetch_one(db).await
}

/// How a table differs from the original's.
async fn differences(db: &mut PgConnection, table: &Table) -> sqlx::Result<Vec<String>> {
    let Table { name, columns, .. } = table;
    if !has_table(db, name).await? {
        return Ok(vec![format!("there is no table {name}")]);
    }
    let select = "
        select
            attname || ' ' || format_type(atttypid, atttypmod) || case when attnotnull then '' else ' null' end,
            attname::text,
            attnotnull and not atthasdef and attidentity = ''
        from pg_attribute
        where attrelid = to_regclass($1) and attnum > 0 and not attisdropped
    ";
    let found: Vec<(String, String, bool)> = sqlx::query_as(select).bind(name).fetch_all(db).await?;
    let mut differences = Vec::new();
    for column in *columns {
        let (expected, may_be_missing) = match column.strip_prefix('?') {
            Some(column) => (column, true),
            None => (*column, false),
        };
        let called = expected.split(' ').next().unwrap_or_default();
        match found.iter().find(|(_, found, _)| found == called) {
            None if !may_be_missing => differences.push(format!("{name} has no column {called}")),
            Some((found, ..)) if found != expected => {
                differences.push(format!("{name} has a column \"{found}\" where the original has \"{expected}\""));
            }
            _ => {}
        }
    }
    let known = |column: &str| {
        columns.iter().any(|known| known.trim_start_matches('?').split(' ').next().is_some_and(|known| known == column))
    };
    // New rows could not be written: nobody would fill it in.
    let more = found.iter().filter(|(_, column, needs_a_value)| *needs_a_value && !known(column));
    differences.extend(more.map(|(found, ..)| format!("{name} has a column \"{found}\" without a default")));
    Ok(differences)
}

/// What this login lacks on this server.
async fn obstacles(db: &mut PgConnection, pending: &[&Table]) -> sqlx::Result<Vec<String>> {
    let mut obstacles = Vec::new();
    let version: i32 =
        sqlx::query_scalar("select current_setting('server_version_num')::int / 10000").fetch_one(&mut *db).await?;
    if version < OLDEST_SERVER {
        obstacles.push(format!("the server is PostgreSQL {version}: {OLDEST_SERVER} or later is needed"));
    }
    let tables: Vec<&str> = pending.iter().map(|table| table.name).collect();
    let select = "
        select relname::text
        from pg_class
        where oid = any (select to_regclass(name) from unnest($1::text[]) as name)
            and not pg_has_role(current_user, relowner, 'usage')
    ";
    let foreign: Vec<String> = sqlx::query_scalar(select).bind(&tables).fetch_all(&mut *db).await?;
    if !foreign.is_empty() {
        obstacles.push(format!("it does not own {}: use the login that owns the tables", foreign.join(", ")));
    }
    for (may, what) in [
        (
            "select has_schema_privilege('public', 'create')",
            "it may not make tables in the schema public: grant create on schema public to it",
        ),
        (
            "select has_database_privilege(current_database(), 'create')
                or (select count(*) = 2 from pg_extension where extname in ('pg_trgm', 'unaccent'))",
            "it may not install pg_trgm and unaccent: grant create on the database to it, or have them installed",
        ),
        (
            "select exists (select from pg_roles where rolname = 'red_app')
                or (select rolcreaterole or rolsuper from pg_roles where rolname = current_user)",
            "it may not make the role red_app, which functions use: have somebody `create role red_app nologin`",
        ),
    ] {
        if !sqlx::query_scalar::<_, bool>(may).fetch_one(&mut *db).await? {
            obstacles.push(what.to_owned());
        }
    }
    Ok(obstacles)
}

/// The report.
impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = if self.newer { "newer" } else { "older" };
        writeln!(f, "The original's database {}, PostgreSQL {}, in its {form} form", self.place, self.server)?;
        if self.version > 0 {
            writeln!(f, "An adoption has stopped after step {}: it goes on from there", self.version)?;
        }
        writeln!(f, "\n  {:20} {:>12} {:>12}", "table", "rows", "size")?;
        for (name, rows, bytes) in &self.tables {
            let (rows, bytes) = (HumanCount(rows.unsigned_abs()), HumanBytes(bytes.unsigned_abs()));
            writeln!(f, "  {name:20} {:>12} {:>12}", rows.to_string(), bytes.to_string())?;
        }
        writeln!(f, "\nWorth knowing{}", if self.oddities.is_empty() { ": nothing" } else { "" })?;
        for (what, count, ids) in &self.oddities {
            let ids: Vec<_> = ids.iter().map(i64::to_string).collect();
            let more = if *count > i64::try_from(ids.len()).unwrap_or(i64::MAX) { " …" } else { "" };
            writeln!(f, "  {} × {what}\n      ids {}{more}", HumanCount(count.unsigned_abs()), ids.join(", "))?;
        }
        writeln!(f, "\nWhat is to be done, each step whole or not at all")?;
        for Step { version, name, locks } in steps(self.version) {
            let locks = if locks.is_empty() { String::new() } else { format!("locks {}", locks.join(", ")) };
            writeln!(f, "  {version:4} {name:14} {locks}")?;
        }
        writeln!(
            f,
            "\nNo row is deleted. Django's own tables stay as they are, and so do columns that only Django reads."
        )
    }
}
