// SPDX-License-Identifier: MIT
// Serves S3 (s3rver) or DynamoDB (dynalite) on a free port of loopback, and lets in only requests whose
// signature AWS's own signer makes, too: neither server checks one of version 4 by itself.
//
//   node serve.js s3|dynamodb PLACES     PLACES is JSON: see `places` below
//
// The port is the first line of stdout. Each request is a line of JSON of the log: method, url, status, and why it
// was refused. Ends when its standard input does, so that it never survives who started it.
'use strict';

const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const path = require('path');
const { Readable } = require('stream');

const [, , kind, given] = process.argv;
/** modules: where npm put the packages; folder: of s3rver's buckets; log: a file; key: {id, secret, token};
 *  region; open: a bucket that asks for no signature */
const places = JSON.parse(given);
const load = name => require(require.resolve(name, { paths: [places.modules] }));
const { SignatureV4 } = load('@smithy/signature-v4');

/** SHA-256, or its HMAC, as the signer wants it. */
class Sha256 {
  constructor(secret) {
    this.hash = secret === undefined ? crypto.createHash('sha256') : crypto.createHmac('sha256', secret);
  }
  update(data) { this.hash.update(data); }
  async digest() { return this.hash.digest(); }
}

const log = fs.openSync(places.log, 'a');

const encode = text => encodeURIComponent(text).replace(/[!'()*]/g, c => '%' + c.charCodeAt(0).toString(16).toUpperCase());

/** As AWS sees it: what stands in the address, decoded, to be encoded again by its own rules. */
function asked(request) {
  const [rawPath, rawQuery] = [request.url.split('?')[0], request.url.split('?').slice(1).join('?')];
  const query = {};
  for (const pair of rawQuery.split('&').filter(Boolean)) {
    const at = pair.indexOf('=');
    const name = decodeURIComponent(at < 0 ? pair : pair.slice(0, at));
    const value = at < 0 ? '' : decodeURIComponent(pair.slice(at + 1));
    query[name] = name in query ? [].concat(query[name], value) : value;
  }
  return { path: rawPath.split('/').map(part => encode(decodeURIComponent(part))).join('/'), query };
}

/** Why it is not let in: [status, code], or null.
 *  @param body  of the request, or null where it is not held against its hash */
async function refusal(request, service, body) {
  const authorization = request.headers.authorization;
  if (!authorization) return [403, 'AccessDenied'];
  const parts = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(authorization);
  if (!parts) return [400, 'AuthorizationHeaderMalformed'];
  const [, id, , region, signedService, names] = parts;
  if (id !== places.key.id) return [403, 'InvalidAccessKeyId'];
  if (region !== places.region || signedService !== service) return [400, 'AuthorizationHeaderMalformed'];
  const date = request.headers['x-amz-date'] || '';
  const iso = date.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5');
  if (!(Math.abs(Date.parse(iso) - Date.now()) < 900e3)) return [403, 'RequestTimeTooSkewed'];
  const signed = names.split(';');
  const mandatory = Object.keys(request.headers).filter(name => name.startsWith('x-amz-')).concat('host');
  if (mandatory.some(name => !signed.includes(name))) return [403, 'AccessDenied'];
  if (places.key.token && request.headers['x-amz-security-token'] !== places.key.token) return [403, 'InvalidToken'];
  const hash = request.headers['x-amz-content-sha256'];
  if (service === 's3' && !hash) return [400, 'InvalidRequest'];
  const bodyHash = body === null ? hash : crypto.createHash('sha256').update(body).digest('hex');
  if (hash && hash !== 'UNSIGNED-PAYLOAD' && hash !== bodyHash) return [400, 'XAmzContentSHA256Mismatch'];
  const signer = new SignatureV4({
    service, region, sha256: Sha256, uriEscapePath: service !== 's3', applyChecksum: false,
    credentials: { accessKeyId: id, secretAccessKey: places.key.secret },
  });
  const headers = Object.fromEntries(signed.map(name => [name, request.headers[name]]));
  headers['x-amz-content-sha256'] = hash || bodyHash; // read by the signer, signed only where it was
  const wanted = await signer.sign(
    { method: request.method, hostname: request.headers.host, headers, ...asked(request), body: body || undefined },
    { signingDate: new Date(iso), signableHeaders: new Set(signed),
      unsignableHeaders: new Set(signed.includes('x-amz-content-sha256') ? [] : ['x-amz-content-sha256']) });
  const ours = /Signature=([0-9a-f]{64})/.exec(wanted.headers.authorization)[1];
  return ours === parts[6] ? null : [403, 'SignatureDoesNotMatch'];
}

function refuse(response, service, [status, code]) {
  const body = service === 's3'
    ? `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>refused by the test</Message></Error>`
    : JSON.stringify({ __type: `com.amazon.coral.service#${code}`, message: 'refused by the test' });
  response.writeHead(status, { 'Content-Type': service === 's3' ? 'application/xml' : 'application/x-amz-json-1.0' });
  response.end(body);
}

/** A request whose body was read, with that body. */
function again(request, body) {
  const { method, url, headers, httpVersion, socket, connection } = request;
  return Object.assign(Readable.from(body.length ? [body] : []), { method, url, headers, httpVersion, socket, connection });
}

async function bodyOf(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces);
}

function checked(service, handler) {
  return async (request, response) => {
    const { method, url } = request;
    let refused = null;
    const { writeHead } = response;
    response.writeHead = (status, ...more) => { // in the log before anyone can know of it
      fs.writeSync(log, JSON.stringify({ method, url, status, refused }) + '\n');
      return writeHead.call(response, status, ...more);
    };
    try {
      const isOpen = service === 's3' && places.open && request.url.split(/[/?]/)[1] === places.open;
      const body = service === 's3' ? (request.method === 'PUT' ? null : Buffer.alloc(0)) : await bodyOf(request);
      const why = isOpen && !request.headers.authorization ? null : await refusal(request, service, body);
      if (why) {
        refused = why[1];
        return refuse(response, service, why);
      }
      handler(service === 's3' ? request : again(request, body), response);
    } catch (error) {
      refused = String(error);
      refuse(response, service, [500, 'InternalError']);
    }
  };
}

function handlerOf() {
  if (kind === 'dynamodb') {
    const server = load('dynalite')({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
    return server.listeners('request')[0];
  }
  const S3rver = load('s3rver');
  require(path.join(path.dirname(require.resolve('s3rver', { paths: [places.modules] })), 'models', 'account'))
    .DUMMY_ACCOUNT.createKeyPair(places.key.id, places.key.secret);
  return new S3rver({ directory: places.folder, silent: true, vhostBuckets: false }).callback();
}

const server = http.createServer(checked(kind, handlerOf()));
server.keepAliveTimeout = 60e3;
server.listen(0, '127.0.0.1', () => process.stdout.write(server.address().port + '\n'));
process.stdin.on('end', () => process.exit(0)).resume();
