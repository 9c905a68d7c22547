# SPDX-License-Identifier: MIT
# An aggregate that takes all types compares whatever no other claims, by the events' own aggregate names.
. "$ROOT/harness/tests/cli/history.inc"
sed 's/c->events++/c->events += 2/' "$ROOT/aggregates/case.c" > head.c
{ flat loan a 1 Opened; flat loan a 2 Closed; flat ship b 1 Sailed; } | into 00
status refold compare "$AGGREGATES/case.so" head.c h -r text -r json=r.json
tallies r.json
status refold compare -q "$AGGREGATES/case.so" head.c h --ignore loan:/events
status refold compare -q "$AGGREGATES/case.so" head.c h --ignore loan:/events --ignore ship:/events
