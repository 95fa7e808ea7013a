//! What is being done, said as it is done; and running other programs.

use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Where it is said what is done: standard error, as standard output is for results.
#[derive(Debug, Default)]
pub struct Log(());

impl Log {
    /// Says a line.
    pub fn say(&mut self, line: &str) {
        // Where standard error is closed, nobody wants to know.
        let _ = writeln!(std::io::stderr(), "{line}");
    }

    /// Runs a program, which is shown as a line that a shell takes; what it prints goes to standard error.
    pub fn run(&mut self, command: &mut Command) -> Result<()> {
        self.show(command);
        let status = command
            .stdin(Stdio::null())
            .stdout(std::io::stderr())
            .status()
            .with_context(|| format!("cannot start `{}`", command.get_program().display()))?;
        if !status.success() {
            bail!("`{}` failed: {status}", command.get_program().display());
        }
        Ok(())
    }

    /// Runs a program that says something on standard output; its errors are shown where it fails.
    pub fn output(&mut self, command: &mut Command) -> Result<String> {
        let program = command.get_program().display().to_string();
        let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start `{program}`"))?;
        if !output.status.success() {
            bail!("`{program}` failed: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr).trim_end());
        }
        String::from_utf8(output.stdout).with_context(|| format!("what `{program}` says is not UTF-8"))
    }

    /// Whether a program is there and succeeds; what it prints is hidden.
    pub fn succeeds(&mut self, command: &mut Command) -> bool {
        self.output(command).is_ok()
    }

    fn show(&mut self, command: &Command) {
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        let words: Vec<String> = words.map(|word| word.to_string_lossy().into_owned()).collect();
        self.say(&format!("$ {}", words.join(" ")));
    }
}
