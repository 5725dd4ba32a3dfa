//! How tokens are handed over to other programs, as far as the environment says.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::error::ConfigError;
use super::load_context::Variables as Environment;
use crate::args::HandoverArgs;
use crate::escape::excerpt;
use crate::output::{self, ExecApi, Handover, Prints, Shell, Syntax, Variables};

/// Set by the runner of GitHub Actions.
const GITHUB_ACTIONS: &str = "GITHUB_ACTIONS";
const GITHUB_ENV: &str = "GITHUB_ENV";

/// Set by Kubernetes clients for the programs that they run.
const EXEC_INFO: &str = "KUBERNETES_EXEC_INFO";

/// Resolves how tokens are handed over. What makes that impossible is found before anything is sent.
pub(super) fn handover(
    args: HandoverArgs,
    prints: Option<Prints>,
    environment: Environment<'_>,
) -> Result<Handover, ConfigError> {
    if args.shell.is_some() && prints != Some(Prints::Variables) {
        let message = "--shell can only be combined with --output env";
        return Err(ConfigError::Combination(message.to_owned()));
    }
    let variables = match args.shell {
        Some(Shell::Github) => Variables::Github(github_env(environment)?),
        Some(Shell::Fish) => Variables::Shell(Syntax::Fish),
        Some(Shell::Bash | Shell::Zsh) | None => Variables::Shell(Syntax::Posix),
    };
    let exec_api = match prints {
        Some(Prints::ExecCredential) => exec_api(environment)?,
        _ => ExecApi::default(),
    };
    Ok(Handover {
        variables,
        exec_api,
    })
}

/// The file that sets variables for the next steps of the job.
fn github_env(environment: Environment<'_>) -> Result<PathBuf, ConfigError> {
    if environment(GITHUB_ACTIONS).is_none_or(|value| value != "true") {
        return Err(ConfigError::NotInGithubActions);
    }
    let file = environment(GITHUB_ENV).unwrap_or_default();
    if file.is_empty() {
        return Err(ConfigError::invalid(GITHUB_ENV, "it names no file"));
    }
    let file = PathBuf::from(file);
    let unwritable = |source| ConfigError::Unwritable {
        name: format!(
            "the file {} that {GITHUB_ENV} names",
            crate::escape::path(&file)
        ),
        source,
    };
    output::open_github_env(Path::new(&file)).map_err(unwritable)?;
    Ok(file)
}

/// What a Kubernetes client says about the credential that it expects.
#[derive(Deserialize)]
struct ExecInfo {
    #[serde(rename = "apiVersion")]
    api_version: String,
}

fn exec_api(environment: Environment<'_>) -> Result<ExecApi, ConfigError> {
    let info = environment(EXEC_INFO).unwrap_or_default();
    if info.is_empty() {
        return Ok(ExecApi::default());
    }
    let version = api_version(&info).ok_or_else(|| {
        ConfigError::invalid(EXEC_INFO, "expected a JSON object with an apiVersion")
    })?;
    ExecApi::named(&version).ok_or_else(|| {
        let (version, known) = (excerpt(&version, 80), ExecApi::names());
        let problem = format!("its apiVersion is \"{version}\", and padlock speaks {known}");
        ConfigError::invalid(EXEC_INFO, problem)
    })
}

fn api_version(info: &OsString) -> Option<String> {
    let info: ExecInfo = serde_json::from_str(info.to_str()?).ok()?;
    Some(info.api_version)
}
