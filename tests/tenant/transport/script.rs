//! Scripted behaviour of a path: faults, delays and headers. A path that ends in `*` matches every
//! path with that prefix.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use axum::response::Response as HttpResponse;

use super::fault::Fault;
use super::response::Response;
use super::routes::{DISCOVERY, JWKS, TOKEN};
use crate::tenant::now;
use crate::tenant::options::TenantOptions;

#[derive(Clone, Default)]
pub(crate) struct Scripts {
    faults: Vec<ScriptedFault>,
    delays: Vec<(String, Duration)>,
    headers: Vec<(String, HeaderName, Option<HeaderValue>)>,
    /// Seconds by which the tenant's clock is ahead.
    pub(crate) clock: i64,
}

/// A fault in place of the normal response, for the next requests or for all.
#[derive(Clone)]
struct ScriptedFault {
    path: String,
    /// Requests that are served normally before.
    skipped: usize,
    remaining: Option<usize>,
    fault: Fault,
}

impl TenantOptions {
    /// The token endpoint always returns this error.
    pub(crate) fn token_error(self, response: Response) -> Self {
        self.responds(TOKEN, response)
    }

    /// The token endpoint always returns this response.
    pub(crate) fn token_response(
        self,
        status: u16,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Self {
        let response = headers
            .iter()
            .fold(Response::new(status, body), |response, (name, value)| {
                response.header(name, value)
            });
        self.responds(TOKEN, response)
    }

    /// A path always returns this response.
    pub(crate) fn responds(self, path: &str, response: Response) -> Self {
        self.fault(path, Fault::Responds(response))
    }

    /// The next `times` requests to a path get this response.
    pub(crate) fn responds_first(self, times: usize, path: &str, response: Response) -> Self {
        self.fault_first(times, path, Fault::Responds(response))
    }

    /// A path always fails this way.
    pub(crate) fn fault(self, path: &str, fault: Fault) -> Self {
        self.add_fault(path, None, fault)
    }

    /// The next `times` requests to a path fail this way; later ones succeed.
    pub(crate) fn fault_first(self, times: usize, path: &str, fault: Fault) -> Self {
        self.add_fault(path, Some(times), fault)
    }

    /// The request to a path after `skipped` others fails this way.
    pub(crate) fn fault_after(mut self, skipped: usize, path: &str, fault: Fault) -> Self {
        self.scripts.faults.push(ScriptedFault {
            path: path.to_owned(),
            skipped,
            remaining: Some(1),
            fault,
        });
        self
    }

    /// Removes all faults, delays and headers.
    pub(crate) fn without_scripts(mut self) -> Self {
        self.scripts = Scripts::default();
        self
    }

    /// Delays the responses of a path.
    pub(crate) fn delay(mut self, path: &str, delay: Duration) -> Self {
        self.scripts.delays.push((path.to_owned(), delay));
        self
    }

    /// Sets a header on the responses of a path.
    ///
    /// # Panics
    /// On an invalid header name or value.
    pub(crate) fn header(self, path: &str, name: &str, value: &str) -> Self {
        self.set_header(
            path,
            name,
            Some(HeaderValue::from_str(value).expect("a valid header value")),
        )
    }

    pub(crate) fn without_header(self, path: &str, name: &str) -> Self {
        self.set_header(path, name, None)
    }

    /// Sets `Cache-Control` on the key set and the discovery document.
    pub(crate) fn cache_control(self, value: &str) -> Self {
        self.header(JWKS, "cache-control", value)
            .header(DISCOVERY, "cache-control", value)
    }

    /// Sets `Date` on every response.
    pub(crate) fn date(self, value: &str) -> Self {
        self.header("*", "date", value)
    }

    /// Shifts the tenant's clock, which `Date`, `iat` and `exp` follow.
    pub(crate) fn clock_ahead(mut self, seconds: i64) -> Self {
        self.scripts.clock = seconds;
        self.date(&http_date(now() + seconds))
    }

    fn add_fault(mut self, path: &str, remaining: Option<usize>, fault: Fault) -> Self {
        self.scripts.faults.push(ScriptedFault {
            path: path.to_owned(),
            skipped: 0,
            remaining,
            fault,
        });
        self
    }

    fn set_header(mut self, path: &str, name: &str, value: Option<HeaderValue>) -> Self {
        let name = HeaderName::try_from(name).expect("a valid header name");
        self.scripts.headers.push((path.to_owned(), name, value));
        self
    }
}

impl Scripts {
    /// The next fault of a path; uses it up.
    pub(crate) fn fault(&mut self, path: &str) -> Option<Fault> {
        let mut scripts = self.faults.iter_mut();
        let waiting = scripts.find(|script| matches_path(&script.path, path) && script.skipped > 0);
        if let Some(script) = waiting {
            script.skipped -= 1;
            return None;
        }
        let script = self
            .faults
            .iter_mut()
            .find(|script| matches_path(&script.path, path) && script.remaining != Some(0))?;
        script.remaining = script.remaining.map(|remaining| remaining - 1);
        Some(script.fault.clone())
    }

    pub(crate) fn delay(&self, path: &str) -> Duration {
        self.delays
            .iter()
            .filter(|(pattern, _)| matches_path(pattern, path))
            .map(|(_, delay)| *delay)
            .sum()
    }

    pub(crate) fn apply_headers(&self, path: &str, mut response: HttpResponse) -> HttpResponse {
        for (_, name, value) in self
            .headers
            .iter()
            .filter(|(pattern, ..)| matches_path(pattern, path))
        {
            match value {
                Some(value) => drop(response.headers_mut().insert(name, value.clone())),
                None => drop(response.headers_mut().remove(name)),
            }
        }
        response
    }
}

/// A Unix time as an HTTP date (RFC 9110 §5.6.7).
///
/// # Panics
/// On a time out of range.
pub(crate) fn http_date(time: i64) -> String {
    let time = jiff::Timestamp::from_second(time).expect("a time in range");
    jiff::fmt::rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&time)
        .expect("a year of four digits")
}

fn matches_path(pattern: &str, path: &str) -> bool {
    pattern
        .strip_suffix('*')
        .map_or(pattern == path, |prefix| path.starts_with(prefix))
}
