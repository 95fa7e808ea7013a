//! The lower end of the edges into a chain: reads its channels fairly, and aligns barriers.

use std::time::Duration;

use crossbeam_channel::{Receiver, Select, TryRecvError};

use super::coordinator::Control;
use super::element::{Element, Ending, Flow, Halt};

/// The channels of one subtask.
#[derive(Debug)]
pub(super) struct Gate {
    channels: Vec<Channel>,
    control: Receiver<Control>,
    /// The channel to look at first.
    turn: usize,
    /// The barrier that some channels have brought and others have not.
    aligning: Option<u64>,
    ending: Ending,
}

#[derive(Debug)]
struct Channel {
    receiver: Receiver<Element>,
    /// Input of the operator, from 0.
    input: usize,
    /// Its barrier is here and those of others are not: what comes behind it must wait.
    blocked: bool,
    ended: bool,
}

/// What the gate gives.
#[derive(Debug)]
pub(super) enum Event {
    /// `channel` counts over all inputs.
    Element {
        channel: usize,
        input: usize,
        element: Element,
    },
    Control(Control),
    Timeout,
}

impl Gate {
    /// `channels`: with the operator input that each belongs to.
    pub(super) fn new(channels: Vec<(usize, Receiver<Element>)>, control: Receiver<Control>) -> Self {
        let channel = |(input, receiver)| Channel { receiver, input, blocked: false, ended: false };
        let channels = channels.into_iter().map(channel).collect();
        Gate { channels, control, turn: 0, aligning: None, ending: Ending::Finished }
    }

    /// The next element of a channel that is not blocked, each in turn; waits for `timeout` at most, `None`: for good.
    pub(super) fn next(&mut self, timeout: Option<Duration>) -> Flow<Event> {
        if let Some(event) = self.ready()? {
            return Ok(event);
        }
        let mut select = Select::new();
        select.recv(&self.control);
        for channel in self.channels.iter().filter(|channel| !channel.blocked && !channel.ended) {
            select.recv(&channel.receiver);
        }
        match timeout {
            None => {
                select.ready();
            }
            Some(timeout) if select.ready_timeout(timeout).is_err() => return Ok(Event::Timeout),
            Some(_) => {}
        }
        // Somebody else cannot have taken it, but the wakeup may be spurious: the caller comes again.
        Ok(self.ready()?.unwrap_or(Event::Timeout))
    }

    fn ready(&mut self) -> Flow<Option<Event>> {
        match self.control.try_recv() {
            Ok(control) => return Ok(Some(Event::Control(control))),
            Err(TryRecvError::Disconnected) => return Err(Halt::Cancelled),
            Err(TryRecvError::Empty) => {}
        }
        let count = self.channels.len();
        for step in 0..count {
            let at = (self.turn + step) % count;
            let channel = &self.channels[at];
            if channel.blocked || channel.ended {
                continue;
            }
            match channel.receiver.try_recv() {
                Ok(element) => {
                    self.turn = (at + 1) % count;
                    return Ok(Some(Event::Element { channel: at, input: channel.input, element }));
                }
                // Without an end: the subtask above has failed.
                Err(TryRecvError::Disconnected) => return Err(Halt::Cancelled),
                Err(TryRecvError::Empty) => {}
            }
        }
        Ok(None)
    }

    /// A channel has brought a barrier. Returns its number when all have.
    pub(super) fn barrier(&mut self, channel: usize, id: u64) -> Option<u64> {
        self.channels[channel].blocked = true;
        self.aligning = Some(id);
        self.aligned()
    }

    /// A channel has ended, which stands for every barrier to come.
    pub(super) fn end(&mut self, channel: usize, ending: Ending) -> Option<u64> {
        self.channels[channel].ended = true;
        self.ending = self.ending.and(ending);
        self.aligned()
    }

    fn aligned(&mut self) -> Option<u64> {
        let waiting = self.channels.iter().any(|channel| !channel.blocked && !channel.ended);
        if waiting {
            return None;
        }
        let id = self.aligning.take()?;
        self.channels.iter_mut().for_each(|channel| channel.blocked = false);
        Some(id)
    }

    /// Set when all channels have ended.
    pub(super) fn ended(&self) -> Option<Ending> {
        self.channels.iter().all(|channel| channel.ended).then_some(self.ending)
    }

    pub(super) fn control(&self) -> &Receiver<Control> {
        &self.control
    }
}
