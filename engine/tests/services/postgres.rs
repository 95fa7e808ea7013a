//! A PostgreSQL server of one's own for a test: in a fresh folder, on a free port, gone with the value.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The user that servers run as where the tests run as root, which PostgreSQL refuses: `nobody`.
const NOBODY: u32 = 65534;

pub struct Postgres {
    programs: PathBuf,
    folder: tempfile::TempDir,
    port: u16,
}

impl Postgres {
    /// Starts a server. `None`, after saying why, where PostgreSQL is not installed and the test may be left out: not
    /// with `CI=true`.
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            let message = "PostgreSQL (initdb, pg_ctl) is not installed; on Debian: apt-get install postgresql";
            assert!(std::env::var("CI").as_deref() != Ok("true"), "{message}");
            eprintln!("left out: {message}");
            return None;
        };
        let folder = tempfile::tempdir().expect("a temporary folder");
        let server = Postgres { programs, port: free_port(), folder };
        if is_root() {
            chown(server.folder.path(), Some(NOBODY), Some(NOBODY)).expect("the folder can be given away");
        }
        let data = server.data();
        server.run("initdb", &["-D", &data, "-U", "test", "-A", "trust", "-E", "UTF8", "--no-sync"]);
        server.boot();
        Some(server)
    }

    /// Begins to listen; also after [`Postgres::stop`].
    pub fn boot(&self) {
        let sockets = self.folder.path().display();
        let options = format!("-p {} -c listen_addresses=127.0.0.1 -k {sockets} -c fsync=off", self.port);
        let log = self.folder.path().join("log").display().to_string();
        self.run("pg_ctl", &["-D", &self.data(), "-o", &options, "-l", &log, "-w", "-t", "60", "start"]);
    }

    pub fn stop(&self) {
        self.run("pg_ctl", &["-D", &self.data(), "-m", "immediate", "-w", "stop"]);
    }

    /// For the option `url`; the user is `test`.
    pub fn url(&self) -> String {
        format!("jdbc:postgresql://127.0.0.1:{}/postgres", self.port)
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = Command::new(self.programs.join(program));
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        // Not through a pipe: the server would keep it open.
        let output = self.folder.path().join(format!("{program}.out"));
        let file = fs::File::create(&output).expect("an output file");
        command.stdout(file.try_clone().expect("an output file")).stderr(file);
        let status = command.status().expect("the program starts");
        let said = fs::read_to_string(&output).unwrap_or_default();
        assert!(status.success(), "{program} failed: {said}");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if Path::new(&self.data()).join("postmaster.pid").exists() {
            self.stop();
        }
    }
}

/// Where `initdb` is: on the PATH, or where Debian puts it.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    if let Ok(versions) = fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    folders.into_iter().find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
}
