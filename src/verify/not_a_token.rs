//! Says what a text is that is not a signed token in compact form, and what to pass instead.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};

use super::error::{Remedy, VerificationError};
use super::violation::Rule;

/// What a text is, for the reason, and the next step.
type Finding = (&'static str, &'static str);

/// The error about a text that does not have three parts.
pub(super) fn error(token: &str) -> VerificationError {
    if let Some(error) = recognized(token) {
        return error;
    }
    match token.matches('.').count() {
        0 => refuse(OPAQUE),
        4 => refuse(ENCRYPTED),
        2 => because("the token's header is empty"),
        dots => because(format!("the token has {} parts, expected three", dots + 1)),
    }
}

/// The error about a text that is recognized as something else, whatever its parts.
pub(super) fn recognized(token: &str) -> Option<VerificationError> {
    Some(refuse(find(token)?))
}

fn because(message: impl Into<String>) -> VerificationError {
    VerificationError::because(Rule::Format, message)
}

fn refuse((message, next_step): Finding) -> VerificationError {
    because(message).with_remedy(Some(Remedy::NextStep(next_step)))
}

const OPAQUE: Finding = (
    "the token is opaque, not a JWT: only its issuer can validate it",
    "request the token for an API (its audience) to get a JWT, or ask the issuer's introspection or \
     userinfo endpoint about this one",
);
const ENCRYPTED: Finding = (
    "the token is encrypted (a JWE with five parts): padlock verifies only signed tokens",
    "request the token for an API (its audience) to get a signed one: only the recipient can \
     decrypt this one",
);
const EMPTY: Finding = (
    "the token is empty",
    "check the command or the variable that should supply it",
);
const BYTE_ORDER_MARK: Finding = (
    "the token starts with a byte order mark",
    "save the file as UTF-8 without a byte order mark",
);
const UTF_16: Finding = (
    "the token contains NUL, as a file in UTF-16 does",
    "save the file as UTF-8",
);
const QUOTED: Finding = (
    "the token is in quotes",
    "pass the text between the quotes; jq prints it without them with -r",
);
const TOKEN_RESPONSE: Finding = (
    "the text is a whole token response (JSON), not a token",
    "pass one token of it: pipe it through jq -r .access_token or jq -r .id_token",
);
const JSON_SERIALIZATION: Finding = (
    "the text is a token in JSON serialization, expected the compact form: three base64url parts \
     joined by dots",
    "join protected, payload and signature with dots",
);
const JSON: Finding = (
    "the text is JSON, expected a token: three base64url parts joined by dots",
    "pass the token itself; the claims alone cannot be verified",
);
const HTTP_HEADER: Finding = (
    "the text starts with an HTTP header or an authentication scheme",
    "pass only the token: the part after \"Bearer \"",
);
const ADDRESS: Finding = (
    "the text is an address or a form with parameters, not a token",
    "pass only the value of its access_token or id_token",
);
const WHITESPACE: Finding = (
    "the token contains whitespace, expected three base64url parts joined by dots",
    "remove the spaces and line breaks; one token is one line",
);
const LOAD_BALANCER: Finding = (
    "the token has = padding, as those of an AWS load balancer (x-amzn-oidc-data): RFC 7515 §2 \
     forbids it",
    "verify the token of the provider instead, which the load balancer passes on in \
     x-amzn-oidc-accesstoken",
);
const SHORTENED: Finding = (
    "the token was shortened: it contains an ellipsis",
    "copy the whole token",
);

fn find(token: &str) -> Option<Finding> {
    let text = token.trim();
    let lower: String = text
        .chars()
        .take(40)
        .collect::<String>()
        .to_ascii_lowercase();
    let schemes = ["bearer ", "bearer:", "dpop ", "token ", "basic "];
    Some(match text {
        "" => EMPTY,
        _ if text.starts_with('\u{feff}') => BYTE_ORDER_MARK,
        _ if text.as_bytes().get(1) == Some(&0) => UTF_16,
        _ if text.starts_with(['"', '\'', '`', '“', '‘', '«']) => QUOTED,
        _ if text.starts_with(['{', '[']) => json(text),
        _ if is_header(&lower) || schemes.iter().any(|scheme| lower.starts_with(scheme)) => {
            HTTP_HEADER
        }
        _ if is_address(&lower) => ADDRESS,
        _ if text.contains("...") || text.contains('…') => SHORTENED,
        _ if text.ends_with(['"', '\'', '`', '”', '’', '»']) => QUOTED,
        _ if text.contains('=') && is_of_load_balancer(text) => LOAD_BALANCER,
        _ if text.contains(char::is_whitespace) => WHITESPACE,
        _ => return None,
    })
}

