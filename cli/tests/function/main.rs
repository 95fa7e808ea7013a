//! `anabranch function` as its users type it: in a folder of their own, with a home that knows nothing of this project.

mod interpreter;
mod registry;
mod run;
mod summary;
mod support;

use std::fs;
use std::process::Stdio;

use support::{Result, User};

#[test]
fn from_nothing_to_a_function_in_sql() -> Result {
    let user = User::new()?;
    let made = user.anabranch(&["function", "new", "--lang", "rust", "salutations"])?;
    assert!(made.out.starts_with("made salutations, a package in Rust"), "{}", made.out);

    let built = user.anabranch(&["function", "build", "salutations"])?;
    let component = user.folder().join("salutations/salutations.wasm");
    assert_eq!(built.out.lines().last(), Some(component.display().to_string().as_str()), "the last line is the path");
    assert!(built.err.contains("$ cargo build"), "it says what it does: {}", built.err);

    let inspected = user.anabranch(&["function", "inspect", "salutations"])?;
    for line in [
        "package   salutations 0.1.0",
        "imports   anabranch:functions/log@0.2.0, anabranch:functions/types@0.2.0",
        "greet(name STRING) -> STRING",
        "split_words(line STRING) -> ROW<`word` STRING NOT NULL>",
        "mean(x DOUBLE) -> DOUBLE",
        "    aggregate, deterministic, retracts, merges",
    ] {
        assert!(inspected.out.lines().any(|known| known.starts_with(line)), "`{line}` in\n{}", inspected.out);
    }
    let called = user.anabranch(&["function", "call", "salutations", "greet", "Ada"])?;
    assert_eq!((called.out.as_str(), called.err.as_str()), ("Hello, Ada!\n", ""));
    assert_eq!(user.anabranch(&["function", "call", "salutations", "split_words", "to be or"])?.out, "to\nbe\nor\n");
    assert_eq!(user.anabranch(&["function", "call", "salutations", "mean", "1", "NULL", "2"])?.out, "1.5\n");

    let tested = user.anabranch(&["function", "test", "salutations"])?;
    for line in [
        "greet(name STRING) -> STRING: 3 cases passed, replayed in 12 ways",
        "mean(x DOUBLE) -> DOUBLE: 4 cases passed, replayed in 25 ways",
    ] {
        assert!(tested.out.lines().any(|known| known == line), "`{line}` in\n{}", tested.out);
    }

    let sql = "CREATE FUNCTION greet LANGUAGE WASM USING COMPONENT 'salutations/salutations.wasm'; SELECT greet('Ada')";
    let ran = user.anabranch(&["run", "--quiet", "--execute", sql])?;
    assert!(ran.out.contains("Hello, Ada!"), "{}", ran.out);

    two_versions(&user)?;

    // A function that remembers its calls says that it is deterministic, and is found out.
    let source = user.folder().join("salutations/src/lib.rs");
    let text = fs::read_to_string(&source)?.replace("format!(\"Hello, {name}!\")", COUNTING);
    fs::write(&source, text)?;
    // It is not built yet.
    let called = user.anabranch(&["function", "call", "salutations", "greet", "Ada"])?;
    assert_eq!(called.out, "Good day, Ada!\n");
    assert!(called.err.starts_with("warning: '") && called.err.contains("' was changed after '"), "{}", called.err);
    let refused = user.fails(&["function", "publish", "salutations", "--registry", "shelf"], 2)?;
    assert!(refused.contains("was built; run `anabranch function build salutations`"), "{refused}");
    let said = user.run(&["function", "test", "salutations"])?;
    assert_eq!(said.code, 3, "{}{}", said.out, said.err);
    assert!(said.out.contains("greet(name STRING) -> STRING: 3 cases, 26 checks FAILED"), "{}", said.out);
    assert!(
        said.out.contains("not deterministic: `Hello 1, Ada!`, but `Hello 3, Ada!` row by row, for the second time"),
        "{}",
        said.out
    );
    assert!(said.out.contains("mean(x DOUBLE) -> DOUBLE: 4 cases passed"), "{}", said.out);
    Ok(())
}

