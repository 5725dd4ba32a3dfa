//! How else a user could sign in where the password grant is refused, for hints.

use super::client::Client;
use super::step::Step;
use crate::config::ClientAuthentication;

/// The flags that would work at this provider for this application.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ways {
    browser: bool,
    device: bool,
}

impl Ways {
    /// Those of a client whose request at this step was refused; none where the user signs in that
    /// way already.
    pub(super) fn after(step: Step, client: &Client<'_>) -> Self {
        if matches!(
            step,
            Step::AuthorizationCode | Step::Device | Step::ClientCredentials
        ) {
            return Self::default();
        }
        let provider = client.provider;
        let authentication = &client.application.authentication;
        let is_public = matches!(authentication, ClientAuthentication::None);
        Self {
            browser: provider.offers_browser(),
            // Auth0 has it for native applications only, which have no secret.
            device: provider.offers_device() && (is_public || !provider.kind.is_auth0()),
        }
    }

    /// A hint in which `{ways}` and `{browser}` are a browser, and the flags that sign in with one.
    pub(super) fn fill(self, hint: &str) -> String {
        let browser = if self.browser {
            "a browser (--browser)"
        } else {
            "a browser"
        };
        let ways = match (self.browser, self.device) {
            (true, true) => "a browser (--browser or --device)",
            (false, true) => "a browser (--device)",
            (_, false) => browser,
        };
        hint.replace("{ways}", ways).replace("{browser}", browser)
    }
}
