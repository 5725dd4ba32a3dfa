//! The two clients: TLS for remote servers, and plain HTTP for this machine.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::tls::Version;
use reqwest::{Certificate, Client, ClientBuilder, redirect, retry};
use rustls::pki_types::CertificateDer;
use tokio::sync::OnceCell;
use url::Url;

use super::connect_timing::ConnectTiming;
use super::diagnose;
use super::error::HttpError;
use super::log::RequestLog;
use super::protocols::Protocols;
use super::proxy::{self, ProxyGate, ProxyServer, ProxySettings};
use super::resolve::SystemResolver;
use super::roots::{self, RootLocations};
use super::roots_fingerprint::TrustedRoots;
use super::tls::CertificateVerifier;
use super::url::host;
use crate::config::{Network, Variables, is_loopback};
use crate::deadline::Deadline;
use crate::escape;
use crate::input::read::open;
use crate::threads::NoThread;

/// For one attempt to connect: DNS, TCP, TLS, and the tunnel through a proxy.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// So that a longer time limit helps where connections take long.
fn connect_timeout(timeout: Duration) -> Duration {
    timeout.min(CONNECT_TIMEOUT.max(timeout / 3))
}

/// How long a connection may wait for the password: load balancers close idle ones after a minute.
const IDLE_TIMEOUT: Duration = Duration::from_secs(50);

/// How the clients are configured.
#[derive(Clone)]
pub(super) struct ClientSettings {
    connect_timeout: Duration,
    idle_timeout: Duration,
    proxy: ProxySettings,
    roots: TrustedRoots,
    protocols: Protocols,
}

impl ClientSettings {
    /// Reads the CA file, if there is one: a wrong path should fail before any prompt.
    pub(super) fn load(network: &Network, variables: Variables<'_>) -> Result<Self, HttpError> {
        let ca_file = network.ca_file.as_deref();
        let extra_roots =
            ca_file.map_or(Ok(Vec::new()), |path| certificates(path, network.deadline))?;
        Ok(Self {
            connect_timeout: connect_timeout(network.deadline.timeout()),
            idle_timeout: IDLE_TIMEOUT,
            proxy: ProxySettings::from(variables)?,
            roots: TrustedRoots::new(extra_roots, RootLocations::from(variables)),
            protocols: Protocols::default(),
        })
    }

    /// The proxy for a URL, if the environment names one.
    pub(super) fn proxy(&self, url: &Url) -> Option<&ProxyServer> {
        let proxy = self.proxy.server();
        proxy.filter(|proxy| url.scheme() == "https" && proxy.serves(url))
    }

    /// What is known of hosts.
    pub(super) fn protocols(&self) -> &Protocols {
        &self.protocols
    }

    /// The roots trusted by the clients.
    pub(super) fn roots(&self) -> &TrustedRoots {
        &self.roots
    }
}

fn certificates(
    path: &Path,
    deadline: Deadline,
) -> Result<Vec<CertificateDer<'static>>, HttpError> {
    let file = open(path, roots::MAX_FILE, deadline);
    if let Some(no_thread) = file.as_ref().err().and_then(NoThread::in_error) {
        return Err(no_thread.clone().into());
    }
    let certificates: Vec<_> = roots::read(path, file).collect::<Result<_, _>>()?;
    if certificates.is_empty() {
        return Err(HttpError::CaFile {
            path: escape::path(path),
            problem: "it contains no PEM certificate".into(),
        });
    }
    Ok(certificates)
}

/// The clients, each built when it is first needed.
pub(super) struct Clients {
    settings: ClientSettings,
    log: RequestLog,
    tls: OnceLock<Result<Client, HttpError>>,
    plain: OnceLock<Result<Client, HttpError>>,
    offered_schemes: OnceCell<Vec<&'static str>>,
}

impl Clients {
    pub(super) fn new(settings: ClientSettings, log: RequestLog) -> Self {
        Self {
            settings,
            log,
            tls: OnceLock::new(),
            plain: OnceLock::new(),
            offered_schemes: OnceCell::new(),
        }
    }

    /// The client for a URL. Checks again what the settings guarantee: plain HTTP only to this
    /// machine.
    pub(super) fn for_url(&self, url: &Url) -> Result<&Client, HttpError> {
        let client = if url.scheme() == "https" {
            self.tls.get_or_init(|| self.tls())
        } else if is_loopback(url) {
            self.plain.get_or_init(|| self.plain())
        } else {
            let problem = format!("plain HTTP to {} is not allowed", host(url));
            return Err(HttpError::Client { problem });
        };
        client.as_ref().map_err(Clone::clone)
    }

    /// The proxy for a URL, if the environment names one.
    pub(super) fn proxy(&self, url: &Url) -> Option<&ProxyServer> {
        self.settings.proxy(url)
    }

    /// What is known of hosts.
    pub(super) fn protocols(&self) -> &Protocols {
        self.settings.protocols()
    }

