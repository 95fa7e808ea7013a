//! A subtask: one thread that drives one chain from its first element to its end.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crossbeam_channel::Receiver;

use super::chain::{Chain, HEAD};
use super::coordinator::{Control, Coordinator};
use super::element::{Element, Ending, Flow, Halt};
use super::gate::{Event, Gate};
use super::source::SourceDriver;
use crate::error::Error;

/// What drives the chain.
pub(super) enum Driver {
    Source(Box<SourceDriver>),
    Channels(Box<ChannelDriver>),
}

/// A chain that reads channels.
pub(super) struct ChannelDriver {
    pub(super) gate: Gate,
    pub(super) chain: Chain,
    pub(super) thread: usize,
}

/// Runs a subtask to its end, whatever that is. `create` makes operators, readers and writers in the thread itself.
pub(super) fn run(thread: usize, coordinator: &Coordinator, create: impl FnOnce() -> Flow<Driver>) {
    let halt = catch(|| create().and_then(|driver| drive(driver, thread, coordinator))).err();
    coordinator.left(halt);
}

fn drive(mut driver: Driver, thread: usize, coordinator: &Coordinator) -> Flow {
    let result = catch(|| run_to_end(&mut driver, thread, coordinator));
    if let Err(halt) = result {
        // The others are told first: dropping what was written may take its time.
        let halt = match halt {
            Halt::Failed(error) => {
                coordinator.fail(error);
                Halt::Cancelled
            }
            Halt::Cancelled => Halt::Cancelled,
        };
        let aborted = catch(|| Ok(driver.chain().abort(coordinator.completed())?));
        if let Err(Halt::Failed(error)) = aborted {
            tracing::warn!("a sink could not drop what it had written: {error}");
        }
        return Err(halt);
    }
    Ok(())
}

fn run_to_end(driver: &mut Driver, thread: usize, coordinator: &Coordinator) -> Flow {
    let ending = match driver {
        Driver::Source(source) => {
            let ending = source.run(coordinator)?;
            source.pool.ended(source.subtask);
            ending
        }
        Driver::Channels(channels) => channels.run(coordinator)?,
    };
    let mut report = driver.chain().final_snapshots()?;
    if let Driver::Source(source) = driver {
        source.complete(&mut report);
    }
    coordinator.ended(thread, ending, report);
    if !driver.chain().has_sinks() {
        return Ok(());
    }
    // What the sinks have prepared is committed with the next snapshot, or when the whole job has ended well.
    loop {
        match driver.control().recv() {
            Ok(Control::Commit(id)) => driver.chain().commit(id)?,
            Ok(Control::Finish) => return Ok(driver.chain().commit(u64::MAX)?),
            Ok(Control::Cancel) | Err(_) => return Err(Halt::Cancelled),
            Ok(Control::Barrier { .. } | Control::Stop | Control::Wake) => {}
        }
    }
}

impl Driver {
    fn chain(&mut self) -> &mut Chain {
        match self {
            Driver::Source(source) => &mut source.chain,
            Driver::Channels(channels) => &mut channels.chain,
        }
    }

    fn control(&self) -> &Receiver<Control> {
        match self {
            Driver::Source(source) => &source.control,
            Driver::Channels(channels) => channels.gate.control(),
        }
    }
}

impl ChannelDriver {
    /// Until all channels have ended.
    fn run(&mut self, coordinator: &Coordinator) -> Flow<Ending> {
        loop {
            if let Some(ending) = self.gate.ended() {
                self.chain.tick();
                self.chain.end(HEAD, ending)?;
                return Ok(ending);
            }
            match self.gate.next(self.chain.wait())? {
                Event::Element { channel, input, element } => self.take(channel, input, element, coordinator)?,
                Event::Control(Control::Commit(id)) => self.chain.commit(id)?,
                Event::Control(Control::Cancel) => return Err(Halt::Cancelled),
                Event::Control(_) | Event::Timeout => {}
            }
            self.chain.run_due()?;
        }
    }

    fn take(&mut self, channel: usize, input: usize, element: Element, coordinator: &Coordinator) -> Flow {
        self.chain.tick();
        let aligned = match element {
            Element::Batch(batch) => {
                self.chain.process(HEAD, input, batch)?;
                None
            }
            Element::Watermark(watermark) => {
                self.chain.watermark(HEAD, channel, watermark)?;
                None
            }
            Element::Idle | Element::Active => {
                self.chain.status(HEAD, channel, matches!(element, Element::Idle))?;
                None
            }
            Element::Barrier(id) => self.gate.barrier(channel, id),
            Element::End(ending) => {
                self.chain.channel_ended(channel, ending)?;
                self.gate.end(channel, ending)
            }
        };
        if let Some(id) = aligned {
            let report = self.chain.barrier(id, coordinator.stops_at(id))?;
            coordinator.report(self.thread, id, report);
        }
        Ok(())
    }
}

/// A panic becomes an error, so that a job ends instead of hanging.
fn catch<T>(body: impl FnOnce() -> Flow<T>) -> Flow<T> {
    // What the body touched is only aborted and dropped afterwards.
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| Err(Halt::Failed(panicked(&*panic))))
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Error::bug(format!("a subtask panicked: {}", text.unwrap_or("without a message")))
}
