//! A place in the template, read with CloudFormation's intrinsic functions resolved on the way.
//!
//! Nothing is resolved before it is asked for: a template is full of functions that only AWS can answer, and only those
//! that stand where the gateway needs a value are errors. Every error names the place.

use super::template::TemplateError;
use saphyr::{ScalarOwned, YamlOwned};
use std::collections::BTreeMap;

pub(super) const ACCOUNT: &str = "123456789012";
pub(super) const REGION: &str = "us-east-1";

/// What names stand for.
pub(super) struct Scope<'t> {
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) conditions: Option<&'t YamlOwned>,
}

impl Scope<'_> {
    fn value(&self, name: &str) -> Option<&str> {
        match name {
            "AWS::AccountId" => Some(ACCOUNT),
            "AWS::Partition" => Some("aws"),
            "AWS::Region" => Some(REGION),
            "AWS::StackName" => Some("local"),
            "AWS::URLSuffix" => Some("amazonaws.com"),
            name => self.parameters.get(name).map(String::as_str),
        }
    }
}

/// A node of the template's tree, with the path that leads to it.
#[derive(Clone)]
pub(super) struct Node<'t> {
    yaml: &'t YamlOwned,
    at: String,
    scope: &'t Scope<'t>,
}

impl<'t> Node<'t> {
    pub(super) fn root(yaml: &'t YamlOwned, scope: &'t Scope<'t>) -> Self {
        let at = String::new();
        Self { yaml, at, scope }
    }

    pub(super) fn error(&self, what: impl Into<String>) -> TemplateError {
        TemplateError::new(&self.at, what)
    }

    /// The value at `key`, unless it is absent, null or `AWS::NoValue`.
    pub(super) fn get(&self, key: &str) -> Result<Option<Self>, TemplateError> {
        match self.yaml.as_mapping_get(key) {
            Some(yaml) => self.child(key, yaml).settle(),
            None if self.yaml.is_mapping() => Ok(None),
            None => Err(self.error("expected a mapping")),
        }
    }

    /// The value at the end of `keys`, unless one of them is absent.
    pub(super) fn find(&self, keys: &[&str]) -> Result<Option<Self>, TemplateError> {
        let mut node = self.clone();
        for key in keys {
            match node.get(key)? {
                Some(next) => node = next,
                None => return Ok(None),
            }
        }
        Ok(Some(node))
    }

    pub(super) fn require(&self, key: &str) -> Result<Self, TemplateError> {
        self.get(key)?.ok_or_else(|| self.error(format!("{key} is missing")))
    }

    pub(super) fn entries(&self) -> Result<Vec<(&'t str, Self)>, TemplateError> {
        let mapping = self.yaml.as_mapping().ok_or_else(|| self.error("expected a mapping"))?;
        let mut entries = Vec::with_capacity(mapping.len());
        for (key, yaml) in mapping {
            let key = key.as_str().ok_or_else(|| self.error("expected keys that are strings"))?;
            if let Some(node) = self.child(key, yaml).settle()? {
                entries.push((key, node));
            }
        }
        Ok(entries)
    }

    pub(super) fn items(&self) -> Result<Vec<Self>, TemplateError> {
        let sequence = self.yaml.as_sequence().ok_or_else(|| self.error("expected a list"))?;
        let items = sequence.iter().enumerate();
        items.filter_map(|(index, yaml)| self.child(&index.to_string(), yaml).settle().transpose()).collect()
    }

    pub(super) fn text(&self) -> Result<String, TemplateError> {
        if let YamlOwned::Value(scalar) = self.yaml {
            return match scalar {
                ScalarOwned::String(text) => Ok(text.clone()),
                ScalarOwned::Integer(number) => Ok(number.to_string()),
                ScalarOwned::FloatingPoint(number) => Ok(number.to_string()),
                ScalarOwned::Boolean(flag) => Ok(flag.to_string()),
                ScalarOwned::Null => Err(self.error("expected a value")),
            };
        }
        match self.intrinsic() {
            Some(("Ref", name)) => {
                let name = name.text()?;
                let value = self.scope.value(&name);
                value.map(str::to_owned).ok_or_else(|| self.error(format!("{name} is no parameter with a value")))
            }
            Some(("Sub", pattern)) => self.substitute(&pattern.text()?),
            Some((function, _)) => Err(self.error(format!("!{function} is not understood here"))),
            None => Err(self.error("expected a value")),
        }
    }

    pub(super) fn flag(&self) -> Result<bool, TemplateError> {
        self.text()?.parse().map_err(|_| self.error("expected true or false"))
    }

