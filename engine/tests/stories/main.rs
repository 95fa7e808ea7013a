//! Stories: whole jobs as data, one file each, in `tests/stories` of the workspace.
//!
//! Each is run in several ways, and the rows that remain must be the same in all: at parallelism 1 row by row, at
//! parallelism 4, with all rows of a table at once, with a snapshot and a restore at another parallelism after every
//! row, and as a batch. `UPDATE_EXPECT=1 cargo test --release -p anabranch --test stories` writes the expectations.

mod record;
mod rows;
mod run;
mod script;
mod session;
mod story;

use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Failed, Trial};

use run::{Mode, Outcome};
use story::Story;

fn main() {
    let mut arguments = Arguments::from_args();
    // Paths in stories are those of the workspace.
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    if let Err(error) = std::env::set_current_dir(&workspace) {
        panic!("{}: {error}", workspace.display());
    }
    // Stories may also stand elsewhere, out of the project.
    let folder = std::env::var_os("STORIES").map_or_else(|| PathBuf::from("tests/stories"), PathBuf::from);
    let mut files = Vec::new();
    find(&folder, &mut files);
    files.sort();
    if let Ok(program) = std::env::var("RECORD_WITH") {
        record::record(&program, &files, arguments.filter.as_deref());
        return;
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        // The files are written by one mode; the others compare with what it wrote.
        arguments.test_threads = Some(1);
    }
    let trials = files.iter().flat_map(|file| trials(&folder, file)).collect();
    libtest_mimic::run(&arguments, trials).exit();
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            find(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "story") {
            files.push(path);
        }
    }
}

fn trials(folder: &Path, file: &Path) -> Vec<Trial> {
    let name = file.strip_prefix(folder).unwrap_or(file).with_extension("").display().to_string();
    let story = match Story::read(file) {
        Ok(story) => story,
        Err(error) => return vec![Trial::test(name, move || Err(Failed::from(error)))],
    };
    let modes = Mode::of(&story);
    modes
        .into_iter()
        .map(|mode| {
            let file = file.to_owned();
            Trial::test(format!("{name}::{}", mode.name()), move || check(&file, mode))
        })
        .collect()
}

fn check(file: &Path, mode: Mode) -> Result<(), Failed> {
    // Read again: the first mode may have rewritten it.
    let story = Story::read(file)?;
    let outcome = run::run(&story, mode);
    if mode == Mode::RowByRow && std::env::var_os("UPDATE_EXPECT").is_some() {
        story.rewrite(|title| actual(&outcome, title))?;
        return Ok(());
    }
    let mut wrong = String::new();
    if let (Some(error), None) = (&outcome.error, story.expected("error")) {
        wrong.push_str(&format!("failed: {error}\n"));
    }
    let kinds: &[&str] = match mode {
        Mode::RowByRow => &["changelog", "final", "functions", "output", "error"],
        Mode::Parallel | Mode::Bulk | Mode::Sizes(_) => &["final", "functions", "error"],
        Mode::Batch => &["final", "functions", "error"],
        Mode::Restore { .. } => &["final", "error"],
    };
    for title in kinds.iter().flat_map(|kind| story.titles(kind)) {
        let expected = story.expected(title).unwrap_or_default();
        let actual = actual(&outcome, title).unwrap_or_default();
        if actual.trim() != expected {
            wrong.push_str(&format!("== {title}, expected\n{expected}\n== {title}, actual\n{actual}\n"));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("{}\n{wrong}", file.display()).into()) }
}

fn actual(outcome: &Outcome, title: &str) -> Option<String> {
    let (kind, table) = title.split_once(' ').unwrap_or((title, ""));
    match kind {
        "changelog" => Some(outcome.changelogs.get(table).cloned().unwrap_or_default()),
        "final" => Some(outcome.finals.get(table).cloned().unwrap_or_default()),
        "output" => Some(outcome.output.clone()),
        "functions" => Some(outcome.functions.clone()),
        "error" => Some(outcome.error.clone().unwrap_or_default()),
        _ => None,
    }
}
