//! HTTP for functions that are granted it: every request is decided upon here before anything is sent, goes to an
//! address that was looked at, and is bounded in size and time. Redirects are the guest's to follow, as requests of their
//! own.

mod body;
mod decide;
mod send;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use self::decide::{Refusal, Resolver, SystemResolver, decide};
use self::send::{Bounds, Exchange, send};
use crate::grants::HttpRule;
use crate::limits::Limits;
use crate::output::Output;
use crate::wire::description::Level;

/// Requests of one instance that may be under way at once.
const MAX_OPEN: usize = 64;
/// Bytes of a request's body that are buffered between guest and network, at each body.
const CHUNK: usize = 64 << 10;
/// The same where nothing is granted and nothing is sent.
const USELESS_CHUNK: usize = 4 << 10;
/// Bytes of the headers of one message of the guest's, as the host holds them.
pub(super) const MAX_FIELDS: usize = 16 << 10;
/// A request goes on for this long after its call's time limit, so that the call ends with its own error.
const GRACE: Duration = Duration::from_secs(1);

/// What decides upon one instance's requests.
pub(super) struct Http {
    rules: Arc<[HttpRule]>,
    /// When the call at hand must have ended.
    pub deadline: Instant,
    max_body: u64,
    open: Arc<Semaphore>,
    output: Output,
    resolver: Arc<dyn Resolver>,
}

impl Http {
    pub fn new(rules: &[HttpRule], limits: &Limits, output: Output) -> Self {
        Http {
            rules: rules.into(),
            deadline: Instant::now() + limits.timeout,
            max_body: limits.max_http_body as u64,
            open: Arc::new(Semaphore::new(MAX_OPEN)),
            output,
            resolver: Arc::new(SystemResolver),
        }
    }
}

impl WasiHttpHooks for Http {
    fn send_request(
        &mut self,
        request: hyper::Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Exchange, Error>> + Send> {
        let uri = request.uri();
        let (scheme, authority) = (uri.scheme_str().unwrap_or_default(), uri.authority().map_or("", |it| it.as_str()));
        // Without the path, which may hold what is nobody's business.
        let what = format!("{} {scheme}://{authority}", request.method());
        let output = self.output.clone();
        let tell = Arc::new(move |why: &str| output.log(Level::Warn, &format!("the request {what} {why}")));
        let refused = {
            let tell = tell.clone();
            move |refusal: Refusal| {
                tell(&format!("is refused: {refusal}"));
                refusal.code
            }
        };
        let permitted = match decide(&self.rules, request.method().as_str(), scheme, authority) {
            Ok(permitted) => permitted,
            Err(refusal) => {
                let code = refused(refusal);
                return Box::new(async { Err(code) });
            }
        };
        let Ok(open) = self.open.clone().try_acquire_owned() else {
            let reason = format!("{MAX_OPEN} requests are under way already");
            let code = refused(Refusal { code: Error::ConnectionLimitReached, reason });
            return Box::new(async { Err(code) });
        };
        let resolver = self.resolver.clone();
        let broken_off = move |why: &str| tell(&format!("is broken off: {why}"));
        let bounds = Bounds { max_body: self.max_body, tell: Arc::new(broken_off), open };
        let deadline = self.deadline + GRACE;
        Box::new(async move {
            let exchange = async {
                let addresses = permitted.addresses(resolver.as_ref()).await.map_err(refused)?;
                let tls = send::client_config()?;
                send(request, &permitted, &addresses, options.unwrap_or_default(), tls, bounds).await
            };
            tokio::time::timeout_at(deadline.into(), exchange).await.unwrap_or(Err(Error::HttpResponseTimeout))
        })
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        if self.rules.is_empty() { USELESS_CHUNK } else { CHUNK }
    }
}
