# SPDX-License-Identifier: MIT
# What refold pack and --verify refuse, and what is never replaced.
mkdir -p history/2017/03/01/00
echo '{"t":"OrderCreated","d":{"ID":"a","Version":1,"At":"2017-03-01T00:00:00Z"}}' >history/2017/03/01/00/one.json
try() { refold "$@" && code=0 || code=$?; echo "= $code"; }
try pack history
try pack history -o -
try pack history -o history
try pack history -o /dev/full
try pack history -o history/2017/history.pack
try pack history -o nowhere/history.pack
echo "mine" >notes.txt
try pack history -o notes.txt
try pack nothing -o history.pack
try pack history --without notes.txt -o history.pack
try pack history --as-of 2017-03-01T00:00:00Z -o history.pack
mkdir empty
try pack empty -o history.pack
: >history.pack
try pack -q history -o history.pack
try run --no-compare -a "$AGGREGATES/order.so" --verify history.pack
try run -o x history.pack
try run --shard 1/2 --no-compare -a "$AGGREGATES/order.so" history.pack
cat notes.txt
ls -A
