# SPDX-License-Identifier: MIT
# A state that turns NaN at the golden's version is rejected; one that no longer is has changed; unblessed ones count too.
. "$ROOT/harness/tests/cli/history.inc"
{ event n 1 NotANumber; event m 1 Add '"By":1'; event o 1 Add '"By":1'; } | into 00
bless h -a "$faller"
{ event n 1 Add '"By":1'; event m 1 NotANumber; event o 1 Add '"By":1'; event p 1 NotANumber; } | into 00
status refold run -q -r json=r.json h -a "$faller"
tallies r.json
pick r.json differences.*.id differences.*.kind differences.*.message
