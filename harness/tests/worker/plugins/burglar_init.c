/* SPDX-License-Identifier: MIT */
/* The burglar (burglar.h) that tries in init. */
#define BURGLE_AT_INIT
#include "burglar.h"
