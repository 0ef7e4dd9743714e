//! What the gateway needs from `template.yaml`: routes, authorizers, CORS, limits and timeouts.
//!
//! The template is the one AWS gets, so whatever it says that is not understood here is an error rather than a
//! difference between this machine and AWS. What SAM does on the way is done here too: `Globals`, the authorizer by
//! default (which SAM leaves off OPTIONS routes), the defaults of what is not written.

use super::authorizer::Authorizer;
use super::cors::Cors;
use super::intrinsics::{Node, Scope};
use super::routes::{RoutePath, RouteTable};
use super::throttle::Limit;
use http::Method;
use saphyr::{LoadableYamlNode, YamlOwned};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

const LAMBDA_TIMEOUT: Duration = Duration::from_secs(3);
const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(30);
/// An account's own throttling, which fills in what route settings leave open.
const ACCOUNT_LIMIT: Limit = Limit { burst: 5_000, rate: 10_000.0 };

/// One HTTP API and the functions behind it.
#[derive(Debug)]
pub struct Template {
    /// Every `HttpApi` event, in the order of the template.
    pub routes: Vec<Route>,
    /// By name.
    pub authorizers: BTreeMap<String, Authorizer>,
    /// Every function's own `Timeout`, by logical id, with or without routes.
    pub functions: BTreeMap<String, Duration>,
    /// The binary that each function is built from, by logical id, where its metadata names one.
    pub binaries: BTreeMap<String, String>,
    /// Absent when the API does not configure CORS.
    pub cors: Option<Cors>,
    table: RouteTable,
}

/// One route of the API.
#[derive(Debug)]
pub struct Route {
    /// `None` is ANY.
    pub method: Option<Method>,
    /// With its variables.
    pub path: RoutePath,
    /// As API Gateway writes it: `ANY /api/hotels/{proxy+}`.
    pub key: String,
    /// The logical id of the function.
    pub function: String,
    /// The name of the authorizer, if one stands before this route.
    pub authorizer: Option<String>,
    /// How long the gateway waits for the function.
    pub timeout: Duration,
    /// Absent when neither the default nor the route's own settings limit it.
    pub throttle: Option<Limit>,
}

/// What is wrong with the template, and where.
#[derive(Debug)]
pub struct TemplateError {
    at: String,
    what: String,
}

impl TemplateError {
    pub(super) fn new(at: &str, what: impl Into<String>) -> Self {
        Self { at: at.to_owned(), what: what.into() }
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at.as_str() {
            "" => write!(f, "template: {}", self.what),
            at => write!(f, "template, at {at}: {}", self.what),
        }
    }
}

impl std::error::Error for TemplateError {}

impl Template {
    /// Reads a SAM template. `parameters` override the template's own defaults.
    pub fn parse(yaml: &str, parameters: &BTreeMap<String, String>) -> Result<Self, TemplateError> {
        let documents = YamlOwned::load_from_str(yaml).map_err(|error| TemplateError::new("", error.to_string()))?;
        let document = documents.first().ok_or_else(|| TemplateError::new("", "it is empty"))?;
        let conditions = document.as_mapping_get("Conditions");
        let constant = Scope { parameters: BTreeMap::new(), conditions: None };
        let parameters = read_parameters(&Node::root(document, &constant), parameters)?;
        Self::read(&Node::root(document, &Scope { parameters, conditions }))
    }

    /// The route that takes a request for `path`, which is percent-decoded.
    pub fn route(&self, method: &Method, path: &str) -> Option<&Route> {
        self.routes.get(self.find(method, path)?)
    }

    pub(super) fn find(&self, method: &Method, path: &str) -> Option<usize> {
        self.table.find(method, path)
    }

