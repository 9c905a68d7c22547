// SPDX-License-Identifier: MIT
//! Two aggregates in one program: the smallest that there is, and one with all that there is.

use std::collections::BTreeMap;

use refold::{Aggregate, Definition, Event, Identified, Refusal, Shape, Upcast};
use serde::{Deserialize, Serialize};

#[derive(Default, Serialize, Deserialize)]
struct Counter {
    total: i64,
}

impl Aggregate for Counter {
    const NAME: &'static str = "counter";
    const TYPES: &'static [&'static str] = &["Added"];

    fn apply(&mut self, event: &Event) -> Result<(), Refusal> {
        let by = event.int("By").ok_or("By is not an integer")?;
        self.total = self.total.checked_add(by).ok_or("total would overflow")?;
        Ok(())
    }
}

/// Values by name.
#[derive(Default, Serialize, Deserialize)]
struct Gauge {
    values: BTreeMap<String, f64>,
    last: Option<String>,
}

/// The data of `Set`, as serde reads it.
#[derive(Deserialize)]
struct Set {
    name: String,
    value: f64,
}

impl Aggregate for Gauge {
    const NAME: &'static str = "gauge";
    const STATE_VERSION: u32 = 3;
    const TYPES: &'static [&'static str] = &["Set", "Put", "Divided", "Forgotten"];

    fn apply(&mut self, event: &Event) -> Result<(), Refusal> {
        if let (b"Set", Some(payload)) = (event.type_name().as_bytes(), event.payload()) {
            let text = String::from_utf8_lossy(&payload);
            let (name, value) = text.split_once('=').ok_or("is no name=value")?;
            self.values.insert(name.into(), value.parse().map_err(|_| "is no number")?);
            return Ok(());
        }
        let name = event.string("name").ok_or("name is not a string")?;
        match event.type_name() {
            "Set" => {
                let set: Set = event.parse()?;
                self.values.insert(set.name, set.value);
            }
            "Divided" => {
                let by = event.real("by").ok_or("by is not a number")?;
                *self.values.entry(name.into()).or_default() /= by;
            }
            _ => {
                self.values.remove(&*name).ok_or("was never set")?;
            }
        }
        Ok(())
    }

    fn define(definition: Definition<Self>) -> Definition<Self> {
        definition
            .restores()
            .upcasts(Gauge::upcast)
            .checks(Gauge::check)
            .identifies(Gauge::identify)
            .shape(Shape::object([("values", Shape::map(Shape::REAL)), ("last", Shape::STRING)]))
    }
}

impl Gauge {
    /// `Put` was the name of `Set` at first.
    fn upcast(event: &Event) -> Result<Option<Upcast>, Refusal> {
        Ok((event.type_name() == "Put").then(|| ("Set".into(), event.data().into())))
    }

    fn check(&self, _last: &Event) -> Result<(), Refusal> {
        match self.values.iter().find(|(_, value)| (1000.0..f64::INFINITY).contains(&value.abs())) {
            Some((name, _)) => Err(format!("{name} is out of bounds").into()),
            None => Ok(()),
        }
    }

    /// `name=value`.
    fn identify(payload: &[u8]) -> Result<Option<Identified>, String> {
        if !payload.contains(&b'=') {
            return Ok(None);
        }
        let text = std::str::from_utf8(payload).map_err(|_| "is no text")?;
        let id = text.split('=').next().unwrap_or_default().into();
        Ok(Some(Identified { id, type_name: "Set".into(), ..Identified::default() }))
    }
}

fn main() {
    refold::run(vec![refold::aggregate::<Counter>(), refold::aggregate::<Gauge>()]);
}
