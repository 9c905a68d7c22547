// SPDX-License-Identifier: MIT
//! The conversation with refold: harness/docs/worker-protocol.md.

use std::fs::File;
use std::io::{stderr, stdin, stdout, Write};
use std::os::unix::io::AsFd;
use std::panic::{self, AssertUnwindSafe};
use std::process;
use std::sync::Mutex;

use serde_json::json;

use crate::aggregate::{Folder, NewEvent};
use crate::frame::{Cut, Frame, Input, Output};
use crate::json::Members;
use crate::state::NoState;
use crate::{receipt, Command, Event, Refusal, Time};

const PROTOCOL: u64 = 1;

const HELLO: u16 = 1;
const TYPE: u16 = 2;
const BEGIN: u16 = 3;
const EVENTS: u16 = 4;
const STATE: u16 = 5;
const END: u16 = 6;
const COMMAND: u16 = 7;
const IDENTIFY: u16 = 8;
/// An answer's kind is that of the frame with this bit.
const ANSWER: u16 = 128;
const CRASHED: u16 = 255;

/// Of frames; records have flags of their own.
const FROM_SNAPSHOT: u32 = 1;
const HAS_TIME: u32 = 1;
/// A record's bytes in front of its data, less its first field.
const RECORD_BYTES: usize = 28;
const STATE_BYTES_MAX: usize = 64 << 20;

/// What statuses say.
const FINE: u32 = 0;
const REFUSED: u32 = 1;
const NOT_FINITE: u32 = 2;
const FAILED: u32 = 3;

/// Speak the worker protocol until refold ends it: what `main` does of a program that refold starts.
/// Each of the aggregates is an [`crate::aggregate`].
///
/// Standard output is refold's from here on. What is printed goes to standard error, and so to
/// refold's report.
pub fn run(aggregates: Vec<Box<dyn Folder>>) {
    let (input, output) = take_streams();
    let mut input = Input::new(input);
    let mut speaker = Speaker::new(aggregates, Output::new(output));
    note_panics();
    // What ends here unwinds, so that what was answered before is handed over.
    let mut number = 0;
    let ended = panic::catch_unwind(AssertUnwindSafe(|| {
        while let Some(frame) = input.next(&mut speaker.output) {
            number = frame.number;
            if !speaker.take(frame) {
                break;
            }
        }
    }));
    match ended {
        Ok(()) => speaker.output.flush(),
        Err(end) => speaker.fail(number, end.is::<Misunderstood>()),
    }
}

extern "C" {
    fn dup2(from: i32, to: i32) -> i32;
}

/// Takes standard input and output away from whoever else may read or print.
fn take_streams() -> (File, File) {
    let input = stdin().as_fd().try_clone_to_owned();
    let output = stdout().as_fd().try_clone_to_owned();
    // SAFETY: descriptors are numbers to it.
    match (input, output, unsafe { dup2(2, 1) >= 0 && dup2(2, 0) >= 0 }) {
        (Ok(input), Ok(output), true) => (input.into(), output.into()),
        _ => process::exit(say("it lacks one of standard input, output and error: refold starts this program")),
    }
}

fn say(text: &str) -> i32 {
    let _ = writeln!(stderr(), "refold: {text}");
    2
}

/// Unwinds where something came that the protocol does not know: a program must not guess.
struct Misunderstood;

pub(crate) fn end_with(text: &str) -> ! {
    say(text);
    panic::resume_unwind(Box::new(Misunderstood))
}

/// The last panic's first line.
static PANIC: Mutex<String> = Mutex::new(String::new());

/// Notes where a panic was. The default hook prints it with its stack, which goes to the report.
fn note_panics() {
    if std::env::var_os("RUST_BACKTRACE").is_none() {
        std::env::set_var("RUST_BACKTRACE", "1");
    }
    let default = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let payload = info.payload();
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("of no text");
        let mut line = text.lines().map(str::trim).collect::<Vec<_>>().join("; ");
        if let Some(at) = info.location() {
            line = format!("{line}, at {}:{}", at.file(), at.line());
        }
        if let Ok(mut panic) = PANIC.lock() {
            *panic = format!("panic: {line}");
        }
        default(info);
    }));
}

