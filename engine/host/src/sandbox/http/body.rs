//! The bodies of requests and responses, bounded in size and, between their pieces, in time.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep};
use wasmtime_wasi_http::Error;

/// Tells people, and gives the error.
pub(super) type TooLarge = Box<dyn Fn() -> Error + Send>;

/// What is said of a body, a request's or a response's, that is.
pub(super) fn too_large(which: &str, limit: u64) -> String {
    format!("the {which}'s body has more than {limit} bytes (option 'max-http-body')")
}

/// A body that fails where it has more bytes than it may.
pub(super) struct Bounded<B> {
    body: B,
    room: u64,
    too_large: TooLarge,
    /// How long to wait for the next piece.
    pause: Option<(Duration, Pin<Box<Sleep>>)>,
}

impl<B> Bounded<B> {
    pub fn new(body: B, limit: u64, too_large: TooLarge, pause: Option<Duration>) -> Self {
        let pause = pause.map(|pause| (pause, Box::pin(tokio::time::sleep(pause))));
        Bounded { body, room: limit, too_large, pause }
    }
}

impl<B> Body for Bounded<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Error>,
{
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Pending => {
                let waited = this.pause.as_mut().is_some_and(|(_, sleep)| sleep.as_mut().poll(context).is_ready());
                if waited { Poll::Ready(Some(Err(Error::ConnectionReadTimeout))) } else { Poll::Pending }
            }
            Poll::Ready(Some(Ok(frame))) => {
                if let Some((pause, sleep)) = &mut this.pause {
                    sleep.as_mut().reset(Instant::now() + *pause);
                }
                let length = frame.data_ref().map_or(0, |data| data.len() as u64);
                match this.room.checked_sub(length) {
                    Some(room) => {
                        this.room = room;
                        Poll::Ready(Some(Ok(frame)))
                    }
                    None => Poll::Ready(Some(Err((this.too_large)()))),
                }
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(None) => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
