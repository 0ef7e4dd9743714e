//! Routes are data: method, path, access, handler. A function's router is built from that list, and so are the tests
//! that call every route as every kind of caller and that compare the list with template.yaml.

use std::collections::BTreeMap;

use axum::{
    Extension, Router,
    extract::{FromRef, Request, State},
    handler::Handler,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{MethodFilter, MethodRouter, on},
};
use chrono::Utc;
use http::Method;

use crate::{
    auth::{CurrentUser, Identity, Rejection, session},
    db::Db,
    error::ApiError,
    lambda::Call,
    openapi::{Operation, Signature},
};

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone.
    Public,
    /// Whoever is signed in.
    User,
    /// Administrators.
    Admin,
}

/// One line of a function's table.
#[derive(Clone, Debug)]
pub struct Route<S> {
    /// The method. GET serves HEAD too.
    pub method: Method,
    /// The path without a trailing slash, such as `/api/hotels/{id}`.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    handler: MethodRouter<S>,
    /// The name of the handler, and what its signature says.
    pub(crate) name: &'static str,
    pub(crate) describe: fn(&mut Operation),
    pub(crate) also: Vec<(u16, &'static str)>,
    /// What it does, in a sentence for the documentation.
    pub about: &'static str,
    pub(crate) is_alias: bool,
}

/// A function's table.
#[derive(Clone, Debug)]
pub struct Routes<S>(Vec<Route<S>>);

/// The path of the route that made an answer, for the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RoutePath(pub(crate) &'static str);

impl<S: Clone + Send + Sync + 'static> Default for Routes<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// An empty table.
    pub fn new() -> Self {
        Self(Vec::new())
    }

    /// Reads.
    #[must_use]
    pub fn get<H, T, D>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S> + Signature<D>,
        T: 'static,
    {
        self.add::<H, D>(Method::GET, path, access, on(MethodFilter::GET, handler))
    }

    /// Creates or acts.
    #[must_use]
    pub fn post<H, T, D>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S> + Signature<D>,
        T: 'static,
    {
        self.add::<H, D>(Method::POST, path, access, on(MethodFilter::POST, handler))
    }

    /// Replaces.
    #[must_use]
    pub fn put<H, T, D>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S> + Signature<D>,
        T: 'static,
    {
        self.add::<H, D>(Method::PUT, path, access, on(MethodFilter::PUT, handler))
    }

    /// Changes.
    #[must_use]
    pub fn patch<H, T, D>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S> + Signature<D>,
        T: 'static,
    {
        self.add::<H, D>(Method::PATCH, path, access, on(MethodFilter::PATCH, handler))
    }

    /// Deletes.
    #[must_use]
    pub fn delete<H, T, D>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S> + Signature<D>,
        T: 'static,
    {
        self.add::<H, D>(Method::DELETE, path, access, on(MethodFilter::DELETE, handler))
    }

    fn add<H: Signature<D>, D>(
        mut self,
        method: Method,
        path: &'static str,
        access: Access,
        handler: MethodRouter<S>,
    ) -> Self {
        let name = std::any::type_name::<H>().rsplit("::").next().unwrap_or_default();
        self.0.push(Route {
            method,
            path,
            access,
            handler,
            name,
            describe: H::describe,
            also: Vec::new(),
            about: "",
            is_alias: false,
        });
        self
    }

    /// Says what the route before does, for the documentation.
    #[must_use]
    pub fn about(mut self, sentence: &'static str) -> Self {
        if let Some(route) = self.0.last_mut() {
            route.about = sentence;
        }
        self
    }

    /// The same for a path that is kept for clients of the legacy API, and is deprecated.
    #[must_use]
    pub fn legacy(mut self, sentence: &'static str) -> Self {
        if let Some(route) = self.0.last_mut() {
            route.is_alias = true;
        }
        self.about(sentence)
    }

    /// The route before may also fail with this, which its handler's signature does not tell.
    #[must_use]
    pub fn or(mut self, status: u16, description: &'static str) -> Self {
        if let Some(route) = self.0.last_mut() {
            route.also.push((status, description));
        }
        self
    }

