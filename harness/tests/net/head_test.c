/* SPDX-License-Identifier: MIT */
/* What is the object, by its responses, and what is none: one case a row. */
#include "net/net.h"

#include "tests/net/scripted.h"

#define OK     "HTTP/1.1 200 OK\r\n"
#define PART   "HTTP/1.1 206 Partial Content\r\n"
#define LENGTH "Content-Length: 10\r\n"
#define TAG    "ETag: \"a\"\r\n"
#define DAY    "Last-Modified: Wed, 01 Mar 2017 00:00:00 GMT\r\n"
#define CHUNKS "Transfer-Encoding: chunked\r\n"
#define ANY    RF_NET_BYTES_UNKNOWN

struct row {
    const char *what;
    /** Each request gets the next one, and the connection is closed behind it. */
    const char *responses[3];
    uint64_t listed;
    const char *etag; /* that was listed, or NULL */
    const char *got;  /* the bytes; NULL: it fails … */
    const char *says; /* … with that */
};

static const struct row rows[] = {
    {"as it should be", {OK LENGTH TAG "\r\n0123456789"}, 10, "\"a\"", "0123456789", NULL},
    {"nothing is known of it", {OK LENGTH "\r\n0123456789"}, ANY, NULL, "0123456789", NULL},
    {"empty", {OK "Content-Length: 0\r\n\r\n"}, 0, NULL, "", NULL},
    {"empty chunks", {OK CHUNKS "\r\n0\r\n\r\n"}, 0, NULL, "", NULL},
    {"empty, and should not be", {OK "Content-Length: 0\r\n\r\n"}, 1, NULL, NULL, "has 0 bytes"},
    {"chunks", {OK CHUNKS "\r\n4\r\n0123\r\n6\r\n456789\r\n0\r\n\r\n"}, 10, NULL, "0123456789", 0},
    {"Chunks", {OK "Transfer-Encoding:  CHUNKED \r\n\r\n0\r\n\r\n"}, ANY, NULL, "", NULL},
    {"more than chunks",
     {OK "Transfer-Encoding: x, chunked\r\n\r\n0\r\n\r\n"},
     ANY,
     0,
     0,
     "neither"},
    {"chunks, shorter than listed",
     {OK CHUNKS "\r\n4\r\n0123\r\n0\r\n\r\n"},
     5,
     0,
     0,
     "has 4 bytes"},
    {"chunks, longer than listed",
     {OK CHUNKS "\r\n4\r\n0123\r\n0\r\n\r\n"},
     3,
     0,
     0,
     "has 4 bytes"},
    {"no mark of its end", {OK "\r\n0123456789"}, 10, NULL, NULL, "neither its length"},
    {"shorter than listed", {OK LENGTH "\r\n0123456789"}, 11, NULL, NULL, "listed with 11"},
    {"longer than listed", {OK LENGTH "\r\n0123456789"}, 9, NULL, NULL, "listed with 9"},
    {"another ETag", {OK LENGTH TAG "\r\n0123456789"}, 10, "\"b\"", NULL, "has the ETag \"a\""},
    {"a weak ETag", {OK LENGTH "ETag: W/\"a\"\r\n\r\n0123456789"}, 10, "\"a\"", 0, "ETag W/\"a\""},
    {"no ETag", {OK LENGTH "\r\n0123456789"}, 10, "\"a\"", NULL, "comes without an ETag"},
    {"an HTML page", {OK LENGTH "\r\n<hTmL>.../"}, ANY, NULL, NULL, "page (HTML or XML) in the"},
    {"a doctype", {OK "Content-Length: 14\r\n\r\n<!DocType HTML"}, ANY, NULL, NULL, "with a page"},
    {"an error document", {OK LENGTH "\r\n<Error><C/"}, ANY, NULL, NULL, "with a page"},
    {"XML", {OK LENGTH "\r\n<?xml vers"}, ANY, NULL, NULL, "with a page"},
    {"its type", {OK LENGTH "Content-Type: text/x\r\n\r\n<html>6789"}, ANY, 0, 0, "page (text/x)"},
    {"nearly a page", {OK LENGTH "\r\n<htm>56789"}, ANY, NULL, "<htm>56789", NULL},
    {"a part that nobody wanted",
     {PART LENGTH "Content-Range: bytes 0-9/10\r\n\r\n0123456789"},
     ANY,
     NULL,
     NULL,
     "a part that was not asked for"},
    {"no content", {"HTTP/1.1 204 No Content\r\n\r\n"}, ANY, NULL, NULL, "HTTP status 204"},
    {"another 2xx",
     {"HTTP/1.1 203 Other\r\n" LENGTH "\r\n0123456789"},
     ANY,
     0,
     0,
     "HTTP status 203"},
    /* It breaks off behind four bytes, and is asked for again. */
    {"the rest",
     {OK LENGTH TAG "\r\n0123",
      PART "Content-Length: 6\r\n" TAG "Content-Range: bytes 4-9/10\r\n\r\n456789"},
     ANY,
     NULL,
     "0123456789",
     NULL},
    {"the rest of what was listed",
     {OK LENGTH TAG "\r\n0123",
      PART "Content-Length: 6\r\n" TAG "Content-Range: bytes 4-9/10\r\n\r\n456789"},
     10,
     "\"a\"",
     "0123456789",
     NULL},
    {"all of it again",
     {OK LENGTH TAG "\r\n0123", OK LENGTH TAG "\r\n0123456789"},
     10,
     NULL,
     "0123456789",
     NULL},
    {"again broken off, earlier",
     {OK LENGTH TAG "\r\n0123", OK LENGTH TAG "\r\n01", OK LENGTH TAG "\r\n0123456789"},
     10,
     NULL,
     "0123456789",
     NULL},
    {"again broken off, later",
     {OK LENGTH TAG "\r\n0123", OK LENGTH TAG "\r\n01234567",
      PART "Content-Length: 2\r\n" TAG "Content-Range: bytes 8-9/10\r\n\r\n89"},
     10,
     NULL,
     "0123456789",
     NULL},
    {"by its day",
     {OK LENGTH DAY "\r\n0123", OK LENGTH DAY "\r\n0123456789"},
     ANY,
     NULL,
     "0123456789",
     NULL},
    {"weak ETags, which say nothing",
     {OK LENGTH DAY "ETag: W/\"a\"\r\n\r\n0123", OK LENGTH DAY "ETag: W/\"b\"\r\n\r\n0123456789"},
     ANY,
     NULL,
     "0123456789",
     NULL},
    {"the rest of a body in chunks",
     {OK CHUNKS TAG "\r\n4\r\n0123\r\n",
      PART "Content-Length: 6\r\n" TAG "Content-Range: bytes 4-9/10\r\n\r\n456789"},
     ANY,
     NULL,
     "0123456789",
     NULL},
    {"a rest that is another's",
     {OK LENGTH TAG "\r\n0123",
      PART "Content-Length: 6\r\nETag: \"b\"\r\nContent-Range: bytes 4-9/10\r\n\r\n456789"},
     ANY,
     NULL,
     NULL,
     "broke off at byte 4, and asked for again it is another object"},
    {"a rest without an ETag",
     {OK LENGTH TAG DAY "\r\n0123",
      PART "Content-Length: 6\r\n" DAY "Content-Range: bytes 4-9/10\r\n\r\n456789"},
     ANY,
     NULL,
     NULL,
     "another object"},
    {"a rest with an ETag only now",
     {OK LENGTH DAY "\r\n0123",
      PART "Content-Length: 6\r\n" DAY TAG "Content-Range: bytes 4-9/10\r\n\r\n456789"},
     ANY,
     NULL,
     NULL,
     "another object"},
    {"a rest of another day",
     {OK LENGTH DAY "\r\n0123", OK LENGTH "Last-Modified: Thu, 02 Mar 2017 00:00:00 GMT\r\n\r\n"
                                          "0123456789"},
     ANY,
     NULL,
     NULL,
     "another object"},
    {"a rest of no day",
     {OK LENGTH DAY "\r\n0123", OK LENGTH "\r\n0123456789"},
     ANY,
     0,
     0,
     "another"},
    {"a rest of a longer one",
     {OK LENGTH TAG "\r\n0123",
      PART "Content-Length: 7\r\n" TAG "Content-Range: bytes 4-10/11\r\n\r\n456789X"},
     ANY,
     NULL,
     NULL,
     "another object"},
    {"a rest of who knows how many",
     {OK LENGTH TAG "\r\n0123",
      PART "Content-Length: 6\r\n" TAG "Content-Range: bytes 4-9/*\r\n\r\n456789"},
     ANY,
     NULL,
     NULL,
     "a part that was not asked for (Content-Range: bytes 4-9/*)"},
    {"a rest of chunks",
     {OK CHUNKS TAG "\r\n4\r\n0123\r\n",
      PART "Content-Length: 6\r\n" TAG "Content-Range: bytes 4-9/10\r\n\r\n456789"},
     ANY,
     NULL,
     "0123456789",
     NULL},
    {"a rest of chunks that ends too early",
     {OK CHUNKS TAG "\r\n4\r\n0123\r\n",
      PART "Content-Length: 5\r\n" TAG "Content-Range: bytes 4-8/10\r\n\r\n45678"},
     ANY,
     NULL,
     NULL,
     "a part that was not asked for (Content-Range: bytes 4-8/10)"},
    {"a rest of chunks that says more than it has",
     {OK CHUNKS TAG "\r\n4\r\n0123\r\n",
      PART "Content-Length: 5\r\n" TAG "Content-Range: bytes 4-9/10\r\n\r\n45678"},
     ANY,
     NULL,
     NULL,
     "ended at byte 9, before its end"},
    {"a rest of chunks of who knows how many",
     {OK CHUNKS TAG "\r\n4\r\n0123\r\n",
      PART "Content-Length: 6\r\n" TAG "Content-Range: bytes 4-9/*\r\n\r\n456789"},
     ANY,
     NULL,
     NULL,
     "a part that was not asked for"},
    {"a rest from another place",
     {OK LENGTH TAG "\r\n0123",
      PART "Content-Length: 7\r\n" TAG "Content-Range: bytes 3-9/10\r\n\r\n3456789"},
     ANY,
     NULL,
     NULL,
     "a part that was not asked for"},
    {"a rest that does not say from where",
     {OK LENGTH TAG "\r\n0123", PART "Content-Length: 6\r\n" TAG "\r\n456789"},
     ANY,
     NULL,
     NULL,
     "a part that was not asked for"},
    {"a rest that ends too early",
     {OK LENGTH TAG "\r\n0123",
      PART "Content-Length: 5\r\n" TAG "Content-Range: bytes 4-8/10\r\n\r\n45678"},
     ANY,
     NULL,
     NULL,
     "a part that was not asked for (Content-Range: bytes 4-8/10)"},
    {"in chunks, and then shorter",
     {OK CHUNKS TAG "\r\n4\r\n0123\r\n", OK CHUNKS TAG "\r\n3\r\n012\r\n0\r\n\r\n"},
     ANY,
     NULL,
     NULL,
     "ended at byte 3, before its end"},
};

