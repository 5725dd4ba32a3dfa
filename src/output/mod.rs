//! Results as text: tables, JSON, tokens, verdicts, failures. Nothing here prints.

mod target;
mod shell;
mod github;
mod json_text;
mod json;
mod token;
mod exec_credential;
mod destination;
mod error;
mod variables;
mod list;
mod table;
mod status;
mod doctor;
mod profiles;
mod verdict;
mod failure;
mod sign_in_address;
mod results;
mod form;

pub(crate) use destination::{Destination, Handover, Variables};
pub(crate) use doctor::{Check, Diagnosis, SettingOrigin, State, check_lines};
pub(crate) use exec_credential::ExecApi;
pub use failure::{ErrorFormat, failure, recovery_code};
pub(crate) use form::{
    CLAIMS, CLIENT_CREDENTIALS, ClaimsForm, ClientCredentialsForm, DOCTOR, DoctorForm, PROFILES,
    Prints, ProfilesForm, SIGN_IN, STATUS, SignInForm, StatusForm, TOKEN, TokenForm, claims,
    parser,
};
pub(crate) use github::open as open_github_env;
pub(crate) use json_text::{compact as compact_json, line as json_line};
pub(crate) use profiles::{ProfileStatus, Profiles};
pub(crate) use results::{SessionTokens, SignIn, VerifiedClaims};
pub(crate) use shell::{Shell, Syntax};
pub use sign_in_address::{SignInAddress, sign_in_address};
pub(crate) use status::{ApplicationStatus, SessionStatus, Status, TokenStatus};
pub use target::OutputTarget;
pub(crate) use verdict::{invalid_line, valid_line};
