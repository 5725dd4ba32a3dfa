//! Tries a proxy's password once: proxies lock accounts, too.

use std::error::Error;
use std::iter;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::Mutex;
use tower::{BoxError, Layer, Service};

use super::fault::{ProxyFault, ProxyRefusal};

/// Wraps the client's connector. Until the proxy has let a connection through, connections are
/// opened one at a time; once it has refused one, no more are.
#[derive(Clone, Default)]
pub(in crate::http) struct ProxyGate(Arc<Mutex<Access>>);

/// What is known of the proxy's password.
#[derive(Clone, Default)]
enum Access {
    #[default]
    Untried,
    Granted,
    Refused(ProxyFault),
}

impl<S> Layer<S> for ProxyGate {
    type Service = GatedConnector<S>;

    fn layer(&self, inner: S) -> Self::Service {
        GatedConnector {
            inner,
            gate: self.clone(),
        }
    }
}

/// A connector that waits for the gate.
#[derive(Clone)]
pub(in crate::http) struct GatedConnector<S> {
    inner: S,
    gate: ProxyGate,
}

impl<S, R> Service<R> for GatedConnector<S>
where
    S: Service<R, Error = BoxError>,
    S::Response: Send,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, target: R) -> Self::Future {
        let gate = self.gate.clone();
        let connecting = self.inner.call(target);
        Box::pin(async move { gate.pass(connecting).await })
    }
}

impl ProxyGate {
    async fn pass<C>(
        &self,
        connecting: impl Future<Output = Result<C, BoxError>>,
    ) -> Result<C, BoxError> {
        let mut access = self.0.lock().await;
        match &*access {
            Access::Refused(fault) => return Err(Box::new(ProxyRefusal(fault.clone()))),
            Access::Granted => {
                drop(access);
                return connecting.await;
            }
            Access::Untried => {}
        }
        let error = match connecting.await {
            Ok(connection) => {
                *access = Access::Granted;
                return Ok(connection);
            }
            Err(error) => error,
        };
        let first: &(dyn Error + 'static) = &*error;
        let causes = iter::successors(Some(first), |error| (*error).source());
        let Some(fault) = ProxyFault::of(causes) else {
            return Err(error);
        };
        *access = Access::Refused(fault.clone());
        Err(Box::new(ProxyRefusal(fault)))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::runtime::Builder;

    use super::*;

    /// How many of three connections at once are tried, if each ends with this error, or with none.
    fn tried(error: Option<&str>) -> usize {
        let (gate, tried) = (ProxyGate::default(), Cell::new(0));
        let connect = || {
            gate.pass(async {
                tried.set(tried.get() + 1);
                tokio::task::yield_now().await;
                error.map_or(Ok(()), |text| Err(text.into()))
            })
        };
        let runtime = Builder::new_current_thread().build().unwrap();
        runtime.block_on(async { drop(tokio::join!(connect(), connect(), connect())) });
        tried.get()
    }

    #[test]
    fn a_refused_password_is_tried_once() {
        for text in [
            "tunnel error: proxy authorization required",
            "tunnel error: unsuccessful",
            "tunnel error: unexpected end of file",
            "SOCKS error: credentials not accepted",
            "SOCKS error: io error during SOCKS handshake",
        ] {
            assert_eq!(tried(Some(text)), 1, "{text}");
        }
    }

    #[test]
    fn a_proxy_that_lets_connections_through_or_cannot_be_reached_is_tried_each_time() {
        let unreachable = "tunnel error: failed to create underlying connection";
        assert_eq!((tried(None), tried(Some(unreachable))), (3, 3));
    }
}
