# SPDX-License-Identifier: MIT
# A plugin that does not load ends with 2, each with its reason, and no process is left behind.
. "$ROOT/harness/tests/cli/history.inc"
life a 1 | into 00
try() {
    code refold run --no-compare h -a "$1" 2>&1
}
try nowhere.so
for name in no_symbol wrong_abi short_table no_apply exits_at_load; do try "$PLUGINS/$name.so"; done
try "$PLUGINS/constructor_crash.so" | sed 's/SIG[A-Z]* (.*)/SIGNAL/'
echo 'not a shared object' > text.so
try ./text.so
: > empty.so
try ./empty.so
mkdir folder.so
try ./folder.so
try h/nothing.c
