//! Proxy, name, connection, TLS and clock, as the first request shows them.

use url::{Host, Url};

use super::findings::Findings;
use crate::duration;
use crate::failure::{Class, Failure};
use crate::http::{self, ConnectStage, Http, HttpError};
use crate::verify::Policy;

const STAGES: [(ConnectStage, &str); 4] = [
    (ConnectStage::Proxy, "proxy"),
    (ConnectStage::Name, "dns"),
    (ConnectStage::Connection, "connection"),
    (ConnectStage::Tls, "tls"),
];

/// The client could not be set up.
pub(super) fn refuse(error: HttpError, findings: &mut Findings) {
    let stage = error.stage().unwrap_or(ConnectStage::Connection);
    findings.bad(name(stage), error.into());
}

/// A request to this URL got this far; `Err`: no further.
pub(super) fn reached(http: &Http, url: &Url, error: Option<HttpError>, findings: &mut Findings) {
    let failed = error.as_ref().and_then(HttpError::stage);
    let proxy = http.proxy(url);
    // A request that took too long may have failed anywhere.
    let is_late = matches!(error, Some(HttpError::TimedOut { .. }));
    for (stage, name) in STAGES {
        if failed == Some(stage) {
            break;
        }
        if !is_late || stage == ConnectStage::Proxy && proxy.is_none() {
            findings.good(name, good(stage, url, proxy.as_deref()));
        }
    }
    if let (Some(stage), Some(error)) = (failed, error) {
        findings.bad(name(stage), error.into());
    }
}

fn name(stage: ConnectStage) -> &'static str {
    let stage = STAGES.iter().find(|(one, _)| *one == stage);
    stage.map_or("connection", |(_, name)| name)
}

fn good(stage: ConnectStage, url: &Url, proxy: Option<&str>) -> String {
    let host = http::host(url);
    match (stage, proxy) {
        (ConnectStage::Proxy, None) => "none is used".to_owned(),
        (ConnectStage::Proxy, Some(proxy)) => format!("{proxy} opened the connection"),
        (ConnectStage::Name, Some(proxy)) => format!("left to the proxy {proxy}"),
        (ConnectStage::Name, None) => match url.host() {
            Some(Host::Domain(name)) => format!("{name} has an address"),
            _ => "no name to look up".to_owned(),
        },
        (ConnectStage::Connection, _) => format!("{host} accepts connections"),
        (ConnectStage::Tls, _) if url.scheme() == "http" => {
            "not used: plain HTTP to this machine".to_owned()
        }
        (ConnectStage::Tls, _) => format!("the certificate of {host} is valid"),
    }
}

/// Compares this machine's clock with the server's, from the last response with a date.
pub(super) fn check_clock(http: &Http, findings: &mut Findings) {
    let Some(clocks) = http.clocks() else {
        return;
    };
    let difference = clocks.here.saturating_sub(clocks.there);
    let distance = duration::short(difference.unsigned_abs());
    let direction = if difference > 0 {
        "ahead of"
    } else {
        "slower than"
    };
    if difference.unsigned_abs() <= u64::from(Policy::DEFAULT_LEEWAY) {
        let detail = match difference {
            0 => "the same as the server's".to_owned(),
            _ => format!("{distance} {direction} the server's, within the leeway of 60 s"),
        };
        return findings.good("clock", detail);
    }
    let message = format!("this machine's clock is {distance} {direction} the server's");
    let hint = "set this machine's clock, or allow up to 300 s of difference with --leeway";
    findings.bad(
        "clock",
        Failure::new(Class::UntrustedToken, message).hint(hint),
    );
}
