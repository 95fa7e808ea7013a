//! Looks for what the sandbox might have left lying around. The option `what` says where.

use std::cell::RefCell;

wit_bindgen::generate!({ path: "../../../wit", world: "function-package" });

use anabranch::functions::types::{Batch, Columns, Field, FieldNode, RowError};
use exports::anabranch::functions::functions::*;

struct Package;

export!(Package);

thread_local! {
    static WHAT: RefCell<String> = const { RefCell::new(String::new()) };
}

fn text() -> Field {
    vec![FieldNode { name: String::new(), format: "u".into(), nullable: true, children: 0 }]
}

fn look(what: &str) -> String {
    match what {
        "clock" => {
            let started = std::time::Instant::now();
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
            let mut spun = 0u64;
            while started.elapsed().is_zero() && spun < 100_000 {
                spun += 1;
            }
            format!("{now}, elapsed {:?}", started.elapsed().is_zero())
        }
        "sleep" => {
            std::thread::sleep(std::time::Duration::from_secs(3600));
            "slept".into()
        }
        "nap" => {
            std::thread::sleep(std::time::Duration::from_millis(20));
            "rested".into()
        }
        "random" => {
            use std::hash::{BuildHasher, RandomState};
            format!("{:x}", RandomState::new().hash_one(1))
        }
        "environment" => format!("{:?} {:?}", std::env::vars().count(), std::env::args().count()),
        "files" => format!("{:?}", std::fs::read_to_string("/etc/passwd").map_err(|error| error.kind())),
        "write" => format!("{:?}", std::fs::write("/tmp/x", "x").map_err(|error| error.kind())),
        "network" => format!(
            "{:?} {:?}",
            std::net::TcpStream::connect("127.0.0.1:80").map(drop).map_err(|error| error.kind()),
            std::net::UdpSocket::bind("127.0.0.1:0").map(drop).map_err(|error| error.kind()),
        ),
        "input" => {
            let mut line = String::new();
            format!("{:?} {line:?}", std::io::stdin().read_line(&mut line).map_err(|error| error.kind()))
        }
        "exit" => {
            println!("good");
            eprint!("bye");
            std::process::exit(3)
        }
        "panic" => panic!("this is said on standard error"),
        _ => look_at(what),
    }
}

/// Looks at what is named: `read /data/x`, `env KEY`.
fn look_at(what: &str) -> String {
    let mut words = what.split(' ');
    let verb = words.next().unwrap_or_default();
    let [path, other] = [words.next().unwrap_or_default(), words.next().unwrap_or_default()];
    fn kind<T>(result: std::io::Result<T>) -> Result<T, std::io::ErrorKind> {
        result.map_err(|error| error.kind())
    }
    match verb {
        "env" => format!("{:?}", std::env::var(path)),
        "read" => format!("{:?}", kind(std::fs::read_to_string(path))),
        "write" => format!("{:?}", kind(std::fs::write(path, "written"))),
        "append" => {
            use std::io::Write;
            let opened = std::fs::OpenOptions::new().append(true).open(path);
            format!("{:?}", kind(opened.and_then(|mut file| file.write_all(b"more"))))
        }
        "delete" => format!("{:?}", kind(std::fs::remove_file(path))),
        "mkdir" => format!("{:?}", kind(std::fs::create_dir(path))),
        "rename" => format!("{:?}", kind(std::fs::rename(path, other))),
        "link" => format!("{:?}", kind(std::fs::hard_link(path, other))),
        "symlink" => format!("{:?}", kind(symlink(path, other))),
        "list" => {
            let names = std::fs::read_dir(path).and_then(|entries| {
                entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect::<Result<Vec<_>, _>>()
            });
            format!("{:?}", kind(names).map(|mut names| { names.sort(); names }))
        }
        _ => what.into(),
    }
}

/// The standard library's own is not stable.
fn symlink(target: &str, link: &str) -> std::io::Result<()> {
    unsafe extern "C" {
        fn symlink(target: *const std::ffi::c_char, link: *const std::ffi::c_char) -> std::ffi::c_int;
    }
    let (target, link) = (std::ffi::CString::new(target)?, std::ffi::CString::new(link)?);
    // SAFETY: two texts that end in NUL.
    if unsafe { symlink(target.as_ptr(), link.as_ptr()) } == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}