    pub(super) fn number(&self, range: std::ops::RangeInclusive<u32>) -> Result<u32, TemplateError> {
        let number = self.text()?.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| self.error(format!("expected a whole number from {} to {}", range.start(), range.end())))
    }

    /// The resource that a `!Ref` or a `!GetAtt X.Arn` points at.
    pub(super) fn resource(&self) -> Result<String, TemplateError> {
        match self.intrinsic() {
            // SAM's name for the alias that a deployment moves.
            Some(("Ref", name)) => name.text().map(|id| id.strip_suffix(".Alias").map_or(id.clone(), str::to_owned)),
            Some(("GetAtt", target)) => {
                let name = match target.yaml.as_sequence() {
                    Some(_) => target.items()?.iter().map(Self::text).collect::<Result<Vec<_>, _>>()?.join("."),
                    None => target.text()?,
                };
                let id = name.strip_suffix(".Arn").map(str::to_owned);
                id.ok_or_else(|| self.error("only the Arn of a resource is understood here"))
            }
            _ => Err(self.error("expected !Ref or !GetAtt of a resource")),
        }
    }

    /// Whether the resource that this node describes exists at all.
    pub(super) fn exists(&self) -> Result<bool, TemplateError> {
        match self.get("Condition")? {
            Some(condition) => condition.condition(&condition.text()?),
            None => Ok(true),
        }
    }

    fn child(&self, key: &str, yaml: &'t YamlOwned) -> Self {
        let at = if self.at.is_empty() { key.to_owned() } else { format!("{}.{key}", self.at) };
        Self { yaml, at, scope: self.scope }
    }

    /// Follows `!If` to the branch that holds; `None` where nothing is meant to stand.
    fn settle(self) -> Result<Option<Self>, TemplateError> {
        let mut node = self;
        loop {
            let next = match node.intrinsic() {
                _ if node.yaml.is_null() => return Ok(None),
                Some(("Ref", name)) if name.yaml.as_str() == Some("AWS::NoValue") => {
                    return Ok(None);
                }
                Some(("If", branches)) => match branches.yaml.as_sequence().map(Vec::as_slice) {
                    Some([condition, then, otherwise]) => {
                        let name = branches.child("0", condition).text()?;
                        branches.child("If", if node.condition(&name)? { then } else { otherwise })
                    }
                    _ => return Err(node.error("!If takes a condition and two values")),
                },
                _ => return Ok(Some(node)),
            };
            node = next;
        }
    }

    /// The function's name without `!` or `Fn::`, and its argument.
    fn intrinsic(&self) -> Option<(&'t str, Self)> {
        let (name, argument) = match self.yaml {
            YamlOwned::Tagged(tag, argument) => (tag.suffix.as_str(), argument.as_ref()),
            YamlOwned::Mapping(mapping) if mapping.len() == 1 => {
                let (key, argument) = mapping.iter().next()?;
                let key = key.as_str()?;
                (key.strip_prefix("Fn::").or((key == "Ref").then_some(key))?, argument)
            }
            _ => return None,
        };
        let (at, scope) = (self.at.clone(), self.scope);
        Some((name, Self { yaml: argument, at, scope }))
    }

    fn condition(&self, name: &str) -> Result<bool, TemplateError> {
        let yaml = self.scope.conditions.and_then(|conditions| conditions.as_mapping_get(name));
        let yaml = yaml.ok_or_else(|| self.error(format!("there is no condition {name}")))?;
        // Within a condition no other is looked up, so that none can lead back to itself.
        let scope = Scope { parameters: self.scope.parameters.clone(), conditions: None };
        Node { yaml, at: format!("Conditions.{name}"), scope: &scope }.holds()
    }

    fn holds(&self) -> Result<bool, TemplateError> {
        let Some((function, arguments)) = self.intrinsic() else {
            return Err(self.error("expected a condition"));
        };
        let arguments = arguments.items()?;
        match (function, arguments.as_slice()) {
            ("Equals", [left, right]) => Ok(left.text()? == right.text()?),
            ("Not", [inner]) => Ok(!inner.holds()?),
            ("And", all) => all.iter().try_fold(true, |held, inner| Ok(held && inner.holds()?)),
            ("Or", any) => any.iter().try_fold(false, |held, inner| Ok(held || inner.holds()?)),
            _ => Err(self.error(format!("!{function} is not understood in a condition"))),
        }
    }

    fn substitute(&self, pattern: &str) -> Result<String, TemplateError> {
        let mut text = String::with_capacity(pattern.len());
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').ok_or_else(|| self.error("a ${ is never closed"))?;
            text.push_str(before);
            match (name.strip_prefix('!'), self.scope.value(name)) {
                (Some(literal), _) => text.extend(["${", literal, "}"]),
                (None, Some(value)) => text.push_str(value),
                (None, None) => {
                    return Err(self.error(format!("{name} is no parameter with a value")));
                }
            }
            rest = after;
        }
        text.push_str(rest);
        Ok(text)
    }
}
