// SPDX-License-Identifier: Apache-2.0
/* bpf(2), as far as cgroup v2 needs it: programs that decide about devices. */
#pragma once

#include <linux/bpf.h>
#include <stddef.h>

/* Load a program of type CGROUP_DEVICE (Linux 4.15): an fd or -1 with errno. */
int bpf_load_device_program(const struct bpf_insn *program, size_t n);

/* Attach it to the cgroup v2 folder CGROUP_FD, beside those that are there. 0 or -1 with errno. */
int bpf_attach_device_program(int cgroup_fd, int program_fd);