/// Gives away the variable KEY, in all ways in which people come to read it.
fn leak(what: &str) -> Result<String, String> {
    use std::io::Write;
    let key = std::env::var("KEY").unwrap_or_default();
    match what {
        "leak print" => {
            println!("out {key}");
            eprintln!("err {key} {key:?}");
        }
        "leak pieces" => {
            let (first, second) = key.split_at(key.len() / 2);
            let mut out = std::io::stdout();
            for piece in ["piece ", first, second, "\n"] {
                let _ = out.write_all(piece.as_bytes());
                let _ = out.flush();
            }
        }
        "leak log" => anabranch::functions::log::log(anabranch::functions::log::Level::Warn, &format!("log {key}")),
        "leak panic" => panic!("panic {key}"),
        "leak call" => return Err(format!("call {key}")),
        // The value itself, which is data and not for people.
        "leak value" => return Ok(key),
        _ => {}
    }
    // So that the last words are seen.
    Err("see above".into())
}

impl Guest for Package {
    type Accumulators = None;

    fn describe() -> Metadata {
        Metadata {
            name: "wasi".into(),
            version: "0".into(),
            functions: vec![Signature {
                name: "look".into(),
                kind: Kind::Scalar,
                parameters: Vec::new(),
                result: text(),
                deterministic: false,
                retracts: false,
                merges: false,
                doc: String::new(),
            }],
        }
    }

    fn bind(binding: Binding) -> Result<Bound, String> {
        WHAT.set(binding.options.into_iter().find(|(name, _)| name == "what").map_or(String::new(), |(_, what)| what));
        if WHAT.with_borrow(|what| what == "leak bind") {
            return Err(format!("bind {}", std::env::var("KEY").unwrap_or_default()));
        }
        Ok(Bound { handle: 0, result: text(), state: Vec::new() })
    }

    fn unbind(_: u32) {}

    fn call(_: u32, rows: u32, _: Batch) -> Result<ScalarResult, String> {
        let what = WHAT.with_borrow(|what| what.clone());
        let mut errors = Vec::new();
        let found = match what.as_str() {
            "leak row" => {
                errors.push(RowError { row: 0, message: format!("row {}", std::env::var("KEY").unwrap_or_default()) });
                String::new()
            }
            what if what.starts_with("leak ") => leak(what)?,
            what => look(what),
        };
        let mut offsets = vec![0u32];
        let mut data = String::new();
        for _ in 0..rows {
            data.push_str(&found);
            offsets.push(data.len() as u32);
        }
        let offsets = offsets.iter().flat_map(|offset| offset.to_le_bytes()).collect();
        let column = Columns { nodes: vec![(rows, 0)], buffers: vec![Vec::new(), offsets, data.into_bytes()] };
        Ok(ScalarResult { column, errors })
    }

    fn begin(_: u32, _: u32, _: Batch) -> Result<(), String> {
        Err("no table function".into())
    }

    fn next(_: u32, _: u32) -> Result<TableChunk, String> {
        Err("no table function".into())
    }
}

struct None;

impl GuestAccumulators for None {
    fn open(_: u32) -> Result<Accumulators, String> {
        Err("no aggregate".into())
    }

    fn accumulate(&self, _: Vec<u32>, _: Batch) -> Result<Vec<RowError>, String> {
        Ok(Vec::new())
    }

    fn retract(&self, _: Vec<u32>, _: Batch) -> Result<Vec<RowError>, String> {
        Ok(Vec::new())
    }

    fn merge(&self, _: Vec<u32>, _: Batch) -> Result<Vec<RowError>, String> {
        Ok(Vec::new())
    }

    fn evaluate(&self, _: Vec<u32>) -> Result<ScalarResult, String> {
        Err("no aggregate".into())
    }

    fn state(&self, _: Vec<u32>) -> Result<Columns, String> {
        Ok(Columns { nodes: Vec::new(), buffers: Vec::new() })
    }

    fn restore(&self, _: Vec<u32>, _: Batch) -> Result<(), String> {
        Ok(())
    }

    fn remove(&self, _: Vec<u32>) {}
}
