// SPDX-License-Identifier: MIT
//! The shape of a state's JSON: which objects are structs, and which are maps.

use serde_json::{json, Value};

/// Tells the members of a struct from the keys of a map, so that reports can say "all items" where
/// a thousand keys changed alike. Where an aggregate tells none, all objects are structs.
///
/// ```
/// use refold::Shape;
/// let stock = Shape::object([
///     ("total", Shape::INT),
///     ("bySku", Shape::map(Shape::object([("quantity", Shape::INT)]))),
/// ]);
/// ```
#[derive(Clone, Debug)]
pub struct Shape {
    kind: u32,
    names: Vec<String>,
    fields: Vec<Shape>,
}

const STRUCT: u32 = 9;
const LIST: u32 = 10;
const MAP: u32 = 11;

impl Shape {
    pub const BOOL: Shape = Shape::plain(1);
    pub const INT: Shape = Shape::plain(3);
    pub const UINT: Shape = Shape::plain(4);
    pub const REAL: Shape = Shape::plain(5);
    pub const STRING: Shape = Shape::plain(6);
    /// RFC 3339, as [`crate::Time`] is written.
    pub const TIME: Shape = Shape::plain(7);
    /// One of some strings.
    pub const ENUM: Shape = Shape::plain(8);

    const fn plain(kind: u32) -> Shape {
        Shape { kind, names: Vec::new(), fields: Vec::new() }
    }

    pub fn object<const N: usize>(fields: [(&str, Shape); N]) -> Shape {
        let (names, fields) = fields.into_iter().map(|(name, shape)| (name.to_string(), shape)).unzip();
        Shape { kind: STRUCT, names, fields }
    }

    pub fn list(element: Shape) -> Shape {
        Shape { kind: LIST, names: Vec::new(), fields: vec![element] }
    }

    pub fn map(value: Shape) -> Shape {
        Shape { kind: MAP, names: Vec::new(), fields: vec![value] }
    }

    pub(crate) fn describe(&self) -> Value {
        let mut described = json!({ "kind": self.kind });
        if self.kind >= STRUCT {
            let mut fields: Vec<Value> = self.fields.iter().map(Shape::describe).collect();
            for (field, name) in fields.iter_mut().zip(&self.names) {
                field["name"] = json!(name);
            }
            described["fields"] = json!(fields);
        }
        described
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_described_as_the_protocol_has_it() {
        let shape = Shape::object([("n", Shape::INT), ("m", Shape::map(Shape::list(Shape::TIME)))]);
        let expected = json!({"kind": 9, "fields": [
            {"name": "n", "kind": 3},
            {"name": "m", "kind": 11, "fields": [{"kind": 10, "fields": [{"kind": 7}]}]},
        ]});
        assert_eq!(shape.describe(), expected);
    }
}
