# SPDX-License-Identifier: MIT
# A reader that has gone: ended by SIGPIPE, quietly, as others are.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
bless h -a "$order"
for arguments in "run h -a $order" "run -r json h -a $order" "help" "run --help"; do
    python3 -SEc 'import os, signal, subprocess, sys
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
read, write = os.pipe()
os.close(read)
ended = subprocess.run(["refold"] + sys.argv[1:], stdout=write).returncode
print("exit", ended if ended >= 0 else 128 - ended)' $arguments
done
