# SPDX-License-Identifier: MIT
# One refold at a time changes a golden; readers are not kept waiting.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
bless h -a "$order"
held() {
    python3 -SEc 'import fcntl, os, subprocess, sys
fcntl.flock(os.open("golden", os.O_RDONLY), fcntl.LOCK_EX)
sys.exit(subprocess.call(sys.argv[1:]))' "$@"
}
life b 2 | into 01
status held refold bless h -a "$order"
status held refold golden prune h -a "$order"
status held refold golden verify --repair
status held refold golden verify
status held refold bless --dry-run -q h -a "$order"
status held refold run -q h -a "$order"
status refold bless -q h -a "$order"
