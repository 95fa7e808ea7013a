//! Registries: where packages lie by name and version, each version with its digest.
//!
//! A registry is a folder, or what a web server shows of one:
//!
//! ```text
//! behaviour/versions               a line per version: `1.2.0 sha256:9f86d0…`
//! behaviour/behaviour-1.2.0.wasm
//! ```
//!
//! A version never changes: what was published under it stays. What is installed on this machine is a registry too
//! ([`Registry::installed`]); installing copies from another one.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use semver::{Version, VersionReq};
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};

/// The SHA-256 of a component's file.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    pub fn of(bytes: &[u8]) -> Self {
        Digest(Sha256::digest(bytes).into())
    }

    /// Fails where `bytes`, which are called `name`, are others than this digest was made of.
    pub fn check(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let found = Digest::of(bytes);
        if found == *self {
            return Ok(());
        }
        Err(Error::Load { package: format!("'{name}'"), reason: format!("its SHA-256 is {found}, not {self}") })
    }
}

/// 64 hexadecimal digits.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for Digest {
    type Err = Error;

    /// Takes `sha256:` in front, too.
    fn from_str(text: &str) -> Result<Self> {
        let wrong = || Error::Registry(format!("'{text}' is no SHA-256: that is 64 hexadecimal digits"));
        let digits = text.strip_prefix("sha256:").unwrap_or(text).as_bytes();
        let mut bytes = [0; 32];
        if digits.len() != 2 * bytes.len() {
            return Err(wrong());
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |digit: u8| char::from(digit).to_digit(16).ok_or_else(wrong);
            *byte = (digit(pair[0])? * 16 + digit(pair[1])?) as u8;
        }
        Ok(Digest(bytes))
    }
}

/// A published version of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    pub name: String,
    pub version: Version,
    pub digest: Digest,
}

impl Release {
    /// The release that a component makes under the name and version that its metadata has.
    pub fn new(name: &str, version: &str, component: &[u8]) -> Result<Self> {
        check_name(name)?;
        let version = Version::parse(version).map_err(|error| {
            Error::Registry(format!("'{version}' is no version like 1.2.0 of the package '{name}': {error}"))
        })?;
        Ok(Release { name: name.to_owned(), version, digest: Digest::of(component) })
    }

    /// The component's file within a registry.
    pub fn file(&self) -> String {
        format!("{0}/{0}-{1}.wasm", self.name, self.version)
    }

    /// The line of the index.
    pub fn line(&self) -> String {
        format!("{} sha256:{}\n", self.version, self.digest)
    }

    /// Whether an index has this release already.
    ///
    /// # Errors
    /// Where it has this version with another component, as a version never changes.
    pub fn is_in(&self, index: &str) -> Result<bool> {
        let known = releases(&self.name, index)?.into_iter().find(|known| known.version == self.version);
        match known {
            Some(known) if known.digest == self.digest => Ok(true),
            Some(known) => Err(Error::Registry(format!(
                "{self} is published already, as another component (sha256 {}): give this one another version",
                known.digest
            ))),
            None => Ok(false),
        }
    }
}

/// `behaviour@1.2.0`.
impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.version)
    }
}

/// A package by name and version: `behaviour@1.2` is the newest 1.2.x, `behaviour@1.2.0` that one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    name: String,
    version: String,
    requirement: VersionReq,
}

impl Reference {
    /// Whether a text is meant as a reference, and not as a path or URL.
    pub fn is_meant(text: &str) -> bool {
        text.contains('@') && !text.contains(['/', '\\']) && !text.ends_with(".wasm")
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The index within a registry.
    pub fn index(&self) -> String {
        format!("{}/versions", self.name)
    }

    /// The newest release of an index that fits. One before a release (`1.2.0-rc.1`) is taken where it is named alone.
    pub fn choose(&self, index: &str) -> Result<Release> {
        let releases = releases(&self.name, index)?;
        let known: Vec<String> = releases.iter().map(|release| release.version.to_string()).collect();
        releases
            .into_iter()
            .filter(|release| self.requirement.matches(&release.version))
            .max_by(|a, b| a.version.cmp(&b.version))
            .ok_or_else(|| {
                Error::Registry(format!(
                    "there is no version {} of '{}', but {}",
                    self.version,
                    self.name,
                    known.join(", ")
                ))
            })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.version)
    }
}

