//! Hashes and encodings.

use std::fmt::Write;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BinaryArray, StringBuilder};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::functions::{crypto, encoding};
use datafusion::logical_expr::{ColumnarValue, ScalarUDF};
use sha1::{Digest, Sha1};
use std::sync::Arc;

use super::function::{Call, Definition, Family};
use super::parameters::{Kind, Parameters};
use super::returns;
use crate::error::{Error, Result};

const HASH: Family = Family::Hash;

/// A digest in hexadecimal digits.
fn digest(call: &Call, algorithm: &str) -> Result<ArrayRef> {
    let arguments = vec![ColumnarValue::Array(call.array(0)?), ColumnarValue::Scalar(ScalarValue::from(algorithm))];
    let digests = call.delegate_as(&crypto::digest(), arguments, &DataType::Binary)?;
    let digests = digests.as_binary::<i32>();
    let mut hexadecimal = StringBuilder::new();
    for digest in digests {
        match digest {
            None => hexadecimal.append_null(),
            Some(digest) => {
                for byte in digest {
                    // Writing to the builder does not fail.
                    let _ = write!(hexadecimal, "{byte:02x}");
                }
                hexadecimal.append_value("");
            }
        }
    }
    Ok(Arc::new(hexadecimal.finish()))
}

macro_rules! digest {
    ($constant:ident, $name:literal, $algorithm:literal, $value:literal) => {
        const $constant: Definition = Definition::new(
            HASH,
            $name,
            concat!($name, "(text)"),
            concat!("The hash ", $name, " of a text's UTF-8, in hexadecimal digits."),
            (concat!("LEFT(", $name, "('abc'), 8)"), $value),
            Parameters::Of(&[Kind::Text], 1),
            returns!(DataType::Utf8),
            |call| digest(call, $algorithm),
        );
    };
}

digest!(MD5, "MD5", "md5", "90015098");
digest!(SHA224, "SHA224", "sha224", "23097d22");
digest!(SHA256, "SHA256", "sha256", "ba7816bf");
digest!(SHA384, "SHA384", "sha384", "cb00753f");
digest!(SHA512, "SHA512", "sha512", "ddaf35a1");

const SHA1: Definition = Definition::new(
    HASH,
    "SHA1",
    "SHA1(text)",
    "The hash SHA1 of a text's UTF-8, in hexadecimal digits.",
    ("LEFT(SHA1('abc'), 8)", "a9993e36"),
    Parameters::Of(&[Kind::Text], 1),
    returns!(DataType::Utf8),
    |call| {
        let texts = call.text(0)?;
        call.texts(|row, out| {
            for byte in Sha1::digest(texts.get(row)?.as_bytes()) {
                write!(out, "{byte:02x}").ok()?;
            }
            Some(())
        })
    },
);

/// The bytes of hexadecimal digits. As in Flink, of an odd number of digits the first counts for nothing.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.chars().map(|digit| digit.to_digit(16).map(|digit| digit as u8)).collect::<Option<Vec<_>>>()?;
    let (odd, digits) = digits.split_at(digits.len() % 2);
    let bytes = digits.chunks_exact(2).map(|pair| pair[0] * 16 + pair[1]);
    Some(odd.iter().map(|_| 0).chain(bytes).collect())
}

const UNHEX: Definition = Definition::new(
    HASH,
    "UNHEX",
    "UNHEX(text)",
    "The bytes that hexadecimal digits write; NULL where others stand among them.",
    ("CAST(UNHEX('68656c6c6f') AS STRING)", "hello"),
    Parameters::Of(&[Kind::Text], 1),
    returns!(DataType::Binary),
    |call| {
        let texts = call.text(0)?;
        let bytes = (0..call.rows).map(|row| texts.get(row).and_then(unhex));
        Ok(Arc::new(bytes.collect::<BinaryArray>()))
    },
);

const SHA2: Definition = Definition::new(
    HASH,
    "SHA2",
    "SHA2(text, bits)",
    "The SHA-2 hash of 224, 256, 384 or 512 bits (a literal) in hexadecimal digits.",
    ("LEFT(SHA2('abc', 256), 8)", "ba7816bf"),
    Parameters::Of(&[Kind::Text, Kind::Int], 2),
    returns!(DataType::Utf8),
    |call| {
        let bits = if call.constant.get(1) == Some(&true) { call.int(1)?.get(0) } else { None };
        match bits {
            Some(224) => digest(call, "sha224"),
            Some(256) => digest(call, "sha256"),
            Some(384) => digest(call, "sha384"),
            Some(512) => digest(call, "sha512"),
            _ => Err(Error::user("the second argument of SHA2 is the literal 224, 256, 384 or 512")),
        }
    },
);

fn base64(call: &Call, function: &ScalarUDF) -> Result<ArrayRef> {
    let bytes = cast(&call.array(0)?, &DataType::Binary)?;
    let name = ColumnarValue::Scalar(ScalarValue::from("base64pad"));
    call.delegate_as(function, vec![ColumnarValue::Array(bytes), name], &DataType::Binary)
}

const TO_BASE64: Definition = Definition::new(
    HASH,
    "TO_BASE64",
    "TO_BASE64(text)",
    "The text's UTF-8 in base64.",
    ("TO_BASE64('hello')", "aGVsbG8="),
    Parameters::Of(&[Kind::TextOrBytes], 1),
    returns!(DataType::Utf8),
    |call| Ok(cast(&base64(call, &encoding::encode())?, &DataType::Utf8)?),
);

const FROM_BASE64: Definition = Definition::new(
    HASH,
    "FROM_BASE64",
    "FROM_BASE64(text)",
    "The text that is encoded in base64.",
    ("FROM_BASE64('aGVsbG8=')", "hello"),
    Parameters::Of(&[Kind::Text], 1),
    returns!(DataType::Utf8),
    |call| {
        let bytes = base64(call, &encoding::decode())?;
        let bytes = bytes.as_binary::<i32>();
        call.texts(|row, out| {
            let row = bytes.is_valid(row).then(|| String::from_utf8_lossy(bytes.value(row)))?;
            out.push_str(&row);
            Some(())
        })
    },
);

pub const DEFINITIONS: &[&Definition] =
    &[&MD5, &SHA1, &UNHEX, &SHA224, &SHA256, &SHA384, &SHA512, &SHA2, &TO_BASE64, &FROM_BASE64];
