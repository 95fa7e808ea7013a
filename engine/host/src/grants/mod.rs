//! What a function is granted beyond computing, as its DDL says.

mod directory;
mod environment;
mod http;

use std::collections::BTreeMap;
use std::fmt;

pub use directory::Directory;
pub(crate) use environment::Resolved;
pub use environment::{SecretSource, Variable};
pub(crate) use http::METHODS;
pub use http::{HostPattern, HttpRule, Methods, Scheme};
pub(crate) use http::{parse_address, split_port};

use crate::error::{Error, Result};

/// What a function is granted. Nothing, by default: then it is a pure function of its arguments, as far as the host can
/// make it so.
///
/// Shown (by `Display`) as people read it; of a secret, where it lies and never its value, which this does not hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Grants {
    /// The wall clock and the monotonic clock run. Otherwise they stand still at 1970-01-01T00:00:00Z.
    pub clock: bool,
    /// Random numbers are random. Otherwise they are the same sequence in every instance.
    pub randomness: bool,
    /// The environment that the function sees, by name.
    pub environment: BTreeMap<String, Variable>,
    /// Directories of the host that the function sees.
    pub directories: Vec<Directory>,
    /// Requests that the function may make. Empty: none.
    pub http: Vec<HttpRule>,
}

/// The options that grant something: name, meaning. For documentation, and for "did you mean".
pub const GRANT_OPTIONS: &[(&str, &str)] = &[
    ("grant.clock", "'true' lets the function read the clocks, which otherwise stand still, and wait for them."),
    ("grant.randomness", "'true' gives the function random numbers, which otherwise are the same in every instance."),
    (
        "grant.env",
        "Names of variables of the engine's environment that the function sees, such as 'LANG, REGION'; otherwise none.",
    ),
    ("grant.env.*", "The value of one variable of the function's environment: 'grant.env.MODE' = 'fast'."),
    (
        "grant.secret.*",
        "Where a secret lies that the function sees as a variable of its environment: 'grant.secret.API_KEY' = \
         'env:MY_KEY' or 'file:/run/secrets/key'. It is read when instances are made; plans, logs and errors never show \
         it: where the function writes it, they have ***.",
    ),
    (
        "grant.dir.*",
        "A directory that the function sees, under the name that it has for the function: 'grant.dir./models' = \
         'data/models' to read, 'grant.dir./out' = 'data/out:rw' to write as well.",
    ),
    (
        "grant.http",
        "The HTTP requests that the function may make, by method, scheme, host and port: 'GET https://api.example.com, \
         GET|POST http://127.0.0.1:8080'. `*` is every method, `*.example.com` every name below. A host whose address \
         is private or loopback is refused, unless it is named by that address or as `localhost`.",
    ),
];

impl Grants {
    /// Sets a grant from an option of a function's DDL; `false` where no grant has that name.
    ///
    /// # Errors
    /// [`Error::Option`], which says what the option takes. Nothing outside is looked at: see [`Grants::check`].
    pub fn set(&mut self, name: &str, value: &str) -> Result<bool> {
        match name {
            "grant.clock" => self.clock = flag(name, value)?,
            "grant.randomness" => self.randomness = flag(name, value)?,
            "grant.env" => {
                for variable in elements(name, value)? {
                    self.add_variable(name, variable, Variable::Host)?;
                }
            }
            "grant.http" => {
                for rule in elements(name, value)? {
                    let rule = HttpRule::parse(rule).map_err(|reason| wrong(name, &reason))?;
                    self.http.push(rule);
                }
            }
            _ => return self.set_named(name, value),
        }
        Ok(true)
    }