/// The instance at hand.
#[derive(Default)]
struct Instance {
    aggregate: usize,
    name: String,
    id: String,
    applied: u64,
    receipt: u32,
    /// Made, or restored. An instance is made by the first frame that has an answer, so that a
    /// crash has one to take the place of.
    made: bool,
    /// What comes until END has no answer.
    over: bool,
}

/// What records are read by.
#[derive(Default)]
struct Context {
    /// By their numbers.
    types: Vec<Type>,
    instance: Instance,
    members: Members,
}

/// A type of events, or a command.
struct Type {
    name: String,
    /// For each aggregate, whether it applies such events, and handles such commands.
    named: Vec<(bool, bool)>,
}

impl Context {
    /// Whether the aggregate at hand applies such events, and handles such commands.
    fn named(&self, record: &Record) -> (bool, bool) {
        match self.types.get(record.type_number) {
            Some(known) => known.named[self.instance.aggregate],
            None => end_with("a record has a type that has no name yet"),
        }
    }

    fn event<'a>(&'a self, record: &Record<'a>) -> Event<'a> {
        self.members.forget();
        Event {
            aggregate: &self.instance.name,
            id: &self.instance.id,
            type_name: &self.types[record.type_number].name,
            version: record.version,
            at: record.at,
            data: record.data,
            members: &self.members,
        }
    }
}

struct Speaker {
    output: Output,
    aggregates: Vec<Box<dyn Folder>>,
    greeted: bool,
    within: bool,
    context: Context,
}

/// A record: an event, or a command.
struct Record<'a> {
    type_number: usize,
    at: Option<Time>,
    version: i64,
    data: &'a str,
}

fn read_record<'a>(cut: &mut Cut<'a>) -> Record<'a> {
    let bytes = cut.u32() as usize;
    if bytes < RECORD_BYTES {
        end_with("a record is too short");
    }
    let type_number = cut.u32() as usize;
    let flags = cut.u32();
    let nanos = cut.i32();
    let version = cut.i64();
    let seconds = cut.i64();
    let at = u32::try_from(nanos).ok().and_then(|nanos| Time::new(seconds, nanos));
    match (flags, at) {
        (0 | HAS_TIME, Some(_)) | (0, None) => {}
        (HAS_TIME, None) => end_with("a record's time is none"),
        _ => end_with("a record has a flag that is unknown here"),
    }
    Record { type_number, at: at.filter(|_| flags == HAS_TIME), version, data: cut.text(bytes - RECORD_BYTES) }
}

fn add_u32(out: &mut Vec<u8>, value: usize) {
    out.extend_from_slice(&(value as u32).to_le_bytes());
}

impl Speaker {
    fn new(aggregates: Vec<Box<dyn Folder>>, output: Output) -> Speaker {
        Speaker { output, aggregates, greeted: false, within: false, context: Context::default() }
    }

    /// Does what a frame says; false: the conversation is over.
    fn take(&mut self, frame: Frame) -> bool {
        if self.greeted == (frame.kind == HELLO) {
            end_with("the first frame, and no other, is a HELLO");
        }
        let inside = matches!(frame.kind, EVENTS | STATE | END | COMMAND);
        if frame.kind != TYPE && self.within != inside {
            end_with(&format!("frame {} of kind {} came at the wrong time", frame.number, frame.kind));
        }
        match frame.kind {
            HELLO => return self.hello(frame),
            TYPE => self.add_type(frame),
            BEGIN => self.begin(frame),
            IDENTIFY => self.identify(frame),
            END => self.end(frame),
            EVENTS | COMMAND if self.context.instance.over => {}
            EVENTS => self.apply(frame),
            STATE => self.state(frame),
            COMMAND => self.handle(frame),
            kind => end_with(&format!("a frame of the kind {kind} is unknown here")),
        }
        true
    }

    fn hello(&mut self, frame: Frame) -> bool {
        let hello: serde_json::Value =
            serde_json::from_slice(frame.payload).unwrap_or_else(|_| end_with("HELLO is no JSON"));
        if !hello["protocol"].is_u64() {
            end_with("HELLO has no protocol");
        }
        let aggregates: Vec<_> = self.aggregates.iter().map(|aggregate| aggregate.describe()).collect();
        let speaker = concat!("refold-rust ", env!("CARGO_PKG_VERSION"));
        let descriptor = json!({"protocol": PROTOCOL, "speaker": speaker, "aggregates": aggregates});
        let answer = self.output.begin(HELLO | ANSWER, frame.number);
        answer.extend_from_slice(descriptor.to_string().as_bytes());
        self.output.end();
        self.greeted = true;
        hello["protocol"] == PROTOCOL
    }

