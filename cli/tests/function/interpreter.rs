//! Inline functions where no interpreter is installed.

use std::fs;
use std::path::Path;
use std::process::Command;

use anabranch_build::{Language, interpreter_path};
use anabranch_host::Interpreter;

use crate::support::{Result, User};

#[test]
fn who_has_no_interpreter_is_told_how_to_get_one() -> Result {
    let user = User::new()?;
    let sql = "CREATE FUNCTION half(x BIGINT) RETURNS BIGINT LANGUAGE PYTHON AS $$ x // 2 $$;";
    fs::write(user.folder().join("job.sql"), sql)?;
    // Beside the program itself, and above it, may lie interpreters.
    let away = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let folder = away.path().join("a/b/c");
    fs::create_dir_all(&folder)?;
    let program = folder.join("anabranch");
    fs::hard_link(env!("CARGO_BIN_EXE_anabranch"), &program)?;
    let output = Command::new(&program)
        .args(["run", "job.sql"])
        .current_dir(user.folder())
        .env("HOME", user.home())
        .env("ANABRANCH_HOME", "elsewhere")
        .env_remove("XDG_DATA_HOME")
        .output()?;
    let said = String::from_utf8(output.stderr)?;
    let wanted = "the interpreter for inline functions in Python is not installed: run `anabranch function interpreter \
                  build python`";
    assert!(said.contains(wanted), "{said}");
    let user_folder = user.home().join(".local/share/anabranch/interpreters");
    for looked_in in [Path::new("elsewhere/interpreters"), &folder.join("interpreters"), &user_folder] {
        assert!(said.contains(&looked_in.display().to_string()), "{said}");
    }
    Ok(())
}

#[test]
fn interpreters_are_put_where_they_are_looked_for() {
    for (interpreter, language) in
        [(Interpreter::Python, Language::Python), (Interpreter::JavaScript, Language::JavaScript)]
    {
        assert_eq!(interpreter_path(language, Path::new("")), Path::new(&interpreter.file_name()));
    }
}
