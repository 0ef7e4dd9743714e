//! Lists: `?page=`, `?page_size=`, `?search=`, `?ordering=` and a resource's filters, in one statement: how many rows there
//! are, and those of the page. `count` is exact, and a page that does not exist is known before its rows are looked for.

use std::collections::HashSet;

use axum::extract::FromRequestParts;
use futures_util::TryStreamExt;
use http::request::Parts;
use serde::Serialize;
use sqlx::{FromRow, Postgres, QueryBuilder, Row, postgres::PgRow};

use crate::{
    auth::CurrentUser,
    characters::is_invisible,
    cut::{self, Listed},
    db::Conn,
    error::ApiError,
    lambda::Call,
    query::{Filters, Query},
    text::Text,
    throttle,
};

/// The page size of a platform that sets none.
pub const DEFAULT_PAGE_SIZE: u64 = 10;
/// The largest page.
pub const MAX_PAGE_SIZE: u64 = 100;
/// Each term is a condition on every row.
const MAX_SEARCH_TERMS: usize = 10;
/// The characters of a term that are compared. A pasted text of any length finds the rows that contain it.
const MAX_TERM_CHARACTERS: usize = 500;

/// What a resource's list can be asked for.
pub trait Filter: Sized {
    /// The names that `?ordering=` takes, each with its SQL expression. `id` is always among them.
    const ORDERINGS: &'static [(&'static str, &'static str)];
    /// The ordering where none is asked for.
    const DEFAULT_ORDERING: &'static str = "-created_at";
    /// The folded text that `?search=` looks in; the same expression as that of the search index. Where there is none,
    /// `?search=` is ignored.
    const SEARCH: &'static str = "";
    /// Whether [`Filter::SEARCH`] contains a phone number by its digits alone, which then match whatever stands between
    /// the digits of a term.
    const SEARCHES_PHONES: bool = false;
    /// The longest text of a row: see [`crate::cut`].
    const MAX_CHARACTERS: usize = cut::MAX_CHARACTERS;

