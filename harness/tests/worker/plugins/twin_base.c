/* SPDX-License-Identifier: MIT */
/* The build of twin.h that does what "Base" says. */
#define TWIN_SIDE "Base"
#include "twin.h"
