//! `padlock guard`: the arguments.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::check::CheckArgs;
use super::values::without_control_characters;
use super::verify::{FetchArgs, KeyArgs, RuleArgs};

/// Answer a reverse proxy whether a request's bearer token is valid and sufficient
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("keys").args(["issuer", "jwks", "key_file", "secret_file"]).multiple(true),
    group = ArgGroup::new("addresses").args(["listen", "listen_for"]).multiple(true).required(true)
)]
pub(crate) struct GuardArgs {
    #[command(flatten)]
    pub(crate) sockets: SocketArgs,
    #[command(flatten)]
    pub(crate) responses: ResponseArgs,
    #[command(flatten)]
    pub(crate) keys: KeyArgs,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    #[command(flatten)]
    pub(crate) checks: CheckArgs,
    #[command(flatten)]
    pub(crate) fetch: FetchArgs,
}

/// Where requests come in.
#[derive(Debug, Args)]
#[command(next_help_heading = "Listen (one address is required)")]
pub(crate) struct SocketArgs {
    /// Address for requests, whose path names the check: an IP address and port, unix:PATH, or
    /// systemd or systemd:NAME for sockets that systemd passes; repeatable
    #[arg(long, value_name = "ADDRESS", value_parser = listen)]
    pub(crate) listen: Vec<ListenAddress>,
    /// Address whose requests are all held to one check, whatever their path; repeatable
    #[arg(long, value_name = "CHECK=ADDRESS", value_parser = listen_for)]
    pub(crate) listen_for: Vec<(String, ListenAddress)>,
    /// Address with /healthz and /readyz
    #[arg(long, value_name = "ADDRESS", value_parser = listen)]
    pub(crate) health_listen: Option<ListenAddress>,
    /// Permissions of the sockets at unix:PATH, in octal
    #[arg(long, value_name = "MODE", default_value = "0660", value_parser = mode)]
    pub(crate) socket_mode: u32,
}

/// What a response holds.
#[derive(Debug, Args)]
#[command(next_help_heading = "Responses")]
pub(crate) struct ResponseArgs {
    /// Put this claim into this header of every 200, empty if the token lacks it; repeatable
    #[arg(long, value_name = "CLAIM=HEADER", value_parser = pass_claim)]
    pub(crate) pass_claim: Vec<(String, String)>,
    /// Add a JSON body with the class and the reasons to every refusal
    #[arg(long)]
    pub(crate) explain: bool,
}

/// An address to listen at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ListenAddress {
    /// An IP address and a port, 0 for any free one.
    Tcp(IpAddr, u16),
    /// A socket in the file system.
    Unix(PathBuf),
    /// Sockets that systemd passes: all that no other address names, or those of that name.
    Systemd(Option<String>),
}

const ADDRESS: &str = "expected an IP address and a port such as 127.0.0.1:9000, unix:PATH, or \
                       systemd";

fn listen(text: &str) -> Result<ListenAddress, &'static str> {
    without_control_characters(text)?;
    if let Some(path) = text.strip_prefix("unix:") {
        let path = PathBuf::from(path);
        return if path.is_absolute() {
            Ok(ListenAddress::Unix(path))
        } else {
            Err("expected the absolute path of a socket after unix:")
        };
    }
    match text.split_once(':') {
        None if text == "systemd" => return Ok(ListenAddress::Systemd(None)),
        Some(("systemd", name)) if !name.is_empty() => {
            return Ok(ListenAddress::Systemd(Some(name.to_owned())));
        }
        _ => {}
    }
    let (host, port) = text.rsplit_once(':').ok_or(ADDRESS)?;
    let address = match host {
        "localhost" => IpAddr::from([127, 0, 0, 1]),
        host => {
            let inner = host
                .strip_prefix('[')
                .and_then(|host| host.strip_suffix(']'));
            let address = inner
                .unwrap_or(host)
                .parse::<IpAddr>()
                .map_err(|_| ADDRESS)?;
            if address.is_ipv6() == inner.is_some() {
                address
            } else {
                return Err(ADDRESS);
            }
        }
    };
    let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
    let port = port.parse().ok().filter(|_| is_number).ok_or(ADDRESS)?;
    Ok(ListenAddress::Tcp(address, port))
}