/// Two versions of a package beside one another in one job, and one in the place of the other.
fn two_versions(user: &User) -> Result {
    let source = user.folder().join("salutations/src/lib.rs");
    let manifest = user.folder().join("salutations/Cargo.toml");
    let (first, described) = (fs::read_to_string(&source)?, fs::read_to_string(&manifest)?);
    user.anabranch(&["function", "publish", "salutations", "--registry", "shelf"])?;
    fs::write(&source, first.replace("Hello", "Good day"))?;
    fs::write(&manifest, described.replacen("0.1.0", "0.2.0", 1))?;
    user.anabranch(&["function", "build", "salutations"])?;
    user.anabranch(&["function", "publish", "salutations", "--registry", "shelf"])?;
    for version in ["salutations@0.1", "salutations@0.2"] {
        user.anabranch(&["function", "install", version, "--registry", "shelf"])?;
    }
    let create = |function: &str, version: &str| {
        format!(
            "CREATE OR REPLACE FUNCTION {function} AS 'greet' LANGUAGE WASM USING COMPONENT 'salutations@{version}';"
        )
    };
    let sql = [create("old", "0.1"), create("recent", "0.2"), "SELECT old('Ada'), recent('Ada')".into()].concat();
    let ran = user.anabranch(&["run", "--quiet", "--execute", &sql])?;
    assert!(ran.out.contains("Hello, Ada!") && ran.out.contains("Good day, Ada!"), "{}", ran.out);
    let sql = [create("greet", "0.1"), create("greet", "0.2.0"), "SELECT greet('Ada')".into()].concat();
    let ran = user.anabranch(&["run", "--quiet", "--execute", &sql])?;
    assert!(!ran.out.contains("Hello, Ada!") && ran.out.contains("Good day, Ada!"), "{}", ran.out);
    fs::write(&source, first)?;
    Ok(fs::write(&manifest, described)?)
}

