# SPDX-License-Identifier: MIT
# Nothing but a crash is a difference (1), and a bless of it has no line to write, nor a folder to make.
. "$ROOT/harness/tests/cli/history.inc"
{ event segv-1 1 Added '"By":1'; event segv-1 2 Added '"By":1'; } | into 00
status refold bless -q h -a "$crasher"
ls
status refold run --no-compare -q h -a "$crasher"
