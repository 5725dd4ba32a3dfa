//! An issuer's endpoints: Auth0's fixed paths, or those in its discovery document.

use url::Url;

use super::discovery::{DiscoveryDocument, endpoint};
use super::error::{InvalidDocument, ProviderError};
use super::kind::ProviderKind;
use crate::config::TenantRef;
use crate::escape::excerpt;
use crate::http;
use crate::keys::Algorithm;

/// The grant of a login with a browser.
const AUTHORIZATION_CODE: &str = "authorization_code";

const CLIENT_SECRET_POST: &str = "client_secret_post";

/// An issuer's endpoints.
#[derive(Clone, Debug)]
pub(crate) struct Provider {
    pub(crate) kind: ProviderKind,
    /// The expected `iss`, byte for byte.
    pub(crate) issuer: String,
    pub(crate) token_url: Url,
    /// `Err`: what is wrong with the document that should name it.
    pub(super) jwks_url: Result<Url, InvalidDocument>,
    pub(crate) userinfo_url: Option<Url>,
    /// Where a browser signs in (RFC 6749 §3.1), if the discovery document says so.
    authorization_url: Option<Url>,
    /// Where a device asks for its code (RFC 8628 §3.1), if the discovery document says so.
    device_url: Option<Url>,
    /// Whether every authorization response names the issuer (RFC 9207 §3).
    pub(crate) names_itself: bool,
    /// Where tokens are revoked (RFC 7009).
    revocation_url: Result<Option<Url>, InvalidDocument>,
    /// The base URL of Auth0's MFA API.
    pub(crate) mfa_url: Option<Url>,
    pub(crate) encoding: RequestEncoding,
    /// `grant_types_supported`; `None`: unknown.
    grants: Option<Vec<String>>,
    /// `id_token_signing_alg_values_supported`; `None`: unknown.
    pub(super) id_token_algorithms: Option<Vec<String>>,
    /// `token_endpoint_auth_methods_supported`; `None`: unknown.
    auth_methods: Option<Vec<String>>,
    /// Whose document it is, if that was cached.
    pub(super) cached_of: Option<TenantRef>,
}

/// How the token endpoint expects its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestEncoding {
    /// As in Auth0's documentation.
    Json,
    /// RFC 6749 §4.3.2.
    Form,
}

impl Provider {
    pub(super) fn auth0(domain: &Url) -> Self {
        let at = |path| {
            let mut url = domain.clone();
            url.set_path(path);
            url
        };
        Self {
            kind: ProviderKind::Auth0,
            issuer: domain.to_string(),
            token_url: at("/oauth/token"),
            jwks_url: Ok(at("/.well-known/jwks.json")),
            userinfo_url: Some(at("/userinfo")),
            authorization_url: None,
            device_url: None,
            names_itself: false,
            revocation_url: Ok(Some(at("/oauth/revoke"))),
            mfa_url: Some(at("/mfa/")),
            encoding: RequestEncoding::Json,
            grants: None,
            id_token_algorithms: None,
            auth_methods: None,
            cached_of: None,
        }
    }

    /// Reads the endpoints from the discovery document at `url`.
    pub(super) fn from_discovery(
        issuer: &str,
        url: &Url,
        document: &[u8],
    ) -> Result<Self, ProviderError> {
        let document = DiscoveryDocument::parse(issuer, url, document)?;
        let required = |name: &str, text: &Option<String>| endpoint(url, name, text.as_deref());
        let optional = |name: &str, text: &Option<String>| required(name, text).ok();
        let challenge = optional("mfa_challenge_endpoint", &document.mfa_challenge_endpoint);
        let token_url = required("token_endpoint", &document.token_endpoint)?;
        Ok(Self {
            kind: ProviderKind::of(&document, &token_url),
            token_url,
            jwks_url: required("jwks_uri", &document.jwks_uri),
            userinfo_url: optional("userinfo_endpoint", &document.userinfo_endpoint),
            authorization_url: optional("authorization_endpoint", &document.authorization_endpoint),
            device_url: optional(
                "device_authorization_endpoint",
                &document.device_authorization_endpoint,
            ),
            names_itself: document
                .authorization_response_iss_parameter_supported
                .unwrap_or_default(),
            revocation_url: (document.revocation_endpoint.as_ref())
                .map(|text| endpoint(url, "revocation_endpoint", Some(text)))
                .transpose(),
            mfa_url: challenge.and_then(|challenge| challenge.join(".").ok()),
            encoding: RequestEncoding::Form,
            grants: document.grants(),
            issuer: document.issuer,
            id_token_algorithms: document.id_token_signing_alg_values_supported,
            auth_methods: document.token_endpoint_auth_methods_supported,
            cached_of: None,
        })
    }