impl FromStr for Reference {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || {
            Error::Registry(format!("'{text}' names no package: write a name and a version, such as `behaviour@1.2`"))
        };
        let (name, version) = text.split_once('@').ok_or_else(wrong)?;
        check_name(name)?;
        if !version.starts_with(|first: char| first.is_ascii_digit()) {
            return Err(wrong());
        }
        let requirement = VersionReq::parse(&format!("={version}")).map_err(|_| wrong())?;
        Ok(Reference { name: name.to_owned(), version: version.to_owned(), requirement })
    }
}

/// A registry in a folder.
#[derive(Debug, Clone)]
pub struct Registry(PathBuf);

impl Registry {
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Registry(folder.into())
    }

    /// What is installed for this user: `$ANABRANCH_PACKAGES`, else `packages` in `$ANABRANCH_HOME`, else
    /// `anabranch/packages` within the user's data directory.
    pub fn installed() -> Result<Self> {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let data = || {
            variable("XDG_DATA_HOME")
                .or_else(|| variable("HOME").map(|home| home.join(".local/share")))
                .map(|data| data.join("anabranch/packages"))
        };
        let home = || variable("ANABRANCH_HOME").map(|home| home.join("packages"));
        variable("ANABRANCH_PACKAGES").or_else(home).or_else(data).map(Registry).ok_or_else(|| {
            Error::Registry("there is no folder for packages: set HOME, XDG_DATA_HOME or ANABRANCH_PACKAGES".into())
        })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// The release that is meant, and its file, which may have changed since: check its digest when it is read.
    pub fn find(&self, reference: &Reference) -> Result<(Release, PathBuf)> {
        let path = self.0.join(reference.index());
        let index = match fs::read_to_string(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let folder = self.0.display();
                return Err(Error::Registry(format!("there is no package '{}' in {folder}", reference.name)));
            }
            index => index.map_err(|error| broken(&path, &error))?,
        };
        let release = reference.choose(&index)?;
        let file = self.0.join(release.file());
        Ok((release, file))
    }

    /// Adds a release; adding it twice changes nothing.
    pub fn add(&self, release: &Release, component: &[u8]) -> Result<()> {
        release.digest.check(&release.to_string(), component)?;
        let path = self.0.join(release.file());
        let folder = self.0.join(&release.name);
        fs::create_dir_all(&folder).map_err(|error| broken(&folder, &error))?;
        let index = folder.join("versions");
        let known = match fs::read_to_string(&index) {
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            known => known.map_err(|error| broken(&index, &error))?,
        };
        if release.is_in(&known)? && fs::read(&path).is_ok_and(|bytes| bytes == component) {
            return Ok(());
        }
        // The component is there, as a whole, before the index names it.
        let write = || {
            let mut file = tempfile::NamedTempFile::new_in(&folder)?;
            file.write_all(component)?;
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
            }
            file.persist(&path)?;
            if release.is_in(&known).is_ok_and(|known| known) {
                return Ok(());
            }
            OpenOptions::new().create(true).append(true).open(&index)?.write_all(release.line().as_bytes())
        };
        write().map_err(|error: std::io::Error| broken(&path, &error))
    }
}

fn broken(path: &Path, error: &std::io::Error) -> Error {
    Error::Registry(format!("cannot use the registry's '{}': {error}", path.display()))
}

