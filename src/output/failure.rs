//! A failure as text for people, or as one line of JSON for programs.

use anstyle::{AnsiColor, Style};
use serde_json::{Map, Value, json};

use crate::escape;
use crate::failure::Failure;
use crate::redact::redact;
use crate::wrap::wrap;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// How a failure is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ErrorFormat {
    /// the message on one line, the hint on the next
    Text,
    /// one JSON object on one line
    Json,
}

/// The text for stderr, with ANSI colors that the caller strips where they are not wanted; wrapped
/// at words where it is a terminal of this width.
#[must_use]
pub fn failure(failure: &Failure, format: ErrorFormat, width: Option<u16>) -> String {
    let failure = redacted(failure);
    match format {
        ErrorFormat::Text => text(&failure, width),
        ErrorFormat::Json => object(&failure),
    }
}

/// The failure without the secrets of this run, in all that a server may have repeated them in.
fn redacted(failure: &Failure) -> Failure {
    let redact = |text: &String| redact(text).into_owned();
    Failure {
        message: redact(&failure.message),
        hint: failure.hint.as_ref().map(redact),
        code: failure.code.as_ref().map(redact),
        reasons: failure.reasons.iter().map(redact).collect(),
        ..failure.clone()
    }
}

fn text(failure: &Failure, width: Option<u16>) -> String {
    let first = labelled(ERROR, "padlock:", &failure.message, width);
    let reasons = failure.reasons.iter();
    let reasons = reasons.map(|reason| wrap(&format!("  - {reason}"), width, 4) + "\n");
    let hint = failure.hint.iter();
    let hint = hint.map(|hint| labelled(HINT, "hint:", hint, width));
    std::iter::once(first).chain(reasons).chain(hint).collect()
}

/// The label is styled after its line is wrapped: what styles it has no width.
fn labelled(style: Style, label: &str, text: &str, width: Option<u16>) -> String {
    let lines = wrap(&format!("{label} {text}"), width, 2);
    let rest = lines.strip_prefix(label).unwrap_or_default();
    format!("{style}{label}{style:#}{rest}\n")
}

fn object(failure: &Failure) -> String {
    let mut error = Map::new();
    error.insert("class".into(), failure.class.name().into());
    error.insert("message".into(), failure.message.clone().into());
    error.insert("hint".into(), failure.hint.clone().into());
    error.insert("exit".into(), failure.class.exit().into());
    error.insert("status".into(), failure.status.into());
    error.insert("code".into(), failure.code.clone().into());
    if !failure.reasons.is_empty() {
        error.insert("reasons".into(), failure.reasons.clone().into());
    }
    if !failure.factors.is_empty() {
        error.insert("factors".into(), failure.factors.to_vec().into());
    }
    let mut object = Map::new();
    object.insert("error".into(), Value::Object(error));
    line(&Value::Object(object))
}

/// A new recovery code for stderr, as text or as one JSON object.
#[must_use]
pub fn recovery_code(code: &str, format: ErrorFormat) -> String {
    match format {
        ErrorFormat::Text => format!(
            "padlock: the recovery code is used up; keep the new one, which is shown only once: \
             {}\n",
            escape::escape(code)
        ),
        ErrorFormat::Json => line(&json!({ "recovery_code": code })),
    }
}

/// One line of JSON without characters that could steer a terminal.
pub(super) fn line(object: &Value) -> String {
    format!("{}\n", escape::escape_json(&object.to_string()))
}
