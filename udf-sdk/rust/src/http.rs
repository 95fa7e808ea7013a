//! Requests to web servers, for functions that are granted them.
//!
//! A function is granted its servers where it is created, `WITH ('grant.http' = 'GET https://api.example.com')`; any other
//! request is an error that says so. The function waits for the response within its call's time limit, so it is best called
//! with `'async' = 'true'`. It is no deterministic one.
//!
//! ```
//! use anabranch_udf::http;
//! use anabranch_udf::prelude::*;
//!
//! /// The name of the customer with a number.
//! #[scalar(nondeterministic)]
//! fn customer(number: i64) -> Result<Option<String>, String> {
//!     let response = http::get(format!("https://api.example.com/customers/{number}/name")).send()?;
//!     match response.status {
//!         200 => response.text().map(|name| Some(name.to_owned())),
//!         404 => Ok(None),
//!         status => Err(format!("status {status}")),
//!     }
//! }
//!
//! # fn main() {
//! // In a native test, the test answers.
//! let _web = anabranch_udf::testing::web(|request| match request.url.as_str() {
//!     "https://api.example.com/customers/7/name" => Ok(http::Response::new(200, "Ada")),
//!     _ => Ok(http::Response::new(404, "")),
//! });
//! assert_eq!(customer(7), Ok(Some("Ada".into())));
//! assert_eq!(customer(8), Ok(None));
//! # }
//! ```

use std::time::Duration;

/// A request.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// `GET`, `HEAD`, `POST`, `PUT`, `DELETE`, `OPTIONS` or `PATCH`.
    pub method: String,
    /// With scheme and host.
    pub url: String,
    /// Names and values. `host`, `content-length` and what concerns the connection are the host's own.
    pub headers: Vec<(String, String)>,
    /// What is sent behind the headers.
    pub body: Vec<u8>,
    /// How long all of the exchange may take; the time limit of the function's call ends it in any case.
    pub timeout: Option<Duration>,
}

/// A request that only reads.
pub fn get(url: impl Into<String>) -> Request {
    Request::new("GET", url)
}

/// A request with a body.
pub fn post(url: impl Into<String>, body: impl Into<Vec<u8>>) -> Request {
    Request { body: body.into(), ..Request::new("POST", url) }
}

impl Request {
    /// A request without headers and body.
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Self {
        Request { method: method.into(), url: url.into(), headers: Vec::new(), body: Vec::new(), timeout: None }
    }

    /// With another header.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// With a body.
    pub fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Request { body: body.into(), ..self }
    }

    /// With a time limit of its own.
    pub fn timeout(self, timeout: Duration) -> Self {
        Request { timeout: Some(timeout), ..self }
    }

    /// Sends it and waits for the whole response. Redirects are not followed.
    ///
    /// # Errors
    /// Why there is no response. One of any status, 500 too, is a response.
    pub fn send(&self) -> Result<Response, String> {
        #[cfg(target_family = "wasm")]
        {
            use crate::wasm::bindings::anabranch::functions::http;
            let response = http::send(&http::Request {
                method: self.method.clone(),
                url: self.url.clone(),
                headers: self.headers.clone(),
                body: self.body.clone(),
                // Rounded up, so that a short time is not none at all.
                timeout: self.timeout.map(|time| time.as_nanos().div_ceil(1_000_000).try_into().unwrap_or(u32::MAX)),
            })?;
            Ok(Response { status: response.status, headers: response.headers, body: response.body })
        }
        #[cfg(not(target_family = "wasm"))]
        crate::testing::answer(self)
    }
}

/// What a server answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// 200 where all is well.
    pub status: u16,
    /// Names, in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// All of it, undone of chunks, but not of compression.
    pub body: Vec<u8>,
}

impl Response {
    /// A response without headers, such as a test gives.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Response { status, headers: Vec::new(), body: body.into() }
    }

    /// The first value of a header; the case of its name does not matter.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The body as a text.
    ///
    /// # Errors
    /// It is not UTF-8.
    pub fn text(&self) -> Result<&str, String> {
        std::str::from_utf8(&self.body).map_err(|error| format!("the response's body is no text in UTF-8: {error}"))
    }
}
