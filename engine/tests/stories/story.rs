//! The form of a story file.
//!
//! ```text
//! # What it shows.                         (comments; "recorded with Flink 2.3" where it was)
//! batch: no                                (settings, each with its default: see [`Settings`])
//!
//! == sql
//! CREATE TABLE words (word STRING) WITH ('connector' = 'script');
//! CREATE TABLE counts (word STRING, cnt BIGINT) WITH ('connector' = 'script');
//! INSERT INTO counts SELECT word, COUNT(*) FROM words GROUP BY word;
//!
//! == input words                           (a step a row: the row, then the watermark that it brings)
//! +I a
//! -D a
//! {"word": "b"}                            (as JSON, for nested types)
//!
//! == changelog counts                      (exactly, at parallelism 1 with mini-batches of 1 row)
//! == final counts                          (the rows that remain, in the order of their text, however it was run)
//! == functions                             (what they did, with the rows that failed; not restored)
//! == output                                (of the last statement that gives rows, EXPLAIN for example)
//! == error                                 (of whatever fails first)
//! == end
//! ```
//!
//! `UPDATE_EXPECT=1` writes what came out into the sections that are there.

use std::path::{Path, PathBuf};

/// A story.
#[derive(Debug, Clone)]
pub struct Story {
    pub path: PathBuf,
    pub settings: Settings,
    pub sql: String,
    pub steps: Vec<InputStep>,
    sections: Vec<Section>,
    /// What stands before the first section.
    head: String,
}

/// How a story may be run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// In batch mode too: `no` where the stream drops late rows, or its inputs have updates.
    pub batch: bool,
    /// With several rows in one batch too: `no` where it matters when the watermark comes.
    pub bulk: bool,
    /// With snapshots and restores, and at parallelism 4 too.
    pub parallel: bool,
    /// With all rows of a table at once, in batches and mini-batches of 1, 7 and 1,000 rows too (default: `no`).
    pub sizes: bool,
}

/// One row of one table, in the form of the story.
#[derive(Debug, Clone)]
pub struct InputStep {
    pub table: String,
    pub row: String,
}

#[derive(Debug, Clone)]
struct Section {
    /// `final counts`.
    title: String,
    body: String,
}

impl Story {
    pub fn read(path: &Path) -> Result<Story, String> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let (mut head, mut sections) = (String::new(), Vec::<Section>::new());
        for line in text.split_inclusive('\n') {
            match (title(line), sections.last_mut()) {
                (Some(title), _) => sections.push(Section { title: title.to_owned(), body: String::new() }),
                (None, Some(section)) => section.body.push_str(line),
                (None, None) => head.push_str(line),
            }
        }
        let settings = settings(&head)?;
        let mut story = Story { path: path.to_owned(), settings, sql: String::new(), steps: vec![], sections, head };
        for section in &story.sections {
            let (kind, name) = section.title.split_once(' ').unwrap_or((&section.title, ""));
            match kind {
                "sql" => story.sql = section.body.clone(),
                "input" => {
                    let lines = section.body.lines().map(str::trim).filter(|line| !line.is_empty());
                    let rows = lines.map(|line| InputStep { table: name.to_owned(), row: line.to_owned() });
                    story.steps.extend(rows);
                }
                _ => {}
            }
        }
        Ok(story)
    }

    /// What is expected, without the blank lines around it; `None`: no such section.
    pub fn expected(&self, title: &str) -> Option<String> {
        self.sections.iter().find(|section| section.title == title).map(|section| section.body.trim().to_owned())
    }

    /// Titles of the sections of one kind: `final counts`, `final sums`.
    pub fn titles<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a str> {
        let titles = self.sections.iter().map(|section| section.title.as_str());
        titles.filter(move |title| *title == kind || title.starts_with(&format!("{kind} ")))
    }

    /// Its expectations are not Flink's: the story says so in its head (`# Not Flink's: …`).
    pub fn is_ours(&self) -> bool {
        self.head.contains("Not Flink's")
    }

    /// Writes the story with other expectations.
    pub fn rewrite(&self, actual: impl Fn(&str) -> Option<String>) -> std::io::Result<()> {
        let mut text = self.head.trim_end().to_owned();
        for section in &self.sections {
            let body = actual(&section.title).unwrap_or_else(|| section.body.clone());
            text.push_str(&format!("\n\n== {}\n{}", section.title, body.trim_end()));
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        std::fs::write(&self.path, text)
    }
}

/// The title of a section. Output may have lines of the same look, but not with these words.
fn title(line: &str) -> Option<&str> {
    let title = line.strip_prefix("== ")?.trim();
    let kind = title.split(' ').next()?;
    ["sql", "input", "changelog", "final", "functions", "output", "error", "end"].contains(&kind).then_some(title)
}

fn settings(head: &str) -> Result<Settings, String> {
    let mut settings = Settings { batch: true, bulk: true, parallel: true, sizes: false };
    for line in head.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        let (name, value) = line.split_once(':').ok_or_else(|| format!("`{line}` is not `name: yes` or `name: no`"))?;
        let value = match value.trim() {
            "yes" => true,
            "no" => false,
            other => return Err(format!("`{name}` is `{other}`, not yes or no")),
        };
        match name {
            "batch" => settings.batch = value,
            "bulk" => settings.bulk = value,
            "parallel" => settings.parallel = value,
            "sizes" => settings.sizes = value,
            _ => return Err(format!("there is no setting `{name}`")),
        }
    }
    Ok(settings)
}
