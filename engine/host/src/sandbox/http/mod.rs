//! HTTP for functions that are granted it: every request is decided upon here before anything is sent, goes to an
//! address that was looked at, and is bounded in size and time. Redirects are the guest's to follow, as requests of their
//! own.

mod blocking;
mod body;
mod decide;
mod send;

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

pub(super) use self::blocking::{Request, Response};
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

/// Why there is no response.
enum Failure {
    /// The request was not made.
    Refused(Refusal),
    Failed(Error),
}

/// A request without the path, which may hold what is nobody's business.
fn describe(request: &hyper::Request<WasiBody>) -> String {
    let (scheme, authority) = destination(request);
    format!("the request {} {scheme}://{authority}", request.method())
}

fn destination(request: &hyper::Request<WasiBody>) -> (&str, &str) {
    let uri = request.uri();
    (uri.scheme_str().unwrap_or_default(), uri.authority().map_or("", |it| it.as_str()))
}

impl Http {
    /// Decides upon a request, and sends it where it is granted.
    fn exchange(
        &self,
        request: hyper::Request<WasiBody>,
        options: RequestOptions,
    ) -> Pin<Box<dyn Future<Output = Result<Exchange, Failure>> + Send>> {
        let (scheme, authority) = destination(&request);
        let refused = |refusal| -> Pin<Box<dyn Future<Output = _> + Send>> {
            Box::pin(std::future::ready(Err(Failure::Refused(refusal))))
        };
        let permitted = match decide(&self.rules, request.method().as_str(), scheme, authority) {
            Ok(permitted) => permitted,
            Err(refusal) => return refused(refusal),
        };
        let Ok(open) = self.open.clone().try_acquire_owned() else {
            let reason = format!("{MAX_OPEN} requests are under way already");
            return refused(Refusal { code: Error::ConnectionLimitReached, reason });
        };
        let resolver = self.resolver.clone();
        let (output, what) = (self.output.clone(), describe(&request));
        let broken_off = move |why: &str| output.log(Level::Warn, &format!("{what} is broken off: {why}"));
        let bounds = Bounds { max_body: self.max_body, tell: Arc::new(broken_off), open };
        let deadline = self.deadline + GRACE;
        Box::pin(async move {
            let exchange = async {
                let addresses = permitted.addresses(resolver.as_ref()).await.map_err(Failure::Refused)?;
                let tls = send::client_config().map_err(Failure::Failed)?;
                send(request, &permitted, &addresses, options, tls, bounds).await.map_err(Failure::Failed)
            };
            let ended = tokio::time::timeout_at(deadline.into(), exchange).await;
            ended.unwrap_or(Err(Failure::Failed(Error::HttpResponseTimeout)))
        })
    }
}

impl WasiHttpHooks for Http {
    fn send_request(
        &mut self,
        request: hyper::Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Exchange, Error>> + Send> {
        let (output, what) = (self.output.clone(), describe(&request));
        let exchange = self.exchange(request, options.unwrap_or_default());
        Box::new(async move {
            exchange.await.map_err(|failure| match failure {
                // The guest gets a code; people are told.
                Failure::Refused(refusal) => {
                    output.log(Level::Warn, &format!("{what} is refused: {refusal}"));
                    refusal.code
                }
                Failure::Failed(error) => error,
            })
        })
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        if self.rules.is_empty() { USELESS_CHUNK } else { CHUNK }
    }
}
