# SPDX-License-Identifier: MIT
# The same for programs: numbers as they stand, bounds and damage told.
. "$ROOT/harness/tests/cli/history.inc"
{
    event a 1 OrderCreated '"Note":"a \u00e4 \u202e \"b\"","N":[1,2.50,18446744073709551616,1e400]'
    event a 1 OrderCreated '"Note":"a \u00e4 \u202e \"b\"","N":[1,2.50,18446744073709551616,1e400]'
    event a 2 OrderPaid '"AmountCents":5,"AmountCents":7'
    event b 1 OrderLost "\"Long\":\"$(printf '%070d' 0)\",\"No\":$(printf '1%070d' 0),\"~/\":{}"
} | into 00
status refold types --json h -a "$order"
