# SPDX-License-Identifier: MIT
# What --id leaves out is no excuse: an instance that is gone stays missing where --as-of left nothing out, or only
# events of others.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 2; life c 2; } | into 00
bless h -a "$order"
rm -r h
{ life a 2; life c 2; } | into 00
status refold run -q --id a --id b --as-of 2099-01-01T00:00:00Z h -a "$order"
status refold run -q --id a --id b --until 2099-01-01 h -a "$order"
status refold run -q --id a --id b --as-of 2026-07-01T00:00:01Z h -a "$order"
