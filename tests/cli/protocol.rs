//! What is remembered of a host: that it speaks HTTP/2, so that a login needs one connection.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;

use crate::program::{login_at, login_at_issuer};
use crate::proxy::Proxy;
use crate::tenant::{Certificate, JWKS, TOKEN, Tenant, TenantOptions};

/// So long that the connection of the keys is not free before the password is sent, on a busy
/// machine too.
const LONG: Duration = Duration::from_secs(2);

/// A tenant whose connections take so long to begin that a login which does not know the protocol
/// begins the second one before the first is there, on a busy machine too.
fn slow_tenant() -> TenantOptions {
    let options = Tenant::builder().tls().delay(JWKS, LONG);
    options.handshake_delay(Duration::from_millis(500))
}

/// Connections that a login takes whose cache is in this folder.
fn connections(tenant: &Tenant, cache: &TempDir) -> usize {
    let before = tenant.connections();
    let mut login = login_at(tenant);
    login.env("XDG_CACHE_HOME", cache.path()).assert().code(0);
    tenant.connections() - before
}

fn files(cache: &TempDir) -> Vec<PathBuf> {
    let folder = fs::read_dir(cache.path().join("padlock"));
    let files = folder.into_iter().flatten();
    files.map(|file| file.unwrap().path()).collect()
}

#[test]
fn a_login_takes_one_connection_to_a_host_that_spoke_http_2_before() {
    let tenant = slow_tenant().start();
    let cache = TempDir::new().unwrap();
    assert_eq!(connections(&tenant, &cache), 2);
    assert_eq!(connections(&tenant, &cache), 1);
    let without = TempDir::new().unwrap();
    assert_eq!(connections(&tenant, &without), 2, "nothing is remembered");
}

#[test]
fn both_requests_of_a_login_on_one_connection_are_under_way_at_the_same_time() {
    let delay = LONG;
    let tenant = Tenant::builder()
        .tls()
        .delay(JWKS, delay)
        .delay(TOKEN, delay)
        .start();
    let cache = TempDir::new().unwrap();
    connections(&tenant, &cache);
    tenant.clear_requests();
    assert_eq!(connections(&tenant, &cache), 1);
    let at: Vec<_> = tenant.requests().iter().map(|one| one.at).collect();
    assert_eq!(at.len(), 2);
    let apart = at[0].max(at[1]) - at[0].min(at[1]);
    assert!(
        apart < delay,
        "{apart:?} apart, so one waited for the other"
    );
}

#[test]
fn a_host_that_speaks_http_1_is_not_remembered() {
    let tenant = Tenant::builder()
        .tls()
        .only_http_1()
        .delay(JWKS, LONG)
        .start();
    let cache = TempDir::new().unwrap();
    for _ in 0..2 {
        assert_eq!(connections(&tenant, &cache), 2);
    }
    assert!(files(&cache).is_empty());
}

#[test]
fn what_is_remembered_holds_no_secret_and_damage_to_it_costs_a_connection_alone() {
    let tenant = slow_tenant().start();
    let cache = TempDir::new().unwrap();
    connections(&tenant, &cache);
    let [file] = files(&cache).try_into().unwrap();
    let text = fs::read_to_string(&file).unwrap();
    assert!(
        text.ends_with("\nh2") && !text.contains("pa55word"),
        "{text}"
    );
    for damaged in ["h2", &text.replace("\nh2", "\nh3")] {
        fs::write(&file, damaged).unwrap();
        assert_eq!(connections(&tenant, &cache), 2, "{damaged:?}");
    }
    assert_eq!(connections(&tenant, &cache), 1, "it is remembered again");
    // From more than a day ago.
    let (_, rest) = text.split_once("\"fetched_at\":").unwrap();
    let time = rest.split(',').next().unwrap();
    let old = text.replace(time, &(time.parse::<i64>().unwrap() - 86_401).to_string());
    fs::write(&file, old).unwrap();
    assert_eq!(connections(&tenant, &cache), 2, "from more than a day ago");
}

#[test]
fn a_host_that_speaks_http_2_no_longer_costs_one_connection_more_and_is_forgotten() {
    let tenant = slow_tenant().start();
    let cache = TempDir::new().unwrap();
    connections(&tenant, &cache);
    assert_eq!(connections(&tenant, &cache), 1);
    tenant.change(TenantOptions::only_http_1);
    assert_eq!(connections(&tenant, &cache), 2);
    assert!(files(&cache).is_empty());
}

#[test]
fn what_is_remembered_under_other_roots_does_not_count() {
    let tenant = slow_tenant().start();
    let cache = TempDir::new().unwrap();
    connections(&tenant, &cache);
    let other = cache.path().join("other.pem");
    let more = rcgen::generate_simple_self_signed(Vec::new()).unwrap();
    let roots = [
        fs::read_to_string(tenant.ca_file()).unwrap(),
        more.cert.pem(),
    ]
    .concat();
    fs::write(&other, roots).unwrap();
    let before = tenant.connections();
    let mut login = login_at(&tenant);
    login.env("XDG_CACHE_HOME", cache.path());
    login.env("PADLOCK_CA_FILE", &other).assert().code(0);
    assert_eq!(tenant.connections() - before, 2);
    assert_eq!(connections(&tenant, &cache), 1, "under the first roots");
}

#[test]
fn nothing_is_remembered_where_the_roots_change_during_the_login() {
    let tenant = Tenant::builder().tls().delay(TOKEN, LONG).start();
    let cache = TempDir::new().unwrap();
    let bundle = cache.path().join("bundle.pem");
    fs::copy(tenant.ca_file(), &bundle).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(LONG / 2);
            fs::copy(tenant.ca_file(), &bundle).unwrap();
        });
        let mut login = login_at(&tenant);
        login.env("XDG_CACHE_HOME", cache.path());
        login.env("SSL_CERT_FILE", &bundle).assert().code(0);
    });
    assert!(files(&cache).is_empty());
}

#[test]
fn a_host_whose_certificate_is_refused_is_not_remembered() {
    let tenant = Tenant::builder().certificate(Certificate::Expired).start();
    let cache = TempDir::new().unwrap();
    let mut login = login_at(&tenant);
    login.env("XDG_CACHE_HOME", cache.path()).assert().code(7);
    assert!(files(&cache).is_empty());
}

#[test]
fn a_login_through_a_proxy_takes_one_tunnel_to_a_host_that_spoke_http_2_before() {
    let tenant = slow_tenant().start();
    let cache = TempDir::new().unwrap();
    for tunnels in [2, 1] {
        let proxy = Proxy::start(200);
        let mut login = login_at(&tenant);
        login.env("XDG_CACHE_HOME", cache.path());
        login.env("ALL_PROXY", &proxy.address).assert().code(0);
        assert_eq!(proxy.requests().len(), tunnels);
    }
}

#[test]
fn a_login_at_an_issuer_takes_one_connection_too() {
    let tenant = Tenant::builder().tls().start();
    let cache = TempDir::new().unwrap();
    for _ in 0..2 {
        let before = tenant.connections();
        let mut login = login_at_issuer(&tenant);
        login.env("XDG_CACHE_HOME", cache.path()).assert().code(0);
        assert_eq!(tenant.connections() - before, 1, "discovery opens it");
    }
}
