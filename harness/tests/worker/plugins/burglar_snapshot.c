/* SPDX-License-Identifier: MIT */
#define BURGLE_AT_SNAPSHOT
#include "burglar.h"
