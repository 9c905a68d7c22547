# SPDX-License-Identifier: MIT
# A pack that is damaged ends the run with 3, wherever it is; damage of its objects is packed with them.
mkdir -p history/2017/03/01/00
echo '{"t":"OrderCreated","d":{"ID":"a","Version":1,"At":"2017-03-01T00:00:00Z"}}' >history/2017/03/01/00/one.json
refold pack -q history -o good.pack
size=$(wc -c <good.pack)
run() {
    refold run -q --no-compare -a "$AGGREGATES/order.so" "$@" && code=0 || code=$?
    echo "= $code"
}
flip() { # the byte at $1: its lowest bit
    cp good.pack bad.pack
    byte=$(od -An -tu1 -j "$1" -N1 good.pack)
    # shellcheck disable=SC2059 # that is the byte
    printf "$(printf '\\%03o' $((byte ^ 1)))" | dd of=bad.pack bs=1 seek="$1" conv=notrunc status=none
    run bad.pack
}
run good.pack
echo "--- its magic, its version, its first block, a section, its foot, its last byte"
flip 0
flip 16
flip 40
flip $((size - 200))
flip $((size - 20))
flip $((size - 1))
echo "--- cut, and grown"
head -c 20 good.pack >bad.pack
run bad.pack
head -c $((size - 1)) good.pack >bad.pack
run bad.pack
{ cat good.pack; echo; } >bad.pack
run bad.pack
echo "--- as an object of a folder"
cp good.pack history/
run history
rm history/good.pack
echo "--- objects that are damaged"
echo '{"t":1}' >>history/2017/03/01/00/one.json
head -c 10 /dev/zero | gzip -n | head -c 15 >history/2017/03/01/00/two.gz
refold pack history -o broken.pack >out && code=0 || code=$?
echo "= $code"
sed 's/[0-9]* bytes instead of [0-9]*/N bytes instead of M/' out
refold run --no-compare -a "$AGGREGATES/order.so" broken.pack | head -8
for n in 1 2 3 4 5 6; do echo '{"t":1}' >>history/2017/03/01/00/one.json; done
refold pack -q history -o broken.pack || echo "= $?"
