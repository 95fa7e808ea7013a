//! Scripts, `CREATE FUNCTION` above all: parsed, or refused with a place. What a function's declaration says is read as far as
//! nothing is loaded: its types, limits, grants, policies, and where its component is.

#![no_main]

use anabranch::sql::parse_script;
use anabranch::sql::statement::StatementKind;
use anabranch::table::check_function;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // The parser is asked for whole scripts and for what follows the words of a declaration.
    for script in [text.to_owned(), format!("CREATE FUNCTION {text}")] {
        match parse_script(&script) {
            Ok(statements) => {
                for statement in statements {
                    if let StatementKind::CreateFunction(function) = statement.kind
                        && let Err(error) = check_function(function)
                    {
                        drop(error.to_string());
                    }
                }
            }
            Err(error) => drop(error.to_string()),
        }
    }
});
