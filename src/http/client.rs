//! The two clients: TLS for the world, and plain HTTP for this machine.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::tls::Version;
use reqwest::{Certificate, Client, ClientBuilder, redirect, retry};
use rustls::pki_types::CertificateDer;
use url::Url;

use super::proxy::Route;
use super::roots::{self, Places};
use super::trace::Trace;
use super::verifier::Verifier;
use super::{HttpError, connections, host, problem};
use crate::config::{Network, Variables, is_loopback};
use crate::text;

/// For one attempt to connect: name, TCP, TLS, and the way through a proxy.
const CONNECT: Duration = Duration::from_secs(10);

/// For how long a connection may wait for the password: less than the minute after which load balancers let go.
const IDLE: Duration = Duration::from_secs(50);

/// What the clients are made of.
#[derive(Clone)]
pub(super) struct Settings {
    connect: Duration,
    route: Route,
    /// Trusted besides the system's.
    extra: Vec<CertificateDer<'static>>,
    places: Places,
    roots: String,
}

impl Settings {
    /// Reads the file of extra certificates, if one is named: a wrong name is told before anything is asked.
    pub(super) fn load(network: &Network, variables: Variables<'_>) -> Result<Self, HttpError> {
        let extra = network
            .ca_file
            .as_deref()
            .map_or(Ok(Vec::new()), certificates)?;
        let places = Places::from(variables);
        let roots = fingerprint(&extra, &places);
        Ok(Self {
            connect: network.timeout.min(CONNECT),
            route: Route::from(variables)?,
            extra,
            places,
            roots,
        })
    }

    /// A name for what is trusted besides the system's roots, or in their place; empty where nothing is.
    pub(super) fn roots(&self) -> &str {
        &self.roots
    }
}

/// The digest of the extra certificates, and the places that stand in for the system's.
fn fingerprint(extra: &[CertificateDer<'_>], places: &Places) -> String {
    let extra = extra.iter().fold(String::new(), |names, certificate| {
        names + &URL_SAFE_NO_PAD.encode(digest(&SHA256, certificate)) + "\n"
    });
    extra + &places.named()
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, HttpError> {
    let certificates: Vec<_> = roots::read(path).collect::<Result<_, _>>()?;
    if certificates.is_empty() {
        return Err(HttpError::CaFile {
            path: text::path(path),
            problem: "it holds no PEM certificate".into(),
        });
    }
    Ok(certificates)
}

/// The clients, each built when it is first needed.
pub(super) struct Clients {
    settings: Settings,
    trace: Trace,
    tls: OnceLock<Result<Client, HttpError>>,
    plain: OnceLock<Result<Client, HttpError>>,
}

impl Clients {
    pub(super) fn new(settings: Settings, trace: Trace) -> Self {
        Self {
            settings,
            trace,
            tls: OnceLock::new(),
            plain: OnceLock::new(),
        }
    }

    /// The client for an address. Settings allow plain HTTP to this machine only; so does this, whoever forgets.
    pub(super) fn for_url(&self, url: &Url) -> Result<&Client, HttpError> {
        if url.scheme() != "https" && !is_loopback(url) {
            let problem = format!("plain http to {}", host(url));
            return Err(HttpError::Client { problem });
        }
        let client = if url.scheme() == "https" {
            self.tls.get_or_init(|| self.tls())
        } else {
            self.plain.get_or_init(|| self.plain())
        };
        client.as_ref().map_err(Clone::clone)
    }

    /// The proxy between here and an address.
    pub(super) fn proxy(&self, url: &Url) -> Option<String> {
        self.settings.route.to(url)
    }

    fn plain(&self) -> Result<Client, HttpError> {
        let watch = connections::Watch::tcp(self.trace.clone());
        built(
            self.common()
                .no_proxy()
                .tls_certs_only([])
                .connector_layer(watch),
        )
    }

    fn tls(&self) -> Result<Client, HttpError> {
        let builder = self
            .settings
            .route
            .apply(self.common())
            .map_err(|error| problem(&error))?;
        if self.settings.places.are_the_platforms() {
            let watch = connections::Watch::unknown(self.trace.clone());
            let extra = self
                .settings
                .extra
                .iter()
                .map(|certificate| Certificate::from_der(certificate));
            let extra: Vec<_> = extra
                .collect::<Result<_, _>>()
                .map_err(|error| problem(&error))?;
            return built(
                builder
                    .tls_certs_merge(extra)
                    .tls_version_min(Version::TLS_1_2)
                    .connector_layer(watch),
            );
        }
        let verifier = Arc::new(Verifier::new(
            self.settings.places.clone(),
            self.settings.extra.clone(),
        ));
        verifier.prepare();
        let proxied = matches!(self.settings.route, Route::Through(_));
        let watch = connections::Watch::tls(self.trace.clone(), Arc::clone(&verifier), proxied);
        let tls = verifier.config().map_err(|error| HttpError::Client {
            problem: error.to_string(),
        })?;
        built(
            builder
                .tls_backend_preconfigured(tls)
                .connector_layer(watch),
        )
    }

    fn common(&self) -> ClientBuilder {
        Client::builder()
            .redirect(redirect::Policy::none())
            // The client would repeat what may have been sent; what may be repeated is for `retry` to say.
            .retry(retry::never())
            .referer(false)
            .connect_timeout(self.settings.connect)
            .pool_idle_timeout(IDLE)
            .user_agent(concat!("padlock/", env!("CARGO_PKG_VERSION")))
    }
}

fn built(builder: ClientBuilder) -> Result<Client, HttpError> {
    builder.build().map_err(|error| problem(&error))
}

fn problem(error: &reqwest::Error) -> HttpError {
    HttpError::Client {
        problem: problem::innermost(error),
    }
}