    /// The options whose names end with a name of the user's.
    fn set_named(&mut self, name: &str, value: &str) -> Result<bool> {
        if let Some(variable) = name.strip_prefix("grant.env.") {
            if environment::sounds_secret(variable) {
                return Err(wrong(
                    name,
                    &format!(
                        "a secret does not stand in SQL; write where it lies: 'grant.secret.{variable}' = 'env:…' or \
                         'file:…'"
                    ),
                ));
            }
            self.add_variable(name, variable, Variable::Fixed(value.to_string()))?;
        } else if let Some(variable) = name.strip_prefix("grant.secret.") {
            let source = SecretSource::parse(value).map_err(|reason| wrong(name, &reason))?;
            self.add_variable(name, variable, Variable::Secret(source))?;
        } else if let Some(guest) = name.strip_prefix("grant.dir.") {
            let directory = Directory::parse(guest, value).map_err(|reason| wrong(name, &reason))?;
            if self.directories.iter().any(|other| other.guest == directory.guest) {
                return Err(wrong(name, &format!("'{}' is granted twice", directory.guest)));
            }
            self.directories.push(directory);
        } else if ["grant.network", "grant.socket", "grant.tcp", "grant.udp", "grant.dns"]
            .iter()
            .any(|never| name.starts_with(never))
        {
            return Err(wrong(name, "sockets are never granted, only requests by HTTP ('grant.http')"));
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn add_variable(&mut self, option: &str, name: &str, variable: Variable) -> Result<()> {
        environment::check_name(name).map_err(|reason| wrong(option, &reason))?;
        match self.environment.insert(name.to_string(), variable) {
            None => Ok(()),
            Some(_) => Err(wrong(option, &format!("the variable '{name}' is granted twice"))),
        }
    }

    /// The options that grant something, as [`GRANT_OPTIONS`] names them.
    pub(crate) fn options(&self) -> Vec<&'static str> {
        let is_secret = |variable: &&Variable| matches!(variable, Variable::Secret(_));
        let secrets = self.environment.values().filter(is_secret).count();
        let given = [
            (self.clock, "grant.clock"),
            (self.randomness, "grant.randomness"),
            (self.environment.len() > secrets, "grant.env"),
            (secrets > 0, "grant.secret.*"),
            (!self.directories.is_empty(), "grant.dir.*"),
            (!self.http.is_empty(), "grant.http"),
        ];
        given.into_iter().filter(|(given, _)| *given).map(|(_, option)| option).collect()
    }

    /// Whether nothing is granted.
    pub fn is_empty(&self) -> bool {
        *self == Grants::default()
    }

    /// Whether the function can see what changes from call to call: then it is not deterministic. Its environment does
    /// not change.
    pub fn vary(&self) -> bool {
        self.clock || self.randomness || !self.directories.is_empty() || !self.http.is_empty()
    }

    /// Looks whether what is granted is there: variables, secrets, directories.
    ///
    /// # Errors
    /// [`Error::Option`], which names what is missing.
    pub fn check(&self) -> Result<()> {
        self.resolve()?;
        self.directories.iter().try_for_each(Directory::check)
    }
}

impl fmt::Display for Grants {
    /// `clock, env(LANG, MODE=fast), secret(API_KEY=env:MY_KEY), dir(/data=models:ro), http(GET https://api.example.com)`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut granted = Vec::new();
        granted.extend(self.clock.then(|| "clock".to_string()));
        granted.extend(self.randomness.then(|| "randomness".to_string()));
        let mut group = |name: &str, members: Vec<String>| {
            if !members.is_empty() {
                granted.push(format!("{name}({})", members.join(", ")));
            }
        };
        let (secrets, variables): (Vec<_>, Vec<_>) =
            self.environment.iter().partition(|(_, variable)| matches!(variable, Variable::Secret(_)));
        group("env", variables.iter().map(|(name, variable)| variable.describe(name)).collect());
        group("secret", secrets.iter().map(|(name, variable)| variable.describe(name)).collect());
        group("dir", self.directories.iter().map(ToString::to_string).collect());
        group("http", self.http.iter().map(ToString::to_string).collect());
        out.write_str(&granted.join(", "))
    }
}

fn wrong(option: &str, reason: &str) -> Error {
    Error::Option(format!("option '{option}': {reason}"))
}

fn flag(name: &str, value: &str) -> Result<bool> {
    match value.trim().to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Error::Option(format!("option '{name}' is 'true' or 'false', not '{value}'"))),
    }
}