fn listen_for(text: &str) -> Result<(String, ListenAddress), &'static str> {
    let (check, address) = text.split_once('=').ok_or("expected CHECK=ADDRESS")?;
    Ok((check.to_owned(), listen(address)?))
}

fn mode(text: &str) -> Result<u32, &'static str> {
    let is_octal = text.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    let mode = u32::from_str_radix(text, 8).ok().filter(|_| is_octal);
    mode.filter(|mode| *mode <= 0o777)
        .ok_or("expected octal permissions from 0000 to 0777, such as 0660")
}

/// Headers that carry the message itself, or that a proxy may take for its own.
const RESERVED: [&str; 29] = [
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-location",
    "content-range",
    "content-type",
    "cookie",
    "date",
    "etag",
    "expect",
    "host",
    "keep-alive",
    "location",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "retry-after",
    "server",
    "set-cookie",
    "status",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "vary",
    "www-authenticate",
    "x-accel-redirect",
];

fn pass_claim(text: &str) -> Result<(String, String), &'static str> {
    let (claim, header) = text.rsplit_once('=').ok_or("expected CLAIM=HEADER")?;
    if claim.is_empty() {
        return Err("expected CLAIM=HEADER");
    }
    without_control_characters(claim)?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if header.is_empty() || !header.chars().all(is_plain) {
        return Err("a header's name has only letters, digits and -");
    }
    if RESERVED.contains(&header.to_ascii_lowercase().as_str()) {
        return Err("this header has a meaning of its own; choose another, such as X-User");
    }
    Ok((claim.to_owned(), header.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_an_ip_address_and_port_a_socket_or_systemd() {
        let tcp = |address: &str, port| ListenAddress::Tcp(address.parse().unwrap(), port);
        for (text, address) in [
            ("127.0.0.1:9000", tcp("127.0.0.1", 9000)),
            ("[::1]:0", tcp("::1", 0)),
            ("localhost:80", tcp("127.0.0.1", 80)),
            (
                "unix:/run/p.sock",
                ListenAddress::Unix("/run/p.sock".into()),
            ),
            ("systemd", ListenAddress::Systemd(None)),
            ("systemd:api", ListenAddress::Systemd(Some("api".into()))),
        ] {
            assert_eq!(listen(text), Ok(address), "{text}");
        }
        for bad in [
            "",
            "9000",
            ":9000",
            "127.0.0.1",
            "127.0.0.1:",
            "127.0.0.1:65536",
            "127.0.0.1:+80",
            "example.com:80",
            "::1:80",
            "[127.0.0.1]:80",
            "unix:",
            "unix:p.sock",
            "systemd:",
            "http://127.0.0.1:80",
        ] {
            assert!(listen(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_claim_passes_in_a_header_that_means_nothing_else() {
        let pair = |claim: &str, header: &str| Ok((claim.to_owned(), header.to_owned()));
        assert_eq!(pass_claim("sub=X-User"), pair("sub", "X-User"));
        assert_eq!(pass_claim("/a=b/c=X-C"), pair("/a=b/c", "X-C"));
        for bad in [
            "",
            "sub",
            "=X",
            "sub=",
            "sub=X_User",
            "sub=Content-Length",
            "sub=a b",
            "a\n=X",
        ] {
            assert!(pass_claim(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_mode_is_octal() {
        assert_eq!(
            (mode("0660"), mode("600"), mode("0")),
            (Ok(0o660), Ok(0o600), Ok(0))
        );
        for bad in ["", "888", "+660", "01777", "rw"] {
            assert!(mode(bad).is_err(), "{bad}");
        }
    }
}
