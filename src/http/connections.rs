//! Notices each connection that is opened: how long it took, and how many round trips.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use tower::{Layer, Service};

use super::trace::Trace;
use super::verifier::Verifier;

/// Put around what connects.
#[derive(Clone)]
pub(super) struct Watch {
    trace: Trace,
    /// What is known of the round trips of one connection.
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    Tcp,
    Tls {
        verifier: Arc<Verifier>,
        proxied: bool,
    },
    Unknown,
}

impl Watch {
    pub(super) fn tcp(trace: Trace) -> Self {
        Self {
            trace,
            kind: Kind::Tcp,
        }
    }

    /// TLS by a verifier of ours, which learns the version; `proxied` where a proxy may be on the way.
    pub(super) fn tls(trace: Trace, verifier: Arc<Verifier>, proxied: bool) -> Self {
        Self {
            trace,
            kind: Kind::Tls { verifier, proxied },
        }
    }

    /// TLS by the platform.
    pub(super) fn unknown(trace: Trace) -> Self {
        Self {
            trace,
            kind: Kind::Unknown,
        }
    }

    /// Round trips before the first request; none are told where a proxy does its own.
    fn round_trips(&self) -> Option<u32> {
        match &self.kind {
            Kind::Tcp => Some(1),
            Kind::Tls {
                verifier,
                proxied: false,
            } => verifier.round_trips().map(|tls| tls + 1),
            Kind::Tls { .. } | Kind::Unknown => None,
        }
    }
}

impl<S> Layer<S> for Watch {
    type Service = Watched<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Watched {
            inner,
            watch: self.clone(),
        }
    }
}

/// What connects, watched.
#[derive(Clone)]
pub(super) struct Watched<S> {
    inner: S,
    watch: Watch,
}

impl<S, R> Service<R> for Watched<S>
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
        let (started, watch) = (Instant::now(), self.watch.clone());
        let connecting = self.inner.call(target);
        Box::pin(async move {
            let connection = connecting.await?;
            watch
                .trace
                .connected(watch.round_trips(), started.elapsed());
            Ok(connection)
        })
    }
}
