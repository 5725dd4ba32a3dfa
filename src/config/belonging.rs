//! Settings belong to a tenant: which value may go to the tenant that another source names.

use super::source::SourceKind;
use crate::settings::Kind;

/// What is done with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Use,
    /// As if its source did not contain it.
    Ignore,
    /// The run ends, since the value would go where it may not be intended to go.
    Refuse,
}

/// The tenant that a value's source names, seen from the tenant of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    None,
    Same,
    Other,
}

/// Whether a value may go to the tenant that the source `tenant` names.
pub(super) fn decide(kind: Kind, source: SourceKind, named: Named, tenant: SourceKind) -> Decision {
    let belongs_to_a_tenant = !matches!(kind, Kind::Anywhere | Kind::EnvironmentOnly);
    // What is typed on the command line is deliberate.
    if source == SourceKind::Flag || source == tenant {
        return Decision::Use;
    }
    match named {
        Named::Other if source == SourceKind::Environment => {
            if tenant == SourceKind::Flag || !belongs_to_a_tenant {
                Decision::Use
            } else {
                Decision::Ignore
            }
        }
        // A file is taken or left as a whole.
        Named::Other => Decision::Ignore,
        // It may come with a cloned repository, so it serves no tenant but its own…
        Named::None if belongs_to_a_tenant && source == SourceKind::DotEnv => Decision::Ignore,
        // …and its tenant gets no secret that was not set for it.
        Named::None if kind.is_secret() && tenant == SourceKind::DotEnv => Decision::Refuse,
        Named::None | Named::Same => Decision::Use,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each row is a value's source, each column the source that names the tenant, both from the
    /// highest to the lowest: flag, --env-file, --profile, environment, `PADLOCK_PROFILE`, ./.env,
    /// default.env. `+` use, `-` ignore, `!` refuse.
    fn table(kind: Kind, named: Named) -> String {
        let cell = |source, tenant| match decide(kind, source, named, tenant) {
            Decision::Use => '+',
            Decision::Ignore => '-',
            Decision::Refuse => '!',
        };
        let row = |source| {
            SourceKind::ALL
                .map(|tenant| cell(source, tenant))
                .iter()
                .collect()
        };
        SourceKind::ALL.map(row).map(|row: String| row).join(" ")
    }

    const EVERYTHING: &str = "+++++++ +++++++ +++++++ +++++++ +++++++ +++++++ +++++++";
    const ALL_KINDS: [Kind; 4] = [Kind::Secret, Kind::SecretFile, Kind::Tenant, Kind::Anywhere];

    #[test]
    fn a_source_that_names_the_same_tenant_is_taken_as_a_whole() {
        for kind in ALL_KINDS {
            assert_eq!(table(kind, Named::Same), EVERYTHING, "{kind:?}");
        }
    }

    #[test]
    fn a_source_that_names_another_tenant_is_left_but_for_the_environment_where_a_flag_names_it() {
        for kind in [Kind::Secret, Kind::SecretFile, Kind::Tenant] {
            let expected = "+++++++ -+----- --+---- +--+--- ----+-- -----+- ------+";
            assert_eq!(table(kind, Named::Other), expected, "{kind:?}");
        }
    }

    #[test]
    fn what_belongs_to_no_tenant_is_left_only_with_a_file_of_another_tenant() {
        assert_eq!(table(Kind::Anywhere, Named::None), EVERYTHING);
        assert_eq!(
            table(Kind::Anywhere, Named::Other),
            "+++++++ -+----- --+---- +++++++ ----+-- -----+- ------+"
        );
    }

    #[test]
    fn a_secret_of_a_source_without_a_tenant_goes_to_any_tenant_but_that_of_dot_env() {
        for kind in [Kind::Secret, Kind::SecretFile] {
            let expected = "+++++++ +++++!+ +++++!+ +++++!+ +++++!+ -----+- +++++!+";
            assert_eq!(table(kind, Named::None), expected, "{kind:?}");
        }
    }

    #[test]
    fn a_dot_env_without_a_tenant_serves_no_tenant() {
        assert_eq!(
            table(Kind::Tenant, Named::None),
            "+++++++ +++++++ +++++++ +++++++ +++++++ -----+- +++++++"
        );
    }
}
