//! Which HTTP requests a function may make.

use std::fmt;
use std::net::IpAddr;

/// The methods that can be granted. CONNECT cannot: it would be a socket.
pub(crate) const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"];

/// One element of `'grant.http'`: methods, scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HttpRule {
    pub methods: Methods,
    pub scheme: Scheme,
    pub host: HostPattern,
    pub port: u16,
}

/// Methods of requests, by their names; `None` is every one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Methods(Option<Vec<&'static str>>);

/// How a server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    Http,
    Https,
}

/// The hosts that a rule names, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum HostPattern {
    /// This name, of a host with a public address.
    Name(String),
    /// `*.example.com`: the names below `example.com`, not itself.
    Below(String),
    /// This address, whichever it is.
    Address(IpAddr),
    /// `localhost`: the loopback addresses.
    Localhost,
}

impl HttpRule {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (methods, url) = text.split_once(char::is_whitespace).ok_or_else(|| {
            format!("'{text}' is no grant: that is methods and a URL, such as 'GET https://api.example.com' (`*` for every method)")
        })?;
        let methods = Methods::parse(methods)?;
        let url = url.trim();
        let wrong = |reason: &str| format!("'{url}' {reason}");
        let (scheme, rest) = match url.split_once("://") {
            Some(("http", rest)) => (Scheme::Http, rest),
            Some(("https", rest)) => (Scheme::Https, rest),
            _ => return Err(wrong("begins neither with http:// nor with https://")),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '?', '#']) {
            return Err(wrong("has a path; what is granted is a host as a whole"));
        }
        if authority.contains('@') {
            return Err(wrong("has a user; write the host alone"));
        }
        let (host, port) = split_port(authority).ok_or_else(|| wrong("has no port between 1 and 65535"))?;
        let host = HostPattern::parse(host).map_err(|reason| wrong(&reason))?;
        Ok(HttpRule { methods, scheme, host, port: port.unwrap_or(scheme.port()) })
    }
}

impl fmt::Display for HttpRule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.methods.0 {
            Some(methods) => out.write_str(&methods.join("|"))?,
            None => out.write_str("*")?,
        }
        write!(out, " {}://{}", self.scheme.name(), self.host)?;
        if self.port == self.scheme.port() { Ok(()) } else { write!(out, ":{}", self.port) }
    }
}

impl Methods {
    fn parse(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Ok(Methods(None));
        }
        let method = |name: &str| {
            METHODS.into_iter().find(|method| method.eq_ignore_ascii_case(name)).ok_or_else(|| {
                format!("'{name}' is no method that is granted; those are {} and * for all of them", METHODS.join(", "))
            })
        };
        text.split('|').map(method).collect::<Result<_, _>>().map(|methods| Methods(Some(methods)))
    }

    /// Whether a method, in the spelling of a request, is among them.
    pub fn contain(&self, method: &str) -> bool {
        match &self.0 {
            Some(methods) => methods.contains(&method),
            None => METHODS.contains(&method),
        }
    }
}

impl Scheme {
    pub fn name(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }

    /// The port where none is named.
    pub fn port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }
}

impl HostPattern {
    fn parse(host: &str) -> Result<Self, String> {
        let host = host.to_ascii_lowercase();
        if host == "localhost" {
            return Ok(HostPattern::Localhost);
        }
        if let Some(address) = parse_address(&host) {
            if address.is_unspecified() || address.is_multicast() || is_broadcast(address) {
                return Err("is the address of no single host".into());
            }
            return Ok(HostPattern::Address(address));
        }
        let (name, below) = match host.strip_prefix("*.") {
            Some(name) => (name, true),
            None => (host.as_str(), false),
        };
        check_name(name)?;
        Ok(if below { HostPattern::Below(name.to_string()) } else { HostPattern::Name(name.to_string()) })
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HostPattern::Name(name) => out.write_str(name),
            HostPattern::Below(name) => write!(out, "*.{name}"),
            HostPattern::Address(IpAddr::V4(address)) => write!(out, "{address}"),
            HostPattern::Address(IpAddr::V6(address)) => write!(out, "[{address}]"),
            HostPattern::Localhost => out.write_str("localhost"),
        }
    }
}

/// Splits `host:port`; `None` where there is a colon with no port behind it.
pub(crate) fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let end_of_host = authority.rfind(']').map_or(0, |bracket| bracket + 1);
    match authority[end_of_host..].rfind(':') {
        None => Some((authority, None)),
        Some(colon) => {
            let (host, port) = authority.split_at(end_of_host + colon);
            let digits = &port[1..];
            let port: u16 = digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse().ok())??;
            (port > 0).then_some((host, Some(port)))
        }
    }
}

/// An IPv4 address in four decimal numbers, or an IPv6 address in brackets; one that maps IPv4 is taken as that.
pub(crate) fn parse_address(host: &str) -> Option<IpAddr> {
    let address = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(inner) => IpAddr::V6(inner.parse().ok()?),
        None => IpAddr::V4(host.parse().ok()?),
    };
    Some(address.to_canonical())
}

fn is_broadcast(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(address) if address.is_broadcast())
}

/// A name that only a resolver of names could make an address of: one that ends in a number (`127.1`, `0x7f.1`) is an
/// address to some of them.
fn check_name(name: &str) -> Result<(), String> {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if !name.is_ascii() {
        return Err("has letters that names in the network have not; write them as `xn--…`".into());
    }
    if name.len() > 253 || !name.split('.').all(label) {
        return Err("names no host: that is a name such as api.example.com, *.example.com, or an address".into());
    }
    let last = name.rsplit('.').next().unwrap_or_default();
    if last.starts_with(|first: char| first.is_ascii_digit()) {
        return Err("ends in a number, but is no IPv4 address of four decimal numbers".into());
    }
    Ok(())
}
