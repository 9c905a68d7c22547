# SPDX-License-Identifier: MIT
# The text form and the JSON form say the same; the JSON form follows its schema.
. "$ROOT/harness/tests/cli/scenario.inc"
file << 'END'
scenario: all words
id 6f1c
given OrderCreated at 2017-06-22T10:11:12Z
given OrderItemAdded {"Qty": 2, "PriceCents": 0}
state {"items": 1, "totalCents": 0}
when ApproveOrder at 2017-06-23T00:00:00Z {"By": "ann"}
then exactly OrderApproved
when ShipOrder
then OrderShipped {"ID": "6f1c", "Version": 4, "At": "2017-06-23T00:00:00Z"}
when ShipOrder
then refused "order is not approved"
when ShipOrder
then refused
state exactly {"status": "shipped", "items": 1, "totalCents": 0, "createdAt": "2017-06-22T10:11:12Z",
  "updatedAt": "2017-06-23T00:00:00Z"}
when ShipOrder
then nothing
END
cat > s.json << 'END'
{
  "$schema": "https://example.org/scenario.schema.json",
  "aggregate": "order",
  "scenarios": [
    {
      "scenario": "all words",
      "id": "6f1c",
      "steps": [
        {"given": "OrderCreated", "at": "2017-06-22T10:11:12Z"},
        {"given": "OrderItemAdded", "data": {"Qty": 2, "PriceCents": 0}},
        {"state": {"items": 1, "totalCents": 0}},
        {"when": "ApproveOrder", "at": "2017-06-23T00:00:00Z", "data": {"By": "ann"}},
        {"then": "OrderApproved", "exactly": true},
        {"when": "ShipOrder"},
        {"then": "OrderShipped", "data": {"ID": "6f1c", "Version": 4, "At": "2017-06-23T00:00:00Z"}},
        {"when": "ShipOrder"},
        {"refused": "order is not approved"},
        {"when": "ShipOrder"},
        {"refused": true},
        {"state": {"status": "shipped", "items": 1, "totalCents": 0, "createdAt": "2017-06-22T10:11:12Z",
          "updatedAt": "2017-06-23T00:00:00Z"}, "exactly": true},
        {"when": "ShipOrder"},
        {"nothing": true}
      ]
    }
  ]
}
END
schema s.json scenario.schema.json
for form in s.scenario s.json; do
    ended refold scenario -a "$order" "$form"
done
