//! What a login prints.

use crate::output::{Prints, SignInForm};

/// What is printed.
#[derive(Debug)]
pub(crate) enum SignInOutput {
    Claims(Vec<String>),
    Form {
        form: &'static SignInForm,
        all_claims: bool,
    },
}

impl SignInOutput {
    pub(super) fn new(claims: Vec<String>, form: &'static SignInForm, all_claims: bool) -> Self {
        if claims.is_empty() {
            Self::Form { form, all_claims }
        } else {
            Self::Claims(claims)
        }
    }

    pub(super) fn shows_claims(&self) -> bool {
        let Self::Form { form, .. } = self else {
            return false;
        };
        matches!(form.prints, Prints::Claims | Prints::ClaimsTable)
    }

    /// Whether the access token is printed for use at an API.
    pub(crate) fn is_access_token(&self) -> bool {
        matches!(self, Self::Form { form, .. } if form.prints == Prints::AccessToken)
    }
}
