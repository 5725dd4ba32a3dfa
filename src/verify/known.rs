//! Tokens that were verified before, so that the same one costs no second signature check.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::sync::Arc;

use super::allowed_times::AllowedTimes;
use super::claims::Claims;
use super::policy::Policy;

/// Tokens that all threads keep, at most, and the bytes of them and their claims.
const MAX_TOKENS: usize = 32 << 10;
const MAX_BYTES: usize = 64 << 20;

/// Tokens up to which room is made step by step.
const FEW: usize = 256;

/// Threads that share the limits; beyond them, each has as much as one of these.
const MAX_SHARES: usize = 16;

/// Bytes that a token takes besides its text and that of its claims, about.
const OVERHEAD: usize = 512;

/// How many times the bytes of their text claims take that were parsed, about.
const PARSED: usize = 5;

/// Bytes at the end of a token, where its signature is, by which it is found.
const HASHED: usize = 32;

/// Verified tokens of one thread, up to a number and a size. One that is not asked for again makes
/// room for others. The memory that is freed is wiped, as all of padlock's is.
pub(crate) struct KnownTokens {
    /// Whether claims are parsed, as requirements have it.
    are_parsed: bool,
    /// This thread's share of the limits.
    max_tokens: usize,
    max_bytes: usize,
    hashes: RandomState,
    seen: SeenOnce,
    /// Where each token is, by its hash.
    places: HashMap<u64, usize, BuildHasherDefault<Hashed>>,
    tokens: Vec<Place>,
    /// The place that is looked at next when room is needed.
    hand: usize,
    bytes: usize,
}

struct Place {
    hash: u64,
    /// Whether it was asked for since the hand passed it.
    is_used: bool,
    token: Option<KnownToken>,
}

/// A token that passed verification under the keys and rules of its issuer at that time.
struct KnownToken {
    text: Box<str>,
    issuer: usize,
    keys: u64,
    times: AllowedTimes,
    claims: Arc<Claims>,
}

impl KnownTokens {
    /// None yet. `are_parsed` says whether claims beyond those that rules look at will be asked for;
    /// `threads` share the room.
    pub(crate) fn new(are_parsed: bool, threads: usize) -> Self {
        let shares = threads.clamp(1, MAX_SHARES);
        Self {
            are_parsed,
            max_tokens: MAX_TOKENS / shares,
            max_bytes: MAX_BYTES / shares,
            hashes: RandomState::new(),
            seen: SeenOnce::default(),
            places: HashMap::default(),
            tokens: Vec::new(),
            hand: 0,
            bytes: 0,
        }
    }

    fn size(&self, token: &KnownToken) -> usize {
        let claims = token.claims.text().len();
        let times = if self.are_parsed { 1 + PARSED } else { 1 };
        let names = [token.claims.issuer(), token.claims.subject()];
        let names: usize = names.into_iter().flatten().map(str::len).sum();
        token.text.len() + times * claims + names + OVERHEAD
    }

    /// The issuer's number for exactly this text, the number of the keys that verified it, and its
    /// place.
    pub(crate) fn find(&mut self, token: &[u8]) -> Option<Found> {
        let index = *self.places.get(&self.hash(token))?;
        let place = self.tokens.get_mut(index)?;
        let is_it = |known: &&KnownToken| known.text.as_bytes() == token;
        let known = place.token.as_ref().filter(is_it)?;
        place.is_used = true;
        Some(Found {
            index,
            issuer: known.issuer,
            keys: known.keys,
        })
    }

    /// The claims of a token that was found, if the rules about times are kept at `now` too (seconds
    /// since 1970).
    pub(crate) fn claims(&self, found: &Found, policy: &Policy, now: i64) -> Option<Arc<Claims>> {
        let known = self.tokens.get(found.index)?.token.as_ref()?;
        let is_valid = known.times.are_allowed(policy, now);
        is_valid.then(|| Arc::clone(&known.claims))
    }

