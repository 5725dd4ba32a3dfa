//! `--check NAME` of `padlock guard`: groups of requirements, by the order of the flags.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use super::requirements::GrantArgs;

/// The requirements before the first `--check`, and those after each.
#[derive(Clone, Debug)]
pub(crate) struct CheckArgs {
    /// Required of every token.
    pub(crate) base: GrantArgs,
    /// Each check's name, and what it requires in addition.
    pub(crate) checks: Vec<(String, GrantArgs)>,
}

const ID: &str = "check";

impl Args for CheckArgs {
    fn augment_args(command: Command) -> Command {
        let heading = "Requirements (403 if one is not met; repeatable)";
        let check = Arg::new(ID)
            .long(ID)
            .value_name("NAME")
            .action(ArgAction::Append)
            .value_parser(name)
            .help_heading(heading)
            .help(
                "Begin a group of requirements that add to those before the first --check, for \
                 requests to /NAME",
            );
        GrantArgs::augment_args(command.next_help_heading(heading)).arg(check)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for CheckArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let starts: Vec<usize> = matches.indices_of(ID).into_iter().flatten().collect();
        let names = matches.get_many::<String>(ID).into_iter().flatten();
        let group = |number: usize| of_group(matches, &starts, number);
        Ok(Self {
            base: group(0),
            checks: names.cloned().zip((1..).map(group)).collect(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The requirements after the check of that number, and before the next. The claims that hold
/// scopes and roles are the same for all.
fn of_group(matches: &ArgMatches, starts: &[usize], number: usize) -> GrantArgs {
    let texts = |id| values::<String>(matches, id, starts, number);
    let text = |id| matches.get_one::<String>(id).cloned();
    GrantArgs {
        require_scope: texts("require_scope"),
        require_permission: texts("require_permission"),
        require_role: texts("require_role"),
        require_claim: values(matches, "require_claim", starts, number),
        require_member: values(matches, "require_member", starts, number),
        scope_claim: text("scope_claim"),
        roles_claim: text("roles_claim"),
    }
}

/// The values of a flag that were given in that group.
fn values<T: Clone + Send + Sync + 'static>(
    matches: &ArgMatches,
    id: &str,
    starts: &[usize],
    number: usize,
) -> Vec<T> {
    let values = matches.get_many::<T>(id).into_iter().flatten().cloned();
    let indices = matches.indices_of(id).into_iter().flatten();
    let is_here = |index: usize| starts.iter().filter(|start| **start < index).count() == number;
    let here = values.zip(indices).filter(|(_, index)| is_here(*index));
    here.map(|(value, _)| value).collect()
}

/// A name that is a path as it is, so that proxies and clients cannot write it in two ways.
fn name(text: &str) -> Result<String, &'static str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let is_dots = text.chars().all(|c| c == '.');
    if text.is_empty() || is_dots || text.len() > 64 || !text.chars().all(is_plain) {
        return Err("expected at most 64 letters, digits, and - _ .");
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::Requirements;

    #[derive(Debug, clap::Parser)]
    struct Line {
        #[command(flatten)]
        args: CheckArgs,
    }

    fn parse(words: &[&str]) -> CheckArgs {
        use clap::Parser;
        let words = ["guard"].iter().chain(words);
        Line::try_parse_from(words).unwrap().args
    }

    fn scopes(args: GrantArgs) -> Vec<String> {
        Requirements::from(args).scopes
    }

    #[test]
    fn requirements_belong_to_the_check_before_them() {
        let args = parse(&[
            "--require-scope=a",
            "--require-scope",
            "b",
            "--check",
            "one",
            "--require-scope",
            "c",
            "--require-permission=p",
            "--check=two",
            "--check=three",
            "--require-scope=d",
            "--scope-claim=granted",
        ]);
        assert_eq!(scopes(args.base.clone()), ["a", "b"]);
        assert_eq!(
            Requirements::from(args.base).scope_claim.as_deref(),
            Some("granted")
        );
        let names: Vec<_> = args.checks.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["one", "two", "three"]);
        let [one, two, three] = args.checks.try_into().unwrap();
        assert_eq!(Requirements::from(one.1.clone()).permissions, ["p"]);
        assert_eq!(scopes(one.1), ["c"]);
        assert!(scopes(two.1).is_empty());
        assert_eq!(scopes(three.1), ["d"]);
    }

    #[test]
    fn a_name_is_a_path_that_can_be_written_in_one_way() {
        for good in ["admin", "A-1_x.y", "a"] {
            assert_eq!(name(good).as_deref(), Ok(good));
        }
        for bad in ["", ".", "..", "a/b", "a b", "ä", "a%20", "a;b", "a?b"] {
            assert!(name(bad).is_err(), "{bad}");
        }
        assert!(name(&"a".repeat(65)).is_err());
    }
}
