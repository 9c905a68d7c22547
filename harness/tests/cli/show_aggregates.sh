# SPDX-License-Identifier: MIT
# Instances of several aggregates share an id: all are shown. Those without their aggregate have events, and no states.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; flat file a 1 FileAdded '{"blob":"b","mode":"100644","commit":"c"}'; flat payment a 0 Paid; flat payment a 1 Paid; } | into 00
status refold show a h -a "$order" -a "$AGGREGATES/file.so"
status refold show -q a h
status refold show --at 1 -q a h -a "$order" -a "$AGGREGATES/file.so"
status refold show --at 2 -q a h -a "$order" -a "$AGGREGATES/file.so"
status refold show --blame a h
status refold show -q a h -a "$AGGREGATES/case.so"
