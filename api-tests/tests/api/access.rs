//! Who may call what: the contract's table, compared with what the code declares, and then tried.

use api_tests::{Caller, TestApp};
use http::Method;
use shared::{
    db::MIGRATOR,
    routes::{
        Access::{self, Admin, Public, User},
        Routes,
    },
};
use sqlx::PgPool;

/// Section 1 of the contract.
const CONTRACT: &[(&str, &str, Access)] = &[
    ("GET", "/.well-known/jwks.json", Public),
    ("GET", "/api/audit", Admin),
    ("POST", "/api/auth/change-password", User),
    ("POST", "/api/auth/forgot-password", Public),
    ("POST", "/api/auth/login", Public),
    ("POST", "/api/auth/logout", Public),
    ("GET", "/api/auth/me", User),
    ("PATCH", "/api/auth/me", User),
    ("POST", "/api/auth/refresh", Public),
    ("POST", "/api/auth/register", Public),
    ("POST", "/api/auth/reset-password", Public),
    ("GET", "/api/auth/sessions", User),
    ("DELETE", "/api/auth/sessions/{id}", User),
    ("POST", "/api/auth/token/refresh", Public),
    ("GET", "/api/auth/users", User),
    ("GET", "/api/dashboard", User),
    ("GET", "/api/docs", Public),
    ("GET", "/api/docs/{file}", Public),
    ("GET", "/api/emails", Admin),
    ("POST", "/api/emails", Admin),
    ("GET", "/api/emails/suppressions", Admin),
    ("DELETE", "/api/emails/suppressions/{id}", Admin),
    ("DELETE", "/api/emails/{id}", Admin),
    ("GET", "/api/emails/{id}", Admin),
    ("PATCH", "/api/emails/{id}", Admin),
    ("PUT", "/api/emails/{id}", Admin),
    ("POST", "/api/emails/{id}/cancel", Admin),
    ("POST", "/api/emails/{id}/retry", Admin),
    ("GET", "/api/entries", Admin),
    ("POST", "/api/entries", User),
    ("GET", "/api/entries/export", Admin),
    ("DELETE", "/api/entries/{id}", Admin),
    ("GET", "/api/entries/{id}", Admin),
    ("PATCH", "/api/entries/{id}", Admin),
    ("PUT", "/api/entries/{id}", Admin),
    ("GET", "/api/forms", User),
    ("POST", "/api/forms", Admin),
    ("DELETE", "/api/forms/{id}", Admin),
    ("GET", "/api/forms/{id}", User),
    ("PATCH", "/api/forms/{id}", Admin),
    ("PUT", "/api/forms/{id}", Admin),
    ("GET", "/api/health", Public),
    ("GET", "/api/hotels", User),
    ("POST", "/api/hotels", Admin),
    ("GET", "/api/hotels/cities", User),
    ("GET", "/api/hotels/dashboard/stats", User),
    ("DELETE", "/api/hotels/{id}", Admin),
    ("GET", "/api/hotels/{id}", User),
    ("PATCH", "/api/hotels/{id}", Admin),
    ("PUT", "/api/hotels/{id}", Admin),
    ("DELETE", "/api/hotels/{id}/image", Admin),
    ("PUT", "/api/hotels/{id}/image", Admin),
    ("GET", "/api/messages", User),
    ("POST", "/api/messages", User),
    ("POST", "/api/messages/read-all", User),
    ("GET", "/api/messages/unread-count", User),
    ("DELETE", "/api/messages/{id}", User),
    ("GET", "/api/messages/{id}", User),
    ("PATCH", "/api/messages/{id}", User),
    ("POST", "/api/messages/{id}/read", User),
    ("GET", "/api/public/forms/{id}", Public),
    ("POST", "/api/public/forms/{id}/entries", Public),
    ("GET", "/api/schema", Public),
    ("GET", "/api/tickets", User),
    ("POST", "/api/tickets", User),
    ("DELETE", "/api/tickets/{id}", User),
    ("GET", "/api/tickets/{id}", User),
    ("PATCH", "/api/tickets/{id}", User),
    ("PUT", "/api/tickets/{id}", User),
    ("GET", "/api/tickets/{id}/comments", User),
    ("POST", "/api/tickets/{id}/comments", User),
    ("POST", "/api/token", Public),
    ("POST", "/api/token/refresh", Public),
    ("GET", "/api/users", Admin),
    ("POST", "/api/users", Admin),
    ("GET", "/api/users/directory", User),
    ("GET", "/api/users/directory/{id}", User),
    ("DELETE", "/api/users/{id}", Admin),
    ("GET", "/api/users/{id}", Admin),
    ("PATCH", "/api/users/{id}", Admin),
    ("PUT", "/api/users/{id}", Admin),
];

