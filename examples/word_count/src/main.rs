//! Word count in the manner of Flink's Table API: a table function of a component splits lines into words, and the counts
//! are printed as they change.
//!
//!     cargo run --release --package word-count

use anabranch::table::TableEnvironment;

fn main() -> anyhow::Result<()> {
    let t_env = TableEnvironment::new();
    t_env.register_wasm_function("split", "examples/word_count/words.wasm")?;
    t_env.register_wasm_function("len", "examples/word_count/words.wasm")?;
    t_env.execute_sql(
        "CREATE TABLE mySource (line STRING) WITH (
           'connector' = 'filesystem', 'path' = 'examples/word_count/text.csv', 'format' = 'csv',
           'csv.field-delimiter' = '|', 'csv.disable-quote-character' = 'true')",
    )?;
    t_env.execute_sql("CREATE TABLE mySink (word STRING, `count` BIGINT) WITH ('connector' = 'print')")?;

    t_env
        .scan("mySource")
        .join_lateral("split(line) as (word)")
        .filter("len(word) > 3")
        .group_by("word")
        .select("word, count(1) as cnt")
        .insert_into("mySink")?;
    t_env.execute("word count")?.wait()?;
    Ok(())
}
