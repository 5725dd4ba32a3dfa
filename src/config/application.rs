//! The application, as the tenant knows it, and how it proves itself.

use std::path::{Path, PathBuf};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use clap::ValueEnum;
use jsonwebtoken::{Algorithm, EncodingKey};
use pkcs8::{ObjectIdentifier, PrivateKeyInfoRef};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::sources::Sources;
use super::{ConfigError, read_secret, read_secret_from_stdin};
use crate::args::{ApplicationArgs, ClientAuthMethod, TenantArgs};
use crate::text;

/// `rsaEncryption` (RFC 8017 §A.1).
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// The application, as the tenant knows it.
#[derive(Clone, Debug)]
pub(crate) struct Application {
    pub(crate) client_id: String,
    /// Also what an id_token by HS256 is signed with.
    pub(crate) client_secret: Option<SecretString>,
    pub(crate) authentication: ClientAuthentication,
}

/// How the application proves itself to the token endpoint (OpenID Connect Core §9).
#[derive(Clone, Debug)]
pub(crate) enum ClientAuthentication {
    /// A public client: it only says who it is.
    None,
    /// The secret among the fields of the body.
    SecretPost(SecretString),
    /// The secret as HTTP Basic.
    SecretBasic(SecretString),
    /// A JWT signed with a private key (RFC 7523).
    PrivateKeyJwt(ClientKey),
}

/// A private key that can sign.
#[derive(Clone, Debug)]
pub(crate) struct ClientKey {
    pub(crate) key: EncodingKey,
    /// RS256 or ES256, as the key has it.
    pub(crate) algorithm: Algorithm,
    /// What the tenant calls the key.
    pub(crate) id: Option<String>,
}

impl ClientKey {
    /// Reads a key in PEM form: RSA in PKCS#1 or PKCS#8, P-256 in SEC 1 or PKCS#8.
    fn read(path: &Path, id: Option<String>) -> Result<Self, ConfigError> {
        let pem = read_secret(path, "the private key")?;
        let signing = signing_key(pem.expose_secret().as_bytes());
        // What cannot sign is found here, before a password travels for nothing.
        let signing = signing
            .filter(|(key, algorithm)| jsonwebtoken::crypto::sign(b"", key, *algorithm).is_ok());
        let (key, algorithm) = signing.ok_or_else(|| ConfigError::Invalid {
            name: format!("the private key in {}", text::path(path)),
            problem: "an RSA key of 2048 bits or more, or a P-256 key, is meant, in PEM form, not encrypted".into(),
        })?;
        Ok(Self { key, algorithm, id })
    }
}

/// The first private key in a text of PEM blocks, in the form that each algorithm wants: RSA bare (RFC 8017 §A.1.2),
/// P-256 wrapped (RFC 5958).
fn signing_key(pem: &[u8]) -> Option<(EncodingKey, Algorithm)> {
    let found = Zeroizing::new(PrivateKeyDer::from_pem_slice(pem).ok()?);
    match &*found {
        PrivateKeyDer::Pkcs1(key) => Some((
            EncodingKey::from_rsa_der(key.secret_pkcs1_der()),
            Algorithm::RS256,
        )),
        PrivateKeyDer::Pkcs8(key) => {
            let key = key.secret_pkcs8_der();
            let content = PrivateKeyInfoRef::try_from(key).ok()?;
            Some(if content.algorithm.oid == RSA {
                (
                    EncodingKey::from_rsa_der(content.private_key.as_bytes()),
                    Algorithm::RS256,
                )
            } else {
                (EncodingKey::from_ec_der(key), Algorithm::ES256)
            })
        }
        PrivateKeyDer::Sec1(key) => {
            let pair = EcdsaKeyPair::from_private_key_der(
                &ECDSA_P256_SHA256_FIXED_SIGNING,
                key.secret_sec1_der(),
            )
            .ok()?;
            Some((
                EncodingKey::from_ec_der(pair.to_pkcs8v1().ok()?.as_ref()),
                Algorithm::ES256,
            ))
        }
        _ => None,
    }
}

