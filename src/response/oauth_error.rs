//! An OAuth error (RFC 6749 §5.2, RFC 6750 §3), in any shape that servers send.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use reqwest::header::HeaderMap;
use secrecy::SecretString;
use serde_json::Value;
use serde_json::value::RawValue;

use super::challenge;
use super::members::Members;
use super::text;

/// The longest text that is shown as a reason although it is no OAuth error.
const LONGEST_PLAIN_TEXT: usize = 200;

/// What an error response says.
#[derive(Debug, Default)]
pub(crate) struct OAuthError {
    /// `error`, and other members that name the error; empty where none does.
    pub(crate) codes: Vec<String>,
    /// The server's words.
    pub(crate) description: Option<String>,
    /// With it the login can continue.
    pub(crate) mfa_token: Option<SecretString>,
    pub(crate) mfa_requirements: Option<MfaRequirements>,
    /// Seconds between polls.
    pub(crate) interval: Option<f64>,
    /// Whether there is a body, and it is no OAuth error.
    pub(crate) is_foreign: bool,
}

/// Which second factors Auth0 asks for, by its `type`s.
#[derive(Debug, Default)]
pub(crate) struct MfaRequirements {
    /// Those that the application supports, one of which has to be proven.
    pub(crate) challenge: Vec<String>,
    /// Whether one has to be enrolled.
    pub(crate) enroll: bool,
}

impl OAuthError {
    /// Reads a response: JSON, else a form, else `WWW-Authenticate`.
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Self {
        let text = text::of_error(body);
        let mut error = json_object(&text)
            .map(|members| Self::from_json(&members))
            .or_else(|| Self::from_form(&text))
            .unwrap_or_else(|| Self::from_text(&text));
        if error.codes.is_empty() {
            let code = challenge::parameter(headers, "error");
            error.codes.extend(code.filter(|code| !code.is_empty()));
            let description = challenge::parameter(headers, "error_description");
            error.description = description.or(error.description);
        }
        let words = error.description.as_deref().unwrap_or_default();
        let code = code_in(words).filter(|code| !error.codes.contains(code));
        error.codes.extend(code);
        error
    }

    /// The code that the server gives.
    pub(crate) fn code(&self) -> Option<&str> {
        self.codes.first().map(String::as_str)
    }

    fn from_json(members: &Members<'_>) -> Self {
        let error = members.value("error");
        let object = error.as_ref().filter(|error| error.is_object());
        let inner = |names: &[&str]| names.iter().find_map(|name| words(&object?[*name]));
        let code = match &error {
            Some(Value::Object(_)) => inner(&["error", "code", "type", "status"]),
            other => other.as_ref().and_then(words),
        };
        let codes = ["errorCode", "error_code", "code"].map(|name| members.text(name));
        let codes = [code].into_iter().chain(codes).flatten();
        let codes: Vec<_> = codes.chain(microsofts(members)).collect();
        let named = DESCRIPTIONS.iter();
        let description = named
            .filter_map(|name| members.value(name))
            .find_map(|value| words(&value));
        Self {
            codes: codes.into_iter().filter(|code| !code.is_empty()).collect(),
            description: description.or_else(|| inner(&DESCRIPTIONS)),
            mfa_token: members.secret("mfa_token"),
            mfa_requirements: members.value("mfa_requirements").map(|value| {
                let types = value["challenge"].as_array().into_iter().flatten();
                let types = types.filter_map(|one| one["type"].as_str().or(one.as_str()));
                let enroll = value["enroll"].as_array();
                MfaRequirements {
                    challenge: types.map(str::to_owned).collect(),
                    enroll: enroll.is_some_and(|types| !types.is_empty()),
                }
            }),
            interval: members.seconds("interval"),
            is_foreign: false,
        }
    }

    fn from_form(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.contains(['<', '{', '"', ' ', '\n']) {
            return None;
        }
        let value = |wanted: &str| {
            let mut pairs = text.split('&').filter_map(|pair| pair.split_once('='));
            let (_, value) = pairs.find(|(name, _)| *name == wanted)?;
            let value = value.replace('+', " ");
            let value: Cow<'_, [u8]> = percent_decode_str(&value).into();
            Some(text::of_error(&value).into_owned()).filter(|value| !value.is_empty())
        };
        Some(Self {
            codes: vec![value("error")?],
            description: value("error_description"),
            ..Self::default()
        })
    }

