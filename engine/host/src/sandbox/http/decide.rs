//! Whether a request may be made, and to which addresses: all that is decided before anything is sent.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;

use wasmtime_wasi_http::Error;

use crate::grants::{HostPattern, HttpRule, Scheme, parse_address, split_port};

/// Finds the addresses of a name.
pub(super) trait Resolver: Send + Sync {
    fn resolve<'a>(&'a self, name: &'a str) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;
}

/// Look-ups under way at once, of all functions: they cannot be broken off, and files are read on the same threads.
static LOOKUPS: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(64);

/// The resolver of the machine.
pub(super) struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve<'a>(&'a self, name: &'a str) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>> {
        Box::pin(async move {
            let permit = LOOKUPS.acquire().await.map_err(io::Error::other)?;
            let name = name.to_owned();
            let look_up = move || -> io::Result<Vec<IpAddr>> {
                // It goes on when nobody waits for it any more, and counts as long.
                let _permit = permit;
                let found = std::net::ToSocketAddrs::to_socket_addrs(&(name.as_str(), 0))?;
                Ok(found.map(|address| address.ip()).collect())
            };
            tokio::task::spawn_blocking(look_up).await.map_err(io::Error::other)?
        })
    }
}

/// A request that is granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Permitted {
    pub scheme: Scheme,
    pub host: Host,
    pub port: u16,
}

/// Whom a request goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Host {
    /// A name in lower case, of a host with a public address.
    Name(String),
    /// An address that the grant names, or the grant's name is a public one of.
    Address(IpAddr),
    /// The machine itself.
    Localhost,
}

/// Why a request is not made: a code for the guest, and a sentence for people.
#[derive(Debug)]
pub(super) struct Refusal {
    pub code: Error,
    pub reason: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.reason)
    }
}

fn denied(reason: impl Into<String>) -> Refusal {
    Refusal { code: Error::HttpRequestDenied, reason: reason.into() }
}

/// Compares a request with what is granted. `authority` is what the guest gave: `host`, `host:port`, `[address]:port`.
pub(super) fn decide(rules: &[HttpRule], method: &str, scheme: &str, authority: &str) -> Result<Permitted, Refusal> {
    if rules.is_empty() {
        return Err(denied("the function is granted no HTTP (option 'grant.http')"));
    }
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        _ => return Err(denied(format!("`{scheme}` is neither http nor https"))),
    };
    if authority.contains('@') {
        return Err(denied("its host has a user in front, which no grant has"));
    }
    let (host, port) = split_port(authority).ok_or_else(|| denied("its port is none"))?;
    let port = port.unwrap_or(scheme.port());
    let name = host.to_ascii_lowercase();
    let host = match parse_address(&name) {
        _ if name == "localhost" => Host::Localhost,
        Some(address) => Host::Address(address),
        None if name.starts_with('[') => return Err(denied("its host is no address")),
        None => Host::Name(name),
    };
    let named = |rule: &&HttpRule| match (&rule.host, &host) {
        (HostPattern::Name(granted), Host::Name(name)) => granted == name,
        (HostPattern::Below(granted), Host::Name(name)) => {
            name.strip_suffix(granted.as_str()).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
        }
        (HostPattern::Address(granted), Host::Address(address)) => granted == address,
        (HostPattern::Localhost, Host::Localhost) => true,
        _ => false,
    };
    let of_host: Vec<&HttpRule> = rules.iter().filter(named).collect();
    let of_server: Vec<&&HttpRule> = of_host.iter().filter(|rule| rule.scheme == scheme && rule.port == port).collect();
    if of_host.is_empty() {
        return Err(denied("its host is not granted (option 'grant.http')"));
    }
    if of_server.is_empty() {
        return Err(denied("its host is granted with another scheme or port (option 'grant.http')"));
    }
    if !of_server.iter().any(|rule| rule.methods.contain(method)) {
        return Err(denied("its host is granted with other methods (option 'grant.http')"));
    }
    Ok(Permitted { scheme, host, port })
}

impl Permitted {
    /// The addresses to connect to, each of which may be: what is connected to is what was looked at here, whatever the
    /// name means a moment later.
    pub async fn addresses(&self, resolver: &dyn Resolver) -> Result<Vec<SocketAddr>, Refusal> {
        let found = match &self.host {
            Host::Address(address) => vec![*address],
            Host::Localhost => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
            Host::Name(name) => {
                let unknown =
                    |reason: String| Refusal { code: Error::DnsError { rcode: None, info_code: None }, reason };
                let found = resolver
                    .resolve(name)
                    .await
                    .map_err(|error| unknown(format!("its name has no address: {error}")))?;
                let first = found.first().ok_or_else(|| unknown("its name has no address".to_string()))?;
                let public: Vec<IpAddr> = found.iter().copied().filter(|address| is_public(*address)).collect();
                if public.is_empty() {
                    let reason = format!(
                        "its name leads to {first}, which is not public; name that address in 'grant.http' if it is meant"
                    );
                    return Err(Refusal { code: Error::DestinationIpProhibited, reason });
                }
                public
            }
        };
        Ok(found.into_iter().map(|address| SocketAddr::new(address, self.port)).collect())
    }
}

