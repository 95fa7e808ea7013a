//! The languages that packages are written in.

use std::fmt;
use std::fs;
use std::path::Path;
use std::str::FromStr;

use anyhow::{Result, bail};

/// A language that packages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Rust,
    Python,
    TypeScript,
    JavaScript,
    Go,
    C,
    Cpp,
}

impl Language {
    pub const ALL: [Language; 7] = [
        Language::Rust,
        Language::Python,
        Language::TypeScript,
        Language::JavaScript,
        Language::Go,
        Language::C,
        Language::Cpp,
    ];

    /// Its name in commands, and the folder of its example in `examples/functions`.
    pub fn name(self) -> &'static str {
        match self {
            Language::Rust => "rust",
            Language::Python => "python",
            Language::TypeScript => "typescript",
            Language::JavaScript => "javascript",
            Language::Go => "go",
            Language::C => "c",
            Language::Cpp => "cpp",
        }
    }

    /// The folder of its SDK in `udf-sdk`.
    pub fn sdk(self) -> &'static str {
        match self {
            Language::TypeScript | Language::JavaScript => "js",
            Language::Cpp => "c",
            other => other.name(),
        }
    }

    /// The file that says what a package is.
    pub fn manifest(self) -> &'static str {
        match self {
            Language::Rust => "Cargo.toml",
            Language::Python => "pyproject.toml",
            Language::TypeScript | Language::JavaScript => "package.json",
            Language::Go => "go.mod",
            Language::C | Language::Cpp => "anabranch.toml",
        }
    }

    /// The language of the package in a folder, by its manifest; what two languages share, by what else is there.
    pub(crate) fn detect(folder: &Path) -> Result<Self> {
        let has = |name: &str| folder.join(name).is_file();
        let found: Vec<Language> = Self::ALL
            .into_iter()
            .filter(|language| has(language.manifest()))
            .filter(|language| match language {
                Language::TypeScript => has("tsconfig.json"),
                Language::JavaScript => !has("tsconfig.json"),
                Language::Cpp => has_cpp_sources(folder),
                Language::C => !has_cpp_sources(folder),
                _ => true,
            })
            .collect();
        match found.as_slice() {
            [language] => Ok(*language),
            [] => bail!(
                "'{}' is no function package: it has none of Cargo.toml, pyproject.toml, package.json, go.mod and \
                 anabranch.toml. Make a package with `anabranch function new`",
                folder.display()
            ),
            [first, second, ..] => bail!(
                "'{}' could be a package in {first} ({}) or in {second} ({}): give each a folder of its own",
                folder.display(),
                first.manifest(),
                second.manifest()
            ),
        }
    }
}

fn has_cpp_sources(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder.join("src")) else { return false };
    entries.flatten().any(|entry| {
        entry.path().extension().is_some_and(|extension| ["cc", "cpp", "cxx"].iter().any(|known| extension == *known))
    })
}

/// The name that people use.
impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Language::Rust => "Rust",
            Language::Python => "Python",
            Language::TypeScript => "TypeScript",
            Language::JavaScript => "JavaScript",
            Language::Go => "Go",
            Language::C => "C",
            Language::Cpp => "C++",
        })
    }
}

impl FromStr for Language {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|language| language.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(Language::name).join(", ");
            format!("there is no SDK for '{name}'; there is one for each of {names}")
        })
    }
}