    /// Every line of the table.
    pub fn iter(&self) -> impl Iterator<Item = &Route<S>> {
        self.0.iter()
    }

    /// The router: each handler behind its declared access, 405 for other methods, 404 for other paths.
    pub(crate) fn into_router(self, state: S) -> Router
    where
        Db: FromRef<S>,
    {
        let db = Db::from_ref(&state);
        let mut paths: BTreeMap<&'static str, Vec<Route<S>>> = BTreeMap::new();
        for route in self.0 {
            paths.entry(route.path).or_default().push(route);
        }
        let mut router = Router::new();
        for (path, routes) in paths {
            // Whoever may not call any method of a path is told so before anything else about it.
            let access =
                if routes.iter().any(|route| route.access == Access::Public) { Access::Public } else { Access::User };
            let unserved = Guard { path, access, db: db.clone() };
            let allow = allow(&routes);
            let mut methods = MethodRouter::new().fallback(async move |method: Method, call: Call| {
                let error = match unserved.admit(&call).await {
                    Ok(_) => ApiError::MethodNotAllowed { method: method.to_string(), allow },
                    Err(error) => error,
                };
                (Extension(RoutePath(path)), error)
            });
            for route in routes {
                let guard = Guard { path, access: route.access, db: db.clone() };
                methods = methods.merge(route.handler.layer(middleware::from_fn_with_state(guard, enforce)));
            }
            router = router.route(path, methods);
        }
        router.fallback(async |call: Call| unknown_path(&call)).with_state(state)
    }
}

/// The value of `Allow` (RFC 9110, section 10.2.1).
fn allow<S>(routes: &[Route<S>]) -> String {
    let mut methods: Vec<&str> = routes.iter().map(|route| route.method.as_str()).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.push("OPTIONS");
    methods.join(", ")
}

#[derive(Clone)]
struct Guard {
    path: &'static str,
    access: Access,
    db: Db,
}

impl Guard {
    /// Applies the declared access. Without an authorizer's answer a protected route admits nobody.
    async fn admit(&self, call: &Call) -> Result<Option<CurrentUser>, ApiError> {
        if self.access == Access::Public {
            return Ok(None);
        }
        let rejected = |rejection| Err(ApiError::Unauthenticated(rejection));
        let user = match &call.identity {
            Identity::Absent => return rejected(Rejection::NotAuthenticated),
            Identity::Rejected(rejection) => return rejected(*rejection),
            // The gateway may have kept the authorizer's answer for longer than the token lives.
            Identity::Known { expires_at, .. } | Identity::Unchecked { expires_at, .. }
                if *expires_at <= Utc::now().timestamp() =>
            {
                return rejected(Rejection::TokenNotValid);
            }
            Identity::Known { user, .. } => *user,
            Identity::Unchecked { user_id, session_id, .. } => {
                let mut conn = self.db.acquire().await?;
                session::select_caller(&mut conn, *user_id, *session_id).await?.map_err(ApiError::Unauthenticated)?
            }
        };
        match self.access {
            Access::Admin if !user.is_admin => Err(ApiError::Forbidden),
            _ => Ok(Some(user)),
        }
    }
}

async fn enforce(State(guard): State<Guard>, call: Call, mut request: Request, next: Next) -> Response {
    let admitted = match guard.admit(&call).await {
        Ok(_) if call.is_forged => Err(ApiError::ForeignOrigin),
        Ok(user) => call.query.without_nul().map(|()| user),
        Err(error) => Err(error),
    };
    let response = match admitted {
        Ok(user) => {
            if let Some(user) = user {
                request.extensions_mut().insert(user);
            }
            next.run(request).await
        }
        Err(error) => error.into_response(),
    };
    (Extension(RoutePath(guard.path)), response).into_response()
}

/// What is said of a path that leads nowhere: to somebody whose token does not hold, only that.
pub(crate) fn unknown_path(call: &Call) -> ApiError {
    match call.identity {
        Identity::Rejected(rejection) => ApiError::Unauthenticated(rejection),
        _ => ApiError::not_found(),
    }
}
