//! `padlock profiles`: what profiles there are, and what is wrong with them.

use serde_json::Value;

use crate::program::printed;
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
