//! `padlock profiles`: what profiles there are, and what is wrong with them.

use std::fs;
use std::process::Command;
use std::time::Duration;

use predicates::prelude::PredicateBooleanExt;
use serde_json::Value;

use crate::program::{printed, says};
use crate::setup::Home;
use crate::tenant::{CLIENT_SECRET, EMAIL, Tenant};

#[test]
fn profiles_are_listed_with_tenant_and_session_and_without_the_network() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let none = printed(&mut home.padlock(&["profiles", "-o", "json"]));
    assert_eq!(none, "{\"profiles\":[]}\n");
    home.setup(&tenant, CLIENT_SECRET, &[]).assert().code(0);
    home.write("staging", "AUTH0_ISSUER=https://staging.test/realms/a\n");
    home.write("broken", "AUTH0_DOMAIN='x\n");
    home.login(&["--save", "--store", "file"]).assert().code(0);
    tenant.clear_requests();
    let table = printed(&mut home.padlock(&["profiles"]));
    for words in [
        "default",
        EMAIL,
        "staging",
        "https://staging.test/realms/a",
        "none",
        "line 1",
    ] {
        assert!(table.contains(words), "{words} in {table}");
    }
    let list = printed(&mut home.padlock(&["profiles", "-o", "json"]));
    let list: Value = serde_json::from_str(&list).unwrap();
    let names: Vec<_> = (0..3)
        .map(|index| &list["profiles"][index]["name"])
        .collect();
    assert_eq!(names, ["broken", "default", "staging"]);
    assert_eq!(list["profiles"][1]["sessions"], serde_json::json!([EMAIL]));
    assert_eq!(list["profiles"][2]["sessions"], serde_json::json!([]));
    assert!(!list.to_string().contains(CLIENT_SECRET) && !table.contains(CLIENT_SECRET));
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn a_file_that_cannot_be_read_has_its_problem_in_a_column_of_its_own() {
    let home = Home::new();
    home.write("good", "AUTH0_DOMAIN=acme.test\n");
    let list = || {
        let list = printed(&mut home.padlock(&["profiles", "-o", "json"]));
        serde_json::from_str::<Value>(&list).unwrap()["profiles"].clone()
    };
    assert!(!printed(&mut home.padlock(&["profiles"])).contains("Problem"));
    home.write("broken", "AUTH0_DOMAIN='x\n");
    let table = printed(&mut home.padlock(&["profiles"]));
    let row = table.lines().find(|line| line.contains("broken")).unwrap();
    let cells: Vec<_> = row.split('|').map(str::trim).collect();
    assert_eq!(cells[2..5], ["-", "-", "-"], "{row}");
    assert!(cells[5].contains("line 1"), "{row}");
    assert!(list()[0]["tenant"].is_null() && list()[0]["problem"].is_string());
}

#[test]
fn what_is_no_plain_file_is_not_waited_for() {
    let home = Home::new();
    home.write("good", "AUTH0_DOMAIN=acme.test\n");
    let pipe = home.file("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    fs::create_dir(home.file("folder")).unwrap();
    // A wait for a writer would take longer than the test may.
    let mut profiles = home.padlock(&["profiles", "-o", "json"]);
    let output = profiles.timeout(Duration::from_secs(4)).output().unwrap();
    let list: Value = serde_json::from_slice(&output.stdout).unwrap();
    for (index, name) in ["folder", "good", "pipe"].into_iter().enumerate() {
        let profile = &list["profiles"][index];
        assert_eq!(profile["name"], name);
        assert_eq!(profile["problem"].is_null(), name == "good", "{list}");
    }
    let setup = [
        "setup",
        "--profile",
        "pipe",
        "--domain",
        "a.test",
        "--client-id",
        "x",
    ];
    home.padlock(&setup)
        .timeout(Duration::from_secs(4))
        .assert()
        .code(2)
        .stderr(says("it is not a plain file"));
}

#[test]
fn a_profile_that_links_to_nothing_is_named_as_that_everywhere() {
    let home = Home::new();
    home.write("good", "");
    std::os::unix::fs::symlink("/nowhere/x.env", home.file("dangling")).unwrap();
    let message = "is a link to /nowhere/x.env, which does not exist";
    let table = printed(&mut home.padlock(&["profiles"]));
    assert!(table.contains(message), "{table}");
    let setup = [
        "setup",
        "--profile",
        "dangling",
        "--domain",
        "a.test",
        "--client-id",
        "x",
    ];
    for arguments in [&["--profile", "dangling"][..], &setup] {
        home.padlock(arguments)
            .assert()
            .code(2)
            .stderr(says(message).and(says("remove the link")));
    }
    assert!(home.file("dangling").is_symlink());
}

#[test]
fn a_profile_gets_a_name_that_can_be_used() {
    let home = Home::new();
    let long = "x".repeat(300);
    for (name, problem) in [
        ("-x", "does not begin with -"),
        ("staging.env", "a name without .env"),
        ("a\nb", "control character"),
        (&long, "longer than 240 bytes"),
        ("../x", "not a path"),
        ("", "expected a name"),
    ] {
        let profile = format!("--profile={name}");
        let setup = [
            "setup",
            &profile,
            "--domain",
            "a.test",
            "--client-id",
            "x",
            "--no-check",
        ];
        home.padlock(&setup).assert().code(2).stderr(says(problem));
    }
    let longest = "x".repeat(240);
    for name in ["ä b", "x.y", &longest] {
        let setup = [
            "setup",
            "--profile",
            name,
            "--domain",
            "a.test",
            "--client-id",
            "x",
        ];
        home.padlock(&[&setup[..], &["--no-check"]].concat())
            .assert()
            .code(0);
        home.padlock(&["doctor", "--profile", name, "--timeout", "1"])
            .assert()
            .stdout(says("AUTH0_CLIENT_ID"));
    }
}
