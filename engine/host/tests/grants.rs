//! What a function can do with what it is granted: environment, secrets, directories; and that it can do no more.

mod support;

use std::fmt::Write;
use std::path::Path;

use anabranch_host::Error;
use expect_test::expect;
use support::*;

/// What the guest finds, with grants.
fn look(what: &str, grants: &[(&str, &str)]) -> String {
    let mut bind = bind("wasi", "look").option("what", what);
    for (name, value) in grants {
        bind = bind.grant(name, value);
    }
    match bind.bound().and_then(|bound| bound.scalar()?.call(&[], 1)) {
        Ok(output) => match output.errors.first() {
            Some(error) => format!("row error: {}", error.message),
            None => show(&output.array),
        },
        Err(error) => format!("error: {error}"),
    }
}

#[test]
fn the_environment_has_what_is_granted_and_nothing_else() {
    let path = std::env::var("PATH").unwrap();
    let grants = [("grant.env", "PATH"), ("grant.env.MODE", "fast")];
    assert_eq!(look("env PATH", &grants), format!("Ok({path:?})"));
    assert_eq!(look("env MODE", &grants), "Ok(\"fast\")");
    assert_eq!(look("env HOME", &grants), "Err(NotPresent)");
    assert_eq!(look("environment", &grants), "2 0");
    assert_eq!(
        look("environment", &[("grant.env", "ANABRANCH_NO_SUCH_VARIABLE")]),
        "error: option 'grant.env': the engine's environment has no variable 'ANABRANCH_NO_SUCH_VARIABLE'"
    );
}

/// A folder with a secret beside the one that is granted.
fn folders() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let data = root.path().join("data");
    std::fs::create_dir_all(data.join("inner")).unwrap();
    std::fs::write(root.path().join("outside"), "not for you").unwrap();
    std::fs::write(data.join("model"), "weights").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink("../outside", data.join("relative")).unwrap();
        symlink(root.path().join("outside"), data.join("absolute")).unwrap();
        symlink("..", data.join("up")).unwrap();
        symlink("model", data.join("within")).unwrap();
        symlink("loop", data.join("loop")).unwrap();
    }
    root
}

fn attempts(root: &Path, mode: &str, attempts: &[&str]) -> String {
    let data = format!("{}{mode}", root.join("data").display());
    let mut found = String::new();
    for attempt in attempts {
        writeln!(found, "{}: {}", attempt.escape_debug(), look(attempt, &[("grant.dir./data", &data)])).unwrap();
    }
    found
}

const READING: &[&str] = &[
    "read /data/model",
    "read /data/within",
    "read /data/inner/../model",
    "read /data/missing",
    "list /data/inner",
    "read /data/../outside",
    "read /data/inner/../../outside",
    "read /data/relative",
    "read /data/absolute",
    "read /data/up/outside",
    "read /data/loop",
    "list /data/up",
    "list /",
    "list /data/..",
    "read /outside",
    "read /etc/passwd",
    "read outside",
    "read /data\u{0}/../outside",
];

const WRITING: &[&str] = &[
    "write /data/new",
    "append /data/model",
    "mkdir /data/made",
    "rename /data/new /data/newer",
    "link /data/newer /data/linked",
    "symlink model /data/mine",
    "symlink ../outside /data/hole",
    "symlink /etc/passwd /data/deep",
    "read /data/hole",
    "read /data/deep",
    "write /data/relative",
    "write /data/hole",
    "write /data/../written",
    "rename /data/model /data/../model",
    "rename /data/../outside /data/stolen",
    "link /data/../outside /data/stolen",
    "link /data/relative /data/stolen",
    "read /data/stolen",
    "delete /data/../outside",
    "delete /data/up/outside",
    "delete /data/newer",
    "mkdir /data/../made",
];

