//! The page of supported SQL, made of what the code itself knows: `docs/sql.md`.

use std::fmt::Write;

use crate::config;
use crate::connectors::ConnectorRegistry;
use crate::functions::component::{ASYNC_OPTIONS, FUNCTION_OPTIONS};
use crate::functions::{aggregates, scalar};
use crate::operators::DEAD_LETTER_COLUMNS;
use crate::types;

/// Statements: an example of each form, and what it does. A test parses the examples.
const STATEMENTS: &[(&str, &str)] = &[
    (
        "CREATE TABLE IF NOT EXISTS clicks (\n  id BIGINT,\n  url STRING NOT NULL,\n  ts TIMESTAMP(3),\n  day AS CAST(ts AS DATE),\n  proc AS PROCTIME(),\n  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND,\n  PRIMARY KEY (id) NOT ENFORCED\n) PARTITIONED BY (day) WITH ('connector' = 'filesystem', 'path' = 'clicks', 'format' = 'json')",
        "Declares a table: physical and computed columns, an event time with its watermark, a key, the connector's options. TEMPORARY may be said; every table lives as long as the session. METADATA columns, LIKE and AS are refused.",
    ),
    (
        "CREATE TEMPORARY VIEW IF NOT EXISTS recent (id, url) AS SELECT id, url FROM clicks",
        "Names a query. It is checked at once and planned where it is used.",
    ),
    (
        "CREATE FUNCTION look_up LANGUAGE WASM USING COMPONENT 'https://example.com/look_up-1.2.wasm' WITH ('sha256' = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', 'grant.http' = 'GET https://api.example.com', 'grant.secret.API_KEY' = 'env:LOOK_UP_KEY')",
        "Gives a function what it would otherwise not have; what can be given is listed under [Options of functions](#options-of-functions). `SHOW USER FUNCTIONS` and `EXPLAIN` show it.",
    ),
    (
        "CREATE OR REPLACE FUNCTION classify AS 'classify' LANGUAGE WASM USING COMPONENT 'functions.wasm' WITH ('timeout' = '1 s')",
        "Loads a function of a WebAssembly component: a file, an installed package by name and version (`'behaviour@1.2'`), or a URL (`https://…`, `s3://bucket/key`, `file://…`; `http://…` with its digest alone, `WITH ('sha256' = '…')`). AS names it within the component; without it, the function's own name is looked for. OR REPLACE takes the place of one with that name, for the statements that follow.",
    ),
    (
        "CREATE FUNCTION half(x BIGINT) RETURNS DOUBLE LANGUAGE PYTHON WITH ('on-error' = 'null') AS $$\n    if x is None:\n        return None\n    return x / 2\n$$; CREATE FUNCTION split_words(line STRING NOT NULL) RETURNS TABLE (word STRING, n INT) LANGUAGE JAVASCRIPT AS $$\n  for (const word of line.split(' ')) yield { word, n: word.length };\n$$; CREATE FUNCTION mean(x DOUBLE NOT NULL) RETURNS DOUBLE LANGUAGE PYTHON AS $$\nclass mean:\n    sum: float = 0.0\n    count: int = 0\n    def accumulate(self, x):\n        self.sum += x\n        self.count += 1\n    def evaluate(self):\n        return self.sum / self.count if self.count else None\n$$",
        "A function whose source stands in the statement, between `$$` and `$$`, `$tag$` and `$tag$`, or in single quotes. It runs in the sandbox, as those of components do, in an interpreter that is built once (`anabranch function interpreter build python`). The text is the function's body, with the parameters in scope, or one expression, which is its value; or it defines a function, or for an aggregate a class, of that name. NULL is `None` or `null`; a parameter that is NOT NULL is never NULL: its function is not called then. Rows of a table function are tuples or dicts, arrays or objects; of one column, its values. A class has `accumulate` and `evaluate` (or `value`), and may have `retract` and `merge`; its state is its annotated fields or what `save` gives (in JavaScript `static state = { sum: DOUBLE }`), else all that it holds. For requests there is `http`, as in the SDK. The WITH may also stand before AS. `AS` takes a blank before `$$`.",
    ),
    ("DROP TABLE IF EXISTS clicks; DROP VIEW recent; DROP FUNCTION classify", "Forgets a table, view or function."),
    (
        "SHOW TABLES LIKE 'c%'; SHOW VIEWS; SHOW FUNCTIONS; SHOW USER FUNCTIONS; SHOW COLUMNS FROM clicks LIKE 'u%'; SHOW CREATE TABLE clicks; SHOW CREATE VIEW recent; SHOW CREATE FUNCTION classify; SHOW CATALOGS; SHOW DATABASES; SHOW CURRENT CATALOG; SHOW CURRENT DATABASE",
        "Tells of the session.",
    ),
    ("DESCRIBE clicks; DESC recent", "Columns, types, keys and watermarks of a table or view."),
    ("DESCRIBE FUNCTION classify", "Kind, signature, language, options and source of a function."),
    (
        "SET 'parallelism.default' = '4'; SET; RESET 'parallelism.default'; RESET",
        "Sets an option, shows what is set, gives an option or all of them their defaults.",
    ),
    (
        "INSERT INTO sink (id, url) SELECT id, url FROM clicks; EXECUTE INSERT INTO sink VALUES (1, 'a'); INSERT INTO latest SELECT id, url FROM clicks ON CONFLICT DO DEDUPLICATE",
        "Starts a job that writes a query's rows to a table. Where several rows may meet at one PRIMARY KEY of the table, ON CONFLICT DO DEDUPLICATE lets the last one stand; without it such a query is refused.",
    ),
    (
        "EXECUTE STATEMENT SET BEGIN\n  INSERT INTO a SELECT id FROM clicks;\n  INSERT INTO b SELECT url FROM clicks;\nEND; BEGIN STATEMENT SET; INSERT INTO a SELECT id FROM clicks; END",
        "Several INSERTs as one job; what they share is read once.",
    ),
    ("SELECT id, url FROM clicks; VALUES (1, 'a'), (2, 'b')", "Starts a job and shows its rows."),
    (
        "EXPLAIN SELECT id FROM clicks; EXPLAIN PLAN FOR INSERT INTO sink SELECT id FROM clicks; EXPLAIN CHANGELOG_MODE SELECT id FROM clicks; EXPLAIN STATEMENT SET BEGIN INSERT INTO sink SELECT id FROM clicks; END",
        "Shows the plan, with the changelog on every edge.",
    ),
];

