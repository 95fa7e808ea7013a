//! The environment of a function: variables of the host's, fixed ones, and secrets by reference.

use std::fmt;
use std::io::Read;
use std::path::PathBuf;

use super::{Grants, wrong};
use crate::error::Result;
use crate::redact::{MIN_SECRET, Redactor};

/// Bytes of a secret's file.
const MAX_SECRET: u64 = 64 << 10;

/// Where the value of a variable comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Variable {
    /// The host's variable of the same name.
    Host,
    /// The DDL has the value.
    Fixed(String),
    /// A secret, read when an instance is made.
    Secret(SecretSource),
}

impl Variable {
    /// Without the value of the host's variables and secrets.
    pub(super) fn describe(&self, name: &str) -> String {
        match self {
            Variable::Host => name.to_string(),
            Variable::Fixed(value) => format!("{name}={value}"),
            Variable::Secret(source) => format!("{name}={source}"),
        }
    }
}

/// Where a secret lies.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SecretSource {
    /// A variable of the host's environment.
    Environment(String),
    /// A file, without the line ends at its end.
    File(PathBuf),
}

impl SecretSource {
    /// `value` is not repeated in errors: it may be the secret itself.
    pub(super) fn parse(value: &str) -> Result<Self, String> {
        match value.trim().split_once(':') {
            Some(("env", name)) if !name.is_empty() => {
                check_name(name)?;
                Ok(SecretSource::Environment(name.to_string()))
            }
            Some(("file", path)) if !path.is_empty() => Ok(SecretSource::File(path.into())),
            _ => Err(
                "it names where the secret lies, 'env:NAME' or 'file:PATH'; the secret itself does not stand in SQL, \
                      which plans and logs show"
                    .into(),
            ),
        }
    }

    fn read(&self) -> Result<String, String> {
        let value = match self {
            SecretSource::Environment(name) => host_variable(name)?,
            SecretSource::File(path) => {
                let failed = |reason: String| format!("cannot read the file '{}': {reason}", path.display());
                // Looked at before it is opened: a pipe would wait for a writer.
                let metadata = std::fs::metadata(path).map_err(|error| failed(error.to_string()))?;
                if !metadata.is_file() {
                    return Err(failed("it is no file".into()));
                }
                let file = std::fs::File::open(path).map_err(|error| failed(error.to_string()))?;
                let mut value = String::new();
                file.take(MAX_SECRET + 1).read_to_string(&mut value).map_err(|error| failed(error.to_string()))?;
                if value.len() as u64 > MAX_SECRET {
                    return Err(failed(format!("it has more than {MAX_SECRET} bytes")));
                }
                value.truncate(value.trim_end_matches(['\r', '\n']).len());
                value
            }
        };
        if value.len() < MIN_SECRET {
            return Err(format!(
                "the secret has fewer than {MIN_SECRET} bytes, and could not be told from other text to be kept out of logs"
            ));
        }
        if value.contains('\0') {
            return Err("the secret has a NUL in it, which no variable can hold".into());
        }
        Ok(value)
    }
}

impl fmt::Display for SecretSource {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SecretSource::Environment(name) => write!(out, "env:{name}"),
            SecretSource::File(path) => write!(out, "file:{}", path.display()),
        }
    }
}

/// The environment of one instance, with its values, and what hides the secret ones.
pub(crate) struct Resolved {
    pub variables: Vec<(String, String)>,
    pub redactor: Redactor,
}

impl Grants {
    /// Reads the values of all variables.
    pub(crate) fn resolve(&self) -> Result<Resolved> {
        let mut variables = Vec::with_capacity(self.environment.len());
        let mut secrets = Vec::new();
        for (name, variable) in &self.environment {
            let value = match variable {
                Variable::Host => host_variable(name).map_err(|reason| wrong("grant.env", &reason))?,
                Variable::Fixed(value) => value.clone(),
                Variable::Secret(source) => {
                    let secret = source.read().map_err(|reason| wrong(&format!("grant.secret.{name}"), &reason))?;
                    secrets.push(secret.clone());
                    secret
                }
            };
            variables.push((name.clone(), value));
        }
        Ok(Resolved { variables, redactor: Redactor::new(secrets) })
    }
}

fn host_variable(name: &str) -> Result<String, String> {
    match std::env::var(name) {
        Ok(value) => Ok(value),
        Err(std::env::VarError::NotPresent) => Err(format!("the engine's environment has no variable '{name}'")),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(format!("the variable '{name}' of the engine's environment is no UTF-8 text"))
        }
    }
}

pub(super) fn check_name(name: &str) -> Result<(), String> {
    let first = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    if first && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Ok(());
    }
    Err(format!("'{name}' is no name of a variable: letters, digits and `_`, such as 'API_URL'"))
}

/// Whether a variable's name says that its value is a secret.
pub(super) fn sounds_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["password", "passwd", "secret", "token", "api_key", "apikey", "private_key", "credential"]
        .iter()
        .any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn resolve(options: &[(&str, &str)]) -> Result<Resolved> {
        let mut grants = Grants::default();
        for (name, value) in options {
            assert!(grants.set(name, value)?);
        }
        grants.resolve()
    }

    #[test]
    fn values_come_from_where_the_grant_says() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        std::fs::write(&file, "from a file\r\n").unwrap();
        let file = format!("file:{}", file.display());
        let resolved = resolve(&[
            ("grant.env", "PATH"),
            ("grant.env.MODE", "fast"),
            ("grant.secret.KEY", &file),
            ("grant.secret.WHERE", "env:PATH"),
        ])
        .unwrap();
        let path = std::env::var("PATH").unwrap();
        let expected = [("KEY", "from a file"), ("MODE", "fast"), ("PATH", path.as_str()), ("WHERE", path.as_str())];
        let found: Vec<_> = resolved.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(found, expected);
        assert_eq!(resolved.redactor.redact("a value from a file".into()), "a value ***");
    }

    #[test]
    fn what_is_missing_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let short = folder.path().join("short");
        std::fs::write(&short, "abc\n").unwrap();
        let large = folder.path().join("large");
        std::fs::write(&large, vec![b'x'; MAX_SECRET as usize + 1]).unwrap();
        let mut said = String::new();
        for (name, value) in [
            ("grant.env", "ANABRANCH_NO_SUCH_VARIABLE".to_string()),
            ("grant.secret.KEY", "env:ANABRANCH_NO_SUCH_VARIABLE".to_string()),
            ("grant.secret.KEY", format!("file:{}", folder.path().join("none").display())),
            ("grant.secret.KEY", format!("file:{}", short.display())),
            ("grant.secret.KEY", format!("file:{}", large.display())),
        ] {
            let error = resolve(&[(name, &value)]).err().unwrap();
            said.push_str(&format!("{error}\n").replace(&folder.path().display().to_string(), "FOLDER"));
        }
        expect![[r#"
            option 'grant.env': the engine's environment has no variable 'ANABRANCH_NO_SUCH_VARIABLE'
            option 'grant.secret.KEY': the engine's environment has no variable 'ANABRANCH_NO_SUCH_VARIABLE'
            option 'grant.secret.KEY': cannot read the file 'FOLDER/none': No such file or directory (os error 2)
            option 'grant.secret.KEY': the secret has fewer than 4 bytes, and could not be told from other text to be kept out of logs
            option 'grant.secret.KEY': cannot read the file 'FOLDER/large': it has more than 65536 bytes
        "#]].assert_eq(&said);
    }
}
