# SPDX-License-Identifier: MIT
# Colour where it is asked for, never in a report that goes to a file.
. "$ROOT/harness/tests/cli/history.inc"
life a 1 | into 00
bless h -a "$order"
escapes() { tr -cd '\033' | wc -c | sed 's/[1-9][0-9]*/some/'; }
refold run h -a "$order" | escapes
refold run --color=always h -a "$order" | escapes
CLICOLOR_FORCE=1 refold run h -a "$order" | escapes
CLICOLOR_FORCE=1 NO_COLOR=1 refold run h -a "$order" | escapes
NO_COLOR=1 refold run --color always h -a "$order" | escapes
REFOLD_COLOR=always refold run h -a "$order" | escapes
refold run -q --color=always -r text=r.txt -r json h -a "$order" | escapes
escapes < r.txt
