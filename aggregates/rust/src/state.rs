// SPDX-License-Identifier: MIT
//! A state as JSON. serde_json writes NaN and infinity as `null`, which would pass for a state: so
//! where it wrote a `null`, the state is asked again for numbers that are none.

use std::fmt;
use std::io;

use serde::ser::{self, Serialize};
use serde_json::ser::{Formatter, Serializer};

/// Why there is no JSON.
#[derive(Debug, PartialEq, Eq)]
pub enum NoState {
    /// Because of a NaN or infinity, at this JSON pointer.
    NonFinite(String),
    Other(String),
}

/// Appends the JSON of a state, or of an event's data.
pub(crate) fn write<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) -> Result<(), NoState> {
    let mut nulls = false;
    let mut writer = Serializer::with_formatter(out, Watch(&mut nulls));
    value.serialize(&mut writer).map_err(|error| NoState::Other(error.to_string()))?;
    match nulls.then(|| value.serialize(Finder)) {
        Some(Err(Found::Number(steps))) => Err(NoState::NonFinite(pointer(&steps))),
        _ => Ok(()), // what else is wrong, serde_json has told
    }
}

/// Writes as serde_json does, and tells whether there was a null.
struct Watch<'a>(&'a mut bool);

impl Formatter for Watch<'_> {
    fn write_null<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        *self.0 = true;
        writer.write_all(b"null")
    }
}

fn pointer(steps: &[String]) -> String {
    let escaped = |step: &String| format!("/{}", step.replace('~', "~0").replace('/', "~1"));
    steps.iter().rev().map(escaped).collect()
}

/// What ends the search.
#[derive(Debug)]
enum Found {
    /// The steps to the number, the innermost first.
    Number(Vec<String>),
    Error(String),
}

