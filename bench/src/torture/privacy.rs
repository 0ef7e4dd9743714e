//! Whose a row is, by its own word and by the marker in its text: rows that got mixed up would not agree.

use serde_json::Value;

/// Whether a ticket is this user's.
pub fn is_ticket_of(user: i64, row: &Value) -> bool {
    row["user"].as_i64() == Some(user) && is_titled_by(user, row)
}

fn is_titled_by(user: i64, row: &Value) -> bool {
    row["title"].as_str().is_some_and(|title| title.starts_with(&format!("t{user}-")))
}

/// Whether a message is from or to this user.
pub fn is_message_of(user: i64, row: &Value) -> bool {
    let text = row["content"].as_str().unwrap_or_default();
    let people = text.strip_prefix('m').and_then(|text| text.split_once('-')).map(|(people, _)| people);
    let Some((sender, recipient)) = people.and_then(|people| people.split_once('>')) else { return false };
    let id = |name: &str| row[name]["id"].as_i64().or(row[format!("{name}_id")].as_i64());
    let name = user.to_string();
    [id("sender"), id("recipient")].contains(&Some(user)) && (sender == name || recipient == name)
}

/// Whether a session is that of a client who calls itself so. The one that came with the account has no name.
pub fn is_session_of(agent: &str, row: &Value) -> bool {
    row["user_agent"] == agent || row["user_agent"] == ""
}

/// Whether a dashboard shows nothing but what this user, who is no administrator, may see.
pub fn is_dashboard_of(user: i64, dashboard: &Value) -> bool {
    let all = |list: &str, is_fine: &dyn Fn(&Value) -> bool| {
        dashboard[list].as_array().is_some_and(|rows| rows.iter().all(is_fine))
    };
    ["users", "emails", "entries"].iter().all(|name| dashboard["counts"][name].is_null())
        && all("recent_tickets", &|row| is_titled_by(user, row))
        && all("recent_messages", &|row| is_message_of(user, row))
        && all("recent_emails", &|_| false)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn somebody_elses_ticket_is_noticed() {
        assert!(is_ticket_of(7, &json!({ "user": 7, "title": "t7-1 Panne" })));
        assert!(!is_ticket_of(7, &json!({ "user": 8, "title": "t8-1 Panne" })));
        assert!(!is_ticket_of(7, &json!({ "user": 7, "title": "t8-1 Panne" })));
        assert!(!is_ticket_of(7, &json!({ "user": 7, "title": "t71-1 Panne" })));
    }

    #[test]
    fn other_peoples_message_is_noticed() {
        let message =
            |sender, recipient, text: &str| json!({ "sender_id": sender, "recipient_id": recipient, "content": text });
        assert!(is_message_of(7, &message(7, 8, "m7>8-1 Bonjour !")));
        assert!(is_message_of(7, &message(8, 7, "m8>7-1 Bonjour !")));
        assert!(!is_message_of(7, &message(8, 9, "m8>9-1 Bonjour !")));
        assert!(!is_message_of(7, &message(7, 8, "m8>9-1 Bonjour !")));
    }

    #[test]
    fn a_dashboard_that_shows_too_much_is_noticed() {
        let mine = json!({
            "counts": { "users": null, "emails": null, "entries": null },
            "recent_tickets": [{ "title": "t7-1 Panne" }], "recent_messages": [], "recent_emails": [],
        });
        assert!(is_dashboard_of(7, &mine));
        assert!(!is_dashboard_of(8, &mine));
        for (list, row) in [("recent_emails", json!({})), ("recent_messages", json!({ "content": "m8>9-1" }))] {
            let mut other = mine.clone();
            other[list] = json!([row]);
            assert!(!is_dashboard_of(7, &other), "{list}");
        }
        let mut other = mine;
        other["counts"]["users"] = json!(3);
        assert!(!is_dashboard_of(7, &other));
    }
}
