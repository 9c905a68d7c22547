/* SPDX-License-Identifier: MIT */
/* XML that servers answer with (S3's listings and errors, STS), element by element. */
#ifndef RF_NET_XML_H
#define RF_NET_XML_H

#include <stddef.h>

#include "base/error.h"

/** Elements within elements. S3's answers have five. */
#define RF_XML_DEPTH 16
/** Text that stands right in one element: a key of 1,024 bytes, each written as %XX, is 3 KiB; a
 * session token of STS, and S3's next token, a few. */
#define RF_XML_TEXT_BYTES 65536

/**
 * An element, by its path from the root ("/ListBucketResult/Contents/Key"; prefixes of namespaces
 * are left out, and so are attributes). Both are borrowed for the call.
 * @text  what stands right in it, entities decoded; "" where it begins
 */
typedef rf_code rf_xml_function(void *context, const char *path, const char *text, size_t bytes,
                                struct rf_err *reterr);

struct rf_xml_reader {
    void *context;
    rf_xml_function *begin; /**< or NULL */
    rf_xml_function *end;
};

/**
 * Read a whole document. An error of the reader's functions ends it, and is returned.
 *
 * A document type is refused whatever it says: no server that is read sends one, and entities that
 * hold entities take any memory.
 *
 * @where   what messages call the document
 * @return  RF_OK; RF_ERR_SOURCE: it is no XML, is cut, or deeper or longer than the limits above;
 *          RF_ERR_USAGE: expat is not installed
 * Threads: any.
 */
RF_MUST_USE rf_code rf_xml_read(const char *where, const char *bytes, size_t count,
                                const struct rf_xml_reader *reader, struct rf_err *reterr);

/** An element that is looked for, by the end of its path ("/Error/Code"), and where its text goes.
 */
struct rf_xml_wanted {
    const char *end;
    char **target; /**< NULL before; owned by the caller afterwards. Of several the first counts */
};
/** For an end_element: takes the text where the path is one that is looked for. */
void rf_xml_take(const struct rf_xml_wanted *wanted, size_t count, const char *path,
                 const char *text, size_t bytes);

#endif
