//! Which authentication schemes a proxy offers: the client keeps only the status of its answer.

use std::io::{self, ErrorKind};
use std::time::Duration;

use tokio::net::TcpStream;
use url::Url;

use super::settings::ProxyServer;
use crate::http::resolve::addresses;

/// Longer than any proxy takes to refuse.
const TIMEOUT: Duration = Duration::from_secs(2);

const MAX_HEAD: usize = 8 << 10;

/// RFC 9110 §11.1 and IANA's registry, with NTLM, which is not in it.
const KNOWN: [&str; 6] = ["Basic", "Negotiate", "NTLM", "Kerberos", "Digest", "Bearer"];

/// The schemes, asked for without a user name and a password; empty if they are not available.
pub(in crate::http) async fn offered_schemes(
    proxy: &ProxyServer,
    target: &Url,
) -> Vec<&'static str> {
    let head = tokio::time::timeout(TIMEOUT, head(proxy, target)).await;
    head.ok()
        .flatten()
        .as_deref()
        .map(schemes)
        .unwrap_or_default()
}

async fn head(proxy: &ProxyServer, target: &Url) -> Option<String> {
    let (host, port) = proxy.plain_address()?;
    let addresses = addresses(host.to_owned(), port).await.ok()?;
    let mut stream = TcpStream::connect(&*addresses).await.ok()?;
    let (host, port) = (target.host_str()?, target.port_or_known_default()?);
    let request = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n");
    write(&mut stream, request.as_bytes()).await.ok()?;
    let head = read_head(&stream).await.ok()?;
    Some(String::from_utf8_lossy(&head).into_owned())
}

async fn write(stream: &mut TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        stream.writable().await?;
        match stream.try_write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn read_head(stream: &TcpStream) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(MAX_HEAD);
    while head.len() < MAX_HEAD && !head.windows(4).any(|end| end == b"\r\n\r\n") {
        stream.readable().await?;
        match stream.try_read_buf(&mut head) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(head)
}

/// The known schemes in `Proxy-Authenticate`, in the proxy's order.
fn schemes(head: &str) -> Vec<&'static str> {
    let lines = head.split("\r\n").take_while(|line| !line.is_empty());
    let fields = lines.filter_map(|line| line.split_once(':'));
    let challenges = fields
        .filter(|(name, _)| name.eq_ignore_ascii_case("proxy-authenticate"))
        .flat_map(|(_, value)| value.split(','));
    let mut schemes = Vec::new();
    for challenge in challenges {
        let word = challenge.split_whitespace().next().unwrap_or_default();
        let known = KNOWN
            .into_iter()
            .find(|name| name.eq_ignore_ascii_case(word));
        schemes.extend(known.filter(|name| !schemes.contains(name)));
    }
    schemes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scheme_is_found_once_in_the_proxys_order() {
        for (fields, expected) in [
            (
                "Proxy-Authenticate: Basic realm=\"a, b\"\r\n",
                &["Basic"][..],
            ),
            (
                "proxy-authenticate:negotiate\r\nPROXY-AUTHENTICATE: ntlm TlRM\r\n",
                &["Negotiate", "NTLM"],
            ),
            (
                "Proxy-Authenticate: Digest realm=\"x\", nonce=\"y\", Basic realm=\"x\"\r\n",
                &["Digest", "Basic"],
            ),
            ("Proxy-Authenticate: NTLM, NTLM, Odd x=y\r\n", &["NTLM"]),
            ("WWW-Authenticate: NTLM\r\n", &[]),
            ("\r\nProxy-Authenticate: NTLM\r\n", &[]),
        ] {
            let head = format!("HTTP/1.1 407 No\r\n{fields}\r\n");
            assert_eq!(schemes(&head), expected, "{fields}");
        }
    }
}
