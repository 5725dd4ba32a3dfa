//! What a file or a response is that should hold keys, by its content: for errors that name it.

use serde_json::{Map, Value};

use super::pem;

/// What a file or a response is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "`name` says what each variant is")]
pub enum KeyDocument {
    Empty,
    KeySet,
    Key,
    SecretKey,
    PrivateKey,
    PublicKey,
    Certificate,
    OtherPem,
    OpenSsh,
    Der,
    Discovery,
    TokenResponse,
    Token,
    Json,
    Html,
    Text,
}

impl KeyDocument {
    /// Recognizes it; nothing in it is trusted.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = text.trim_ascii();
        let begins = |prefix: &str| text.starts_with(prefix.as_bytes());
        if text.is_empty() {
            Self::Empty
        } else if let Some(label) = pem::labels(text).next() {
            of_label(label)
        } else if begins("{") || begins("[") {
            serde_json::from_slice(text).map_or(Self::Json, |members| of_json(&members))
        } else if ["ssh-", "ecdsa-sha2-", "sk-"].iter().any(|one| begins(one)) {
            Self::OpenSsh
        } else if bytes.starts_with(&[0x30]) && std::str::from_utf8(bytes).is_err() {
            Self::Der
        } else if begins("<") {
            Self::Html
        } else if begins("eyJ") && text.split(|octet| *octet == b'.').count() == 3 {
            Self::Token
        } else {
            Self::Text
        }
    }

    /// Its name, with an article.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::KeySet => "a key set (JWKS)",
            Self::Key => "a single key (JWK)",
            Self::SecretKey => "a shared secret (JWK with kty oct)",
            Self::PrivateKey => "a private key",
            Self::PublicKey => "a public key in PEM",
            Self::Certificate => "a certificate in PEM",
            Self::OtherPem => "PEM of another kind",
            Self::OpenSsh => "a public key of OpenSSH",
            Self::Der => "binary (DER)",
            Self::Discovery => "a discovery document",
            Self::TokenResponse => "a token response",
            Self::Token => "a token",
            Self::Json => "JSON of another kind",
            Self::Html => "a web page or XML",
            Self::Text => "text of another kind",
        }
    }

    /// Whether it is a JSON object.
    pub(super) fn is_json(self) -> bool {
        matches!(
            self,
            Self::KeySet
                | Self::Key
                | Self::SecretKey
                | Self::Discovery
                | Self::TokenResponse
                | Self::Json
        )
    }

    /// What to do with it.
    pub(crate) fn next_step(self) -> Option<&'static str> {
        Some(match self {
            Self::KeySet => "give it with --jwks",
            Self::Key | Self::SecretKey | Self::PublicKey | Self::Certificate => {
                "give it as a file with --key-file"
            }
            Self::PrivateKey => {
                "keep it secret, and give the public key with --key-file: openssl pkey -in FILE \
                 -pubout prints it"
            }
            Self::OpenSsh => "convert it to PEM: ssh-keygen -e -m PKCS8 -f FILE",
            Self::Der => {
                "convert it to PEM: openssl x509 -inform DER for a certificate, openssl pkey -pubin \
                 -inform DER for a public key"
            }
            Self::Discovery => "give its issuer with --issuer, or its jwks_uri with --jwks",
            Self::TokenResponse | Self::Token => {
                "pass tokens as an argument or on stdin; the keys come from their issuer"
            }
            Self::Html => "check the address: jwks_uri in the issuer's discovery document names it",
            Self::Text => "a shared secret is given with --secret-file",
            Self::Empty | Self::OtherPem | Self::Json => return None,
        })
    }

    /// Whether it is a key or a set of keys in a form of its own, and so no shared secret.
    pub(crate) fn is_no_shared_secret(self) -> bool {
        !matches!(
            self,
            Self::Text | Self::Token | Self::Html | Self::Json | Self::Empty
        )
    }
}

fn of_label(label: &str) -> KeyDocument {
    match label {
        pem::PUBLIC_KEY | pem::RSA_PUBLIC_KEY => KeyDocument::PublicKey,
        label if pem::CERTIFICATES.contains(&label) => KeyDocument::Certificate,
        label if label.ends_with("PRIVATE KEY") => KeyDocument::PrivateKey,
        _ => KeyDocument::OtherPem,
    }
}

fn of_json(members: &Map<String, Value>) -> KeyDocument {
    let has = |name: &str| members.contains_key(name);
    match members.get("kty").and_then(Value::as_str) {
        Some("oct") => KeyDocument::SecretKey,
        Some(_) if has("d") || has("priv") => KeyDocument::PrivateKey,
        Some(_) => KeyDocument::Key,
        None if members.get("keys").is_some_and(Value::is_array) => KeyDocument::KeySet,
        None if has("jwks_uri") || has("issuer") => KeyDocument::Discovery,
        None if has("access_token") || has("id_token") => KeyDocument::TokenResponse,
        None => KeyDocument::Json,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_recognized_by_its_content() {
        for (text, expected) in [
            (" \n", KeyDocument::Empty),
            ("{\"keys\":[]}", KeyDocument::KeySet),
            ("\u{feff}{\"keys\":[]}", KeyDocument::KeySet),
            ("{\"kty\":\"RSA\"}", KeyDocument::Key),
            ("{\"kty\":\"oct\",\"k\":\"AA\"}", KeyDocument::SecretKey),
            ("{\"kty\":\"RSA\",\"d\":\"AA\"}", KeyDocument::PrivateKey),
            (
                "{\"issuer\":\"x\",\"jwks_uri\":\"y\"}",
                KeyDocument::Discovery,
            ),
            ("{\"id_token\":\"a.b.c\"}", KeyDocument::TokenResponse),
            ("{\"x\":1}", KeyDocument::Json),
            ("[1]", KeyDocument::Json),
            (
                "Bag Attributes\n-----BEGIN CERTIFICATE-----",
                KeyDocument::Certificate,
            ),
            ("-----BEGIN PUBLIC KEY-----", KeyDocument::PublicKey),
            ("-----BEGIN RSA PUBLIC KEY-----", KeyDocument::PublicKey),
            ("-----BEGIN EC PRIVATE KEY-----", KeyDocument::PrivateKey),
            (
                "-----BEGIN OPENSSH PRIVATE KEY-----",
                KeyDocument::PrivateKey,
            ),
            ("-----BEGIN DH PARAMETERS-----", KeyDocument::OtherPem),
            ("ssh-ed25519 AAAA me", KeyDocument::OpenSsh),
            ("<!doctype html>", KeyDocument::Html),
            ("eyJhbGciOiJub25lIn0.e30.", KeyDocument::Token),
            ("correct horse battery staple", KeyDocument::Text),
            ("0123456789", KeyDocument::Text),
            ("eyJhbGciOiJub25lIn0", KeyDocument::Text),
            ("one.two.three", KeyDocument::Text),
        ] {
            assert_eq!(KeyDocument::of(text.as_bytes()), expected, "{text}");
        }
        assert_eq!(KeyDocument::of(b"\x30\x82\x01\xff\xfe"), KeyDocument::Der);
        assert_eq!(KeyDocument::of(b"\x82\x01\xff\xfe"), KeyDocument::Text);
    }
}
