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

    /// What is printed, where it is no single claim.
    pub(super) fn prints(&self) -> Option<Prints> {
        match self {
            Self::Claims(_) => None,
            Self::Form { form, .. } => Some(form.prints),
        }
    }

    pub(super) fn shows_claims(&self) -> bool {
        let Self::Form { form, .. } = self else {
            return false;
        };
        matches!(form.prints, Prints::Claims | Prints::ClaimsTable)
    }

    /// Whether the table of all claims is wanted with a form that has no tables.
    pub(super) fn lacks_the_table_of_all_claims(&self) -> bool {
        matches!(self, Self::Form { form, all_claims: true } if form.prints != Prints::ClaimsTable)
    }

    /// Whether the access token is printed for use at an API.
    pub(crate) fn is_access_token(&self) -> bool {
        matches!(
            self,
            Self::Form { form, .. } if matches!(form.prints, Prints::AccessToken | Prints::Variables)
        )
    }
}
