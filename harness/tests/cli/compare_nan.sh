# SPDX-License-Identifier: MIT
# NaN is a value like others: told apart where it comes, and the same where both have it.
. "$ROOT/harness/tests/cli/history.inc"
{ two a 1 nan nan; two a 2 add add; } | into 00
{ two b 1 nan add; two b 2 zero zero; two b 3 add add; } | into 00 2
{ two c 1 add nan; two c 2 add add; } | into 00 3
{ two d 1 nan nan; two d 2 add take; } | into 00 4
status refold compare "$twin_base" "$twin_head" h -r text -r json=r.json
pick r.json differences.*.id differences.*.version differences.*.message differences.*.meets_again
tallies r.json
# What lies elsewhere in such a state can be left out.
status refold compare -q "$twin_base" "$twin_head" h --id d --ignore /sum -r json=r.json
tallies r.json
status refold compare -q "$twin_base" "$twin_head" h --id c --ignore /real
