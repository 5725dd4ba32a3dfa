//! The credential that kubectl and other Kubernetes clients read from a program that they run.

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use zeroize::Zeroizing;

use super::json;
use super::target::OutputTarget;
use crate::duration;

/// The versions of the format; they differ in the name alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum ExecApi {
    #[default]
    V1,
    V1Beta1,
}

impl ExecApi {
    const ALL: [Self; 2] = [Self::V1, Self::V1Beta1];

    /// The version of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.name() == name)
    }

    /// All names, for a message.
    pub(crate) fn names() -> String {
        Self::ALL.map(Self::name).join(" and ")
    }

    fn name(self) -> &'static str {
        match self {
            Self::V1 => "client.authentication.k8s.io/v1",
            Self::V1Beta1 => "client.authentication.k8s.io/v1beta1",
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExecCredential<'a> {
    api_version: &'static str,
    kind: &'static str,
    status: Status<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Status<'a> {
    /// Without it, a client uses the token until it is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration_timestamp: Option<String>,
    token: &'a str,
}

/// A token and when it expires, in seconds since 1970, as one JSON object.
pub(super) fn exec_credential(
    version: ExecApi,
    token: &SecretString,
    expires_at: Option<i64>,
    target: OutputTarget,
) -> Zeroizing<String> {
    let credential = ExecCredential {
        api_version: version.name(),
        kind: "ExecCredential",
        status: Status {
            expiration_timestamp: expires_at.and_then(duration::timestamp),
            token: token.expose_secret(),
        },
    };
    // Serializing strings does not fail.
    let json = Zeroizing::new(serde_json::to_string(&credential).unwrap_or_default());
    Zeroizing::new(json::text(&json, target))
}
