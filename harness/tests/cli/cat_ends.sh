# SPDX-License-Identifier: MIT
# How it ends: nothing, damage, a closed pipe, a full disk, an error of usage.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; event a 4 OrderPaid; echo '{"t":"OrderPaid","d":{"Version":1}}'; } | into 00
life b 5 | member | head -c -5 | into 01
status refold cat h | cut -c 1-60
status refold cat --keep-partial h | cut -c 1-60
status refold cat --since 2026-07-01T00 --until 2026-07-01T01 -q h | cut -c 1-60
status refold cat --type Nothing h
status refold cat --type OrderPaid --type OrderCreatd --type OrderShipped -q h | cut -c 1-60
status refold cat --type OrderPaid --type OrderCreated --id a --keep-partial -q --until 2026-07-01T01 h | cut -c 1-60
mkdir empty
status refold cat empty
status refold cat --json h
status refold cat nowhere
rm h/2026/07/01/01/*
status sh -c 'refold cat h > /dev/full'
python3 -SEc '
for i in range(30000):
    print("{\"aggregateId\":\"%d\",\"version\":1,\"type\":\"Seen\",\"at\":0}" % i)' | into 03
python3 -SEc 'import subprocess
cat = subprocess.Popen(["refold", "cat", "-e", "flat", "h/2026/07/01/03"], stdout=subprocess.PIPE)
print(cat.stdout.read(20))
cat.stdout.close()
print(cat.wait())'
