//! Tries every way out of the sandbox that Rust's library knows, and says what it found: nothing, as a rule.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::{TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::path::Path;

use anabranch_udf::prelude::*;

anabranch_udf::package!(escape, escape_rows, Escapes);

/// Paths that lead somewhere where there is a file system.
const PATHS: &[&str] = &[
    "/",
    ".",
    "..",
    "",
    "/etc/passwd",
    "etc/passwd",
    "../../../../../../etc/passwd",
    "/proc/self/environ",
    "/proc/self/mem",
    "/dev/zero",
    "/dev/null",
    "/sys/kernel",
    "/tmp",
    "/tmp/x",
    "./x",
    "/./etc//passwd",
    "/..",
    "//etc/passwd",
    "file:///etc/passwd",
    "C:\\Windows\\system.ini",
    "\\\\server\\share",
    "/etc/passwd\0.txt",
    "~/.ssh/id_rsa",
    "/root/.bashrc",
    "\u{202e}dwssap/cte/",
    "/dev/stdin",
    "/dev/fd/0",
    "/dev/tcp/127.0.0.1/80",
    "/run/secrets",
];

/// What comes of one way out.
#[scalar(nondeterministic)]
pub fn escape(how: &str) -> String {
    match how {
        "paths" => paths(),
        "long path" => shown(fs::read("x/".repeat(1 << 20))),
        "many files" => {
            (0..10_000).filter(|number| fs::File::create(format!("/tmp/{number}")).is_ok()).count().to_string()
        }
        "cwd" => format!("{:?} {}", std::env::current_dir(), shown(std::env::set_current_dir("/etc"))),
        "home" => format!("{:?}", std::env::var("HOME")),
        "environment" => format!("{} {:?}", std::env::vars_os().count(), std::env::var("PATH")),
        "own environment" => {
            // A guest's own, that nobody else sees.
            unsafe { std::env::set_var("MARK", "1") };
            format!("{:?}", std::env::var("MARK"))
        }
        "mark" => format!("{:?}", std::env::var("MARK")),
        "arguments" => std::env::args_os().count().to_string(),
        "program" => shown(std::env::current_exe()),
        "thread" => shown(std::thread::Builder::new().spawn(|| ()).map(|_| ())),
        "process" => shown(std::process::Command::new("sh").arg("-c").arg("id").output()),
        "processors" => shown(std::thread::available_parallelism()),
        "exit" => std::process::exit(0),
        "abort" => std::process::abort(),
        "tcp" => many(|| TcpStream::connect("127.0.0.1:22")),
        "tcp 6" => many(|| TcpStream::connect("[::1]:22")),
        "listen" => many(|| TcpListener::bind("127.0.0.1:0")),
        "listen everywhere" => many(|| TcpListener::bind("0.0.0.0:0")),
        "udp" => many(|| UdpSocket::bind("127.0.0.1:0")),
        "names" => shown("localhost:80".to_socket_addrs().map(|found| found.count())),
        "far names" => shown("example.com:80".to_socket_addrs().map(|found| found.count())),
        "input" => shown(io::copy(&mut io::stdin(), &mut io::sink())),
        "output" => {
            for _ in 0..100_000 {
                println!("{}", "o".repeat(100));
                eprintln!("{}", "e".repeat(100));
            }
            "written".into()
        }
        "one line" => {
            for _ in 0..10_000 {
                print!("{}", "o".repeat(1000));
            }
            "written".into()
        }
        "sleep" => {
            std::thread::sleep(std::time::Duration::from_secs(1 << 40));
            "slept".into()
        }
        "clocks" => {
            let (wall, steady) = (std::time::SystemTime::now(), std::time::Instant::now());
            let work: u64 = (0..1_000_000).map(std::hint::black_box).sum();
            format!("{:?} {:?} {}", wall.elapsed(), steady.elapsed(), work > 0)
        }
        other => match other.strip_prefix("slow after ").and_then(|words| words.split_once(' ')) {
            Some((moment, time)) => slow_after(moment, time),
            None => format!("no such way: {other}"),
        },
    }
}

/// Takes so many milliseconds from a moment on, in milliseconds since 1970, and no time before.
fn slow_after(moment: &str, time: &str) -> String {
    let milliseconds = |text: &str| std::time::Duration::from_millis(text.parse().unwrap_or_default());
    let (moment, time) = (milliseconds(moment), milliseconds(time));
    let now = || std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    let started = now();
    if started >= moment {
        while now() - started < time {}
    }
    "done".into()
}

/// The same from a table function.
#[table(nondeterministic, columns(found))]
pub fn escape_rows(how: &str) -> impl Iterator<Item = String> {
    std::iter::once(escape(how))
}

/// The last that was tried.
#[derive(Default, State)]
pub struct Escapes {
    found: String,
}

/// The same from an aggregate.
#[aggregate(nondeterministic)]
impl Escapes {
    fn accumulate(&mut self, how: &str) {
        self.found = escape(how);
    }

    fn evaluate(&self) -> String {
        self.found.clone()
    }
}

/// Every operation on every path: how many came to which end.
fn paths() -> String {
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    for name in PATHS {
        let path = Path::new(name);
        let mut end = |operation: &str, result: io::Result<()>| {
            let end =
                result.map_or_else(|error| format!("{:?}", error.kind()), |()| format!("{operation} of {name:?}"));
            *ends.entry(end).or_default() += 1;
        };
        end("read", fs::read(path).map(drop));
        end("write", fs::write(path, "x"));
        end("append", fs::OpenOptions::new().append(true).create(true).open(path).map(drop));
        end("read_dir", fs::read_dir(path).map(drop));
        end("create_dir", fs::create_dir(path));
        end("create_dir_all", fs::create_dir_all(path.join("a/b")));
        end("remove_file", fs::remove_file(path));
        end("remove_dir_all", fs::remove_dir_all(path));
        end("rename", fs::rename(path, "/tmp/y"));
        end("hard_link", fs::hard_link(path, "/tmp/y"));
        end("copy", fs::copy(path, "/tmp/y").map(drop));
        end("metadata", fs::metadata(path).map(drop));
        end("symlink_metadata", fs::symlink_metadata(path).map(drop));
        end("canonicalize", fs::canonicalize(path).map(drop));
        end("read_link", fs::read_link(path).map(drop));
    }
    format!("{ends:?}")
}

/// The same again and again: what it takes must not run out for others.
fn many<T>(open: impl Fn() -> io::Result<T>) -> String {
    let ends: Vec<_> = (0..5000).map(|_| open()).collect();
    let opened = ends.iter().filter(|end| end.is_ok()).count();
    let error = ends.into_iter().find_map(Result::err);
    format!("{opened} of 5000, {:?}", error.map(|error| error.kind()))
}

fn shown<T: std::fmt::Debug>(result: io::Result<T>) -> String {
    match result {
        Ok(value) => format!("{value:?}"),
        Err(error) => format!("{:?}", error.kind()),
    }
}
