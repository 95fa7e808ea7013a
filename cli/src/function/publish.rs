//! `anabranch function publish` and `install`: packages by name and version, from and to registries.

use std::path::{Path, PathBuf};

use anabranch::functions::component::host_error;
use anabranch::{Error, Result};
use anabranch_host::{Digest, Host, Limits, Reference, Registry, Release};

use super::component;
use super::remote::Remote;

#[derive(clap::Args)]
pub struct Publish {
    /// The component, or the folder of a package that is built.
    file: PathBuf,
    /// A folder, or the URL of a web server that takes files by PUT. `ANABRANCH_REGISTRY_TOKEN` is sent as a bearer token.
    #[arg(long, value_name = "FOLDER|URL")]
    registry: String,
}

#[derive(clap::Args)]
pub struct Install {
    /// Name and version: `behaviour@1.2` is the newest 1.2.x.
    #[arg(value_name = "NAME@VERSION")]
    package: Reference,
    /// A folder, or the URL of a web server.
    #[arg(long, value_name = "FOLDER|URL")]
    registry: String,
    /// What the component must be; without it, the registry is believed.
    #[arg(long, value_name = "DIGEST")]
    sha256: Option<Digest>,
}

pub fn publish(options: &Publish) -> Result<()> {
    let (file, stale) = component(&options.file)?;
    if let Some(stale) = stale {
        return Err(stale);
    }
    let bytes = Host::read_file(&file, &Limits::default()).map_err(host_error)?;
    let host = Host::shared().map_err(host_error)?;
    let package = host.load(&file.display().to_string(), &bytes, &Limits::default()).map_err(host_error)?;
    let metadata = package.metadata();
    let release = Release::new(&metadata.name, &metadata.version, &bytes).map_err(host_error)?;
    match Remote::parse(&options.registry)? {
        Some(remote) => remote.add(&release, &bytes)?,
        None => Registry::new(&options.registry).add(&release, &bytes).map_err(host_error)?,
    }
    say!("{release} sha256:{}", release.digest);
    Ok(())
}

pub fn install(options: &Install) -> Result<()> {
    let (release, bytes) = match Remote::parse(&options.registry)? {
        Some(remote) if remote.is_plain && options.sha256.is_none() => {
            return Err(Error::user(format!("'{}' is not encrypted, so the digest must be known", options.registry))
                .hint("give --sha256, or use https://"));
        }
        Some(remote) => remote.fetch(&options.package)?,
        None => {
            if !Path::new(&options.registry).is_dir() {
                return Err(Error::user(format!("there is no registry '{}': it is no folder", options.registry)));
            }
            let (release, file) = Registry::new(&options.registry).find(&options.package).map_err(host_error)?;
            (release, Host::read_file(&file, &Limits::default()).map_err(host_error)?)
        }
    };
    for digest in [Some(release.digest), options.sha256].into_iter().flatten() {
        digest.check(&release.to_string(), &bytes).map_err(host_error)?;
    }
    // Loaded once: what no job could use is not installed.
    let host = Host::shared().map_err(host_error)?;
    let package = host.load(&release.to_string(), &bytes, &Limits::default()).map_err(host_error)?;
    let metadata = package.metadata();
    if metadata.name != release.name || metadata.version != release.version.to_string() {
        return Err(Error::function(format!(
            "the registry's {release} is {}@{} by its own words",
            metadata.name, metadata.version
        )));
    }
    Registry::installed().and_then(|installed| installed.add(&release, &bytes)).map_err(host_error)?;
    say!("{release} sha256:{}", release.digest);
    Ok(())
}
