//! Publishing, installing and using packages by name and version.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use crate::support::{Result, User};

const SQL: &str = "CREATE FUNCTION len LANGUAGE WASM USING COMPONENT 'words@0.1'; SELECT len('Grüße')";

#[test]
fn a_package_goes_through_a_registry_into_a_job() -> Result {
    let user = User::new()?;
    user.prebuilt("words")?;
    let failed = user.fails(&["run", "--quiet", "--execute", SQL], 2)?;
    assert!(failed.contains("there is no package 'words' in"), "{failed}");
    assert!(failed.contains("install it with `anabranch function install words@0.1 --registry …`"), "{failed}");

    let published = user.anabranch(&["function", "publish", "words.wasm", "--registry", "shelf"])?;
    let (release, digest) = published.out.trim().split_once(" sha256:").ok_or("a digest is printed")?;
    assert_eq!(release, "words@0.1.0");
    let again = user.anabranch(&["function", "publish", "words.wasm", "--registry", "shelf"])?;
    assert_eq!(again.out, published.out, "publishing the same again changes nothing");

    let wrong = "0".repeat(64);
    let install = ["function", "install", "words@0.1", "--registry", "shelf", "--sha256"];
    let failed = user.fails(&[&install[..], &[&wrong]].concat(), 3)?;
    assert!(failed.contains(&format!("its SHA-256 is {digest}, not {wrong}")), "{failed}");
    assert_eq!(user.anabranch(&[&install[..], &[digest]].concat())?.out, published.out);

    let ran = user.anabranch(&["run", "--quiet", "--execute", SQL])?;
    assert!(ran.out.contains("| 5 |") || ran.out.contains(" 5 |"), "{}", ran.out);

    // What SQL finds by its name, the other commands do.
    let inspected = user.anabranch(&["function", "inspect", "words@0.1"])?;
    assert!(inspected.out.starts_with("package   words 0.1.0\n"), "{}", inspected.out);
    assert_eq!(user.anabranch(&["function", "call", "words@0.1", "len", "Grüße"])?.out, "5\n");
    let failed = user.fails(&["function", "call", "words@9", "len", "x"], 2)?;
    assert!(failed.contains("there is no version 9 of 'words', but 0.1.0"), "{failed}");

    // What was changed behind the registry's back is not run.
    let installed = user.home().join(".local/share/anabranch/packages/words/words-0.1.0.wasm");
    let mut bytes = fs::read(&installed)?;
    bytes.push(0);
    fs::write(&installed, bytes)?;
    let failed = user.fails(&["run", "--quiet", "--execute", SQL], 3)?;
    assert!(failed.contains("cannot load 'words@0.1': its SHA-256 is"), "{failed}");
    Ok(())
}

#[test]
fn what_is_no_registry_and_no_package_is_refused() -> Result {
    let user = User::new()?;
    user.prebuilt("words")?;
    for (registry, said) in [
        ("nowhere", "there is no registry 'nowhere': it is no folder"),
        ("words.wasm", "there is no registry 'words.wasm': it is no folder"),
        ("", "the registry has an empty name: it is a folder or a URL"),
        ("http://", "the URL 'http://' names no server"),
    ] {
        let failed = user.fails(&["function", "install", "words@0.1", "--registry", registry], 2)?;
        assert_eq!(failed, format!("error: {said}\n"));
    }
    for registry in ["", "http://", "words.wasm"] {
        user.fails(&["function", "publish", "words.wasm", "--registry", registry], 2)?;
    }
    // Nobody listens there.
    let failed = user.fails(&["function", "install", "words@0.1", "--registry", "http://127.0.0.1:1/shelf"], 4)?;
    assert!(failed.starts_with("error: cannot read http://127.0.0.1:1/shelf/words/versions: "), "{failed}");
    user.fails(&["function", "publish", "words.wasm", "--registry", "http://127.0.0.1:1/shelf"], 4)?;

    user.anabranch(&["function", "publish", "words.wasm", "--registry", "shelf/within"])?;
    for package in
        ["../within/words@0.1", "..@1", "/words@0.1", "words/../words@0.1", "words@0.1.0/../..", "words", "@1"]
    {
        user.fails(&["function", "install", package, "--registry", "shelf/within"], 2)?;
    }

    // A registry may lie: in its index, about what a component is, about whose it is.
    let index = user.folder().join("shelf/within/words/versions");
    let honest = fs::read_to_string(&index)?;
    let install = |name: &str, code| user.fails(&["function", "install", name, "--registry", "shelf/within"], code);
    fs::write(&index, honest.replace("0.1.0", "../../0.1.0"))?;
    assert!(install("words@0.1", 2)?.contains("the registry's index of 'words' has the line '../../0.1.0 sha256:"));
    fs::write(&index, format!("0.1.0 sha256:{}\n", "0".repeat(64)))?;
    assert!(install("words@0.1", 3)?.contains("cannot load 'words@0.1.0': its SHA-256 is"));
    let others = user.folder().join("shelf/within/others");
    fs::create_dir(&others)?;
    fs::write(others.join("versions"), honest)?;
    fs::copy(user.folder().join("words.wasm"), others.join("others-0.1.0.wasm"))?;
    assert!(install("others@0.1", 3)?.contains("the registry's others@0.1.0 is words@0.1.0 by its own words"));
    assert!(!user.home().join(".local/share/anabranch/packages").exists(), "nothing of that was installed");
    Ok(())
}