    /// Reads the resource's own parameters.
    fn read(filters: &mut Filters<'_>) -> Self;
}

/// A request for a page of a list.
#[derive(Debug)]
pub struct List<F> {
    /// The resource's own parameters.
    pub filter: F,
    search: Search,
    /// The account whose searches are limited.
    searcher: Option<i64>,
    order: Vec<(&'static str, Direction)>,
    page: PageNumber,
    size: u64,
    call: Call,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Ascending,
    Descending,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PageNumber {
    Number(u64),
    Last,
}

/// A page of a list, as it is answered.
#[derive(Debug, Serialize)]
pub struct Page<T> {
    /// How many rows there are on all pages.
    pub count: u64,
    /// The absolute URL of the next page.
    pub next: Option<String>,
    /// The absolute URL of the page before.
    pub previous: Option<String>,
    /// The rows.
    pub results: Vec<Listed<T>>,
}

/// What is counted while it is written (`migrations/0010_row_counts.sql`): figures whose sum is the count of a list.
///
/// ```
/// # use shared::list::Counted;
/// # struct ThingFilter { status: Option<String>, color: Option<String> }
/// fn counted(filter: &ThingFilter) -> Option<Counted> {
///     // Every field by name and none by `..`: a new filter that nobody counts by must not compile.
///     let ThingFilter { status, color: None } = filter else { return None };
///     Some(match status {
///         Some(status) => Counted::facets("things", Counted::EVERYBODY, [status]),
///         None => Counted::all("things", Counted::EVERYBODY),
///     })
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Counted {
    counter: &'static str,
    owner: i64,
    facets: Option<Vec<String>>,
}

impl Counted {
    /// The owner of what is counted for everybody together. No row has this id, and no filter can ask for it.
    pub const EVERYBODY: i64 = -1;

    /// All rows of an owner.
    pub fn all(counter: &'static str, owner: i64) -> Self {
        Self { counter, owner, facets: None }
    }

    /// The rows of an owner that are counted under these facets.
    pub fn facets<S: Into<String>>(counter: &'static str, owner: i64, facets: impl IntoIterator<Item = S>) -> Self {
        Self { counter, owner, facets: Some(facets.into_iter().map(Into::into).collect()) }
    }

    fn push(&self, sql: &mut QueryBuilder<Postgres>) {
        sql.push("counted as materialized (select coalesce(sum(n), 0)::bigint from row_count");
        sql.push(format_args!(" where counter = '{}'", self.counter));
        sql.push(" and owner = ").push_bind(self.owner);
        if let Some(facets) = &self.facets {
            sql.push(" and facet = any(").push_bind(facets.clone()).push(")");
        }
        sql.push(")");
    }
}

/// The words of `?search=`. A row must contain all of them.
#[derive(Clone, Debug)]
pub struct Search(Vec<String>);

impl Search {
    /// Reads the parameter.
    #[must_use]
    pub fn read(query: &Query) -> Self {
        let search = query.get("search").unwrap_or_default();
        let mut terms: Vec<String> = Vec::new();
        let mut known = HashSet::new();
        for term in search.split(|c: char| c.is_whitespace() || c == ',') {
            // Pasted text brings invisible characters along, which no row has at the same place.
            let term: String = term.chars().filter(|c| !is_invisible(*c)).take(MAX_TERM_CHARACTERS).collect();
            if !term.is_empty() && known.insert(term.clone()) {
                terms.push(term);
            }
        }
        // The longest words say most about the row. Words of equal length are used in their order.
        terms.sort_by_key(|term| std::cmp::Reverse(term.chars().count()));
        terms.truncate(MAX_SEARCH_TERMS);
        Self(terms)
    }

    /// Adds a condition for each word, with a leading `and`. `text` is the folded text that is searched, and has phone
    /// numbers without their punctuation where `has_phones`.
    pub fn push(&self, sql: &mut QueryBuilder<Postgres>, text: &str, has_phones: bool) {
        for term in &self.0 {
            // A pattern by "select" is made once, and not for each row.
            sql.push(format_args!(" and ({text} like (select search_pattern("));
            sql.push_bind(term.clone()).push("))");
            if let Some(digits) = digits_of_phone(term).filter(|_| has_phones) {
                sql.push(format_args!(" or {text} like (select search_pattern("));
                sql.push_bind(digits).push("))");
            }
            sql.push(")");
        }
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<F: Filter> List<F> {
    /// Selects the page: of the rows of `table` that meet `conditions` (each pushed with a leading `and`) and the search,
    /// the `columns`.
    ///
    /// # Errors
    /// 404 where there is no such page.
    pub async fn select<T>(
        &self,
        db: &mut Conn,
        table: &str,
        columns: impl Fn(&mut QueryBuilder<Postgres>),
        conditions: impl Fn(&mut QueryBuilder<Postgres>),
    ) -> Result<Page<T>, ApiError>
    where
        T: for<'r> FromRow<'r, PgRow> + Serialize + Send + Unpin,
    {
        self.select_counted(db, table, None, columns, conditions).await
    }

    /// The same, with a count that costs the same for ten rows and for a million: that of the figures `counted`, which
    /// have to count exactly the rows that meet `conditions`. Where there are none, or a search, the rows are counted.
    ///
    /// A debug build, which every test is, counts the rows in any case, and fails where the figures say otherwise.
    ///
    /// # Errors
    /// 404 where there is no such page.
    pub async fn select_counted<T>(
        &self,
        db: &mut Conn,
        table: &str,
        counted: Option<Counted>,
        columns: impl Fn(&mut QueryBuilder<Postgres>),
        conditions: impl Fn(&mut QueryBuilder<Postgres>),
    ) -> Result<Page<T>, ApiError>
    where
        T: for<'r> FromRow<'r, PgRow> + Serialize + Send + Unpin,
    {
        let from = |sql: &mut QueryBuilder<Postgres>| {
            sql.push(format_args!(" from {table} where true"));
            conditions(sql);
        };
        if let Some(user) = self.searcher {
            throttle::count(db, &[(throttle::SEARCHES, user.to_string())]).await?;
        }
        let counted = counted.filter(|_| self.search.is_empty());
        let recount = cfg!(debug_assertions) && counted.is_some();

        let mut sql = QueryBuilder::new("with ");
        match &counted {
            Some(counted) => counted.push(&mut sql),
            None => self.push_matched(&mut sql, from),
        }
        sql.push(" select ");
        columns(&mut sql);
        sql.push(", (table counted) as list_count");
        if recount {
            sql.push(", (select count(*)");
            from(&mut sql);
            sql.push(") as list_recount");
        }
        from(&mut sql);
        if counted.is_some() {
            self.push_page(&mut sql, |_, expression| expression.to_owned());
        } else {
            // With the conditions once more: in messages_box one id is two rows, each of another owner.
            sql.push(" and id = any(array(select id from matched where true");
            self.push_page(&mut sql, |n, _| format!("order_{n}"));
            sql.push(format_args!(")) order by {}", self.order_by(|_, expression| expression.to_owned())));
        }
        let (mut count, mut recounted) = (0_i64, None);
        let mut results = Vec::new();
        // One row at a time: rows of an adopted database may be larger than a page of cut ones.
        let mut rows = sql.build().fetch(db);
        while let Some(row) = rows.try_next().await? {
            if results.is_empty() {
                count = row.try_get("list_count")?;
                recounted = if recount { Some(row.try_get::<i64, _>("list_recount")?) } else { None };
            }
            results.push(Listed::new(T::from_row(&row)?, F::MAX_CHARACTERS).map_err(ApiError::internal)?);
        }
        drop(rows);
        if self.page == PageNumber::Last {
            results.reverse();
        }

        // Without a row there is no such page, or nothing to list.
        if recounted.is_some_and(|recounted| recounted != count) {
            return Err(ApiError::internal(format!("{counted:?} is {count}, which is not how many rows there are")));
        }
        let count = count.unsigned_abs();
        let pages = count.div_ceil(self.size).max(1);
        let page = match self.page {
            PageNumber::Last => pages,
            PageNumber::Number(number) if number <= pages => number,
            PageNumber::Number(_) => return Err(ApiError::NotFound(Text::InvalidPage)),
        };
        Ok(Page {
            count,
            next: (page < pages).then(|| self.url(page + 1)),
            previous: (page > 1).then(|| self.url(page - 1)),
            results,
        })
    }

    /// The rows that nobody has counted: found once, to be counted and to be sorted. Found twice, PostgreSQL would have to
    /// guess how many there are, which it does badly for what it does not know yet.
    fn push_matched(&self, sql: &mut QueryBuilder<Postgres>, from: impl Fn(&mut QueryBuilder<Postgres>)) {
        sql.push("matched as materialized (select id");
        for (n, (expression, _)) in self.order.iter().enumerate() {
            sql.push(format_args!(", {expression} as order_{n}"));
        }
        from(sql);
        self.search.push(sql, F::SEARCH, F::SEARCHES_PHONES);
        sql.push("), counted as materialized (select count(*) from matched)");
    }

    /// The rows of the page, of all those that are listed. `name` says what an expression of the order is called there.
    fn push_page(&self, sql: &mut QueryBuilder<Postgres>, name: impl Fn(usize, &str) -> String) {
        let order = self.order_by(name);
        match self.page {
            PageNumber::Number(number) => {
                let offset = number.saturating_sub(1).saturating_mul(self.size);
                let offset = i64::try_from(offset).unwrap_or(i64::MAX);
                // Asked once, before any row is: a page behind the last one costs no more than the count.
                sql.push(" and (table counted) > ").push_bind(offset);
                sql.push(format_args!(" order by {order} limit {} offset ", self.size)).push_bind(offset);
            }
            // From its end, so that nobody walks past all the others.
            PageNumber::Last => {
                sql.push(format_args!(" order by {order}"));
                sql.push(format_args!(" limit (select (n - 1) % {} + 1 from counted as list (n))", self.size));
            }
        }
    }

    /// What the rows are selected by: the last page's from its end.
    fn order_by(&self, name: impl Fn(usize, &str) -> String) -> String {
        let backwards = self.page == PageNumber::Last;
        let term = |(n, (expression, direction)): (usize, &(&str, Direction))| match (direction, backwards) {
            (Direction::Ascending, false) | (Direction::Descending, true) => name(n, expression),
            (Direction::Descending, false) | (Direction::Ascending, true) => name(n, expression) + " desc",
        };
        self.order.iter().enumerate().map(term).collect::<Vec<_>>().join(", ")
    }

    fn url(&self, page: u64) -> String {
        let query = self.call.query.of_page(page);
        let separator = if query.is_empty() { "" } else { "?" };
        format!("{}{}{separator}{query}", self.call.origin, self.call.path)
    }
}

/// Ties are broken by id, in the direction of the last term: the index that serves the ordering then serves it backwards
/// too.
fn ordering<F: Filter>(query: &Query) -> Vec<(&'static str, Direction)> {
    let mut order = terms_of_ordering::<F>(query.get("ordering").unwrap_or_default());
    if order.is_empty() {
        order = terms_of_ordering::<F>(F::DEFAULT_ORDERING);
    }
    if !order.iter().any(|(expression, _)| *expression == "id") {
        order.push(("id", order.last().map_or(Direction::Ascending, |(_, direction)| *direction)));
    }
    order
}

fn terms_of_ordering<F: Filter>(ordering: &str) -> Vec<(&'static str, Direction)> {
    let mut terms: Vec<(&'static str, Direction)> = Vec::new();
    for term in ordering.split(',').map(str::trim) {
        let (name, direction) = match term.strip_prefix('-') {
            Some(name) => (name, Direction::Descending),
            None => (term, Direction::Ascending),
        };
        let known = F::ORDERINGS.iter().chain(&[("id", "id")]).find(|(known, _)| *known == name);
        if let Some((_, expression)) = known
            && !terms.iter().any(|(earlier, _)| earlier == expression)
        {
            terms.push((expression, direction));
        }
    }
    terms
}

/// The digits of a term that looks like a part of a phone number with hyphens, dots or brackets.
fn digits_of_phone(term: &str) -> Option<String> {
    let is_of_phones = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | '(' | ')');
    let digits: String = term.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    let is_shorter = digits.len() < term.len() && digits.contains(|c: char| c.is_ascii_digit());
    (is_shorter && term.chars().all(is_of_phones)).then_some(digits)
}

fn page_number(query: &Query) -> Result<PageNumber, ApiError> {
    match query.get("page").map(str::trim) {
        None => Ok(PageNumber::Number(1)),
        Some("last") => Ok(PageNumber::Last),
        Some(number) => match number.parse() {
            Ok(number) if number > 0 => Ok(PageNumber::Number(number)),
            _ => Err(ApiError::NotFound(Text::InvalidPage)),
        },
    }
}

fn page_size(query: &Query, default: u64) -> u64 {
    match query.get("page_size").map(str::trim) {
        Some(size) if !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_digit()) => {
            match size.parse().unwrap_or(u64::MAX) {
                0 => default,
                size => size.min(MAX_PAGE_SIZE),
            }
        }
        _ => default,
    }
}

impl<S: Sync, F: Filter> FromRequestParts<S> for List<F> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let call = Call::from_request_parts(parts, state).await?;
        let query = &call.query;
        let mut filters = Filters::new(query);
        let filter = F::read(&mut filters);
        filters.finish()?;
        let search = if F::SEARCH.is_empty() { Search(Vec::new()) } else { Search::read(query) };
        let user = parts.extensions.get::<CurrentUser>().filter(|user| !user.is_admin && !search.is_empty());
        Ok(Self {
            filter,
            search,
            searcher: user.map(|user| user.id),
            order: ordering::<F>(query),
            page: page_number(query)?,
            size: page_size(query, call.page_size),
            call,
        })
    }
}
