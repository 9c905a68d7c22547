# SPDX-License-Identifier: MIT
# The orders of a history, folded with jq: a peer of `make bench`.
#
#     zcat FILE.gz... | jq -ncS -f fold.jq > OUT
#
# Does what aggregates/order.c does, and writes refold's golden lines.

def integer: if type == "number" and . == floor then . else error("not an integer") end;

def fold:
    reduce .[] as $e ({items: 0, totalCents: 0};
        .updatedAt = $e.d.At
        | if $e.t == "OrderItemAdded" then
              .items += 1 | .totalCents += ($e.d.Qty | integer) * ($e.d.PriceCents | integer)
          else
              .status = ($e.t | ltrimstr("Order") | ascii_downcase)
              | if $e.t == "OrderCreated" then .createdAt = $e.d.At
                elif $e.t == "OrderRefunded" then .totalCents -= ($e.d.AmountCents | integer)
                else . end
          end);

[inputs | {t, d: (.d | {ID, Version, At, Qty, PriceCents, AmountCents})}]
| group_by(.d.ID)
| .[]
| {id: .[0].d.ID} + (unique_by(.d.Version) | {state: fold, version: .[-1].d.Version})
