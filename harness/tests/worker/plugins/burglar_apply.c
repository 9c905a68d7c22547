/* SPDX-License-Identifier: MIT */
#define BURGLE_AT_APPLY
#include "burglar.h"
