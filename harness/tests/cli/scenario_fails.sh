# SPDX-License-Identifier: MIT
# What does not hold is told with file, line, what was written and what came; 0, "", false and null count.
. "$ROOT/harness/tests/cli/scenario.inc"
file << 'END'
scenario: this one holds
when CreateOrder
then OrderCreated

scenario: other data
given OrderCreated
when ApproveOrder
then OrderApproved {"Version": 0, "By": null, "At": "", "ID": "1"}

scenario: another state
given OrderCreated
state {"status": "", "items": false, "totalCents": null, "shippedAt": 0}
state exactly {"status": "created", "items": 0, "totalCents": 0}

scenario: other events
when CreateOrder
then OrderApproved
then OrderCreated

scenario: too few events
when CreateOrder
then OrderCreated
then OrderApproved

scenario: nothing, and not refused
when CreateOrder
then nothing
when CreateOrder
then OrderCreated

scenario: refused
when CreateOrder
then refused
when CreateOrder
then refused "order exists"
when CreateOrder
then refused "order exists already"

scenario: refused on the way
when ShipOrder
state {"items": 0}

scenario: an event that apply refuses
given OrderItemAdded {"Qty": "two", "PriceCents": 1}
state {"items": 1}

scenario: exactly
when CreateOrder
then exactly OrderCreated {"a": 0}
END
ended refold scenario -a "$order" s.scenario
ended refold scenario -q -a "$order" s.scenario
ended refold scenario -r json=r.json --color always -a "$order" s.scenario
schema r.json scenario-report.schema.json
