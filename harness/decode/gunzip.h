/* SPDX-License-Identifier: MIT */
/* Unpacking for the station in front of this one: archives that are gzip or zstd (walk/walk.h). */
#ifndef RF_DECODE_GUNZIP_H
#define RF_DECODE_GUNZIP_H

#include "walk/walk.h"

/** By rf_form_gzip and rf_form_zstd: every member and frame, with every check. The ratio is the
 * caller's to look at. */
extern const struct rf_gunzip rf_gunzip;

#endif
