// SPDX-License-Identifier: MIT
#![doc = include_str!("../README.md")]

mod aggregate;
mod event;
mod frame;
mod json;
mod receipt;
mod shape;
mod speak;
mod state;
mod time;

pub use aggregate::{aggregate, Aggregate, Definition, Folder, Identified, NewEvent, Upcast};
pub use event::{Command, Event, Refusal};
pub use json::{Kind, Value};
pub use shape::Shape;
pub use speak::run;
pub use time::Time;
