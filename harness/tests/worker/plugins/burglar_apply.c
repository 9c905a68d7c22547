/* SPDX-License-Identifier: MIT */
/* The burglar (burglar.h) that tries in apply. */
#define BURGLE_AT_APPLY
#include "burglar.h"
