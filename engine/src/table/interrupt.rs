//! The way in which another thread ends what a session's statements wait for.

use std::sync::Arc;

use tokio::sync::watch;

/// Clones are the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Interrupt(Arc<watch::Sender<()>>);

impl Interrupt {
    /// All that has subscribed until now is interrupted.
    pub fn interrupt(&self) {
        self.0.send_replace(());
    }

    /// Comes with the first interruption after this call.
    pub fn next(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut interrupts = self.0.subscribe();
        async move {
            if interrupts.changed().await.is_err() {
                // The session is gone, and with it who could interrupt.
                std::future::pending::<()>().await;
            }
        }
    }
}
