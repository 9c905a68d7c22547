/* SPDX-License-Identifier: MIT */
/* The reviews beside a golden. */
#include "golden/review_file.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"

static void
put_text(struct rf_buf *out, const char *key, const char *text, size_t bytes)
{
    rf_buf_format(out, "\"%s\":", key);
    rf_canon_string(out, text, bytes);
    rf_buf_byte(out, ',');
}

/** A value that is canonical JSON already. */
static void
put_value(struct rf_buf *out, const char *key, const char *json)
{
    if (json != NULL) {
        rf_buf_format(out, "\"%s\":", key);
        rf_buf_string(out, json);
        rf_buf_byte(out, ',');
    }
}

static void
put_paths(struct rf_buf *out, const struct rf_cluster *cluster)
{
    rf_buf_string(out, "\"paths\":[");
    for (size_t i = 0; i < cluster->path_count; i++) {
        rf_buf_string(out, i == 0 ? "" : ",");
        rf_canon_string(out, cluster->paths[i], strlen(cluster->paths[i]));
    }
    rf_buf_string(out, "],");
}

void
rf_review_line_write(const struct rf_cluster *cluster, bool data, uint64_t count, uint64_t of,
                     const char *reason, struct rf_buf *out)
{
    const char *kind = rf_difference_name(cluster->kind);
    rf_buf_byte(out, '{');
    if (data) {
        put_text(out, "cause", "data", strlen("data"));
    }
    put_text(out, "cluster", cluster->key, strlen(cluster->key));
    rf_buf_format(out, "\"count\":%" PRIu64 ",", count);
    if (cluster->event != NULL) {
        put_text(out, "event", cluster->event, cluster->event_bytes);
    }
    put_value(out, "from", cluster->from);
    put_text(out, "kind", kind, strlen(kind));
    if (count != of) {
        rf_buf_format(out, "\"of\":%" PRIu64 ",", of);
    }
    put_paths(out, cluster);
    if (reason != NULL) {
        put_text(out, "reason", reason, strlen(reason));
    }
    put_value(out, "to", cluster->to);
    out->used--; /* the last comma */
    rf_buf_string(out, "}\n");
}

rf_code
rf_review_file_add(struct rf_files *files, const char *path, const struct rf_buf *lines,
                   struct rf_err *reterr)
{
    struct rf_buf text = {0};
    if (access(path, F_OK) == 0) {
        struct rf_err err;
        rf_code code = rf_file_read(path, &text, &err);
        if (code != RF_OK) {
            rf_buf_done(&text);
            return rf_fail(reterr, RF_ERR_OUTPUT, path, "cannot add to the reviews: %s", err.text);
        }
        if (text.used > 0 && text.bytes[text.used - 1] != '\n') {
            rf_buf_byte(&text, '\n'); /* edited by hand */
        }
    }
    rf_buf_add(&text, lines->bytes, lines->used);
    rf_code code = rf_files_add(files, path, text.bytes, text.used, reterr);
    rf_buf_done(&text);
    return code;
}