/// Resolves the application; reads the files of its secret and its key.
pub(super) fn application(
    args: &ApplicationArgs,
    tenant: &TenantArgs,
    sources: &Sources<'_>,
) -> Result<Application, ConfigError> {
    let missing = ConfigError::Missing {
        what: "client ID",
        flag: "--client-id",
        variable: "AUTH0_CLIENT_ID",
    };
    let client_id = sources
        .text(tenant.client_id.as_deref(), "AUTH0_CLIENT_ID")?
        .ok_or(missing)?;
    let client_secret = client_secret(tenant, sources)?;
    let authentication = authentication(args, sources, client_secret.as_ref())?;
    Ok(Application {
        client_id,
        client_secret,
        authentication,
    })
}

pub(super) fn missing_secret() -> ConfigError {
    ConfigError::Missing {
        what: "client secret",
        flag: "--client-secret-file",
        variable: "AUTH0_CLIENT_SECRET",
    }
}

fn client_secret(
    args: &TenantArgs,
    sources: &Sources<'_>,
) -> Result<Option<SecretString>, ConfigError> {
    match &args.client_secret_file {
        Some(path) if path.as_os_str() == "-" => {
            Ok(Some(read_secret_from_stdin("the client secret")?))
        }
        Some(path) => Ok(Some(read_secret(path, "the client secret")?)),
        None => Ok(sources
            .secret("AUTH0_CLIENT_SECRET")?
            .filter(|secret| !secret.expose_secret().is_empty())),
    }
}

/// The method that is named, else the one that the key or the secret allows; a key comes before a secret.
fn authentication(
    args: &ApplicationArgs,
    sources: &Sources<'_>,
    secret: Option<&SecretString>,
) -> Result<ClientAuthentication, ConfigError> {
    let secret = || secret.cloned().ok_or_else(missing_secret);
    let method = match method(args, sources)? {
        Some(method) => method,
        None if key_file(args, sources)?.is_some() => ClientAuthMethod::PrivateKeyJwt,
        None if secret().is_ok() => ClientAuthMethod::SecretPost,
        None => ClientAuthMethod::None,
    };
    if method != ClientAuthMethod::PrivateKeyJwt {
        refuse_key(args)?;
    }
    Ok(match method {
        ClientAuthMethod::None => ClientAuthentication::None,
        ClientAuthMethod::SecretPost => ClientAuthentication::SecretPost(secret()?),
        ClientAuthMethod::SecretBasic => ClientAuthentication::SecretBasic(secret()?),
        ClientAuthMethod::PrivateKeyJwt => {
            ClientAuthentication::PrivateKeyJwt(client_key(args, sources)?)
        }
    })
}

fn method(
    args: &ApplicationArgs,
    sources: &Sources<'_>,
) -> Result<Option<ClientAuthMethod>, ConfigError> {
    if args.client_auth.is_some() {
        return Ok(args.client_auth);
    }
    let Some(name) = sources.text(None, "AUTH0_CLIENT_AUTH")? else {
        return Ok(None);
    };
    let method = ClientAuthMethod::from_str(&name, false).map_err(|_| ConfigError::Invalid {
        name: "AUTH0_CLIENT_AUTH".into(),
        problem: "client_secret_post, client_secret_basic, private_key_jwt or none is meant".into(),
    })?;
    Ok(Some(method))
}

fn key_file(args: &ApplicationArgs, sources: &Sources<'_>) -> Result<Option<PathBuf>, ConfigError> {
    if args.client_key_file.is_some() {
        return Ok(args.client_key_file.clone());
    }
    Ok(sources
        .text(None, "AUTH0_CLIENT_KEY_FILE")?
        .map(PathBuf::from))
}

fn client_key(args: &ApplicationArgs, sources: &Sources<'_>) -> Result<ClientKey, ConfigError> {
    let missing = ConfigError::Missing {
        what: "private key",
        flag: "--client-key-file",
        variable: "AUTH0_CLIENT_KEY_FILE",
    };
    let id = sources.text(args.client_key_id.as_deref(), "AUTH0_CLIENT_KEY_ID")?;
    ClientKey::read(&key_file(args, sources)?.ok_or(missing)?, id)
}

/// A key on the command line that no method uses would be passed over without a word.
fn refuse_key(args: &ApplicationArgs) -> Result<(), ConfigError> {
    let unused = [
        ("--client-key-file", args.client_key_file.is_some()),
        ("--client-key-id", args.client_key_id.is_some()),
    ];
    match unused.into_iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((flag, _)) => Err(ConfigError::Invalid {
            name: flag.into(),
            problem:
                "only private_key_jwt uses a key, and something else is to prove the application"
                    .into(),
        }),
    }
}
