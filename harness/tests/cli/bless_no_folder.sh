# SPDX-License-Identifier: MIT
# A golden path below a file is no place to write to either: 5; a run finds no golden there: 2.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
echo 'not a folder' > file
code refold bless -g file/golden h -a "$order" 2> /dev/null
code refold run -g file/golden h -a "$order" 2> /dev/null
