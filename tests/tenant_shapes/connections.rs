//! Connections: TLS, idle timeouts and faults.

use std::fs;
use std::net::TcpStream;

use reqwest::blocking::Client;
use reqwest::{Certificate as Root, Version};
use serde_json::Value;

use crate::faults::{LONG, SHORT, http, keys};
use crate::tenant::{Certificate, ConnectionFault, Fault, JWKS, Tenant, TenantOptions};

#[test]
fn tls_serves_http_2_to_clients_that_trust_the_root() {
    let tenant = Tenant::builder().tls().start();
    let url = format!("{}.well-known/openid-configuration", tenant.url());
    assert!(crate::http().get(&url).send().is_err());
    let root = Root::from_pem(&fs::read(tenant.ca_file()).unwrap()).unwrap();
    let http = Client::builder()
        .no_proxy()
        .tls_certs_merge([root])
        .build()
        .unwrap();
    let response = http.get(&url).send().unwrap();
    assert_eq!(response.version(), Version::HTTP_2);
    let document: Value = response.json().unwrap();
    assert_eq!(document["issuer"], tenant.issuer());
    assert_eq!(
        document["jwks_uri"],
        format!("{}.well-known/jwks.json", tenant.url())
    );
}

#[test]
fn a_dropped_tenant_closes_its_port() {
    let tenant = Tenant::start();
    let address = tenant
        .url()
        .trim_start_matches("http://")
        .trim_end_matches('/')
        .to_owned();
    assert!(TcpStream::connect(&address).is_ok());
    drop(tenant);
    assert!(TcpStream::connect(&address).is_err());
}

#[test]
fn connections_can_fail_before_http() {
    let error = |fault| keys(&Tenant::builder().connection_fault(fault).start()).unwrap_err();
    assert!(error(ConnectionFault::Refuses).is_connect());
    assert!(error(ConnectionFault::Silent).is_timeout());
    for fault in [
        ConnectionFault::ClosesImmediately,
        ConnectionFault::ClosesAfterFirstBytes,
        ConnectionFault::SpeaksSsh,
    ] {
        assert!(!error(fault).is_timeout(), "{fault:?}");
    }
    let tenant = Tenant::builder()
        .connection_fault_first(1, ConnectionFault::ClosesImmediately)
        .start();
    assert!(keys(&tenant).is_err());
    assert_eq!(keys(&tenant).unwrap().status(), 200);
    assert_eq!((tenant.connections(), tenant.requests().len()), (2, 1));
}

#[test]
fn idle_connections_can_be_closed() {
    let tenant = Tenant::builder()
        .idle_timeout(SHORT / 8)
        .delay(JWKS, SHORT / 4)
        .start();
    let http = http(LONG);
    let get = || {
        http.get(format!("{}.well-known/jwks.json", tenant.url()))
            .send()
            .unwrap()
            .bytes()
            .unwrap()
    };
    get();
    std::thread::sleep(SHORT / 2);
    get();
    assert_eq!(tenant.connections(), 2, "a busy connection is not idle");
}

/// The HTTP version, or the error of a client that trusts the tenant's root.
fn over_tls(options: TenantOptions) -> Result<Version, String> {
    let tenant = options.start();
    let root = Root::from_pem(&fs::read(tenant.ca_file()).unwrap()).unwrap();
    let http = Client::builder()
        .no_proxy()
        .timeout(SHORT)
        .tls_certs_only([root])
        .build()
        .unwrap();
    let response = http
        .get(format!("{}.well-known/jwks.json", tenant.url()))
        .send();
    response
        .map(|response| response.version())
        .map_err(|error| format!("{error:?}"))
}

#[test]
fn certificates_and_tls_versions_can_be_invalid() {
    let error = |certificate| over_tls(Tenant::builder().certificate(certificate)).unwrap_err();
    assert!(error(Certificate::Expired).contains("Expired"));
    assert!(error(Certificate::NotYetValid).contains("NotValidYet"));
    assert!(error(Certificate::WrongName).contains("NotValidForName"));
    assert!(error(Certificate::UnknownRoot).contains("UnknownIssuer"));
    let self_signed = error(Certificate::SelfSigned);
    assert!(
        self_signed.contains("UnknownIssuer") || self_signed.contains("CaUsedAsEndEntity"),
        "{self_signed}"
    );
    let fault = |fault| over_tls(Tenant::builder().tls().connection_fault(fault)).unwrap_err();
    let old = fault(ConnectionFault::SpeaksTls11);
    assert!(
        old.contains("PeerIncompatible") || old.contains("ProtocolVersion"),
        "{old}"
    );
    assert!(fault(ConnectionFault::AlertsProtocolVersion).contains("ProtocolVersion"));
    assert!(fault(ConnectionFault::SpeaksPlainHttp).contains("InvalidMessage"));
    assert_eq!(
        over_tls(Tenant::builder().tls().only_tls_1_2().only_http_1()),
        Ok(Version::HTTP_11)
    );
    assert!(
        over_tls(
            Tenant::builder()
                .tls()
                .fault(JWKS, Fault::ClosesWithoutResponse)
        )
        .is_err()
    );
}
