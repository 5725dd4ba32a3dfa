//! Faults of the connection, of TLS and of certificates.

use super::scenario::Scenario;
use crate::tenant::{Certificate, ConnectionFault, Tenant, TenantOptions};

/// All of them.
pub(super) fn scenarios() -> Vec<Scenario> {
    let mut scenarios = plain();
    scenarios.extend(tls());
    scenarios.extend(certificates());
    scenarios.extend(successes());
    scenarios
}

fn with_tls(fault: ConnectionFault) -> TenantOptions {
    Tenant::builder().connection_fault(fault).tls()
}

fn plain() -> Vec<Scenario> {
    let scenario =
        |name, fault| Scenario::connection(name, Tenant::builder().connection_fault(fault));
    vec![
        scenario("refuses connections", ConnectionFault::Refuses).unreachable("connection refused"),
        scenario("accepts, then stays silent", ConnectionFault::Silent).times_out(),
        scenario("closes immediately", ConnectionFault::ClosesImmediately)
            .unreachable("the connection was closed"),
        scenario("speaks SSH", ConnectionFault::SpeaksSsh).bad_answer("invalid HTTP response"),
    ]
}

fn tls() -> Vec<Scenario> {
    let scenario = |name: &str, fault| Scenario::connection(name, with_tls(fault));
    vec![
        scenario(
            "accepts, then stays silent, over TLS",
            ConnectionFault::Silent,
        )
        .times_out(),
        scenario(
            "closes immediately, over TLS",
            ConnectionFault::ClosesImmediately,
        )
        .unreachable("closed before TLS was established"),
        scenario(
            "closes after the first bytes, over TLS",
            ConnectionFault::ClosesAfterFirstBytes,
        )
        .unreachable("closed before TLS was established"),
        scenario("speaks SSH instead of TLS", ConnectionFault::SpeaksSsh)
            .unreachable("does not speak TLS"),
        scenario(
            "speaks HTTP instead of TLS",
            ConnectionFault::SpeaksPlainHttp,
        )
        .unreachable("does not speak TLS"),
        scenario("speaks TLS 1.1", ConnectionFault::SpeaksTls11)
            .unreachable("no TLS version or cipher suite in common"),
        scenario("refuses TLS 1.2", ConnectionFault::AlertsProtocolVersion)
            .unreachable("no TLS version or cipher suite in common"),
    ]
}

fn certificates() -> Vec<Scenario> {
    let scenario = |name, certificate, message| {
        let tenant = Tenant::builder().certificate(certificate);
        Scenario::connection(name, tenant).unreachable(message)
    };
    vec![
        scenario("expired certificate", Certificate::Expired, "expired on"),
        scenario(
            "certificate that is not valid yet",
            Certificate::NotYetValid,
            "not valid before",
        ),
        scenario(
            "certificate for another name",
            Certificate::WrongName,
            "is issued for another name: other.percy.test",
        ),
        scenario(
            "self-signed certificate",
            Certificate::SelfSigned,
            "unknown issuer",
        ),
        scenario(
            "certificate from an unknown root",
            Certificate::UnknownRoot,
            "unknown issuer",
        ),
    ]
}

fn successes() -> Vec<Scenario> {
    let fails_twice = with_tls(ConnectionFault::Refuses)
        .connection_fault_first(2, ConnectionFault::ClosesImmediately);
    [
        ("a connection that fails twice", fails_twice),
        ("TLS 1.2", Tenant::builder().tls().only_tls_1_2()),
        ("HTTP/1.1 over TLS", Tenant::builder().tls().only_http_1()),
    ]
    .map(|(name, tenant)| Scenario::new(name, tenant).succeeds())
    .into()
}
