// SPDX-License-Identifier: Apache-2.0
/* bpf(2), as far as cgroup v2 needs it: programs that decide about devices. */
#pragma once

#include <linux/bpf.h>
#include <stddef.h>

/* Load a program of type CGROUP_DEVICE (Linux 4.15), called by our name: an fd or -1 with errno;
   signals that come meanwhile are no reason to fail. */
int bpf_load_device_program(const struct bpf_insn *program, size_t n);

/* Attach it to the cgroup v2 folder CGROUP_FD, beside those of others (systemd has one), of which
   each must agree; in place of one that has our name, at once (BPF_F_REPLACE, Linux 5.6). 0 or -1
   with errno. */
int bpf_attach_device_program(int cgroup_fd, int program_fd);
