//! The hosts that are reached without a proxy (`NO_PROXY`).

use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Url};

/// The hosts that are reached without a proxy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct NoProxy(Vec<Entry>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    hosts: Hosts,
    /// `None`: any.
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Hosts {
    /// `*`
    All,
    /// `10.0.0.7` or `10.0.0.0/8`
    Network(IpNet),
    /// `corp.test` or `.corp.test`: that host, and every one below it.
    Domain(String),
    /// `*.corp.test`: every host below that one.
    Below(String),
}

impl NoProxy {
    /// Reads a list that is separated by commas or whitespace.
    pub(super) fn parse(list: &str) -> Self {
        let entries = list.split(|c: char| c == ',' || c.is_whitespace());
        Self(entries.filter_map(Entry::parse).collect())
    }

    /// Whether no host at all is reached through the proxy.
    pub(super) fn is_everything(&self) -> bool {
        let everything = Entry {
            hosts: Hosts::All,
            port: None,
        };
        self.0.contains(&everything)
    }

    pub(super) fn contains(&self, url: &Url) -> bool {
        let Some(host) = url.host() else {
            return false;
        };
        let port = url.port_or_known_default();
        let mut entries = self.0.iter();
        entries.any(|entry| (entry.port.is_none() || entry.port == port) && entry.hosts.has(&host))
    }
}

impl Entry {
    /// `None` without a host.
    fn parse(text: &str) -> Option<Self> {
        if let Some(network) = network(text) {
            let hosts = Hosts::Network(network);
            return Some(Self { hosts, port: None });
        }
        let (text, port) = match text.rsplit_once(':') {
            Some((text, port)) => (text, Some(port.parse().ok()?)),
            None => (text, None),
        };
        let name = |text: &str| text.trim_end_matches('.').to_ascii_lowercase();
        let hosts = if text == "*" {
            Hosts::All
        } else if let Some(network) = network(text) {
            Hosts::Network(network)
        } else if let Some(below) = text.strip_prefix("*.") {
            Hosts::Below(name(below))
        } else {
            Hosts::Domain(name(text.strip_prefix('.').unwrap_or(text)))
        };
        let is_nameless =
            matches!(&hosts, Hosts::Domain(name) | Hosts::Below(name) if name.is_empty());
        (!is_nameless).then_some(Self { hosts, port })
    }
}

/// An IP address, also in brackets, or a network.
fn network(text: &str) -> Option<IpNet> {
    let inner = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let address: Option<IpAddr> = inner.unwrap_or(text).parse().ok();
    address.map(IpNet::from).or_else(|| text.parse().ok())
}

impl Hosts {
    fn has(&self, host: &Host<&str>) -> bool {
        let (name, address) = match host {
            Host::Domain(name) => (name.trim_end_matches('.'), None),
            Host::Ipv4(address) => ("", Some(IpAddr::V4(*address))),
            Host::Ipv6(address) => ("", Some(IpAddr::V6(*address))),
        };
        match self {
            Self::All => true,
            Self::Network(network) => address.is_some_and(|address| network.contains(&address)),
            Self::Domain(domain) => name == domain || is_below(name, domain),
            Self::Below(domain) => is_below(name, domain),
        }
    }
}

fn is_below(name: &str, domain: &str) -> bool {
    let rest = name.strip_suffix(domain);
    rest.is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(list: &str, url: &str) -> bool {
        NoProxy::parse(list).contains(&Url::parse(url).unwrap())
    }

    #[test]
    fn a_domain_stands_for_itself_and_the_hosts_below_it() {
        for list in [
            "corp.test",
            ".corp.test",
            "CORP.test.",
            "a.test, corp.test",
            "x corp.test",
        ] {
            assert!(contains(list, "https://corp.test/"), "{list}");
            assert!(contains(list, "https://Login.corp.test./"), "{list}");
            assert!(!contains(list, "https://notcorp.test/"), "{list}");
            assert!(!contains(list, "https://corp.test.evil.test/"), "{list}");
        }
    }

    #[test]
    fn a_star_and_a_dot_stand_for_the_hosts_below_a_domain() {
        for list in ["*.corp.test", "*.Corp.Test.", ",,*.corp.test,"] {
            assert!(contains(list, "https://login.corp.test/"), "{list}");
            assert!(contains(list, "https://a.b.corp.test:8443/"), "{list}");
            for url in [
                "https://corp.test/",
                "https://notcorp.test/",
                "https://10.0.0.1/",
            ] {
                assert!(!contains(list, url), "{list} {url}");
            }
        }
    }

    #[test]
    fn a_port_must_be_the_one_of_the_url() {
        for list in [
            "*.corp.test:8443",
            "corp.test:8443",
            ".corp.test:8443",
            "*:8443",
        ] {
            assert!(contains(list, "https://login.corp.test:8443/"), "{list}");
            assert!(!contains(list, "https://login.corp.test/"), "{list}");
        }
        assert!(contains("corp.test:443", "https://corp.test/"));
        assert!(contains("10.0.0.7:8443", "https://10.0.0.7:8443/"));
        assert!(contains("[fd00::7]:443", "https://[fd00::7]/"));
        assert!(!contains("corp.test:x", "https://corp.test/"));
    }

    #[test]
    fn addresses_and_networks_stand_for_addresses() {
        for (list, url) in [
            ("10.0.0.7", "https://10.0.0.7/"),
            ("10.0.0.0/8", "https://10.9.9.9/"),
            ("fd00::7", "https://[fd00::7]/"),
            ("[fd00::7]", "https://[fd00::7]/"),
            ("fd00::/8", "https://[fd12::1]:8443/"),
        ] {
            assert!(contains(list, url), "{list}");
        }
        for list in ["10.0.0.0/8", "10.0.0.7", "0.0.0.0/0", "corp.test", ""] {
            assert!(!contains(list, "https://11.0.0.1.test/"), "{list}");
        }
    }

    #[test]
    fn a_star_alone_stands_for_every_host() {
        for url in ["https://corp.test/", "https://10.0.0.1/", "https://[::1]/"] {
            assert!(contains("a.test, *", url), "{url}");
        }
        assert!(NoProxy::parse("a.test,*").is_everything());
        assert!(!NoProxy::parse("*.test,*:443").is_everything());
    }
}