    /// A line of plain text may say why; a page of HTML does not.
    fn from_text(text: &str) -> Self {
        let text = text.trim();
        let is_plain = !text.is_empty()
            && !text.contains(['<', '{', '\0'])
            && text.chars().count() <= LONGEST_PLAIN_TEXT;
        Self {
            description: is_plain.then(|| text.to_owned()),
            is_foreign: !text.is_empty(),
            ..Self::default()
        }
    }
}

/// What servers call the description, in the order of preference.
const DESCRIPTIONS: [&str; 6] = [
    "error_description",
    "message",
    "description",
    "errorSummary",
    "error_message",
    "detail",
];

/// The words of a description of any type.
fn words(value: &Value) -> Option<String> {
    let words = match value {
        Value::Null => return None,
        Value::String(text) => text.trim().to_owned(),
        Value::Array(list) => {
            let words: Vec<_> = list.iter().filter_map(words).collect();
            words.join("; ")
        }
        Value::Object(members) => {
            let named = DESCRIPTIONS.iter().filter_map(|name| members.get(*name));
            named
                .chain(members.get("text"))
                .find_map(words)
                .unwrap_or_else(|| value.to_string())
        }
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    };
    Some(words).filter(|words| !words.is_empty())
}

/// The object that the text is, or the first of a list.
fn json_object(text: &str) -> Option<Members<'_>> {
    let first = || {
        serde_json::from_str::<Vec<&RawValue>>(text)
            .ok()?
            .into_iter()
            .next()
    };
    let members = Members::parse(text).ok();
    members.or_else(|| Members::parse(first()?.get()).ok())
}

/// The numbers that Microsoft's servers send beside the description.
fn microsofts(members: &Members<'_>) -> Vec<String> {
    let numbers = members.value("error_codes");
    let numbers = numbers
        .as_ref()
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let numbers = numbers.filter_map(Value::as_u64);
    numbers.map(|number| format!("AADSTS{number}")).collect()
}