static const struct row *row;
static int asked;

static bool
answer_row(struct scripted *server, int fd, const char *head)
{
    (void)server;
    (void)head;
    const char *response = asked < 3 ? row->responses[asked] : NULL;
    asked++;
    if (response != NULL) {
        scripted_send(fd, "%s", response);
    }
    return false;
}

/** Reads only once all that comes has come, as far as can be seen: what was read cannot begin anew.
 */
static rf_code
fetch(struct rf_net *net, const struct scripted *server, char *got, size_t room,
      struct rf_err *reterr)
{
    struct rf_http_request request = {
        .method = "GET",
        .url = rf_format("http://127.0.0.1:%d/a", server->port),
    };
    const struct rf_transfer_wanted wanted = {.bytes = row->listed, .etag = row->etag, .name = "a"};
    struct rf_transfer *transfer = rf_transfer_new(net, &request, &wanted, NULL);
    size_t used = 0;
    size_t more = 1;
    rf_code code = RF_OK;
    while (code == RF_OK && more > 0) {
        code = rf_transfer_read(transfer, got + used, room - used, &more, reterr);
        used += more;
    }
    got[used] = '\0';
    rf_transfer_close(transfer);
    return code;
}

Test(head, only_the_object_is_the_object)
{
    (void)setenv("REFOLD_PATIENCE", "0.03", 1);
    struct scripted *server = scripted_new(answer_row);
    struct rf_net_options options = {0};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char got[64];
        struct rf_err err = {0};
        row = &rows[i];
        asked = 0;
        struct rf_net *net = rf_net_new(&options);
        rf_code code = fetch(net, server, got, sizeof(got) - 1, &err);
        rf_net_free(net);
        cr_expect_eq(code, row->got == NULL ? RF_ERR_SOURCE : RF_OK, "%s: %s", row->what, err.text);
        if (row->got != NULL) {
            cr_expect_str_eq(got, row->got, "%s", row->what);
        } else {
            cr_expect_not_null(strstr(err.text, row->says), "%s: %s", row->what, err.text);
        }
    }
    scripted_stop(server);
}
