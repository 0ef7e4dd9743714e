//! What was acknowledged, and what may therefore be there. A write begins as one that may have happened; an answer makes
//! it one that has, or has not. What never got an answer may have happened at any time since.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A kind of row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Kind {
    Comment,
    /// A hotel whose rooms are counted up, by many at once, each on top of the version that it read.
    Counter,
    Email,
    Entry,
    Form,
    Hotel,
    Message,
    /// What people change of their own account.
    Profile,
    Ticket,
    User,
}

impl Kind {
    /// Whether every change of its row raises the version, and is known here.
    fn is_versioned(self) -> bool {
        matches!(self, Self::Counter | Self::Form | Self::Hotel | Self::Ticket)
    }

    /// What its path begins with.
    fn resource(self) -> &'static str {
        match self {
            Self::Comment => "comments",
            Self::Counter | Self::Hotel => "hotels",
            Self::Email => "emails",
            Self::Entry => "entries",
            Self::Form => "forms",
            Self::Message => "messages",
            Self::Profile => "me",
            Self::Ticket => "tickets",
            Self::User => "users",
        }
    }
}

/// Something that is wrong with a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Wrong {
    /// What it is.
    pub what: String,
    /// What is in every request about that row.
    pub about: Vec<String>,
}

/// A row as the database has it.
#[derive(Clone, Debug, Deserialize)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// Its id.
    pub id: i64,
    /// What its maker wrote into it, which no other row has.
    pub marker: String,
    /// Its version.
    pub version: i64,
    /// What may change.
    pub registers: BTreeMap<String, String>,
}

/// Everything that was written, by the rows' markers.
#[derive(Debug, Default)]
pub struct Model {
    rows: BTreeMap<String, Row>,
    writes: u64,
}

/// A write that has no answer yet.
#[derive(Clone, Debug)]
pub struct Write {
    marker: String,
    register: String,
    number: u64,
}

