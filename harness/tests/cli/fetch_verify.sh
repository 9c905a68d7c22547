# SPDX-License-Identifier: MIT
# What became of a history since it was fetched is told by run --verify, whatever the events say.
. "$ROOT/harness/tests/cli/history.inc"
. "$ROOT/harness/tests/cli/fetch.inc"
life a 2 | member | into 00 1
life b 2 | into 00 2
life c 1 | into 01 3
bless h -a "$order"
cp -r h s
serve
keys
fetch -q -o m
# changed: as run --verify sees a copy of m after what is on standard input was done in it.
changed() {
    echo "--- $1"
    rm -rf c
    cp -rp m c
    (cd c && sh -eu)
    code refold run -q c -a "$order"
    ended=0
    refold run --verify c -a "$order" 2>&1 > run.txt || ended=$?
    sed -n '/^damage: /,/^$/p' run.txt
    echo "exit $ended"
    status refold ls --verify c > ls.txt 2>&1
    grep -e 'cannot be read' -e ^exit ls.txt
}
changed "as it was fetched" < /dev/null
changed "as it was fetched, at another time" << 'END'
find . -type f -exec touch -d 2020-01-01T00:00:00Z '{}' +
END
changed "packed again, with the same events" << END
python3 -SEc 'import gzip, sys
data = gzip.decompress(open(sys.argv[1], "rb").read())
open(sys.argv[1], "wb").write(gzip.compress(data))' "$(key 00 1)"
END
changed "an event of the same length" << END
sed -i 's/"Qty":2/"Qty":3/' "$(key 00 2)"
END
changed "one is gone" << END
rm "$(key 00 2)"
END
changed "one was added" << END
mkdir 2026/07/01/02
cp "$(key 00 2)" "$(key 02 4)"
END
changed "one is a link to what another one holds" << END
rm "$(key 00 2)"
ln -s "$(basename "$(key 00 1)")" "$(key 00 2)"
END
changed "one is a fifo" << END
rm "$(key 00 2)"
mkfifo "$(key 00 2)"
END
changed "a note that holds no events" << 'END'
echo "read me" > README
END
changed "the manifest is edited" << 'END'
sed -i 's/"bytes":[0-9]*,"etag"/"bytes":1,"etag"/' .refold-manifest.ndjson
END
changed "the manifest is gone" << 'END'
rm .refold-manifest.ndjson
END
# (without --verify too: it is known that something is not here)
changed "a fetch was cut off" << 'END'
mkdir .refold-partial
: > .refold-partial/journal.ndjson
END
echo "--- of a selection only what is read is looked at"
rm -rf c
cp -rp m c
rm "c/$(key 01 3)"
code refold run -q --verify --until 2026-07-01T01 c -a "$order"
code refold run -q --verify c -a "$order"
echo "--- what could not be fetched is not here"
echo 403 > "faults/$(key 00 2 | tr / _)"
fetch -q -o part
status refold run -q part -a "$order" 2>&1
code refold run -q --verify part -a "$order"
status refold ls --verify part 2>&1
echo "--- an archive of it: what is fetch's own is no history there either"
tar -cf m.tar -C m .
status refold run -q m.tar -a "$order"
status refold run -q --verify m.tar -a "$order"
echo "--- and a pack"
refold pack -q m -o m.pack
status refold run -q --verify m m.pack -a "$order"
sed -i 's/"Qty":2/"Qty":3/' "m/$(key 00 2)"
status refold run -q --verify m m.pack -a "$order"
echo "--- the config lies in the bucket, and is left out: it is no object that is gone"
rm -f faults/*
echo '{}' > s/refold.json
keys
rm -rf conf
fetch -q -o conf
status refold run -q -C conf/refold.json --verify conf -a "$order" -g golden
status refold run -q --verify conf -a "$order"