    /// What a cached document may choose: nothing outside the issuer's own origin that receives a
    /// secret or a person. `None` if that leaves no way to sign in.
    pub(super) fn within_own_origin(self) -> Option<Self> {
        let origin = Url::parse(&self.issuer).ok()?.origin();
        let is_own = |url: &Url| url.origin() == origin;
        let own = |url: Option<Url>| url.filter(|url| is_own(url));
        if !is_own(&self.token_url) || !self.mfa_url.iter().all(is_own) {
            return None;
        }
        Some(Self {
            userinfo_url: own(self.userinfo_url),
            authorization_url: own(self.authorization_url),
            device_url: own(self.device_url),
            revocation_url: self.revocation_url.map(own),
            ..self
        })
    }

    /// Where tokens are revoked (RFC 7009), if anywhere. Fails if an endpoint is named that cannot
    /// be used: then a session must not be deleted as if there were none.
    pub(crate) fn revocation_url(&self) -> Result<Option<&Url>, ProviderError> {
        let url = self.revocation_url.as_ref();
        Ok(url.map_err(Clone::clone)?.as_ref())
    }

    /// Fails, before a password is sent for nothing, if there is no userinfo endpoint.
    pub(crate) fn require_userinfo(&self) -> Result<(), ProviderError> {
        match self.userinfo_url {
            Some(_) => Ok(()),
            None => Err(ProviderError::NoUserinfo(self.issuer.clone())),
        }
    }

    /// Fails where the discovery document lists grants, and not this one.
    pub(crate) fn require_grant(&self, grant: &'static str) -> Result<(), ProviderError> {
        if self.may_offer(grant) {
            Ok(())
        } else {
            Err(self.not_offered(grant))
        }
    }

    /// The authorization endpoint. Fails where users cannot sign in with a browser.
    pub(crate) fn require_browser(&self) -> Result<Url, ProviderError> {
        let url = self
            .fixed("/authorize")
            .or_else(|| self.authorization_url.clone());
        url.filter(|_| self.offers_browser())
            .ok_or_else(|| self.not_offered(AUTHORIZATION_CODE))
    }

    /// The device authorization endpoint. Fails where users cannot sign in on another device.
    pub(crate) fn require_device(&self) -> Result<Url, ProviderError> {
        let url = self
            .fixed("/oauth/device/code")
            .or_else(|| self.device_url.clone());
        url.ok_or_else(|| self.not_offered("device_code"))
    }

    /// A fixed address of an Auth0 domain, built when it is needed: most logins need none.
    fn fixed(&self, path: &str) -> Option<Url> {
        let mut url = self.is_named_by_domain().then(|| self.token_url.clone())?;
        url.set_path(path);
        Some(url)
    }

    /// Whether users can sign in with a browser.
    pub(crate) fn offers_browser(&self) -> bool {
        let has_page = self.is_named_by_domain() || self.authorization_url.is_some();
        has_page && self.may_offer(AUTHORIZATION_CODE)
    }

    /// Whether users can sign in on another device. Some documents name the endpoint and leave the
    /// grant out of their list.
    pub(crate) fn offers_device(&self) -> bool {
        self.is_named_by_domain() || self.device_url.is_some()
    }

    fn may_offer(&self, grant: &str) -> bool {
        let offered = self.grants.as_ref();
        offered.is_none_or(|offered| offered.iter().any(|one| one == grant))
    }

    fn not_offered(&self, grant: &'static str) -> ProviderError {
        ProviderError::GrantNotOffered {
            issuer: excerpt(&self.issuer, 200),
            grant,
            offered: self.offered(),
            ways: self.ways().filter(|_| grant != "client_credentials"),
        }
    }

