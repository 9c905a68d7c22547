// SPDX-License-Identifier: MIT
//! JSON values as they stand in an event: looked at, not taken apart. refold has read the text
//! before; what is none all the same ends the program, which must not guess.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use serde::Deserialize;

use crate::speak::end_with;
use crate::{Refusal, Time};

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Null,
    Bool,
    Number,
    String,
    Array,
    Object,
}

/// A JSON value inside an event.
#[derive(Clone, Copy, Debug)]
pub struct Value<'a> {
    text: &'a str,
}

impl<'a> Value<'a> {
    /// `text` begins and ends with the value.
    pub(crate) fn new(text: &'a str) -> Value<'a> {
        Value { text }
    }

    /// Its JSON text.
    pub fn text(&self) -> &'a str {
        self.text
    }

    pub fn kind(&self) -> Kind {
        match self.text.as_bytes().first() {
            Some(b'"') => Kind::String,
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b't' | b'f') => Kind::Bool,
            Some(b'n') => Kind::Null,
            _ => Kind::Number,
        }
    }

    fn number(&self) -> Option<&'a str> {
        (self.kind() == Kind::Number).then_some(self.text)
    }

    /// An integer token that fits. `3.0` and `"3"` are none.
    pub fn int(&self) -> Option<i64> {
        self.number()?.parse().ok()
    }

    /// As [`Value::int`].
    pub fn uint(&self) -> Option<u64> {
        match self.number()? {
            "-0" => Some(0),
            number => number.parse().ok(),
        }
    }

    /// Any number, as the nearest double; `None` where that is infinite.
    pub fn real(&self) -> Option<f64> {
        self.number()?.parse().ok().filter(|real: &f64| real.is_finite())
    }

    pub fn bool(&self) -> Option<bool> {
        (self.kind() == Kind::Bool).then_some(self.text == "true")
    }

    /// A string, decoded.
    pub fn string(&self) -> Option<Cow<'a, str>> {
        (self.kind() == Kind::String).then(|| decode(self.text))
    }

    /// An RFC 3339 string, or a number: below 1e11 seconds, else milliseconds.
    pub fn time(&self) -> Option<Time> {
        match self.kind() {
            Kind::String => Time::parse(&self.string()?),
            Kind::Number => Time::from_number(self.text),
            _ => None,
        }
    }

    /// A member of an object (of a repeated key the last).
    pub fn member(&self, name: &str) -> Option<Value<'a>> {
        self.members().filter(|(key, _)| key_is(key, name)).last().map(|(_, value)| value)
    }

    /// An object's members: their keys as they stand in the text, and their values.
    fn members(&self) -> impl Iterator<Item = (&'a str, Value<'a>)> {
        Walk::new(self.text, b'{')
    }

    /// An object's keys and values, in its order; nothing where it is another kind.
    pub fn entries(&self) -> impl Iterator<Item = (Cow<'a, str>, Value<'a>)> {
        self.members().map(|(key, value)| (decode(key), value))
    }

    /// An array's elements; nothing where it is another kind.
    pub fn elements(&self) -> impl Iterator<Item = Value<'a>> {
        Walk::new(self.text, b'[').map(|(_, value)| value)
    }

    /// Whatever serde reads it as. Mind that serde refuses an object in which a key is repeated.
    pub fn parse<T: Deserialize<'a>>(&self) -> Result<T, Refusal> {
        Ok(serde_json::from_str(self.text)?)
    }
}

/// The members of an event's data, found once for each event, in memory that is used again.
#[derive(Default)]
pub(crate) struct Members {
    found: Cell<bool>,
    places: RefCell<Vec<[u32; 4]>>,
}

impl Members {
    pub fn forget(&self) {
        self.found.set(false);
    }

    pub fn find<'a>(&self, data: &'a str, name: &str) -> Option<Value<'a>> {
        let mut places = self.places.borrow_mut();
        if !self.found.replace(true) {
            places.clear();
            let place = |part: &str| {
                let start = part.as_ptr() as usize - data.as_ptr() as usize;
                (start as u32, (start + part.len()) as u32)
            };
            places.extend(Walk::new(data, b'{').map(|(key, value)| {
                let ((key, key_end), (value, value_end)) = (place(key), place(value.text));
                [key, key_end, value, value_end]
            }));
        }
        let part = |start: u32, end: u32| &data[start as usize..end as usize];
        places
            .iter()
            .rev()
            .find(|place| key_is(part(place[0], place[1]), name))
            .map(|place| Value::new(part(place[2], place[3])))
    }
}

/// Whether a key, in its quotes, is this name.
fn key_is(key: &str, name: &str) -> bool {
    &key[1..key.len() - 1] == name || (key.contains('\\') && decode(key) == name)
}

/// Walks through one level of an object (`open` is `{`) or array; a value of another kind is empty.
struct Walk<'a> {
    text: &'a str,
    at: usize,
    object: bool,
}

