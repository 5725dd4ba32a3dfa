//! Which client authentication method is used where several sources give a method, a private key or
//! a client secret: what a higher source says counts, whatever the lower ones say.

use super::error::ConfigError;
use super::tenant_sources::Rank;
use crate::args::ClientAuthMethod;

/// What the sources say about client authentication.
#[derive(Clone, Debug)]
pub(super) struct AuthenticationSources {
    pub(super) method: Option<(Rank, ClientAuthMethod)>,
    pub(super) key: Option<Proof>,
    pub(super) secret: Option<Proof>,
    /// Whether the secret is needed as a key for HS256 anyway.
    pub(super) needs_secret: bool,
}

/// A private key or a client secret.
#[derive(Clone, Debug)]
pub(super) struct Proof {
    pub(super) rank: Rank,
    /// The flag or the variable that gives it.
    pub(super) name: &'static str,
    /// What a message says of the source, after the names.
    pub(super) place: String,
    /// An empty secret, which a template may have left.
    pub(super) is_empty: bool,
}

/// How the client authenticates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Named(ClientAuthMethod),
    /// The secret, in the way that the provider takes.
    Secret,
}

/// The proof that the highest source gives.
enum Highest<'p> {
    Key(&'p Proof),
    Secret(&'p Proof),
    /// Both come from the same source.
    Both {
        key: &'p Proof,
        secret: &'p Proof,
    },
}

impl AuthenticationSources {
    /// The method of the highest source that names one, unless a source above it gives a proof that
    /// this method does not use; else the method that fits the highest proof.
    pub(super) fn method(&self) -> Result<Method, ConfigError> {
        let highest = self.highest();
        match (&highest, self.method) {
            (Some(proof), Some((rank, method))) if proof.rank() < rank && !proof.fits(method) => {}
            (_, Some((_, method))) => return Ok(Method::Named(method)),
            (_, None) => {}
        }
        match highest {
            None => Ok(Method::Named(ClientAuthMethod::None)),
            Some(Highest::Key(_)) => Ok(Method::Named(ClientAuthMethod::PrivateKeyJwt)),
            Some(Highest::Secret(_)) => Ok(Method::Secret),
            // The secret has another use.
            Some(Highest::Both { .. }) if self.needs_secret => {
                Ok(Method::Named(ClientAuthMethod::PrivateKeyJwt))
            }
            Some(Highest::Both { key, secret }) => Err(ConfigError::TwoProofs {
                secret: secret.name,
                key: key.name,
                place: key.place.clone(),
            }),
        }
    }

    fn highest(&self) -> Option<Highest<'_>> {
        match (&self.key, &self.secret) {
            (None, None) => None,
            (Some(key), None) => Some(Highest::Key(key)),
            (Some(key), Some(secret)) if key.rank == secret.rank && !secret.is_empty => {
                Some(Highest::Both { key, secret })
            }
            (Some(key), Some(secret)) if key.rank <= secret.rank => Some(Highest::Key(key)),
            (_, Some(secret)) => Some(Highest::Secret(secret)),
        }
    }
}

impl Highest<'_> {
    fn rank(&self) -> Rank {
        match self {
            Self::Key(proof) | Self::Secret(proof) | Self::Both { key: proof, .. } => proof.rank,
        }
    }

    /// Whether the method uses it, or one of both.
    fn fits(&self, method: ClientAuthMethod) -> bool {
        match method {
            ClientAuthMethod::None => false,
            ClientAuthMethod::PrivateKeyJwt => !matches!(self, Self::Secret(_)),
            ClientAuthMethod::SecretPost | ClientAuthMethod::SecretBasic => {
                !matches!(self, Self::Key(_))
            }
        }
    }
}

impl Method {
    pub(super) fn uses_secret(self) -> bool {
        !matches!(
            self,
            Self::Named(ClientAuthMethod::None | ClientAuthMethod::PrivateKeyJwt)
        )
    }

