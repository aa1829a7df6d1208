// SPDX-License-Identifier: Apache-2.0
/* record.json: what the state folder keeps of a container besides config.json,
 * libocispec/schema/record.json. */
#pragma once

#include "sections/container.h"

/* How the text gets into the folder: io_write_atomic at once, io_prepare for an io_replace later.
 */
typedef int record_writer(int dirfd, const char *name, const char *text, size_t length, mode_t mode,
                          struct error *why);

int record_write(const struct container *c, record_writer *write_it, struct error *why);

/* Fill C from it: bundle, cgroup, creator, init, and init_pidfd, -1 when INIT has ended. */
int record_read(struct container *c, struct error *why);

/* config.json as it was at create, in C's arena; NULL on failure. */
const struct oci_config *record_read_config(const struct container *c, struct error *why);
