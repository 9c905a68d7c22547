# SPDX-License-Identifier: MIT
# What is no name, what is there already, and what cannot be written.
. "$ROOT/harness/tests/cli/scenario.inc"
try() {
    ended refold new "$@" 2>&1
}
try
try a b c
try 'a b'
try .hidden
try a/b
try ''
try -- -a
try "$(printf '%0101d' 7)"
try -a x
mkdir full empty
echo precious > full/notes
try full
cat full/notes
echo precious > file
try file
cat file
try inner nowhere/inner
try inner empty > /dev/null
ls empty
# Without a compiler the golden is missing, and that is said.
CC=/nowhere/cc try other
ls other
# A standard output that takes nothing.
full refold new unsaid
# A config that lies about is none of its business.
echo '{"nonsense": 1}' > refold.json
ended refold new unmoved
# A language that nobody knows; and one whose compiler is not there.
try --lang perl other2
try --lang '' other2
PATH="${PATH%%:*}" try --lang go gone
ls -A gone
PATH="${PATH%%:*}" try --lang rust rusty
ls -A rusty rusty/refold
