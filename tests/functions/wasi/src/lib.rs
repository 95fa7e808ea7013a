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
        _ => what.into(),
    }
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
        Ok(Bound { handle: 0, result: text(), state: Vec::new() })
    }

    fn unbind(_: u32) {}

    fn call(_: u32, rows: u32, _: Batch) -> Result<ScalarResult, String> {
        let found = WHAT.with_borrow(|what| look(what));
        let mut offsets = vec![0u32];
        let mut data = String::new();
        for _ in 0..rows {
            data.push_str(&found);
            offsets.push(data.len() as u32);
        }
        let offsets = offsets.iter().flat_map(|offset| offset.to_le_bytes()).collect();
        let column = Columns { nodes: vec![(rows, 0)], buffers: vec![Vec::new(), offsets, data.into_bytes()] };
        Ok(ScalarResult { column, errors: Vec::new() })
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
