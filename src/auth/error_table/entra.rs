//! Microsoft Entra ID: every description begins with a number, which says more than the code.

use super::row::NextStep::CorrectClient;
use super::row::{ErrorRow, codes};
use super::second_factor::NO_FACTOR_HERE;
use crate::failure::Class::{MfaRequired, TenantRefused, Throttled, WrongCredentials};

/// By the number.
// One group of lines per row; rustfmt would give each method a line.
#[rustfmt::skip]
pub(super) static BY_CODE: &[ErrorRow] = &[
    codes(&["AADSTS50126", "AADSTS50034", "AADSTS50056", "AADSTS51004", "AADB2C90225"])
        .means(WrongCredentials, "the user name or the password is wrong").quoted()
        .hint("check both; too many failed attempts lock the account"),
    codes(&["AADSTS50053"])
        .means(Throttled, "the account is locked after too many attempts").quoted()
        .hint("wait, or ask an administrator to unlock the account"),
    codes(&["AADSTS50055", "AADSTS50144", "AADSTS50142"])
        .means(TenantRefused, "the password has expired and must be changed first").quoted()
        .hint("change it with a browser at https://myaccount.microsoft.com"),
    codes(&["AADSTS50057"]).means(TenantRefused, "the account is disabled").quoted()
        .hint("ask an administrator to enable the account"),
    codes(&[
        "AADSTS50072", "AADSTS50074", "AADSTS50076", "AADSTS50078", "AADSTS50079", "AADSTS50158",
        "AADSTS53004",
    ]).means(MfaRequired, "a second factor is required").quoted().hint(NO_FACTOR_HERE),
    codes(&[
        "AADSTS53000", "AADSTS53001", "AADSTS53002", "AADSTS53003", "AADSTS530032", "AADSTS530034",
    ]).means(TenantRefused, "a Conditional Access policy refuses this login").quoted()
        .hint("ask an administrator which policy applies: Sign-in logs → Conditional Access"),
    codes(&["AADSTS50105"])
        .means(TenantRefused, "the user is not assigned to the application").quoted()
        .hint("ask an administrator to assign the user: Enterprise applications → … → Users and \
               groups"),
    codes(&["AADSTS50020", "AADSTS90072"])
        .means(TenantRefused, "the user belongs to another directory").quoted()
        .hint("compare --issuer with the directory of the user, or sign in with {ways}"),
    codes(&["AADSTS65001", "AADSTS90094"])
        .means(TenantRefused, "the API requires consent, which is given in a browser").quoted()
        .hint("sign in once with {ways}, or ask an administrator to consent: App registrations \
               → … → API permissions"),
    codes(&["AADSTS7000215", "AADSTS7000222", "AADSTS7000216", "AADSTS700027"])
        .means(TenantRefused, "client authentication failed").quoted().then(CorrectClient)
        .hint("compare the client secret or key with App registrations → … → Certificates & \
               secrets"),
    codes(&["AADSTS700016", "AADSTS7000112"])
        .means(TenantRefused, "the directory has no such application, or it is disabled").quoted()
        .then(CorrectClient)
        .hint("compare the client ID and --issuer with App registrations → … → Overview"),
    codes(&["AADSTS7000218"])
        .means(TenantRefused, "the application may not use the password grant without a secret")
        .quoted()
        .hint("give its secret, or enable App registrations → … → Authentication → Allow public \
               client flows"),
    codes(&["AADSTS90002", "AADSTS90019"])
        .means(TenantRefused, "there is no such directory").quoted()
        .hint("compare --issuer with the directory's ID"),
    codes(&["AADSTS500011", "AADSTS70011", "AADSTS650053", "AADSTS28002"])
        .means(TenantRefused, "the directory does not know this API or scope").quoted()
        .hint("compare --scope with the API's Application ID URI, such as api://…/.default"),
];
