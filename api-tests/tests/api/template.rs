//! template.yaml and the code say the same: each route of the code reaches its function, with or without the authorizer
//! as its access says, and the template has nothing that the code does not serve.

use std::collections::BTreeSet;

use http::Method;
use local::{
    gateway::{Route, Template},
    platform::TEMPLATE,
};
use shared::routes::Access;

use crate::access::routes;

fn template() -> Template {
    let parameters = [("WebOrigin".to_owned(), "http://web.test".to_owned())];
    Template::parse(TEMPLATE, &parameters.into()).expect("template.yaml")
}

/// Both forms of a path of the code, with numbers for ids.
fn forms(path: &str) -> [String; 2] {
    let path = path.replace("{id}", "42");
    [format!("{path}/"), path]
}

#[test]
fn each_route_of_the_code_reaches_its_function() {
    let template = template();

    for (function, (method, path, _)) in routes() {
        for form in forms(path) {
            let route = template.route(&method, &form).unwrap_or_else(|| panic!("no route takes {method} {form}"));
            assert_eq!(route.function, function, "{method} {form}");
        }
    }
}

#[test]
fn the_authorizer_stands_before_each_protected_route_and_no_other() {
    let template = template();

    for (_, (method, path, access)) in routes() {
        for form in forms(path) {
            let authorizer = template.route(&method, &form).and_then(|route| route.authorizer.as_deref());
            assert_eq!(authorizer.is_some(), access != Access::Public, "{method} {form}");
        }
    }
}

#[test]
fn a_get_route_takes_head_too() {
    let template = template();

    for (function, (_, path, _)) in routes().into_iter().filter(|(_, (method, ..))| method == Method::GET) {
        for form in forms(path) {
            assert_eq!(template.route(&Method::HEAD, &form).map(|route| route.function.as_str()), Some(function));
        }
    }
}

#[test]
fn each_path_of_the_code_answers_a_preflight_without_the_authorizer() {
    let template = template();

    for (function, (_, path, _)) in routes() {
        for form in forms(path) {
            let route =
                template.route(&Method::OPTIONS, &form).unwrap_or_else(|| panic!("no route takes OPTIONS {form}"));
            assert_eq!((route.function.as_str(), &route.authorizer), (function, &None), "OPTIONS {form}");
        }
    }
}

#[test]
fn each_protected_route_of_the_template_has_its_options_twin_and_each_twin_its_route() {
    let template = template();
    let (twins, others): (Vec<&Route>, Vec<&Route>) =
        template.routes.iter().partition(|route| route.method == Some(Method::OPTIONS));

    let protected = others.iter().filter(|route| route.authorizer.is_some());
    let wanted: BTreeSet<_> = protected.map(|route| (path_of(route), route.function.as_str())).collect();
    let present: BTreeSet<_> = twins.iter().map(|route| (path_of(route), route.function.as_str())).collect();
    assert_eq!(present, wanted);
    assert!(twins.iter().all(|route| route.authorizer.is_none()));
}

#[test]
fn no_route_of_the_template_is_without_code() {
    let template = template();
    let reached: BTreeSet<&str> = routes()
        .into_iter()
        .flat_map(|(_, (method, path, _))| forms(path).map(|form| (method.clone(), form)))
        .filter_map(|(method, form)| template.route(&method, &form))
        .map(|route| route.key.as_str())
        .collect();

    // The rest of the group: unknown paths there are answered by the function.
    let rest = "ANY /api/auth/{proxy+}";
    for route in template.routes.iter().filter(|route| route.method != Some(Method::OPTIONS) && route.key != rest) {
        assert!(reached.contains(route.key.as_str()), "{} leads to no handler", route.key);
    }
}

#[test]
fn the_gateway_waits_longer_than_any_function_may_take() {
    let template = template();

    for route in &template.routes {
        assert!(template.functions[&route.function] < route.timeout, "{}", route.key);
    }
}

fn path_of(route: &Route) -> &str {
    route.key.split_once(' ').map_or("", |(_, path)| path)
}

#[test]
fn a_revoked_session_is_believed_for_at_most_a_minute_in_aws() {
    let (_, parameter) = TEMPLATE.split_once("  AuthorizerCacheSeconds:\n").unwrap();
    let parameter = parameter.split("\n  ").take_while(|line| line.starts_with("  ")).collect::<Vec<_>>();

    assert!(parameter.iter().any(|line| line.trim() == "Default: 60"), "{parameter:?}");
}
