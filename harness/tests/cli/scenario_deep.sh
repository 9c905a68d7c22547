# SPDX-License-Identifier: MIT
# Data as deep as may be is played; deeper, and the sentence says what raises the limit, and what nothing raises.
. "$ROOT/harness/tests/cli/scenario.inc"
deep() {
    awk -v n="$1" 'BEGIN { for (i = 1; i < n; i++) a = a "["; for (i = 1; i < n; i++) b = b "]"; printf "{\"a\":%s1%s}", a, b }'
}
tell() {
    printf 'scenario: deep\ngiven Noted %s\nwhen Echo %s\nthen Noted\n' "$(deep "$1")" "$(deep "$2")" | file
    ended refold scenario -a "$decider" s.scenario 2>&1
}
tell 511 500
tell 512 500
tell 513 500
tell 1 512
echo '{"limits":{"depth":600}}' > refold.json
tell 600 500
tell 601 500
