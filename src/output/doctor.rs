//! What `doctor` found: where settings came from, and whether each step to a sign-in works.

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::json;
use super::target::OutputTarget;
use crate::escape;
use crate::failure::{Class, Failure};
use crate::wrap::wrap;

/// Columns of the name and the state of a check.
const DETAIL: usize = 22;

/// Characters of a setting that a line shows.
const LONGEST_VALUE: usize = 200;

/// What `doctor` found.
#[derive(Serialize)]
pub(crate) struct Diagnosis {
    pub(crate) settings: Vec<SettingOrigin>,
    pub(crate) checks: Vec<Check>,
}

/// Where a setting came from.
#[derive(Serialize)]
pub(crate) struct SettingOrigin {
    pub(crate) name: &'static str,
    /// `None`: a secret.
    pub(crate) value: Option<String>,
    #[serde(skip)]
    pub(crate) is_secret: bool,
    pub(crate) source: String,
}

/// One step to a sign-in.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) state: State,
    pub(crate) detail: String,
    pub(crate) next_step: Option<String>,
    /// What a run would end with.
    #[serde(skip)]
    pub(crate) class: Option<Class>,
}

/// Whether a step works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    Good,
    Bad,
    Unknown,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Unknown => "unknown",
        }
    }
}

impl Diagnosis {
    /// Fails with the first bad check: later ones may follow from it.
    pub(crate) fn verdict(&self) -> Result<(), Failure> {
        self.verdict_without(&[])
    }

    /// The bad check of this name, if it is bad.
    pub(crate) fn bad(&self, name: &str) -> Option<&Check> {
        let mut checks = self.checks.iter();
        checks.find(|check| check.name == name && check.state == State::Bad)
    }

    /// The same, where these checks do not matter.
    pub(crate) fn verdict_without(&self, names: &[&str]) -> Result<(), Failure> {
        let is_bad = |check: &&Check| check.state == State::Bad && !names.contains(&check.name);
        let mut bad = self.checks.iter().filter(is_bad);
        let Some(first) = bad.next() else {
            return Ok(());
        };
        let (number, all) = (1 + bad.count(), self.checks.len());
        let verb = if number == 1 { "is" } else { "are" };
        let message = format!(
            "{number} of {all} checks {verb} bad; {}: {}",
            first.name, first.detail
        );
        let failure = Failure::new(first.class.unwrap_or(Class::Internal), message);
        Err(match &first.next_step {
            Some(step) => failure.hint(step),
            None => failure,
        })
    }
}

/// Lines for a person, wrapped at words on a terminal.
pub(super) fn lines(diagnosis: &Diagnosis, target: OutputTarget) -> String {
    let mut lines = origins(&diagnosis.settings);
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines.extend(check_lines(diagnosis, target.width));
    lines.join("\n") + "\n"
}

/// A line for each check, and one for its next step.
pub(crate) fn check_lines(diagnosis: &Diagnosis, width: Option<u16>) -> Vec<String> {
    let mut lines = Vec::new();
    for check in &diagnosis.checks {
        let (name, state) = (check.name, check.state.name());
        let detail = escape::escape_whole(&check.detail);
        let line = format!("{name:10}  {state:7}   {detail}");
        lines.push(wrap(&line, width, DETAIL));
        let next = check.next_step.as_deref().map(|step| {
            let step = escape::escape_whole(step);
            wrap(&format!("{:DETAIL$}next: {step}", ""), width, DETAIL)
        });
        lines.extend(next);
    }
    lines
}

/// A line for each setting, in columns.
fn origins(settings: &[SettingOrigin]) -> Vec<String> {
    let names = settings.iter().map(|setting| setting.name.len()).max();
    let values = settings.iter().map(|setting| shown(setting).width());
    // A long value pushes its own source aside, not those of all the others.
    let values = values.filter(|width| *width <= 40).max();
    let (names, values) = (names.unwrap_or_default(), values.unwrap_or_default());
    let line = |setting: &SettingOrigin| {
        let (name, value) = (setting.name, shown(setting));
        let space = " ".repeat(values.saturating_sub(value.width()));
        let source = escape::escape_whole(&setting.source);
        format!("{name:names$}  {value}{space}  from {source}")
    };
    settings.iter().map(line).collect()
}

fn shown(setting: &SettingOrigin) -> String {
    match &setting.value {
        Some(value) => escape::excerpt(value, LONGEST_VALUE),
        None if setting.is_secret => "(secret)".to_owned(),
        None => String::new(),
    }
}

/// One JSON object.
pub(super) fn json(diagnosis: &Diagnosis, target: OutputTarget) -> String {
    // Serializing strings does not fail.
    json::text(
        &serde_json::to_string(diagnosis).unwrap_or_default(),
        target,
    )
}
