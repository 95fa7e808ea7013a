//! The process-wide part: wasmtime's engine, the clock that interrupts guests, the cache of compiled code.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use wasmtime::component::Linker;
use wasmtime::{Config, Enabled, Engine, OptLevel, PoolingAllocationConfig};

use crate::cache::CodeCache;
use crate::error::{Error, Result};
use crate::interpreter::LoadedInterpreters;
use crate::limits::{Limits, MAX_TABLE_ELEMENTS};
use crate::package::Package;
use crate::sandbox::{self, State};

/// How often guests can be interrupted: the grain of the limit `timeout`.
pub(crate) const TICK: Duration = Duration::from_millis(5);

/// Bytes of compiled code that are kept by default: some hundred packages, or a few dozen interpreters.
const CACHE_SIZE: u64 = 2 << 30;

/// Memories, tables and instances that a host can have at once, each: 32 TiB of addresses, of which a process has 128.
pub(crate) const MAX_INSTANCES: u32 = 8_000;

/// Bytes of a memory that stay with its place in the pool when its instance ends: what most instances write to. The
/// rest goes back to the system, which interrupts all threads of the process for it.
const KEPT_MEMORY: usize = 2 << 20;

/// Places in the pool that keep memory while no instance is in them.
const KEPT_PLACES: u32 = 50;

/// How a [`Host`] is set up.
#[derive(Debug, Clone)]
pub struct HostConfig {
    /// Where compiled code is kept between processes; `None` compiles every time. The directory is created, readable
    /// by its owner alone; one that others may write to is not used.
    pub cache: Option<PathBuf>,
    /// Bytes that the compiled code may have there; what was not used for longest is removed.
    pub cache_size: u64,
}

impl Default for HostConfig {
    /// The cache lies in `$ANABRANCH_CACHE_DIR`, else in `anabranch` within the user's cache directory, if there is one.
    fn default() -> Self {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let cache = variable("ANABRANCH_CACHE_DIR").or_else(|| {
            variable("XDG_CACHE_HOME")
                .or_else(|| variable("HOME").map(|home| home.join(".cache")))
                .map(|caches| caches.join("anabranch"))
        });
        HostConfig { cache, cache_size: CACHE_SIZE }
    }
}

/// Runs function packages. One per process is enough ([`Host::shared`]); all packages and instances share its engine.
pub struct Host {
    pub(crate) engine: Engine,
    pub(crate) linker: Linker<State>,
    pub(crate) cache: Option<CodeCache>,
    pub(crate) interpreters: LoadedInterpreters,
}

impl std::fmt::Debug for Host {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Host").field("cache", &self.cache).finish_non_exhaustive()
    }
}

impl Host {
    /// A host with an engine and a ticking thread of its own; the thread ends with the host.
    pub fn new(config: HostConfig) -> Result<Arc<Host>> {
        let bug = |error: wasmtime::Error| Error::Bug(format!("cannot set up the WebAssembly engine: {error:#}"));
        let mut settings = Config::new();
        settings
            .wasm_component_model(true)
            // Support for concurrent calls more than doubles the cost of each, and no function may use it.
            .concurrency_support(false)
            .epoch_interruption(true)
            .cranelift_opt_level(OptLevel::Speed)
            .parallel_compilation(true);
        // A function that traps on every row needs a fresh instance for each. To map and unmap its memory would slow
        // down all threads of the process.
        let pooled = Engine::new(settings.clone().allocation_strategy(pool()));
        let engine = pooled
            .or_else(|error| {
                tracing::info!(%error, "memory of functions is mapped anew for each instance");
                Engine::new(&settings)
            })
            .map_err(bug)?;
        let linker = sandbox::linker(&engine).map_err(bug)?;
        let cache = config.cache.and_then(|directory| CodeCache::open(&directory, config.cache_size, &engine));
        let host = Arc::new(Host { engine, linker, cache, interpreters: LoadedInterpreters::default() });
        start_ticking(Arc::downgrade(&host))?;
        Ok(host)
    }

