//! The README's jobs, run as a user runs them, each in a fresh folder that holds the examples.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::{components, shell};

pub fn run() -> Result<()> {
    shell::run(
        "cargo",
        &[
            "build",
            "--release",
            "--quiet",
            "--package",
            "anabranch-cli",
            "--package",
            "word-count",
            "--package",
            "pv-uv-events",
        ],
    )?;
    let folder = shell::target().join("examples-run");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    copy(&shell::root().join("examples"), &folder.join("examples"))?;
    pv_uv(&folder)?;
    generated(&folder)?;
    word_count(&folder)?;
    inline(&folder)
}

/// The first command of the README: its table is what a plain count of the events says.
fn pv_uv(folder: &Path) -> Result<()> {
    let events = fs::read_to_string(folder.join("examples/pv_uv/events.jsonl"))?;
    compare_with_count(folder, &events)?;
    println!("examples/pv_uv: the table is what the events say");
    Ok(())
}

/// The same on more events, at another parallelism.
fn generated(folder: &Path) -> Result<()> {
    let mut generator = program(folder, "pv-uv-events");
    generator.args(["--events", "200000", "--hours", "30", "--seed", "7"]);
    let events = shell::output(generator)?;
    fs::write(folder.join("examples/pv_uv/events.jsonl"), &events)?;
    let job = folder.join("examples/pv_uv/pv_uv.sql");
    let sql = fs::read_to_string(&job)?;
    fs::write(&job, format!("SET 'parallelism.default' = '2';\n{sql}"))?;
    fs::remove_file(folder.join("pv_uv.db"))?;
    compare_with_count(folder, &events)?;
    println!("examples/pv_uv: the same for 200,000 generated events at parallelism 2");
    Ok(())
}

fn compare_with_count(folder: &Path, events: &str) -> Result<()> {
    let mut job = program(folder, "anabranch");
    job.args(["run", "examples/pv_uv/pv_uv.sql"]);
    let printed = shell::output(job)?;
    for (hour, (views, users)) in count(events) {
        let start = format!("| {}:00:00.000 |", hour.replace('T', " "));
        let found = printed.lines().find(|line| line.starts_with(&start));
        let row = found.with_context(|| format!("no row for {hour} in\n{printed}"))?;
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        ensure!(
            cells[3..5] == [views.to_string(), users.len().to_string()],
            "{hour} has {views} views by {} users, and the job says {row}",
            users.len()
        );
    }
    Ok(())
}

/// Views and users by hour, by looking at the text of the events.
fn count(events: &str) -> BTreeMap<String, (u64, BTreeSet<String>)> {
    let value = |line: &str, name: &str| {
        let start = line.find(&format!("\"{name}\":\"")).map(|at| at + name.len() + 4)?;
        line[start..].split('"').next().map(str::to_owned)
    };
    let mut hours: BTreeMap<String, (u64, BTreeSet<String>)> = BTreeMap::new();
    for line in events.lines().filter(|line| value(line, "behavior").is_some_and(|behavior| behavior == "pv")) {
        if let (Some(time), Some(user)) = (value(line, "ts"), value(line, "user_id")) {
            let hour = hours.entry(time[..13].to_owned()).or_default();
            hour.0 += 1;
            hour.1.insert(user);
        }
    }
    hours
}

/// Word count by SQL and by the Table API end with the same counts.
fn word_count(folder: &Path) -> Result<()> {
    let mut sql = program(folder, "anabranch");
    sql.args(["run", "examples/word_count/word_count.sql"]);
    let mut counts = BTreeMap::new();
    for line in shell::output(sql)?.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let [_, "+I" | "+U", word, _, count, _] = cells[..] {
            counts.insert(word.to_owned(), count.to_owned());
        }
    }
    let mut counted = BTreeMap::new();
    for line in shell::output(program(folder, "word-count"))?.lines() {
        let row = line.strip_prefix("+I[").or_else(|| line.strip_prefix("+U[")).and_then(|row| row.strip_suffix(']'));
        if let Some((word, count)) = row.and_then(|row| row.split_once(", ")) {
            counted.insert(word.to_owned(), count.to_owned());
        }
    }
    let text = fs::read_to_string(folder.join("examples/word_count/text.csv"))?.to_lowercase();
    let streams = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| *word == "stream").count();
    if counts != counted || counts.get("stream") != Some(&streams.to_string()) {
        bail!("word counts differ: {counts:?} by SQL, {counted:?} by the Table API, and {streams} times `stream`");
    }
    println!("examples/word_count: SQL and the Table API say the same");
    Ok(())
}

/// Functions whose source stands in the SQL: the last row of each letter is what a plain look at the text says.
fn inline(folder: &Path) -> Result<()> {
    components::interpreters()?;
    let mut job = program(folder, "anabranch");
    job.args(["run", "examples/inline/inline.sql"]);
    let mut found = BTreeMap::new();
    for line in shell::output(job)?.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let [_, "+I" | "+U", letter, words, longest, _] = cells[..] {
            found.insert(letter.to_owned(), (words.to_owned(), longest.to_owned()));
        }
    }
    let text = fs::read_to_string(folder.join("examples/inline/text.csv"))?;
    let mut expected: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for word in text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
        expected.entry(word.chars().take(1).flat_map(char::to_uppercase).collect()).or_default().push(word);
    }
    let longest = |words: &[&str]| words.iter().rev().max_by_key(|word| word.len()).map_or("", |word| word).to_owned();
    let expected: BTreeMap<String, (String, String)> =
        expected.iter().map(|(letter, words)| (letter.clone(), (words.len().to_string(), longest(words)))).collect();
    ensure!(found == expected, "the job says {found:?}, and the text {expected:?}");
    println!("examples/inline: the words are those of the text");
    Ok(())
}

fn program(folder: &Path, name: &str) -> Command {
    let mut command = Command::new(shell::target().join("release").join(name));
    command.current_dir(folder);
    command
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path: PathBuf = entry?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() { copy(&path, &target)? } else { fs::copy(&path, &target).map(drop)? }
    }
    Ok(())
}
