/* SPDX-License-Identifier: MIT */
/* No core files: a history of production, its environment and a key lie in refold's memory. */
#ifndef RF_CLI_CORES_H
#define RF_CLI_CORES_H

/** Of this process and all that it starts no core file is written, and no other process of the user
 * may look into its memory. */
void rf_cores_forbid(void);

#endif
