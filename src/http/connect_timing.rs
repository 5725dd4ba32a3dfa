//! Logs each new connection: how long it took to open, and how many round trips.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use tower::{Layer, Service};

use super::log::RequestLog;
use super::protocols::Protocols;
use super::tls::CertificateVerifier;

/// Wraps the client's connector.
#[derive(Clone)]
pub(super) struct ConnectTiming {
    log: RequestLog,
    transport: Transport,
    protocols: Protocols,
}

/// What the round trips of a connection are counted from.
#[derive(Clone)]
enum Transport {
    Tcp,
    Tls {
        verifier: Arc<CertificateVerifier>,
        is_proxied: bool,
    },
    Unknown,
}

impl ConnectTiming {
    pub(super) fn tcp(log: RequestLog) -> Self {
        Self {
            log,
            transport: Transport::Tcp,
            protocols: Protocols::default(),
        }
    }

    /// TLS with our own verifier, which sees the version; `is_proxied` if there may be a proxy.
    pub(super) fn tls(
        log: RequestLog,
        verifier: Arc<CertificateVerifier>,
        is_proxied: bool,
    ) -> Self {
        Self {
            log,
            transport: Transport::Tls {
                verifier,
                is_proxied,
            },
            protocols: Protocols::default(),
        }
    }

    /// TLS with the platform's verifier.
    pub(super) fn unknown(log: RequestLog) -> Self {
        Self {
            log,
            transport: Transport::Unknown,
            protocols: Protocols::default(),
        }
    }

    /// The same, which lets `protocols` know of each connection.
    pub(super) fn telling(self, protocols: Protocols) -> Self {
        Self { protocols, ..self }
    }

    /// Round trips before the first request; unknown with a proxy, which makes its own.
    fn round_trips(&self) -> Option<u32> {
        match &self.transport {
            Transport::Tcp => Some(1),
            Transport::Tls {
                verifier,
                is_proxied: false,
            } => verifier.round_trips().map(|tls| tls + 1),
            Transport::Tls { .. } | Transport::Unknown => None,
        }
    }
}

impl<S> Layer<S> for ConnectTiming {
    type Service = TimedConnector<S>;

    fn layer(&self, inner: S) -> Self::Service {
        TimedConnector {
            inner,
            timing: self.clone(),
        }
    }
}

/// A connector whose connections are timed.
#[derive(Clone)]
pub(super) struct TimedConnector<S> {
    inner: S,
    timing: ConnectTiming,
}

impl<S, R> Service<R> for TimedConnector<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, target: R) -> Self::Future {
        let (started, timing) = (Instant::now(), self.timing.clone());
        let connecting = self.inner.call(target);
        Box::pin(async move {
            let connection = connecting.await?;
            timing.protocols.opened();
            timing
                .log
                .connected(timing.round_trips(), started.elapsed());
            Ok(connection)
        })
    }
}
