//! Sessions that a sign-in without a password keeps.

use crate::browsing::{ANY_PORT, start, tenant};
use crate::program::process_at;
use crate::sessions::Home;
use crate::tenant::{AUDIENCE, EMAIL, Tenant};

fn begin(tenant: &Tenant, home: &Home, arguments: &[&str]) -> crate::browsing::BrowserLogin {
    let login = [
        "login",
        "--browser",
        "--no-open",
        "--redirect-uri",
        ANY_PORT,
    ];
    let save = ["--save", "--audience", AUDIENCE];
    let mut process = process_at(tenant, &[&login[..], &save, arguments].concat());
    process.env("XDG_STATE_HOME", home.state());
    start(process)
}

#[test]
fn a_session_of_a_browser_is_renewed_like_one_of_a_password() {
    let (tenant, home) = (tenant().start(), Home::new());
    let login = begin(&tenant, &home, &[]);
    let scope = login.parameter("scope").unwrap();
    assert!(
        scope.split(' ').any(|scope| scope == "offline_access"),
        "{scope}"
    );
    assert_eq!(login.finish().code, Some(0));
    assert!(!home.token(&tenant).is_empty());
}

#[test]
fn another_account_than_the_named_one_is_not_saved() {
    let (tenant, home) = (tenant().start(), Home::new());
    let ended = begin(&tenant, &home, &["--email", "mallory@percy.test"]).finish();
    assert_eq!((ended.code, &*ended.stdout), (Some(5), ""), "{ended:?}");
    home.run(&tenant, &["token"]).assert().code(10);
    let ended = begin(&tenant, &home, &["--email", EMAIL]).finish();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    home.run(&tenant, &["token"]).assert().code(0);
}
