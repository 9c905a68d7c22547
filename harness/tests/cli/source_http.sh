# SPDX-License-Identifier: MIT
# A list of keys below an http base; a key that is not there is exit 4, and not waited for.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 | member | into 00 1
life b 2 | member | into 01 2
bless h -a "$order"
python3 -SE - << 'END' &
import functools, http.server
class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory="h"))
open("port.new", "w").write(str(server.server_port))
import os
os.rename("port.new", "port")
server.serve_forever()
END
server=$!
trap 'kill $server' EXIT
while [ ! -e port ]; do sleep 0.05; done
base="http://localhost:$(cat port)/"
{ key 01 2; echo; key 00 1; echo; } > keys
status refold run -q -r json=r.json "$base" --keys keys -a "$order"
sums r.json
status refold run -q "$base" --keys - -a "$order" < keys
status refold run -q "$base" --until 2026-07-01T01 --keys keys -a "$order"
golden_edit 's/approved/paid/'
status refold run "$base" --keys keys -a "$order" | sed "s/:$(cat port)/:PORT/"
key 02 3 >> keys
status refold run -q -r json=r.json "$base" --keys keys -a "$order"
pick r.json verdict exit incomplete
