//! `anabranch function interpreter`: what runs inline functions, `CREATE FUNCTION … LANGUAGE PYTHON AS $$ … $$`.

use std::path::PathBuf;

use anabranch::functions::component::host_error;
use anabranch::{Error, Result};
use anabranch_build::{Language, Log};
use anabranch_host::{Host, HostConfig, Interpreter};

use super::made;

#[derive(clap::Subcommand)]
pub enum Command {
    /// Builds the interpreter of a language and installs it; the last line on standard output is the component's path.
    Build {
        /// python or javascript.
        language: Interpreter,
        /// The folder that it is put into, such as `interpreters` beside the program. By default, that of the user.
        #[arg(long, value_name = "FOLDER")]
        to: Option<PathBuf>,
    },
    /// Says which interpreters are installed, and where they are looked for.
    List,
}

pub fn run(command: &Command) -> Result<()> {
    match command {
        Command::Build { language, to } => build(*language, to.clone()),
        Command::List => {
            for interpreter in Interpreter::ALL {
                let found = interpreter.find().map(|path| path.display().to_string());
                say!("{}\t{}", interpreter.name(), found.unwrap_or_else(|error| error.to_string()));
            }
            let folders: Vec<String> = Interpreter::folders().iter().map(|it| it.display().to_string()).collect();
            say!("looked for in {}", folders.join(", "));
            Ok(())
        }
    }
}

fn build(interpreter: Interpreter, to: Option<PathBuf>) -> Result<()> {
    let folder = to.or_else(Interpreter::install_folder).ok_or_else(|| {
        Error::user("there is no folder for interpreters").hint("set HOME, XDG_DATA_HOME or ANABRANCH_HOME")
    })?;
    let cache = HostConfig::default().cache.ok_or_else(|| {
        Error::user("there is no folder for toolchains").hint("set HOME, XDG_CACHE_HOME or ANABRANCH_CACHE_DIR")
    })?;
    let language = match interpreter {
        Interpreter::Python => Language::Python,
        Interpreter::JavaScript => Language::JavaScript,
    };
    let (work, toolchains) = (cache.join("interpreters").join(interpreter.name()), cache.join("toolchains"));
    let path = anabranch_build::build_interpreter(language, &folder, &work, &toolchains, &mut Log::default());
    let path = path.map_err(made)?;
    // Compiled now, so that the first job need not wait for it.
    let limits = Default::default();
    Host::shared().and_then(|host| host.load_file(&path, &limits)).map_err(host_error)?;
    say!("{}", path.display());
    Ok(())
}
