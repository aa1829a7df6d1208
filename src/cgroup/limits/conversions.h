// SPDX-License-Identifier: Apache-2.0
/* From the spec's value to the text of a cgroup file: what the rows of resources.c call. Private to
 * cgroup/. */
#pragma once

#include "cgroup/limits/resources.h"

/* cpu.shares 2 … 262144 to cpu.weight 1 … 10000, with 1024 at 100 and the ends at the ends. */
unsigned convert_shares(uint64_t shares);

/* blockIO.weight 10 … 1000 to io.weight 1 … 10000, linear. */
unsigned convert_io_weight(unsigned weight);

/* "2MB", "1GB": the page sizes in file names. */
bool convert_page_size_is_valid(const char *page_size);

int convert_number(struct writing *to, const struct limit *row);
int convert_text(struct writing *to, const struct limit *row);
int convert_nothing(struct writing *to, const struct limit *row);
int convert_bytes(struct writing *to, const struct limit *row);
int convert_memory_limit(struct writing *to, const struct limit *row);
int convert_memory_swap(struct writing *to, const struct limit *row);
int convert_pids(struct writing *to, const struct limit *row);
int convert_cpu_shares(struct writing *to, const struct limit *row);
int convert_cpu_period(struct writing *to, const struct limit *row);
int convert_cpu_quota(struct writing *to, const struct limit *row);
int convert_io(struct writing *to, const struct limit *row);
int convert_io_devices(struct writing *to, const struct limit *row);
int convert_throttles(struct writing *to, const struct limit *row);
int convert_hugepages(struct writing *to, const struct limit *row);
int convert_priorities(struct writing *to, const struct limit *row);
int convert_rdma(struct writing *to, const struct limit *row);
int convert_unified(struct writing *to, const struct limit *row);
int convert_devices(struct writing *to, const struct limit *row);
