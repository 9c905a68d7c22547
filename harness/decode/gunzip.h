/* SPDX-License-Identifier: MIT */
/* Inflating for the station in front of this one: archives that are gzip (walk/walk.h). */
#ifndef RF_DECODE_GUNZIP_H
#define RF_DECODE_GUNZIP_H

#include "walk/walk.h"

/** By rf_gzip: every member, with every check. The ratio is the caller's to look at. */
extern const struct rf_gunzip rf_gunzip;

#endif