    fn read(root: &Node<'_>) -> Result<Self, TemplateError> {
        if let Some(globals) = root.find(&["Globals", "HttpApi"])? {
            return Err(globals.error("write it on the API itself: it is not read from here"));
        }
        let (mut apis, mut functions) = (Vec::new(), Vec::new());
        for (id, resource) in root.require("Resources")?.entries()? {
            let kind = resource.require("Type")?.text()?;
            match kind.as_str() {
                "AWS::Serverless::HttpApi" if resource.exists()? => apis.push((id, resource)),
                "AWS::Serverless::Function" if resource.exists()? => functions.push((id, resource)),
                _ => {}
            }
        }
        let [(api_id, api)] = apis.as_slice() else {
            return Err(root.error(format!("expected one AWS::Serverless::HttpApi, found {}", apis.len())));
        };
        let api = Api::read(api_id, api)?;

        let by_default = match root.find(&["Globals", "Function", "Timeout"])? {
            Some(timeout) => seconds(&timeout)?,
            None => LAMBDA_TIMEOUT,
        };
        let mut template = Self {
            routes: Vec::new(),
            authorizers: BTreeMap::new(),
            functions: BTreeMap::new(),
            binaries: BTreeMap::new(),
            cors: api.cors.clone(),
            table: RouteTable::default(),
        };
        for (id, function) in &functions {
            let timeout = function.find(&["Properties", "Timeout"])?;
            let timeout = timeout.as_ref().map_or(Ok(by_default), seconds)?;
            template.functions.insert((*id).to_owned(), timeout);
            if let Some(binary) = function.find(&["Metadata", "BuildProperties", "Binary"])? {
                template.binaries.insert((*id).to_owned(), binary.text()?);
            }
            let Some(events) = function.find(&["Properties", "Events"])? else {
                continue;
            };
            for (_, event) in events.entries()? {
                if event.require("Type")?.text()? == "HttpApi" {
                    template.add(api.route(id, &event)?, &event)?;
                }
            }
        }
        api.check_route_settings(&template.routes)?;
        template.authorizers = api.authorizers;
        Ok(template)
    }

    fn add(&mut self, route: Route, event: &Node<'_>) -> Result<(), TemplateError> {
        if !self.table.insert(route.method.as_ref(), &route.path, self.routes.len()) {
            return Err(event.error(format!("another event is {} already", route.key)));
        }
        self.routes.push(route);
        Ok(())
    }
}

/// What the routes of an API have in common.
struct Api<'t> {
    id: &'t str,
    authorizers: BTreeMap<String, Authorizer>,
    default_authorizer: Option<String>,
    cors: Option<Cors>,
    limits: Option<Node<'t>>,
    limits_by_route: Vec<(&'t str, Node<'t>)>,
}

impl<'t> Api<'t> {
    fn read(id: &'t str, resource: &Node<'t>) -> Result<Self, TemplateError> {
        let properties = resource.require("Properties")?;
        if let Some(stage) = properties.get("StageName")?
            && stage.text()? != "$default"
        {
            return Err(stage.error("only the $default stage is emulated"));
        }
        for definition in ["DefinitionBody", "DefinitionUri"] {
            if let Some(node) = properties.get(definition)? {
                return Err(node.error("routes are read from functions' events only"));
            }
        }
        let mut authorizers = BTreeMap::new();
        if let Some(node) = properties.find(&["Auth", "Authorizers"])? {
            for (name, node) in node.entries()? {
                authorizers.insert(name.to_owned(), Authorizer::read(&node)?);
            }
        }
        let default_authorizer = match properties.find(&["Auth", "DefaultAuthorizer"])? {
            Some(node) => Some(known(&authorizers, &node)?),
            None => None,
        };
        Ok(Self {
            id,
            authorizers,
            default_authorizer,
            cors: properties.get("CorsConfiguration")?.as_ref().map(Cors::read).transpose()?,
            limits: properties.get("DefaultRouteSettings")?,
            limits_by_route: match properties.get("RouteSettings")? {
                Some(settings) => settings.entries()?,
                None => Vec::new(),
            },
        })
    }