#[derive(Debug)]
struct Row {
    kind: Kind,
    made: Made,
    gone: Gone,
    registers: BTreeMap<String, Register>,
    /// Writes that were acknowledged, and those that may have happened.
    acknowledged: i64,
    open: i64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Made {
    Maybe,
    Yes(Option<i64>),
    No,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Gone {
    No,
    Maybe,
    Yes,
}

#[derive(Debug, Default)]
struct Register {
    value: String,
    /// Values that may have come since, and whether each was to come on top of one version alone.
    maybe: BTreeMap<u64, (String, bool)>,
}

impl Register {
    fn admits(&self, value: &str) -> bool {
        self.value == value || self.maybe.values().any(|(maybe, _)| maybe == value)
    }

    fn describe(&self) -> String {
        let maybe: Vec<&str> = self.maybe.values().map(|(value, _)| value.as_str()).collect();
        match maybe.is_empty() {
            true => format!("{:?}", self.value),
            false => format!("{:?} or one of {maybe:?}", self.value),
        }
    }
}

impl Model {
    /// A row may be made from now on.
    pub fn begin_create(&mut self, kind: Kind, marker: &str, registers: &[(&str, &str)]) {
        let register = |value: &str| Register { value: value.to_owned(), maybe: BTreeMap::new() };
        let registers = registers.iter().map(|(name, value)| ((*name).to_owned(), register(value))).collect();
        let row = Row { kind, made: Made::Maybe, gone: Gone::No, registers, acknowledged: 0, open: 0 };
        self.rows.insert(marker.to_owned(), row);
    }

    /// It was made. What is wrong where that had been said of another row.
    pub fn created(&mut self, marker: &str, id: Option<i64>) -> Option<String> {
        let row = self.rows.get_mut(marker)?;
        let before = std::mem::replace(&mut row.made, Made::Yes(id));
        (matches!(before, Made::Yes(first) if first != id))
            .then(|| format!("{marker} was acknowledged twice: {before:?}, then {id:?}"))
    }

    /// It was refused for good.
    pub fn refused(&mut self, marker: &str) {
        if let Some(row) = self.rows.get_mut(marker) {
            row.made = Made::No;
        }
    }

    /// A value may be written from now on; a conditional one on top of the version that was read alone.
    pub fn begin_write(&mut self, marker: &str, register: &str, value: &str, is_conditional: bool) -> Write {
        self.writes += 1;
        let number = self.writes;
        if let Some(row) = self.rows.get_mut(marker) {
            row.open += 1;
            let register = row.registers.entry(register.to_owned()).or_default();
            register.maybe.insert(number, (value.to_owned(), is_conditional));
        }
        Write { marker: marker.to_owned(), register: register.to_owned(), number }
    }

    /// It was written. What was to be written on an earlier version of the row cannot come any more.
    pub fn wrote(&mut self, write: &Write) {
        let Some(row) = self.rows.get_mut(&write.marker) else { return };
        row.open -= 1;
        row.acknowledged += 1;
        let Some(register) = row.registers.get_mut(&write.register) else { return };
        if let Some((value, _)) = register.maybe.remove(&write.number) {
            register.value = value;
        }
        register.maybe.retain(|_, (_, is_conditional)| !*is_conditional);
    }

    /// It was not.
    pub fn not_written(&mut self, write: &Write) {
        let Some(row) = self.rows.get_mut(&write.marker) else { return };
        row.open -= 1;
        if let Some(register) = row.registers.get_mut(&write.register) {
            register.maybe.remove(&write.number);
        }
    }

    /// It may be deleted from now on.
    pub fn begin_delete(&mut self, marker: &str) {
        if let Some(row) = self.rows.get_mut(marker) {
            row.gone = Gone::Maybe;
        }
    }

    /// It was deleted.
    pub fn deleted(&mut self, marker: &str) {
        if let Some(row) = self.rows.get_mut(marker) {
            row.gone = Gone::Yes;
        }
    }

    /// The highest version that a row may have.
    pub fn highest_version(&self, marker: &str) -> i64 {
        self.rows.get(marker).map_or(1, |row| 1 + row.acknowledged + row.open)
    }

    /// Whether a register may hold a value.
    pub fn admits(&self, marker: &str, register: &str, value: &str) -> bool {
        let register = self.rows.get(marker).and_then(|row| row.registers.get(register));
        register.is_none_or(|register| register.admits(value))
    }

    /// What is wrong with a value that was read by the only one who writes it.
    pub fn misread(&self, marker: &str, name: &str, value: &str) -> Option<String> {
        let register = self.rows.get(marker)?.registers.get(name)?;
        (!register.admits(value)).then(|| format!("{marker}: {name} is {value:?} where it is {}", register.describe()))
    }

    /// How many rows were acknowledged.
    pub fn acknowledged(&self) -> usize {
        self.rows.values().filter(|row| matches!(row.made, Made::Yes(_))).count()
    }

    /// What is wrong with what was found: everything that there is.
    pub fn check(&self, found: &[Found]) -> Vec<Wrong> {
        let mut by_marker: BTreeMap<&str, Vec<&Found>> = BTreeMap::new();
        for row in found {
            by_marker.entry(&row.marker).or_default().push(row);
        }
        let mut wrong = Vec::new();
        for (marker, row) in &self.rows {
            let found = by_marker.remove(marker.as_str()).unwrap_or_default();
            let faults = row.check(&found).into_iter();
            wrong.extend(
                faults.map(|what| Wrong { what: format!("{:?} {marker}: {what}", row.kind), about: row.about(marker) }),
            );
        }
        let strange = by_marker.into_values().flatten();
        wrong.extend(strange.map(|row| Wrong {
            what: format!("{:?} {}: nobody made it (id {})", row.kind, row.marker, row.id),
            about: vec![row.marker.clone()],
        }));
        wrong
    }
}

impl Row {
    fn about(&self, marker: &str) -> Vec<String> {
        let mut about = vec![format!("{marker} "), format!("{marker}\"")];
        if let Made::Yes(Some(id)) = self.made {
            about.push(format!("/{}/{id}/", self.kind.resource()));
        }
        about
    }

    fn check(&self, found: &[&Found]) -> Vec<String> {
        let mut ids: Vec<i64> = found.iter().map(|row| row.id).collect();
        ids.sort_unstable();
        let fine = match (self.made, self.gone, ids.as_slice()) {
            (Made::No, _, []) | (Made::Maybe, _, [] | [_]) | (_, Gone::Yes | Gone::Maybe, []) => true,
            (Made::Yes(id), Gone::No | Gone::Maybe, [one]) => id.is_none_or(|id| id == *one),
            _ => false,
        };
        let mut wrong = Vec::new();
        if !fine {
            wrong.push(format!("made: {:?}, deleted: {:?}, and there is {ids:?}", self.made, self.gone));
        }
        for row in found {
            for (name, register) in &self.registers {
                let value = row.registers.get(name).map_or("", String::as_str);
                if !register.admits(value) && self.kind != Kind::Counter {
                    wrong.push(format!("{name} is {value:?} where it is {}", register.describe()));
                }
            }
            let (least, most) = (1 + self.acknowledged, 1 + self.acknowledged + self.open);
            if self.kind.is_versioned() && !(least..=most).contains(&row.version) {
                wrong.push(format!("its version is {} where it is {least} to {most}", row.version));
            }
            let counted = row.registers.get("rooms_count").and_then(|count| count.parse::<i64>().ok());
            if self.kind == Kind::Counter && counted != Some(row.version - 1) {
                wrong.push(format!("it counts {counted:?} at version {}: an update was lost", row.version));
            }
        }
        wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(marker: &str, id: i64, version: i64, registers: &[(&str, &str)]) -> Found {
        let registers = registers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Found { kind: Kind::Ticket, id, marker: marker.to_owned(), version, registers }
    }

    /// A ticket that was acknowledged as row 1.
    fn acknowledged() -> Model {
        let mut model = Model::default();
        model.begin_create(Kind::Ticket, "t1-1", &[("description", "v0")]);
        assert_eq!(model.created("t1-1", Some(1)), None);
        model
    }

    #[test]
    fn what_was_acknowledged_and_is_there_once_is_right() {
        assert_eq!(acknowledged().check(&[found("t1-1", 1, 1, &[("description", "v0")])]), []);
    }

    #[test]
    fn a_row_that_was_acknowledged_and_is_gone_is_reported() {
        assert_eq!(acknowledged().check(&[]).len(), 1);
    }

    #[test]
    fn a_row_that_is_there_twice_is_reported() {
        let twice = [1, 2].map(|id| found("t1-1", id, 1, &[("description", "v0")]));
        assert_eq!(acknowledged().check(&twice).len(), 1);
        let mut unanswered = Model::default();
        unanswered.begin_create(Kind::Ticket, "t1-1", &[("description", "v0")]);
        assert_eq!(unanswered.check(&twice).len(), 1);
    }

    #[test]
    fn a_row_that_is_acknowledged_under_another_id_is_reported() {
        assert!(acknowledged().created("t1-1", Some(2)).is_some());
        assert_eq!(acknowledged().check(&[found("t1-1", 2, 1, &[("description", "v0")])]).len(), 1);
    }

    #[test]
    fn a_row_that_nobody_made_or_that_was_refused_is_reported() {
        let mut model = Model::default();
        let row = [found("t1-1", 1, 1, &[])];
        assert_eq!(model.check(&row).len(), 1);
        model.begin_create(Kind::Ticket, "t1-1", &[]);
        assert_eq!(model.check(&row), []);
        model.refused("t1-1");
        assert_eq!(model.check(&row).len(), 1);
    }

    #[test]
    fn a_deleted_row_that_is_there_is_reported() {
        let mut model = acknowledged();
        let row = [found("t1-1", 1, 1, &[("description", "v0")])];
        model.begin_delete("t1-1");
        assert_eq!((model.check(&row).len(), model.check(&[]).len()), (0, 0));
        model.deleted("t1-1");
        assert_eq!((model.check(&row).len(), model.check(&[]).len()), (1, 0));
    }

    #[test]
    fn an_acknowledged_change_that_is_lost_is_reported() {
        let mut model = acknowledged();
        let write = model.begin_write("t1-1", "description", "v1", false);
        model.wrote(&write);
        assert_eq!(model.check(&[found("t1-1", 1, 2, &[("description", "v1")])]), []);
        // The value, and the version.
        assert_eq!(model.check(&[found("t1-1", 1, 1, &[("description", "v0")])]).len(), 2);
        assert!(model.misread("t1-1", "description", "v0").is_some());
    }

    #[test]
    fn a_change_that_was_applied_twice_is_reported() {
        let mut model = acknowledged();
        let write = model.begin_write("t1-1", "description", "v1", false);
        model.wrote(&write);
        assert_eq!(model.check(&[found("t1-1", 1, 3, &[("description", "v1")])]).len(), 1);
    }

    #[test]
    fn an_unanswered_change_may_come_later_unless_its_version_has_passed() {
        let mut model = acknowledged();
        model.begin_write("t1-1", "description", "v1", false);
        model.begin_write("t1-1", "description", "v2", true);
        for value in ["v0", "v1", "v2"] {
            assert!(model.admits("t1-1", "description", value), "{value}");
        }
        let write = model.begin_write("t1-1", "description", "v3", false);
        model.wrote(&write);
        for (value, is_possible) in [("v0", false), ("v1", true), ("v2", false), ("v3", true)] {
            assert_eq!(model.admits("t1-1", "description", value), is_possible, "{value}");
        }
    }

    #[test]
    fn a_refused_change_that_is_there_is_reported() {
        let mut model = acknowledged();
        let write = model.begin_write("t1-1", "description", "v1", false);
        model.not_written(&write);
        assert_eq!(model.check(&[found("t1-1", 1, 2, &[("description", "v1")])]).len(), 2);
    }

    #[test]
    fn a_counter_that_lost_an_update_is_reported() {
        let mut model = Model::default();
        model.begin_create(Kind::Counter, "n1", &[]);
        model.created("n1", Some(1));
        for _ in 0..2 {
            let write = model.begin_write("n1", "rooms_count", "", true);
            model.wrote(&write);
        }
        assert_eq!(model.check(&[found("n1", 1, 3, &[("rooms_count", "2")])]), []);
        assert_eq!(model.check(&[found("n1", 1, 3, &[("rooms_count", "1")])]).len(), 1);
    }
}
