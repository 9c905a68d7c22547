/* SPDX-License-Identifier: MIT */
/* XML that servers answer with, element by element. */
#include "net/xml.h"

#include <limits.h>
#include <string.h>

#include "base/buf.h"
#include "net/libexpat.h"

#define PATH_BYTES 512

/** A document that is being read. */
struct reading {
    const struct rf_xml_reader *reader;
    const struct rf_libexpat *expat;
    XML_Parser parser;
    const char *where;
    struct rf_buf path;
    struct rf_buf text[RF_XML_DEPTH]; /* of each open element, behind its last child */
    size_t depth;
    rf_code code; /* why it was stopped */
    struct rf_err *reterr;
};

static void
stop(struct reading *reading, rf_code code)
{
    reading->code = code;
    (void)reading->expat->XML_StopParser(reading->parser, XML_FALSE);
}

static void
stop_for(struct reading *reading, const char *why)
{
    stop(reading, rf_fail(reading->reterr, RF_ERR_SOURCE, reading->where,
                          "the server's answer is not read: %s", why));
}

static void
begin(void *context, const XML_Char *name, const XML_Char **attributes)
{
    struct reading *reading = context;
    (void)attributes;
    if (reading->code != RF_OK) {
        return;
    }
    const char *colon = strrchr(name, ':');
    const char *plain = colon == NULL ? name : colon + 1;
    if (reading->depth == RF_XML_DEPTH) {
        stop_for(reading, "its elements lie too deep in each other");
        return;
    }
    if (reading->path.used + strlen(plain) + 1 > PATH_BYTES) {
        stop_for(reading, "its elements have too long names");
        return;
    }
    if (reading->depth > 0) {
        rf_buf_clear(&reading->text[reading->depth - 1]); /* blanks between elements */
    }
    rf_buf_byte(&reading->path, '/');
    rf_buf_string(&reading->path, plain);
    rf_buf_clear(&reading->text[reading->depth++]);
    if (reading->reader->begin != NULL) {
        rf_code code = reading->reader->begin(reading->reader->context, rf_buf_text(&reading->path),
                                              "", 0, reading->reterr);
        if (code != RF_OK) {
            stop(reading, code);
        }
    }
}

static void
take_text(void *context, const XML_Char *bytes, int count)
{
    struct reading *reading = context;
    if (reading->code != RF_OK || reading->depth == 0) {
        return;
    }
    struct rf_buf *text = &reading->text[reading->depth - 1];
    if (text->used + (size_t)count > RF_XML_TEXT_BYTES) {
        stop_for(reading, "an element holds too much text");
        return;
    }
    rf_buf_add(text, bytes, (size_t)count);
}

static void
end(void *context, const XML_Char *name)
{
    struct reading *reading = context;
    (void)name; /* expat has seen that it is the one that is open */
    if (reading->code != RF_OK) {
        return;
    }
    struct rf_buf *text = &reading->text[--reading->depth];
    const char *path = rf_buf_text(&reading->path);
    rf_code code = reading->reader->end(reading->reader->context, path, rf_buf_text(text),
                                        text->used, reading->reterr);
    if (code != RF_OK) {
        stop(reading, code);
        return;
    }
    reading->path.used = (size_t)(strrchr(path, '/') - path);
}

static void
refuse_doctype(void *context, const XML_Char *name, const XML_Char *system, const XML_Char *public,
               int has_subset)
{
    (void)name;
    (void)system;
    (void)public;
    (void)has_subset;
    stop_for(context, "it declares a document type, which may hold entities without end");
}

static rf_code
parse(struct reading *reading, const char *bytes, size_t count)
{
    const struct rf_libexpat *expat = reading->expat;
    XML_Parser parser = reading->parser;
    expat->XML_SetUserData(parser, reading);
    expat->XML_SetElementHandler(parser, begin, end);
    expat->XML_SetCharacterDataHandler(parser, take_text);
    expat->XML_SetStartDoctypeDeclHandler(parser, refuse_doctype);
    if (count > INT_MAX) {
        return rf_fail(reading->reterr, RF_ERR_SOURCE, reading->where,
                       "the server's answer is not read: it is too long");
    }
    if (expat->XML_Parse(parser, bytes, (int)count, 1) == XML_STATUS_OK) {
        return RF_OK;
    }
    if (reading->code != RF_OK) {
        return reading->code;
    }
    enum XML_Error error = expat->XML_GetErrorCode(parser);
    if (error == XML_ERROR_NO_MEMORY) {
        rf_out_of_memory();
    }
    return rf_fail_at(reading->reterr, RF_ERR_SOURCE, reading->where,
                      (uint64_t)expat->XML_GetCurrentByteIndex(parser),
                      "the server's answer is no whole XML: %s", expat->XML_ErrorString(error));
}

rf_code
rf_xml_read(const char *where, const char *bytes, size_t count, const struct rf_xml_reader *reader,
            struct rf_err *reterr)
{
    struct reading reading = {
        .reader = reader, .expat = rf_libexpat(), .where = where, .reterr = reterr};
    if (reading.expat == NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, where,
                       "reading what S3 answers needs expat, and it is not on this machine; "
                       "install it (Debian: libexpat1), or copy the objects into a folder");
    }
    reading.parser = reading.expat->XML_ParserCreate(NULL);
    if (reading.parser == NULL) {
        rf_out_of_memory();
    }
    rf_code code = parse(&reading, bytes, count);
    reading.expat->XML_ParserFree(reading.parser);
    rf_buf_done(&reading.path);
    for (size_t i = 0; i < RF_XML_DEPTH; i++) {
        rf_buf_done(&reading.text[i]);
    }
    return code;
}

void
rf_xml_take(const struct rf_xml_wanted *wanted, size_t count, const char *path, const char *text,
            size_t bytes)
{
    size_t path_bytes = strlen(path);
    for (size_t i = 0; i < count; i++) {
        size_t end_bytes = strlen(wanted[i].end);
        if (path_bytes >= end_bytes && *wanted[i].target == NULL &&
            strcmp(path + path_bytes - end_bytes, wanted[i].end) == 0) {
            *wanted[i].target = rf_strndup(text, bytes);
        }
    }
}
