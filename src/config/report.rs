//! What the user should know about the settings: notes, and where each value came from.

use std::cell::RefCell;
use std::fmt;

use crate::settings::Setting;

/// What the user should know about the settings, complete even where they are invalid.
#[derive(Debug, Default)]
pub(crate) struct Report {
    notes: RefCell<Vec<String>>,
    /// Each setting, and its source.
    origins: RefCell<Vec<(Setting, String)>>,
    ignored: RefCell<Vec<Ignored>>,
    /// What was asked for.
    shown: RefCell<Vec<String>>,
}

/// Settings that are ignored for the same reason.
#[derive(Debug)]
struct Ignored {
    source: String,
    reason: String,
    variables: Vec<&'static str>,
}

impl Report {
    /// Adds a note, once.
    pub(super) fn note(&self, note: String) {
        add(&self.notes, note);
    }

    /// Notes that a setting of this source is ignored.
    pub(super) fn ignored(&self, setting: Setting, source: &str, reason: String) {
        let mut ignored = self.ignored.borrow_mut();
        let variable = setting.variable;
        let mut alike = ignored.iter_mut();
        match alike.find(|one| one.source == source && one.reason == reason) {
            Some(one) if one.variables.contains(&variable) => {}
            Some(one) => one.variables.push(variable),
            None => ignored.push(Ignored {
                source: source.to_owned(),
                reason,
                variables: vec![variable],
            }),
        }
    }

    /// Records which source a setting came from.
    pub(super) fn origin(&self, setting: Setting, source: &str) {
        add(&self.origins, (setting, source.to_owned()));
    }

    /// Records the flag that gives a setting.
    pub(super) fn flag(&self, setting: Setting, is_given: bool) {
        if is_given {
            self.origin(setting, setting.flag());
        }
    }

    /// Each setting that was used, and its source.
    pub(super) fn origins(&self) -> Vec<(Setting, String)> {
        self.origins.borrow().clone()
    }

    /// The notes, in order, that were not asked for before.
    pub(crate) fn new_notes(&self) -> Vec<String> {
        let mut new = self.notes();
        new.retain(|note| add(&self.shown, note.clone()));
        new
    }

    /// The origins, in order, that were not asked for before.
    pub(crate) fn new_origins(&self) -> Vec<String> {
        let origins = self.origins.borrow();
        let line =
            |(setting, source): &(Setting, String)| format!("{} from {source}", setting.variable);
        let mut new: Vec<_> = origins.iter().map(line).collect();
        new.retain(|line| add(&self.shown, line.clone()));
        new
    }

    fn notes(&self) -> Vec<String> {
        let ignored = self.ignored.borrow();
        let ignored = ignored.iter().map(ToString::to_string);
        self.notes.borrow().iter().cloned().chain(ignored).collect()
    }
}

impl fmt::Display for Ignored {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.variables.len() == 1 {
            "is"
        } else {
            "are"
        };
        let (source, reason) = (&self.source, &self.reason);
        let variables = self.variables.join(", ");
        write!(
            formatter,
            "{variables} in {source} {verb} ignored, since {reason}"
        )
    }
}

/// Whether the line is a new one.
fn add<T: PartialEq>(lines: &RefCell<Vec<T>>, line: T) -> bool {
    let mut lines = lines.borrow_mut();
    let is_new = !lines.contains(&line);
    if is_new {
        lines.push(line);
    }
    is_new
}
