/* SPDX-License-Identifier: MIT */
/* What raises the limit of depth (limits.h) where this program reads JSON: who hits it is told. */
#ifndef RF_BASE_DEPTH_H
#define RF_BASE_DEPTH_H

enum rf_depth_raiser {
    RF_DEPTH_OPTION,  /**< --limit */
    RF_DEPTH_CONFIG,  /**< a verb that has no such option reads a config */
    RF_DEPTH_NOTHING, /**< a worker is told of no limit, some verbs read no config */
};

/** --limit, until it is set: before there is a second thread. */
extern enum rf_depth_raiser rf_depth_raiser;

#endif
