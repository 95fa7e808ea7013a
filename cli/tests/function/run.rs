//! `anabranch run`: what it does when nobody listens, when it is to end, and with what it must not show.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Result, User};

const SINK: &str = "CREATE TABLE out (x BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'csv');";

/// Rows of a directory's files, and whether it has files that are not finished.
fn rows(folder: &Path) -> Result<(usize, bool)> {
    let (mut rows, mut unfinished) = (0, false);
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        unfinished |= is_hidden;
        if !is_hidden {
            rows += fs::read_to_string(entry.path())?.lines().count();
        }
    }
    Ok((rows, unfinished))
}

#[test]
fn a_job_needs_nobody_who_reads_its_progress() -> Result {
    let user = User::new()?;
    for (number, mode) in ["streaming", "batch"].iter().enumerate() {
        let sql = format!("SET 'execution.runtime-mode' = '{mode}'; {SINK} INSERT INTO out VALUES (1), (2)");
        let (reader, writer) = std::io::pipe()?;
        drop(reader);
        // The log, the progress and the summary: none of them can be written.
        let mut command = user.command(&["run", "--execute", &sql]);
        let status = command.env("RUST_LOG", "trace").stderr(writer).status()?;
        assert_eq!(status.code(), Some(0), "{mode}");
        assert_eq!(rows(&user.folder().join("out"))?, (2 * (number + 1), false), "{mode}");

        // Nor can an error.
        let (reader, writer) = std::io::pipe()?;
        drop(reader);
        let status = user.command(&["run", "--execute", "SELECT nothing"]).stderr(writer).status()?;
        assert_eq!(status.code(), Some(2), "{mode}");
    }
    Ok(())
}

#[test]
fn what_was_not_run_is_said() -> Result {
    let user = User::new()?;
    // Editors of Windows begin a file with a mark of its byte order.
    fs::write(user.folder().join("job.sql"), "\u{feff}SHOW VIEWS; SELECT 1 / 0; SHOW TABLES; SHOW VIEWS")?;
    let said = user.fails(&["run", "job.sql"], 2)?;
    assert!(said.starts_with("error: division by zero (line 1, column "), "{said}");
    assert!(said.ends_with("the 2 statements after it were not run\n"), "{said}");
    let said = user.fails(&["run", "--execute", "SELECT x; SHOW TABLES"], 2)?;
    assert!(said.ends_with("the statement after it was not run\n"), "{said}");
    Ok(())
}

