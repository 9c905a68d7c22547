# SPDX-License-Identifier: MIT
# Two builds of one aggregate, or two that take all types, are bad usage.
. "$ROOT/harness/tests/cli/history.inc"
life a 1 | into 00
cp "$order" copy.so
status refold run --no-compare h -a "$order" -a copy.so
