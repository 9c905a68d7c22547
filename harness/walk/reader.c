/* SPDX-License-Identifier: MIT */
/* Reading an object's stored bytes, whatever kind of source it lies in. */
#include <string.h>

#include "base/alloc.h"
#include "base/sha256.h"
#include "walk/source.h"
#include "walk/walk.h"

struct rf_reader {
    const struct rf_source_kind *kind;
    void *stream; /* the kind's own */
    bool ended;   /* the end was reached, and all checks held */
    const struct rf_object *object;
    struct rf_sha256 *sha; /* of what was read, where a manifest says what it must be; or NULL */
};

void
rf_objects_want(const struct rf_objects *objects, const struct rf_object *object)
{
    struct rf_source *source = &objects->sources[object->source];
    if (source->kind->want != NULL && object->flaw == NULL && !object->special) {
        source->kind->want(source, object);
    }
}

bool
rf_source_is_remote(const struct rf_objects *objects, uint32_t source)
{
    return objects->sources[source].kind->ask != NULL;
}

rf_code
rf_object_request(const struct rf_objects *objects, const struct rf_object *object,
                  struct rf_http_request *ret, struct rf_transfer_wanted *ret_wanted,
                  struct rf_signer *ret_signer, struct rf_err *reterr)
{
    return rf_source_request(&objects->sources[object->source], object, ret, ret_wanted, ret_signer,
                             reterr);
}

rf_code
rf_source_request(struct rf_source *source, const struct rf_object *object,
                  struct rf_http_request *ret, struct rf_transfer_wanted *ret_wanted,
                  struct rf_signer *ret_signer, struct rf_err *reterr)
{
    if (object->flaw != NULL) {
        return rf_fail(reterr, object->flaw_code, object->name, "%s", object->flaw);
    }
    *ret = (struct rf_http_request){.method = "GET"};
    *ret_wanted = (struct rf_transfer_wanted){
        .bytes = object->bytes, .etag = object->etag, .name = object->name};
    *ret_signer = (struct rf_signer){0};
    rf_code code = source->kind->ask(source, object, ret, ret_wanted, ret_signer, reterr);
    if (code != RF_OK) {
        rf_http_request_done(ret);
    }
    return code;
}

rf_code
rf_reader_open(const struct rf_objects *objects, const struct rf_object *object,
               struct rf_reader **ret, struct rf_err *reterr)
{
    struct rf_source *source = &objects->sources[object->source];
    if (object->flaw != NULL) {
        return rf_fail(reterr, object->flaw_code, object->name, "%s", object->flaw);
    }
    if (object->special) {
        return rf_fail(reterr, RF_ERR_SOURCE, object->name,
                       "a fifo, socket or device: it is not read");
    }
    struct rf_reader *reader = rf_calloc(1, sizeof(*reader));
    reader->kind = source->kind;
    reader->object = object;
    reader->sha = object->sha256 == NULL ? NULL : rf_sha256_new();
    rf_code code = reader->kind->open(source, object, &reader->stream, reterr);
    if (code != RF_OK) {
        rf_reader_close(reader);
        return code;
    }
    *ret = reader;
    return RF_OK;
}

/** At the end: are these the bytes that were fetched? */
static rf_code
hold(struct rf_reader *reader, const void *bytes, size_t got, struct rf_err *reterr)
{
    char hex[RF_SHA256_HEX_BYTES];
    rf_sha256_add(reader->sha, bytes, got);
    if (!reader->ended) {
        return RF_OK;
    }
    rf_sha256_finish(reader->sha, hex);
    reader->sha = NULL;
    return strcmp(hex, reader->object->sha256) == 0
               ? RF_OK
               : rf_fail(reterr, RF_ERR_CORRUPT, reader->object->name,
                         "is not what was fetched: it was changed since");
}

rf_code
rf_reader_read(struct rf_reader *reader, void *bytes, size_t room, size_t *ret_got,
               struct rf_err *reterr)
{
    RF_VERIFY(room > 0);
    *ret_got = 0;
    if (reader->ended) {
        return RF_OK;
    }
    RF_TRY(reader->kind->read(reader->stream, bytes, room, ret_got, reterr));
    reader->ended = *ret_got == 0;
    return reader->sha == NULL ? RF_OK : hold(reader, bytes, *ret_got, reterr);
}

void
rf_reader_close(struct rf_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    if (reader->stream != NULL) {
        reader->kind->close(reader->stream);
    }
    if (reader->sha != NULL) {
        char unused[RF_SHA256_HEX_BYTES];
        rf_sha256_finish(reader->sha, unused);
    }
    free(reader);
}
