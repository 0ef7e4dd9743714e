//! What `cargo local doctor` finds out, and that it leaves everything as it was.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    time::Duration,
};

use local::doctor::{
    self,
    Finding::{self, Bad, Good, Lacking},
};
use tokio::time::sleep;

/// A checkout with nothing in it, which is gone after the test.
struct Checkout(PathBuf);

impl Checkout {
    fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("red doctor {} {name}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        Self(root)
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn about<'a>(findings: &'a [Finding], words: &str) -> &'a Finding {
    let found = findings.iter().find(|finding| finding.to_string().contains(words));
    found.unwrap_or_else(|| panic!("nothing about {words}: {findings:?}"))
}

#[tokio::test]
async fn a_checkout_that_was_never_started_is_left_as_it_is() {
    let checkout = Checkout::new("untouched");

    let findings = doctor::examine(&checkout.0, None).await;

    assert_eq!(fs::read_dir(&checkout.0).unwrap().count(), 0);
    assert!(matches!(about(&findings, "private database"), Good(_)));
    assert!(matches!(about(&findings, ".local/ can be written"), Good(_)));
    assert!(matches!(about(&findings, "C linker"), Good(_)));
}

#[tokio::test]
async fn another_rust_than_the_checkout_names_is_said() {
    let checkout = Checkout::new("rust");
    fs::write(checkout.0.join("rust-toolchain.toml"), "[toolchain]\nprofile = \"minimal\"\n").unwrap();
    let this = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");

    let findings = doctor::examine(&checkout.0, None).await;
    assert!(matches!(about(&findings, "rust-toolchain.toml names"), Lacking(_)));

    let findings = doctor::examine(&this, None).await;
    assert!(!findings.iter().any(|finding| finding.to_string().contains("rust-toolchain.toml names")));
}

#[tokio::test]
async fn a_taken_port_is_said_and_no_obstacle() {
    let checkout = Checkout::new("port");
    // Another test may have it for a moment, while it looks; whoever has it for longer, it is taken.
    let mut ours = TcpListener::bind((Ipv4Addr::LOCALHOST, 8080));
    for _ in 0..20 {
        if ours.is_err() {
            sleep(Duration::from_millis(20)).await;
            ours = TcpListener::bind((Ipv4Addr::LOCALHOST, 8080));
        }
    }

    let findings = doctor::examine(&checkout.0, None).await;

    assert!(matches!(about(&findings, "port 8080 is taken"), Lacking(_)));
}

#[tokio::test]
async fn a_database_that_is_named_and_does_not_answer_is_an_obstacle() {
    let checkout = Checkout::new("named");
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let nowhere = format!("postgres://owner@127.0.0.1:{port}/red?sslmode=disable").parse().unwrap();

    let findings = doctor::examine(&checkout.0, Some(&nowhere)).await;

    assert!(matches!(about(&findings, &format!("the database on 127.0.0.1:{port}")), Bad(_)));
}

#[tokio::test]
async fn a_file_of_an_earlier_run_that_names_nobody_is_no_obstacle() {
    let checkout = Checkout::new("note");
    let data = checkout.0.join(".local/postgres/data");
    fs::create_dir_all(&data).unwrap();
    // No process has an id of that size.
    fs::write(data.join("postmaster.pid"), "2147483647\n").unwrap();

    let findings = doctor::examine(&checkout.0, None).await;

    assert!(matches!(about(&findings, "private database"), Good(_)));
    assert!(data.join("postmaster.pid").exists());
}