    /// Keeps a verified token; when room gets scarce, only one that comes for the second time, since
    /// most tokens come once. `keys` is the number of the keys that verified it, at a moment that
    /// allowed `times`.
    pub(crate) fn add(
        &mut self,
        token: &str,
        (issuer, keys): (usize, u64),
        claims: &Arc<Claims>,
        times: AllowedTimes,
    ) {
        let hash = self.hash(token.as_bytes());
        let is_scarce =
            self.bytes >= self.max_bytes / 2 || self.places.len() >= self.max_tokens / 2;
        if is_scarce && !self.seen.is_second(hash) {
            return;
        }
        let known = KnownToken {
            text: token.into(),
            issuer,
            keys,
            times,
            claims: Arc::clone(claims),
        };
        let size = self.size(&known);
        if size > self.max_bytes / 8 {
            return;
        }
        if let Some(place) = self.places.remove(&hash) {
            self.empty(place);
        }
        let place = self.room(size);
        self.bytes += size;
        self.places.insert(hash, place);
        self.tokens[place] = Place {
            hash,
            is_used: false,
            token: Some(known),
        };
    }

    /// An empty place for a token of this size.
    fn room(&mut self, size: usize) -> usize {
        if self.tokens.len() < self.max_tokens && self.bytes + size <= self.max_bytes {
            if self.tokens.len() == FEW {
                // At once: to move thousands of them again and again would hold requests up.
                self.tokens.reserve_exact(self.max_tokens - FEW);
                self.places.reserve(self.max_tokens - FEW);
            }
            self.tokens.push(Place {
                hash: 0,
                is_used: false,
                token: None,
            });
            return self.tokens.len() - 1;
        }
        loop {
            let index = self.hand % self.tokens.len();
            self.hand = index + 1;
            let place = &mut self.tokens[index];
            if std::mem::take(&mut place.is_used) {
                continue;
            }
            if place.token.is_some() {
                let hash = place.hash;
                self.places.remove(&hash);
                self.empty(index);
            }
            if self.bytes + size <= self.max_bytes {
                return index;
            }
        }
    }

    fn empty(&mut self, index: usize) {
        let known = self
            .tokens
            .get_mut(index)
            .and_then(|place| place.token.take());
        self.bytes -= known.map_or(0, |known| self.size(&known));
    }

    fn hash(&self, bytes: &[u8]) -> u64 {
        let mut hasher = self.hashes.build_hasher();
        hasher.write(&bytes[bytes.len().saturating_sub(HASHED)..]);
        hasher.finish()
    }
}

/// Tokens in a group, and groups, of those that came once.
const GROUP: usize = 4;
const GROUPS: usize = 16 << 10;

/// Parts of the hashes of the tokens that came once lately.
#[derive(Debug, Default)]
struct SeenOnce(Vec<[u32; GROUP]>);

impl SeenOnce {
    /// Whether a token with this hash came before; from now on it did.
    #[expect(clippy::cast_possible_truncation, reason = "takes the parts of a hash")]
    fn is_second(&mut self, hash: u64) -> bool {
        if self.0.is_empty() {
            self.0 = vec![[0; GROUP]; GROUPS];
        }
        let (index, part) = (hash as usize % GROUPS, (hash >> 32) as u32 | 1);
        let group = &mut self.0[index];
        let is_second = group.contains(&part);
        if !is_second {
            group.rotate_right(1);
            group[0] = part;
        }
        is_second
    }
}

/// What is hashed already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// A token that was found, until others are added.
pub(crate) struct Found {
    index: usize,
    pub(crate) issuer: usize,
    pub(crate) keys: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Algorithm;
    use crate::verify::TokenKind;
    use crate::verify::registered::RegisteredClaims;

    fn claims_of(claims: &serde_json::Value) -> Claims {
        Claims::verified_before(&claims.to_string()).unwrap()
    }

    /// Claims that end at this time, and their times, which were allowed a second before.
    fn claims(exp: i64) -> (Arc<Claims>, AllowedTimes) {
        let claims = serde_json::json!({ "exp": exp });
        let times = AllowedTimes::at(&RegisteredClaims::of(&claims), exp - 1);
        (Arc::new(claims_of(&claims)), times)
    }