#[test]
fn a_directory_to_read() {
    let root = folders();
    expect![[r#"
        read /data/model: Ok("weights")
        read /data/within: Ok("weights")
        read /data/inner/../model: Ok("weights")
        read /data/missing: Err(NotFound)
        list /data/inner: Ok([])
        read /data/../outside: Err(PermissionDenied)
        read /data/inner/../../outside: Err(PermissionDenied)
        read /data/relative: Err(PermissionDenied)
        read /data/absolute: Err(PermissionDenied)
        read /data/up/outside: Err(PermissionDenied)
        read /data/loop: Err(FilesystemLoop)
        list /data/up: Err(PermissionDenied)
        list /: Err(NotFound)
        list /data/..: Err(PermissionDenied)
        read /outside: Err(NotFound)
        read /etc/passwd: Err(NotFound)
        read outside: Err(NotFound)
        read /data\0/../outside: Err(InvalidInput)
    "#]]
    .assert_eq(&attempts(root.path(), "", READING));
    let before = snapshot(root.path());
    expect![[r#"
        write /data/new: Err(PermissionDenied)
        append /data/model: Err(PermissionDenied)
        mkdir /data/made: Err(PermissionDenied)
        rename /data/new /data/newer: Err(PermissionDenied)
        link /data/newer /data/linked: Err(PermissionDenied)
        symlink model /data/mine: Err(PermissionDenied)
        symlink ../outside /data/hole: Err(PermissionDenied)
        symlink /etc/passwd /data/deep: Err(PermissionDenied)
        read /data/hole: Err(NotFound)
        read /data/deep: Err(NotFound)
        write /data/relative: Err(PermissionDenied)
        write /data/hole: Err(PermissionDenied)
        write /data/../written: Err(PermissionDenied)
        rename /data/model /data/../model: Err(PermissionDenied)
        rename /data/../outside /data/stolen: Err(PermissionDenied)
        link /data/../outside /data/stolen: Err(PermissionDenied)
        link /data/relative /data/stolen: Err(PermissionDenied)
        read /data/stolen: Err(NotFound)
        delete /data/../outside: Err(PermissionDenied)
        delete /data/up/outside: Err(PermissionDenied)
        delete /data/newer: Err(PermissionDenied)
        mkdir /data/../made: Err(PermissionDenied)
    "#]]
    .assert_eq(&attempts(root.path(), ":ro", WRITING));
    assert_eq!(snapshot(root.path()), before, "nothing has changed");
}

#[test]
fn a_directory_to_write() {
    let root = folders();
    expect![[r#"
        write /data/new: Ok(())
        append /data/model: Ok(())
        mkdir /data/made: Ok(())
        rename /data/new /data/newer: Ok(())
        link /data/newer /data/linked: Ok(())
        symlink model /data/mine: Ok(())
        symlink ../outside /data/hole: Ok(())
        symlink /etc/passwd /data/deep: Err(PermissionDenied)
        read /data/hole: Err(PermissionDenied)
        read /data/deep: Err(NotFound)
        write /data/relative: Err(PermissionDenied)
        write /data/hole: Err(PermissionDenied)
        write /data/../written: Err(PermissionDenied)
        rename /data/model /data/../model: Err(PermissionDenied)
        rename /data/../outside /data/stolen: Err(PermissionDenied)
        link /data/../outside /data/stolen: Err(PermissionDenied)
        link /data/relative /data/stolen: Ok(())
        read /data/stolen: Err(PermissionDenied)
        delete /data/../outside: Err(PermissionDenied)
        delete /data/up/outside: Err(PermissionDenied)
        delete /data/newer: Ok(())
        mkdir /data/../made: Err(PermissionDenied)
    "#]]
    .assert_eq(&attempts(root.path(), ":rw", WRITING));
    expect![[r#"
        data 
        data/absolute 
        data/hole 
        data/inner 
        data/linked written
        data/loop 
        data/made 
        data/mine 
        data/model weightsmore
        data/relative 
        data/stolen 
        data/up 
        data/within 
        outside not for you
    "#]]
    .assert_eq(&snapshot(root.path()));
}

/// Everything below a folder, a line each.
fn snapshot(folder: &Path) -> String {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let entry = entry.unwrap();
            let name = entry.path().strip_prefix(folder).unwrap().display().to_string();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                folders.push(entry.path());
            }
            let content = if kind.is_file() { std::fs::read_to_string(entry.path()).unwrap() } else { String::new() };
            found.push(format!("{name} {content}\n"));
        }
    }
    found.sort();
    found.concat()
}

#[test]
fn a_directory_that_is_not_there() {
    let root = folders();
    let missing = root.path().join("missing").display().to_string();
    let file = root.path().join("outside").display().to_string();
    for path in [&missing, &file] {
        let error =
            look("list /data", &[("grant.dir./data", path)]).replace(&root.path().display().to_string(), "ROOT");
        assert!(error.starts_with("error: option 'grant.dir./data': 'ROOT/"), "{error}");
        let mut grants = anabranch_host::Grants::default();
        grants.set("grant.dir./data", path).unwrap();
        let error = grants.check().unwrap_err().to_string();
        assert!(error.starts_with("option 'grant.dir./data': '"), "{error}");
    }
}

const SECRET: &str = "correct horse battery staple";

#[test]
fn a_secret_is_never_shown_to_people() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    std::fs::write(&file, format!("{SECRET}\n")).unwrap();
    let grant = [("grant.secret.KEY", format!("file:{}", file.display()))];
    let grant: Vec<_> = grant.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut said = String::new();
    for way in ["print", "pieces", "log", "panic", "call", "row", "bind"] {
        writeln!(said, "{way}: {}", look(&format!("leak {way}"), &grant)).unwrap();
    }
    assert!(!said.contains("horse"), "{said}");
    expect![[r#"
        print: error: function 'look' failed: see above
        last lines from the function:
          out ***
          err *** "***"
        pieces: error: function 'look' failed: see above
        last lines from the function:
          piece ***
        log: error: function 'look' failed: see above
        last lines from the function:
          log ***
        panic: row error: trapped: wasm `unreachable` instruction executed
        last lines from the function:
          thread '<unnamed>' (1) panicked at src/lib.rs:127:25:
          panic ***
          note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
        call: error: function 'look' failed: call ***
        row: row error: row ***
        bind: error: cannot bind function 'look': bind ***
    "#]]
    .assert_eq(&said);
    // A result is data: whoever writes the query sees it.
    assert_eq!(look("leak value", &grant), SECRET);
    // It is read anew for each instance, and nothing that is printed of a binding has it.
    let bound = bind("wasi", "look").option("what", "env KEY").grant("grant.secret.KEY", grant[0].1).bound().unwrap();
    let mut first = bound.scalar().unwrap();
    std::fs::write(&file, "another secret").unwrap();
    let mut second = bound.scalar().unwrap();
    assert_eq!(show(&first.call(&[], 1).unwrap().array), format!("Ok({SECRET:?})"));
    assert_eq!(show(&second.call(&[], 1).unwrap().array), "Ok(\"another secret\")");
    let printed = format!("{bound:?} {first:?} {:?} {}", bound.grants(), bound.grants());
    assert!(!printed.contains("horse") && !printed.contains("another secret"), "{printed}");
    std::fs::remove_file(&file).unwrap();
    let error = bound.scalar().unwrap_err();
    assert!(matches!(error, Error::Option(_)), "{error}");
}

/// Nobody may ever write to a pipe.
#[cfg(unix)]
#[test]
fn a_secret_in_a_pipe_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let said = look("env KEY", &[("grant.secret.KEY", &format!("file:{}", pipe.display()))]);
    assert!(said.contains("it is no file"), "{said}");
}
