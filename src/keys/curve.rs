//! Public keys on elliptic curves: points of the NIST curves, and Ed25519.

/// The NIST curves: name, and octets of a coordinate (RFC 7518 §6.2.1.1).
const CURVES: [(&str, usize); 3] = [("P-256", 32), ("P-384", 48), ("P-521", 66)];

/// A point in uncompressed form (SEC 1 §2.3.3), from the coordinates of a JWK (RFC 7518 §6.2.1).
/// Some libraries leave out the leading zeros of a coordinate, or add one. The crypto library checks
/// that the point is on the curve.
pub(super) fn point(curve: &str, x: &[u8], y: &[u8]) -> Result<Vec<u8>, String> {
    let Some((name, length)) = CURVES.into_iter().find(|(name, _)| *name == curve) else {
        return Err("crv is not P-256, P-384 or P-521".into());
    };
    let wrong = || format!("x and y are not {length} octets each, as {name} requires");
    let coordinate = |octets| padded(octets, length).ok_or_else(wrong);
    Ok([vec![4], coordinate(x)?, coordinate(y)?].concat())
}

/// A number in exactly `length` octets, if it is one and fits.
fn padded(octets: &[u8], length: usize) -> Option<Vec<u8>> {
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    let digits = &octets[zeros..];
    let missing = length.checked_sub(digits.len())?;
    (!octets.is_empty()).then(|| [&vec![0; missing], digits].concat())
}

/// An Ed25519 public key (RFC 8037 §2). Points of small order are refused: with such a key one
/// signature is valid for many messages.
pub(super) fn ed25519(curve: &str, x: Vec<u8>) -> Result<Vec<u8>, String> {
    if curve != "Ed25519" {
        return Err("crv is not Ed25519".into());
    }
    let point = <[u8; 32]>::try_from(x.as_slice()).map_err(|_| "x is not 32 octets long")?;
    if is_small_order(point) {
        return Err("x is a point of small order".into());
    }
    Ok(x)
}

/// Whether the point is one of the eight whose order divides 8, in any encoding and with either
/// sign.
fn is_small_order(mut point: [u8; 32]) -> bool {
    point[31] &= 0x7f;
    let near_prime = |lowest: u8| {
        let mut octets = [0xff; 32];
        (octets[0], octets[31]) = (lowest, 0x7f);
        octets
    };
    let mut one = [0; 32];
    one[0] = 1;
    // y = 0, 1 and p - 1, then the encodings of 0 and 1 as p and p + 1
    let orders_1_2_4 = [
        [0; 32],
        one,
        near_prime(0xec),
        near_prime(0xed),
        near_prime(0xee),
    ];
    orders_1_2_4.contains(&point) || ORDER_8.contains(&point)
}

/// The y coordinates of the points of order 8, little-endian.
const ORDER_8: [[u8; 32]; 2] = [
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_no_longer_than_the_curve_allows() {
        for (curve, length) in CURVES {
            let whole = point(curve, &vec![1; length], &vec![2; length]).unwrap();
            assert_eq!(whole, [vec![4], vec![1; length], vec![2; length]].concat());
            assert!(point(curve, &vec![1; length], &vec![2; length + 1]).is_err());
            assert!(point(curve, &[], &vec![2; length]).is_err());
        }
    }

    #[test]
    fn leading_zeros_of_a_coordinate_may_be_left_out_or_added() {
        for (curve, length) in CURVES {
            let whole = [vec![4], vec![0; 2], vec![1; length - 2], vec![2; length]].concat();
            let longer = [vec![0], vec![2; length]].concat();
            let found = point(curve, &vec![1; length - 2], &longer).unwrap();
            assert_eq!(found, whole, "{curve}");
        }
    }

    #[test]
    fn other_curves_are_refused() {
        assert!(
            point("secp256k1", &[1; 32], &[2; 32])
                .unwrap_err()
                .contains("crv")
        );
        assert!(ed25519("Ed448", vec![7; 32]).unwrap_err().contains("crv"));
    }

    #[test]
    fn an_ed25519_key_has_32_octets() {
        assert!(ed25519("Ed25519", vec![7; 32]).is_ok());
        assert!(ed25519("Ed25519", vec![7; 31]).is_err());
        assert!(ed25519("Ed25519", vec![7; 33]).is_err());
    }

    #[test]
    fn ed25519_points_of_small_order_are_refused_in_every_encoding() {
        let mut prime = [0xff; 32];
        (prime[0], prime[31]) = (0xed, 0x7f);
        let mut one = [0; 32];
        one[0] = 1;
        for mut octets in [[0; 32], one, prime, ORDER_8[0], ORDER_8[1]] {
            assert!(
                ed25519("Ed25519", octets.to_vec())
                    .unwrap_err()
                    .contains("small order")
            );
            octets[31] |= 0x80;
            assert!(
                ed25519("Ed25519", octets.to_vec())
                    .unwrap_err()
                    .contains("small order")
            );
        }
    }
}
