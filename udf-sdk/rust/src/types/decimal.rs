//! `DECIMAL(p, s)`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use super::Fixed;

/// A number of at most `P` digits, `S` of them after the point: `DECIMAL(P, S)`.
///
/// ```
/// use anabranch_udf::Decimal;
///
/// let price: Decimal<10, 2> = "12.50".parse()?;
/// assert_eq!(price.unscaled(), 1250);
/// assert_eq!(price.to_string(), "12.50");
/// assert_eq!(price.checked_add(price).map(|sum| sum.to_string()).as_deref(), Some("25.00"));
/// # Ok::<(), anabranch_udf::DecimalError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal<const P: u8, const S: u8> {
    unscaled: i128,
}

/// Why a text or a number is no decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalError {
    /// It is not written as a number.
    NotANumber,
    /// It has more digits than the type.
    TooLarge {
        /// Digits of the type.
        precision: u8,
        /// Digits after the point.
        scale: u8,
    },
}

impl fmt::Display for DecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotANumber => f.write_str("not a number"),
            Self::TooLarge { precision, scale } => write!(f, "does not fit DECIMAL({precision}, {scale})"),
        }
    }
}

impl std::error::Error for DecimalError {}

impl<const P: u8, const S: u8> Decimal<P, S> {
    const VALID: () = assert!(P >= 1 && P <= 38 && S <= P, "DECIMAL(p, s) has 1 to 38 digits, and s of them at most p");

    /// The smallest number with more than `P` digits, without its point.
    const LIMIT: i128 = 10_i128.pow(P as u32);

    /// The number `unscaled / 10^S`; `None` if it has more than `P` digits.
    pub fn from_unscaled(unscaled: i128) -> Option<Self> {
        const { Self::VALID };
        (-Self::LIMIT < unscaled && unscaled < Self::LIMIT).then_some(Self { unscaled })
    }

    /// The number without its point: `12.50` is 1250.
    pub fn unscaled(self) -> i128 {
        self.unscaled
    }

    /// The sum; `None` if it has more than `P` digits.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Self::from_unscaled(self.unscaled + other.unscaled)
    }

    /// The difference; `None` if it has more than `P` digits.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        Self::from_unscaled(self.unscaled - other.unscaled)
    }

    /// The nearest floating-point number.
    pub fn to_f64(self) -> f64 {
        self.unscaled as f64 / 10_f64.powi(i32::from(S))
    }

    fn too_large() -> DecimalError {
        DecimalError::TooLarge { precision: P, scale: S }
    }
}

impl<const P: u8, const S: u8> fmt::Display for Decimal<P, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one = 10_u128.pow(u32::from(S));
        let digits = self.unscaled.unsigned_abs();
        let text = match S {
            0 => digits.to_string(),
            _ => format!("{}.{:0width$}", digits / one, digits % one, width = usize::from(S)),
        };
        f.pad_integral(self.unscaled >= 0, "", &text)
    }
}

impl<const P: u8, const S: u8> FromStr for Decimal<P, S> {
    type Err = DecimalError;

    /// Reads `-12.5`; digits beyond the scale are rounded half up, as Flink's casts do.
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let (negative, digits) = match text.as_bytes() {
            [b'-', ..] => (true, &text[1..]),
            [b'+', ..] => (false, &text[1..]),
            _ => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && fraction.is_empty() {
            return Err(DecimalError::NotANumber);
        }
        let scale = usize::from(S);
        let mut unscaled: i128 = 0;
        let kept = fraction.bytes().chain(std::iter::repeat(b'0')).take(scale);
        for digit in whole.bytes().chain(kept) {
            if !digit.is_ascii_digit() {
                return Err(DecimalError::NotANumber);
            }
            unscaled = (unscaled.checked_mul(10))
                .and_then(|number| number.checked_add(i128::from(digit - b'0')))
                .ok_or_else(Self::too_large)?;
        }
        if fraction.bytes().any(|digit| !digit.is_ascii_digit()) {
            return Err(DecimalError::NotANumber);
        }
        if fraction.as_bytes().get(scale).is_some_and(|digit| *digit >= b'5') {
            unscaled += 1;
        }
        Self::from_unscaled(if negative { -unscaled } else { unscaled }).ok_or_else(Self::too_large)
    }
}

impl<const P: u8, const S: u8> Fixed for Decimal<P, S> {
    type Native = [u8; 16];

    fn format() -> Cow<'static, str> {
        const { Self::VALID };
        format!("d:{P},{S}").into()
    }

    #[inline(always)]
    fn from_native(native: [u8; 16]) -> Self {
        Self { unscaled: i128::from_le_bytes(native) }
    }

    #[inline(always)]
    fn to_native(self) -> [u8; 16] {
        self.unscaled.to_le_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes() {
        let cases = [
            ("0", "0.00"),
            ("-0.05", "-0.05"),
            (".5", "0.50"),
            ("7.", "7.00"),
            ("1.005", "1.01"),
            ("-1.005", "-1.01"),
            ("+12345678.99", "12345678.99"),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse::<Decimal<10, 2>>().unwrap().to_string(), expected, "{text}");
        }
        for text in ["", ".", "-", "1e3", "1.2x", "1..2", "x"] {
            assert_eq!(text.parse::<Decimal<10, 2>>(), Err(DecimalError::NotANumber), "{text}");
        }
        for text in ["123456789", "99999999.995", "1000000000000000000000000000000000000000000"] {
            assert!(matches!(text.parse::<Decimal<10, 2>>(), Err(DecimalError::TooLarge { .. })), "{text}");
        }
        assert_eq!("42".parse::<Decimal<38, 0>>().unwrap().to_string(), "42");
    }
}
