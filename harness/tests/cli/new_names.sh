# SPDX-License-Identifier: MIT
# Every name of an aggregate makes a skeleton that compiles without a word and is green.
. "$ROOT/harness/tests/cli/scenario.inc"
for name in status 3d-model _ a-b.c "$(printf '%0100d' 7)"; do
    CI=1 refold new -q "$name" "d $name" && (
        cd "d $name"
        cc -std=c11 -Wall -Wextra -Wpedantic -Wconversion -Werror -fPIC -shared -I"$ROOT/harness/include" -o x.so "$name.c"
        sed -n 's/.*REFOLD_TYPE("\([^"]*Opened\)".*/\1/p' "$name.c"
        refold run -q -a x.so && refold scenario -q -a x.so "$name.scenario"
    )
done
