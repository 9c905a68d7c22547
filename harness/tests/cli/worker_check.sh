# SPDX-License-Identifier: MIT
# not with a sanitizer: it has no sandbox, which is what scripts are refused by
# What is wrong with a program that speaks the worker protocol: by check, with the bytes; and what is no program.
status() {
    "$@" || echo "exit $?"
}
for fault in ready descriptor receipt; do
    cp "$PROGRAMS/planted" ./planted-$fault
done
status refold worker-check ./planted-ready
status refold worker-check -q ./planted-descriptor
status refold worker-check -q ./planted-receipt
refold worker-check --json ./planted-ready > r.json || echo "exit $?"
head -15 r.json
status refold worker-check
status refold worker-check ./absent
status refold worker-check .
echo '#!/bin/sh' > script
status refold worker-check -q ./script
chmod +x script
status refold worker-check -q ./script
: > empty
status refold worker-check -q ./empty
status refold worker-check -q --timeout 0 ./script
status refold worker-check --sandbox none ./script
hostile='folder
::error::x'
mkdir "$hostile"
mv ./planted-ready "$hostile"
status refold worker-check -q "$hostile/planted-ready"
refold worker-check -q ./planted-descriptor > /dev/full || echo "exit $?"
