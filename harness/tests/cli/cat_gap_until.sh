# SPDX-License-Identifier: MIT
# Under --until an instance ends in front of its first gap, and cat says that it left out what lies behind.
. "$ROOT/harness/tests/cli/history.inc"
{ event a 1 OrderCreated; event b 1 OrderCreated; event c 1 OrderCreated; event c 2 OrderApproved; } | into 01
{ event a 3 OrderShipped; event b 3 OrderShipped; event b 5 OrderShipped; } | into 02
status refold cat --until 2099-01-01 h | cut -c 1-60
status refold cat --until 2099-01-01 --id a h | cut -c 1-60
status refold cat --until 2026-07-01T02 h | cut -c 1-60
status refold cat --since 2026-07-01T01 --until 2099-01-01 --id a h | cut -c 1-60
status refold cat h --id a | cut -c 1-60
