/* SPDX-License-Identifier: MIT */
/* The build of twin.h that does what "Head" says. */
#define TWIN_SIDE "Head"
#include "twin.h"
