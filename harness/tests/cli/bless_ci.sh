# SPDX-License-Identifier: MIT
# Where CI is set nothing writes a golden, unless it is asked to.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
export CI=1
status refold bless h -a "$order"
ls
status refold bless -q --ci h -a "$order"
CI=true status refold bless -q h -a "$order"
CI=false status refold bless -q h -a "$order"
CI=0 status refold bless -q h -a "$order"
CI='' status refold bless -q h -a "$order"
REFOLD_CI=1 status refold bless -q h -a "$order"
status refold run -q h -a "$order"