    /// The host of this process, with the default configuration.
    pub fn shared() -> Result<Arc<Host>> {
        static SHARED: OnceLock<Result<Arc<Host>>> = OnceLock::new();
        SHARED.get_or_init(|| Host::new(HostConfig::default())).clone()
    }

    /// Loads a package from a file; see [`Host::load`].
    pub fn load_file(self: &Arc<Self>, path: impl AsRef<Path>, limits: &Limits) -> Result<Arc<Package>> {
        let path = path.as_ref();
        self.load(&path.display().to_string(), &Self::read_file(path, limits)?, limits)
    }

    /// Reads the file of a package, unless it is larger than the limit.
    pub fn read_file(path: &Path, limits: &Limits) -> Result<Vec<u8>> {
        let package = format!("'{}'", path.display());
        let failed = |error: std::io::Error| Error::Load { package: package.clone(), reason: error.to_string() };
        // Looked at before it is opened and read: a pipe would wait, a device never end, a large file fill the memory.
        let metadata = std::fs::metadata(path).map_err(failed)?;
        if !metadata.is_file() {
            return Err(Error::Load { package, reason: "it is no file".into() });
        }
        let limit = limits.max_module_size;
        let too_large = |size| Error::TooLarge { package: package.clone(), size, limit };
        if metadata.len() > limit {
            return Err(too_large(metadata.len()));
        }
        let mut bytes = Vec::with_capacity(metadata.len() as usize);
        // It may have grown since.
        let file = std::fs::File::open(path).map_err(failed)?;
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > limit {
            return Err(too_large(bytes.len() as u64));
        }
        Ok(bytes)
    }

    /// Loads a package: a component, or a core module that wit-bindgen has marked, which becomes a component here.
    ///
    /// `name` stands in error messages. Compiled code comes from the cache where it is there. The package's imports
    /// and contract version are checked, and it is asked to describe itself, within `limits`.
    pub fn load(self: &Arc<Self>, name: &str, bytes: &[u8], limits: &Limits) -> Result<Arc<Package>> {
        Package::load(self, name, bytes, limits).map(Arc::new)
    }

    /// How many ticks of the engine's epoch make at least `time`.
    pub(crate) fn ticks(time: Duration) -> u64 {
        let ticks = time.as_nanos().div_ceil(TICK.as_nanos());
        // One more, since the current tick has begun already.
        u64::try_from(ticks).unwrap_or(u64::MAX / 2).min(u64::MAX / 2) + 1
    }
}

/// Places for instances, which keep some of their memory between one instance and the next; it is cleared.
fn pool() -> PoolingAllocationConfig {
    /// Bytes of tables about its own functions, which are as many as its size allows.
    const LARGE: usize = 1 << 30;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_memories(MAX_INSTANCES)
        .total_tables(MAX_INSTANCES)
        .total_core_instances(MAX_INSTANCES)
        .total_component_instances(MAX_INSTANCES)
        // What one component may have of each is limited per function.
        .max_memories_per_module(MAX_INSTANCES)
        .max_tables_per_module(MAX_INSTANCES)
        .max_core_instance_size(LARGE)
        .max_component_instance_size(LARGE)
        .table_elements(MAX_TABLE_ELEMENTS)
        .linear_memory_keep_resident(KEPT_MEMORY)
        .table_keep_resident(KEPT_MEMORY)
        .max_unused_warm_slots(KEPT_PLACES)
        // Clears the pages that were written to, instead of all, where the system knows which.
        .pagemap_scan(Enabled::Auto);
    pool
}

fn start_ticking(host: Weak<Host>) -> Result<()> {
    let tick = move || {
        while let Some(host) = host.upgrade() {
            host.engine.increment_epoch();
            drop(host);
            std::thread::sleep(TICK);
        }
    };
    std::thread::Builder::new()
        .name("function-ticks".into())
        .spawn(tick)
        .map(drop)
        .map_err(|error| Error::Bug(format!("cannot start the thread that interrupts functions: {error}")))
}
