//! What scripts are parsed to, and what is said of bad ones.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::statement::{Explained, Insert, Show, Statement, StatementKind};
use super::*;
use crate::plan::catalog::ColumnKind;

/// The statements of a script, a line or more each.
fn check(sql: &str, expected: Expect) {
    let shown = match parse_script(sql) {
        Ok(statements) => statements.iter().map(shown).collect::<Vec<_>>().join("\n"),
        Err(error) => render(sql, &error),
    };
    expected.assert_eq(&shown);
}

fn shown(statement: &Statement) -> String {
    let text = match &statement.kind {
        StatementKind::CreateTable(table) => {
            let mut text = format!(
                "CREATE TABLE {} temporary={} if_not_exists={}",
                table.name, table.temporary, table.if_not_exists
            );
            for column in &table.columns {
                let kind = match &column.kind {
                    ColumnKind::Physical(sql_type) => sql_type.to_string(),
                    ColumnKind::Computed(expression) => format!("AS {expression}"),
                };
                let at = column.position.map_or(String::new(), |at| format!(" @{}:{}", at.line, at.column));
                text.push_str(&format!("\n  {} {kind}{at}", column.name));
            }
            if let Some(watermark) = &table.watermark {
                text.push_str(&format!("\n  WATERMARK {} AS {}", watermark.column, watermark.expression));
            }
            let names =
                |names: &[statement::Text]| names.iter().map(|name| name.value.clone()).collect::<Vec<_>>().join(", ");
            text.push_str(&format!(
                "\n  key=[{}] partitions=[{}] comment={:?}",
                names(&table.primary_key),
                names(&table.partition_keys),
                table.comment
            ));
            for (name, option) in &table.options {
                text.push_str(&format!("\n  {name}={}", option.value));
            }
            text
        }
        StatementKind::Insert(insert) => inserted(insert),
        StatementKind::StatementSet(inserts) => {
            format!("STATEMENT SET\n  {}", inserts.iter().map(inserted).collect::<Vec<_>>().join("\n  "))
        }
        StatementKind::Query(query) => format!("QUERY {query}"),
        StatementKind::Explain(explain) => {
            let of = match &explain.of {
                Explained::Query(query) => format!("QUERY {query}"),
                Explained::Insert(insert) => inserted(insert),
                Explained::StatementSet(inserts) => format!("STATEMENT SET of {}", inserts.len()),
            };
            format!("EXPLAIN changelog_mode={} {of}", explain.changelog_mode)
        }
        StatementKind::CreateView(view) => {
            let columns: Vec<_> = view.columns.iter().map(|column| column.value.as_str()).collect();
            format!(
                "CREATE VIEW {} ({}) temporary={} if_not_exists={} comment={:?} AS {}",
                view.name,
                columns.join(", "),
                view.temporary,
                view.if_not_exists,
                view.comment,
                view.query
            )
        }
        StatementKind::Drop(drop) => {
            format!("DROP {:?} {} temporary={} if_exists={}", drop.kind, drop.name, drop.temporary, drop.if_exists)
        }
        StatementKind::Describe(name) => format!("DESCRIBE {name}"),
        StatementKind::Show(Show::CreateTable(name)) => format!("SHOW CREATE TABLE {name}"),
        other => format!("{other:?}"),
    };
    format!("{}:{} {text}", statement.position.line, statement.position.column)
}

fn inserted(insert: &Insert) -> String {
    let columns: Vec<_> = insert.columns.iter().map(ToString::to_string).collect();
    format!("INSERT INTO {} ({}) {}", insert.table, columns.join(", "), insert.query)
}

