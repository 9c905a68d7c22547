# SPDX-License-Identifier: MIT
# What has no envelope, id or version is malformed; reading goes on behind it.
. "$ROOT/harness/tests/cli/history.inc"
{
    life a 2
    echo '{"t":"X","d":{"Version":3,"At":"2026-07-01T00:00:00Z"}}'
    echo '{"t":"X","d":{"ID":"","Version":3,"At":"2026-07-01T00:00:00Z"}}'
    echo '{"t":"X","d":{"ID":"a","Version":3.5,"At":"2026-07-01T00:00:00Z"}}'
    echo '{"t":"X","d":{"ID":"a","Version":0,"At":"2026-07-01T00:00:02Z"}}'
    echo '{"t":"X","d":{"ID":"a","At":"2026-07-01T00:00:02Z"}}'
    echo '{"t":"X","d":{"ID":"a","Version":3,"At":"yesterday"}}'
    echo '{"t":"X","t":"OrderApproved","d":{"ID":"a","Version":3,"At":"2026-07-01T00:00:00Z"}}'
    echo '{"t":"OrderApproved","d":{"ID":"a","Version":3,"At":"2026-07-01T00:00:00Z"}'
    event a 3 OrderApproved
    echo 'plain text'
    event a 4 OrderPaid '"AmountCents":500'
} | into 00
status refold run --no-compare -r text -v -r json=r.json h -a "$order" | grep -v -e '^proof' -e '^build' -e '^time'
sums r.json
pick r.json damage.*.offset
