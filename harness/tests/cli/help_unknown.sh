# SPDX-License-Identifier: MIT
# Help for what is no verb.
. "$ROOT/harness/tests/cli/history.inc"
status refold help rnu
status refold help zzzzzz
