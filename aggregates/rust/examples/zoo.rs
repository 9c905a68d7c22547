// SPDX-License-Identifier: MIT
//! Does what no aggregate should, told by its events: for tests.

use std::io::Read;

use refold::{Aggregate, Event, Refusal};
use serde::Serialize;

#[derive(Default, Serialize)]
struct Zoo {
    events: u64,
    real: f64,
    #[serde(skip)]
    hogged: Vec<Vec<u8>>,
}

impl Aggregate for Zoo {
    const NAME: &'static str = "zoo";
    const TYPES: &'static [&'static str] = &["Counted", "Done"];

    fn apply(&mut self, event: &Event) -> Result<(), Refusal> {
        if event.type_name() == "Done" {
            let deed = event.string("deed").ok_or("deed is not a string")?;
            self.misbehave(&deed)?;
        }
        self.events += 1;
        Ok(())
    }
}

impl Zoo {
    fn misbehave(&mut self, deed: &str) -> Result<(), Refusal> {
        match deed {
            "panic" => panic!("{} events", self.events),
            "assert" => assert_eq!(self.events, 77),
            "catch" => {
                let caught = std::panic::catch_unwind(|| panic!("to be caught"));
                println!("caught: {}", caught.is_err());
            }
            "thread" => {
                let thread = std::thread::spawn(|| panic!("beside"));
                let _ = thread.join();
            }
            "exit" => std::process::exit(0),
            "abort" => std::process::abort(),
            "stack" => println!("{}", fall(self.events)),
            "loop" => loop {
                std::hint::spin_loop();
            },
            "hog" => loop {
                self.hogged.push(vec![1; 1 << 20]);
            },
            "print" => println!("counted {}", self.events),
            "read" => {
                let _ = std::io::stdin().read(&mut [0; 16]);
            }
            "nan" => self.real = f64::NAN,
            _ => return Err("is no deed".into()),
        }
        Ok(())
    }
}

/// Calls itself until the stack is full.
#[allow(unconditional_recursion)]
fn fall(depth: u64) -> String {
    let kept = depth.to_string();
    fall(depth + 1) + &kept
}

fn main() {
    refold::run(vec![refold::aggregate::<Zoo>()]);
}