/// Queries: an example of each form, and what it does. A test parses the examples.
const QUERIES: &[(&str, &str)] = &[
    ("SELECT id + 1 AS next, UPPER(url) FROM clicks WHERE id > 10", "Projection and filter."),
    ("SELECT DISTINCT url FROM clicks", "Each row once."),
    ("WITH recent AS (SELECT * FROM clicks) SELECT * FROM recent", "Common table expressions, and queries in FROM."),
    ("SELECT id FROM a UNION ALL SELECT id FROM b", "Rows of both; with UNION alone, each once."),
    ("SELECT id, url FROM (VALUES (1, 'a'), (2, 'b')) AS t(id, url)", "Rows that stand in the query."),
    (
        "SELECT url, COUNT(*) AS n FROM clicks GROUP BY url ORDER BY n DESC, MAX(id) LIMIT 10",
        "In batch mode: the first rows of all (OFFSET and FETCH FIRST too), sorted by anything that could stand in the select list. NULLs are the smallest.",
    ),
    (
        "SELECT url, COUNT(*), COUNT(DISTINCT id), SUM(id) FILTER (WHERE id > 0) FROM clicks GROUP BY url HAVING COUNT(*) > 1",
        "Aggregation over all rows so far; its results are updated.",
    ),
    (
        "SELECT window_start, window_end, COUNT(*) FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(ts), INTERVAL '1' HOUR)) GROUP BY window_start, window_end",
        "Windows of one size; results are final. In a stream, a row whose time is NULL is an error: leave it out by WHERE, or give it a time in a computed column.",
    ),
    (
        "SELECT window_start, window_end, COUNT(*) FROM TABLE(HOP(TABLE clicks, DESCRIPTOR(ts), INTERVAL '5' MINUTES, INTERVAL '1' HOUR)) GROUP BY window_start, window_end",
        "Overlapping windows: a new one begins every slide.",
    ),
    (
        "SELECT TUMBLE_START(ts, INTERVAL '1' HOUR), TUMBLE_END(ts, INTERVAL '1' HOUR), TUMBLE_ROWTIME(ts, INTERVAL '1' HOUR), COUNT(*) FROM clicks GROUP BY TUMBLE(ts, INTERVAL '1' HOUR)",
        "The older form of windows; HOP alike.",
    ),
    (
        "SELECT * FROM orders JOIN payments ON orders.id = payments.order_id",
        "Inner join on equal columns; all rows of both sides are kept.",
    ),
    (
        "SELECT line, word FROM lines, LATERAL TABLE(split(line)) AS t(word)",
        "A table function of a component, called for each row.",
    ),
    (
        "SELECT line, word FROM lines LEFT JOIN LATERAL TABLE(split(line)) AS t(word) ON TRUE",
        "The same; rows without results are kept.",
    ),
];

