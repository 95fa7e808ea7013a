//! Where a function's component comes from: `USING COMPONENT '…'` read as a file, an installed package, or a URL.
//!
//! A component is read once, when its function is created, and checked against the digests that are known of it before
//! any of it is compiled. What becomes of the file or the server later does not matter to the function.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anabranch_host::{Digest, Downloads, Host, Limits, Reference, Registry};
use ureq::Agent;
use ureq::http::Uri;
use ureq::http::uri::InvalidUri;

use super::row_errors::host_error;
use super::s3;
use crate::error::{Error, Result};

/// Time until a server is connected to.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Time of a download as a whole.
const TIMEOUT: Duration = Duration::from_secs(120);
/// A component may have moved this often.
const MAX_REDIRECTS: u32 = 5;

/// A component's bytes, and the name that messages give it.
pub(super) struct Component {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// What the text of `USING COMPONENT` means.
#[derive(Debug, PartialEq, Eq)]
enum Origin {
    File(PathBuf),
    Installed,
    /// A URL of http or https.
    Web,
    /// `s3://bucket/key`.
    S3,
}

impl Origin {
    fn of(text: &str) -> Result<Self> {
        if Reference::is_meant(text) {
            return Ok(Origin::Installed);
        }
        match text.split_once("://") {
            None => Ok(Origin::File(text.into())),
            Some(("file", path)) => Ok(Origin::File(path.into())),
            Some(("http" | "https", _)) => Ok(Origin::Web),
            Some(("s3", _)) => Ok(Origin::S3),
            Some((scheme, _)) => Err(Error::user(format!("components are not read from {scheme}:// URLs")).hint(
                "name a file, an installed package such as 'behaviour@1.2', or a URL of https://, s3:// or file://; object \
                 stores of other kinds give out https:// URLs",
            )),
        }
    }
}

/// Reads a component and checks it against `digest`, where that is given.
///
/// # Errors
/// User errors for what the text cannot mean; connector errors for servers; function errors for files that are missing,
/// too large, or not those of the digest.
pub(super) fn read(text: &str, limits: &Limits, digest: Option<Digest>) -> Result<Component> {
    let component = match Origin::of(text)? {
        Origin::File(path) => Component { name: path.display().to_string(), bytes: read_file(&path, limits)? },
        Origin::Installed => {
            let find = || {
                let reference: Reference = text.parse()?;
                Registry::installed()?.find(&reference)
            };
            let (release, path) = find().map_err(|error| {
                host_error(error).hint(format!("install it with `anabranch function install {text} --registry …`"))
            })?;
            let bytes = read_file(&path, limits)?;
            release.digest.check(text, &bytes).map_err(host_error)?;
            Component { name: path.display().to_string(), bytes }
        }
        Origin::Web | Origin::S3 => fetch(text, limits, digest, Downloads::of_user())?,
    };
    if let Some(digest) = digest {
        digest.check(&shown(text), &component.bytes).map_err(host_error)?;
    }
    Ok(component)
}

/// Refuses a text that can mean no component, before anything is looked for.
pub(super) fn check(text: &str, digest_is_known: bool) -> Result<()> {
    match Origin::of(text)? {
        Origin::File(_) => Ok(()),
        Origin::Installed => text.parse::<Reference>().map(drop).map_err(host_error),
        Origin::Web => check_url(text, digest_is_known),
        Origin::S3 => Request::to(text).map(drop),
    }
}

fn read_file(path: &Path, limits: &Limits) -> Result<Vec<u8>> {
    Host::read_file(path, limits).map_err(host_error)
}

/// A URL as messages show it: without its query, which may be a signature that lets in whoever has it.
pub(super) fn shown(text: &str) -> String {
    match text.split_once('?') {
        Some((place, _)) if text.contains("://") => format!("{place}?…"),
        _ => text.to_owned(),
    }
}

/// Fetches a component, or takes it from those that were fetched before, where its digest is known.
fn fetch(url: &str, limits: &Limits, digest: Option<Digest>, kept: Option<Downloads>) -> Result<Component> {
    let name = shown(url);
    // What is refused is refused whether it was fetched before or not.
    if !url.starts_with("s3://") {
        check_url(url, digest.is_some())?;
    }
    if let (Some(digest), Some(kept)) = (&digest, &kept)
        && let Some(bytes) = kept.get(digest)
    {
        return Ok(Component { name, bytes });
    }
    let request = Request::to(url)?;
    let bytes = request.send(&name, limits.max_module_size)?;
    if let Some(digest) = digest {
        digest.check(&name, &bytes).map_err(host_error)?;
        if let Some(kept) = kept {
            kept.keep(&digest, &bytes);
        }
    }
    Ok(Component { name, bytes })
}

/// Refuses a URL of http or https that names no host, or a user, or comes unencrypted without its digest.
fn check_url(url: &str, digest_is_known: bool) -> Result<()> {
    let name = shown(url);
    let no_url = |error: InvalidUri| Error::user(format!("'{}' is no URL: {error}", without_user(&name)));
    let parsed: Uri = url.parse().map_err(no_url)?;
    if parsed.authority().is_none_or(|authority| authority.as_str().contains('@')) {
        return Err(Error::user(format!("the URL of a component names no host, or a user: '{}'", without_user(&name)))
            .hint("what stands in SQL is shown in plans and logs, so passwords have no place in it"));
    }
    if url.starts_with("http://") && !digest_is_known {
        return Err(Error::user(format!("'{name}' comes unencrypted, so its digest must be known"))
            .hint("write WITH ('sha256' = '…'), or use https://"));
    }
    Ok(())
}

/// What is asked of a server.
struct Request {
    url: String,
    headers: Vec<(&'static str, String)>,
    /// Whether an unencrypted answer is good enough.
    plain: bool,
}

impl Request {
    fn to(url: &str) -> Result<Self> {
        if url.starts_with("s3://") {
            let s3::Signed { url, headers } =
                s3::Settings::from_environment().sign(url, std::time::SystemTime::now())?;
            // Whose endpoint is set to http:// has a store of his own, such as one for tests.
            let plain = url.starts_with("http://");
            return Ok(Request { url, headers, plain });
        }
        Ok(Request { url: url.to_owned(), headers: vec![], plain: url.starts_with("http://") })
    }

