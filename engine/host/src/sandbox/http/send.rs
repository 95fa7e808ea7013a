//! Sends a request that was decided upon, to addresses that were looked at.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::client::conn::http1;
use hyper::{Request, Response, Uri};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use wasmtime_wasi_http::io::TokioIo;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

use super::body::Bounded;
use super::decide::{Host, Permitted};
use crate::grants::Scheme;

/// How long to wait where the guest does not say: longer than calls do, whose time limit ends them first.
const PATIENCE: Duration = Duration::from_secs(600);
/// Bytes of a response's status and headers.
const MAX_HEAD: usize = 64 << 10;

/// A response, and what drives its connection.
pub(super) type Exchange = (Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>);

/// Who is believed to be whom, with https.
pub(super) fn client_config() -> Result<Arc<ClientConfig>, Error> {
    static CONFIG: LazyLock<Option<Arc<ClientConfig>>> = LazyLock::new(|| {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        with_roots(roots).map(Arc::new).ok()
    });
    CONFIG.clone().ok_or(Error::ConfigurationError)
}

fn with_roots(roots: RootCertStore) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// `open` is given back when the connection has ended.
pub(super) async fn send(
    request: Request<WasiBody>,
    to: &Permitted,
    addresses: &[SocketAddr],
    options: RequestOptions,
    tls: Arc<ClientConfig>,
    max_body: u64,
    open: OwnedSemaphorePermit,
) -> Result<Exchange, Error> {
    let connect = async {
        let stream = connect(addresses).await?;
        Ok::<_, Error>(match to.scheme {
            Scheme::Http => Stream::Plain(stream),
            Scheme::Https => Stream::Secure(Box::new(secure(stream, &to.host, tls).await?)),
        })
    };
    let stream =
        timeout(options.connect_timeout.unwrap_or(PATIENCE), connect).await.unwrap_or(Err(Error::ConnectionTimeout))?;
    match stream {
        Stream::Plain(stream) => exchange(stream, request, options, max_body, open).await,
        Stream::Secure(stream) => exchange(stream, request, options, max_body, open).await,
    }
}

enum Stream {
    Plain(TcpStream),
    Secure(Box<tokio_rustls::client::TlsStream<TcpStream>>),
}

/// Connects to the first address that answers.
async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, Error> {
    let mut failed = Error::DestinationNotFound;
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => failed = connect_error(error),
        }
    }
    Err(failed)
}

fn connect_error(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Error::ConnectionRefused,
        io::ErrorKind::TimedOut => Error::ConnectionTimeout,
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => Error::DestinationUnavailable,
        _ => Error::Connect(error),
    }
}

async fn secure(
    stream: TcpStream,
    host: &Host,
    tls: Arc<ClientConfig>,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, Error> {
    let name = match host {
        Host::Name(name) => ServerName::try_from(name.clone()),
        Host::Localhost => ServerName::try_from("localhost"),
        Host::Address(address) => Ok(ServerName::from(*address)),
    };
    let name = name.map_err(|_| Error::DnsError { rcode: None, info_code: None })?;
    TlsConnector::from(tls).connect(name, stream).await.map_err(|error| {
        match error.get_ref().and_then(|error| error.downcast_ref::<rustls::Error>()) {
            Some(rustls::Error::InvalidCertificate(_)) => Error::TlsCertificateError,
            Some(_) => Error::TlsProtocolError,
            None => Error::ConnectionTerminated,
        }
    })
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<WasiBody>,
    options: RequestOptions,
    max_body: u64,
    open: OwnedSemaphorePermit,
) -> Result<Exchange, Error> {
    let handshake = http1::Builder::new().max_buf_size(MAX_HEAD).handshake(TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.map_err(http_error)?;
    // Ends with the task that waits for it, and that with the guest's response.
    let connection = wasmtime_wasi::runtime::spawn(async move {
        let _open = open;
        connection.await
    });
    let request = for_server(request, max_body)?;
    let response = timeout(options.first_byte_timeout.unwrap_or(PATIENCE), sender.send_request(request))
        .await
        .map_err(|_| Error::ConnectionReadTimeout)?
        .map_err(http_error)?;
    let too_large = || Error::HttpResponseBodySize(None);
    let response = response.map(|body| {
        let body = body.map_err(http_error);
        Bounded::new(body, max_body, too_large, options.between_bytes_timeout).boxed_unsync()
    });
    Ok((response, Box::new(async move { connection.await.map_err(http_error) })))
}

/// The request as it goes over the wire: with a path alone, as its host stands in a header of its own.
fn for_server(mut request: Request<WasiBody>, max_body: u64) -> Result<Request<Bounded<WasiBody>>, Error> {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let path = if path.starts_with('?') { format!("/{path}") } else { path.to_string() };
    *request.uri_mut() = Uri::try_from(path).map_err(|_| Error::HttpRequestUriInvalid)?;
    Ok(request.map(|body| Bounded::new(body, max_body, || Error::HttpRequestBodySize(None), None)))
}

/// What hyper's error means to a guest. One that comes out of the request's body is our own.
fn http_error(error: hyper::Error) -> Error {
    let own = std::error::Error::source(&error).and_then(|source| source.downcast_ref::<Error>());
    match own {
        Some(Error::HttpRequestBodySize(size)) => Error::HttpRequestBodySize(*size),
        Some(_) => Error::HttpProtocolError,
        None if error.is_incomplete_message() => Error::HttpResponseIncomplete,
        None if error.is_timeout() => Error::HttpResponseTimeout,
        None if error.is_canceled() || error.is_closed() => Error::ConnectionTerminated,
        None => Error::HttpProtocolError,
    }
}
