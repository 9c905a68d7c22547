/* SPDX-License-Identifier: MIT */
/* The worker's end of a fork server: see server.h, and protocol.h, "Serve". */
#ifndef RF_WORKER_SERVE_H
#define RF_WORKER_SERVE_H

/**
 * Fork a worker whenever the host asks for one. Returns in each of these, with its channels where
 * the protocol has them; the server itself ends here with the host.
 */
void rf_serve_forks(void);

#endif
