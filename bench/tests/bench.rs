//! The short form of `cargo local bench`: each part of the report with hardly any rows and requests. What it says about
//! time is not looked at.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod programs;

use std::path::Path;

use bench::report::{self, Options, Part};

#[tokio::test]
async fn every_part_of_the_report_can_be_measured() {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.local/tools");
    let folder = std::env::temp_dir().join(format!("red product {} bench", std::process::id()));
    let options = Options {
        parts: vec![Part::Cases, Part::Http, Part::Functions, Part::Export, Part::Growth],
        hotels: 2_000,
        starts: 1,
        requests: 5,
        pairs: 5,
        seconds: 0.05,
        growth: vec![100, 500],
        peer: None,
    };

    let report = report::run(&folder, &tools, &programs::of, options).await.unwrap();

    let cases = report.cases.as_ref().unwrap();
    assert!(cases.values().all(|times| times.statements > 0), "every case asks the database");
    assert_eq!(cases["create a hotel"].statements, 4, "begin, the hotel, the record of it, commit");
    assert!(report.http.as_ref().unwrap().values().all(|both| both.ours.per_second > 0.0));
    let counted =
        |path: &str| report.growth.as_ref().unwrap()[path].0.values().map(|times| times.rows).collect::<Vec<_>>();
    assert_eq!(counted("/api/hotels/"), [Some(100), Some(500)]);
    assert_eq!(counted("/api/emails/?page=last"), [Some(100), Some(500)]);
    let exports = report.exports.as_ref().unwrap();
    assert!(exports.values().all(|export| export.bytes > 4_000_000), "each is too large to be an answer");
    let text = report.to_string();
    for words in ["| hotels |", "| sign in |", "Sign-in", "| /api/dashboard/ |", "| export of entries |"] {
        assert!(text.contains(words), "{words} is missing in:\n{text}");
    }
}
