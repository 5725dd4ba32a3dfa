//! RSA public keys: checks of the modulus and the exponent.

use std::ops::RangeInclusive;

/// Modulus and exponent, big-endian, without leading zero octets.
#[derive(Debug)]
pub(super) struct RsaNumbers {
    pub(super) modulus: Vec<u8>,
    pub(super) exponent: Vec<u8>,
}

/// Bits of a modulus: the minimum of RFC 7518 §3.3, and the maximum of the crypto library.
const MODULUS_BITS: RangeInclusive<usize> = 2048..=8192;

/// Octets of an exponent: the crypto library allows 33 bits, and issuers use 17.
const EXPONENT_OCTETS: usize = 4;

impl RsaNumbers {
    /// Checks the two numbers of a JWK (RFC 7518 §6.3.1). Leading zero octets are removed: some
    /// issuers send one before the modulus.
    pub(super) fn new(modulus: &[u8], exponent: &[u8]) -> Result<Self, String> {
        let (modulus, exponent) = (without_zeros(modulus), without_zeros(exponent));
        let bits = bit_length(modulus);
        if !MODULUS_BITS.contains(&bits) {
            return Err(format!(
                "the RSA modulus has {bits} bits, expected 2048 to 8192"
            ));
        }
        if modulus.last().is_none_or(|octet| octet % 2 == 0) {
            return Err("the RSA modulus is even".into());
        }
        let odd = exponent.last().is_some_and(|octet| octet % 2 == 1);
        if !odd || exponent == [1] || exponent.len() > EXPONENT_OCTETS {
            return Err("the RSA exponent is not an odd number from 3 to 4294967295".into());
        }
        if has_roca_fingerprint(modulus) {
            return Err(
                "the RSA modulus has the fingerprint of the ROCA vulnerability (CVE-2017-15361)"
                    .into(),
            );
        }
        Ok(Self {
            modulus: modulus.to_vec(),
            exponent: exponent.to_vec(),
        })
    }
}

fn without_zeros(octets: &[u8]) -> &[u8] {
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    &octets[zeros..]
}

fn bit_length(octets: &[u8]) -> usize {
    octets
        .first()
        .map_or(0, |first| octets.len() * 8 - first.leading_zeros() as usize)
}

/// Whether the modulus comes from the key generator of CVE-2017-15361, whose keys can be factored:
/// it is a power of 65537 modulo every small prime. The chance of that for any other modulus is
/// below 2⁻²⁷.
fn has_roca_fingerprint(modulus: &[u8]) -> bool {
    const PRIMES: [u32; 38] = [
        3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89,
        97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
    ];
    PRIMES
        .iter()
        .all(|&prime| is_power_of_65537(remainder(modulus, prime), prime))
}

fn remainder(number: &[u8], divisor: u32) -> u32 {
    number.iter().fold(0, |remainder, octet| {
        (remainder * 256 + u32::from(*octet)) % divisor
    })
}

fn is_power_of_65537(remainder: u32, prime: u32) -> bool {
    let mut power = 1;
    for _ in 0..prime {
        if power == remainder {
            return true;
        }
        power = power * 65537 % prime;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An odd number with that many bits.
    fn modulus(bits: usize) -> Vec<u8> {
        let mut octets = vec![0xa7; bits.div_ceil(8)];
        let unused = octets.len() * 8 - bits;
        octets[0] = 0xff >> unused;
        octets
    }

    fn refusal(modulus: &[u8], exponent: &[u8]) -> String {
        RsaNumbers::new(modulus, exponent).unwrap_err()
    }

    #[test]
    fn a_modulus_under_2048_bits_is_refused() {
        assert!(RsaNumbers::new(&modulus(2048), &[1, 0, 1]).is_ok());
        assert!(refusal(&modulus(2047), &[1, 0, 1]).contains("2047 bits"));
        assert!(refusal(&modulus(1024), &[1, 0, 1]).contains("1024 bits"));
        assert!(refusal(&[], &[1, 0, 1]).contains("0 bits"));
        assert!(refusal(&modulus(8193), &[1, 0, 1]).contains("8193 bits"));
    }

    #[test]
    fn leading_zero_octets_are_ignored() {
        let padded = [&[0, 0][..], &modulus(2048)].concat();
        let numbers = RsaNumbers::new(&padded, &[0, 1, 0, 1]).unwrap();
        assert_eq!(
            (numbers.modulus, numbers.exponent),
            (modulus(2048), vec![1, 0, 1])
        );
        assert!(
            refusal(&[&[0; 128][..], &modulus(1024)].concat(), &[1, 0, 1]).contains("1024 bits")
        );
    }

    #[test]
    fn an_exponent_with_which_anyone_can_sign_is_refused() {
        assert!(RsaNumbers::new(&modulus(2048), &[3]).is_ok());
        for exponent in [&[][..], &[0], &[1], &[2], &[1, 0, 28], &[1, 0, 0, 0, 1]] {
            assert!(
                refusal(&modulus(2048), exponent).contains("exponent"),
                "{exponent:?}"
            );
        }
    }

    #[test]
    fn an_even_modulus_is_refused() {
        let mut even = modulus(2048);
        even[255] = 0xa8;
        assert!(refusal(&even, &[1, 0, 1]).contains("even"));
    }

    #[test]
    fn a_modulus_with_the_roca_fingerprint_is_refused() {
        // One more than a multiple of every small prime: 65537⁰ modulo each of them.
        let mut weak = vec![0; 256];
        weak[255] = 1;
        (2..=167).for_each(|factor| multiply(&mut weak, factor));
        while weak[0] < 0x80 {
            multiply(&mut weak, 2);
        }
        weak[255] |= 1;
        assert!(refusal(&weak, &[1, 0, 1]).contains("ROCA"));
        weak[255] ^= 2;
        assert!(RsaNumbers::new(&weak, &[1, 0, 1]).is_ok());
    }

    #[test]
    fn a_modulus_counts_with_all_of_its_octets() {
        let mut strong = modulus(2048);
        // By its last octet alone, it would be 65537⁰ modulo every prime.
        strong[255] = 1;
        assert!(RsaNumbers::new(&strong, &[1, 0, 1]).is_ok());
    }

    #[test]
    fn a_power_of_65537_has_the_roca_fingerprint() {
        let mut weak = vec![0; 257];
        weak[256] = 1;
        (0..128).for_each(|_| multiply(&mut weak, 65_537));
        assert!(refusal(&weak, &[1, 0, 1]).contains("ROCA"));
        weak[256] ^= 2;
        assert!(RsaNumbers::new(&weak, &[1, 0, 1]).is_ok());
    }

    fn multiply(number: &mut [u8], factor: u32) {
        let mut carry = 0;
        for octet in number.iter_mut().rev() {
            carry += u32::from(*octet) * factor;
            *octet = carry.to_le_bytes()[0];
            carry >>= 8;
        }
    }
}
