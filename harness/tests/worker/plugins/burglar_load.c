/* SPDX-License-Identifier: MIT */
/* The burglar (burglar.h) that tries as it is loaded. */
#define BURGLE_AT_LOAD
#include "burglar.h"
