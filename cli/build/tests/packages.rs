//! Packages made and built as a user does it: in a folder that knows nothing of this checkout.

use std::error::Error;
use std::fs;
use std::path::Path;

use anabranch_build::{Language, Log, build, create};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

#[test]
fn the_same_source_makes_the_same_component_wherever_it_lies() -> Result {
    let root = tempfile::tempdir()?;
    let folder = root.path().join("here");
    create(Language::Rust, "salutations", &folder)?;
    let component = build(&folder, &root.path().join("toolchains"), &mut Log::default())?;
    assert_eq!(component.file_name(), Some("salutations.wasm".as_ref()));
    let first = fs::read(&component)?;
    assert_eq!(first[..8], *b"\0asm\x0d\0\x01\0", "a component, not a core module");
    let text = String::from_utf8_lossy(&first);
    for place in [root.path(), Path::new(env!("CARGO_MANIFEST_DIR"))] {
        assert!(!text.contains(&place.display().to_string()), "it names {}", place.display());
    }

    let other = root.path().join("somewhere/else");
    create(Language::Rust, "salutations", &other)?;
    fs::copy(folder.join("Cargo.lock"), other.join("Cargo.lock"))?;
    let second = fs::read(build(&other, &root.path().join("toolchains"), &mut Log::default())?)?;
    assert!(first == second, "{} bytes in one folder, {} other bytes in another", first.len(), second.len());

    fs::write(
        other.join("src/lib.rs"),
        "use anabranch_udf::prelude::*;\nanabranch_udf::package!(len);\n#[scalar]\nfn len(text: &str) -> i32 { text.len() as i32 }\n",
    )?;
    let small = fs::read(build(&other, &root.path().join("toolchains"), &mut Log::default())?)?;
    assert!(small.len() < 60_000, "a package of one function has {} bytes", small.len());
    Ok(())
}

#[test]
fn every_template_is_a_package_of_its_name() -> Result {
    let root = tempfile::tempdir()?;
    for language in Language::ALL {
        let folder = root.path().join(language.name());
        let package = create(language, "salutations", &folder)?;
        assert_eq!((package.language, package.name.as_str()), (language, "salutations"));
        assert!(package.sdk().read_dir()?.next().is_some(), "the SDK of {language} is in the package");
        for (path, text) in texts(&folder)? {
            assert!(!text.contains("greetings"), "{path} still names the example");
            assert!(!text.contains("../../.."), "{path} names a place outside of the package");
        }
    }
    Ok(())
}

/// The files of a package that its author sees.
fn texts(folder: &Path) -> Result<Vec<(String, String)>> {
    let mut texts = vec![];
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && !path.ends_with(".anabranch") {
            texts.extend(self::texts(&path)?);
        } else if path.is_file() {
            texts.push((path.display().to_string(), fs::read_to_string(&path)?));
        }
    }
    Ok(texts)
}

#[test]
fn what_is_no_package_is_refused_with_a_reason() -> Result {
    let root = tempfile::tempdir()?;
    let folder = root.path().join("package");
    let failing = |result: anyhow::Result<_>| match result {
        Ok(_) => String::from("it worked"),
        Err(error) => format!("{error:#}").replace(&root.path().display().to_string(), "ROOT"),
    };
    let create = |name: &str| failing(create(Language::Rust, name, &folder).map(drop));
    assert_eq!(
        create("Hello"),
        "'Hello' is no name for a package: it takes a lower-case letter, then such letters, digits and `_`"
    );
    assert_eq!(create("../x").split(':').next(), Some("'../x' is no name for a package"));
    assert_eq!(create("fn"), "'fn' is no name for a package: some language uses the word itself");
    // What Python has already, other languages may have.
    let python = failing(anabranch_build::create(Language::Python, "json", &folder).map(drop));
    assert_eq!(python, "'json' is no name for a package in Python, which has a module of that name already");
    fs::create_dir(&folder)?;
    fs::write(folder.join("precious.txt"), "mine")?;
    assert_eq!(create("hello"), "'ROOT/package' is there already, and is not an empty folder");

    let build = || failing(build(&folder, root.path(), &mut Log::default()).map(drop));
    assert_eq!(
        build(),
        "'ROOT/package' is no function package: it has none of Cargo.toml, pyproject.toml, package.json, go.mod and \
         anabranch.toml. Make a package with `anabranch function new`"
    );
    fs::write(folder.join("Cargo.toml"), "[package]\nversion = 1")?;
    assert_eq!(build(), "'ROOT/package/Cargo.toml' is not as it should be: it has no `name`");
    fs::write(folder.join("go.mod"), "module x")?;
    assert_eq!(
        build(),
        "'ROOT/package' could be a package in Rust (Cargo.toml) or in Go (go.mod): give each a folder of its own"
    );
    Ok(())
}
