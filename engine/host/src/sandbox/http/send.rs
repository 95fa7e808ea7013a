//! Sends a request that was decided upon, to addresses that were looked at.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, HeaderValue};
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

use super::body::{self, Bounded, TooLarge};
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

/// What a request may take.
pub(super) struct Bounds {
    pub max_body: u64,
    /// Tells people why an exchange was broken off.
    pub tell: Arc<dyn Fn(&str) + Send + Sync>,
    /// Given back when the connection has ended.
    pub open: OwnedSemaphorePermit,
}

pub(super) async fn send(
    request: Request<WasiBody>,
    to: &Permitted,
    addresses: &[SocketAddr],
    options: RequestOptions,
    tls: Arc<ClientConfig>,
    bounds: Bounds,
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
        Stream::Plain(stream) => exchange(stream, request, options, bounds).await,
        Stream::Secure(stream) => exchange(stream, request, options, bounds).await,
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
    Bounds { max_body, tell, open }: Bounds,
) -> Result<Exchange, Error> {
    let handshake = http1::Builder::new().max_buf_size(MAX_HEAD).handshake(TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.map_err(http_error)?;
    // Ends with the task that waits for it, and that with the guest's response.
    let connection = wasmtime_wasi::runtime::spawn(async move {
        let _open = open;
        connection.await
    });
    let too_large = |which: &'static str, error: fn(Option<u64>) -> Error| -> TooLarge {
        let tell = tell.clone();
        Box::new(move || {
            tell(&body::too_large(which, max_body));
            error(None)
        })
    };
    let request = for_server(request)?;
    let request =
        request.map(|body| Bounded::new(body, max_body, too_large("request", Error::HttpRequestBodySize), None));
    let response = timeout(options.first_byte_timeout.unwrap_or(PATIENCE), sender.send_request(request))
        .await
        .map_err(|_| Error::ConnectionReadTimeout)?
        .map_err(http_error)?;
    let too_large = too_large("response", Error::HttpResponseBodySize);
    let response = response.map(|body| {
        let body = body.map_err(http_error);
        Bounded::new(body, max_body, too_large, options.between_bytes_timeout).boxed_unsync()
    });
    Ok((response, Box::new(async move { connection.await.map_err(http_error) })))
}

/// The request as it goes over the wire: with a path alone, as its host stands in a header of its own.
fn for_server(mut request: Request<WasiBody>) -> Result<Request<WasiBody>, Error> {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let path = if path.starts_with('?') { format!("/{path}") } else { path.to_string() };
    *request.uri_mut() = Uri::try_from(path).map_err(|_| Error::HttpRequestUriInvalid)?;
    // A connection is for one request, and the server need not keep it.
    request.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    Ok(request)
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, TcpListener};
    use std::sync::Mutex;

    use bytes::Bytes;
    use rustls::ServerConfig;
    use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
    use std::io::{Read, Write};
    use tokio::sync::Semaphore;

    /// Of a host that calls itself `localhost`, and signs for that itself.
    const CERTIFICATE: &[u8] = include_bytes!("certificates/localhost.der");
    const KEY: &[u8] = include_bytes!("certificates/localhost.key.der");

    /// A server of https that answers one request.
    fn server() -> SocketAddr {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(CERTIFICATE)], PrivatePkcs8KeyDer::from(KEY).into())
            .unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut connection = rustls::ServerConnection::new(Arc::new(config)).unwrap();
            let mut tls = rustls::Stream::new(&mut connection, &mut stream);
            let mut request = [0; 1000];
            // Fails where the client does not believe us.
            let Ok(length) = tls.read(&mut request) else { return };
            let first = String::from_utf8_lossy(&request[..length]).lines().next().unwrap_or_default().to_owned();
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{first}", first.len());
            let _ = tls.write_all(answer.as_bytes());
        });
        address
    }

    fn fetch(host: Host, roots: Vec<rustls::pki_types::TrustAnchor<'static>>, max_body: u64) -> (String, String) {
        let address = server();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let told = Arc::new(Mutex::new(String::new()));
        let tell = told.clone();
        let found = runtime.block_on(async {
            let body = http_body_util::Empty::<Bytes>::new().map_err(|never| match never {}).boxed_unsync();
            let request = Request::get("https://localhost/path?query").header("host", "localhost").body(body).unwrap();
            let to = Permitted { scheme: Scheme::Https, host, port: address.port() };
            let tls = Arc::new(with_roots(RootCertStore { roots }).unwrap());
            let open = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
            let bounds = Bounds { max_body, tell: Arc::new(move |text| tell.lock().unwrap().push_str(text)), open };
            let sent = send(request, &to, &[address], RequestOptions::default(), tls, bounds).await;
            match sent {
                Ok((response, _connection)) => match response.into_body().collect().await {
                    Ok(body) => String::from_utf8(body.to_bytes().to_vec()).unwrap(),
                    Err(error) => error.to_string(),
                },
                Err(error) => error.to_string(),
            }
        });
        let told = told.lock().unwrap().clone();
        (found, told)
    }

    #[test]
    fn https_is_for_servers_that_are_who_they_say() {
        let roots = || {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from(CERTIFICATE)).unwrap();
            roots.roots
        };
        let fetch = |host, roots| fetch(host, roots, 1000).0;
        assert_eq!(fetch(Host::Localhost, roots()), "GET /path?query HTTP/1.1");
        assert_eq!(fetch(Host::Address(Ipv4Addr::LOCALHOST.into()), roots()), "GET /path?query HTTP/1.1");
        assert_eq!(fetch(Host::Name("example.com".into()), roots()), "TLS certificate error");
        assert_eq!(fetch(Host::Localhost, webpki_roots::TLS_SERVER_ROOTS.to_vec()), "TLS certificate error");
    }

    #[test]
    fn a_body_that_is_too_large_is_told_of() {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(CERTIFICATE)).unwrap();
        let (found, told) = fetch(Host::Localhost, roots.roots, 5);
        assert_eq!(found, "HTTP response body size exceeds limit");
        assert_eq!(told, "the response's body has more than 5 bytes (option 'max-http-body')");
    }
}
