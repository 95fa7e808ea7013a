//! Guests written by hand that attack the host in every export: each gets its message within its time, and a function
//! beside it goes on. What a guest in Rust can do to single rows is in `hostile.rs`.

#[path = "../support/guest.rs"]
mod guest;
#[path = "../support/mod.rs"]
mod support;

mod drive;
mod escapes;
mod files;
mod grow;
mod metadata;
mod pool;
mod results;
mod rows;
mod spin;