#[test]
fn a_digest_in_sql_is_checked() -> Result {
    let user = User::new()?;
    user.prebuilt("words")?;
    let digest = user.anabranch(&["function", "publish", "words.wasm", "--registry", "shelf"])?;
    let digest = digest.out.trim().rsplit(':').next().unwrap_or_default().to_owned();
    let sql = |digest: &str| {
        format!(
            "CREATE FUNCTION len LANGUAGE WASM USING COMPONENT 'words.wasm' WITH ('sha256' = '{digest}'); SELECT len('to')"
        )
    };
    user.anabranch(&["run", "--quiet", "--execute", &sql(&digest)])?;
    let failed = user.fails(&["run", "--quiet", "--execute", &sql(&"0".repeat(64))], 3)?;
    assert!(failed.contains(&format!("its SHA-256 is {digest}, not 000")), "{failed}");
    let failed = user.fails(&["run", "--quiet", "--execute", &sql("abc")], 2)?;
    assert!(failed.contains("option 'sha256' of function 'len': 'abc' is no SHA-256"), "{failed}");
    Ok(())
}

#[test]
fn a_registry_may_be_a_web_server() -> Result {
    let user = User::new()?;
    user.prebuilt("words")?;
    let url = serve()?;
    let published = user.anabranch(&["function", "publish", "words.wasm", "--registry", &url])?;
    assert!(published.out.starts_with("words@0.1.0 sha256:"), "{}", published.out);
    let installed = user.anabranch(&["function", "install", "words@0", "--registry", &url])?;
    assert_eq!(installed.out, published.out);
    components_by_url(&user, &format!("{url}/words/words-0.1.0.wasm"), published.out.trim())?;
    let failed = user.fails(&["function", "install", "words@9", "--registry", &url], 2)?;
    assert_eq!(failed, "error: there is no version 9 of 'words', but 0.1.0\n");
    let failed = user.fails(&["function", "install", "others@1", "--registry", &url], 2)?;
    assert_eq!(failed, format!("error: there is no package 'others' at {url}\n"));
    let failed = user.fails(&["function", "install", "words@1", "--registry", "ftp://localhost/"], 2)?;
    assert_eq!(failed, "error: a registry is a folder or a URL of http or https, not of ftp\n");
    // Where it leads to need not be what was asked.
    let elsewhere = url.replace("/registry", "/moved");
    let failed = user.fails(&["function", "install", "words@0", "--registry", &elsewhere], 4)?;
    assert_eq!(failed, format!("error: cannot read {elsewhere}/words/versions: status 302\n"));
    Ok(())
}

/// A component need not be installed: SQL may name its URL.
fn components_by_url(user: &User, url: &str, published: &str) -> Result {
    let digest = published.rsplit(':').next().unwrap_or_default();
    let sql = |url: &str, digest: &str| {
        format!(
            "CREATE FUNCTION len LANGUAGE WASM USING COMPONENT '{url}' WITH ('sha256' = '{digest}'); SELECT len('Grüße')"
        )
    };
    let failed = user.fails(&["run", "--quiet", "--execute", &sql(url, &"0".repeat(64))], 3)?;
    assert!(failed.contains(&format!("cannot load '{url}': its SHA-256 is {digest}, not 000")), "{failed}");
    let ran = user.anabranch(&["run", "--quiet", "--execute", &sql(url, digest)])?;
    assert!(ran.out.contains(" 5 |"), "{}", ran.out);
    // Known by its digest, it is not fetched again.
    let kept = user.home().join(".cache/anabranch/components").join(format!("{digest}.wasm"));
    assert!(kept.exists(), "{}", kept.display());
    user.anabranch(&["run", "--quiet", "--execute", &sql("http://127.0.0.1:1/nobody.wasm", digest)])?;
    Ok(())
}

/// A web server on this machine that keeps what is PUT; gives its URL.
fn serve() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}/registry", listener.local_addr()?);
    std::thread::spawn(move || {
        let mut files = HashMap::new();
        for stream in listener.incoming().flatten() {
            // A client that breaks off is its own affair.
            let _ = answer(stream, &mut files);
        }
    });
    Ok(url)
}

fn answer(mut stream: TcpStream, files: &mut HashMap<String, Vec<u8>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        if header.trim().is_empty() {
            break;
        }
        if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let (status, body) = match (method.as_str(), files.get(&path)) {
        ("PUT", _) => {
            files.insert(path, body);
            ("201 Created", vec![])
        }
        ("GET", _) if path.starts_with("/moved/") => {
            let place = path.replacen("moved", "registry", 1);
            return write!(
                stream,
                "HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
        }
        (_, Some(file)) => ("200 OK", file.clone()),
        (_, None) => ("404 Not Found", vec![]),
    };
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len())?;
    stream.write_all(&body)
}
