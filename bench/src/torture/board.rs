//! What clients tell each other: rows that several of them write, and rows that are none of the others' business.

/// Rows, by who has them.
#[derive(Debug, Default)]
pub struct Board {
    /// The form that is answered.
    pub form: i64,
    /// Hotels whose rooms are counted up, with their markers.
    pub counters: Vec<(i64, String)>,
    /// Hotels that stay, with their administrator and marker.
    pub hotels: Vec<(i64, i64, String)>,
    /// Tickets that stay, with their user and marker.
    pub tickets: Vec<(i64, i64, String)>,
    /// Messages, with their two people.
    pub messages: Vec<(i64, i64, i64)>,
    /// Sessions, with their user.
    pub sessions: Vec<(i64, i64)>,
}
