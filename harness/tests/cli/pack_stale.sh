# SPDX-License-Identifier: MIT
# A pack is bound to its objects and to how they were read: a stale or foreign one is never believed.
mkdir -p history/2017/03/01/00
cd history/2017/03/01/00
for n in 1 2 3; do
    echo "{\"t\":\"OrderCreated\",\"d\":{\"ID\":\"$n\",\"Version\":1,\"At\":\"2017-03-01T00:00:00Z\"}}" >$n.json
done
touch -d 2017-03-02T00:00:00Z ./*.json
cd "$OLDPWD"
run() {
    refold run -q --no-compare -a "$AGGREGATES/order.so" "$@" && code=0 || code=$?
    echo "= $code"
}
one=history/2017/03/01/00/1.json
refold pack -q history -o history.pack
echo "--- as it was, by time and by contents"
run history.pack history
run --verify history.pack history
echo "--- another time, the same contents"
touch -d 2017-03-03T00:00:00Z $one
run history.pack history
run --verify history.pack history
CI=1 run history.pack history
echo "--- the same size and time, other contents: only they tell"
sed -i 's/Created/Shipped/' $one
touch -d 2017-03-02T00:00:00Z $one
run --verify history.pack history
CI=1 run history.pack history
echo "--- another size"
echo >>$one
touch -d 2017-03-02T00:00:00Z $one
run history.pack history
refold pack history --without history.pack -o new.pack && echo packed || echo "= $?"
echo "--- gone"
rm $one
run history.pack history
mkdir others
echo '{"t":"OrderCreated","d":{"ID":"9","Version":1,"At":"2017-03-01T00:00:00Z"}}' >others/9.json
run history.pack others
echo "--- the same file, named by the user then, or now"
(cd others && refold pack -q 9.json -o ../one.pack)
run one.pack others
refold pack -q others -o all.pack
run all.pack others/9.json
echo "--- twice"
refold pack -q history -o again.pack
run history.pack again.pack
run again.pack history history
refold pack -q history history -o twice.pack && echo packed || echo "= $?"
run again.pack again.pack
echo "--- other rules"
run -e flat again.pack
echo '{"streams": [{"match": "x*", "aggregate": "order", "envelope": "id=/a~1b,type=/t"}]}' >refold.json
run again.pack