/// Operators: expressions with them, divided by `; `, and what they do. A test plans the expressions.
const OPERATORS: &[(&str, &str)] = &[
    (
        "a + b; a - b; a * b; a / b; a % b; - a",
        "Arithmetic of numbers. A quotient of whole numbers is one; division by zero is an error, but of floats infinite or NaN.",
    ),
    (
        "at + INTERVAL '1' HOUR; d - INTERVAL '1' MONTH; INTERVAL '1' DAY + at",
        "A time later or earlier by an interval. A TIME begins a day anew beyond midnight.",
    ),
    ("a = b; a <> b; a != b; a < b; a <= b; a > b; a >= b", "Comparison. NULL where one side is."),
    (
        "a IS DISTINCT FROM b; a IS NOT DISTINCT FROM b; s IS NULL; s IS NOT NULL",
        "Comparison for which NULL is a value.",
    ),
    (
        "a BETWEEN b AND c; a NOT BETWEEN b AND c; a BETWEEN SYMMETRIC b AND c",
        "Between two values, both included; with SYMMETRIC in either order.",
    ),
    ("a IN (1, 2); s NOT IN ('x', 'y')", "One of several values."),
    (
        "s SIMILAR TO 'a(b|c)*'; s NOT SIMILAR TO '[0-9]+!%' ESCAPE '!'",
        "Whether all of a text matches a regular expression of SQL.",
    ),
    ("s LIKE 'a%'; s NOT LIKE 'a!_%' ESCAPE '!'", "A pattern, in which `%` is any text and `_` any character."),
    (
        "(at, INTERVAL '1' HOUR) OVERLAPS (at, at)",
        "Whether two periods, of a start and an end or a length, have a moment in common.",
    ),
    ("x AND y; x OR y; NOT x; x IS TRUE; x IS NOT FALSE; x IS UNKNOWN", "Logic of three values."),
    ("s || 'x'", "Two texts as one."),
    (
        "CASE WHEN a > b THEN a ELSE b END; CASE s WHEN 'x' THEN 1 END",
        "The value of the first condition that holds, or of the first value that is equal.",
    ),
    (
        "CAST(s AS INT); TRY_CAST(s AS INT)",
        "A value of another type. Where there is none, CAST is an error and TRY_CAST is NULL.",
    ),
    (
        "ARRAY[1, 2]; MAP['k', 1]; ROW(1, 'x'); items[1]; counts['k']; place.n",
        "Arrays, whose items count from 1, maps and rows; and what is in them.",
    ),
];