    /// The authentication schemes that the proxy offers, asked for once.
    pub(super) async fn offered_schemes(&self, proxy: &ProxyServer, url: &Url) -> &[&'static str] {
        let ask = || proxy::offered_schemes(proxy, url);
        self.offered_schemes.get_or_init(ask).await
    }

    fn plain(&self) -> Result<Client, HttpError> {
        let timing = ConnectTiming::tcp(self.log.clone());
        let builder = self.builder().no_proxy().tls_certs_only([]);
        build(builder.connector_layer(timing))
    }

    fn tls(&self) -> Result<Client, HttpError> {
        let settings = &self.settings;
        let proxy = settings.proxy.server();
        let builder = settings.proxy.apply(self.builder());
        let builder = if proxy.is_some_and(ProxyServer::has_credentials) {
            builder.connector_layer(ProxyGate::default())
        } else {
            builder
        };
        if settings.roots.locations.is_platform_verifier() {
            return self.platform_tls(builder);
        }
        let verifier = Arc::new(CertificateVerifier::new(
            settings.roots.locations.clone(),
            settings.roots.extra.clone(),
        ));
        verifier.prepare();
        let timing = ConnectTiming::tls(self.log.clone(), Arc::clone(&verifier), proxy.is_some())
            .telling(self.settings.protocols.clone());
        let tls = verifier.config().map_err(|error| HttpError::Client {
            problem: error.to_string(),
        })?;
        let builder = builder.tls_backend_preconfigured(tls);
        build(builder.connector_layer(timing))
    }

    /// The operating system verifies certificates.
    fn platform_tls(&self, builder: ClientBuilder) -> Result<Client, HttpError> {
        let timing = ConnectTiming::unknown(self.log.clone());
        let extra = self.settings.roots.extra.iter();
        let extra = extra.map(|certificate| Certificate::from_der(certificate));
        let extra: Vec<_> = extra
            .collect::<Result<_, _>>()
            .map_err(|error| client_error(&error))?;
        let builder = builder
            .tls_certs_merge(extra)
            .tls_version_min(Version::TLS_1_2);
        build(builder.connector_layer(timing))
    }

    fn builder(&self) -> ClientBuilder {
        Client::builder()
            .redirect(redirect::Policy::none())
            .dns_resolver(Arc::new(SystemResolver))
            // The client would resend requests that may have arrived; `retry` decides instead.
            .retry(retry::never())
            .referer(false)
            .connect_timeout(self.settings.connect_timeout)
            .pool_idle_timeout(self.settings.idle_timeout)
            .user_agent(concat!("padlock/", env!("CARGO_PKG_VERSION")))
    }
}

fn build(builder: ClientBuilder) -> Result<Client, HttpError> {
    builder.build().map_err(|error| client_error(&error))
}

fn client_error(error: &reqwest::Error) -> HttpError {
    HttpError::Client {
        problem: diagnose::root_cause(error),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use tokio::runtime::Builder;

    use super::*;
    use crate::http::Log;

    /// Responds to every request on a connection, and counts connections.
    fn serve() -> (Url, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        thread::spawn(move || {
            for stream in listener.incoming() {
                counter.fetch_add(1, Ordering::Relaxed);
                thread::spawn(move || respond(stream.unwrap()));
            }
        });
        (Url::parse(&url).unwrap(), connections)
    }

    fn respond(mut stream: TcpStream) {
        let mut request = [0; 4096];
        while stream.read(&mut request).is_ok_and(|length| length > 0) {
            let response = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(response).unwrap();
        }
    }

    fn clients(idle_timeout: Duration) -> Clients {
        let settings = ClientSettings {
            connect_timeout: CONNECT_TIMEOUT,
            idle_timeout,
            proxy: ProxySettings::from(&|_| None).unwrap(),
            roots: TrustedRoots::new(Vec::new(), RootLocations::from(&|_| None)),
            protocols: Protocols::default(),
        };
        Clients::new(settings, RequestLog::new(Log::NONE, || 0))
    }

    #[test]
    fn a_connection_that_was_idle_for_too_long_is_not_used_again() {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        for (idle, expected) in [(IDLE_TIMEOUT, 1), (Duration::from_millis(20), 2)] {
            let (url, connections) = serve();
            let clients = clients(idle);
            let request = || async {
                let client = clients.for_url(&url).unwrap();
                let response = client.get(url.clone()).send().await.unwrap();
                response.bytes().await.unwrap();
            };
            runtime.block_on(async {
                request().await;
                tokio::time::sleep(Duration::from_millis(200)).await;
                request().await;
            });
            assert_eq!(connections.load(Ordering::Relaxed), expected, "{idle:?}");
        }
        let load_balancer = Duration::from_secs(60);
        assert!(IDLE_TIMEOUT < load_balancer);
    }
}