/// A job that would run for long, when it has written something.
#[cfg(unix)]
fn started(user: &User, settings: &str) -> Result<Child> {
    let sql = format!(
        "CREATE TABLE numbers (x BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '100000',
           'fields.x.kind' = 'sequence', 'fields.x.start' = '1', 'fields.x.end' = '1000000000');
         {SINK} {settings} INSERT INTO out SELECT x FROM numbers"
    );
    let mut command = user.command(&["run", "--execute", &sql]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let begun = Instant::now();
    while !fs::read_dir(user.folder().join("out")).is_ok_and(|mut entries| entries.next().is_some()) {
        if begun.elapsed() > Duration::from_secs(60) {
            return Err("it wrote nothing".into());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(child)
}

/// Sends a signal; gives the exit code, and what was said on standard error.
#[cfg(unix)]
fn signalled(child: Child, signal: &str) -> Result<(i32, String)> {
    let sent = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status()?;
    if !sent.success() {
        return Err(format!("kill {signal} failed").into());
    }
    let Output { status, stderr, .. } = child.wait_with_output()?;
    Ok((status.code().ok_or("it was killed")?, String::from_utf8(stderr)?))
}

#[cfg(unix)]
#[test]
fn a_stream_stops_by_either_signal_and_commits() -> Result {
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        for settings in ["", "SET 'table.dml-sync' = 'true';"] {
            let user = User::new()?;
            let (ended, said) = signalled(started(&user, settings)?, signal)?;
            assert_eq!(ended, code, "{said}");
            assert!(said.contains("stopping: what has been read is written; press Ctrl-C again"), "{said}");
            assert!(said.contains("job stopped after"), "{said}");
            let (rows, unfinished) = rows(&user.folder().join("out"))?;
            assert!(rows > 0 && !unfinished, "{signal}{settings}: {rows} rows");
        }
    }
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_batch_is_cancelled_by_either_signal_and_leaves_nothing() -> Result {
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let user = User::new()?;
        let (ended, said) = signalled(started(&user, "SET 'execution.runtime-mode' = 'batch';")?, signal)?;
        assert_eq!(ended, code, "{said}");
        assert!(said.contains("cancelling: what is not committed is taken back; press Ctrl-C again"), "{said}");
        assert!(said.contains("job cancelled after"), "{said}");
        assert_eq!(rows(&user.folder().join("out"))?, (0, false), "{signal}");
    }
    Ok(())
}

#[test]
fn standard_input_is_read_once() -> Result {
    let user = User::new()?;
    let table = |name: &str| {
        format!("CREATE TABLE {name} (x INT) WITH ('connector' = 'filesystem', 'path' = '-', 'format' = 'csv');")
    };
    let sink = |name: &str| format!("CREATE TABLE {name} (x INT) WITH ('connector' = 'print');");
    let run = |arguments: &[&str], input: &str| -> Result<(i32, String, String)> {
        let mut command = user.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        // It may end before it has read all.
        let _ = child.stdin.take().ok_or("no input")?.write_all(input.as_bytes());
        let Output { status, stdout, stderr } = child.wait_with_output()?;
        Ok((status.code().ok_or("it was killed")?, String::from_utf8(stdout)?, String::from_utf8(stderr)?))
    };
    let refused = |sql: &str, why: &str| -> Result {
        for mode in ["streaming", "batch"] {
            let mode = format!("execution.runtime-mode={mode}");
            let (code, _, said) = run(&["run", "--quiet", "--set", &mode, "--execute", sql], "1\n2\n")?;
            assert_eq!(code, 2, "{mode}: {sql}: {said}");
            assert!(said.contains(why), "{mode}: {sql}: {said}");
        }
        Ok(())
    };
    let two = [table("a"), table("b")].concat();
    refused(
        &format!("{two} SELECT x FROM a UNION ALL SELECT x FROM b"),
        "standard input can be read once, and table `",
    )?;
    let twice = format!("{} SELECT x FROM a; SELECT x FROM a", table("a"));
    refused(&twice, "error: standard input can be read once, and table `a` has read it")?;

    // One scan may have several readers.
    let shared = format!(
        "{}{}{} EXECUTE STATEMENT SET BEGIN INSERT INTO s SELECT x FROM a; INSERT INTO z SELECT x * 10 FROM a; END",
        table("a"),
        sink("s"),
        sink("z")
    );
    let (code, out, said) = run(&["run", "--quiet", "--execute", &shared], "1\n2\n")?;
    assert_eq!(code, 0, "{said}");
    for row in ["+I[1]", "+I[2]", "+I[10]", "+I[20]"] {
        assert!(out.contains(row), "{row} in\n{out}");
    }

    let (code, _, said) = run(&["run", "--quiet", "-"], &format!("{} SELECT x FROM a", table("a")))?;
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("standard input can be read once, and the script came from it"), "{said}");
    Ok(())
}

#[test]
fn secrets_of_a_script_are_not_shown() -> Result {
    let user = User::new()?;
    user.prebuilt("words")?;
    let create = "CREATE FUNCTION len LANGUAGE WASM USING COMPONENT 'words.wasm' WITH ('grant.secret.KEY' = 'hunter2')";
    let said = user.fails(&["run", "--execute", create], 2)?;
    assert!(said.contains("'grant.secret.KEY' = '***')") && !said.contains("hunter2"), "{said}");
    let create = "CREATE TABLE t (x INT) WITH ('connector' = 'jdbc', 'password' = 'hunter2', 'tablename' = 't')";
    let said = user.fails(&["run", "--execute", create], 2)?;
    assert!(said.contains("'password' = '***', 'tablename' = 't')") && !said.contains("hunter2"), "{said}");
    Ok(())
}