/// The releases that an index lists.
fn releases(name: &str, index: &str) -> Result<Vec<Release>> {
    let lines = index.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| {
            let release = line.split_once(' ').and_then(|(version, digest)| {
                let (version, digest) = (Version::parse(version).ok()?, digest.trim().parse().ok()?);
                Some(Release { name: name.to_owned(), version, digest })
            });
            release.ok_or_else(|| Error::Registry(format!("the registry's index of '{name}' has the line '{line}'")))
        })
        .collect()
}

/// Names become those of folders.
fn check_name(name: &str) -> Result<()> {
    let consists = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-');
    if consists && name.starts_with(|first: char| first.is_ascii_lowercase()) && name.len() <= 64 {
        return Ok(());
    }
    Err(Error::Registry(format!(
        "'{name}' cannot be the name of a package in a registry: it takes a lower-case letter, then such letters, digits, \
         `_` and `-`"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(text: &str) -> Reference {
        text.parse().unwrap()
    }

    #[test]
    fn the_newest_that_fits_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let registry = Registry::new(folder.path());
        for version in ["1.2.0", "1.10.1", "1.2.9", "2.0.0-rc.1"] {
            let bytes = format!("component {version}");
            registry.add(&Release::new("behaviour", version, bytes.as_bytes()).unwrap(), bytes.as_bytes()).unwrap();
        }
        for (wanted, found) in [
            ("behaviour@1", "1.10.1"),
            ("behaviour@1.2", "1.2.9"),
            ("behaviour@1.2.0", "1.2.0"),
            ("behaviour@2.0.0-rc.1", "2.0.0-rc.1"),
        ] {
            let (release, file) = registry.find(&reference(wanted)).unwrap();
            assert_eq!(release.version.to_string(), found, "{wanted}");
            let bytes = fs::read(file).unwrap();
            assert_eq!(bytes, format!("component {found}").as_bytes());
            release.digest.check("behaviour", &bytes).unwrap();
        }
        assert_eq!(
            registry.find(&reference("behaviour@2")).unwrap_err().to_string(),
            "there is no version 2 of 'behaviour', but 1.2.0, 1.10.1, 1.2.9, 2.0.0-rc.1"
        );
        let missing = registry.find(&reference("other@1")).unwrap_err().to_string();
        assert!(missing.starts_with("there is no package 'other' in "), "{missing}");
    }

    #[test]
    fn a_version_never_changes() {
        let folder = tempfile::tempdir().unwrap();
        let registry = Registry::new(folder.path());
        let release = Release::new("behaviour", "1.2.0", b"one").unwrap();
        registry.add(&release, b"one").unwrap();
        registry.add(&release, b"one").unwrap();
        let index = fs::read_to_string(folder.path().join("behaviour/versions")).unwrap();
        assert_eq!(index, release.line(), "one line");
        let error = registry.add(&Release::new("behaviour", "1.2.0", b"two").unwrap(), b"two").unwrap_err();
        assert!(error.to_string().starts_with("behaviour@1.2.0 is published already, as another component"), "{error}");
        assert!(registry.add(&release, b"two").is_err(), "bytes that are not those of the digest");
    }

    #[test]
    fn what_names_no_package_is_refused() {
        for text in ["behaviour", "../x@1", "Behaviour@1", "behaviour@", "behaviour@latest", "behaviour@1/2", "@1"] {
            assert!(text.parse::<Reference>().is_err(), "{text}");
        }
        for text in ["", "sha256:12", "zz", &"g".repeat(64), &"é".repeat(32)] {
            assert!(text.parse::<Digest>().is_err(), "{text}");
        }
        assert!(Release::new("../x", "1.0.0", b"").is_err());
        assert!(Release::new("x", "1", b"").is_err());
        assert!(Reference::is_meant("behaviour@1.2"));
        for path in ["behaviour.wasm", "a@b/behaviour.wasm", "a@1.wasm", "https://x/y@1"] {
            assert!(!Reference::is_meant(path), "{path}");
        }
    }
}