/// The elements of a list with commas, of which there is at least one.
fn elements<'a>(name: &str, value: &'a str) -> Result<Vec<&'a str>> {
    let elements: Vec<&str> = value.split(',').map(str::trim).filter(|element| !element.is_empty()).collect();
    if elements.is_empty() { Err(wrong(name, "it is empty; leave it away to grant nothing")) } else { Ok(elements) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn grants(options: &[(&str, &str)]) -> Result<Grants> {
        let mut grants = Grants::default();
        for (name, value) in options {
            assert!(grants.set(name, value)?, "{name}");
        }
        Ok(grants)
    }

    #[test]
    fn what_is_granted_reads_like_this() {
        let grants = grants(&[
            ("grant.clock", "true"),
            ("grant.randomness", "TRUE"),
            ("grant.env", "LANG, REGION"),
            ("grant.env.MODE", "fast"),
            ("grant.secret.API_KEY", "env:MY_KEY"),
            ("grant.secret.PEM", "file:/run/secrets/pem"),
            ("grant.dir./data", "models"),
            ("grant.dir./out/", "out:rw"),
            (
                "grant.http",
                "GET https://API.example.com, get|POST http://127.0.0.1:8080, * https://*.example.org:8443/",
            ),
        ])
        .unwrap();
        expect!["clock, randomness, env(LANG, MODE=fast, REGION), secret(API_KEY=env:MY_KEY, PEM=file:/run/secrets/pem), dir(/data=models:ro, /out=out:rw), http(GET https://api.example.com, GET|POST http://127.0.0.1:8080, * https://*.example.org:8443)"]
            .assert_eq(&grants.to_string());
        assert!(grants.vary());
    }

    #[test]
    fn the_environment_alone_does_not_vary() {
        let grants = grants(&[("grant.env", "LANG"), ("grant.secret.KEY", "env:KEY")]).unwrap();
        assert!(!grants.vary() && !grants.is_empty());
        assert!(grants.clone() == grants && Grants::default().is_empty());
    }

    #[test]
    fn every_listed_option_is_known() {
        for (name, value) in [
            ("grant.clock", "true"),
            ("grant.randomness", "true"),
            ("grant.env", "A"),
            ("grant.env.*", "x"),
            ("grant.secret.*", "env:A"),
            ("grant.dir.*", "x"),
            ("grant.http", "GET http://localhost"),
        ] {
            assert!(GRANT_OPTIONS.iter().any(|(listed, _)| *listed == name), "{name}");
            let name = if name.contains("dir") { name.replace('*', "/x") } else { name.replace('*', "X") };
            assert!(Grants::default().set(&name, value).unwrap(), "{name}");
        }
        assert_eq!(GRANT_OPTIONS.len(), 7);
        assert!(!Grants::default().set("grant.colour", "red").unwrap());
    }

    #[test]
    fn bad_values_say_what_is_expected() {
        let mut said = String::new();
        for options in [
            [("grant.clock", "yes")].as_slice(),
            &[("grant.env", " , ")],
            &[("grant.env", "A=B")],
            &[("grant.env.", "x")],
            &[("grant.env.A", "x"), ("grant.env", "A")],
            &[("grant.env.API_TOKEN", "sk-123456")],
            &[("grant.secret.KEY", "sk-123456")],
            &[("grant.secret.KEY", "env:")],
            &[("grant.secret.KEY", "file:")],
            &[("grant.dir.data", "models")],
            &[("grant.dir./", "models")],
            &[("grant.dir./a/../b", "models")],
            &[("grant.dir./data", "")],
            &[("grant.dir./data", "models"), ("grant.dir./data/", "models:rw")],
            &[("grant.network", "true")],
            &[("grant.http", "")],
            &[("grant.http", "https://api.example.com")],
            &[("grant.http", "FETCH https://api.example.com")],
            &[("grant.http", "CONNECT https://api.example.com")],
            &[("grant.http", "GET api.example.com")],
            &[("grant.http", "GET ftp://api.example.com")],
            &[("grant.http", "GET https://user@api.example.com")],
            &[("grant.http", "GET https://api.example.com/v1")],
            &[("grant.http", "GET https://api.example.com:0")],
            &[("grant.http", "GET https://api.example.com:99999")],
            &[("grant.http", "GET https://")],
            &[("grant.http", "GET https://*")],
            &[("grant.http", "GET https://api.*.com")],
            &[("grant.http", "GET https://127.1")],
            &[("grant.http", "GET https://0.0.0.0")],
            &[("grant.http", "GET https://[ff02::1]")],
            &[("grant.http", "GET https://[fe80::1%eth0]")],
            &[("grant.http", "GET https://bücher.example")],
        ] {
            said.push_str(&format!("{}\n", grants(options).unwrap_err()));
        }
        assert!(!said.contains("sk-123456"), "a secret is not repeated: {said}");
        expect![[r#"
            option 'grant.clock' is 'true' or 'false', not 'yes'
            option 'grant.env': it is empty; leave it away to grant nothing
            option 'grant.env': 'A=B' is no name of a variable: letters, digits and `_`, such as 'API_URL'
            option 'grant.env.': '' is no name of a variable: letters, digits and `_`, such as 'API_URL'
            option 'grant.env': the variable 'A' is granted twice
            option 'grant.env.API_TOKEN': a secret does not stand in SQL; write where it lies: 'grant.secret.API_TOKEN' = 'env:…' or 'file:…'
            option 'grant.secret.KEY': it names where the secret lies, 'env:NAME' or 'file:PATH'; the secret itself does not stand in SQL, which plans and logs show
            option 'grant.secret.KEY': it names where the secret lies, 'env:NAME' or 'file:PATH'; the secret itself does not stand in SQL, which plans and logs show
            option 'grant.secret.KEY': it names where the secret lies, 'env:NAME' or 'file:PATH'; the secret itself does not stand in SQL, which plans and logs show
            option 'grant.dir.data': 'data' is no path for the function: it is absolute, such as '/data'
            option 'grant.dir./': '/' is no path for the function: it is absolute, such as '/data'
            option 'grant.dir./a/../b': '/a/../b' is no path for the function: it is absolute, such as '/data'
            option 'grant.dir./data': it is the path of a directory, with ':rw' behind it to write as well
            option 'grant.dir./data/': '/data' is granted twice
            option 'grant.network': sockets are never granted, only requests by HTTP ('grant.http')
            option 'grant.http': it is empty; leave it away to grant nothing
            option 'grant.http': 'https://api.example.com' is no grant: that is methods and a URL, such as 'GET https://api.example.com' (`*` for every method)
            option 'grant.http': 'FETCH' is no method that is granted; those are GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH and * for all of them
            option 'grant.http': 'CONNECT' is no method that is granted; those are GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH and * for all of them
            option 'grant.http': 'api.example.com' begins neither with http:// nor with https://
            option 'grant.http': 'ftp://api.example.com' begins neither with http:// nor with https://
            option 'grant.http': 'https://user@api.example.com' has a user; write the host alone
            option 'grant.http': 'https://api.example.com/v1' has a path; what is granted is a host as a whole
            option 'grant.http': 'https://api.example.com:0' has no port between 1 and 65535
            option 'grant.http': 'https://api.example.com:99999' has no port between 1 and 65535
            option 'grant.http': 'https://' names no host: that is a name such as api.example.com, *.example.com, or an address
            option 'grant.http': 'https://*' names no host: that is a name such as api.example.com, *.example.com, or an address
            option 'grant.http': 'https://api.*.com' names no host: that is a name such as api.example.com, *.example.com, or an address
            option 'grant.http': 'https://127.1' ends in a number, but is no IPv4 address of four decimal numbers
            option 'grant.http': 'https://0.0.0.0' is the address of no single host
            option 'grant.http': 'https://[ff02::1]' is the address of no single host
            option 'grant.http': 'https://[fe80::1%eth0]' names no host: that is a name such as api.example.com, *.example.com, or an address
            option 'grant.http': 'https://bücher.example' has letters that names in the network have not; write them as `xn--…`
        "#]].assert_eq(&said);
    }
}
