//! The folder of a package: its language and its name.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::Language;

/// A package's folder.
#[derive(Debug, Clone)]
pub struct PackageDir {
    /// The folder, absolute.
    pub folder: PathBuf,
    pub language: Language,
    /// The name in its manifest, checked by [`check_name`].
    pub name: String,
    /// The version in its manifest; `0.1.0` where the manifest says none.
    pub version: String,
    /// Whether the standard library asks the host for what is outside (variables, files, clocks, randomness) as WASI has it.
    /// Components in Python and JavaScript always do.
    pub wasi: bool,
}

impl PackageDir {
    /// Looks at a folder.
    pub fn open(folder: &Path) -> Result<Self> {
        let folder = folder.canonicalize().with_context(|| format!("cannot open '{}'", folder.display()))?;
        let language = Language::detect(&folder)?;
        let manifest = folder.join(language.manifest());
        let text = fs::read_to_string(&manifest).with_context(|| format!("cannot read '{}'", manifest.display()))?;
        let wrong = || format!("'{}' is not as it should be", manifest.display());
        let (name, version) = identity(language, &text).with_context(wrong)?;
        let wasi = wasi(language, &text).with_context(wrong)?;
        check_name(language, &name).with_context(|| format!("the name in '{}'", manifest.display()))?;
        Ok(PackageDir { folder, language, name, version: version.unwrap_or_else(|| "0.1.0".to_owned()), wasi })
    }

    /// Where the component is put: `NAME.wasm`.
    pub fn component(&self) -> PathBuf {
        self.folder.join(&self.name).with_extension("wasm")
    }

    /// A source that was changed after the component was built.
    pub fn newer_source(&self) -> Option<PathBuf> {
        const SOURCES: [&str; 13] =
            ["rs", "toml", "py", "js", "mjs", "ts", "json", "go", "mod", "c", "h", "cpp", "hpp"];
        let changed = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
        let built = changed(&self.component())?;
        let mut folders = vec![self.folder.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).ok()?.flatten() {
                let (path, name) = (entry.path(), entry.file_name());
                let name = name.to_string_lossy();
                let is_made = name.starts_with(['.', '_']) || ["target", "node_modules"].contains(&name.as_ref());
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() && !is_made => folders.push(path),
                    Ok(kind) if kind.is_file() => {
                        let is_source = path.extension().is_some_and(|it| SOURCES.iter().any(|known| *known == it));
                        if is_source && changed(&path).is_some_and(|changed| changed > built) {
                            return Some(path);
                        }
                    }
                    _ => {}
                }
            }
        }
        None
    }

    /// The folder of what is unpacked and built, which no repository keeps.
    pub fn work(&self) -> PathBuf {
        self.folder.join(".anabranch")
    }

    /// The folder of its language's SDK.
    pub fn sdk(&self) -> PathBuf {
        self.work().join(self.language.sdk())
    }
}

/// The name and version of a package, from its manifest.
fn identity(language: Language, manifest: &str) -> Result<(String, Option<String>)> {
    let table = match language {
        Language::Rust => "package",
        Language::Python => "project",
        Language::C | Language::Cpp => "package",
        Language::JavaScript | Language::TypeScript => {
            let manifest: serde_json::Value = serde_json::from_str(manifest)?;
            let text = |key: &str| manifest.get(key).and_then(|value| value.as_str()).map(str::to_owned);
            return Ok((text("name").context("it has no \"name\"")?, text("version")));
        }
        Language::Go => {
            let path = manifest.lines().find_map(|line| line.trim().strip_prefix("module "));
            let path = path.context("it has no line `module NAME`")?.trim().trim_matches('"');
            return Ok((path.rsplit('/').next().unwrap_or(path).to_owned(), None));
        }
    };
    let manifest: toml::Table = manifest.parse()?;
    let table = manifest.get(table).with_context(|| format!("it has no [{table}]"))?;
    let text = |key: &str| table.get(key).and_then(|value| value.as_str()).map(str::to_owned);
    Ok((text("name").context("it has no `name`")?, text("version")))
}

/// Whether a package, by its manifest, is built for WASI.
fn wasi(language: Language, manifest: &str) -> Result<bool> {
    let place: &[&str] = match language {
        Language::Python | Language::TypeScript | Language::JavaScript => return Ok(true),
        // There is room for comments alone.
        Language::Go => return Ok(manifest.lines().any(|line| line.trim() == GO_WASI)),
        Language::Rust => &["package", "metadata", "anabranch"],
        Language::C | Language::Cpp => &["package"],
    };
    let manifest: toml::Table = manifest.parse()?;
    let table = place.iter().try_fold(&manifest, |table, name| table.get(*name)?.as_table());
    match table.and_then(|table| table.get("wasi")) {
        None => Ok(false),
        Some(value) => value.as_bool().with_context(|| format!("`wasi` of [{}] is true or false", place.join("."))),
    }
}

