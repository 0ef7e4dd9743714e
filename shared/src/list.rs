//! Lists: `?page=`, `?page_size=`, `?search=`, `?ordering=` and a resource's filters, in two statements (how many, and
//! which), so that `count` is exact and a page that does not exist is known before its rows are looked for.

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::Serialize;
use sqlx::{FromRow, Postgres, QueryBuilder, postgres::PgRow};

use crate::{
    db::Conn,
    error::ApiError,
    lambda::Call,
    query::{Filters, Query},
    text::Text,
};

const DEFAULT_PAGE_SIZE: u64 = 10;
const MAX_PAGE_SIZE: u64 = 100;
/// Longer searches are refused: each term is a condition on every row.
const MAX_SEARCH_CHARACTERS: usize = 500;
const MAX_SEARCH_TERMS: usize = 10;

/// What a resource's list can be asked for.
pub trait Filter: Sized {
    /// The names that `?ordering=` takes, each with its SQL expression. `id` is always among them.
    const ORDERINGS: &'static [(&'static str, &'static str)];
    /// The ordering where none is asked for.
    const DEFAULT_ORDERING: &'static str = "-created_at";
    /// The folded text that `?search=` looks in; the same expression as that of the search index.
    const SEARCH: &'static str;

    /// Reads the resource's own parameters.
    fn read(filters: &mut Filters<'_>) -> Self;
}

/// A request for a page of a list.
#[derive(Debug)]
pub struct List<F> {
    /// The resource's own parameters.
    pub filter: F,
    terms: Vec<String>,
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
    pub results: Vec<T>,
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
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let from = |sql: &mut QueryBuilder<Postgres>| {
            sql.push(format_args!(" from {table} where true"));
            conditions(sql);
            for term in &self.terms {
                sql.push(format_args!(" and {} like search_pattern(", F::SEARCH)).push_bind(term.as_str()).push(")");
            }
        };

        let mut sql = QueryBuilder::new("select count(*)");
        from(&mut sql);
        let count: i64 = sql.build_query_scalar().fetch_one(&mut *db).await?;
        let count = count.unsigned_abs();
        let pages = count.div_ceil(self.size).max(1);
        let page = match self.page {
            PageNumber::Last => pages,
            PageNumber::Number(number) if (1..=pages).contains(&number) => number,
            PageNumber::Number(_) => return Err(ApiError::NotFound(Text::InvalidPage)),
        };

        let mut sql = QueryBuilder::new("select ");
        columns(&mut sql);
        from(&mut sql);
        let offset = (page - 1) * self.size;
        sql.push(format_args!(" order by {} limit {} offset {offset}", self.order_by(), self.size));
        let results = sql.build_query_as().fetch_all(db).await?;

        Ok(Page {
            count,
            next: (page < pages).then(|| self.url(page + 1)),
            previous: (page > 1).then(|| self.url(page - 1)),
            results,
        })
    }

    /// Ties are broken by id, in the direction of the last term: the index that serves the ordering then serves it
    /// backwards too.
    fn order_by(&self) -> String {
        let mut order = self.order.clone();
        if !order.iter().any(|(expression, _)| *expression == "id") {
            order.push(("id", order.last().map_or(Direction::Ascending, |(_, direction)| *direction)));
        }
        let term = |(expression, direction): &(&str, Direction)| match direction {
            Direction::Ascending => (*expression).to_owned(),
            Direction::Descending => format!("{expression} desc"),
        };
        order.iter().map(term).collect::<Vec<_>>().join(", ")
    }

    fn url(&self, page: u64) -> String {
        let query = self.call.query.of_page(page);
        let separator = if query.is_empty() { "" } else { "?" };
        format!("{}{}{separator}{query}", self.call.origin, self.call.path)
    }
}

fn ordering<F: Filter>(query: &Query) -> Vec<(&'static str, Direction)> {
    let asked = terms_of_ordering::<F>(query.get("ordering").unwrap_or_default());
    if asked.is_empty() { terms_of_ordering::<F>(F::DEFAULT_ORDERING) } else { asked }
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

fn search_terms(query: &Query) -> Result<Vec<String>, ApiError> {
    let search = query.get("search").unwrap_or_default();
    if search.chars().count() > MAX_SEARCH_CHARACTERS {
        return Err(ApiError::invalid("search", Text::TooLong(MAX_SEARCH_CHARACTERS)));
    }
    let mut terms: Vec<String> = Vec::new();
    for term in search.split(|c: char| c.is_whitespace() || c == ',').filter(|term| !term.is_empty()) {
        if !terms.iter().any(|earlier| earlier == term) {
            terms.push(term.to_owned());
        }
    }
    if terms.len() > MAX_SEARCH_TERMS {
        let text =
            Text::Own { fr: "Cherchez au plus dix mots à la fois.", en: "Search for at most ten words at once." };
        return Err(ApiError::invalid("search", text));
    }
    Ok(terms)
}

fn page_number(query: &Query) -> Result<PageNumber, ApiError> {
    match query.get("page").map(str::trim) {
        None => Ok(PageNumber::Number(1)),
        Some("last") => Ok(PageNumber::Last),
        Some(number) => number.parse().map(PageNumber::Number).map_err(|_| ApiError::NotFound(Text::InvalidPage)),
    }
}

fn page_size(query: &Query) -> u64 {
    match query.get("page_size").map(str::trim) {
        Some(size) if !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_digit()) => {
            match size.parse().unwrap_or(u64::MAX) {
                0 => DEFAULT_PAGE_SIZE,
                size => size.min(MAX_PAGE_SIZE),
            }
        }
        _ => DEFAULT_PAGE_SIZE,
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
        Ok(Self {
            filter,
            terms: search_terms(query)?,
            order: ordering::<F>(query),
            page: page_number(query)?,
            size: page_size(query),
            call,
        })
    }
}
