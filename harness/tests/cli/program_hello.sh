# SPDX-License-Identifier: MIT
# A program that does not say what it holds is bad usage, before anything is read.
. "$ROOT/harness/tests/cli/history.inc"
. "$ROOT/harness/tests/cli/program.inc"
add a 1 | into 00
for name in tomorrow printer mute slip; do
    cp "$counter" "./$name"
    code refold run --no-compare -a "./$name" h
done
printf '#!/nowhere/at/all\n' > script
chmod +x script
code refold run --no-compare -a ./script h
printf '#!/bin/sh\nexit 3\n' > script
code refold run --no-compare --sandbox off -a ./script h
cp "$counter" unfit
chmod -x unfit
code refold run --no-compare -a ./unfit h
