//! HTTP that is granted: what reaches a server on the loopback interface, and what is refused before.

mod support;

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anabranch_host::{BindRequest, Grants, Host, HostConfig, Limits, Result, ScalarOutput};
use arrow::array::{ArrayRef, BooleanArray};
use expect_test::expect;
use support::*;

/// A web server that answers by the path, and remembers what it was asked.
struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let server =
            Server { address: listener.local_addr().unwrap(), requests: Arc::default(), connections: Arc::default() };
        let (requests, connections) = (server.requests.clone(), server.connections.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { break };
                connections.fetch_add(1, Ordering::Relaxed);
                let requests = requests.clone();
                std::thread::spawn(move || drop(serve(stream, &requests)));
            }
        });
        server
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn grant(&self, methods: &str) -> String {
        format!("{methods} http://{}", self.address)
    }

    fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }
}

fn serve(stream: TcpStream, requests: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut input = BufReader::new(stream.try_clone()?);
    let mut output = stream;
    let mut line = String::new();
    input.read_line(&mut line)?;
    let mut length = 0;
    let mut chunked = false;
    let mut host = String::new();
    let mut key = String::new();
    loop {
        let mut header = String::new();
        input.read_line(&mut header)?;
        if let Some((name, value)) = header.trim().split_once(": ")
            && name.eq_ignore_ascii_case("x-key")
        {
            key = format!(", key {value}");
        }
        let header = header.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        match header.split_once(": ") {
            Some(("content-length", value)) => length = value.parse().unwrap_or(0),
            Some(("transfer-encoding", "chunked")) => chunked = true,
            Some(("host", value)) => host = value.to_string(),
            _ => {}
        }
    }
    let line = line.trim().to_string();
    requests.lock().unwrap().push(format!("{line} to {}", host.split(':').next().unwrap_or_default()));
    let mut received = 0;
    if chunked {
        loop {
            let mut size = String::new();
            if input.read_line(&mut size)? == 0 {
                return Ok(());
            }
            let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
            std::io::copy(&mut input.by_ref().take(size as u64 + 2), &mut std::io::sink())?;
            if size == 0 {
                break;
            }
            received += size;
        }
    } else {
        received += std::io::copy(&mut input.by_ref().take(length), &mut std::io::sink())? as usize;
    }
    let path = line.split(' ').nth(1).unwrap_or_default();
    match path {
        "/hang" => std::thread::sleep(Duration::from_secs(60)),
        "/slow" => {
            output.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegun")?;
            std::thread::sleep(Duration::from_secs(60));
        }
        "/redirect" => {
            output.write_all(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")?
        }
        "/large" => {
            output.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n")?;
            output.write_all(&vec![b'x'; 3_000_000])?;
        }
        "/endless" => {
            output.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
            loop {
                output.write_all(b"400\r\n")?;
                output.write_all(&[b'x'; 1024])?;
                output.write_all(b"\r\n")?;
            }
        }
        "/headers" => {
            output.write_all(b"HTTP/1.1 200 OK\r\n")?;
            output.write_all(format!("X: {}\r\n\r\n", "y".repeat(1_000_000)).as_bytes())?;
        }
        "/nonsense" => output.write_all(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")?,
        "/short" => output.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")?,
        "/close" => {}
        _ => {
            let body = format!("{path}, {received} bytes{key}");
            let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}", body.len());
            output.write_all(format!("{head}\r\n\r\n{body}").as_bytes())?;
        }
    }
    Ok(())
}

fn said(output: Result<ScalarOutput>) -> String {
    match output {
        Ok(output) => match output.errors.first() {
            Some(error) => error.message.clone(),
            None => show(&output.array),
        },
        Err(error) => format!("error: {error}"),
    }
}

fn call(function: &str, grant: Option<&str>, arguments: &[ArrayRef]) -> String {
    let mut bind = bind("fetch", function).limit("max-http-body", "1 mb");
    bind.limits.timeout = Duration::from_secs(20);
    if let Some(grant) = grant {
        bind = bind.grant("grant.http", grant);
    }
    said(bind.scalar().call(arguments, 1))
}

fn fetch(request: &str, grant: Option<&str>) -> String {
    call("fetch", grant, &[texts([Some(request)])])
}

#[test]
fn requests_that_are_granted_are_made() {
    let server = Server::start();
    let grant = server.grant("GET|POST");
    assert_eq!(fetch(&server.url("/hello?who=me"), Some(&grant)), "200 /hello?who=me, 0 bytes");
    assert_eq!(fetch(&server.url("?who=me"), Some(&grant)), "200 /?who=me, 0 bytes");
    assert_eq!(
        call("post", Some(&grant), &[texts([Some(&*server.url("/in"))]), longs([10_000])]),
        "200 /in, 10000 bytes"
    );
    expect![[r#"
        GET /hello?who=me HTTP/1.1 to 127.0.0.1
        GET /?who=me HTTP/1.1 to 127.0.0.1
        POST /in HTTP/1.1 to 127.0.0.1"#]]
    .assert_eq(&server.requests().join("\n"));
    // The name that is granted is the name that is asked for.
    let port = server.address.port();
    let (grant, url) = (format!("GET http://localhost:{port}"), format!("http://localhost:{port}/named"));
    assert_eq!(fetch(&url, Some(&grant)), "200 /named, 0 bytes");
    assert_eq!(server.requests(), ["GET /named HTTP/1.1 to localhost"]);
}

#[test]
fn requests_that_are_not_granted_reach_nobody() {
    let server = Server::start();
    let other = Server::start();
    let grant = server.grant("GET");
    let port = server.address.port();
    let mut found = String::new();
    for request in [
        format!("PUT {}", server.url("/")),
        format!("FROB {}", server.url("/")),
        format!("https://127.0.0.1:{port}/"),
        format!("gopher://127.0.0.1:{port}/"),
        other.url("/"),
        format!("http://localhost:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://user@127.0.0.1:{port}/"),
        "http://127.0.0.1/".to_string(),
    ] {
        writeln!(found, "{request}\n    {}", fetch(&request, Some(&grant))).unwrap();
    }
    writeln!(found, "nothing granted\n    {}", fetch(&server.url("/"), None)).unwrap();
    let found = found.replace(&port.to_string(), "PORT").replace(&other.address.port().to_string(), "OTHER");
    expect![[r#"
        PUT http://127.0.0.1:PORT/
            ErrorCode::HttpRequestDenied
        FROB http://127.0.0.1:PORT/
            ErrorCode::HttpRequestDenied
        https://127.0.0.1:PORT/
            ErrorCode::HttpRequestDenied
        gopher://127.0.0.1:PORT/
            ErrorCode::HttpProtocolError
        http://127.0.0.1:OTHER/
            ErrorCode::HttpRequestDenied
        http://localhost:PORT/
            ErrorCode::HttpRequestDenied
        http://[::1]:PORT/
            ErrorCode::HttpRequestDenied
        http://2130706433:PORT/
            ErrorCode::HttpRequestDenied
        http://user@127.0.0.1:PORT/
            ErrorCode::HttpRequestDenied
        http://127.0.0.1/
            ErrorCode::HttpRequestDenied
        nothing granted
            ErrorCode::HttpRequestDenied
    "#]]
    .assert_eq(&found);
    assert!(server.requests().is_empty() && other.requests().is_empty());
    assert_eq!(server.connections.load(Ordering::Relaxed) + other.connections.load(Ordering::Relaxed), 0);
}

#[test]
fn a_refusal_is_told_to_people() {
    let url = texts([Some("https://10.0.0.1/secret/path")]);
    let granted = [None, Some("GET https://api.example.com"), Some("POST https://10.0.0.1")];
    let found: Vec<String> = granted.map(|grant| call("demand", grant, std::slice::from_ref(&url))).to_vec();
    assert!(!found.concat().contains("secret/path"), "{found:?}");
    expect![[r#"
        trapped: wasm `unreachable` instruction executed
        last lines from the function:
          the request GET https://10.0.0.1 is refused: the function is granted no HTTP (option 'grant.http')
          thread '<unnamed>' (1) panicked at src/lib.rs:23:20:
          an answer: "ErrorCode::HttpRequestDenied"
          note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
        trapped: wasm `unreachable` instruction executed
        last lines from the function:
          the request GET https://10.0.0.1 is refused: its host is not granted (option 'grant.http')
          thread '<unnamed>' (1) panicked at src/lib.rs:23:20:
          an answer: "ErrorCode::HttpRequestDenied"
          note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
        trapped: wasm `unreachable` instruction executed
        last lines from the function:
          the request GET https://10.0.0.1 is refused: its host is granted with other methods (option 'grant.http')
          thread '<unnamed>' (1) panicked at src/lib.rs:23:20:
          an answer: "ErrorCode::HttpRequestDenied"
          note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace"#]]
    .assert_eq(&found.join("\n"));
}

#[test]
fn servers_that_misbehave() {
    let server = Server::start();
    let grant = server.grant("GET|POST");
    let mut found = String::new();
    for path in ["/redirect", "/large", "/endless", "/headers", "/nonsense", "/short", "/close"] {
        let said = fetch(&server.url(path), Some(&grant));
        // How much of it came before depends on the pieces in which it came.
        let said = said.split(" after ").next().unwrap_or_default();
        writeln!(found, "{path}: {}", said.trim()).unwrap();
    }
    let too_much = [texts([Some(&*server.url("/in"))]), longs([2_000_000])];
    writeln!(found, "a request that is too large: {}", call("post", Some(&grant), &too_much)).unwrap();
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    writeln!(found, "nobody there: {}", fetch(&format!("http://{closed}/"), Some(&format!("GET http://{closed}"))))
        .unwrap();
    let https = format!("https://{}/", server.address);
    writeln!(found, "no TLS: {}", fetch(&https, Some(&format!("GET https://{}", server.address)))).unwrap();
    expect![[r#"
        /redirect: 302
        /large: HTTP response body size exceeds limit
        /endless: HTTP response body size exceeds limit
        /headers: ErrorCode::HttpProtocolError
        /nonsense: ErrorCode::HttpProtocolError
        /short: HTTP protocol error
        /close: ErrorCode::HttpResponseIncomplete
        a request that is too large: ErrorCode::HttpRequestBodySize(None)
        nobody there: ErrorCode::ConnectionRefused
        no TLS: ErrorCode::ConnectionTerminated
    "#]]
    .assert_eq(&found);
}

#[test]
fn who_waits_for_ever_is_cut_off() {
    let server = Server::start();
    let grant = server.grant("GET|POST");
    let url = |path| texts([Some(&*server.url(path))]);
    for (function, arguments) in [
        ("fetch", vec![url("/hang")]),
        ("fetch", vec![url("/slow")]),
        ("unread", vec![url("/in")]),
        ("wait", vec![url("/hang"), longs([60_000]), Arc::new(BooleanArray::from(vec![false]))]),
        ("wait", vec![url("/hang"), longs([60_000]), Arc::new(BooleanArray::from(vec![true]))]),
    ] {
        let started = Instant::now();
        let bind = bind("fetch", function).limit("timeout", "400 ms").grant("grant.http", &grant);
        let found = said(bind.scalar().call(&arguments, 1));
        assert_eq!(found, "ran longer than 400 ms (option 'timeout')", "{function}");
        assert!(started.elapsed() < Duration::from_secs(10), "{function}: {:?}", started.elapsed());
    }
    // Where nothing is granted, there is nothing to wait for but what the function itself does.
    let found = said(bind("fetch", "unread").limit("timeout", "400 ms").scalar().call(&[url("/in")], 1));
    assert_eq!(found, "ran longer than 400 ms (option 'timeout')");
}

#[test]
fn a_function_may_give_up_by_itself() {
    let server = Server::start();
    let grant = server.grant("GET");
    for (by_option, found) in [(false, "the timer was first"), (true, "ErrorCode::ConnectionReadTimeout")] {
        let arguments = [
            texts([Some(&*server.url("/hang"))]),
            longs([50]),
            Arc::new(BooleanArray::from(vec![by_option])) as ArrayRef,
        ];
        assert_eq!(call("wait", Some(&grant), &arguments), found);
    }
}

#[test]
fn requests_at_once_are_bounded() {
    let server = Server::start();
    let arguments = [texts([Some(&*server.url("/hang"))]), longs([67])];
    let found = call("idle", Some(&server.grant("GET")), &arguments);
    assert_eq!(found, ["ErrorCode::ConnectionLimitReached"; 3].join(" "));
}

#[test]
fn http_works_where_tasks_run() {
    let server = Server::start();
    let grant = server.grant("GET");
    for runtime in [
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap(),
        tokio::runtime::Builder::new_current_thread().build().unwrap(),
    ] {
        runtime.block_on(async {
            assert_eq!(fetch(&server.url("/x"), Some(&grant)), "200 /x, 0 bytes");
        });
    }
}

/// An error without what Python and JavaScript add: the exception's name, and its place.
fn plain(answer: &str) -> &str {
    let exceptions = ["anabranch_udf.http.HTTPError: ", "ValueError: ", "HttpError: ", "TypeError: "];
    let message = exceptions.into_iter().find_map(|exception| answer.strip_prefix(exception)).unwrap_or(answer);
    message.split(" (same.").next().unwrap_or_default()
}

/// The function `ask` of `tests/functions/same`, in each language by its SDK, through the contract's own `http`.
#[test]
fn every_language_asks_alike() {
    let server = Server::start();
    let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let granted = format!("{}, * http://{nobody}", server.grant("GET|POST"));
    let (large, secret) = ("x".repeat(2 << 20), "k".repeat(20 << 10));
    let requests = [
        ("GET", server.url("/hello?who=me#part"), "one", ""),
        ("GET", server.url("?who=me"), "", ""),
        ("POST", server.url("/in"), "schön", "Grüße"),
        ("GET", server.url("/redirect"), "", ""),
        ("GET", server.url("/large"), "", ""),
        ("GET", server.url("/short"), "", ""),
        ("GET", server.url("/hang"), "", ""),
        ("GET", format!("http://{nobody}/"), "", ""),
        ("POST", server.url("/in"), "", &large),
        ("DELETE", server.url("/in"), "", ""),
        ("get", server.url("/in"), "", ""),
        ("GET", "http://10.0.0.1/private".into(), "", ""),
        ("GET", "gopher://example.com/".into(), "", ""),
        ("GET", "/no/host".into(), "", ""),
        ("GET", server.url("/in"), "two\nlines", ""),
        ("GET", server.url("/in"), &secret, ""),
    ];
    // With the user's cache, since compiling an interpreter takes long.
    let host = Host::new(HostConfig::default()).unwrap();
    let answers = |language: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/functions/same").join(language);
        let package = host.load_file(folder.join("same.wasm"), &Limits::default()).unwrap();
        assert!(package.wanted_grants().contains(&"grant.http"));
        let function = package.functions().iter().position(|signature| signature.name == "ask").unwrap();
        let arguments = package.functions()[function].parameters.clone();
        let request = || BindRequest { function, arguments: arguments.clone(), ..BindRequest::default() };
        let limits = Limits { timeout: Duration::from_secs(20), max_http_body: 1 << 20, ..Limits::default() };
        let mut grants = Grants::default();
        grants.set("grant.http", &granted).unwrap();
        let mut ask = package.bind(request(), limits.clone(), grants).unwrap().scalar().unwrap();
        let mut answers = String::new();
        for (method, url, key, body) in &requests {
            let arguments = [*method, url, key, body].map(|text| texts([Some(text)]));
            let mut answer = said(ask.call(&arguments, 1));
            if answer.contains("it took more than 1000 ms") && !url.ends_with("/hang") {
                // The functions wait for a second, which a busy machine may take.
                answer = said(ask.call(&arguments, 1));
            }
            writeln!(answers, "{method} {url} {:?}: {}", key.get(..3), plain(&answer)).unwrap();
        }
        let mut ungranted = package.bind(request(), limits, Grants::default()).unwrap().scalar().unwrap();
        let arguments = ["GET", &server.url("/"), "", ""].map(|text| texts([Some(text)]));
        writeln!(answers, "nothing granted: {}", plain(&said(ungranted.call(&arguments, 1)))).unwrap();
        answers.replace(&server.address.to_string(), "SERVER").replace(&nobody.to_string(), "NOBODY")
    };
    let in_rust = answers("rust");
    expect![[r#"
        GET http://SERVER/hello?who=me#part Some("one"): 200 text/plain /hello?who=me, 0 bytes, key one
        GET http://SERVER?who=me None: 200 text/plain /?who=me, 0 bytes
        POST http://SERVER/in Some("sch"): 200 text/plain /in, 7 bytes, key schön
        GET http://SERVER/redirect None: 302 ? 
        GET http://SERVER/large None: no response to the request GET http://SERVER: the response's body has more than 1048576 bytes (option 'max-http-body')
        GET http://SERVER/short None: no response to the request GET http://SERVER: HTTP protocol error
        GET http://SERVER/hang None: no response to the request GET http://SERVER: it took more than 1000 ms
        GET http://NOBODY/ None: no response to the request GET http://NOBODY: connection refused
        POST http://SERVER/in None: no response to the request POST http://SERVER: the request's body has more than 1048576 bytes (option 'max-http-body')
        DELETE http://SERVER/in None: the request DELETE http://SERVER is refused: its host is granted with other methods (option 'grant.http')
        get http://SERVER/in None: the request's method is none of GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH
        GET http://10.0.0.1/private None: the request GET http://10.0.0.1 is refused: its host is not granted (option 'grant.http')
        GET gopher://example.com/ None: the request GET gopher://example.com is refused: `gopher` is neither http nor https
        GET /no/host None: the request's URL does not begin with a scheme and a host, as https://example.com/path does
        GET http://SERVER/in Some("two"): the value of the request's header `x-key` has control characters
        GET http://SERVER/in Some("kkk"): the request's headers have 20485 bytes, more than 16384
        nothing granted: the request GET http://SERVER is refused: the function is granted no HTTP (option 'grant.http')
    "#]].assert_eq(&in_rust);
    for language in ["python", "javascript", "typescript", "go", "c", "cpp"] {
        assert_eq!(answers(language), in_rust, "{language}");
    }
}

#[test]
fn what_is_imported_says_what_could_be_granted() {
    let package = package("fetch");
    assert!(package.wanted_grants().contains(&"grant.http"), "{:?}", package.wanted_grants());
}
