//! A device authorization response (RFC 8628 §3.2).

use secrecy::SecretString;

use super::members::Members;
use super::text::without_mark;

/// How long a code is valid where the response does not say, in seconds.
const USUAL_LIFETIME: f64 = 600.0;

/// The longest that a person is waited for, in seconds.
const LONGEST_LIFETIME: f64 = 86_400.0;

/// What the person needs to sign in on another device, unverified.
#[derive(Debug)]
pub(crate) struct DeviceAuthorization {
    /// What padlock polls with.
    pub(crate) device_code: SecretString,
    /// What the person types, or compares.
    pub(crate) user_code: String,
    /// Where the person signs in.
    pub(crate) address: String,
    /// The same with the code in it.
    pub(crate) complete_address: Option<String>,
    /// Lifetime of both codes in seconds.
    pub(crate) expires_in: f64,
    /// Seconds between polls.
    pub(crate) interval: Option<f64>,
}

impl DeviceAuthorization {
    /// Parses a successful response. The error repeats none of it.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(without_mark(body)).map_err(|_| "it is not UTF-8")?;
        let members = Members::parse(text).map_err(|_| "it is not a JSON object")?;
        let required = |name: &str| format!("it has no {name}");
        let address = |name: &str| members.text(name).filter(|text| is_web_address(text));
        let expires_in = members
            .seconds("expires_in")
            .filter(|seconds| *seconds > 0.0);
        let user_code = members.text("user_code").filter(|code| !code.is_empty());
        // Google's name for it is that of an early draft.
        let named = address("verification_uri").or_else(|| address("verification_url"));
        Ok(Self {
            device_code: members
                .secret("device_code")
                .ok_or_else(|| required("device_code"))?,
            user_code: user_code.ok_or_else(|| required("user_code"))?,
            address: named.ok_or_else(|| required("verification_uri"))?,
            complete_address: address("verification_uri_complete"),
            expires_in: expires_in.unwrap_or(USUAL_LIFETIME).min(LONGEST_LIFETIME),
            interval: members.seconds("interval"),
        })
    }
}

fn is_web_address(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUIRED: &str = r#""device_code":"d","user_code":"u""#;

    fn parse(more: &str) -> Result<DeviceAuthorization, String> {
        DeviceAuthorization::parse(format!("{{{REQUIRED},{more}}}").as_bytes())
    }

    #[test]
    fn members_that_are_not_required_may_be_missing_or_odd() {
        let address = r#""verification_uri":"https://a.test/""#;
        for (more, expires_in, interval) in [
            ("", 600.0, None),
            (r#","expires_in":"900","interval":"5""#, 900.0, Some(5.0)),
            (r#","expires_in":-1,"interval":[]"#, 600.0, None),
            (r#","expires_in":1e300"#, 86_400.0, None),
            (
                r#","verification_uri_complete":"javascript:alert()""#,
                600.0,
                None,
            ),
        ] {
            let parsed = parse(&format!("{address}{more}")).unwrap();
            assert!((parsed.expires_in - expires_in).abs() < 0.1, "{more}");
            assert_eq!(
                (parsed.interval, parsed.complete_address),
                (interval, None),
                "{more}"
            );
        }
        assert!(parse(r#""verification_url":"https://a.test/""#).is_ok());
    }

    #[test]
    fn what_is_missing_is_named() {
        for body in ["", "[]", "{}", r#"{"device_code":"d"}"#] {
            assert!(
                DeviceAuthorization::parse(body.as_bytes()).is_err(),
                "{body}"
            );
        }
        for address in ["", "activate", "file:///etc/passwd"] {
            let problem = parse(&format!(r#""verification_uri":"{address}""#)).unwrap_err();
            assert_eq!(problem, "it has no verification_uri");
        }
    }
}