/// Whether it begins as a field of HTTP, such as `Authorization: Bearer …`.
fn is_header(text: &str) -> bool {
    let name = text.split_once(':').map_or("", |(name, _)| name);
    let is_name = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-' || octet == b'_';
    !name.is_empty() && name.bytes().all(is_name) && !text.contains("://")
}

fn is_address(text: &str) -> bool {
    text.contains("://")
        || [
            "access_token=",
            "id_token=",
            "token=",
            "code=",
            "assertion=",
        ]
        .iter()
        .any(|name| text.trim_start_matches(['?', '#', '&']).starts_with(name))
}

fn json(text: &str) -> Finding {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Map<String, Value>>();
    let members = values.next().and_then(Result::ok).unwrap_or_default();
    let has = |name: &&str| members.contains_key(*name);
    if ["access_token", "id_token"].iter().any(has) {
        TOKEN_RESPONSE
    } else if ["signature", "signatures"].iter().any(has) {
        JSON_SERIALIZATION
    } else {
        JSON
    }
}

/// Whether the header names a load balancer of AWS as the signer.
fn is_of_load_balancer(token: &str) -> bool {
    let lenient =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let header = token.split('.').next().unwrap_or_default();
    let header = GeneralPurpose::new(&URL_SAFE, lenient).decode(header);
    let header: Option<Value> = header
        .ok()
        .and_then(|json| serde_json::from_slice(&json).ok());
    let signer = header
        .as_ref()
        .and_then(|header| header.get("signer")?.as_str());
    signer.is_some_and(|signer| signer.starts_with("arn:aws"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(token: &str) -> String {
        let error = error(token);
        assert_eq!(error.violations()[0].rule, Rule::Format, "{token}");
        error.violations()[0].message.clone()
    }

    #[test]
    fn an_error_says_what_the_text_is_instead() {
        for (text, name) in [
            ("", "empty"),
            (" \n", "empty"),
            ("v4xo2Hq_opaque", "opaque"),
            ("a.b.c.d.e", "encrypted (a JWE with five parts)"),
            ("a.b", "2 parts"),
            ("a.b.c.d", "4 parts"),
            (".b.c", "header is empty"),
            ("a b.c.d", "whitespace"),
            ("\u{feff}a.b.c", "byte order mark"),
            ("a\0.\0b\0", "UTF-16"),
            ("{\"payload\":\"x\"}", "JSON"),
            (
                "{\"payload\":\"x\",\"signature\":\"y\"}",
                "JSON serialization",
            ),
            ("[1", "JSON"),
            ("eyJhbGciOi....c", "shortened"),
        ] {
            assert!(message(text).contains(name), "{text}: {}", message(text));
        }
        assert!(message(&".".repeat(20)).contains("shortened"));
        assert!(message(&"a.".repeat(20_000)).contains("20001 parts"));
    }

    #[test]
    fn quotes_headers_addresses_and_responses_are_recognized() {
        for (texts, (expected, _)) in [
            (
                &["\"a.b.c\"", "'a.b.c'", "`a.b.c`", "\"a.b.c", "a.b.c\""][..],
                QUOTED,
            ),
            (
                &[
                    "Bearer a.b.c",
                    "bearer a.b.c",
                    "BEARER a.b.c",
                    "Authorization: Bearer a.b.c",
                    "authorization:bearer a.b.c",
                    "X-Token: a.b.c",
                    "X_TOKEN: a.b.c",
                    "DPoP a.b.c",
                ],
                HTTP_HEADER,
            ),
            (
                &[
                    "https://app.example/#id_token=a.b.c",
                    "access_token=a.b.c",
                    "?id_token=a.b.c",
                ],
                ADDRESS,
            ),
            (&["the token: a.b.c", "a.b.c d"], WHITESPACE),
            (
                &[
                    "{\"access_token\":\"a.b.c\"}",
                    " {\"id_token\":\"a.b.c\"}\n",
                    "{\n  \"id_token\": \"a.b.c\"\n}\n{\n",
                ],
                TOKEN_RESPONSE,
            ),
        ] {
            for text in texts {
                let error = recognized(text).unwrap();
                assert_eq!(error.violations()[0].message, expected, "{text}");
            }
        }
        assert!(recognized("a.b.c").is_none());
    }

    #[test]
    fn a_token_of_an_aws_load_balancer_is_named() {
        let header = "eyJhbGciOiJFUzI1NiIsInNpZ25lciI6ImFybjphd3M6ZWxhc3RpY2xvYWRiYWxhbmNpbmcifQ==";
        let error = recognized(&format!("{header}.e30=.AA==")).unwrap();
        assert!(error.violations()[0].message.contains("AWS load balancer"));
        assert!(recognized("e30=.e30=.AA==").is_none());
    }
}