    fn add_type(&mut self, frame: Frame) {
        let mut cut = Cut::new(frame.payload);
        if cut.u32() as usize != self.context.types.len() {
            end_with("a type came with a number that was not its turn");
        }
        let name = cut.text(cut.rest());
        let named = self.aggregates.iter().map(|aggregate| aggregate.names(name)).collect();
        self.context.types.push(Type { name: name.into(), named });
    }

    fn aggregate_number(&self, number: u32) -> usize {
        if number as usize >= self.aggregates.len() {
            end_with(&format!("there is no aggregate {number} here"));
        }
        number as usize
    }

    fn begin(&mut self, frame: Frame) {
        let mut cut = Cut::new(frame.payload);
        let aggregate = self.aggregate_number(cut.u32());
        let flags = cut.u32();
        let (name_bytes, id_bytes) = (cut.u32() as usize, cut.u32() as usize);
        let instance = &mut self.context.instance;
        instance.aggregate = aggregate;
        instance.name.clear();
        instance.name.push_str(cut.text(name_bytes));
        instance.id.clear();
        instance.id.push_str(cut.text(id_bytes));
        (instance.applied, instance.receipt) = (0, 0);
        (instance.made, instance.over) = (false, false);
        self.within = true;
        match flags {
            0 => cut.done(),
            FROM_SNAPSHOT => self.restore(frame.number, cut.text(cut.rest())),
            _ => end_with("BEGIN has a flag that is unknown here"),
        }
    }

    fn restore(&mut self, number: u64, snapshot: &str) {
        self.output.flush();
        let restored = self.aggregates[self.context.instance.aggregate].restore(snapshot);
        self.context.instance.made = true;
        self.context.instance.over = restored.is_err();
        let answer = self.output.begin(BEGIN | ANSWER, number);
        add_u32(answer, if restored.is_ok() { FINE } else { FAILED } as usize);
        answer.extend_from_slice(restored.err().unwrap_or_default().as_bytes());
        self.output.end();
    }

    /// The aggregate of the instance at hand, with its state. What was answered of the one before is
    /// handed over first: no one but the code that is called now may be held to account for what it
    /// does.
    fn made(&mut self) -> (&mut dyn Folder, &mut Context) {
        let instance = &mut self.context.instance;
        let aggregate = &mut *self.aggregates[instance.aggregate];
        if !instance.made {
            self.output.flush();
            aggregate.begin();
            instance.made = true;
        }
        (aggregate, &mut self.context)
    }

    fn apply(&mut self, frame: Frame) {
        let (aggregate, context) = self.made();
        let mut cut = Cut::new(frame.payload);
        let count = cut.u32();
        let all = cut.rest();
        let (mut applied, mut rest) = (0, all);
        let mut refusal = None;
        for _ in 0..count {
            let record = read_record(&mut cut);
            let applied_or_not = match context.named(&record) {
                (true, _) => aggregate.apply(&context.event(&record)),
                (false, _) => Err("is none of its types".into()),
            };
            if let Err(Refusal(text)) = applied_or_not {
                refusal = Some(text);
                break;
            }
            applied += 1;
            rest = cut.rest();
        }
        if refusal.is_none() {
            cut.done();
        }
        let records = &frame.payload[frame.payload.len() - all..];
        let instance = &mut context.instance;
        instance.applied += applied;
        instance.receipt = receipt::add(instance.receipt, &records[..all - rest]);
        instance.over = refusal.is_some();
        self.answer(EVENTS, frame.number, if refusal.is_some() { REFUSED } else { FINE });
        self.output.payload().extend_from_slice(refusal.unwrap_or_default().as_bytes());
        self.output.end();
    }

    /// Begins an answer that has status, receipt and applied.
    fn answer(&mut self, kind: u16, number: u64, status: u32) {
        let answer = self.output.begin(kind | ANSWER, number);
        answer.extend_from_slice(&status.to_le_bytes());
        answer.extend_from_slice(&self.context.instance.receipt.to_le_bytes());
        answer.extend_from_slice(&self.context.instance.applied.to_le_bytes());
    }

