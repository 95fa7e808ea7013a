//! What is refused, and where.

use expect_test::expect;

use super::{check, refused};

#[test]
fn what_is_not_supported_is_refused_at_its_place() {
    refused(
        &[
            "SELECT SUM(n) OVER (PARTITION BY word ORDER BY ts) FROM words",
            "SELECT * FROM words ORDER BY n",
            "SELECT * FROM words LIMIT 3",
            "SELECT * FROM words w LEFT JOIN users u ON w.word = u.id",
            "SELECT * FROM words w FULL OUTER JOIN users u ON w.word = u.id",
            "SELECT * FROM words WHERE n IN (SELECT id FROM clicks)",
            "SELECT (SELECT MAX(n) FROM words)",
            "SELECT word FROM words EXCEPT SELECT name FROM users",
            "SELECT word, COUNT(*) FROM words GROUP BY GROUPING SETS ((word), ())",
            "SELECT word, COUNT(*) FROM words GROUP BY CUBE (word)",
            "SELECT * FROM words TABLESAMPLE SYSTEM (10)",
            "SELECT * FROM words JOIN users FOR SYSTEM_TIME AS OF words.ts AS u ON words.word = u.id",
            "SELECT * FROM words MATCH_RECOGNIZE (ORDER BY ts MEASURES A.n AS n PATTERN (A) DEFINE A AS A.n > 1)",
            "SELECT * FROM TABLE(CUMULATE(TABLE words, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '1' HOUR))",
        ],
        expect![[r#"
            SELECT SUM(n) OVER (PARTITION BY word ORDER BY ts) FROM words
              user: OVER is not supported (line 1, column 8)
            SELECT * FROM words ORDER BY n
              user: ORDER BY in streaming mode is not supported (line 1, column 30); SET 'execution.runtime-mode' = 'batch'
            SELECT * FROM words LIMIT 3
              user: LIMIT in streaming mode is not supported (line 1, column 27); SET 'execution.runtime-mode' = 'batch'
            SELECT * FROM words w LEFT JOIN users u ON w.word = u.id
              user: LEFT JOIN is not supported (line 1, column 33)
            SELECT * FROM words w FULL OUTER JOIN users u ON w.word = u.id
              user: FULL JOIN is not supported (line 1, column 39)
            SELECT * FROM words WHERE n IN (SELECT id FROM clicks)
              user: a subquery in an expression is not supported (line 1, column 27)
            SELECT (SELECT MAX(n) FROM words)
              user: a subquery in an expression is not supported (line 1, column 9)
            SELECT word FROM words EXCEPT SELECT name FROM users
              user: EXCEPT is not supported (line 1, column 1)
            SELECT word, COUNT(*) FROM words GROUP BY GROUPING SETS ((word), ())
              user: GROUPING SETS, CUBE and ROLLUP is not supported (line 1, column 59)
            SELECT word, COUNT(*) FROM words GROUP BY CUBE (word)
              user: GROUPING SETS, CUBE and ROLLUP is not supported (line 1, column 49)
            SELECT * FROM words TABLESAMPLE SYSTEM (10)
              user: TABLESAMPLE is not supported (line 1, column 15)
            SELECT * FROM words JOIN users FOR SYSTEM_TIME AS OF words.ts AS u ON words.word = u.id
              user: `FOR SYSTEM_TIME AS OF words.ts` is not supported (line 1, column 26)
            SELECT * FROM words MATCH_RECOGNIZE (ORDER BY ts MEASURES A.n AS n PATTERN (A) DEFINE A AS A.n > 1)
              user: MATCH_RECOGNIZE is not supported (line 1, column 15)
            SELECT * FROM TABLE(CUMULATE(TABLE words, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '1' HOUR))
              user: the window function CUMULATE is not supported (line 1, column 21)
        "#]],
    );
}

#[test]
fn mistakes_are_named_at_their_place() {
    refused(
        &[
            "SELECT wrd FROM words",
            "SELECT w.word FROM words",
            "SELECT words.wrd FROM words",
            "SELECT word FROM wrds",
            "SELECT word,\n  COUT(n) FROM words",
            "SELECT word, n FROM words GROUP BY word",
            "SELECT word FROM words WHERE COUNT(*) > 1",
            "SELECT word FROM words WHERE n",
            "SELECT word + 1 FROM words",
            "SELECT word FROM words WHERE info = 1",
            "SELECT tags = 1 FROM clicks",
            "SELECT info.c FROM clicks",
            "SELECT id FROM users u JOIN clicks c ON u.id = c.`user`",
            "SELECT * FROM TABLE(TUMBLE(TABLE words, DESCRIPTOR(n), INTERVAL '1' HOUR))",
            "SELECT * FROM TABLE(TUMBLE(TABLE words, DESCRIPTOR(ts), INTERVAL '1' MONTH))",
            "SELECT * FROM TABLE(HOP(TABLE words, DESCRIPTOR(ts), INTERVAL '7' MINUTE, INTERVAL '1' HOUR))",
            "SELECT TUMBLE_START(ts, INTERVAL '2' HOUR) FROM words GROUP BY TUMBLE(ts, INTERVAL '1' HOUR)",
            "SELECT COUNT(*) FROM (SELECT CAST(ts AS STRING) AS ts FROM words) GROUP BY TUMBLE(ts, INTERVAL '1' HOUR)",
            "SELECT COUNT(*) FROM (SELECT w.ts FROM words w JOIN users u ON w.word = u.id) GROUP BY TUMBLE(ts, INTERVAL '1' HOUR)",
            "SELECT word FROM words UNION ALL SELECT id, name FROM users",
            "SELECT n FROM words UNION ALL SELECT name FROM users",
            "SELECT DATE '2024-13-01'",
            "SELECT INTERVAL '1:2' HOUR",
            "SELECT CAST(1 AS WORDS)",
        ],
        expect![[r#"
            SELECT wrd FROM words
              user: column 'wrd' is not known; did you mean word? (line 1, column 8)
            SELECT w.word FROM words
              user: table 'w' is not in FROM (line 1, column 8)
            SELECT words.wrd FROM words
              user: column 'wrd' is not in 'words'; did you mean word? (line 1, column 8)
            SELECT word FROM wrds
              user: table 'wrds' is not known (line 1, column 18); did you mean `words`?
            SELECT word,
              COUT(n) FROM words
              user: function 'COUT' is not known; did you mean COT or COUNT? (line 2, column 3)
            SELECT word, n FROM words GROUP BY word
              user: column 'n' is not being grouped (line 1, column 14); put it into GROUP BY, or into an aggregate
            SELECT word FROM words WHERE COUNT(*) > 1
              user: the aggregate 'COUNT' cannot stand in WHERE (line 1, column 30)
            SELECT word FROM words WHERE n
              user: a condition must be BOOLEAN, and `n` is INT (line 1, column 30)
            SELECT word + 1 FROM words
              user: + is not defined for STRING and INT (line 1, column 8)
            SELECT word FROM words WHERE info = 1
              user: column 'info' is not known (line 1, column 30)
            SELECT tags = 1 FROM clicks
              user: ARRAY<STRING> and INT cannot be compared (line 1, column 8); use CAST
            SELECT info.c FROM clicks
              user: the ROW has no field 'c'; did you mean a or b? (line 1, column 8)
            SELECT id FROM users u JOIN clicks c ON u.id = c.`user`
              user: column 'id' is ambiguous (line 1, column 8); put the table's name or alias in front
            SELECT * FROM TABLE(TUMBLE(TABLE words, DESCRIPTOR(n), INTERVAL '1' HOUR))
              user: a window wants a time attribute, and 'n' is none (line 1, column 52); declare it in CREATE TABLE by WATERMARK FOR, or use a column AS PROCTIME()
            SELECT * FROM TABLE(TUMBLE(TABLE words, DESCRIPTOR(ts), INTERVAL '1' MONTH))
              user: TUMBLE wants an interval of days to seconds (line 1, column 66)
            SELECT * FROM TABLE(HOP(TABLE words, DESCRIPTOR(ts), INTERVAL '7' MINUTE, INTERVAL '1' HOUR))
              user: the size of HOP, 3600000 ms, must be a multiple of its slide, 420000 ms (line 1, column 21)
            SELECT TUMBLE_START(ts, INTERVAL '2' HOUR) FROM words GROUP BY TUMBLE(ts, INTERVAL '1' HOUR)
              user: TUMBLE_START refers to no window (line 1, column 8); put TUMBLE(…) with the same arguments into GROUP BY
            SELECT COUNT(*) FROM (SELECT CAST(ts AS STRING) AS ts FROM words) GROUP BY TUMBLE(ts, INTERVAL '1' HOUR)
              user: a window wants a time attribute, and 'ts' is none (line 1, column 83); declare it in CREATE TABLE by WATERMARK FOR, or use a column AS PROCTIME()
            SELECT COUNT(*) FROM (SELECT w.ts FROM words w JOIN users u ON w.word = u.id) GROUP BY TUMBLE(ts, INTERVAL '1' HOUR)
              user: a window wants a time attribute, and 'ts' is none (line 1, column 95); declare it in CREATE TABLE by WATERMARK FOR, or use a column AS PROCTIME()
            SELECT word FROM words UNION ALL SELECT id, name FROM users
              user: the sides of UNION have 1 and 2 columns (line 1, column 1)
            SELECT n FROM words UNION ALL SELECT name FROM users
              user: column 'n' of UNION is INT on one side and STRING on the other (line 1, column 1); use CAST
            SELECT DATE '2024-13-01'
              user: '2024-13-01' is not a date of the form 2024-12-31 (line 1, column 13)
            SELECT INTERVAL '1:2' HOUR
              user: '1:2' is not an interval of HOUR (line 1, column 17)
            SELECT CAST(1 AS WORDS)
              user: the type WORDS is not known; known are `BOOLEAN`, `TINYINT`, `SMALLINT`, `INT`, `INTEGER`, `BIGINT`, `FLOAT`, `DOUBLE`, `DECIMAL`, `NUMERIC`, `STRING`, `BYTES`, `CHAR`, `VARCHAR`, `BINARY`, `VARBINARY`, `DATE`, `TIME`, `TIMESTAMP`, `TIMESTAMP_LTZ`, `INTERVAL`, `ARRAY`, `MAP`, `ROW` (line 1, column 18)
        "#]],
    );
}

#[test]
fn sinks_are_checked_before_anything_runs() {
    refused(
        &[
            "INSERT INTO appends SELECT word, COUNT(*) FROM words GROUP BY word",
            "INSERT INTO counts SELECT word, n FROM (SELECT MAX(word) AS word, COUNT(*) AS n FROM words GROUP BY n)",
            "INSERT INTO appends SELECT word FROM words",
            "INSERT INTO appends SELECT n, word FROM words",
            "INSERT INTO appends (cnt, wrd) SELECT n, word FROM words",
            "INSERT INTO strict (word) SELECT word FROM words",
            "INSERT INTO nowhere SELECT 1",
        ],
        expect![[r#"
            INSERT INTO appends SELECT word, COUNT(*) FROM words GROUP BY word
              user: table 'appends' takes only inserts, and the query updates rows: it groups by (word) (line 1, column 13); write to a table of a connector that takes updates, with a PRIMARY KEY, or aggregate over windows
            INSERT INTO counts SELECT word, n FROM (SELECT MAX(word) AS word, COUNT(*) AS n FROM words GROUP BY n)
              user: several rows of the query may meet at one PRIMARY KEY (word) of table 'counts': the query has no key (line 1, column 13); give the table the key of the query, or say ON CONFLICT DO DEDUPLICATE: then the last row stands
            INSERT INTO appends SELECT word FROM words
              user: the query's columns do not fit table 'appends': it gives 1 columns, and the table takes 2 (line 1, column 13); the query gives (word STRING), the table takes (word STRING, cnt BIGINT)
            INSERT INTO appends SELECT n, word FROM words
              user: the query's columns do not fit table 'appends': column 'word' is STRING, and 'n' of the query is INT (line 1, column 13); the query gives (n INT, word STRING), the table takes (word STRING, cnt BIGINT)
            INSERT INTO appends (cnt, wrd) SELECT n, word FROM words
              user: table 'appends' has no column 'wrd' to write to; did you mean word? (line 1, column 27)
            INSERT INTO strict (word) SELECT word FROM words
              user: the query's columns do not fit table 'strict': column 'cnt' is NOT NULL and not given (line 1, column 13); the query gives (word STRING), the table takes (word STRING)
            INSERT INTO nowhere SELECT 1
              user: table 'nowhere' is not known (line 1, column 13); known are `appends`, `clicks`, `counts`, `strict`, `users`, `words`
        "#]],
    );
    check(
        "INSERT INTO strict SELECT word, n FROM words",
        expect![[r#"
        Sink(table=[strict], fields=[word, cnt], parallelism=[1])
        +- Calc(select=[NOT_NULL(word) AS word, NOT_NULL(CAST(n AS Int64)) AS cnt], changelogMode=[I], parallelism=[1])
           +- TableSourceScan(table=[words], fields=[word, n], changelogMode=[I], parallelism=[1])
    "#]],
    );
    check(
        "INSERT INTO appends (cnt) SELECT n FROM words",
        expect![[r#"
        Sink(table=[appends], fields=[word, cnt], parallelism=[1])
        +- Calc(select=[NULL AS word, CAST(n AS Int64) AS cnt], changelogMode=[I], parallelism=[1])
           +- TableSourceScan(table=[words], fields=[n], changelogMode=[I], parallelism=[1])
    "#]],
    );
}