    pub(super) fn uses_key(self) -> bool {
        self == Self::Named(ClientAuthMethod::PrivateKeyJwt)
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    const RANKS: [Option<Rank>; 4] = [
        None,
        Some(Rank::Flag),
        Some(Rank::Below(0)),
        Some(Rank::Below(1)),
    ];

    fn proof(name: &'static str) -> impl Fn(Rank) -> Proof {
        move |rank| Proof {
            rank,
            name,
            place: "somewhere".to_owned(),
            is_empty: false,
        }
    }

    /// Every combination of a method, a key and a secret from none or one of three sources.
    fn all() -> impl Iterator<Item = AuthenticationSources> {
        let methods = ClientAuthMethod::value_variants();
        let given = |rank: Rank| methods.iter().map(move |method| Some((rank, *method)));
        let given = RANKS.into_iter().flatten().flat_map(given);
        let methods: Vec<_> = given.chain([None]).collect();
        methods.into_iter().flat_map(|method| {
            let pairs = RANKS
                .into_iter()
                .flat_map(|key| RANKS.map(|secret| (key, secret)));
            pairs.map(move |(key, secret)| AuthenticationSources {
                method,
                key: key.map(proof("the key")),
                secret: secret.map(proof("the secret")),
                needs_secret: false,
            })
        })
    }

    /// The rank of what a method comes from: of its name, or of the proof that it uses.
    fn ranks_of(sources: &AuthenticationSources, method: Method) -> Vec<Rank> {
        let named = sources
            .method
            .filter(|(_, named)| Method::Named(*named) == method);
        let key = sources.key.as_ref().filter(|_| method.uses_key());
        let secret = sources.secret.as_ref().filter(|_| method.uses_secret());
        let named = named.map(|(rank, _)| rank);
        let proofs = [key, secret].into_iter().flatten().map(|proof| proof.rank);
        named.into_iter().chain(proofs).collect()
    }

    #[test]
    fn the_method_is_always_one_that_the_highest_source_names_or_gives_the_proof_for() {
        for sources in all() {
            let proofs = [&sources.key, &sources.secret].into_iter().flatten();
            let ranks = proofs.map(|proof| proof.rank);
            let highest = ranks.chain(sources.method.map(|(rank, _)| rank)).min();
            let Ok(method) = sources.method() else {
                continue;
            };
            let own = ranks_of(&sources, method).into_iter().min();
            assert_eq!(own, highest, "{method:?} of {sources:?}");
        }
    }

    #[test]
    fn two_proofs_of_the_same_source_are_an_error_unless_a_method_decides() {
        for sources in all() {
            let ranks = [&sources.key, &sources.secret].map(|one| one.as_ref().map(|one| one.rank));
            let [Some(key), Some(secret)] = ranks else {
                assert!(sources.method().is_ok(), "{sources:?}");
                continue;
            };
            let decides = |(rank, method)| rank <= key || method != ClientAuthMethod::None;
            let is_decided = key != secret || sources.method.is_some_and(decides);
            assert_eq!(sources.method().is_ok(), is_decided, "{sources:?}");
            let for_hs256 = AuthenticationSources {
                needs_secret: true,
                ..sources
            };
            assert!(for_hs256.method().is_ok(), "{for_hs256:?}");
        }
    }

    #[test]
    fn a_method_for_the_secret_is_kept_where_a_higher_source_gives_another_secret() {
        let sources = AuthenticationSources {
            method: Some((Rank::Below(0), ClientAuthMethod::SecretBasic)),
            key: None,
            secret: Some(proof("the secret")(Rank::Flag)),
            needs_secret: false,
        };
        let basic = Method::Named(ClientAuthMethod::SecretBasic);
        assert_eq!(sources.method().ok(), Some(basic));
    }

    #[test]
    fn an_empty_secret_does_not_contradict_a_key_of_the_same_source() {
        let sources = AuthenticationSources {
            method: None,
            key: Some(proof("the key")(Rank::Flag)),
            secret: Some(Proof {
                is_empty: true,
                ..proof("the secret")(Rank::Flag)
            }),
            needs_secret: false,
        };
        assert!(sources.method().is_ok_and(Method::uses_key));
    }
}
