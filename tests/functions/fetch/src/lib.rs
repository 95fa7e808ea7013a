//! Functions that ask web servers, and misuse what they are given for it.

use anabranch_udf::prelude::*;
use wasip2::http::outgoing_handler::handle;
use wasip2::http::types::{
    Fields, IncomingBody, IncomingResponse, Method, OutgoingBody, OutgoingRequest, RequestOptions, Scheme,
};
use wasip2::io::streams::StreamError;

anabranch_udf::package!(fetch, demand, post, unread, wait, idle);

/// The status and body of `GET url` (or of another method: `PUT url`).
#[scalar(nondeterministic)]
pub fn fetch(request: &str) -> Result<String, String> {
    let (method, url) = request.split_once(' ').unwrap_or(("GET", request));
    let request = new_request(method, url)?;
    read(&answer(request, None)?)
}

/// As `fetch`, but takes no refusal.
#[scalar(nondeterministic)]
pub fn demand(request: &str) -> String {
    fetch(request).expect("an answer")
}

/// The status and body of a POST of as many bytes.
#[scalar(nondeterministic)]
pub fn post(url: &str, bytes: i64) -> Result<String, String> {
    let request = new_request("POST", url)?;
    let body = request.body().map_err(|()| "no body")?;
    let response = handle(request, None).map_err(|code| format!("{code:?}"))?;
    {
        let stream = body.write().map_err(|()| "no stream")?;
        let mut left = usize::try_from(bytes).unwrap_or(0);
        while left > 0 {
            let piece = left.min(4096);
            // What the server does not want is said by the response.
            if stream.blocking_write_and_flush(&vec![b'x'; piece]).is_err() {
                break;
            }
            left -= piece;
        }
    }
    let finished = OutgoingBody::finish(body, None);
    response.subscribe().block();
    let response = response.get().ok_or("no response")?.map_err(|()| "taken")?.map_err(|code| format!("{code:?}"))?;
    finished.map_err(|code| format!("{code:?}"))?;
    read(&response)
}

/// Writes a body that nobody reads, since the request is never sent.
#[scalar(nondeterministic)]
pub fn unread(url: &str) -> Result<String, String> {
    let request = new_request("POST", url)?;
    let body = request.body().map_err(|()| "no body")?;
    let stream = body.write().map_err(|()| "no stream")?;
    for _ in 0..1000 {
        stream.blocking_write_and_flush(&[b'x'; 4096]).map_err(|error| format!("{error:?}"))?;
    }
    Ok("written".into())
}

/// As `fetch`, but gives up after some milliseconds, by a timer of its own or by an option of the request.
#[scalar(nondeterministic)]
pub fn wait(url: &str, milliseconds: i64, by_option: bool) -> Result<String, String> {
    let nanoseconds = u64::try_from(milliseconds).unwrap_or(0) * 1_000_000;
    let request = new_request("GET", url)?;
    if by_option {
        let options = RequestOptions::new();
        options.set_first_byte_timeout(Some(nanoseconds)).map_err(|()| "no such option")?;
        return read(&answer(request, Some(options))?);
    }
    let response = handle(request, None).map_err(|code| format!("{code:?}"))?;
    let timer = wasip2::clocks::monotonic_clock::subscribe_duration(nanoseconds);
    let answered = response.subscribe();
    match wasip2::io::poll::poll(&[&answered, &timer]).as_slice() {
        [1] => Err("the timer was first".into()),
        _ => Ok("the response was first".into()),
    }
}

/// As many requests at once as are asked for; how many were refused.
#[scalar(nondeterministic)]
pub fn idle(url: &str, requests: i64) -> Result<String, String> {
    let mut open = Vec::new();
    let mut codes = Vec::new();
    for _ in 0..requests {
        open.push(handle(new_request("GET", url)?, None).map_err(|code| format!("{code:?}"))?);
    }
    for response in open.iter().rev().take(3) {
        response.subscribe().block();
        codes.push(match response.get() {
            Some(Ok(Err(code))) => format!("{code:?}"),
            _ => "answered".into(),
        });
    }
    Ok(codes.join(" "))
}

fn new_request(method: &str, url: &str) -> Result<OutgoingRequest, String> {
    let (scheme, rest) = url.split_once("://").ok_or("no URL")?;
    let (authority, path) = match rest.find(['/', '?']) {
        Some(slash) => rest.split_at(slash),
        None => (rest, "/"),
    };
    let request = OutgoingRequest::new(Fields::new());
    let method = match method {
        "GET" => Method::Get,
        "PUT" => Method::Put,
        "POST" => Method::Post,
        other => Method::Other(other.into()),
    };
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => Scheme::Other(other.into()),
    };
    let set = request
        .set_method(&method)
        .and_then(|()| request.set_scheme(Some(&scheme)))
        .and_then(|()| request.set_authority(Some(authority)))
        .and_then(|()| request.set_path_with_query(Some(path)));
    set.map(|()| request).map_err(|()| format!("{url} cannot be asked for"))
}

fn answer(request: OutgoingRequest, options: Option<RequestOptions>) -> Result<IncomingResponse, String> {
    let response = handle(request, options).map_err(|code| format!("{code:?}"))?;
    response.subscribe().block();
    response.get().ok_or("no response")?.map_err(|()| "taken")?.map_err(|code| format!("{code:?}"))
}

fn read(response: &IncomingResponse) -> Result<String, String> {
    let body = response.consume().map_err(|()| "consumed")?;
    let mut bytes = Vec::new();
    {
        let stream = body.stream().map_err(|()| "no stream")?;
        loop {
            match stream.blocking_read(1 << 16) {
                Ok(piece) => bytes.extend(piece),
                Err(StreamError::Closed) => break,
                Err(StreamError::LastOperationFailed(error)) => {
                    return Err(format!("{} after {} bytes", error.to_debug_string(), bytes.len()));
                }
            }
        }
    }
    IncomingBody::finish(body);
    let text = match String::from_utf8(bytes) {
        Ok(text) if text.len() < 200 => text,
        other => format!("{} bytes", other.map_or_else(|error| error.into_bytes().len(), |text| text.len())),
    };
    Ok(format!("{} {text}", response.status()))
}
