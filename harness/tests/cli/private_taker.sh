# SPDX-License-Identifier: MIT
# What is private, or reported, of who takes all holds for a name whose own entry is silent of it.
. "$ROOT/harness/tests/cli/private.inc"
case="$AGGREGATES/case.so"
# taker MEMBERS LOAN: of case, which takes all, and of loan, which it folds.
taker() {
    printf '{"envelope":"flat","aggregates":{"case":{"plugin":"%s",%s},"loan":{%s}}}\n' "$case" "$1" "$2" > refold.json
}
said() { grep -o '"lastType":"[^"]*"' golden/loan.ndjson golden/ship.ndjson; }
{ flat loan a 1 Opened; flat ship b 1 Sailed; } | into 00
taker '"private":["/lastType"]' '"ignore":["/events"]'
refold bless -q h
said
echo "- data, too"
refold cat h | grep -o '"data":.*'
echo "- data of nobody: who takes all is not loaded"
printf '{"envelope":"flat","aggregates":{"case":{"private":["/lastType"]},"loan":{"ignore":["/events"]}}}\n' > refold.json
flat loan e 1 Opened '{"email":"ann@example.org"}' | into 02
refold types h | grep -c ann@example || true
rm -r h/2026/07/01/02
taker '"private":["/lastType"]' '"ignore":["/events"]'
echo "- an entry that says something stands: nothing, and something else"
taker '"private":["/lastType"]' '"private":[]'
status refold run -q h 2>&1 | cut -c 1-120
refold bless -q h
said
taker '"private":["/lastType"]' '"private":["/first"]'
refold bless -q h
said
echo "- an aggregate of that name is loaded: it folds, and has its own"
taker '"private":["/kept"]' '"ignore":["/first"]},"keeper":{"plugin":"keeper.so"'
flat keeper c 1 Set '{"plan":"free"}' | into 01
refold bless -q h
grep -o '"kept":.*' golden/keeper.ndjson
rm -r h/2026/07/01/01 golden/keeper.*
echo "- values that reports may show"
taker '"report_values":["/events"]' '"ignore":["/first"]'
refold bless -q h
golden_edit 's/Opened/Closed/g' loan
golden_edit 's/Sailed/Sunk/g' ship
export CI=true
status refold run h
taker '"report_values":["/events"]' '"report_values":["/lastType"]'
status refold run h | grep lastType
