// SPDX-License-Identifier: MIT
//! What an aggregate is given: events and commands.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use serde::Deserialize;

use crate::json::{decode_base64, Members, Value};
use crate::Time;

/// Why an event or a command is refused. Reports and goldens show it behind the type:
///
/// ```
/// # use refold::{Event, Refusal};
/// fn add(event: &Event) -> Result<i64, Refusal> {
///     let quantity = event.int("Qty").ok_or("Qty is not an integer")?;
///     quantity.checked_mul(100).ok_or_else(|| format!("{quantity} are too many").into())
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub String);

impl From<&str> for Refusal {
    fn from(text: &str) -> Refusal {
        Refusal(text.into())
    }
}

impl From<String> for Refusal {
    fn from(text: String) -> Refusal {
        Refusal(text)
    }
}

impl From<serde_json::Error> for Refusal {
    fn from(error: serde_json::Error) -> Refusal {
        Refusal(error.to_string())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

/// One event. The getters give `None` where the member is not there, or of another kind.
#[derive(Clone, Copy)]
pub struct Event<'a> {
    pub(crate) aggregate: &'a str,
    pub(crate) id: &'a str,
    pub(crate) type_name: &'a str,
    pub(crate) version: i64,
    pub(crate) at: Option<Time>,
    pub(crate) data: &'a str,
    pub(crate) members: &'a Members,
}

impl<'a> Event<'a> {
    /// The aggregate's name under which the instance is folded.
    pub fn aggregate(&self) -> &'a str {
        self.aggregate
    }

    /// Of the instance.
    pub fn id(&self) -> &'a str {
        self.id
    }

    pub fn type_name(&self) -> &'a str {
        self.type_name
    }

    /// Of this event, within its instance.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// `None` where its envelope has no time.
    pub fn at(&self) -> Option<Time> {
        self.at
    }

    /// The JSON text of its data.
    pub fn data(&self) -> &'a str {
        self.data
    }

    /// The data, as whatever serde reads it. Mind that serde refuses a key that is repeated.
    pub fn parse<T: Deserialize<'a>>(&self) -> Result<T, Refusal> {
        Ok(serde_json::from_str(self.data)?)
    }

    /// The bytes that history holds, of an event that `identify` gave no data of its own.
    pub fn payload(&self) -> Option<Vec<u8>> {
        decode_base64(&Value::new(self.data.trim()).string()?)
    }

    /// A member of the data (of a repeated key the last).
    pub fn value(&self, name: &str) -> Option<Value<'a>> {
        self.members.find(self.data, name)
    }

    /// An integer token that fits. `3.0` and `"3"` are none.
    pub fn int(&self, name: &str) -> Option<i64> {
        self.value(name)?.int()
    }

    /// As [`Event::int`].
    pub fn uint(&self, name: &str) -> Option<u64> {
        self.value(name)?.uint()
    }

    /// Any number, as the nearest double.
    pub fn real(&self, name: &str) -> Option<f64> {
        self.value(name)?.real()
    }

    pub fn bool(&self, name: &str) -> Option<bool> {
        self.value(name)?.bool()
    }

    /// A string, decoded.
    pub fn string(&self, name: &str) -> Option<Cow<'a, str>> {
        self.value(name)?.string()
    }

    /// An RFC 3339 string, or a number: below 1e11 seconds, else milliseconds.
    pub fn time(&self, name: &str) -> Option<Time> {
        self.value(name)?.time()
    }
}

/// A command: [`Event::version`] is that of the instance, [`Event::at`] when it was given, which
/// the events that it makes will have too.
#[derive(Clone, Copy)]
pub struct Command<'a>(pub(crate) Event<'a>);

impl<'a> Command<'a> {
    pub fn name(&self) -> &'a str {
        self.0.type_name
    }
}

impl<'a> Deref for Command<'a> {
    type Target = Event<'a>;

    fn deref(&self) -> &Event<'a> {
        &self.0
    }
}
