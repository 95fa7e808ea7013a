//! A registry behind a URL: files that a web server gives, and takes by PUT.

use std::net::IpAddr;
use std::time::Duration;

use anabranch::functions::component::host_error;
use anabranch::{Error, Result};
use anabranch_host::{Limits, Reference, Release};
use ureq::Agent;

/// Time of one request.
const TIMEOUT: Duration = Duration::from_secs(120);
const MAX_REDIRECTS: u32 = 5;

/// The largest index that is read, in bytes: some ten thousand versions.
const MAX_INDEX: u64 = 1 << 20;

pub struct Remote {
    /// Without a slash at its end.
    url: String,
    /// Whether what it says may have been changed on the way.
    pub is_plain: bool,
    agent: Agent,
    /// `Bearer …`, for servers that do not take files from everybody.
    authorization: Option<String>,
}

impl Remote {
    /// `None` where a registry is a folder.
    pub fn parse(registry: &str) -> Result<Option<Self>> {
        // Such as a variable of the shell that is not set: not the folder that one is in.
        if registry.is_empty() {
            return Err(Error::user("the registry has an empty name: it is a folder or a URL"));
        }
        let Some((scheme, rest)) = registry.split_once("://") else { return Ok(None) };
        if !["http", "https"].contains(&scheme) {
            return Err(Error::user(format!("a registry is a folder or a URL of http or https, not of {scheme}")));
        }
        if rest.is_empty() || rest.starts_with(['/', '?', '#']) {
            return Err(Error::user(format!("the URL '{registry}' names no server")));
        }
        let server = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if server.contains('@') {
            return Err(Error::user("the URL of a registry names a user")
                .hint("give a token in the variable ANABRANCH_REGISTRY_TOKEN"));
        }
        let host = match server.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => server.split(':').next().unwrap_or_default(),
        };
        let is_here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        // What is believed since it is encrypted, or comes from this machine, does not lead to what is neither.
        let is_https = scheme == "https";
        let agent = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .https_only(is_https)
            .max_redirects(if is_https { MAX_REDIRECTS } else { 0 })
            .build()
            .into();
        let token = std::env::var("ANABRANCH_REGISTRY_TOKEN").ok().filter(|token| !token.is_empty());
        let is_plain = scheme == "http" && !is_here;
        if is_plain && token.is_some() {
            return Err(Error::user(format!(
                "'{registry}' is not encrypted, and would be sent ANABRANCH_REGISTRY_TOKEN"
            ))
            .hint("use https://"));
        }
        let authorization = token.map(|token| format!("Bearer {token}"));
        Ok(Some(Remote { url: registry.trim_end_matches('/').to_owned(), is_plain, agent, authorization }))
    }

    /// The release that is meant, and its component, whose digest is not checked yet.
    pub fn fetch(&self, reference: &Reference) -> Result<(Release, Vec<u8>)> {
        let index = self
            .index(&reference.index())?
            .ok_or_else(|| Error::user(format!("there is no package '{}' at {}", reference.name(), self.url)))?;
        let release = reference.choose(&index).map_err(host_error)?;
        let component = self.get(&release.file(), Limits::default().max_module_size)?.ok_or_else(|| {
            Error::connector(format!("{} lists {release}, but has no `{}`", self.url, release.file()))
        })?;
        Ok((release, component))
    }

    /// Adds a release; adding it twice changes nothing. Who publishes to one package from two places at once may have to
    /// do it again: the server keeps the last index.
    pub fn add(&self, release: &Release, component: &[u8]) -> Result<()> {
        let place = format!("{}/versions", release.name);
        let index = self.index(&place)?.unwrap_or_default();
        if release.is_in(&index).map_err(host_error)? {
            return Ok(());
        }
        self.put(&release.file(), component)?;
        self.put(&place, (index + &release.line()).as_bytes())
    }

    fn index(&self, place: &str) -> Result<Option<String>> {
        let Some(bytes) = self.get(place, MAX_INDEX)? else { return Ok(None) };
        let text = String::from_utf8(bytes);
        text.map(Some).map_err(|_| Error::connector(format!("{}/{place} is no text", self.url)))
    }

    /// A file, of at most `limit` bytes; `None` where the server has none.
    fn get(&self, place: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        let mut request = self.agent.get(format!("{}/{place}", self.url));
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization);
        }
        let failed = |error: ureq::Error| Error::connector(format!("cannot read {}/{place}: {error}", self.url));
        let mut response = request.call().map_err(failed)?;
        match response.status().as_u16() {
            200 => response.body_mut().with_config().limit(limit).read_to_vec().map(Some).map_err(failed),
            404 => Ok(None),
            status => Err(Error::connector(format!("cannot read {}/{place}: status {status}", self.url))),
        }
    }

    fn put(&self, place: &str, content: &[u8]) -> Result<()> {
        let mut request = self.agent.put(format!("{}/{place}", self.url));
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization);
        }
        let failed = |reason: String| {
            Error::connector(format!("cannot write {}/{place}: {reason}", self.url)).hint(
                "a registry behind a URL takes files by PUT; publish into the folder that it shows where it does not",
            )
        };
        let response = request.send(content).map_err(|error| failed(error.to_string()))?;
        let status = response.status();
        if status.is_success() { Ok(()) } else { Err(failed(format!("status {}", status.as_u16()))) }
    }
}
