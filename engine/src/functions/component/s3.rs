//! Signed requests for objects in S3 and in stores that speak its protocol (AWS's Signature Version 4).

use std::fmt::Write;
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// SHA-256 of a request's body, which is empty.
const NO_BODY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// Block of HMAC over SHA-256, in bytes.
const BLOCK: usize = 64;

/// Where a store is, and who asks.
pub(super) struct Settings {
    /// `http://localhost:9000` of a store other than Amazon's, whose buckets are the first part of a path.
    pub endpoint: Option<String>,
    pub region: String,
    /// Without them, requests are not signed: for buckets that everybody may read.
    pub credentials: Option<Credentials>,
}

pub(super) struct Credentials {
    pub key: String,
    pub secret: String,
    pub token: Option<String>,
}

/// A request that the store takes; not to be printed, as who has it may read.
pub(super) struct Signed {
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
}

impl Settings {
    /// As Amazon's own tools have them: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`,
    /// `AWS_ENDPOINT_URL_S3`.
    pub fn from_environment() -> Self {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let credentials = variable("AWS_ACCESS_KEY_ID").zip(variable("AWS_SECRET_ACCESS_KEY"));
        Settings {
            endpoint: variable("AWS_ENDPOINT_URL_S3").or_else(|| variable("AWS_ENDPOINT_URL")),
            region: variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION")).unwrap_or("us-east-1".into()),
            credentials: credentials.map(|(key, secret)| {
                let token = variable("AWS_SESSION_TOKEN");
                Credentials { key, secret, token }
            }),
        }
    }

    /// A request for `s3://bucket/key`.
    pub fn sign(&self, url: &str, now: SystemTime) -> Result<Signed> {
        let object = url.strip_prefix("s3://").unwrap_or(url);
        let (bucket, key) = object.split_once('/').unwrap_or((object, ""));
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
        if key.is_empty() || bucket.is_empty() || !bucket.chars().all(is_name) {
            return Err(Error::user(format!("'{url}' names no object: that is s3://bucket/key")));
        }
        let key = encoded(key);
        let (scheme, host, path) = match &self.endpoint {
            Some(endpoint) => {
                let (scheme, host) = endpoint
                    .trim_end_matches('/')
                    .split_once("://")
                    .ok_or_else(|| Error::user(format!("AWS_ENDPOINT_URL is no URL: '{endpoint}'")))?;
                (scheme, host.to_owned(), format!("/{bucket}/{key}"))
            }
            None => ("https", format!("{bucket}.s3.{}.amazonaws.com", self.region), format!("/{key}")),
        };
        let time = DateTime::<Utc>::from(now).format("%Y%m%dT%H%M%SZ").to_string();
        let mut headers = vec![("x-amz-content-sha256", NO_BODY.to_owned()), ("x-amz-date", time)];
        if let Some(credentials) = &self.credentials {
            headers.extend(credentials.token.iter().map(|token| ("x-amz-security-token", token.clone())));
            let authorization = self.authorization(credentials, &host, &path, &headers);
            headers.push(("authorization", authorization));
        }
        Ok(Signed { url: format!("{scheme}://{host}{path}"), headers })
    }

    /// `headers` are in the order of their names, all behind `host`, with `x-amz-date` among them.
    fn authorization(
        &self,
        credentials: &Credentials,
        host: &str,
        path: &str,
        headers: &[(&'static str, String)],
    ) -> String {
        let mut canonical = format!("GET\n{path}\n\nhost:{host}\n");
        let mut names = String::from("host");
        let mut time = "";
        for (name, value) in headers {
            let _ = writeln!(canonical, "{name}:{value}");
            let _ = write!(names, ";{name}");
            if *name == "x-amz-date" {
                time = value;
            }
        }
        let _ = write!(canonical, "\n{names}\n{NO_BODY}");
        let day = time.get(..8).unwrap_or_default();
        let scope = format!("{day}/{}/s3/aws4_request", self.region);
        let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
        let mut key = hmac(format!("AWS4{}", credentials.secret).as_bytes(), day);
        for part in [self.region.as_str(), "s3", "aws4_request"] {
            key = hmac(&key, part);
        }
        let signature = hex(&hmac(&key, &text));
        format!("AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}", credentials.key)
    }
}

/// HMAC-SHA-256 (RFC 2104).
fn hmac(key: &[u8], message: &str) -> [u8; 32] {
    let mut block = [0; BLOCK];
    if key.len() > BLOCK {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let padded = |pad: u8| block.map(|byte| byte ^ pad);
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A key as a path: all but letters, digits, `-._~` and `/` by their bytes.
fn encoded(key: &str) -> String {
    key.bytes().fold(String::new(), |mut text, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => text.push(char::from(byte)),
            _ => {
                let _ = write!(text, "%{byte:02X}");
            }
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Amazon's documentation, "Signature Calculations for the Authorization Header: GET Object".
    #[test]
    fn the_documented_example() {
        let settings = Settings { endpoint: None, region: "us-east-1".into(), credentials: None };
        let credentials = Credentials {
            key: "AKIAIOSFODNN7EXAMPLE".into(),
            secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
            token: None,
        };
        let headers = [
            ("range", "bytes=0-9".to_owned()),
            ("x-amz-content-sha256", NO_BODY.to_owned()),
            ("x-amz-date", "20130524T000000Z".to_owned()),
        ];
        assert_eq!(
            settings.authorization(&credentials, "examplebucket.s3.amazonaws.com", "/test.txt", &headers),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, \
             SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, \
             Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        );
    }

    #[test]
    fn where_an_object_is_asked_for() {
        let mut settings = Settings { endpoint: None, region: "eu-west-1".into(), credentials: None };
        let now = SystemTime::UNIX_EPOCH;
        let signed = settings.sign("s3://bucket/a/größe b.wasm", now).unwrap();
        assert_eq!(signed.url, "https://bucket.s3.eu-west-1.amazonaws.com/a/gr%C3%B6%C3%9Fe%20b.wasm");
        assert!(signed.headers.iter().all(|(name, _)| *name != "authorization"));
        settings.endpoint = Some("http://localhost:9000/".into());
        assert_eq!(settings.sign("s3://bucket/b.wasm", now).unwrap().url, "http://localhost:9000/bucket/b.wasm");
        for wrong in ["s3://", "s3://bucket", "s3://bucket/", "s3:///key", "s3://evil.com:80@x/key"] {
            assert!(settings.sign(wrong, now).is_err(), "{wrong}");
        }
    }
}
