//! Scripts, `CREATE FUNCTION` above all: parsed, or refused with a place. Options are read as a function's are.

#![no_main]

use anabranch::plan::catalog::TableOption;
use anabranch::sql::parse_script;
use anabranch::sql::statement::{Statement, StatementKind};
use anabranch_host::{Grants, Limits};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // The parser is asked for whole scripts and for what follows the words of a declaration.
    for script in [text.to_owned(), format!("CREATE FUNCTION {text}")] {
        match parse_script(&script) {
            Ok(statements) => statements.iter().for_each(read_options),
            Err(error) => drop(error.to_string()),
        }
    }
});

fn read_options(statement: &Statement) {
    let StatementKind::CreateFunction(function) = &statement.kind else { return };
    for (name, TableOption { value, .. }) in &function.options {
        let _ = Limits::default().set(name, value);
        let _ = Grants::default().set(name, value);
    }
}
