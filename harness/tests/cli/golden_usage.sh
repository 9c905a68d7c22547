# SPDX-License-Identifier: MIT
# What care for goldens there is.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
bless h -a "$order"
for words in "" "golden" "prune golden" "prove" "prove nowhere" "prove golden h --until 2026"     "prove golden h -g golden" "prove golden h --ignore /x" "prove golden empty"; do
    mkdir -p empty
    echo "refold golden $words"
    code refold golden $words -a "$order"
done
refold golden --help > help
sed -n '1,4p' help