    fn send(&self, name: &str, limit: u64) -> Result<Vec<u8>> {
        let agent: Agent = Agent::config_builder()
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_global(Some(TIMEOUT))
            .max_redirects(MAX_REDIRECTS)
            .https_only(!self.plain)
            .http_status_as_error(false)
            .build()
            .into();
        let failed = |reason: String| Error::connector(format!("cannot fetch '{name}': {reason}"));
        let mut request = agent.get(&self.url);
        for (header, value) in &self.headers {
            request = request.header(*header, value);
        }
        let mut response = request.call().map_err(|error| failed(error.to_string()))?;
        match response.status().as_u16() {
            200 => {}
            status @ (401 | 403) => {
                return Err(failed(format!("the server answers with status {status}: it is not given to everybody"))
                    .hint("s3:// URLs take credentials from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"));
            }
            status => return Err(failed(format!("the server answers with status {status}"))),
        }
        let too_large =
            |size: u64| host_error(anabranch_host::Error::TooLarge { package: format!("'{name}'"), size, limit });
        if let Some(size) = response.body().content_length()
            && size > limit
        {
            return Err(too_large(size));
        }
        // One byte more than is allowed, to see that there is more.
        match response.body_mut().with_config().limit(limit.saturating_add(1)).read_to_vec() {
            Ok(bytes) if bytes.len() as u64 > limit => Err(too_large(bytes.len() as u64)),
            Ok(bytes) => Ok(bytes),
            Err(ureq::Error::BodyExceedsLimit(size)) => Err(too_large(size)),
            Err(error) => Err(failed(error.to_string())),
        }
    }
}

fn without_user(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => format!("{}…{}", &url[..scheme + 3], &url[at..]),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use std::io::{BufRead, BufReader, Write};
    use std::net::{Ipv4Addr, TcpListener};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A web server on the loopback interface, and how often it was asked.
    fn server() -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
                let first = lines.next().unwrap_or_default();
                let headers: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
                count.fetch_add(1, Ordering::Relaxed);
                let signed = headers.iter().any(|header| header.to_lowercase().starts_with("authorization: aws4-hmac"));
                let answer = match first.split(' ').nth(1).unwrap_or_default() {
                    "/component" => "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncomponent".to_owned(),
                    "/bucket/my%20key" if signed => "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncomponent".to_owned(),
                    "/large" => format!("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{}", "x".repeat(5000)),
                    "/unknown" => format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", "x".repeat(5000)),
                    "/cut" => "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\ncomponent".to_owned(),
                    "/moved" => "HTTP/1.1 302 Found\r\nLocation: /component\r\nContent-Length: 0\r\n\r\n".to_owned(),
                    "/forbidden" => "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n".to_owned(),
                    _ => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned(),
                };
                let mut stream = stream;
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        (url, asked)
    }

