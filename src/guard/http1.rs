//! One connection: HTTP/1 until it is closed, idle for too long, or the guard ends.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::{Sleep, sleep_until};

use super::connections::LastUse;

/// How long a connection may take from one request to the head of the next, and for its first.
const MAX_IDLE: Duration = Duration::from_secs(60);

/// Bytes of a request's head, at most; hyper lets it have 100 headers, and for any other number it
/// would fill a list for each request.
const MAX_HEAD: usize = 64 << 10;

/// Responds to the requests of a connection until its end. Once `stop` has changed, it ends after the
/// request that is under way. `respond` gets a request and when it came.
///
/// The end of the time and `stop` are waited for once, not for each request: hyper's own timer for
/// each head took a tenth of the instructions of a request.
pub(super) async fn serve<R>(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    last_use: &LastUse,
    stop: &watch::Receiver<bool>,
    respond: impl Fn(Request<Incoming>, Instant) -> R,
) where
    R: Future<Output = Response<Full<Bytes>>>,
{
    let service = service_fn(|request| {
        let response = respond(request, last_use.begin());
        async {
            let response = response.await;
            last_use.end();
            Ok::<_, Infallible>(response)
        }
    });
    let connection = http1::Builder::new()
        .header_read_timeout(None)
        // A client that has asked all may close its side before the response.
        .half_close(true)
        .max_buf_size(MAX_HEAD)
        .writev(false) // heads alone: one plain write costs less
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let mut waited = stop.clone();
    let mut stopped = pin!(waited.changed());
    let mut idle = pin!(sleep_until((last_use.idle_since() + MAX_IDLE).into()));
    let (mut is_begun, mut is_stopping) = (false, false);
    // A client that breaks its connection gets no response, and needs no line in the log.
    poll_fn(|context| {
        let is_first = !std::mem::replace(&mut is_begun, true);
        // Polled once, so that it wakes this task.
        let is_stopped = is_first && stopped.as_mut().poll(context).is_ready();
        if !is_stopping && (is_stopped || stop.has_changed().unwrap_or(true)) {
            is_stopping = true;
            connection.as_mut().graceful_shutdown();
        }
        if (is_first || idle.is_elapsed()) && has_ended(idle.as_mut(), last_use, context) {
            return Poll::Ready(());
        }
        connection.as_mut().poll(context).map(drop)
    })
    .await;
}

/// Whether the connection was idle for too long; otherwise the timer wakes the task when it may be.
fn has_ended(mut timer: Pin<&mut Sleep>, last_use: &LastUse, context: &mut Context<'_>) -> bool {
    while timer.as_mut().poll(context).is_ready() {
        let end = last_use.idle_since() + MAX_IDLE;
        if end <= Instant::now() {
            return true;
        }
        timer.as_mut().reset(end.into());
    }
    false
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::task::Waker;

    use tokio::io::{AsyncWriteExt, duplex};
    use tokio::runtime::Builder;
    use tokio::time::{sleep, timeout};

    use super::*;

    /// Whether a connection with half a head ends at once that was used last at this time.
    fn ends_at_once(time: Instant) -> bool {
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (mut client, server) = duplex(1024);
            client.write_all(b"GET / HT").await.unwrap();
            let (_stop, stopped) = watch::channel(false);
            let last_use = LastUse::new();
            last_use.set(time);
            let respond = |_, _| ready(Response::default());
            let serving = serve(server, &last_use, &stopped, respond);
            timeout(Duration::from_millis(200), serving).await.is_ok()
        })
    }

    #[test]
    fn half_a_head_does_not_keep_a_connection_open() {
        let now = Instant::now();
        assert!(ends_at_once(now.checked_sub(MAX_IDLE).unwrap()));
        assert!(!ends_at_once(now));
    }

    /// Whether a connection has ended whose timer is over, and when the timer ends now.
    fn after(last_use: &LastUse) -> (bool, Option<Duration>) {
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let mut timer = pin!(sleep(Duration::ZERO));
            timer.as_mut().await;
            let mut context = Context::from_waker(Waker::noop());
            let has_ended = has_ended(timer.as_mut(), last_use, &mut context);
            let rest = timer
                .deadline()
                .checked_duration_since(Instant::now().into());
            (has_ended, rest)
        })
    }

    #[test]
    fn a_connection_ends_when_it_was_idle_for_too_long() {
        let last_use = LastUse::new();
        last_use.set(Instant::now().checked_sub(MAX_IDLE).unwrap());
        assert!(after(&last_use).0);
    }

    #[test]
    fn a_request_moves_the_end_of_its_connection() {
        let last_use = LastUse::new();
        last_use.set(Instant::now().checked_sub(MAX_IDLE / 2).unwrap());
        let (has_ended, rest) = after(&last_use);
        assert!(!has_ended && rest.is_some_and(|rest| rest <= MAX_IDLE / 2));
        last_use.begin();
        last_use.end();
        let (has_ended, rest) = after(&last_use);
        assert!(!has_ended && rest.is_some_and(|rest| rest > MAX_IDLE / 2));
    }

    #[test]
    fn a_request_under_way_keeps_its_connection_open() {
        let last_use = LastUse::new();
        last_use.begin();
        last_use.set(Instant::now().checked_sub(MAX_IDLE).unwrap());
        assert!(!after(&last_use).0);
        last_use.end();
        assert!(!after(&last_use).0, "the time begins with the response");
    }
}