impl<'a> Walk<'a> {
    fn new(text: &'a str, open: u8) -> Walk<'a> {
        let mut walk = Walk { text, at: 0, object: open == b'{' };
        walk.skip_blanks();
        if walk.peek() != Some(open) {
            walk.at = text.len();
            return walk;
        }
        walk.at += 1;
        walk.skip_blanks();
        walk.end_if_closed();
        walk
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    fn end_if_closed(&mut self) -> bool {
        let closed = self.peek() == Some(if self.object { b'}' } else { b']' });
        if closed {
            self.at = self.text.len();
        }
        closed
    }

    fn expect(&mut self, byte: u8) {
        self.skip_blanks();
        if self.peek() != Some(byte) {
            broken();
        }
        self.at += 1;
        self.skip_blanks();
    }

    fn value(&mut self) -> &'a str {
        let start = self.at;
        self.at = skip_value(self.text.as_bytes(), start);
        &self.text[start..self.at]
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = (&'a str, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.at == self.text.len() {
            return None;
        }
        let mut key = "\"\"";
        if self.object {
            if self.peek() != Some(b'"') {
                broken();
            }
            key = self.value();
            self.expect(b':');
        }
        let value = Value::new(self.value());
        self.skip_blanks();
        if !self.end_if_closed() {
            self.expect(b',');
        }
        Some((key, value))
    }
}

fn broken() -> ! {
    end_with("an event's data is no JSON")
}

/// The place behind the value at `at`.
fn skip_value(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(b'"') => skip_string(bytes, at),
        Some(b'{' | b'[') => skip_container(bytes, at),
        Some(b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => {
            let end = bytes[at..]
                .iter()
                .position(|byte| !matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'E' | b'.' | b'+' | b'-'));
            end.map_or(bytes.len(), |end| at + end)
        }
        _ => broken(),
    }
}

fn skip_string(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    loop {
        match bytes.get(at) {
            Some(b'"') => return at + 1,
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
            None => broken(),
        }
    }
}

fn skip_container(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0;
    loop {
        match bytes.get(at) {
            Some(b'"') => {
                at = skip_string(bytes, at);
                continue;
            }
            Some(b'{' | b'[') => depth += 1,
            Some(b'}' | b']') => depth -= 1,
            Some(_) => {}
            None => broken(),
        }
        at += 1;
        if depth == 0 {
            return at;
        }
    }
}

/// What a string token, with its quotes, says.
fn decode(token: &str) -> Cow<'_, str> {
    let inner = &token[1..token.len() - 1];
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    match serde_json::from_str(token) {
        Ok(text) => Cow::Owned(text),
        Err(_) => broken(),
    }
}

/// The bytes that a string of base64 stands for.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=').as_bytes();
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    for group in text.chunks(4) {
        let mut bits = 0;
        for at in 0..4 {
            bits = bits << 6 | group.get(at).map_or(Some(0), |letter| letter_value(*letter))?;
        }
        if group.len() == 1 {
            return None;
        }
        bytes.extend_from_slice(&u32::to_be_bytes(bits)[1..group.len()]);
    }
    Some(bytes)
}

fn letter_value(letter: u8) -> Option<u32> {
    Some(match letter {
        b'A'..=b'Z' => u32::from(letter - b'A'),
        b'a'..=b'z' => u32::from(letter - b'a') + 26,
        b'0'..=b'9' => u32::from(letter - b'0') + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_taken_as_in_c() {
        for (text, int, uint) in [
            ("3", Some(3), Some(3)),
            ("-0", Some(0), Some(0)),
            ("-3", Some(-3), None),
            ("3.0", None, None),
            ("1e2", None, None),
            ("1E2", None, None),
            ("\"3\"", None, None),
            ("null", None, None),
            ("true", None, None),
            ("[3]", None, None),
            ("9223372036854775807", Some(i64::MAX), Some(i64::MAX as u64)),
            ("9223372036854775808", None, Some(1 << 63)),
            ("-9223372036854775808", Some(i64::MIN), None),
            ("-9223372036854775809", None, None),
            ("18446744073709551615", None, Some(u64::MAX)),
            ("18446744073709551616", None, None),
            ("184467440737095516160000000000000000000000000", None, None),
        ] {
            assert_eq!(Value::new(text).int(), int, "{text}");
            assert_eq!(Value::new(text).uint(), uint, "{text}");
        }
        assert_eq!(Value::new("1e2").real(), Some(100.0));
        assert_eq!(Value::new("1e400").real(), None);
        assert_eq!(Value::new("\"1\"").real(), None);
        assert_eq!(Value::new("null").real(), None);
    }

    #[test]
    fn members_are_found_by_what_their_keys_say_and_the_last_counts() {
        let data = r#" { "a" : 1 , "\u0061":[2,{"a":"}\""}] ,"b":{"a":3,"c":"x\ny"}, "":null,"é":true} "#;
        let members = Members::default();
        let find = |name| members.find(data, name).map(|value| value.text());
        assert_eq!(find("a"), Some(r#"[2,{"a":"}\""}]"#));
        assert_eq!(find("b"), Some(r#"{"a":3,"c":"x\ny"}"#));
        assert_eq!(find(""), Some("null"));
        assert_eq!(find("é"), Some("true"));
        assert_eq!(find("c"), None);
        let inner = members.find(data, "b").unwrap();
        assert_eq!(inner.member("a").unwrap().int(), Some(3));
        assert_eq!(inner.member("c").unwrap().string().unwrap(), "x\ny");
        assert_eq!(inner.entries().map(|(key, _)| key.into_owned()).collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!(members.find(data, "a").unwrap().elements().count(), 2);
        members.forget();
        assert!(members.find("[1]", "a").is_none());
        members.forget();
        assert!(members.find("{}", "a").is_none());
        assert_eq!(Value::new("[ ]").elements().count(), 0);
    }

    #[test]
    fn payloads_come_back_from_base64() {
        assert_eq!(decode_base64("").unwrap(), b"");
        assert_eq!(decode_base64("AA==").unwrap(), b"\0");
        assert_eq!(decode_base64("/+8=").unwrap(), b"\xff\xef");
        assert_eq!(decode_base64("cmVmb2xk").unwrap(), b"refold");
        assert!(decode_base64("A").is_none());
        assert!(decode_base64("A-==").is_none());
    }
}
