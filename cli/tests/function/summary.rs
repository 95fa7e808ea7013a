//! What `anabranch run` says of the functions that a script called.

use crate::support::{Result, User};

#[test]
fn a_summary_counts_functions_in_both_modes() -> Result {
    let user = User::new()?;
    user.prebuilt("words")?;
    let script = "CREATE FUNCTION len LANGUAGE WASM USING COMPONENT 'words.wasm';
        CREATE TABLE lengths (n BIGINT) WITH ('connector' = 'blackhole');
        INSERT INTO lengths SELECT len(word) FROM (VALUES ('to'), ('be'), ('or')) AS words(word);
        SELECT SUM(len(word)) AS n FROM (VALUES ('not'), ('to')) AS words(word)";
    for mode in ["streaming", "batch"] {
        let set = format!("execution.runtime-mode={mode}");
        let ran = user.anabranch(&["run", "--set", &set, "--execute", script])?;
        for line in [
            "job finished after",
            "3 rows to lengths",
            "function len: 1 calls, 3 rows, ",
            "function len: 1 calls, 2 rows, ",
        ] {
            assert!(ran.err.contains(line), "{mode}: `{line}` in\n{}", ran.err);
        }
        let quiet = user.anabranch(&["run", "--quiet", "--set", &set, "--execute", script])?;
        assert_eq!(quiet.err, "", "{mode}");
    }
    Ok(())
}
