//! What a test scripts for a path: other answers, delays, headers. A path that ends in `*` stands for all that begin like it.

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
    /// Seconds by which the tenant's clock is ahead of this machine's.
    pub(crate) clock: i64,
}

/// A fault that takes the place of what a path would say, a number of times or for ever.
#[derive(Clone)]
struct ScriptedFault {
    path: String,
    remaining: Option<usize>,
    fault: Fault,
}

impl TenantOptions {
    /// The token endpoint refuses every request like this, whatever it holds.
    pub(crate) fn token_error(self, response: Response) -> Self {
        self.responds(TOKEN, response)
    }

    /// The token endpoint answers every request like this, whatever it holds.
    pub(crate) fn token_response(
        self,
        status: u16,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Self {
        let answer = headers
            .iter()
            .fold(Response::new(status, body), |answer, (name, value)| {
                answer.header(name, value)
            });
        self.responds(TOKEN, answer)
    }

    /// A path, any path, answers like this.
    pub(crate) fn responds(self, path: &str, answer: Response) -> Self {
        self.fault(path, Fault::Responds(answer))
    }

    /// The next `times` requests to a path are answered like this, and then as ever.
    pub(crate) fn responds_first(self, times: usize, path: &str, answer: Response) -> Self {
        self.fault_first(times, path, Fault::Responds(answer))
    }

    /// A path fails like this.
    pub(crate) fn fault(self, path: &str, fault: Fault) -> Self {
        self.add_fault(path, None, fault)
    }

    /// The next `times` requests to a path fail like this; those after them succeed.
    pub(crate) fn fault_first(self, times: usize, path: &str, fault: Fault) -> Self {
        self.add_fault(path, Some(times), fault)
    }

    /// All paths answer as they should again, at once, with their own headers.
    pub(crate) fn without_scripts(mut self) -> Self {
        self.scripts = Scripts::default();
        self
    }

    /// A path takes this long to answer.
    pub(crate) fn delay(mut self, path: &str, delay: Duration) -> Self {
        self.scripts.delays.push((path.to_owned(), delay));
        self
    }

    /// A header of a path's answers, in the place of its own.
    ///
    /// # Panics
    /// With a name or a value that HTTP does not allow.
    pub(crate) fn header(self, path: &str, name: &str, value: &str) -> Self {
        self.set_header(
            path,
            name,
            Some(HeaderValue::from_str(value).expect("a header's value")),
        )
    }

    pub(crate) fn without_header(self, path: &str, name: &str) -> Self {
        self.set_header(path, name, None)
    }

    /// How long the key set and the discovery document may be kept.
    pub(crate) fn cache_control(self, value: &str) -> Self {
        self.header(JWKS, "cache-control", value)
            .header(DISCOVERY, "cache-control", value)
    }

    /// The `Date` that every answer bears.
    pub(crate) fn date(self, value: &str) -> Self {
        self.header("*", "date", value)
    }

    /// The tenant's clock is ahead by so many seconds, or behind: `Date`, `iat` and `exp` show it.
    pub(crate) fn clock_ahead(mut self, seconds: i64) -> Self {
        self.scripts.clock = seconds;
        self.date(&http_date(now() + seconds))
    }

    fn add_fault(mut self, path: &str, remaining: Option<usize>, fault: Fault) -> Self {
        self.scripts.faults.push(ScriptedFault {
            path: path.to_owned(),
            remaining,
            fault,
        });
        self
    }

    fn set_header(mut self, path: &str, name: &str, value: Option<HeaderValue>) -> Self {
        let name = HeaderName::try_from(name).expect("a header's name");
        self.scripts.headers.push((path.to_owned(), name, value));
        self
    }
}

impl Scripts {
    /// The fault of a path, counted off.
    pub(crate) fn fault(&mut self, path: &str) -> Option<Fault> {
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
            .filter(|(of, _)| matches_path(of, path))
            .map(|(_, delay)| *delay)
            .sum()
    }

    /// The answer with the headers that the test wants.
    pub(crate) fn apply_headers(&self, path: &str, mut answer: HttpResponse) -> HttpResponse {
        for (_, name, value) in self
            .headers
            .iter()
            .filter(|(of, ..)| matches_path(of, path))
        {
            match value {
                Some(value) => drop(answer.headers_mut().insert(name, value.clone())),
                None => drop(answer.headers_mut().remove(name)),
            }
        }
        answer
    }
}

/// A time in Unix seconds as HTTP writes it (RFC 9110 §5.6.7).
///
/// # Panics
/// With a time that no calendar holds.
pub(crate) fn http_date(time: i64) -> String {
    let time = jiff::Timestamp::from_second(time).expect("a time");
    jiff::fmt::rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&time)
        .expect("a year of four digits")
}

fn matches_path(script: &str, path: &str) -> bool {
    script
        .strip_suffix('*')
        .map_or(script == path, |start| path.starts_with(start))
}
