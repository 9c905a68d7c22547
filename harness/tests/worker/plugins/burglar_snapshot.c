/* SPDX-License-Identifier: MIT */
/* The burglar (burglar.h) that tries in snapshot. */
#define BURGLE_AT_SNAPSHOT
#include "burglar.h"