    fn route(&self, function: &str, event: &Node<'_>) -> Result<Route, TemplateError> {
        let properties = event.require("Properties")?;
        let api = properties.require("ApiId")?;
        if api.resource()? != self.id {
            return Err(api.error(format!("expected a reference to {}", self.id)));
        }
        let (method, path) = match (properties.get("Method")?, properties.get("Path")?) {
            (None, None) => (None, RoutePath::Default),
            (Some(method), Some(path)) => {
                let parsed = RoutePath::parse(&path.text()?).map_err(|what| path.error(what))?;
                (read_method(&method)?, parsed)
            }
            _ => return Err(properties.error("Method and Path go together")),
        };
        let key = match (&path, &method) {
            (RoutePath::Default, _) => path.to_string(),
            (_, method) => format!("{} {path}", method.as_ref().map_or("ANY", Method::as_str)),
        };
        let authorizer = match properties.find(&["Auth", "Authorizer"])? {
            Some(node) if node.text()? == "NONE" => None,
            Some(node) => Some(known(&self.authorizers, &node)?),
            // SAM puts the default on every method but this one.
            None if method == Some(Method::OPTIONS) => None,
            None => self.default_authorizer.clone(),
        };
        let timeout = match properties.get("TimeoutInMillis")? {
            Some(node) => Duration::from_millis(node.number(50..=30_000)?.into()),
            None => INTEGRATION_TIMEOUT,
        };
        let throttle = self.limit(&key)?;
        Ok(Route { method, path, key, function: function.to_owned(), authorizer, timeout, throttle })
    }

    fn limit(&self, key: &str) -> Result<Option<Limit>, TemplateError> {
        let own = self.limits_by_route.iter().find(|(route, _)| *route == key).map(|(_, settings)| settings);
        let setting = |name| -> Result<Option<Node<'_>>, TemplateError> {
            for settings in own.into_iter().chain(&self.limits) {
                if let Some(node) = settings.get(name)? {
                    return Ok(Some(node));
                }
            }
            Ok(None)
        };
        let burst = setting("ThrottlingBurstLimit")?.map(|node| node.number(0..=u32::MAX)).transpose()?;
        let rate = setting("ThrottlingRateLimit")?.as_ref().map(read_rate).transpose()?;
        Ok((burst.is_some() || rate.is_some())
            .then(|| Limit { burst: burst.unwrap_or(ACCOUNT_LIMIT.burst), rate: rate.unwrap_or(ACCOUNT_LIMIT.rate) }))
    }

    /// A deployment fails on settings for a route that does not exist.
    fn check_route_settings(&self, routes: &[Route]) -> Result<(), TemplateError> {
        match self.limits_by_route.iter().find(|(key, _)| routes.iter().all(|route| route.key != *key)) {
            Some((key, node)) => Err(node.error(format!("there is no route {key}"))),
            None => Ok(()),
        }
    }
}