/// The line of a go.mod that asks for WASI.
const GO_WASI: &str = "//anabranch:wasi";

/// Checks that a package may have this name: it becomes the name of files, of modules and of identifiers in every
/// language.
pub fn check_name(language: Language, name: &str) -> Result<()> {
    let starts = name.starts_with(|first: char| first.is_ascii_lowercase());
    let consists = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !starts || !consists || name.len() > 64 {
        bail!("'{name}' is no name for a package: it takes a lower-case letter, then such letters, digits and `_`");
    }
    if RESERVED.contains(&name) {
        bail!("'{name}' is no name for a package: some language uses the word itself");
    }
    if language == Language::Python && PYTHON_MODULES.split_whitespace().any(|module| module == name) {
        bail!("'{name}' is no name for a package in Python, which has a module of that name already");
    }
    Ok(())
}

/// Modules of Python's standard library (3.11 to 3.14), and of the SDK: a package of that name would stand in for them.
const PYTHON_MODULES: &str = "\
    abc aifc antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii bisect \
    builtins bz2 calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys compileall concurrent \
    configparser contextlib contextvars copy copyreg crypt csv ctypes curses dataclasses datetime dbm decimal difflib \
    dis distutils doctest email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch fractions \
    ftplib functools gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http \
    idlelib imaplib imghdr imp importlib inspect io ipaddress itertools json keyword lib2to3 linecache locale logging \
    lzma mailbox mailcap marshal math mimetypes mmap modulefinder msilib msvcrt multiprocessing netrc nis nntplib nt \
    ntpath nturl2path numbers opcode operator optparse os ossaudiodev pathlib pdb pickle pickletools pipes pkgutil \
    platform plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat \
    queue quopri random re readline reprlib resource rlcompleter runpy sched secrets select selectors shelve shlex \
    shutil signal site smtpd smtplib sndhdr socket socketserver spwd sqlite3 sre_compile sre_constants sre_parse ssl \
    stat statistics string stringprep struct subprocess sunau symtable sys sysconfig syslog tabnanny tarfile \
    telnetlib tempfile termios textwrap this threading time timeit tkinter token tokenize tomllib trace traceback \
    tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib uu uuid venv warnings wave weakref \
    webbrowser winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo anabranch_component \
    anabranch_interpreter anabranch_udf";

/// Words that are no module's name in one of the languages, or that their tools keep for themselves.
const RESERVED: &[&str] = &[
    "abstract",
    "alloc",
    "anabranch",
    "and",
    "as",
    "assert",
    "async",
    "auto",
    "await",
    "become",
    "bool",
    "box",
    "break",
    "case",
    "catch",
    "chan",
    "char",
    "class",
    "const",
    "continue",
    "core",
    "crate",
    "debugger",
    "def",
    "default",
    "defer",
    "del",
    "delete",
    "do",
    "double",
    "dyn",
    "elif",
    "else",
    "enum",
    "except",
    "export",
    "extern",
    "fallthrough",
    "false",
    "final",
    "finally",
    "float",
    "fn",
    "for",
    "from",
    "func",
    "function",
    "gen",
    "global",
    "go",
    "goto",
    "if",
    "impl",
    "import",
    "in",
    "init",
    "instanceof",
    "int",
    "interface",
    "internal",
    "is",
    "lambda",
    "let",
    "long",
    "loop",
    "macro",
    "main",
    "map",
    "match",
    "mod",
    "move",
    "mut",
    "namespace",
    "new",
    "node_modules",
    "nonlocal",
    "not",
    "null",
    "or",
    "override",
    "package",
    "pass",
    "priv",
    "private",
    "protected",
    "pub",
    "public",
    "raise",
    "range",
    "ref",
    "register",
    "return",
    "select",
    "self",
    "short",
    "signed",
    "sizeof",
    "static",
    "std",
    "struct",
    "super",
    "switch",
    "target",
    "template",
    "test",
    "this",
    "throw",
    "trait",
    "true",
    "try",
    "type",
    "typedef",
    "typeof",
    "union",
    "unsafe",
    "unsigned",
    "unsized",
    "use",
    "using",
    "var",
    "virtual",
    "void",
    "volatile",
    "where",
    "while",
    "with",
    "yield",
];
