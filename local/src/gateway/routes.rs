//! Which route takes a request: a tree of path segments, built once from the template.
//!
//! A path that matches in full, variables included, wins over every greedy one; among greedy routes the longest prefix
//! wins; at the same path the request's own method wins over ANY. A route that does not take the method is as good as
//! absent, so a less specific one may still answer.

use http::Method;
use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// The path of a route, as the template writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoutePath {
    /// `$default`, which takes whatever no other route takes.
    Default,
    /// A path made of literal and variable segments.
    Segments(Vec<Segment>),
}

/// What stands between two slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// Exactly this text.
    Literal(String),
    /// `{name}`: any one segment that is not empty.
    Variable(String),
    /// `{name+}`: everything that follows, which may be nothing after the slash. Always last.
    Greedy(String),
}

impl RoutePath {
    pub(super) fn parse(path: &str) -> Result<Self, String> {
        if path == "$default" {
            return Ok(Self::Default);
        }
        let Some(rest) = path.strip_prefix('/') else {
            return Err(format!("the path {path} does not begin with a slash"));
        };
        if rest.ends_with('/') {
            return Err(format!("the path {path} ends in a slash, which SAM drops silently: it would never match"));
        }
        let mut segments = Vec::new();
        for text in rest.split('/') {
            if matches!(segments.last(), Some(Segment::Greedy(_))) {
                return Err(format!("in the path {path} something follows a greedy variable"));
            }
            let variable = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
            let segment = match (variable, variable.and_then(|name| name.strip_suffix('+'))) {
                (_, Some(name)) => Segment::Greedy(name.to_owned()),
                (Some(name), None) => Segment::Variable(name.to_owned()),
                (None, None) => Segment::Literal(text.to_owned()),
            };
            let (Segment::Literal(name) | Segment::Variable(name) | Segment::Greedy(name)) = &segment;
            if name.contains(['{', '}']) || (name.is_empty() && path != "/") {
                return Err(format!("the path {path} has a segment that API Gateway does not accept"));
            }
            segments.push(segment);
        }
        Ok(Self::Segments(segments))
    }

    /// The variables' values in a path that this route matches.
    pub(super) fn parameters<'r>(&'r self, path: &'r str) -> BTreeMap<&'r str, &'r str> {
        let mut values = BTreeMap::new();
        let Self::Segments(segments) = self else {
            return values;
        };
        let mut rest = path.strip_prefix('/').unwrap_or(path);
        for segment in segments {
            let (head, tail) = rest.split_once('/').unwrap_or((rest, ""));
            match segment {
                Segment::Literal(_) => None,
                Segment::Variable(name) => values.insert(name.as_str(), head),
                Segment::Greedy(name) => values.insert(name.as_str(), rest),
            };
            rest = tail;
        }
        values
    }
}

impl fmt::Display for RoutePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Segments(segments) = self else {
            return f.write_str("$default");
        };
        segments.iter().try_for_each(|segment| match segment {
            Segment::Literal(text) => write!(f, "/{text}"),
            Segment::Variable(name) => write!(f, "/{{{name}}}"),
            Segment::Greedy(name) => write!(f, "/{{{name}+}}"),
        })
    }
}

/// Every route's place in the tree, by its index in the template.
#[derive(Debug, Default)]
pub(super) struct RouteTable {
    root: Branch,
    default: Option<usize>,
}

#[derive(Debug, Default)]
struct Branch {
    literals: HashMap<String, Branch>,
    variable: Option<Box<Branch>>,
    here: Takers,
    below: Takers,
}

#[derive(Debug, Default)]
struct Takers {
    methods: HashMap<Method, usize>,
    any: Option<usize>,
}

impl RouteTable {
    /// False when another route has this method and path already.
    pub(super) fn insert(&mut self, method: Option<&Method>, path: &RoutePath, index: usize) -> bool {
        let RoutePath::Segments(segments) = path else {
            return self.default.replace(index).is_none();
        };
        let mut branch = &mut self.root;
        let mut greedy = false;
        for segment in segments {
            match segment {
                Segment::Literal(text) => branch = branch.literals.entry(text.clone()).or_default(),
                Segment::Variable(_) => branch = branch.variable.get_or_insert_default(),
                Segment::Greedy(_) => greedy = true,
            }
        }
        let takers = if greedy { &mut branch.below } else { &mut branch.here };
        match method {
            Some(method) => takers.methods.insert(method.clone(), index).is_none(),
            None => takers.any.replace(index).is_none(),
        }
    }

    pub(super) fn find(&self, method: &Method, path: &str) -> Option<usize> {
        let route = path.strip_prefix('/').and_then(|rest| {
            let segments: Vec<&str> = rest.split('/').collect();
            self.root.full(method, &segments).or_else(|| self.root.greedy(method, &segments))
        });
        route.or(self.default)
    }
}

impl Branch {
    fn full(&self, method: &Method, segments: &[&str]) -> Option<usize> {
        let Some((segment, rest)) = segments.split_first() else {
            return self.here.of(method);
        };
        self.onward(segment).find_map(|branch| branch.full(method, rest))
    }

    fn greedy(&self, method: &Method, segments: &[&str]) -> Option<usize> {
        let (segment, rest) = segments.split_first()?;
        let longer = self.onward(segment).find_map(|branch| branch.greedy(method, rest));
        longer.or_else(|| self.below.of(method))
    }

    fn onward(&self, segment: &str) -> impl Iterator<Item = &Self> {
        let variable = self.variable.as_deref().filter(|_| !segment.is_empty());
        self.literals.get(segment).into_iter().chain(variable)
    }
}

impl Takers {
    fn of(&self, method: &Method) -> Option<usize> {
        self.methods.get(method).copied().or(self.any)
    }
}