/// Whether an address is one of the public internet: not private, loopback, link-local, unique-local, shared (CGNAT),
/// multicast, reserved, for documentation or benchmarks, and not another way to write one that is (RFC 6890 and the
/// registries of special-purpose addresses).
pub(super) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18..=19, _)
            | (198, 51, 100)
            | (203, 0, 113)
            | (224.., _, _)
    )
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let embedded = |high: u16, low: u16| {
        let [[a, b], [c, d]] = [high.to_be_bytes(), low.to_be_bytes()];
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        // NAT64 and 6to4 lead to an IPv4 address.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        [0x2002, high, low, ..] => embedded(high, low),
        // Teredo, ORCHID and other protocols; documentation.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // Of all others, what is given out to networks.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grants::Grants;
    use expect_test::expect;

    /// Names and their addresses.
    struct Names(&'static [(&'static str, &'static [&'static str])]);

    impl Resolver for Names {
        fn resolve<'a>(&'a self, name: &'a str) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>> {
            let known = self.0.iter().find(|(known, _)| *known == name);
            let found = known.map(|(_, addresses)| addresses.iter().map(|text| text.parse().unwrap()).collect());
            Box::pin(std::future::ready(found.ok_or_else(|| io::Error::other("no such name"))))
        }
    }

    const NAMES: Names = Names(&[
        ("api.example.com", &["93.184.216.34", "2606:2800:220:1::1"]),
        ("a.b.example.org", &["93.184.216.34"]),
        ("mixed.example.org", &["10.0.0.1", "93.184.216.34", "::1"]),
        ("metadata.example.org", &["169.254.169.254"]),
        ("mapped.example.org", &["::ffff:127.0.0.1"]),
        ("nowhere.example.org", &[]),
    ]);

    fn rules(grant: &str) -> Vec<HttpRule> {
        let mut grants = Grants::default();
        assert!(grants.set("grant.http", grant).unwrap());
        grants.http
    }

    fn outcome(rules: &[HttpRule], method: &str, scheme: &str, authority: &str) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let decided = decide(rules, method, scheme, authority)
            .and_then(|permitted| runtime.block_on(permitted.addresses(&NAMES)));
        match decided {
            Ok(addresses) => addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
            Err(refusal) => format!("{:?}: {refusal}", refusal.code),
        }
    }

    #[test]
    fn what_is_granted_is_compared_by_method_scheme_host_and_port() {
        let rules = rules(
            "GET https://api.example.com, GET|POST http://127.0.0.1:8080, * https://*.example.org, PUT http://localhost:9, \
             GET http://[::1]:81",
        );
        let mut said = String::new();
        for (method, scheme, authority) in [
            ("GET", "https", "api.example.com"),
            ("GET", "https", "API.Example.COM:443"),
            ("POST", "https", "api.example.com"),
            ("get", "https", "api.example.com"),
            ("GET", "http", "api.example.com"),
            ("GET", "https", "api.example.com:444"),
            ("GET", "https", "api.example.com:0443"),
            ("GET", "https", "api.example.com."),
            ("GET", "https", "example.com"),
            ("GET", "https", "evil-api.example.com"),
            ("GET", "https", "api.example.com@evil.com"),
            ("GET", "https", "evil.com:443@api.example.com"),
            ("GET", "https", "93.184.216.34"),
            ("DELETE", "https", "a.b.example.org"),
            ("CONNECT", "https", "a.b.example.org"),
            ("FROB", "https", "a.b.example.org"),
            ("GET", "https", "example.org"),
            ("GET", "https", ".example.org"),
            ("GET", "https", "evilexample.org"),
            ("GET", "https", "mixed.example.org"),
            ("GET", "https", "metadata.example.org"),
            ("GET", "https", "mapped.example.org"),
            ("GET", "https", "nowhere.example.org"),
            ("GET", "https", "unknown.example.org"),
            ("POST", "http", "127.0.0.1:8080"),
            ("POST", "http", "[::ffff:127.0.0.1]:8080"),
            ("POST", "http", "[::ffff:7f00:1]:8080"),
            ("POST", "http", "2130706433:8080"),
            ("POST", "http", "0x7f.1:8080"),
            ("POST", "http", "127.0.0.2:8080"),
            ("POST", "http", "localhost:8080"),
            ("PUT", "http", "localhost:9"),
            ("PUT", "http", "127.0.0.1:9"),
            ("GET", "http", "[::1]:81"),
            ("GET", "http", "[::1%25lo]:81"),
            ("GET", "http", "[::1:81"),
            ("GET", "http", ""),
            ("GET", "ftp", "api.example.com"),
        ] {
            said.push_str(&format!(
                "{method} {scheme}://{authority}\n    {}\n",
                outcome(&rules, method, scheme, authority)
            ));
        }
        expect![[r#"
            GET https://api.example.com
                93.184.216.34:443 [2606:2800:220:1::1]:443
            GET https://API.Example.COM:443
                93.184.216.34:443 [2606:2800:220:1::1]:443
            POST https://api.example.com
                HttpRequestDenied: its host is granted with other methods (option 'grant.http')
            get https://api.example.com
                HttpRequestDenied: its host is granted with other methods (option 'grant.http')
            GET http://api.example.com
                HttpRequestDenied: its host is granted with another scheme or port (option 'grant.http')
            GET https://api.example.com:444
                HttpRequestDenied: its host is granted with another scheme or port (option 'grant.http')
            GET https://api.example.com:0443
                93.184.216.34:443 [2606:2800:220:1::1]:443
            GET https://api.example.com.
                HttpRequestDenied: its host is not granted (option 'grant.http')
            GET https://example.com
                HttpRequestDenied: its host is not granted (option 'grant.http')
            GET https://evil-api.example.com
                HttpRequestDenied: its host is not granted (option 'grant.http')
            GET https://api.example.com@evil.com
                HttpRequestDenied: its host has a user in front, which no grant has
            GET https://evil.com:443@api.example.com
                HttpRequestDenied: its host has a user in front, which no grant has
            GET https://93.184.216.34
                HttpRequestDenied: its host is not granted (option 'grant.http')
            DELETE https://a.b.example.org
                93.184.216.34:443
            CONNECT https://a.b.example.org
                HttpRequestDenied: its host is granted with other methods (option 'grant.http')
            FROB https://a.b.example.org
                HttpRequestDenied: its host is granted with other methods (option 'grant.http')
            GET https://example.org
                HttpRequestDenied: its host is not granted (option 'grant.http')
            GET https://.example.org
                HttpRequestDenied: its host is not granted (option 'grant.http')
            GET https://evilexample.org
                HttpRequestDenied: its host is not granted (option 'grant.http')
            GET https://mixed.example.org
                93.184.216.34:443
            GET https://metadata.example.org
                DestinationIpProhibited: its name leads to 169.254.169.254, which is not public; name that address in 'grant.http' if it is meant
            GET https://mapped.example.org
                DestinationIpProhibited: its name leads to ::ffff:127.0.0.1, which is not public; name that address in 'grant.http' if it is meant
            GET https://nowhere.example.org
                DnsError { rcode: None, info_code: None }: its name has no address
            GET https://unknown.example.org
                DnsError { rcode: None, info_code: None }: its name has no address: no such name
            POST http://127.0.0.1:8080
                127.0.0.1:8080
            POST http://[::ffff:127.0.0.1]:8080
                127.0.0.1:8080
            POST http://[::ffff:7f00:1]:8080
                127.0.0.1:8080
            POST http://2130706433:8080
                HttpRequestDenied: its host is not granted (option 'grant.http')
            POST http://0x7f.1:8080
                HttpRequestDenied: its host is not granted (option 'grant.http')
            POST http://127.0.0.2:8080
                HttpRequestDenied: its host is not granted (option 'grant.http')
            POST http://localhost:8080
                HttpRequestDenied: its host is granted with another scheme or port (option 'grant.http')
            PUT http://localhost:9
                127.0.0.1:9 [::1]:9
            PUT http://127.0.0.1:9
                HttpRequestDenied: its host is granted with another scheme or port (option 'grant.http')
            GET http://[::1]:81
                [::1]:81
            GET http://[::1%25lo]:81
                HttpRequestDenied: its host is no address
            GET http://[::1:81
                HttpRequestDenied: its host is no address
            GET http://
                HttpRequestDenied: its host is not granted (option 'grant.http')
            GET ftp://api.example.com
                HttpRequestDenied: `ftp` is neither http nor https
        "#]].assert_eq(&said);
        assert_eq!(
            outcome(&[], "GET", "https", "api.example.com"),
            "HttpRequestDenied: the function is granted no HTTP (option 'grant.http')"
        );
    }

    #[test]
    fn addresses_that_are_not_public() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:0:127.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "2002:c0a8:101::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00::1",
            "fdff::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "ff0e::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.1",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2001:4860:4860::8888",
            "2002:808:808::1",
            "2606:4700::1111",
            "2a00::1",
            "3ffe::1",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }
}
