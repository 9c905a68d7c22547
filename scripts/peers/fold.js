// SPDX-License-Identifier: MIT
// The orders of a history, folded with Node's own modules: a peer of `make bench`.
//
//     node fold.js OUT FILE.gz...
//
// One thread. Does what aggregates/order.c does, and writes refold's golden lines.
'use strict';
const fs = require('fs');
const zlib = require('zlib');

// JSON.parse takes one value: records that are joined by nothing are cut apart in front of it.
function* records(text) {
    let start = 0, depth = 0, inString = false;
    for (let i = 0; i < text.length; i++) {
        const c = text.charCodeAt(i);
        if (inString) {
            if (c === 92) i++;
            else if (c === 34) inString = false;
        } else if (c === 34) inString = true;
        else if (c === 123 && depth++ === 0) start = i;
        else if (c === 125 && --depth === 0) yield JSON.parse(text.slice(start, i + 1));
    }
    if (depth !== 0 || inString) throw new Error('a record is cut');
}

function read(path, orders) {
    for (const { t, d } of records(zlib.gunzipSync(fs.readFileSync(path)).toString('utf8'))) {
        const cents = t === 'OrderItemAdded' ? d.Qty * d.PriceCents : t === 'OrderRefunded' ? -d.AmountCents : 0;
        if (!Number.isSafeInteger(cents)) throw new Error(`${t}: not an integer`);
        const events = orders.get(d.ID);
        const event = { version: d.Version, kind: t, at: d.At, cents };
        if (events === undefined) orders.set(d.ID, [event]);
        else events.push(event);
    }
}

function fold(id, events) {
    let created, status, updated, items = 0, total = 0, version = 0;
    events.sort((a, b) => a.version - b.version);
    for (const e of events) {
        if (e.version === version) continue; // a copy
        version = e.version;
        updated = e.at;
        total += e.cents;
        if (e.kind === 'OrderItemAdded') {
            items++;
            continue;
        }
        if (e.kind === 'OrderCreated') created = e.at;
        status = e.kind.slice('Order'.length).toLowerCase();
    }
    const state = { createdAt: created, items, status, totalCents: total, updatedAt: updated };
    return JSON.stringify({ id, state, version }) + '\n';
}

const orders = new Map();
for (const path of process.argv.slice(3)) read(path, orders);
const out = fs.openSync(process.argv[2], 'w');
let lines = [];
for (const id of [...orders.keys()].sort()) {
    lines.push(fold(id, orders.get(id)));
    if (lines.length === 10000) {
        fs.writeSync(out, lines.join(''));
        lines = [];
    }
}
fs.writeSync(out, lines.join(''));
fs.closeSync(out);