    fn of_two_threads(are_parsed: bool) -> KnownTokens {
        KnownTokens::new(are_parsed, 2)
    }

    /// Adds a token until it is kept.
    fn add(known: &mut KnownTokens, token: &str, (issuer, keys): (usize, u64)) {
        for _ in 0..3 {
            let (claims, times) = claims(10);
            known.add(token, (issuer, keys), &claims, times);
        }
    }

    #[test]
    fn tokens_that_come_once_take_half_of_the_room() {
        let (claims, times) = claims(10);
        for length in [30, 1000] {
            let mut known = of_two_threads(false);
            let token = |number| format!("{}{number:06}", "x".repeat(length));
            for number in 0..20_000 {
                known.add(&token(number), (0, 0), &claims, times);
            }
            assert!(known.bytes <= known.max_bytes / 2 + 4000, "{length}");
            assert!(known.tokens.len() <= known.max_tokens / 2, "{length}");
            assert!(known.find(token(19_999).as_bytes()).is_none(), "{length}");
            known.add(&token(19_999), (0, 0), &claims, times);
            assert!(known.find(token(19_999).as_bytes()).is_some(), "{length}");
        }
    }

    fn policy() -> Policy {
        Policy {
            leeway: 0,
            ..Policy::new(TokenKind::Jwt, [Algorithm::RS256])
        }
    }

    #[test]
    fn only_exactly_the_same_text_is_known() {
        let mut known = of_two_threads(false);
        let token = "a".repeat(100);
        add(&mut known, &token, (3, 7));
        let found = known.find(token.as_bytes()).unwrap();
        assert_eq!((found.issuer, found.keys), (3, 7));
        // The end, by which tokens are found, is the same.
        for other in [
            format!("b{}", &token[1..]),
            token[1..].to_owned(),
            String::new(),
        ] {
            assert!(known.find(other.as_bytes()).is_none());
        }
    }

    #[test]
    fn a_known_token_is_valid_only_within_its_times() {
        let mut known = of_two_threads(false);
        add(&mut known, "token", (0, 0));
        let found = known.find(b"token").unwrap();
        assert!(known.claims(&found, &policy(), 9).is_some());
        assert!(known.claims(&found, &policy(), 10).is_none());
    }

    #[test]
    fn tokens_that_are_asked_for_outlast_a_flood_of_others_in_bounded_memory() {
        for are_parsed in [false, true] {
            let mut known = of_two_threads(are_parsed);
            let kept = format!("kept{}", "x".repeat(1000));
            add(&mut known, &kept, (0, 0));
            for number in 0..50_000 {
                let token = format!("{}{number:06}", "y".repeat(1000));
                add(&mut known, &token, (0, 0));
                assert!(known.find(kept.as_bytes()).is_some(), "after {number}");
                assert!(known.bytes <= known.max_bytes && known.tokens.len() <= known.max_tokens);
                assert!(known.places.len() <= known.tokens.len());
            }
            let tokens = known.tokens.iter();
            let tokens = tokens.filter_map(|place| place.token.as_ref());
            let real: usize = tokens.map(|token| known.size(token)).sum();
            assert_eq!(real, known.bytes);
            let large = "z".repeat(MAX_BYTES);
            add(&mut known, &large, (0, 0));
            assert!(known.find(large.as_bytes()).is_none(), "too large");
        }
    }

    #[test]
    fn threads_share_the_room_and_each_has_some() {
        let all = |threads| KnownTokens::new(false, threads).max_bytes * threads;
        assert_eq!([all(1), all(4), all(16)], [MAX_BYTES; 3]);
        let one = KnownTokens::new(false, 1000);
        assert!(one.max_bytes >= 4 << 20 && one.max_tokens >= 2000);
    }

    #[test]
    fn claims_that_will_be_parsed_take_more_room() {
        let size = |are_parsed| {
            let mut known = of_two_threads(are_parsed);
            add(&mut known, "token", (0, 0));
            known.bytes
        };
        let (claims, _) = claims(10);
        assert_eq!(size(true) - size(false), PARSED * claims.text().len());
    }
}
