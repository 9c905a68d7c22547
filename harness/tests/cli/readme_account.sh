# SPDX-License-Identifier: MIT
# The aggregate that the README shows compiles as it stands there, and does what one expects of an account.
. "$ROOT/harness/tests/cli/history.inc"
awk '/^```c$/ {inside = 1; next} /^```$/ {inside = 0} inside' "$ROOT/README.md" > account.c
{ flat account 17 1 AccountOpened; flat account 17 2 Deposited '{"Cents":1000}'; flat account 17 3 Withdrawn '{"Cents":250}'; } | into 00
bless h -a account.c
cat golden/account.ndjson
status refold run -q h -a account.c
sed -i 's/event->kind == DEPOSITED ? cents : -cents/cents/' account.c
status refold run -q -r json=r.json h -a account.c
pick r.json differences.*.changes clusters.*.event
flat account 18 1 Deposited '{"Cents":"much"}' | into 01
status refold run -q -r json=r.json h -a account.c
pick r.json differences.*.message
