/* SPDX-License-Identifier: MIT */
/* The request of a scenario, taken apart. */
#include "worker/dispatch_input.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/time.h"
#include "worker/answers.h"
#include "worker/protocol.h"

uint32_t
rf_dispatch_need(const struct rf_dispatch_input *input, uint32_t object, const char *name, int kind)
{
    uint32_t node = rf_json_member(&input->doc, object, name, strlen(name), NULL);
    if (node == RF_JSON_NONE || input->doc.nodes[node].kind != kind) {
        rf_worker_fail("the request lacks %s", name);
    }
    return node;
}

bool
rf_dispatch_has(const struct rf_dispatch_input *input, uint32_t object, const char *name)
{
    return rf_json_member(&input->doc, object, name, strlen(name), NULL) != RF_JSON_NONE;
}

void
rf_dispatch_text(const struct rf_dispatch_input *input, uint32_t object, const char *name,
                 struct rf_buf *ret)
{
    struct rf_buf scratch = {0};
    const char *bytes;
    size_t count;
    rf_json_string(&input->doc, rf_dispatch_need(input, object, name, RF_JSON_STRING), &scratch,
                   &bytes, &count);
    rf_buf_clear(ret);
    rf_buf_add(ret, bytes, count);
    rf_buf_done(&scratch);
}

int64_t
rf_dispatch_number(const struct rf_dispatch_input *input, uint32_t object, const char *name)
{
    int64_t number;
    if (!rf_json_int64(&input->doc, rf_dispatch_need(input, object, name, RF_JSON_NUMBER),
                       &number)) {
        rf_worker_fail("the request's %s is no number of 64 bits", name);
    }
    return number;
}

refold_time
rf_dispatch_time(const struct rf_dispatch_input *input, uint32_t object)
{
    struct rf_buf text = {0};
    struct rf_time time;
    rf_dispatch_text(input, object, "at", &text);
    if (!rf_time_parse(text.bytes, text.used, &time)) {
        rf_worker_fail("the request's at is no time");
    }
    rf_buf_done(&text);
    return (refold_time){time.seconds, time.nanos, 1};
}

refold_string
rf_dispatch_data(const struct rf_dispatch_input *input, uint32_t object)
{
    uint32_t node = rf_json_member(&input->doc, object, "data", 4, NULL);
    size_t bytes;
    if (node == RF_JSON_NONE) {
        rf_worker_fail("the request lacks data");
    }
    const char *token = rf_json_token(&input->doc, node, &bytes);
    return (refold_string){token, bytes};
}

void
rf_dispatch_input_open(struct rf_dispatch_input *input)
{
    struct rf_err err;
    size_t got;
    off_t size = lseek(RF_FD_REQUESTS, 0, SEEK_END);
    if (size < 0) {
        rf_worker_fail("there is no request: %s", strerror(errno));
    }
    size_t bytes = (size_t)size;
    rf_buf_reserve(&input->request, bytes + 1);
    if (!rf_fd_read_at(RF_FD_REQUESTS, input->request.bytes, bytes, 0, &got)) {
        rf_worker_fail("cannot read the request: %s", strerror(errno));
    }
    /* The file may be longer than its text: what is behind it is 0. */
    input->request.used = strnlen(input->request.bytes, got);
    /* The host has held each step's data against the limit: the request is around that. */
    uint64_t depth = rf_limits.json_depth;
    rf_limits.json_depth = RF_LIMIT_JSON_DEPTH_MOST;
    rf_code code = rf_json_read_whole(&input->doc, input->request.bytes, input->request.used, &err);
    rf_limits.json_depth = depth;
    if (code != RF_OK || input->doc.nodes[0].kind != RF_JSON_OBJECT) {
        rf_worker_fail("the request is no JSON object: %s", err.text);
    }
    static const char *const names[] = {"id", "version", "at"};
    uint32_t members = rf_dispatch_need(input, 0, "members", RF_JSON_OBJECT);
    for (int i = 0; i < RF_MEMBER_COUNT; i++) {
        if (rf_dispatch_has(input, members, names[i])) {
            rf_dispatch_text(input, members, names[i], &input->members[i]);
        }
    }
    rf_dispatch_text(input, 0, "aggregate", &input->aggregate);
    rf_dispatch_text(input, 0, "id", &input->id);
    input->version = rf_dispatch_number(input, 0, "version");
}
