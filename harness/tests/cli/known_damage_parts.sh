# SPDX-License-Identifier: MIT
# A malformed record is told by its part and by how much is lost too: other pointers, envelopes and limits lose another.
. "$ROOT/harness/tests/cli/history.inc"
brief() { sed 's/"digest":"[0-9a-f]*",//' golden/known-damage.json; }
one() { printf '{"id":"%s","v":1,"type":"OrderCreated","%s":"2026-07-01T00:00:00Z"}' "$1" "$2"; }
pointers='id=/id,version=/v,type=/type'
echo '# another part of a batch'
{ printf '[%s,%s]\n' "$(one a t1)" "$(one b t2)"; one z 't1":"2026-07-01T00:00:00Z","t2'; } | into 00
bless h -a "$order" -e $pointers,at=/t1 --accept-damage lost
brief
status refold run h -a "$order" -e $pointers,at=/t1
status refold run -q h -a "$order" -e $pointers,at=/t2
echo '# the same of a pack'
status refold pack -q h -e $pointers,at=/t1 -o 1.pack
status refold run -q 1.pack -a "$order" -e $pointers,at=/t1
status refold pack -q h -e $pointers,at=/t2 -o 2.pack
status refold run -q 2.pack -a "$order" -e $pointers,at=/t2
echo '# another element, with as many parts in front of it: of the first element two, or one and the next'
rm -r golden
said() { printf '{"message":"%s"}' "$(one "$1" t1 | sed 's/"/\\\\"/g')"; }
group="\"messageType\":\"DATA_MESSAGE\",\"logEvents\":[$(said c),$(said d)]"
printf '[%s,%s,%s]\n' "$(one m t2 | sed "s/}\$/,$group}/")" "$(one a t2)" "$(one b t1)" | into 00
bless h -a "$order" -e $pointers,at=/t1 --accept-damage lost
brief
status refold run -q h -a "$order" -e $pointers,at=/t1
status refold run -q h -a "$order" -e $pointers,at=/t2
status refold pack -q h -e $pointers,at=/t2 -o 3.pack
status refold run -q 3.pack -a "$order" -e $pointers,at=/t2
echo '# all of the batch, and not its first part alone'
rm -r golden
{ printf '{"Records":[{},'; flat order a 1 OrderCreated; printf ']}\n'; flat order b 1 OrderCreated; } | into 00
bless h -a "$order" --accept-damage lost
brief
status refold run -q h -a "$order"
status refold run -q h -a "$order" -e flat
echo '# a broken record, and the one behind it, which a limit makes too deep'
rm -r golden
{ echo '{'; flat order a 1 OrderCreated '{"x":[[[[[[[1]]]]]]]}'; flat order b 1 OrderCreated; } | into 00
bless h -a "$order" --accept-damage lost
brief
status refold run -q h -a "$order"
status refold run -q h -a "$order" --limit depth=8
echo '# a line that is none, and the record in it'
rm -r golden
{ printf 'x'; flat order a 1 OrderCreated '{"x":[[[[[[[1]]]]]]]}'; flat order b 1 OrderCreated; } | into 00
bless h -a "$order" --accept-damage lost
brief
status refold run -q h -a "$order"
status refold run -q h -a "$order" --limit depth=8
echo '# a payload of an item, and the one in front of it, which another build does not know'
cp -r golden kept && mv h first && rm -r golden
printf '{"Item":{"key":{"S":"a"},"_1":{"B":"%s"},"_2":{"B":"%s"}}}\n' "$(printf '\001a|1|Noted' | base64)" \
    "$(printf '\011a|2|Noted' | base64)" | into 00
bless h -a "$PLUGINS/payloads.so" --accept-damage lost
brief
status refold run -q h -a "$PLUGINS/payloads.so"
printf '#define PAYLOADS_OF 9\n#include "%s/harness/tests/worker/plugins/payloads.c"\n' "$ROOT" > other.c
status refold run -q h -a other.c -r json=r.json
pick r.json damage.*.kind damage.*.known
rm -r h golden && mv first h && mv kept golden
echo '# an entry of before, without bytes, stands for none'
sed -i 's/"bytes":[0-9]*,//' golden/known-damage.json
status refold run -q h -a "$order"
bless h -a "$order" --accept-damage lost
brief
echo '# nor does one that tells how many parts came in front'
rm -r golden
flat order b 1 OrderCreated | into 00
{ printf '[%s,7]\n' "$(flat order a 1 OrderCreated)"; } | into 01
bless h -a "$order" --accept-damage lost
brief
sed -i 's/"part":"[0-9]*"/"part":1/' golden/known-damage.json
status refold run -q h -a "$order" -r text=- -r json=r.json
pick r.json known_damage.*.state damage.*.known
echo '# which stays as it was where its object is not read'
status refold bless -q h -a "$order" --accept-damage lost --until 2026-07-01T01
brief
bless h -a "$order" --accept-damage lost
brief