/// What `greet` does with a hidden counter.
const COUNTING: &str = r#"
    static CALLS: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(1);
    format!("Hello {}, {name}!", CALLS.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
"#;

#[test]
fn rows_of_files_are_arguments() -> Result {
    let user = User::new()?;
    user.prebuilt("words")?;
    fs::write(user.folder().join("words.csv"), "to\n\"be, or\"\n")?;
    fs::write(
        user.folder().join("words.jsonl"),
        "{\"word\": \"to\", \"more\": 1}\n{\"word\": null}\n{\"word\": \"Grüße\"}\n",
    )?;
    assert_eq!(user.anabranch(&["function", "call", "words.wasm", "len", "--input", "words.csv"])?.out, "2\n6\n");
    let rows = user.anabranch(&["function", "call", "words.wasm", "len", "--input", "words.jsonl"])?;
    assert_eq!(rows.out, "2\n<NULL>\n5\n");

    let sql =
        "CREATE TABLE parquet (word STRING) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'parquet');
               SET 'table.dml-sync' = 'true';
               INSERT INTO parquet VALUES ('to'), ('Grüße')";
    user.anabranch(&["run", "--quiet", "--execute", sql])?;
    let written = fs::read_dir(user.folder().join("out"))?.next().ok_or("a file was written")??.path();
    fs::rename(written, user.folder().join("words.parquet"))?;
    assert_eq!(user.anabranch(&["function", "call", "words.wasm", "len", "--input", "words.parquet"])?.out, "2\n5\n");

    let failed = user.fails(&["function", "call", "words.wasm", "len", "--input", "words.txt"], 2)?;
    assert_eq!(
        failed,
        "error: `words.txt` is of an unknown format; files are named *.csv, *.json, *.jsonl or *.parquet\n"
    );
    let failed = user.fails(&["function", "call", "words.wasm", "length", "x"], 2)?;
    assert!(failed.starts_with("error: `words.wasm` has no function 'length'"), "{failed}");
    Ok(())
}

#[test]
fn arguments_may_be_json_and_options_follow_them() -> Result {
    let user = User::new()?;
    let component = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/functions/kitchen_sink/kitchen_sink.wasm");
    for (function, argument, result) in [
        ("same_array", "[1, null, -2]", "[1, NULL, -2]\n"),
        ("same_array", "NULL", "<NULL>\n"),
        ("same_map", "{\"a\": 1}", "{a=1}\n"),
        ("same_bigint", "-5", "-5\n"),
    ] {
        let called = user.anabranch(&["function", "call", component, function, argument, "--with", "timeout=5 s"])?;
        assert_eq!(called.out, result, "{function}({argument})");
    }
    assert_eq!(user.anabranch(&["function", "call", component, "same_string", "--", "--with"])?.out, "--with\n");
    Ok(())
}

/// Both the result and the rows that fail go to standard output.
#[test]
fn a_query_may_print_its_dead_letters() -> Result {
    let user = User::new()?;
    let component = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/functions/kitchen_sink/kitchen_sink.wasm");
    let script = format!(
        "CREATE TABLE failures (function_name STRING, arguments STRING) WITH ('connector' = 'print');
         CREATE FUNCTION fail_on LANGUAGE WASM USING COMPONENT '{component}'
         WITH ('on-error' = 'dead-letter', 'dead-letter.table' = 'failures');
         SELECT fail_on(x) AS y FROM (VALUES ('good'), ('error')) AS t(x)"
    );
    for mode in ["streaming", "batch"] {
        let ran = user.anabranch(&["run", "--set", &format!("execution.runtime-mode={mode}"), "--execute", &script])?;
        assert!(ran.out.contains("+I[fail_on, ") && ran.out.contains("| good"), "{mode}: {}", ran.out);
    }
    Ok(())
}

#[test]
fn what_differs_from_its_case_is_named() -> Result {
    let user = User::new()?;
    user.prebuilt("words")?;
    let cases = user.folder().join("tests.jsonl");
    let run = |text: &str, code: i32| -> Result<String> {
        fs::write(&cases, text)?;
        let output = user.run(&["function", "test", "words.wasm"])?;
        assert_eq!(output.code, code, "{}{}", output.out, output.err);
        Ok(output.out + &output.err)
    };
    let said = run("# a remark\n{\"function\": \"len\", \"arguments\": [\"to\"], \"result\": 3}\n", 3)?;
    assert!(said.contains("len(word STRING) -> INT: 1 case, 1 check FAILED"), "{said}");
    assert!(said.contains("line 2: `2`, expected `3`"), "{said}");
    assert!(said.contains("error: `words` failed 1 check"), "{said}");

    for (line, reason) in [
        ("{", "it is no JSON object"),
        ("{\"function\": \"len\"}", "a case has either \"arguments\" (of one row) or \"rows\""),
        ("{\"function\": \"len\", \"arguments\": [1, 2], \"result\": 1}", "[1,2] is no row of 1 values"),
        (
            "{\"function\": \"len\", \"arguments\": [\"a\"], \"results\": 1}",
            "a case has either a \"result\" or an \"error\"",
        ),
        ("{\"function\": \"lne\", \"arguments\": [\"a\"], \"result\": 1}", "has no function 'lne'"),
    ] {
        let said = run(line, 2)?;
        assert!(said.contains(reason) && said.contains("in line 1 of"), "{line}: {said}");
    }
    Ok(())
}

#[test]
fn what_a_function_may_use_and_is_granted_can_be_said() -> Result {
    let user = User::new()?;
    user.prebuilt("words")?;
    let call = |option: &str| ["function", "call", "words.wasm", "--with", option, "len", "Grüße"].map(str::to_owned);
    let run = |option: &str| {
        let call = call(option);
        user.run(&call.each_ref().map(String::as_str))
    };
    for option in ["timeout=1 min", "grant.clock=true", "grant.http=GET https://api.example.com", "option.mode=fast"] {
        let said = run(option)?;
        assert_eq!((said.code, said.out.as_str()), (0, "5\n"), "{option}: {}", said.err);
    }
    for (option, reason) in [
        ("grant.clok=true", "error: unknown option 'grant.clok'; did you mean `grant.clock`?"),
        ("timeout", "it is a name, `=` and a value: 'timeout=1 s'"),
        ("grant.env=NO_SUCH_VARIABLE", "the engine's environment has no variable 'NO_SUCH_VARIABLE'"),
        ("grant.secret.KEY=hunter2", "it names where the secret lies, 'env:NAME' or 'file:PATH'"),
    ] {
        let said = run(option)?;
        assert_eq!(said.code, 2, "{option}: {}", said.err);
        assert!(said.err.contains(reason) && !said.err.contains("hunter2"), "{}", said.err);
    }
    Ok(())
}

#[test]
fn bench_says_what_a_function_costs() -> Result {
    let user = User::new()?;
    user.prebuilt("words")?;
    let measured = user.anabranch(&["function", "bench", "words.wasm", "len", "Grüße"])?;
    for part in [
        "len(word STRING) -> INT\n",
        "per call",
        "ns   in batches of 8,192 rows",
        "('timeout')",
        "256.00 MiB ('memory')",
    ] {
        assert!(measured.out.contains(part), "`{part}` in\n{}", measured.out);
    }
    Ok(())
}

#[test]
fn mistakes_say_what_to_do() -> Result {
    let user = User::new()?;
    let failed = user.fails(&["function", "new", "--lang", "cobol", "x"], 2)?;
    assert!(failed.contains("there is no SDK for 'cobol'"), "{failed}");
    let failed = user.fails(&["function", "new", "--lang", "rust", "../x"], 2)?;
    assert!(failed.starts_with("error: '../x' is no name for a package"), "{failed}");
    user.anabranch(&["function", "new", "--lang", "rust", "words"])?;
    let failed = user.fails(&["function", "call", "words", "greet", "Ada"], 2)?;
    assert_eq!(failed, "error: the package in 'words' is not built; run `anabranch function build words`\n");
    let failed = user.fails(&["function", "new", "--lang", "rust", "words"], 2)?;
    assert_eq!(failed, "error: 'words' is there already, and is not an empty folder\n");
    Ok(())
}

#[test]
fn nobody_has_to_read_what_is_printed() -> Result {
    let user = User::new()?;
    user.prebuilt("words")?;
    for arguments in [
        &["function", "new", "--lang", "c", "salutes"][..],
        &["function", "inspect", "words.wasm"],
        &["function", "call", "words.wasm", "len", "Ada"],
        &["run", "--quiet", "--execute", "SELECT 1"],
    ] {
        let (reader, writer) = std::io::pipe()?;
        drop(reader);
        let output = user.command(arguments).stdout(writer).stderr(Stdio::piped()).spawn()?.wait_with_output()?;
        let said = String::from_utf8(output.stderr)?;
        assert_eq!(output.status.code(), Some(4), "{arguments:?}: {said}");
        assert!(said.starts_with("error: cannot write to standard output: "), "{arguments:?}: {said}");
    }
    Ok(())
}
