# SPDX-License-Identifier: MIT
# The talk's demonstrations, and how much is said of them.
. "$ROOT/harness/tests/cli/scenario.inc"
cd "$ROOT"
ended refold scenario -a "$order" fixtures/scenarios/*.scenario
ended refold scenario -q -a "$order" fixtures/scenarios/*.scenario
ended refold scenario -v --color always -a "$order" fixtures/scenarios/shipped.scenario
ended refold scenario -q -a aggregates/order.c fixtures/scenarios/created.scenario
