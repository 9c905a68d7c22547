# SPDX-License-Identifier: MIT
"""AWS's Signature Version 4 by the words of its documentation: the oracle that requests are signed and checked by. It
shares no code with refold, nor with the signer of serve.js."""

import datetime
import hashlib
import hmac
import re
import urllib.parse

ALGORITHM = "AWS4-HMAC-SHA256"
NOTHING = hashlib.sha256(b"").hexdigest()


def encoded(text, safe=""):
    return urllib.parse.quote(text, safe="-_.~" + safe)


def signature(secret, scope, date, method, path, query, headers, payload):
    """@scope    day/region/service/aws4_request
    @path     encoded
    @query    [(name, value)], decoded
    @headers  name -> value, those that are signed, lower case"""
    pairs = "&".join("%s=%s" % pair for pair in sorted((encoded(k), encoded(v)) for k, v in query))
    lines = ["%s:%s" % (k, re.sub(" +", " ", headers[k].strip())) for k in sorted(headers)]
    canonical = "\n".join([method, path, pairs, *lines, "", ";".join(sorted(headers)), payload])
    key = ("AWS4" + secret).encode()
    for word in scope.split("/"):
        key = hmac.new(key, word.encode(), hashlib.sha256).digest()
    text = "\n".join([ALGORITHM, date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def split(address):
    """The path and the query, decoded, of what stands in a request's first line."""
    path, _, query = address.partition("?")
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    return path, [(urllib.parse.unquote(k), urllib.parse.unquote(v)) for k, _, v in pairs]


def headers_for(key, region, service, method, url, body=b"", **more):
    """All headers of a request, signed. @key  {id, secret, token}"""
    parts = urllib.parse.urlsplit(url)
    date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    headers = {"host": parts.netloc, "x-amz-date": date, "x-amz-content-sha256": hashlib.sha256(body).hexdigest(),
               **{name.lower().replace("_", "-"): value for name, value in more.items()}}
    if key.get("token"):
        headers["x-amz-security-token"] = key["token"]
    scope = "%s/%s/%s/aws4_request" % (date[:8], region, service)
    _, query = split("?" + parts.query)
    made = signature(key["secret"], scope, date, method, parts.path or "/", query, headers, headers["x-amz-content-sha256"])
    return {**headers, "Authorization": "%s Credential=%s/%s, SignedHeaders=%s, Signature=%s" % (
        ALGORITHM, key["id"], scope, ";".join(sorted(headers)), made)}


def refusal(key, region, service, method, address, headers):
    """(status, code) where a server does not let it in, or None. @headers  name, lower case -> value"""
    found = re.fullmatch(ALGORITHM + r" Credential=([^/]+)/(\d{8}/([^/]+)/([^/]+)/aws4_request), ?SignedHeaders=([^,]+), ?"
                         r"Signature=([0-9a-f]{64})", headers.get("authorization", ""))
    if not found:
        return 403, "AccessDenied"
    identity, scope, of_region, of_service, names, made = found.groups()
    if identity != key["id"]:
        return 403, "InvalidAccessKeyId"
    if (of_region, of_service) != (region, service):
        return 400, "AuthorizationHeaderMalformed"
    signed = names.split(";")
    if any(name not in signed for name in headers if name == "host" or name.startswith("x-amz-")):
        return 403, "AccessDenied"
    if headers.get("x-amz-content-sha256") not in (NOTHING, "UNSIGNED-PAYLOAD") and method == "GET":
        return 400, "XAmzContentSHA256Mismatch"
    if key.get("token") and headers.get("x-amz-security-token") != key["token"]:
        return 403, "InvalidToken"
    path, query = split(address)
    path = "/".join(encoded(urllib.parse.unquote(step)) for step in path.split("/"))
    wanted = signature(key["secret"], scope, headers.get("x-amz-date", ""), method, path, query,
                       {name: headers.get(name, "") for name in signed}, headers.get("x-amz-content-sha256", ""))
    return None if hmac.compare_digest(wanted, made) else (403, "SignatureDoesNotMatch")
