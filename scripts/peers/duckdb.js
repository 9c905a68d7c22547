// SPDX-License-Identifier: MIT
// The orders of a history, folded by DuckDB: a peer of `make bench`.
//
//     node duckdb.js OUT FILE.gz...
//
// All processors. @duckdb/node-api is looked for in the working folder. Does what aggregates/order.c does, in SQL,
// and writes refold's golden lines.
'use strict';
const { createRequire } = require('module');
const path = require('path');
const { DuckDBInstance } = createRequire(path.join(process.cwd(), 'x.js'))('@duckdb/node-api');

const quoted = (text) => `'${text.replace(/'/g, "''")}'`;

const query = (files, out) => `
COPY (
    WITH records AS (
        SELECT t, d.ID AS id, d.Version AS version, d."At" AS moment, d.Qty AS qty, d.PriceCents AS price,
               d.AmountCents AS amount
        FROM read_json([${files.map(quoted).join(', ')}], format = 'unstructured', compression = 'gzip', columns = {
            t: 'VARCHAR',
            d: 'STRUCT(ID VARCHAR, Version BIGINT, "At" VARCHAR, Qty BIGINT, PriceCents BIGINT, AmountCents BIGINT)' })
    ), events AS (
        SELECT id, version, any_value(t) AS t, any_value(moment) AS moment, any_value(qty) AS qty, any_value(price) AS price,
               any_value(amount) AS amount
        FROM records GROUP BY id, version
    ), orders AS (
        SELECT id, max(version) AS version, arg_max(moment, version) AS updated,
               max(moment) FILTER (t = 'OrderCreated') AS created,
               arg_max(lower(t[6:]), version) FILTER (t <> 'OrderItemAdded') AS status,
               count(*) FILTER (t = 'OrderItemAdded') AS items,
               coalesce(sum(qty * price) FILTER (t = 'OrderItemAdded'), 0)
                   - coalesce(sum(amount) FILTER (t = 'OrderRefunded'), 0) AS total
        FROM events GROUP BY id
    )
    SELECT '{"id":"' || id || '","state":{"createdAt":"' || created || '","items":' || items || ',"status":"' || status
        || '","totalCents":' || total || ',"updatedAt":"' || updated || '"},"version":' || version || '}'
    FROM orders ORDER BY id
) TO ${quoted(out)} (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\t')`;

async function main() {
    const [out, ...files] = process.argv.slice(2);
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.run(query(files, out));
}

main().catch((error) => {
    console.error(`duckdb: ${error.message}`);
    process.exit(1);
});
