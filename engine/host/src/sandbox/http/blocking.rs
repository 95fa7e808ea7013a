//! The contract's `http`: a request, and the whole of its response.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{
    CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use hyper::{Method, Uri};
use wasmtime::component::{ComponentType, Lift, Lower};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

use super::body::too_large;
use super::{Failure, Http, MAX_FIELDS, describe};
use crate::grants::METHODS;
use crate::sandbox::deadline::{CallTimeout, wait};
use crate::wire::description::Level;

/// Headers that are the host's own: they say to whom a request goes, and where it ends.
const OWN: [HeaderName; 7] = [CONNECTION, CONTENT_LENGTH, HOST, TE, TRAILER, TRANSFER_ENCODING, UPGRADE];

#[derive(Debug, ComponentType, Lift)]
#[component(record)]
pub(in crate::sandbox) struct Request {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// In milliseconds.
    timeout: Option<u32>,
}

#[derive(Debug, ComponentType, Lower)]
#[component(record)]
pub(in crate::sandbox) struct Response {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Http {
    /// Sends a request and waits for the whole response; an inner `Err` says why there is none.
    ///
    /// # Errors
    /// The call's time ended meanwhile.
    pub fn send_and_wait(&self, request: Request) -> Result<Result<Response, String>, CallTimeout> {
        let timeout = request.timeout.map(|milliseconds| Duration::from_millis(milliseconds.into()));
        let request = match prepare(request) {
            Ok(request) => request,
            Err(reason) => return Ok(Err(reason)),
        };
        let what = describe(&request);
        let no_response = |why: String| format!("no response to {what}: {why}");
        let exchange = self.exchange(request, RequestOptions::default());
        let respond = async {
            // What drives the connection lives until the body is there.
            let (response, _connection) = exchange.await?;
            let (head, body) = response.into_parts();
            Ok(Response {
                status: head.status.as_u16(),
                headers: texts(&head.headers),
                body: whole(body).await.map_err(Failure::Failed)?,
            })
        };
        wait(self.deadline, async {
            let responded = match timeout {
                None => respond.await,
                Some(timeout) => match tokio::time::timeout(timeout, respond).await {
                    Ok(responded) => responded,
                    Err(_) => return Err(no_response(format!("it took more than {} ms", timeout.as_millis()))),
                },
            };
            responded.map_err(|failure| match failure {
                Failure::Refused(refusal) => match refusal.code {
                    // What names and addresses there are is for people.
                    Error::DestinationIpProhibited | Error::DnsError { .. } => {
                        self.output.log(Level::Warn, &format!("{what} is refused: {refusal}"));
                        format!("{what} is refused: its name has no address that is granted")
                    }
                    _ => format!("{what} is refused: {refusal}"),
                },
                Failure::Failed(Error::HttpRequestBodySize(_)) => no_response(too_large("request", self.max_body)),
                Failure::Failed(Error::HttpResponseBodySize(_)) => no_response(too_large("response", self.max_body)),
                Failure::Failed(error) => no_response(error.to_string()),
            })
        })
    }
}

/// All of a body, by its bytes alone: it may come in pieces of one byte.
async fn whole(mut body: WasiBody) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        if let Some(data) = frame?.data_ref() {
            bytes.extend_from_slice(data);
        }
    }
    Ok(bytes)
}

/// The request as it is sent.
fn prepare(request: Request) -> Result<hyper::Request<WasiBody>, String> {
    let method = METHODS.into_iter().find(|method| *method == request.method);
    let method = method.and_then(|method| Method::from_bytes(method.as_bytes()).ok());
    let method = method.ok_or_else(|| format!("the request's method is none of {}", METHODS.join(", ")))?;
    // A fragment is for who reads the response.
    let url = request.url.split('#').next().unwrap_or_default();
    let url: Uri = url.parse().map_err(|error| format!("the request's URL is none: {error}"))?;
    let Some(authority) = url.authority().filter(|_| url.scheme().is_some()) else {
        return Err(
            "the request's URL does not begin with a scheme and a host, as https://example.com/path does".into()
        );
    };
    let size: usize = request.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if size > MAX_FIELDS {
        return Err(format!("the request's headers have {size} bytes, more than {MAX_FIELDS}"));
    }
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        let header = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| format!("a header of the request is called {name:?}, which is no header's name"))?;
        if OWN.contains(&header) {
            return Err(format!("the request's header `{header}` is set by the host"));
        }
        let value = HeaderValue::from_bytes(value.as_bytes())
            .map_err(|_| format!("the value of the request's header `{header}` has control characters"))?;
        headers.append(header, value);
    }
    let host = HeaderValue::from_str(authority.as_str()).map_err(|_| "the request's host is none")?;
    headers.insert(HOST, host);
    let body = Full::new(Bytes::from(request.body)).map_err(|never| match never {}).boxed_unsync();
    let mut prepared = hyper::Request::new(body);
    (*prepared.method_mut(), *prepared.uri_mut(), *prepared.headers_mut()) = (method, url, headers);
    Ok(prepared)
}

/// Headers as texts. What is no UTF-8 is Latin 1, of which all bytes are characters.
fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => text.to_owned(),
        Err(_) => value.as_bytes().iter().map(|&byte| char::from(byte)).collect(),
    };
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}