/// The code with which Microsoft's servers begin a description: `AADSTS50126: …`.
fn code_in(description: &str) -> Option<String> {
    let (code, _) = description.split_once(':')?;
    let is_allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let name = code.trim_end_matches(|character: char| character.is_ascii_digit());
    let is_code = !name.is_empty() && code.len() - name.len() >= 4 && code.bytes().all(is_allowed);
    is_code.then(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderValue, WWW_AUTHENTICATE};

    use super::*;

    fn read(body: &[u8]) -> (Vec<String>, Option<String>) {
        let error = OAuthError::read(&HeaderMap::new(), body);
        (error.codes, error.description)
    }

    #[test]
    fn an_error_is_read_in_every_encoding_and_shape() {
        let utf16: Vec<u8> =
            "\u{feff}{\"error\":\"invalid_grant\",\"error_description\":\"Zo\u{eb}\"}"
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect();
        for body in [
            "{\"error\":\"invalid_grant\",\"error_description\":\"Zo\u{eb}\"}".as_bytes(),
            "\u{feff}{\"error\":\"invalid_grant\",\"error_description\":\"Zo\u{eb}\"}".as_bytes(),
            b"{\"error\":\"invalid_grant\",\"error_description\":\"Zo\xeb\"}",
            b"{\"error\":\"invalid_grant\",\"error_description\":[\"Zo\xeb\"]}",
            b"{\"error\":\"invalid_grant\",\"error_description\":{\"message\":\"Zo\xeb\"}}",
            b"{\"error\":{\"code\":\"invalid_grant\",\"message\":\"Zo\xeb\"}}",
            b"{\"error\":{\"error\":\"invalid_grant\",\"error_description\":\"Zo\xeb\"}}",
            b"[{\"error\":\"invalid_grant\",\"error_description\":\"Zo\xeb\"}]",
            b"{\"errorCode\":\"invalid_grant\",\"errorSummary\":\"Zo\xeb\"}",
            b"error=invalid_grant&error_description=Zo%C3%AB",
            b"error_description=Zo%EB&error=invalid_grant\r\n",
            b"error_description=Zo\xeb&error=invalid_grant",
            &utf16,
        ] {
            let expected = (
                vec!["invalid_grant".to_owned()],
                Some("Zo\u{eb}".to_owned()),
            );
            assert_eq!(read(body), expected, "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn a_description_of_any_type_becomes_words() {
        for (json, expected) in [
            ("5", Some("5")),
            ("false", Some("false")),
            ("null", None),
            ("\" \"", None),
            ("{}", Some("{}")),
            ("{\"a\":1}", Some("{\"a\":1}")),
            ("{\"text\":[\"a\",\"b\"]}", Some("a; b")),
        ] {
            let body = format!("{{\"error\":\"x\",\"error_description\":{json}}}");
            assert_eq!(read(body.as_bytes()).1.as_deref(), expected, "{json}");
        }
        let deep = format!("{}{}", "[".repeat(9000), "]".repeat(9000));
        let body = format!("{{\"error_description\":{deep},\"error\":\"x\"}}");
        assert_eq!(read(body.as_bytes()), (vec!["x".into()], None));
    }

    #[test]
    fn the_header_counts_where_the_body_has_no_code() {
        let challenge = "Bearer error=\"invalid_grant\", error_description=\"no\"";
        let headers =
            HeaderMap::from_iter([(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))]);
        for body in ["", "{}", "<html>", "No."] {
            let error = OAuthError::read(&headers, body.as_bytes());
            assert_eq!(error.code(), Some("invalid_grant"), "{body}");
            assert_eq!(error.description.as_deref(), Some("no"), "{body}");
        }
        let error = OAuthError::read(&headers, b"{\"error\":\"invalid_client\"}");
        assert_eq!(error.codes, ["invalid_client"]);
    }

    #[test]
    fn a_body_that_is_no_error_is_foreign_and_one_line_of_it_is_quoted() {
        let read = |body: &str| OAuthError::read(&HeaderMap::new(), body.as_bytes());
        let error = read("error code: 1010");
        assert_eq!(error.description.as_deref(), Some("error code: 1010"));
        assert!(error.is_foreign && error.codes.is_empty());
        for page in [
            "<html><a href=\"?a&error=b\">",
            "{\"error\":\"x\"",
            &"x".repeat(999),
        ] {
            let error = read(page);
            assert!(error.is_foreign && error.codes.is_empty(), "{page}");
            assert_eq!(error.description, None, "{page}");
        }
        assert!(!read("").is_foreign && !read("{}").is_foreign);
    }

    #[test]
    fn microsofts_number_is_a_code_too() {
        let body = r#"{"error":"invalid_grant","error_description":"AADSTS50126: Error …"}"#;
        assert_eq!(read(body.as_bytes()).0, ["invalid_grant", "AADSTS50126"]);
        let body = br#"{"error":"invalid_grant","error_codes":[50126,"x"]}"#;
        assert_eq!(read(body).0, ["invalid_grant", "AADSTS50126"]);
        for words in ["AADSTS50126", "Sorry: no", "12345: x", "A1: x", "", ": x"] {
            assert_eq!(code_in(words), None, "{words}");
        }
        assert_eq!(code_in("AADB2C90225: x").as_deref(), Some("AADB2C90225"));
    }

    #[test]
    fn the_second_factors_that_are_asked_for_are_read() {
        let body = r#"{"error":"mfa_required","mfa_token":"Fe26","mfa_requirements":
            {"challenge":[{"type":"otp"},{"odd":1},{"type":"phone"}],"enroll":[{"type":"otp"}]}}"#;
        let error = OAuthError::read(&HeaderMap::new(), body.as_bytes());
        let requirements = error.mfa_requirements.unwrap_or_default();
        assert_eq!(requirements.challenge, ["otp", "phone"]);
        assert!(requirements.enroll && error.mfa_token.is_some());
    }
}