impl Found {
    fn below(self, step: impl FnOnce() -> String) -> Found {
        match self {
            Found::Number(mut steps) => {
                steps.push(step());
                Found::Number(steps)
            }
            error => error,
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Found::Number(steps) => write!(f, "{} is not finite", pointer(steps)),
            Found::Error(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for Found {}

impl ser::Error for Found {
    fn custom<T: fmt::Display>(text: T) -> Found {
        Found::Error(text.to_string())
    }
}

/// A serializer that writes nothing.
struct Finder;

macro_rules! pass_over {
    ($($name:ident: $type:ty),* $(,)?) => {
        $(fn $name(self, _: $type) -> Result<(), Found> {
            Ok(())
        })*
    };
}

impl ser::Serializer for Finder {
    type Ok = ();
    type Error = Found;
    type SerializeSeq = Elements;
    type SerializeTuple = Elements;
    type SerializeTupleStruct = Elements;
    type SerializeTupleVariant = Within<Elements>;
    type SerializeMap = Entries;
    type SerializeStruct = Fields;
    type SerializeStructVariant = Within<Fields>;

    pass_over! {
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_i128: i128, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_u128: u128, serialize_char: char, serialize_str: &str, serialize_bytes: &[u8],
        serialize_unit_struct: &'static str,
    }

    fn serialize_f32(self, real: f32) -> Result<(), Found> {
        self.serialize_f64(f64::from(real))
    }

    fn serialize_f64(self, real: f64) -> Result<(), Found> {
        if real.is_finite() {
            Ok(())
        } else {
            Err(Found::Number(Vec::new()))
        }
    }

    fn serialize_none(self) -> Result<(), Found> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Found> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Found> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<(), Found> {
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Found> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Found> {
        value.serialize(self).map_err(|found| found.below(|| variant.into()))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Elements, Found> {
        Ok(Elements(0))
    }

    fn serialize_tuple(self, _: usize) -> Result<Elements, Found> {
        Ok(Elements(0))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Elements, Found> {
        Ok(Elements(0))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Within<Elements>, Found> {
        Ok(Within(variant, Elements(0)))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries, Found> {
        Ok(Entries(String::new()))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields, Found> {
        Ok(Fields)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Within<Fields>, Found> {
        Ok(Within(variant, Fields))
    }
}

/// A list, and how many of its elements were seen.
struct Elements(usize);

impl Elements {
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Found> {
        let index = self.0;
        self.0 += 1;
        value.serialize(Finder).map_err(|found| found.below(|| index.to_string()))
    }
}

/// A map, and the key that was seen last.
struct Entries(String);

/// A struct.
struct Fields;

impl Fields {
    fn field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Found> {
        value.serialize(Finder).map_err(|found| found.below(|| key.into()))
    }
}

/// What a variant of an enum holds.
struct Within<T>(&'static str, T);

impl ser::SerializeSeq for Elements {
    type Ok = ();
    type Error = Found;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Found> {
        self.element(value)
    }
    fn end(self) -> Result<(), Found> {
        Ok(())
    }
}

impl ser::SerializeTuple for Elements {
    type Ok = ();
    type Error = Found;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Found> {
        self.element(value)
    }
    fn end(self) -> Result<(), Found> {
        Ok(())
    }
}

impl ser::SerializeTupleStruct for Elements {
    type Ok = ();
    type Error = Found;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Found> {
        self.element(value)
    }
    fn end(self) -> Result<(), Found> {
        Ok(())
    }
}

impl ser::SerializeTupleVariant for Within<Elements> {
    type Ok = ();
    type Error = Found;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Found> {
        let variant = self.0;
        self.1.element(value).map_err(|found| found.below(|| variant.into()))
    }
    fn end(self) -> Result<(), Found> {
        Ok(())
    }
}

fn key_text<K: Serialize + ?Sized>(key: &K) -> String {
    match serde_json::to_value(key) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(other) => other.to_string(),
        Err(_) => "?".into(),
    }
}

impl ser::SerializeMap for Entries {
    type Ok = ();
    type Error = Found;
    fn serialize_key<K: Serialize + ?Sized>(&mut self, key: &K) -> Result<(), Found> {
        self.0 = key_text(key);
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Found> {
        value.serialize(Finder).map_err(|found| found.below(|| self.0.clone()))
    }
    fn serialize_entry<K: Serialize + ?Sized, T: Serialize + ?Sized>(
        &mut self,
        key: &K,
        value: &T,
    ) -> Result<(), Found> {
        value.serialize(Finder).map_err(|found| found.below(|| key_text(key)))
    }
    fn end(self) -> Result<(), Found> {
        Ok(())
    }
}

impl ser::SerializeStruct for Fields {
    type Ok = ();
    type Error = Found;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Found> {
        self.field(key, value)
    }
    fn end(self) -> Result<(), Found> {
        Ok(())
    }
}

impl ser::SerializeStructVariant for Within<Fields> {
    type Ok = ();
    type Error = Found;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Found> {
        let variant = self.0;
        self.1.field(key, value).map_err(|found| found.below(|| variant.into()))
    }
    fn end(self) -> Result<(), Found> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{write, NoState};
    use serde::Serialize;
    use std::collections::BTreeMap;

    #[derive(Serialize, Default)]
    struct State {
        none: Option<f64>,
        unit: (),
        big: i128,
        small: f32,
        list: Vec<(u8, f64)>,
        map: BTreeMap<String, Option<Choice>>,
        numbered: BTreeMap<i32, f64>,
    }

    #[derive(Serialize)]
    enum Choice {
        Nothing,
        One(f64),
        Two(i8, f64),
        Named { real: f64 },
    }

    fn fault(state: &State) -> NoState {
        write(state, &mut Vec::new()).unwrap_err()
    }

    fn at(pointer: &str) -> NoState {
        NoState::NonFinite(pointer.into())
    }

    #[test]
    fn nulls_of_its_own_are_a_state() {
        let mut out = b"before ".to_vec();
        let mut state = State { big: i128::MAX, ..State::default() };
        state.map.insert("null".into(), Some(Choice::Nothing));
        write(&state, &mut out).unwrap();
        assert!(String::from_utf8(out).unwrap().starts_with("before {\"none\":null,"));
    }

    #[test]
    fn what_is_not_finite_is_found_wherever_it_is() {
        assert_eq!(fault(&State { none: Some(f64::NAN), ..State::default() }), at("/none"));
        assert_eq!(fault(&State { small: f32::INFINITY, ..State::default() }), at("/small"));
        let list = vec![(1, 0.5), (2, f64::NEG_INFINITY)];
        assert_eq!(fault(&State { list, ..State::default() }), at("/list/1/1"));
        let map = |choice| State { map: BTreeMap::from([("a/~b".into(), Some(choice))]), ..State::default() };
        assert_eq!(fault(&map(Choice::One(f64::NAN))), at("/map/a~1~0b/One"));
        assert_eq!(fault(&map(Choice::Two(1, f64::NAN))), at("/map/a~1~0b/Two/1"));
        assert_eq!(fault(&map(Choice::Named { real: f64::NAN })), at("/map/a~1~0b/Named/real"));
        let numbered = BTreeMap::from([(-7, f64::NAN)]);
        assert_eq!(fault(&State { numbered, ..State::default() }), at("/numbered/-7"));
        assert_eq!(write(&f64::NAN, &mut Vec::new()), Err(at("")));
    }

    #[test]
    fn what_serde_refuses_is_told() {
        let odd = BTreeMap::from([((1, 2), 3)]);
        assert_eq!(write(&odd, &mut Vec::new()), Err(NoState::Other("key must be a string".into())));
    }
}
