# SPDX-License-Identifier: MIT
# - is standard input, gzip or plain, once.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 | member | status refold bless -q - -a "$order"
life a 3 | status refold run -q -r json=r.json - -a "$order"
sums r.json
status refold run -q - - -a "$order" < /dev/null
printf 'a\n' | status refold run -q --no-compare --ids - - -a "$order"
printf 'a\n' | status refold run -q --no-compare --ids - --keys - s3://bucket/ -a "$order"
