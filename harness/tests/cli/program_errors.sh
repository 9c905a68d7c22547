# SPDX-License-Identifier: MIT
# What is named as an aggregate and is none: 2, with a sentence that says why; nothing is left behind.
. "$ROOT/harness/tests/cli/history.inc"
. "$ROOT/harness/tests/cli/program.inc"
add a 1 | into 00
try() {
    code refold run --no-compare "$@" h 2>&1
}
mkdir empty both library
try -a empty
try -a h
touch both/go.mod both/Cargo.toml
try -a both
cp "$ROOT/aggregates/order.c" library/order.c
try -a library
try -a nowhere/
mkfifo pipe pipe.c
try -a pipe
try -a pipe.c
# Scripts: without its x bit, and what the sandbox says of one; what has the bit and is no program.
printf '#!/bin/sh\necho "order service, listening"\nsleep 1\n' > script
try -a script
chmod +x script
try --sandbox=off -a script
echo text > text
chmod +x text
try -a text 2>&1 | sed 's/cannot be loaded: .*/cannot be loaded: .../'
# Programs of other machines, by their first bytes: 32 bits, ARM, and what nobody knows.
elf() {
    { printf "\\177ELF$1\\1\\1\\0\\0\\0\\0\\0\\0\\0\\0\\0\\2\\0$2"; head -c 100 /dev/zero; } > foreign
    chmod +x foreign
    try -a foreign | sed 's/refold is for .*:/refold is for ...:/'
}
elf '\1' '\3\0'
elf '\1' '\50\0'
elf '\2' '\377\177'
elf '\3' '\50\0'
: > zero
chmod +x zero
try -a zero 2>&1 | sed 's/cannot be loaded: .*/cannot be loaded: .../'
# Programs that do not speak, or another version.
for name in mute printer slip tomorrow still; do cp "$counter" $name; done
try -a ./mute
try -a ./printer
try -a ./slip
try -a ./tomorrow
chmod -x still
try -a ./still
try -a /bin/true
rm pipe pipe.c # git would wait for it
# Out of a revision only sources are built.
gitten init -q .
gitten add -A
gitten commit -qm first
try -a HEAD:printer
try -a HEAD:h
try -a HEAD:both
try -a HEAD:text
try -a HEAD:nowhere
ls "$TMPDIR"
