# SPDX-License-Identifier: MIT
# What the user does not allow is not asked for, and no verdict is given over a part; cookies are sent, and shown nowhere.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 | member | into 00 1
life b 2 | member | into 01 2
bless h -a "$order"
python3 -SE - << 'END' &
import functools, http.server, os
class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        open("log", "a").write("%s\n" % self.headers.get("Cookie"))
        if self.path.endswith("denied"):
            self.send_response(403)
            self.send_header("X-Amz-Cf-Id", "Zx9\033[31m_id==")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if self.path.endswith("page"):
            body = b"<html>Sorry, canary</html>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return
        super().do_GET()
    def log_message(self, *_):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory="h"))
open("port.new", "w").write(str(server.server_port))
os.rename("port.new", "port")
server.serve_forever()
END
server=$!
trap 'kill $server' EXIT
while [ ! -e port ]; do sleep 0.05; done
base="http://localhost:$(cat port)/"
{ key 00 1; echo; key 01 2; echo; } > keys
try() {
    code refold run -q -r json=r.json -a "$order" --keys keys "$@" "$base" 2>&1 | sed "s/[^ ]*orders-1-[^ ]*:/OBJECT:/"
    pick r.json verdict incomplete
}
try --max-requests 2 --max-bytes 4K
try --max-requests 1
try --max-bytes 100
umask 077
echo 'Cookie: CloudFront-Policy=canary; CloudFront-Signature=canary' > cookie
: > log
try --cookie-file cookie --connections 1 --requests-per-second 100 --bandwidth 1M
sort log | uniq -c | sed 's/^ *//'
code refold run -v -a "$order" --keys keys --cookie-file cookie "$base" 2>&1 | grep -c canary || true
# What that took.
refold run -v -r json=r.json -a "$order" --keys keys "$base" 2>&1 > text | grep network
sed -n 's/.*\("network": {[^}]*}\).*/\1/p' r.json
# CloudFront says 403 for what is not there, and by its id its people find the request.
echo denied > keys
try
# Or it has a page for that, with status 200.
echo page > keys
try