fn read_parameters(
    root: &Node<'_>,
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, TemplateError> {
    let mut values = given.clone();
    let declared = match root.get("Parameters")? {
        Some(parameters) => parameters.entries()?,
        None => Vec::new(),
    };
    if let Some(name) = given.keys().find(|name| declared.iter().all(|(declared, _)| declared != name)) {
        return Err(root.error(format!("there is no parameter {name}")));
    }
    for (name, parameter) in declared {
        if let (false, Some(default)) = (values.contains_key(name), parameter.get("Default")?) {
            values.insert(name.to_owned(), default.text()?);
        }
    }
    Ok(values)
}

fn read_method(node: &Node<'_>) -> Result<Option<Method>, TemplateError> {
    let method = node.text()?.to_ascii_uppercase();
    match method.as_str() {
        "ANY" => Ok(None),
        "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS" => {
            Method::from_bytes(method.as_bytes()).map(Some).map_err(|error| node.error(error.to_string()))
        }
        _ => Err(node.error(format!("{method} is no method of an HTTP API"))),
    }
}

fn read_rate(node: &Node<'_>) -> Result<f64, TemplateError> {
    let rate = node.text()?.parse().ok().filter(|rate: &f64| rate.is_finite() && *rate >= 0.0);
    rate.ok_or_else(|| node.error("expected a number of requests per second"))
}

fn seconds(node: &Node<'_>) -> Result<Duration, TemplateError> {
    Ok(Duration::from_secs(node.number(1..=900)?.into()))
}

fn known(authorizers: &BTreeMap<String, Authorizer>, node: &Node<'_>) -> Result<String, TemplateError> {
    let name = node.text()?;
    match authorizers.contains_key(&name) {
        true => Ok(name),
        false => Err(node.error(format!("there is no authorizer {name}"))),
    }
}

#[cfg(test)]
mod properties {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeMap;

    use proptest::{
        collection::vec,
        prelude::*,
        sample::{Index, select},
    };

    use super::{Method, Template};
    use crate::platform::TEMPLATE;

    /// The part of the template that is read, which is short enough to be tried many times.
    fn head() -> String {
        let end = TEMPLATE.find("\n  HotelsFunction:").unwrap();
        let hotels = r#"
  HotelsFunction:
    Type: AWS::Serverless::Function
    Properties:
      Timeout: !If [IsReserved, 25, !Ref AWS::NoValue]
      Events:
        Bare: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: ANY, Path: /api/hotels } }
        All: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: ANY, Path: "/api/hotels/{proxy+}", TimeoutInMillis: 29000 } }
        Public: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: ANY, Path: "/api/public/{proxy+}", Auth: { Authorizer: NONE } } }
