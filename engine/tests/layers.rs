//! Dependencies between the engine's modules point one way, and only the function host names wasmtime.

use std::fs;
use std::path::{Path, PathBuf};

/// From the outside in; a module may name those behind it. Modules in one group may name each other.
const LAYERS: &[&[&str]] = &[
    &["sql", "table"],
    &["plan"],
    &["runtime"],
    &["connectors"],
    &["operators"],
    &["functions"],
    &["state"],
    &["changelog"],
    &["types"],
    &["config"],
    &["suggest"],
    &["printable"],
    &["error"],
];

#[test]
fn dependencies_point_down() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let layer = |module: &str| LAYERS.iter().position(|group| group.contains(&module));
    let mut wrong = Vec::new();
    for file in rust_files(&source) {
        let inside = file.strip_prefix(&source).unwrap();
        let module =
            inside.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned();
        if module == "lib" {
            continue;
        }
        let from = layer(&module).unwrap_or_else(|| panic!("module `{module}` has no place in LAYERS"));
        let text = fs::read_to_string(&file).unwrap();
        // Tests may look up; the code may not. Unit tests stand at the end of a file, or in a file or folder of their own.
        let is_tests = inside.components().any(|part| part.as_os_str() == "tests");
        if is_tests || inside.file_stem().is_some_and(|stem| stem == "tests" || stem == "harness") {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for (at, _) in line.match_indices("crate::") {
                let name: String = line[at + 7..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if layer(&name).is_some_and(|to| to < from) {
                    wrong.push(format!("{}:{}: {module} names {name}", inside.display(), number + 1));
                }
            }
            if line.contains("wasmtime") {
                wrong.push(format!("{}:{}: only the function host may name wasmtime", inside.display(), number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "dependencies that point up:\n{}", wrong.join("\n"));
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