    /// What was fetched before is no way around what a URL may not have.
    #[test]
    fn urls_are_looked_at_before_what_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let kept = || Some(Downloads::new(folder.path()));
        let (url, asked) = server();
        let digest = Digest::of(b"component");
        let limits = Limits::default();
        let place = format!("{url}/component");
        fetch(&place, &limits, Some(digest), kept()).unwrap();
        assert_eq!(fetch(&place, &limits, Some(digest), kept()).unwrap().bytes, b"component");
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        let with_user = place.replace("http://", "http://ada:hunter2@");
        let error = fetch(&with_user, &limits, Some(digest), kept()).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("or a user") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn texts_and_what_they_mean() {
        for (text, origin) in [
            ("a/b.wasm", Origin::File("a/b.wasm".into())),
            ("file:///a/b.wasm", Origin::File("/a/b.wasm".into())),
            ("behaviour@1.2", Origin::Installed),
            ("https://example.com/b@1.wasm", Origin::Web),
            ("s3://bucket/b.wasm", Origin::S3),
        ] {
            assert_eq!(Origin::of(text).unwrap(), origin, "{text}");
        }
        assert_eq!(shown("https://example.com/b?signature=1"), "https://example.com/b?…");
        assert_eq!(shown("what?.wasm"), "what?.wasm");
        let mut said = String::new();
        for text in [
            "gs://bucket/b.wasm",
            "http://example.com/b.wasm",
            "https://me:word@example.com/b.wasm",
            "https:///b.wasm",
            "s3://bucket",
        ] {
            let error = read(text, &Limits::default(), None).err().unwrap();
            said.push_str(&format!("{error}\n"));
        }
        assert!(!said.contains("word@"), "{said}");
        expect![[r#"
            components are not read from gs:// URLs; name a file, an installed package such as 'behaviour@1.2', or a URL of https://, s3:// or file://; object stores of other kinds give out https:// URLs
            'http://example.com/b.wasm' comes unencrypted, so its digest must be known; write WITH ('sha256' = '…'), or use https://
            the URL of a component names no host, or a user: 'https://…@example.com/b.wasm'; what stands in SQL is shown in plans and logs, so passwords have no place in it
            'https:///b.wasm' is no URL: invalid format
            's3://bucket' names no object: that is s3://bucket/key
        "#]].assert_eq(&said);
    }

    #[test]
    fn components_are_fetched_checked_and_kept() {
        let (url, asked) = server();
        let folder = tempfile::tempdir().unwrap();
        let kept = || Some(Downloads::new(folder.path()));
        let limits = Limits { max_module_size: 1000, ..Limits::default() };
        let digest = Digest::of(b"component");
        let fetch = |path: &str, digest| fetch(&format!("{url}{path}"), &limits, Some(digest), kept());
        assert_eq!(fetch("/moved", digest).unwrap().bytes, b"component");
        let before = asked.load(Ordering::Relaxed);
        assert_eq!(fetch("/component", digest).unwrap().bytes, b"component");
        assert_eq!(asked.load(Ordering::Relaxed), before, "it was kept");
        let other = Digest::of(b"other");
        let mut said = String::new();
        for path in ["/component", "/large", "/unknown", "/cut", "/forbidden", "/missing"] {
            said.push_str(&format!("{}\n", fetch(path, other).err().unwrap()));
        }
        let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
        let error = super::fetch(&format!("http://{nobody}/x"), &limits, Some(other), None).err().unwrap();
        said.push_str(&error.to_string().replace(&nobody.to_string(), "NOBODY"));
        expect![[r#"
            cannot load 'SERVER/component': its SHA-256 is 6985ca1f4daa5a584a28eae043a239cb96689af1337ea13afb63e00c2bf512fa, not d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa
            cannot load 'SERVER/large': it has 5000 bytes, more than the limit of 1000 (option 'max-module-size')
            cannot load 'SERVER/unknown': it has 1001 bytes, more than the limit of 1000 (option 'max-module-size')
            cannot fetch 'SERVER/cut': io: Peer disconnected
            cannot fetch 'SERVER/forbidden': the server answers with status 403: it is not given to everybody; s3:// URLs take credentials from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
            cannot fetch 'SERVER/missing': the server answers with status 404
            cannot fetch 'http://NOBODY/x': io: Connection refused (os error 111)"#]].assert_eq(&said.replace(&url, "SERVER"));
        assert_eq!(asked.load(Ordering::Relaxed), before + 6);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "what is not right is not kept");
    }

    #[test]
    fn object_stores_are_asked_with_a_signature() {
        let (url, _) = server();
        let settings = s3::Settings {
            endpoint: Some(url),
            region: "eu-central-1".into(),
            credentials: Some(s3::Credentials { key: "AKIA".into(), secret: "secret".into(), token: None }),
        };
        let s3::Signed { url, headers } = settings.sign("s3://bucket/my key", std::time::SystemTime::now()).unwrap();
        let request = Request { url, headers, plain: true };
        assert_eq!(request.send("s3://bucket/my key", 1000).unwrap(), b"component");
    }
}