"#;
        format!("{}{hotels}", &TEMPLATE[..end])
    }

    fn parameters() -> BTreeMap<String, String> {
        BTreeMap::from([("WebOrigin".to_owned(), "https://red.example".to_owned())])
    }

    #[derive(Clone, Debug)]
    enum Change {
        Remove,
        Repeat,
        Indent,
        Outdent,
        Replace(&'static str),
        Append(&'static str),
        CutOff,
    }

    fn change() -> impl Strategy<Value = Change> {
        let piece = || {
            select(vec![
                "",
                "x",
                "- x",
                "!Ref Nothing",
                "!If [IsReserved, 1]",
                "!If [Nothing, 1, 2]",
                "!Sub \"${\"",
                "!Sub \"${X}\"",
                "!GetAtt A.Arn",
                "!GetAtt [A, Arn]",
                "&a *a",
                "*a",
                "{",
                "[",
                "}",
                "\"",
                "'",
                "? x",
                "!!binary x",
                "~",
                "-1",
                "1e999",
                "Fn::If: x",
                "Ref: [x]",
                "!Not [!Not [!Equals [1, 1]]]",
                "|",
                ">-",
                "é",
                "\t",
                "---",
                "...",
                "#",
                "!Condition IsReserved",
                "!If [IsReserved, !Ref A, !Ref B]",
                "<<: *a",
                "Method: BREW",
                "Path: /{",
                "Path: \"/{a+}/b\"",
            ])
        };
        prop_oneof![
            Just(Change::Remove),
            Just(Change::Repeat),
            Just(Change::Indent),
            Just(Change::Outdent),
            piece().prop_map(Change::Replace),
            piece().prop_map(Change::Append),
            Just(Change::CutOff),
        ]
    }

    fn changed(template: &str, changes: &[(Index, Change)]) -> String {
        let mut lines: Vec<String> = template.lines().map(str::to_owned).collect();
        for (at, change) in changes {
            let at = at.index(lines.len());
            let line = lines[at].clone();
            match change {
                Change::Remove => _ = lines.remove(at),
                Change::Repeat => lines.insert(at, line),
                Change::Indent => lines[at] = format!("  {line}"),
                Change::Outdent => lines[at] = line.strip_prefix("  ").unwrap_or(&line).to_owned(),
                // What stands behind the key.
                Change::Replace(piece) => {
                    let key = line.split_inclusive(": ").next().unwrap_or_default();
                    lines[at] = format!("{}{piece}", key.trim_end_matches(':'));
                }
                Change::Append(piece) => lines[at] = format!("{line} {piece}"),
                Change::CutOff => lines.truncate(at.max(1)),
            }
        }
        lines.join("\n")
    }

    /// Whatever a template says, what was read of it is whole.
    fn is_whole(template: &Template) -> bool {
        template.routes.iter().all(|route| {
            template.functions.contains_key(&route.function)
                && route.authorizer.as_ref().is_none_or(|name| template.authorizers.contains_key(name))
        })
    }

    proptest! {
        #[test]
        fn a_template_that_was_changed_anyhow_is_read_whole_or_refused(changes in vec((any::<Index>(), change()), 1..4)) {
            let yaml = changed(&head(), &changes);
            match Template::parse(&yaml, &parameters()) {
                Ok(template) => prop_assert!(is_whole(&template)),
                Err(error) => prop_assert!(error.to_string().starts_with("template")),
            }
        }

        #[test]
        fn conditions_of_any_shape_hold_or_are_refused(
            conditions in vec((select(vec!["A", "B", "C"]), prop_oneof![
                select(vec!["!Equals [1, 1]", "!Equals [1, 2]", "!Equals [1]", "!Ref A", "x", "[]"]).prop_map(str::to_owned),
                (select(vec!["Not", "And", "Or", "Equals", "If"]), vec(select(vec![
                    "!If [A, x, y]", "!If [B, x, y]", "!If [C, !Equals [1, 1], !Equals [1, 2]]", "!Condition A", "!Equals [a, a]",
                    "!Not [!If [A, !Equals [1, 1], !Equals [1, 2]]]",
                ]), 0..3)).prop_map(|(function, arguments)| format!("!{function} [{}]", arguments.join(", "))),
            ]), 1..4),
        ) {
            let conditions: BTreeMap<_, _> = conditions.into_iter().collect();
            let mut yaml = "Conditions:\n".to_owned();
            for (name, condition) in &conditions {
                yaml += &format!("  {name}: {condition}\n");
            }
            yaml += "Resources:\n  Api: { Type: AWS::Serverless::HttpApi, Condition: A, Properties: {} }\n";

            match Template::parse(&yaml, &BTreeMap::new()) {
                Ok(_) => prop_assert!(conditions.contains_key("A")),
                Err(error) => prop_assert!(error.to_string().starts_with("template")),
            }
        }

        #[test]
        fn any_text_is_a_template_or_refused(text in prop_oneof!["(?s).{0,200}", "[ \n:a{}\\[\\]!&*'\"|>-]{0,60}", "[\\[{]{1,9000}"]) {
            if let Ok(template) = Template::parse(&text, &BTreeMap::new()) {
                prop_assert!(is_whole(&template));
            }
        }
    }

    #[test]
    fn a_condition_that_leads_to_itself_is_refused() {
        let yaml = "Conditions: { A: !Not [!If [A, !Equals [1, 1], !Equals [1, 2]]] }\n\
                    Resources: { Api: { Type: AWS::Serverless::HttpApi, Condition: A } }";
        let error = Template::parse(yaml, &BTreeMap::new()).unwrap_err();
        assert_eq!(error.to_string(), "template, at Conditions.A.0: there is no condition A");
    }

    #[test]
    fn the_part_that_is_changed_here_is_a_template() {
        let template = Template::parse(&head(), &parameters()).unwrap();
        assert!(template.route(&Method::GET, "/api/hotels/1").is_some_and(|route| route.authorizer.is_some()));
    }
}