/// A route, as far as access goes.
pub(crate) type Line = (Method, &'static str, Access);

/// Every route in the code, with the template's name of its function.
pub(crate) fn routes() -> Vec<(&'static str, Line)> {
    [
        lines("AuthFunction", &auth::routes()),
        lines("DashboardFunction", &dashboard::routes()),
        lines("EntriesFunction", &entries::routes()),
        lines("FormsFunction", &forms::routes()),
        lines("EmailsFunction", &emails::routes()),
        lines("HotelsFunction", &hotels::routes()),
        lines("MessagesFunction", &messages::routes()),
        lines("TicketsFunction", &tickets::routes()),
        lines("UsersFunction", &users::routes()),
    ]
    .concat()
}

fn lines<S: Clone + Send + Sync + 'static>(function: &'static str, routes: &Routes<S>) -> Vec<(&'static str, Line)> {
    routes.iter().map(|route| (function, (route.method.clone(), route.path, route.access))).collect()
}

#[test]
fn the_code_declares_what_the_contract_says() {
    let mut declared: Vec<_> = routes().into_iter().map(|(_, line)| line).collect();
    declared.sort_by_key(|(method, path, _)| (*path, method.to_string()));
    let contract: Vec<_> =
        CONTRACT.iter().map(|(method, path, access)| (method.parse::<Method>().unwrap(), *path, *access)).collect();

    assert_eq!(declared, contract);
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn every_route_admits_whom_it_declares_and_nobody_else(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let (user, admin) = (app.user().await, app.admin().await);
    let nobody = [
        ("no header", app.public()),
        ("an empty header", app.with_authorization("")),
        ("another scheme", app.with_authorization("Basic YTpi")),
        ("no token", app.with_authorization("Bearer")),
        ("no JWT", app.with_authorization("Bearer abc")),
        ("a refresh token", app.with_authorization(format!("Bearer {}", user.refresh_token()))),
    ];

    for (_, (method, path, access)) in routes() {
        let path = path.replace("{id}", "999999").replace("{file}", "swagger-ui.css");
        for (who, caller) in &nobody {
            let status = call(caller, &method, &path).await;
            assert_eq!(status == 401, access != Public, "{method} {path}: {who}");
        }
        let status = call(&user, &method, &path).await;
        assert_eq!(status == 403, access == Admin, "{method} {path}: a user, {status}");
        assert_ne!(status, 401, "{method} {path}: a user");
        let status = call(&admin, &method, &path).await;
        assert!(![401, 403].contains(&status), "{method} {path}: an administrator, {status}");
    }
}

#[sqlx::test(migrator = "MIGRATOR")]
async fn a_method_that_is_not_served_is_401_for_nobody_and_405_for_somebody(owner: PgPool) {
    let app = TestApp::start(owner).await;
    let user = app.user().await;

    for (_, (_, path, _)) in routes() {
        let path = path.replace("{id}", "999999").replace("{file}", "swagger-ui.css");
        let protected = call(&app.public(), &Method::GET, &path).await == 401;
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let served = routes().iter().any(|(_, (other, at, _))| {
                *other == method && at.replace("{id}", "999999").replace("{file}", "swagger-ui.css") == path
            });
            if served {
                continue;
            }
            assert_eq!(call(&user, &method, &path).await, 405, "{method} {path}");
            let expected = if protected { 401 } else { 405 };
            assert_eq!(call(&app.public(), &method, &path).await, expected, "{method} {path}");
        }
    }
}

async fn call(caller: &Caller, method: &Method, path: &str) -> u16 {
    caller.request(method.clone(), path).send().await.status.as_u16()
}
