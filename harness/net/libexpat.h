/* SPDX-License-Identifier: MIT */
/* The part of expat that refold calls, loaded at its first use. */
#ifndef RF_NET_LIBEXPAT_H
#define RF_NET_LIBEXPAT_H

#include <expat.h>

#define RF_LIBEXPAT_FUNCTIONS(X)                                                                   \
    X(XML_ParserCreate)                                                                            \
    X(XML_ParserFree)                                                                              \
    X(XML_SetUserData)                                                                             \
    X(XML_SetElementHandler)                                                                       \
    X(XML_SetCharacterDataHandler)                                                                 \
    X(XML_SetStartDoctypeDeclHandler)                                                              \
    X(XML_Parse)                                                                                   \
    X(XML_StopParser)                                                                              \
    X(XML_GetErrorCode)                                                                            \
    X(XML_ErrorString)                                                                             \
    X(XML_GetCurrentByteIndex)

struct rf_libexpat {
#define RF_MEMBER(name) __typeof__(name) *name;
    RF_LIBEXPAT_FUNCTIONS(RF_MEMBER)
#undef RF_MEMBER
};

/** NULL where it is not installed. Threads: any. */
const struct rf_libexpat *rf_libexpat(void);

#endif