    fn state(&mut self, frame: Frame) {
        Cut::new(frame.payload).done();
        if self.context.instance.over {
            return;
        }
        self.made();
        self.answer(STATE, frame.number, FINE);
        let start = self.output.payload_start();
        let out = self.output.payload();
        let json = out.len();
        let mut outcome = self.aggregates[self.context.instance.aggregate].state(out);
        if outcome.is_ok() && out.len() - json > STATE_BYTES_MAX {
            outcome = Err(NoState::Other("the state's JSON is longer than 64 MiB".into()));
        }
        if let Err(why) = outcome {
            let (status, text) = match why {
                NoState::NonFinite(pointer) => (NOT_FINITE, pointer),
                NoState::Other(text) => (FAILED, text),
            };
            out.truncate(json);
            out[start..start + 4].copy_from_slice(&status.to_le_bytes());
            out.extend_from_slice(text.as_bytes());
        }
        self.output.end();
    }

    fn end(&mut self, frame: Frame) {
        Cut::new(frame.payload).done();
        self.aggregates[self.context.instance.aggregate].end();
        self.answer(END, frame.number, FINE);
        self.output.end();
        self.within = false;
    }

    fn handle(&mut self, frame: Frame) {
        let (aggregate, context) = self.made();
        let mut cut = Cut::new(frame.payload);
        let record = read_record(&mut cut);
        cut.done();
        let outcome = match context.named(&record) {
            (_, true) => aggregate.handle(&Command(context.event(&record))),
            (_, false) => None,
        };
        let (status, text) = match outcome {
            Some(Ok(events)) => match gather_events(events) {
                Ok((count, events)) => {
                    let answer = self.output.begin(COMMAND | ANSWER, frame.number);
                    add_u32(answer, FINE as usize);
                    add_u32(answer, count);
                    answer.extend_from_slice(&events);
                    return self.output.end();
                }
                Err(text) => (FAILED, text),
            },
            Some(Err(Refusal(text))) => (REFUSED, text),
            None => (FAILED, "is none of its commands".into()),
        };
        self.context.instance.over = status == FAILED;
        let answer = self.output.begin(COMMAND | ANSWER, frame.number);
        add_u32(answer, status as usize);
        add_u32(answer, 0);
        answer.extend_from_slice(text.as_bytes());
        self.output.end();
    }

    fn identify(&mut self, frame: Frame) {
        self.output.flush();
        let mut cut = Cut::new(frame.payload);
        let aggregate = self.aggregate_number(cut.u32());
        if !self.aggregates[aggregate].identifies() {
            end_with(&format!("aggregate {aggregate} identifies nothing"));
        }
        let count = cut.u32();
        let answer = self.output.begin(IDENTIFY | ANSWER, frame.number);
        add_u32(answer, count as usize);
        for _ in 0..count {
            let bytes = cut.u32() as usize;
            let identified = self.aggregates[aggregate].identify(cut.bytes(bytes));
            let text = identified.map_or(String::new(), |identified| identified.to_string());
            add_u32(answer, text.len());
            answer.extend_from_slice(text.as_bytes());
        }
        cut.done();
        self.output.end();
    }

    /// Something came that is unknown here, or the aggregate panicked.
    fn fail(&mut self, number: u64, misunderstood: bool) -> ! {
        self.output.drop_unfinished();
        if misunderstood {
            self.output.flush();
            process::exit(2);
        }
        let text = PANIC.lock().map_or(String::new(), |text| text.clone());
        self.output.begin(CRASHED, number).extend_from_slice(text.as_bytes());
        self.output.end();
        self.output.flush();
        process::exit(101);
    }
}

/// Count and bytes of what a handler made.
fn gather_events(events: Vec<NewEvent>) -> Result<(usize, Vec<u8>), String> {
    let mut bytes = Vec::new();
    let count = events.len();
    for event in events {
        let data = event.data?;
        add_u32(&mut bytes, event.type_name.len());
        add_u32(&mut bytes, data.len());
        bytes.extend_from_slice(event.type_name.as_bytes());
        bytes.extend_from_slice(&data);
    }
    Ok((count, bytes))
}
