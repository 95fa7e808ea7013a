//! Parts of URLs, and texts within them.

use std::fmt::Write;

use datafusion::arrow::datatypes::DataType;

use super::function::{Definition, Family};
use super::parameters::{Kind, Parameters};
use super::returns;

/// What a URL consists of, as `java.net.URL` divides it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Url<'a> {
    protocol: &'a str,
    authority: Option<&'a str>,
    path: &'a str,
    query: Option<&'a str>,
    /// What follows `#`.
    reference: Option<&'a str>,
}

/// The protocols that Java knows by itself; of others it has no URLs.
const PROTOCOLS: [&str; 6] = ["http", "https", "ftp", "file", "mailto", "jar"];

impl<'a> Url<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (protocol, rest) = text.trim().split_once(':')?;
        PROTOCOLS.iter().find(|known| known.eq_ignore_ascii_case(protocol))?;
        let (rest, reference) = divide(rest, '#');
        let (rest, query) = divide(rest, '?');
        let (authority, path) = match rest.strip_prefix("//") {
            None => (None, rest),
            Some(rest) => {
                let end = rest.find('/').unwrap_or(rest.len());
                (Some(&rest[..end]), &rest[end..])
            }
        };
        Some(Url { protocol, authority, path, query, reference })
    }

    fn user_info(&self) -> Option<&'a str> {
        self.authority?.rsplit_once('@').map(|(user, _)| user)
    }

    fn host(&self) -> &'a str {
        let Some(authority) = self.authority else { return "" };
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        match host.find(']') {
            Some(end) => &host[..=end],
            None => host.split(':').next().unwrap_or_default(),
        }
    }

    /// The value of a key of the query.
    fn parameter(&self, key: &str) -> Option<&'a str> {
        self.query?.split('&').find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='))
    }
}

fn divide(text: &str, sign: char) -> (&str, Option<&str>) {
    text.split_once(sign).map_or((text, None), |(before, after)| (before, Some(after)))
}

const PARSE_URL: Definition = Definition::new(
    Family::Text,
    "PARSE_URL",
    "PARSE_URL(url, part [, key])",
    "A part of a URL: HOST, PATH, QUERY, REF, PROTOCOL, FILE, AUTHORITY or USERINFO; of QUERY also the value of a key. \
     NULL where there is none.",
    ("PARSE_URL('http://facebook.com/path1/p.php?k1=v1&k2=v2#Ref1', 'QUERY', 'k1')", "v1"),
    Parameters::Of(&[Kind::Text, Kind::Text, Kind::Text], 2),
    returns!(DataType::Utf8),
    |call| {
        let (texts, parts) = (call.text(0)?, call.text(1)?);
        let keys = if call.len() > 2 { Some(call.text(2)?) } else { None };
        call.texts(|row, out| {
            let (url, part) = (Url::parse(texts.get(row)?)?, parts.get(row)?);
            let value = match (&keys, part) {
                (Some(keys), "QUERY") => url.parameter(keys.get(row)?),
                (Some(_), _) => None,
                (None, "HOST") => Some(url.host()),
                (None, "PATH") => Some(url.path),
                (None, "QUERY") => url.query,
                (None, "REF") => url.reference,
                (None, "PROTOCOL") => {
                    out.push_str(&url.protocol.to_lowercase());
                    return Some(());
                }
                (None, "FILE") => {
                    out.push_str(url.path);
                    url.query.iter().for_each(|query| out.extend(["?", *query]));
                    return Some(());
                }
                (None, "AUTHORITY") => url.authority,
                (None, "USERINFO") => url.user_info(),
                _ => None,
            };
            out.push_str(value?);
            Some(())
        })
    },
);

const URL_ENCODE: Definition = Definition::new(
    Family::Text,
    "URL_ENCODE",
    "URL_ENCODE(text)",
    "The text as it stands in a form's URL: a plus for a blank, `%` and digits for what is neither a letter nor a digit.",
    ("URL_ENCODE('a b&c')", "a+b%26c"),
    Parameters::Of(&[Kind::Text], 1),
    returns!(DataType::Utf8),
    |call| {
        let texts = call.text(0)?;
        call.texts(|row, out| {
            for byte in texts.get(row)?.bytes() {
                match byte {
                    b' ' => out.push('+'),
                    byte if byte.is_ascii_alphanumeric() || b".-*_".contains(&byte) => out.push(char::from(byte)),
                    byte => write!(out, "%{byte:02X}").ok()?,
                }
            }
            Some(())
        })
    },
);

/// The text that was encoded; `None`: a `%` without two digits behind it.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (digits, after) = rest.split_at_checked(2)?;
                rest = after;
                digits.iter().try_fold(0, |value, digit| Some(value * 16 + char::from(*digit).to_digit(16)? as u8))?
            }
            other => other,
        });
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

const URL_DECODE: Definition = Definition::new(
    Family::Text,
    "URL_DECODE",
    "URL_DECODE(text)",
    "The text that URL_ENCODE encoded; NULL where it cannot be decoded.",
    ("URL_DECODE('a+b%26c')", "a b&c"),
    Parameters::Of(&[Kind::Text], 1),
    returns!(DataType::Utf8),
    |call| {
        let texts = call.text(0)?;
        call.texts(|row, out| {
            out.push_str(&decoded(texts.get(row)?)?);
            Some(())
        })
    },
);

pub const DEFINITIONS: &[&Definition] = &[&PARSE_URL, &URL_ENCODE, &URL_DECODE];

#[cfg(test)]
mod tests {
    use super::Url;

    #[test]
    fn parts() {
        let url = Url::parse("http://user:pw@facebook.com:80/path1/p.php?k1=v1&k2=v2#Ref1").unwrap();
        assert_eq!((url.host(), url.user_info(), url.path), ("facebook.com", Some("user:pw"), "/path1/p.php"));
        assert_eq!((url.parameter("k2"), url.parameter("k"), url.reference), (Some("v2"), None, Some("Ref1")));
        assert_eq!(Url::parse("http://[::1]:80/p").unwrap().host(), "[::1]");
        let mail = Url::parse("mailto:a@b.c").unwrap();
        assert_eq!((mail.host(), mail.path, mail.authority), ("", "a@b.c", None));
        assert_eq!((Url::parse("no url"), Url::parse("kafka://x")), (None, None));
    }
}