    /// How users can sign in, as a hint names it.
    fn ways(&self) -> Option<&'static str> {
        match (self.offers_browser(), self.offers_device()) {
            // Auth0 has the device flow for some applications only.
            (true, true) if !self.kind.is_auth0() => Some("a browser (--browser or --device)"),
            (true, _) => Some("a browser (--browser)"),
            (false, true) => Some("a browser (--device)"),
            (false, false) => None,
        }
    }

    /// What the discovery document says about the grants on offer.
    fn offered(&self) -> String {
        if let Some(grants) = &self.grants {
            return list(grants);
        }
        let browser = self.offers_browser().then_some(AUTHORIZATION_CODE);
        let device = self.offers_device().then_some("device_code");
        let known = browser.into_iter().chain(device).map(str::to_owned);
        match known.collect::<Vec<_>>().as_slice() {
            [] => "it does not say".to_owned(),
            known => list(known),
        }
    }

    /// Fails where the discovery document lists algorithms for `id_token`s, and none of these.
    pub(crate) fn require_algorithm(&self, wanted: &[Algorithm]) -> Result<(), ProviderError> {
        let Some(offered) = &self.id_token_algorithms else {
            return Ok(());
        };
        let is_offered = |one: &&Algorithm| offered.iter().any(|name| one.matches_key_alg(name));
        if offered.is_empty() || wanted.iter().any(|one| is_offered(&one)) {
            return Ok(());
        }
        let names: Vec<_> = wanted.iter().map(|one| one.name()).collect();
        let usable = Algorithm::ALL.iter().filter(is_offered);
        Err(ProviderError::AlgorithmNotOffered {
            issuer: excerpt(&self.issuer, 200),
            wanted: names.join(" or "),
            offered: list(offered),
            usable: usable.map(|one| one.name()).collect(),
        })
    }

    /// Whether a client secret goes into the body of a request: always at Auth0, elsewhere if the
    /// discovery document lists `client_secret_post`. HTTP Basic is what every server must take
    /// (RFC 6749 §2.3.1).
    pub(crate) fn takes_secret_in_body(&self) -> bool {
        let lists_post =
            |methods: &Vec<String>| methods.iter().any(|one| one == CLIENT_SECRET_POST);
        self.is_named_by_domain() || self.auth_methods.as_ref().is_some_and(lists_post)
    }

    /// The methods of client authentication in the discovery document, for a message.
    pub(crate) fn auth_methods(&self) -> Option<String> {
        self.auth_methods.as_deref().map(list)
    }

    /// What to do where another server seems to answer.
    pub(crate) fn address_hint(&self) -> &'static str {
        if !self.is_named_by_domain() {
            "check --issuer: its discovery document names this address"
        } else if self.may_need_discovery() {
            "check that the domain is the tenant's own: acme.eu.auth0.com, or its custom domain; a \
             provider other than Auth0 needs --issuer in place of --domain"
        } else {
            "check that the domain is the tenant's own: acme.eu.auth0.com, or its custom domain"
        }
    }

    /// Whether a domain was given that may be another provider's.
    pub(crate) fn may_need_discovery(&self) -> bool {
        let host = self.token_url.host_str().unwrap_or_default();
        self.is_named_by_domain() && !host.ends_with(".auth0.com")
    }

    /// Whether it is named by a domain, as Auth0's tenants are.
    pub(crate) fn is_named_by_domain(&self) -> bool {
        self.encoding == RequestEncoding::Json
    }

    /// The host that receives the password.
    pub(crate) fn host(&self) -> String {
        http::host(&self.token_url)
    }
}

/// Names from a discovery document, for a message.
fn list(names: &[String]) -> String {
    match names {
        [] => "none".to_owned(),
        names => excerpt(&names.join(", "), 300),
    }
}

/// What is wrong with a discovery document, for the fuzzer.
#[cfg(fuzzing)]
pub(crate) fn problem_of(issuer: &str, document: &[u8]) -> Option<String> {
    let parse = |url| Provider::from_discovery(issuer, &url, document).err();
    let problem = super::discovery::discovery_url(issuer).map_or_else(Some, parse);
    problem.map(|error| error.to_string())
}
