// SPDX-License-Identifier: MIT
//! Plays refold over pipes: what the programs answer, frame by frame, by numbers that are written
//! out here.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

use serde_json::{json, Value};

const HELLO: u16 = 1;
const TYPE: u16 = 2;
const BEGIN: u16 = 3;
const EVENTS: u16 = 4;
const STATE: u16 = 5;
const END: u16 = 6;
const COMMAND: u16 = 7;
const IDENTIFY: u16 = 8;
const CRASHED: u16 = 255;

/// CRC-32C, bit by bit.
fn receipt(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |mut sum, byte| {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = sum >> 1 ^ if sum & 1 == 1 { 0x82F6_3B78 } else { 0 };
        }
        sum
    })
}

fn text(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

fn u32s(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn record(type_number: u32, version: i64, data: &str) -> Vec<u8> {
    let front = u32s(&[28 + data.len() as u32, type_number, 1]);
    let seconds = 1_498_126_272i64 + version;
    text(&[&front, &5i32.to_le_bytes(), &version.to_le_bytes(), &seconds.to_le_bytes(), data.as_bytes()])
}

fn begin(aggregate: u32, snapshot: Option<&str>) -> Vec<u8> {
    let front = u32s(&[aggregate, u32::from(snapshot.is_some()), 5, 2]);
    text(&[&front, b"order", b"o1", snapshot.unwrap_or("").as_bytes()])
}

struct Talk {
    child: Child,
    input: Option<ChildStdin>,
    number: u64,
}

impl Talk {
    fn with(program: &str) -> Talk {
        let mut command = Command::new(program);
        command.env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let input = child.stdin.take();
        Talk { child, input, number: 0 }
    }

    /// Begun, with these types known.
    fn hello(program: &str, types: &[&str]) -> (Talk, Value) {
        let mut talk = Talk::with(program);
        talk.send(HELLO, br#"{"protocol":1,"refold":"0.1.0","more":[]}"#);
        let descriptor = serde_json::from_slice(&talk.answer(HELLO)).unwrap();
        for (number, name) in types.iter().enumerate() {
            talk.send(TYPE, &text(&[&u32s(&[number as u32]), name.as_bytes()]));
        }
        (talk, descriptor)
    }

    fn send(&mut self, kind: u16, payload: &[u8]) {
        self.number += 1;
        let header =
            text(&[&u32s(&[payload.len() as u32]), &kind.to_le_bytes(), b"RF", &self.number.to_le_bytes(), payload]);
        // It may have ended already.
        let _ = self.input.as_mut().unwrap().write_all(&header);
    }

    fn frame(&mut self) -> (u16, u64, Vec<u8>) {
        let output = self.child.stdout.as_mut().unwrap();
        let mut header = [0; 16];
        output.read_exact(&mut header).unwrap();
        assert_eq!(&header[6..8], b"RF");
        let mut payload = vec![0; u32::from_le_bytes(header[..4].try_into().unwrap()) as usize];
        output.read_exact(&mut payload).unwrap();
        let kind = u16::from_le_bytes(header[4..6].try_into().unwrap());
        (kind, u64::from_le_bytes(header[8..].try_into().unwrap()), payload)
    }

    /// The answer to the frame that was sent last.
    fn answer(&mut self, kind: u16) -> Vec<u8> {
        let (got, number, payload) = self.frame();
        assert_eq!((got, number), (kind | 128, self.number), "{:?}", String::from_utf8_lossy(&payload));
        payload
    }

    /// Status, and what stands behind receipt and count, which must be those of `records`.
    fn told(&mut self, kind: u16, records: &[Vec<u8>]) -> (u32, String) {
        let payload = self.answer(kind);
        assert_eq!(payload[4..8], receipt(&records.concat()).to_le_bytes());
        assert_eq!(payload[8..16], (records.len() as u64).to_le_bytes());
        let status = u32::from_le_bytes(payload[..4].try_into().unwrap());
        (status, String::from_utf8(payload[16..].to_vec()).unwrap())
    }

    fn apply(&mut self, records: &[Vec<u8>]) {
        self.send(EVENTS, &text(&[&u32s(&[records.len() as u32]), &records.concat()]));
    }

    fn state(&mut self, records: &[Vec<u8>]) -> Value {
        self.send(STATE, b"");
        let (status, json) = self.told(STATE, records);
        assert_eq!(status, 0, "{json}");
        serde_json::from_str(&json).unwrap()
    }

    fn end(&mut self, records: &[Vec<u8>]) {
        self.send(END, b"");
        assert_eq!(self.told(END, records), (0, String::new()));
    }

    /// Closes its input; how it ended, and what it said on standard error.
    fn close(mut self) -> (Option<i32>, String) {
        drop(self.input.take());
        let mut rest = Vec::new();
        self.child.stdout.as_mut().unwrap().read_to_end(&mut rest).unwrap();
        assert!(rest.is_empty(), "{rest:?}");
        let mut said = String::new();
        self.child.stderr.as_mut().unwrap().read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().code(), said)
    }
}

const ORDER: &str = env!("CARGO_BIN_EXE_order");
const TYPES: [&str; 3] = ["OrderCreated", "OrderItemAdded", "OrderPaid"];

fn example(name: &str) -> String {
    let path = std::path::Path::new(ORDER).parent().unwrap().join("examples").join(name);
    path.to_str().unwrap().into()
}

#[test]
fn order_says_what_it_is() {
    let (talk, hello) = Talk::hello(ORDER, &[]);
    assert_eq!(hello["protocol"], 1);
    let order = &hello["aggregates"][0];
    assert_eq!(order["name"], "order");
    assert_eq!(order["types"].as_array().unwrap().len(), 8);
    assert_eq!(order["commands"], json!(["CreateOrder", "ApproveOrder", "ShipOrder"]));
    assert_eq!(order["restores"], true);
    assert_eq!(order["shape"]["fields"][3], json!({"name": "createdAt", "kind": 7}));
    assert_eq!(talk.close(), (Some(0), String::new()));
}

#[test]
fn another_protocol_is_answered_with_its_own() {
    let mut talk = Talk::with(ORDER);
    talk.send(HELLO, br#"{"protocol":2}"#);
    let hello: Value = serde_json::from_slice(&talk.answer(HELLO)).unwrap();
    assert_eq!(hello["protocol"], 1);
    assert_eq!(talk.close(), (Some(0), String::new()));
}

#[test]
fn order_folds_refuses_and_goes_on_with_the_next_instance() {
    let (mut talk, _) = Talk::hello(ORDER, &TYPES);
    let mut all = vec![record(0, 1, "{}"), record(1, 2, r#"{"Qty":2,"PriceCents":150,"Qty":3}"#)];
    talk.send(BEGIN, &begin(0, None));
    assert_eq!(talk.state(&[]), json!({"items": 0, "totalCents": 0}));
    talk.apply(&all);
    assert_eq!(talk.told(EVENTS, &all), (0, String::new()));
    let expected = json!({"status": "created", "items": 1, "totalCents": 450,
        "createdAt": "2017-06-22T10:11:13.000000005Z", "updatedAt": "2017-06-22T10:11:14.000000005Z"});
    assert_eq!(talk.state(&all), expected);
    let more = [record(2, 3, r#"{"AmountCents":1}"#), record(1, 4, r#"{"Qty":3.0}"#), record(0, 5, "{}")];
    talk.apply(&more);
    all.push(more[0].clone());
    assert_eq!(talk.told(EVENTS, &all), (1, "Qty is not an integer".into()));
    // The instance is over: nothing is answered until END.
    talk.apply(&more);
    talk.send(STATE, b"");
    talk.end(&all);
    talk.send(BEGIN, &begin(0, None));
    talk.end(&[]);
    assert_eq!(talk.close(), (Some(0), String::new()));
}

#[test]
fn order_restores_what_it_showed_and_handles_commands() {
    let (mut talk, _) = Talk::hello(ORDER, &["ShipOrder", "ApproveOrder"]);
    let state = json!({"status": "created", "items": 7, "totalCents": -1, "updatedAt": "2017-06-22T10:11:12Z"});
    talk.send(BEGIN, &begin(0, Some(&state.to_string())));
    assert_eq!(talk.answer(BEGIN), u32s(&[0]));
    assert_eq!(talk.state(&[]), state);
    talk.send(COMMAND, &record(0, 9, "{}"));
    assert_eq!(talk.answer(COMMAND), text(&[&u32s(&[1, 0]), b"order is not approved"]));
    talk.send(COMMAND, &record(1, 9, "{}"));
    assert_eq!(talk.answer(COMMAND), text(&[&u32s(&[0, 1, 13, 2]), b"OrderApproved{}"]));
    assert_eq!(talk.state(&[]), state);
    talk.end(&[]);
    talk.send(BEGIN, &begin(0, Some(r#"{"status":"lost","items":0,"totalCents":0}"#)));
    let answer = talk.answer(BEGIN);
    assert_eq!(answer[..4], u32s(&[3]));
    assert!(String::from_utf8_lossy(&answer[4..]).contains("unknown variant `lost`"));
    talk.apply(&[]);
    talk.end(&[]);
    assert_eq!(talk.close(), (Some(0), String::new()));
}

#[test]
fn what_an_aggregate_does_not_name_is_refused() {
    let (mut talk, _) = Talk::hello(ORDER, &["Other"]);
    talk.send(BEGIN, &begin(0, None));
    talk.send(COMMAND, &record(0, 1, "{}"));
    assert_eq!(talk.answer(COMMAND), text(&[&u32s(&[3, 0]), b"is none of its commands"]));
    talk.end(&[]);
    talk.send(BEGIN, &begin(0, None));
    talk.apply(&[record(0, 1, "{}")]);
    assert_eq!(talk.told(EVENTS, &[]), (1, "is none of its types".into()));
    assert_eq!(talk.close(), (Some(0), String::new()));
}

#[test]
fn numbers_count_as_in_c() {
    let (mut talk, _) = Talk::hello(ORDER, &TYPES);
    for (quantity, text) in [
        ("1e2", "Qty is not an integer"),
        ("3.0", "Qty is not an integer"),
        ("\"3\"", "Qty is not an integer"),
        ("null", "Qty is not an integer"),
        ("18446744073709551617", "Qty is not an integer"),
        ("9223372036854775808", "Qty is not an integer"),
        ("9223372036854775807", "totalCents would overflow"),
        ("-9223372036854775808", "totalCents would overflow"),
        ("-0", ""),
        ("4611686018427387903", ""),
    ] {
        talk.send(BEGIN, &begin(0, None));
        talk.apply(&[record(1, 1, &format!("{{\"\\u0051ty\":{quantity},\"PriceCents\":2}}"))]);
        let payload = talk.answer(EVENTS);
        assert_eq!(String::from_utf8_lossy(&payload[16..]), text, "{quantity}");
        talk.send(END, b"");
        talk.answer(END);
    }
    assert_eq!(talk.close(), (Some(0), String::new()));
}

/// A talk with the example, its second aggregate begun: all that the crate can do.
fn gauge(types: &[&str]) -> Talk {
    let (mut talk, hello) = Talk::hello(&example("counter"), types);
    assert_eq!(hello["aggregates"][0]["name"], "counter");
    assert_eq!(hello["aggregates"][1]["name"], "gauge");
    for can in ["identifies", "upcasts", "checks"] {
        assert_eq!((&hello["aggregates"][0][can], &hello["aggregates"][1][can]), (&json!(false), &json!(true)));
    }
    talk.send(BEGIN, &begin(1, None));
    talk
}

#[test]
fn a_state_that_is_not_finite_is_none() {
    let mut talk = gauge(&["Set", "Divided"]);
    let all = [record(0, 1, r#"{"name":"a/b","value":1.5}"#), record(1, 2, r#"{"name":"a/b","by":0.0}"#)];
    talk.apply(&all);
    talk.told(EVENTS, &all);
    talk.send(STATE, b"");
    assert_eq!(talk.told(STATE, &all), (2, "/values/a~1b".into()));
    // That ends nothing.
    let more = [all[0].clone(), all[1].clone(), record(0, 3, r#"{"name":"a/b","value":-2}"#)];
    talk.apply(&more[2..]);
    talk.told(EVENTS, &more);
    assert_eq!(talk.state(&more), json!({"values": {"a/b": -2.0}, "last": null}));
    talk.end(&more);
    assert_eq!(talk.close(), (Some(0), String::new()));
}

#[test]
fn events_are_upcast_and_states_checked() {
    let mut talk = gauge(&["Put", "Set"]);
    let all = [record(0, 1, r#"{"name":"a","value":7}"#), record(1, 2, r#"{"name":"b","value":1e6}"#)];
    talk.apply(&all);
    assert_eq!(talk.told(EVENTS, &all[..1]), (1, "b is out of bounds".into()));
    talk.end(&all[..1]);
    assert_eq!(talk.close(), (Some(0), String::new()));
}

#[test]
fn payloads_are_identified() {
    let (mut talk, _) = Talk::hello(&example("counter"), &["Set"]);
    let parts: [&[u8]; 6] = [&u32s(&[3]), b"a=7", &u32s(&[1]), b"?", &u32s(&[2]), b"=\xff"];
    talk.send(IDENTIFY, &text(&[&u32s(&[1, 3]), &parts.concat()]));
    let first = br#"{"id":"a","type":"Set"}"#;
    let last = br#"{"error":"is no text"}"#;
    let expected = text(&[&u32s(&[3, 23]), first, &u32s(&[0]), &u32s(&[22]), last]);
    assert_eq!(talk.answer(IDENTIFY), expected);
    // The event's data is then the payload.
    talk.send(BEGIN, &begin(1, None));
    let all = [record(0, 1, "\"YT03\"")];
    talk.apply(&all);
    talk.told(EVENTS, &all);
    assert_eq!(talk.state(&all)["values"], json!({"a": 7.0}));
    talk.end(&all);
    assert_eq!(talk.close(), (Some(0), String::new()));
}

/// What the zoo answers to a deed, and how it ends.
fn zoo(deed: &str) -> ((u16, u64, String), Option<i32>, String) {
    let (mut talk, _) = Talk::hello(&example("zoo"), &["Counted", "Done"]);
    talk.send(BEGIN, &begin(0, None));
    talk.apply(&[record(0, 1, "{}")]);
    talk.apply(&[record(1, 2, &format!("{{\"deed\":\"{deed}\"}}"))]);
    let (kind, number, _) = talk.frame();
    assert_eq!((kind, number), (EVENTS | 128, 5));
    let (kind, number, payload) = talk.frame();
    let (status, said) = talk.close();
    ((kind, number, String::from_utf8_lossy(&payload).into()), status, said)
}

#[test]
fn a_panic_is_a_crash_with_its_place_and_stack() {
    let ((kind, number, text), status, stack) = zoo("panic");
    assert_eq!((kind, number, status), (CRASHED, 6, Some(101)));
    assert!(text.starts_with("panic: 1 events, at examples/zoo.rs:"), "{text}");
    assert!(stack.contains("stack backtrace:") && stack.contains("zoo::"), "{stack}");

    let ((kind, _, text), status, _) = zoo("assert");
    assert_eq!((kind, status), (CRASHED, Some(101)));
    assert!(text.contains("; ") && !text.contains('\n'), "{text}");
}

#[test]
fn a_panic_that_is_caught_is_none() {
    let ((kind, _, _), status, said) = zoo("catch");
    assert_eq!((kind, status), (EVENTS | 128, Some(0)));
    assert!(said.contains("caught"), "{said}");
}

#[test]
fn what_is_printed_goes_to_standard_error_and_nothing_is_read() {
    let ((kind, _, _), status, said) = zoo("print");
    assert_eq!((kind, status, said.as_str()), (EVENTS | 128, Some(0), "counted 1\n"));
    let ((kind, _, _), status, _) = zoo("read");
    assert_eq!((kind, status), (EVENTS | 128, Some(0)));
}

#[test]
fn what_was_answered_of_one_instance_is_handed_over_before_the_next() {
    let (mut talk, _) = Talk::hello(&example("zoo"), &["Counted", "Done"]);
    let first = [record(0, 1, "{}")];
    talk.send(BEGIN, &begin(0, None));
    talk.apply(&first);
    talk.send(END, b"");
    talk.send(BEGIN, &begin(0, None));
    talk.apply(&[record(1, 1, r#"{"deed":"exit"}"#)]);
    assert_eq!(talk.frame().1, 5);
    let (kind, number, _) = talk.frame();
    assert_eq!((kind, number), (END | 128, 6));
    assert_eq!(talk.close(), (Some(0), String::new()));
}

/// What it says where something comes that the protocol does not know.
fn refused(talk: Talk, sentence: &str) {
    let (status, said) = talk.close();
    assert_eq!((status, said.trim_end()), (Some(2), format!("refold: {sentence}").as_str()));
}

#[test]
fn what_the_protocol_does_not_know_ends_it_with_a_sentence() {
    let hello = || Talk::hello(ORDER, &TYPES).0;
    let sent = |kind, payload: &[u8]| {
        let mut talk = hello();
        talk.send(kind, payload);
        talk
    };
    refused(sent(99, b""), "a frame of the kind 99 is unknown here");
    refused(sent(HELLO, b"{}"), "the first frame, and no other, is a HELLO");
    refused(sent(STATE, b""), "frame 5 of kind 5 came at the wrong time");
    refused(sent(TYPE, &u32s(&[7])), "a type came with a number that was not its turn");
    refused(sent(TYPE, &text(&[&u32s(&[3]), b"\xff"])), "a text is no UTF-8");
    refused(sent(IDENTIFY, &u32s(&[0, 0])), "aggregate 0 identifies nothing");
    refused(sent(BEGIN, &begin(1, None)), "there is no aggregate 1 here");
    refused(sent(BEGIN, &u32s(&[0, 2, 0, 0])), "BEGIN has a flag that is unknown here");
    refused(sent(BEGIN, &u32s(&[0, 0, 9, 0])), "a frame is shorter than what it holds");
    refused(sent(BEGIN, &text(&[&begin(0, None), b"!"])), "a frame is longer than what it holds");

    let mut talk = Talk::with(ORDER);
    talk.send(BEGIN, &begin(0, None));
    refused(talk, "the first frame, and no other, is a HELLO");
    for hello in ["{}", "[]", "{\"protocol\":\"1\"}", "no"] {
        let mut talk = Talk::with(ORDER);
        talk.send(HELLO, hello.as_bytes());
        refused(talk, if hello == "no" { "HELLO is no JSON" } else { "HELLO has no protocol" });
    }
    let mut talk = hello();
    talk.number += 1;
    talk.send(STATE, b"");
    refused(talk, "frame 6 came where 5 was due");
    let mut talk = hello();
    talk.input.as_mut().unwrap().write_all(&[0; 16]).unwrap();
    refused(talk, "a frame without its letters");
    let mut talk = hello();
    talk.input.as_mut().unwrap().write_all(b"\0").unwrap();
    refused(talk, "standard input ended within a frame");
}

#[test]
fn records_that_are_none_end_it_with_a_sentence() {
    let sent = |count: u32, records: &[u8]| {
        let (mut talk, _) = Talk::hello(ORDER, &TYPES);
        talk.send(BEGIN, &begin(0, None));
        talk.send(EVENTS, &text(&[&u32s(&[count]), records]));
        talk
    };
    let good = record(1, 1, r#"{"Qty":1,"PriceCents":1}"#);
    let with = |at: usize, byte: u8| {
        let mut record = good.clone();
        record[at] = byte;
        record
    };
    refused(sent(2, &good), "a frame is shorter than what it holds");
    refused(sent(0, &good), "a frame is longer than what it holds");
    refused(sent(1, &with(0, 27)), "a record is too short");
    refused(sent(1, &with(4, 3)), "a record has a type that has no name yet");
    refused(sent(1, &with(8, 3)), "a record has a flag that is unknown here");
    refused(sent(1, &with(15, 0x80)), "a record's time is none");
    refused(sent(1, &with(31, 0x7F)), "a record's time is none");
    refused(sent(1, &with(39, b'?')), "an event's data is no JSON");
    refused(sent(1, &with(35, 0xFF)), "a text is no UTF-8");
}