/// The page, in Markdown.
pub fn markdown() -> String {
    let mut page = String::from(
        "# Supported SQL\n\nThis page is written by the code's own registries: `UPDATE_EXPECT=1 cargo test --release -p anabranch --lib sql::reference` \
         writes it anew. The dialect is Flink's; what is not listed here is refused with its place, never ignored. Names of \
         tables and columns are case-sensitive and are quoted by backquotes; names of functions are not case-sensitive.\n",
    );
    for (title, examples) in [("Statements", STATEMENTS), ("Queries", QUERIES)] {
        let _ = write!(page, "\n## {title}\n");
        for (sql, doc) in examples {
            let _ = write!(page, "\n{doc}\n\n```sql\n{};\n```\n", sql.replace("; ", ";\n"));
        }
    }
    page.push_str("\n## Types\n\n| SQL | held as |\n|---|---|\n");
    for (sql, arrow) in types::SUPPORTED {
        let _ = writeln!(page, "| {} | {} |", cell(sql), cell(arrow));
    }
    page.push_str("\n## Operators\n\n| operators | |\n|---|---|\n");
    for (expressions, doc) in OPERATORS {
        let _ = writeln!(page, "| `{}` | {} |", cell(&expressions.replace("; ", "`, `")), cell(doc));
    }
    functions(&mut page);
    page.push_str("\n## Options of functions\n\nThe `WITH` of `CREATE FUNCTION`.\n\n| option | meaning |\n|---|---|\n");
    for (name, doc) in FUNCTION_OPTIONS
        .iter()
        .chain(ASYNC_OPTIONS)
        .chain(anabranch_host::LIMIT_OPTIONS)
        .chain(anabranch_host::GRANT_OPTIONS)
    {
        let _ = writeln!(page, "| `{name}` | {} |", cell(doc));
    }
    page.push_str(
        "\n## Rows that fail\n\nWith `'on-error' = 'dead-letter'` a row whose function fails is dropped (of an aggregate: left \
         out; of `LEFT JOIN LATERAL`: not padded) and goes to the table that `dead-letter.table` names, in the same job \
         and with the same guarantees as any sink. The table is declared by `CREATE TABLE` with any connector, without a \
         PRIMARY KEY, and with some of these columns, by name:\n\n| column | type | meaning |\n|---|---|---|\n",
    );
    for (name, sql_type, doc) in DEAD_LETTER_COLUMNS {
        let _ = writeln!(page, "| `{name}` | {sql_type} | {} |", cell(doc));
    }
    page.push_str(
        "\nWhat a table function gave for a row before it failed stays. A row that an \
         aggregate has left out is not taken back from it either. A row goes to the table once for every function that \
         failed on it. An aggregate whose value cannot be \
         given has NULL under all policies but `fail`, and no row of it goes anywhere; a failing `merge` ends the job. \
         Of windows that overlap, an aggregate in batch mode sends a row once for each.\n",
    );
    page.push_str("\n## Options of the session\n\n`SET 'name' = 'value'`.\n\n| option | type | default | meaning |\n|---|---|---|---|\n");
    for option in config::OPTIONS {
        let default = if option.default.is_empty() { String::new() } else { format!("`{}`", option.default) };
        let _ = writeln!(page, "| `{}` | {} | {default} | {} |", option.name, option.kind, cell(option.doc));
    }
    page.push_str(
        "\n## Connectors\n\n`'connector' = '…'` in the `WITH` of `CREATE TABLE`, and the options of each.\n\n",
    );
    page.push_str(ConnectorRegistry::default().reference().trim_end());
    page.push('\n');
    page
}

fn functions(page: &mut String) {
    let scalar = scalar::definitions().map(|it| (it.name, it.syntax, it.doc, it.aliases));
    let aggregate = aggregates::BUILTINS.iter().map(|it| (it.name, it.signature, it.doc, [].as_slice()));
    let both: [(&str, Vec<_>); 2] =
        [("Scalar functions", scalar.collect()), ("Aggregate functions", aggregate.collect())];
    for (title, mut functions) in both {
        functions.sort_unstable();
        let _ = write!(page, "\n## {title}\n\n| function | |\n|---|---|\n");
        for (_, syntax, doc, aliases) in functions {
            let also = match aliases {
                [] => String::new(),
                aliases => format!(" Also {}.", aliases.join(", ")),
            };
            let _ = writeln!(page, "| `{}` | {}{also} |", cell(syntax), cell(doc));
        }
    }
}

/// A text inside a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_parse() {
        for (sql, _) in STATEMENTS.iter().chain(QUERIES) {
            if let Err(error) = crate::sql::parse_script(sql) {
                panic!("{}", crate::sql::render(sql, &error));
            }
        }
    }

    #[test]
    fn operators_are_planned() {
        let environment = crate::table::TableEnvironment::new();
        let table = "(VALUES (1, 2, 3, 'x', TRUE, FALSE, TIMESTAMP '2020-01-01 00:00:00', DATE '2020-01-01', ARRAY[1],
                       MAP['k', 1], CAST(ROW(1) AS ROW<n INT>))) AS t(a, b, c, s, x, y, at, d, items, counts, place)";
        for expression in OPERATORS.iter().flat_map(|(expressions, _)| expressions.split("; ")) {
            let sql = format!("EXPLAIN SELECT {expression} FROM {table}");
            if let Err(error) = environment.execute_sql(&sql) {
                panic!("{}", crate::sql::render(&sql, &error));
            }
        }
    }

    #[test]
    fn every_function_is_explained() {
        for definition in scalar::definitions() {
            assert!(
                definition.doc.ends_with('.') && definition.syntax.starts_with(definition.name),
                "{}",
                definition.name
            );
        }
        for aggregate in aggregates::BUILTINS {
            assert!(
                aggregate.doc.ends_with('.') && aggregate.signature.starts_with(aggregate.name),
                "{}",
                aggregate.name
            );
        }
    }

    #[test]
    fn page_is_current() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/sql.md");
        expect_test::expect_file![file].assert_eq(&markdown());
    }
}
