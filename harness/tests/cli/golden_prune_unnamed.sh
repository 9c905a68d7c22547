# SPDX-License-Identifier: MIT
# Of events that name no aggregate, what is loaded for prune does not tell whose they are, unless by their
# types: no line with such an id goes.
. "$ROOT/harness/tests/cli/history.inc"
prune() {
    echo "== $1"
    shift
    status refold golden prune --dry-run "$@"
}
{ event a 1 OrderCreated; event c 1 OrderCreated; flat order b 1 OrderCreated; flat order d 1 OrderCreated; } | into 00
bless h -a "$order"
{ event a 1 OrderCreated; event c 1 OrderCreated; flat order b 1 OrderCreated; } | into 00
prune 'the one that is loaded is another' h -a "$AGGREGATES/file.so"
prune 'the one that is loaded declares the types' h -a "$order"
rm -r h golden
{ event a 1 OrderNamedOnce; flat order b 1 OrderCreated; flat order d 1 OrderCreated; } | into 00
bless h -a "$order"
{ event a 1 OrderNamedOnce; flat order b 1 OrderCreated; } | into 00
prune 'what takes all only guesses' h -a "$order" -a "$AGGREGATES/case.so"
prune 'no type tells' h -a "$order"
rm -r h golden
{ event a 1 Opened; event d 1 Opened; } | into 00
bless h -a "$AGGREGATES/case.so"
event a 1 Opened | into 00
prune 'of an id without any event the line goes' h -a "$AGGREGATES/case.so"
rm -r h golden
{ flat order b 1 Opened; event a 1 FileDeleted '"commit":"c"'; } | into 00
bless h -a "$order"
prune 'what is not loaded may be what the events are of' h -a "$AGGREGATES/file.so"
