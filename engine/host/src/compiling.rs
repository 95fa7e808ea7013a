//! The threads that compile components: they give way to those that run jobs, since a package that is large, or made to
//! be slow to compile, must not slow down what runs already.

use std::sync::OnceLock;

use rayon::{ThreadPool, ThreadPoolBuilder};

/// How much they give way: on a processor that a job has as well, they get 3 % of it.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 15;

/// Runs `compile` on the compiling threads, as many as there are processors; where they cannot be started, here.
pub(crate) fn giving_way<R: Send>(compile: impl FnOnce() -> R + Send) -> R {
    static THREADS: OnceLock<Option<ThreadPool>> = OnceLock::new();
    let start = || {
        let threads = ThreadPoolBuilder::new()
            .thread_name(|number| format!("function-compile-{number}"))
            .start_handler(|_| give_way())
            .build();
        threads.inspect_err(|error| tracing::warn!(%error, "functions are compiled at full priority")).ok()
    };
    match THREADS.get_or_init(start) {
        Some(threads) => threads.install(compile),
        None => compile(),
    }
}

/// Lowers the priority of the calling thread. Elsewhere than on Linux niceness is the whole process's.
fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::debug!(%error, "a compiling thread keeps its priority");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn compiling_threads_alone_give_way() {
        let own = rustix::process::getpriority_process(None).unwrap();
        let compiling = giving_way(|| rustix::process::getpriority_process(None).unwrap());
        assert_eq!(compiling, NICENESS.max(own));
        assert_eq!(rustix::process::getpriority_process(None).unwrap(), own);
    }
}
