//! padlock: password login to Auth0, and verification of what comes back.
