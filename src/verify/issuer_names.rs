//! The issuers that are trusted, found by a token's `iss` in the same time however many there are.

use std::collections::HashMap;

use super::violation::quote_some;

/// Up to how many names are compared one by one, which is faster for few.
const FEW: usize = 8;

/// The names of the trusted issuers, which are compared byte for byte.
#[derive(Clone, Debug)]
pub struct IssuerNames<'a> {
    names: Vec<&'a str>,
    /// Empty for few names.
    indices: HashMap<&'a str, usize>,
}

impl<'a> IssuerNames<'a> {
    /// The names in the order of their indices.
    #[must_use]
    pub fn new(names: Vec<&'a str>) -> Self {
        let mut indices = HashMap::new();
        if names.len() > FEW {
            for (index, name) in names.iter().enumerate() {
                indices.entry(*name).or_insert(index);
            }
        }
        Self { names, indices }
    }

    /// Whether there is only one, which then verifies every token.
    pub(super) fn is_one(&self) -> bool {
        self.names.len() == 1
    }

    /// The first index of a name.
    pub(super) fn index_of(&self, name: &str) -> Option<usize> {
        if self.indices.is_empty() {
            self.names.iter().position(|one| *one == name)
        } else {
            self.indices.get(name).copied()
        }
    }

    /// Some of them, for a message.
    pub(super) fn quoted(&self) -> String {
        quote_some(&self.names, ", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_byte_for_byte_among_few_and_many() {
        for count in [1, 2, FEW, FEW + 1, 1000] {
            let names: Vec<_> = (0..count)
                .map(|n| format!("https://{n}.example/"))
                .collect();
            let issuers = IssuerNames::new(names.iter().map(String::as_str).collect());
            for (index, name) in names.iter().enumerate() {
                assert_eq!(issuers.index_of(name), Some(index));
            }
            for other in [
                "",
                "https://0.example",
                "HTTPS://0.example/",
                " https://0.example/",
            ] {
                assert_eq!(issuers.index_of(other), None, "{other} among {count}");
            }
        }
    }
}