#[test]
fn tables() {
    check(
        "-- events\nCREATE TABLE IF NOT EXISTS clicks (\n  id BIGINT PRIMARY KEY NOT ENFORCED COMMENT 'the ''id''',\n  `user name` STRING NOT NULL,\n  ts TIMESTAMP(3) WITH LOCAL TIME ZONE, /* a comment; with a semicolon */\n  tags ARRAY<ROW<k STRING, v MAP<STRING, INT>>>,\n  proc AS PROCTIME(),\n  day AS CAST(ts AS DATE),\n  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND\n) COMMENT 'it''s'\nPARTITIONED BY (day)\nWITH ('connector' = 'filesystem', 'path' = '/tmp/x');;",
        expect![[r#"
            2:1 CREATE TABLE clicks temporary=false if_not_exists=true
              id BIGINT NOT NULL @3:3
              user name STRING NOT NULL @4:3
              ts TIMESTAMP_LTZ(3) @5:3
              tags ARRAY<ROW<`k` STRING, `v` MAP<STRING, INT>>> @6:3
              proc AS PROCTIME() @7:3
              day AS CAST(ts AS DATE) @8:3
              WATERMARK ts AS ts - INTERVAL '5' SECOND
              key=[id] partitions=[day] comment=Some("it's")
              connector=filesystem
              path=/tmp/x"#]],
    );
    check(
        "CREATE TEMPORARY TABLE t (a INT, b INT, CONSTRAINT pk PRIMARY KEY (a, b) NOT ENFORCED) WITH ('connector' = 'print')",
        expect![[r#"
        1:1 CREATE TABLE t temporary=true if_not_exists=false
          a INT NOT NULL @1:27
          b INT NOT NULL @1:34
          key=[a, b] partitions=[] comment=None
          connector=print"#]],
    );
}

#[test]
fn views_and_functions() {
    check(
        "CREATE TEMPORARY VIEW IF NOT EXISTS v (a, b) COMMENT 'c' AS SELECT 1, 'x'",
        expect![[r#"1:1 CREATE VIEW v (a, b) temporary=true if_not_exists=true comment=Some("c") AS SELECT 1, 'x'"#]],
    );
    check(
        "CREATE OR REPLACE TEMPORARY FUNCTION f AS 'g' LANGUAGE WASM USING COMPONENT 'f.wasm' WITH ('memory' = '64 mb')",
        expect![[
            r#"1:1 CreateFunction(CreateFunction { name: ObjectName([Identifier(Ident { value: "f", quote_style: None, span: Span(Location(1,38)..Location(1,39)) })]), or_replace: true, temporary: true, if_not_exists: false, code: Component { export: Some(Text { value: "g", position: Position { line: 1, column: 43 } }), path: Text { value: "f.wasm", position: Position { line: 1, column: 77 } } }, options: {"memory": TableOption { value: "64 mb", position: Some(Position { line: 1, column: 92 }) }} })"#
        ]],
    );
    check(
        "DROP TABLE IF EXISTS a.b.c; DROP TEMPORARY VIEW v; DROP FUNCTION f",
        expect![[r#"
            1:1 DROP Table a.b.c temporary=false if_exists=true
            1:29 DROP View v temporary=true if_exists=false
            1:52 DROP Function f temporary=false if_exists=false"#]],
    );
}

#[test]
fn session_statements() {
    check(
        "SET; SET 'a.b' = 'c'; RESET; RESET 'a.b'; SHOW TABLES LIKE 'a%'; SHOW USER FUNCTIONS; SHOW CREATE TABLE t; DESC t; DESCRIBE t",
        expect![[r#"
            1:1 ShowSettings
            1:6 Set { name: Text { value: "a.b", position: Position { line: 1, column: 10 } }, value: Text { value: "c", position: Position { line: 1, column: 18 } } }
            1:23 Reset(None)
            1:30 Reset(Some(Text { value: "a.b", position: Position { line: 1, column: 36 } }))
            1:43 Show(Tables(Some(Like { negated: false, pattern: "a%" })))
            1:66 Show(Functions { user: true, like: None })
            1:87 SHOW CREATE TABLE t
            1:108 DESCRIBE t
            1:116 DESCRIBE t"#]],
    );
}

#[test]
fn queries() {
    check(
        "SELECT a, COUNT(*) FILTER (WHERE b > 1) AS c FROM t GROUP BY a;\nSELECT window_start FROM TABLE(TUMBLE(TABLE db.t, DESCRIPTOR(ts), INTERVAL '10' MINUTES)) GROUP BY window_start;\nSELECT CAST(a AS ROW<x INT, y ARRAY<STRING>>), TRY_CAST(b AS TIMESTAMP_LTZ(3)), MAP['k', 1], ARRAY[1, 2], DATE '2026-01-01' FROM t, LATERAL TABLE(f(t.a)) AS l(w);\nSELECT * FROM o JOIN r FOR SYSTEM_TIME AS OF o.ts ON o.c = r.c;\nVALUES (1, 'a'), (2, 'b');\nWITH x AS (SELECT 1 AS a) SELECT * FROM x UNION ALL (SELECT 2)",
        expect![[r#"
            1:1 QUERY SELECT a, COUNT(*) FILTER (WHERE b > 1) AS c FROM t GROUP BY a
            2:1 QUERY SELECT window_start FROM TABLE(TUMBLE(TABLE db.t, DESCRIPTOR(ts), INTERVAL '10' MINUTES)) GROUP BY window_start
            3:1 QUERY SELECT CAST(a AS ROW<`x` INT, `y` ARRAY<STRING>>), TRY_CAST(b AS TIMESTAMP_LTZ(3)), MAP('k', 1), ARRAY[1, 2], DATE '2026-01-01' FROM t, LATERAL TABLE(f(t.a)) AS l (w)
            4:1 QUERY SELECT * FROM o JOIN r FOR SYSTEM_TIME AS OF o.ts ON o.c = r.c
            5:1 QUERY VALUES (1, 'a'), (2, 'b')
            6:1 QUERY WITH x AS (SELECT 1 AS a) SELECT * FROM x UNION ALL (SELECT 2)"#]],
    );
}

#[test]
fn inserts_and_sets() {
    check(
        "INSERT INTO t SELECT * FROM s; INSERT INTO c.d.t (a, `b`) VALUES (1, 2); INSERT INTO t (SELECT 1); EXECUTE INSERT INTO t SELECT 1",
        expect![[r#"
        1:1 INSERT INTO t () SELECT * FROM s
        1:32 INSERT INTO c.d.t (a, `b`) VALUES (1, 2)
        1:74 INSERT INTO t () (SELECT 1)
        1:100 INSERT INTO t () SELECT 1"#]],
    );
    check(
        "EXECUTE STATEMENT SET BEGIN\n  INSERT INTO a SELECT 1;\n  INSERT INTO b SELECT 2;\nEND;\nBEGIN STATEMENT SET; INSERT INTO a SELECT 1; END",
        expect![[r#"
        1:1 STATEMENT SET
          INSERT INTO a () SELECT 1
          INSERT INTO b () SELECT 2
        5:1 STATEMENT SET
          INSERT INTO a () SELECT 1"#]],
    );
    check(
        "EXPLAIN SELECT 1; EXPLAIN PLAN FOR INSERT INTO t SELECT 1; EXPLAIN CHANGELOG_MODE SELECT 1; EXPLAIN STATEMENT SET BEGIN INSERT INTO t SELECT 1; END",
        expect![[r#"
        1:1 EXPLAIN changelog_mode=false QUERY SELECT 1
        1:19 EXPLAIN changelog_mode=false INSERT INTO t () SELECT 1
        1:60 EXPLAIN changelog_mode=true QUERY SELECT 1
        1:93 EXPLAIN changelog_mode=false STATEMENT SET of 1"#]],
    );
}

#[test]
fn refusals() {
    let scripts = [
        "SELEC 1",
        "SELECT 1 SELECT 2",
        "SELECT a FROM",
        "SELECT \"a\" FROM t",
        "SELECT a::INT FROM t",
        "SELECT /*+ STATE_TTL('t' = '1 d') */ * FROM t",
        "SELECT ? FROM t",
        "SELECT 'open FROM t",
        "SELECT `open FROM t",
        "SELECT * FROM t /* open",
        "SELECT (1, 2",
        "SELECT CAST(a AS STRNG) FROM t",
        "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x",
        "CREATE TABLE t (a INT METADATA FROM 'x' VIRTUAL)",
        "CREATE TABLE t (a INT, a STRING)",
        "CREATE TABLE t (a INT, PRIMARY KEY (a))",
        "CREATE TABLE t (a INT, PRIMARY KEY (b) NOT ENFORCED)",
        "CREATE TABLE t (a INT PRIMARY KEY NOT ENFORCED, PRIMARY KEY (a) NOT ENFORCED)",
        "CREATE TABLE t (a INT, WATERMARK FOR ts AS ts)",
        "CREATE TABLE t (a INT, b AS a + 1, PRIMARY KEY (b) NOT ENFORCED)",
        "CREATE TABLE t (a INT) PARTITIONED BY (aa)",
        "CREATE TABLE t (a INT) WITH ('connector' = 'print', 'connector' = 'x')",
        "CREATE TABLE t (a INT) WITH (connector = 'print')",
        "CREATE TABLE t (a INT) LIKE s",
        "CREATE TABLE t AS SELECT 1",
        "CREATE TABLE t (a INT DEFAULT 1)",
        "CREATE TABLE t (a INT, UNIQUE (a))",
        "CREATE TABLE t (a INT b STRING)",
        "CREATE DATABASE d",
        "CREATE OR REPLACE VIEW v AS SELECT 1",
        "CREATE OR REPLACE FUNCTION IF NOT EXISTS f LANGUAGE WASM USING COMPONENT 'f.wasm'",
        "CREATE OR REPLACE SYSTEM FUNCTION f LANGUAGE WASM USING COMPONENT 'f.wasm'",
        "CREATE OR REPLACE TEMPORARY SYSTEM FUNCTION f LANGUAGE WASM USING COMPONENT 'f.wasm'",
        "CREATE FUNCTION f AS 'com.example.F'",
        "CREATE FUNCTION f LANGUAGE WASM USING JAR 'x.jar'",
        "ALTER TABLE t RENAME TO s",
        "USE CATALOG c",
        "UPDATE t SET a = 1",
        "DROP DATABASE d",
        "SHOW JARS",
        "SET parallelism.default = 4",
        "SET 'a' 'b'",
        "INSERT OVERWRITE t SELECT 1",
        "INSERT INTO t",
        "INSERT INTO t PARTITION (a = 1) SELECT 1",
        "EXECUTE STATEMENT SET BEGIN END",
        "EXECUTE STATEMENT SET BEGIN INSERT INTO t SELECT 1",
        "EXECUTE STATEMENT SET BEGIN SELECT 1; END",
        "EXPLAIN JSON_EXECUTION_PLAN SELECT 1",
        "EXPLAIN CREATE TABLE t (a INT)",
        "DESCRIBE CATALOG c",
    ];
    let all: Vec<_> = scripts
        .iter()
        .map(|sql| match parse_script(sql) {
            Ok(_) => format!("{sql}\n  accepted"),
            Err(error) => format!("{sql}\n  {error}"),
        })
        .collect();
    expect![[r#"
        SELEC 1
          expected a statement, found SELEC (line 1, column 1)
        SELECT 1 SELECT 2
          expected ; or the end, found SELECT (line 1, column 10)
        SELECT a FROM
          expected identifier, found the end (line 1, column 14)
        SELECT "a" FROM t
          double quotes mean nothing in Flink SQL: write names in `backquotes` and text in 'single quotes' (line 1, column 8)
        SELECT a::INT FROM t
          Flink SQL has no '::'; write CAST(value AS type) (line 1, column 9)
        SELECT /*+ STATE_TTL('t' = '1 d') */ * FROM t
          hints are not supported: /*+ … */ would change what the query does; remove it, or put table options into the WITH of the table (line 1, column 8)
        SELECT ? FROM t
          there are no parameters to put in place of '?' and '$1'; write the value (line 1, column 8)
        SELECT 'open FROM t
          unterminated string literal (line 1, column 8)
        SELECT `open FROM t
          expected close delimiter '`' before EOF. (line 1, column 8)
        SELECT * FROM t /* open
          unexpected EOF while in a multi-line comment (line 1, column 24)
        SELECT (1, 2
          expected ), found the end (line 1, column 13)
        SELECT CAST(a AS STRNG) FROM t
          the type STRNG is not known; did you mean `STRING`? (line 1, column 18)
        WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x
          expected a query after WITH; write INSERT INTO … WITH … (line 1, column 1)
        CREATE TABLE t (a INT METADATA FROM 'x' VIRTUAL)
          METADATA columns are not supported (line 1, column 23)
        CREATE TABLE t (a INT, a STRING)
          column 'a' is declared before at line 1, column 17 (line 1, column 24)
        CREATE TABLE t (a INT, PRIMARY KEY (a))
          expected NOT ENFORCED: a primary key is a promise, it is not checked, found ) (line 1, column 39)
        CREATE TABLE t (a INT, PRIMARY KEY (b) NOT ENFORCED)
          the primary key names the column 'b', which the table does not have; did you mean `a`? (line 1, column 37)
        CREATE TABLE t (a INT PRIMARY KEY NOT ENFORCED, PRIMARY KEY (a) NOT ENFORCED)
          a table has one primary key at most (line 1, column 49)
        CREATE TABLE t (a INT, WATERMARK FOR ts AS ts)
          the watermark names the column 'ts', which the table does not have; known are `a` (line 1, column 38)
        CREATE TABLE t (a INT, b AS a + 1, PRIMARY KEY (b) NOT ENFORCED)
          the primary key names 'b', which is a computed column (line 1, column 49)
        CREATE TABLE t (a INT) PARTITIONED BY (aa)
          PARTITIONED BY names the column 'aa', which the table does not have; did you mean `a`? (line 1, column 40)
        CREATE TABLE t (a INT) WITH ('connector' = 'print', 'connector' = 'x')
          option 'connector' is given twice (line 1, column 53)
        CREATE TABLE t (a INT) WITH (connector = 'print')
          expected an option's name in single quotes, found connector (line 1, column 30)
        CREATE TABLE t (a INT) LIKE s
          CREATE TABLE … LIKE is not supported; declare the columns and options again (line 1, column 24)
        CREATE TABLE t AS SELECT 1
          CREATE TABLE … AS is not supported; write CREATE TABLE and INSERT INTO (line 1, column 16)
        CREATE TABLE t (a INT DEFAULT 1)
          expected , or ): columns have no other constraints than PRIMARY KEY NOT ENFORCED, found DEFAULT (line 1, column 23)
        CREATE TABLE t (a INT, UNIQUE (a))
          expected PRIMARY KEY: there are no other constraints, found UNIQUE (line 1, column 24)
        CREATE TABLE t (a INT b STRING)
          expected , or ), found b (line 1, column 23)
        CREATE DATABASE d
          expected TABLE, VIEW or FUNCTION, found DATABASE (line 1, column 8)
        CREATE OR REPLACE VIEW v AS SELECT 1
          OR REPLACE is for functions; DROP the table or view first (line 1, column 8)
        CREATE OR REPLACE FUNCTION IF NOT EXISTS f LANGUAGE WASM USING COMPONENT 'f.wasm'
          OR REPLACE and IF NOT EXISTS exclude each other (line 1, column 28)
        CREATE OR REPLACE SYSTEM FUNCTION f LANGUAGE WASM USING COMPONENT 'f.wasm'
          expected TABLE, VIEW or FUNCTION, found SYSTEM (line 1, column 19)
        CREATE OR REPLACE TEMPORARY SYSTEM FUNCTION f LANGUAGE WASM USING COMPONENT 'f.wasm'
          accepted
        CREATE FUNCTION f AS 'com.example.F'
          expected LANGUAGE WASM and a component; or the parameters, as in f(x BIGINT) RETURNS BIGINT LANGUAGE PYTHON AS $$ … $$, found the end (line 1, column 37)
        CREATE FUNCTION f LANGUAGE WASM USING JAR 'x.jar'
          expected USING COMPONENT and the component's path, found USING (line 1, column 33)
        ALTER TABLE t RENAME TO s
          ALTER is not supported (line 1, column 1)
        USE CATALOG c
          USE is not supported (line 1, column 1)
        UPDATE t SET a = 1
          UPDATE is not supported (line 1, column 1)
        DROP DATABASE d
          expected TABLE, VIEW or FUNCTION, found DATABASE (line 1, column 6)
        SHOW JARS
          expected TABLES, VIEWS, FUNCTIONS, COLUMNS, CREATE TABLE, CREATE VIEW or CREATE FUNCTION, found JARS (line 1, column 6)
        SET parallelism.default = 4
          expected an option's name in single quotes, found parallelism (line 1, column 5)
        SET 'a' 'b'
          expected =, found 'b' (line 1, column 9)
        INSERT OVERWRITE t SELECT 1
          INSERT OVERWRITE is not supported; write INSERT INTO (line 1, column 1)
        INSERT INTO t
          expected a query, found the end (line 1, column 14)
        INSERT INTO t PARTITION (a = 1) SELECT 1
          expected a query: PARTITION (…) is not supported, select the partition's columns, found PARTITION (line 1, column 15)
        EXECUTE STATEMENT SET BEGIN END
          expected INSERT, found END (line 1, column 29)
        EXECUTE STATEMENT SET BEGIN INSERT INTO t SELECT 1
          expected ;, found the end (line 1, column 51)
        EXECUTE STATEMENT SET BEGIN SELECT 1; END
          expected INSERT, found SELECT (line 1, column 29)
        EXPLAIN JSON_EXECUTION_PLAN SELECT 1
          expected CHANGELOG_MODE or a statement: other details are not supported, found JSON_EXECUTION_PLAN (line 1, column 9)
        EXPLAIN CREATE TABLE t (a INT)
          expected a query, found CREATE (line 1, column 9)
        DESCRIBE CATALOG c
          expected the name of a table or view, or FUNCTION; only they can be described, found CATALOG (line 1, column 10)"#]].assert_eq(&all.join("\n"));
}

#[test]
fn errors_are_shown_at_their_place() {
    check(
        "SET 'a' = 'b';\n\nCREATE TABLE t (\n\tid BIGNT\n)",
        expect![[r#"
            the type BIGNT is not known; did you mean `BIGINT`? (line 4, column 5)
              |
            4 | 	id BIGNT
              | 	   ^"#]],
    );
    check(
        "SELECT * FROM t WHERE",
        expect![[r#"
            expected an expression, found the end (line 1, column 22)
              |
            1 | SELECT * FROM t WHERE
              |                      ^"#]],
    );
}

#[test]
fn one_statement() {
    assert!(parse_statement("SELECT 1; SELECT 2").is_err_and(|error| error.message().contains("more")));
    assert!(parse_statement(" -- nothing\n").is_err());
    assert_eq!(parse_statement("  SELECT 1 ; ").unwrap().text, "SELECT 1");
    assert!(parse_query("SHOW TABLES").is_err());
}

#[test]
fn long_and_deep_statements_are_refused_not_fatal() {
    let chain = format!("SELECT {}", vec!["1"; 50_000].join(" + "));
    assert!(parse_script(&chain).is_err());
    let parentheses = format!("SELECT {}1{}", "(".repeat(50_000), ")".repeat(50_000));
    assert!(parse_script(&parentheses).is_err());
    let nots = format!("SELECT {} TRUE", "NOT ".repeat(1_500));
    assert!(parse_script(&nots).is_err());
    let types = format!("SELECT CAST(a AS {}INT{})", "ARRAY<".repeat(1_000), ">".repeat(1_000));
    assert!(parse_script(&types).is_err());
    // Many rows are wide, not deep.
    let rows = format!("INSERT INTO t VALUES {}", vec!["(1, 'a')"; 10_000].join(", "));
    assert!(parse_script(&rows).is_ok());
}

/// Found by the fuzzer: the parser tries another reading at each part of a chain, and so twice as many for each.
#[test]
fn wrong_statements_with_many_readings_are_refused_soon() {
    let chain = format!("SELECT a{}[x. k, .", ".a".repeat(1_000));
    let nots = format!("SELECT {}#", "x-not-b.".repeat(200));
    let cases = format!("SELECT {}", "case -".repeat(200));
    let ifs = format!("SELECT {}", "if(current_time(".repeat(40));
    let subqueries = format!("SELECT 1 FROM {}", "(((((((((SELECT 1 FROM ".repeat(5));
    for sql in [&chain, &nots, &cases, &ifs, &subqueries] {
        assert!(parse_script(sql).is_err());
    }
    // What is right has one reading, however long it is.
    let parts = format!("SELECT {}", vec![vec!["a"; 30].join("."); 200].join(", "));
    assert!(parse_script(&parts).is_ok());
    check(
        &format!("SELECT a,\n  b{}[x. k, .", ".a".repeat(30)),
        expect![[r#"
            this cannot be parsed: there are too many ways to read it (line 2, column 68); look for a sign that is wrong here or shortly after, or split the statement
              |
            2 |   b.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a[x. k, .
              |                                                                    ^"#]],
    );
}

const SOUP: &[&str] = &[
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP",
    "BY",
    "CREATE",
    "TABLE",
    "VIEW",
    "FUNCTION",
    "TEMPORARY",
    "INSERT",
    "INTO",
    "EXECUTE",
    "STATEMENT",
    "SET",
    "BEGIN",
    "END",
    ";",
    "(",
    ")",
    ",",
    ".",
    "*",
    "+",
    "-",
    "<",
    ">",
    ">>",
    "=",
    "'text'",
    "`name`",
    "t",
    "a",
    "1",
    "1.5",
    "INT",
    "ROW",
    "ARRAY",
    "MAP",
    "[",
    "]",
    "TIMESTAMP",
    "NOT",
    "NULL",
    "PRIMARY",
    "KEY",
    "ENFORCED",
    "WATERMARK",
    "FOR",
    "AS",
    "WITH",
    "CAST",
    "INTERVAL",
    "HOUR",
    "LATERAL",
    "JOIN",
    "ON",
    "UNION",
    "ALL",
    "VALUES",
    "EXPLAIN",
    "SHOW",
    "DESCRIBE",
    "DROP",
    "LIKE",
    "LANGUAGE",
    "WASM",
    "USING",
    "COMPONENT",
    "--",
    "/*",
    "*/",
    "\n",
    "\"",
    "'",
    "`",
    "ü",
    "TUMBLE",
    "DESCRIPTOR",
    "CASE",
    "WHEN",
    "THEN",
    "EXTRACT",
    "OVER",
    "PARTITION",
    "ORDER",
    "FILTER",
    "DISTINCT",
    "COUNT",
    "RESET",
    "IF",
    "EXISTS",
    "=>",
    "||",
    "%",
    "/*+",
    ":",
    "@",
    "$",
    "\\",
    "{",
    "}",
    "MATCH_RECOGNIZE",
    "AT",
    "TIME",
    "ZONE",
];

proptest! {
    /// Whatever the tokens, there are statements or an error with a place in the text.
    #[test]
    fn token_soup_never_panics(words in proptest::collection::vec(proptest::sample::select(SOUP), 0..60)) {
        soup(&words.join(" "))?;
    }

    /// A statement in which something was exchanged.
    #[test]
    fn broken_statements_never_panic(at in 0_usize..40, word in proptest::sample::select(SOUP)) {
        let good = "CREATE TABLE t ( a ROW < b INT , c ARRAY < INT >> , ts TIMESTAMP ( 3 ) , WATERMARK FOR ts AS ts - INTERVAL '1' SECOND ) WITH ( 'connector' = 'print' )";
        let mut words: Vec<&str> = good.split(' ').collect();
        let at = at % words.len();
        words[at] = word;
        soup(&words.join(" "))?;
    }

    #[test]
    fn any_text_never_panics(text in "\\PC{0,80}") {
        soup(&text)?;
    }
}

fn soup(sql: &str) -> std::result::Result<(), TestCaseError> {
    if let Err(error) = parse_script(sql) {
        prop_assert!(error.position().is_some(), "no place in '{error}' of '{sql}'");
        prop_assert_eq!(error.domain(), crate::Domain::User);
        render(sql, &error);
    }
    Ok(())
}
