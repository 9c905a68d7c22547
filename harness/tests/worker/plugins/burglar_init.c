/* SPDX-License-Identifier: MIT */
#define BURGLE_AT_INIT
#include "burglar.h"
