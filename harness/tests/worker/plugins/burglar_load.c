/* SPDX-License-Identifier: MIT */
#define BURGLE_AT_LOAD
#include "burglar.h"
