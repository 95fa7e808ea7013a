//! CREATE FUNCTION with its source: how it is written, and where its parts are.

use expect_test::{Expect, expect};

use super::statement::{FunctionCode, Returns, StatementKind};
use super::{parse_script, render};
use crate::error::Position;

/// The functions of a script, or its error.
fn check(sql: &str, expected: Expect) {
    let shown = match parse_script(sql) {
        Err(error) => render(sql, &error),
        Ok(statements) => statements.into_iter().map(|statement| shown(statement.kind)).collect::<Vec<_>>().join("\n"),
    };
    expected.assert_eq(&shown);
}

fn shown(kind: StatementKind) -> String {
    let StatementKind::CreateFunction(function) = kind else { return "another statement".to_owned() };
    let FunctionCode::Inline(inline) = function.code else { return "a component".to_owned() };
    let list = |columns: &[_]| {
        let columns: Vec<String> =
            columns.iter().map(|(name, ty): &(super::statement::Text, _)| format!("{} {ty}", name.value)).collect();
        columns.join(", ")
    };
    let returns = match &inline.returns {
        Returns::Value(sql_type) => sql_type.to_string(),
        Returns::Table(columns) => format!("TABLE {}", list(columns)),
    };
    let options: Vec<String> =
        function.options.iter().map(|(name, option)| format!("{name}={}", option.value)).collect();
    let Position { line, column } = inline.source.position;
    format!(
        "{}({}) -> {returns} {} [{}] {line}:{column} {:?}",
        function.name,
        list(&inline.parameters),
        inline.language.value,
        options.join(" "),
        inline.source.text
    )
}

#[test]
fn forms() {
    check(
        "CREATE FUNCTION f(x BIGINT NOT NULL, `a b` ROW<n INT>) RETURNS DOUBLE LANGUAGE PYTHON AS $$ x; 'y' $$;\n\
         CREATE OR REPLACE FUNCTION g() RETURNS TABLE (word STRING, n INT NOT NULL)\n  LANGUAGE JavaScript\n  WITH ('a' = 'b')\n\
         as $js$\n  yield `$${1}$`;\n$js$;\n\
         CREATE FUNCTION h(x INT) RETURNS INT LANGUAGE PYTHON AS 'x or ''''' WITH ('c' = 'd'); SELECT 1",
        expect![[r#"
            f(x BIGINT NOT NULL, a b ROW<`n` INT>) -> DOUBLE PYTHON [] 1:92 " x; 'y' "
            g() -> TABLE word STRING, n INT NOT NULL JavaScript [a=b] 5:8 "\n  yield `$${1}$`;\n"
            h(x INT) -> INT PYTHON [c=d] 8:58 "x or ''"
            another statement"#]],
    );
}

#[test]
fn errors_have_their_place() {
    for (sql, expected) in [
        (
            "CREATE FUNCTION f(x INT, x INT) RETURNS INT LANGUAGE PYTHON AS $$x$$",
            expect![[r#"
            parameter 'x' is declared before (line 1, column 26)
              |
            1 | CREATE FUNCTION f(x INT, x INT) RETURNS INT LANGUAGE PYTHON AS $$x$$
              |                          ^"#]],
        ),
        (
            "CREATE FUNCTION f(x) RETURNS INT LANGUAGE PYTHON AS $$x$$",
            expect![[r#"
            expected a type, found ) (line 1, column 20)
              |
            1 | CREATE FUNCTION f(x) RETURNS INT LANGUAGE PYTHON AS $$x$$
              |                    ^"#]],
        ),
        (
            "CREATE FUNCTION f(x INT) LANGUAGE PYTHON AS $$x$$",
            expect![[r#"
            expected RETURNS and the type of the result, found LANGUAGE (line 1, column 26)
              |
            1 | CREATE FUNCTION f(x INT) LANGUAGE PYTHON AS $$x$$
              |                          ^"#]],
        ),
        (
            "CREATE FUNCTION f(x INT) RETURNS TABLE () LANGUAGE PYTHON AS $$x$$",
            expect![[r#"
            expected the name of a column, found ) (line 1, column 41)
              |
            1 | CREATE FUNCTION f(x INT) RETURNS TABLE () LANGUAGE PYTHON AS $$x$$
              |                                         ^"#]],
        ),
        (
            "CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE WASM USING COMPONENT 'x'",
            expect![[r#"
            a component says itself what its functions take and return: write the name of the function alone (line 1, column 47)
              |
            1 | CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE WASM USING COMPONENT 'x'
              |                                               ^"#]],
        ),
        (
            "CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE PYTHON",
            expect![[r#"
            expected AS and the function's source between $$ and $$, found the end (line 1, column 53)
              |
            1 | CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE PYTHON
              |                                                     ^"#]],
        ),
        (
            "CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE PYTHON AS x",
            expect![[r#"
            expected the function's source between $$ and $$, found x (line 1, column 57)
              |
            1 | CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE PYTHON AS x
              |                                                         ^"#]],
        ),
        (
            "CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE PYTHON AS $$x$",
            expect![[r#"
                unterminated dollar-quoted string (line 1, column 57)
                  |
                1 | CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE PYTHON AS $$x$
                  |                                                         ^"#]],
        ),
        (
            "SELECT $$x$$",
            expect![[r#"
            write text in 'single quotes' (line 1, column 8)
              |
            1 | SELECT $$x$$
              |        ^"#]],
        ),
        (
            "SELECT 1 AS $$x$$",
            expect![[r#"
            expected an identifier after AS, found $$x$$ (line 1, column 13)
              |
            1 | SELECT 1 AS $$x$$
              |             ^"#]],
        ),
    ] {
        check(sql, expected);
    }
}

#[test]
fn a_place_in_the_source_is_one_in_the_sql() {
    let statements = parse_script("CREATE FUNCTION f()\nRETURNS INT LANGUAGE PYTHON AS $$1 +\n  x$$").unwrap();
    let StatementKind::CreateFunction(function) = &statements[0].kind else { panic!("no function") };
    let FunctionCode::Inline(inline) = &function.code else { panic!("not inline") };
    assert_eq!(inline.source.place(Position { line: 1, column: 3 }), Position { line: 2, column: 36 });
    assert_eq!(inline.source.place(Position { line: 2, column: 3 }), Position { line: 3, column: 3 });
}
