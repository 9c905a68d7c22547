# SPDX-License-Identifier: MIT
# A source that cannot be read: 4; standard output that takes nothing: 5; a reader that has gone: 141.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00 1
life b 1 | refold types -q -
ln -s /proc/self/mem "h/$(key 00 2)"
status refold types h
listing h
pick r.json exit incomplete damaged types
status refold types --dot h
rm "h/$(key 00 2)"
for form in -v --json --dot; do
    ended=0
    refold types $form h > /dev/full || ended=$?
    echo "exit $ended"
    python3 -SEc 'import os, signal, subprocess, sys
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
read, write = os.pipe()
os.close(read)
ended = subprocess.run(["refold", "types"] + sys.argv[1:], stdout=write).returncode
print("exit", ended if ended >= 0 else 128 - ended)' $form h
done
