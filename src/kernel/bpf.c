// SPDX-License-Identifier: Apache-2.0
/* bpf(2): device programs of cgroup v2. */
#include "kernel/bpf.h"

#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

int bpf_load_device_program(const struct bpf_insn *program, size_t n)
{
    union bpf_attr attr = {
        .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
        .insns = (uint64_t)(uintptr_t)program,
        .insn_cnt = (uint32_t)n,
        .license = (uint64_t)(uintptr_t) "Apache-2.0",
    };

    /* The new fd is O_CLOEXEC. */
    return (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof attr);
}

int bpf_attach_device_program(int cgroup_fd, int program_fd)
{
    union bpf_attr attr = {
        .target_fd = (uint32_t)cgroup_fd,
        .attach_bpf_fd = (uint32_t)program_fd,
        .attach_type = BPF_CGROUP_DEVICE,
        .attach_flags = BPF_F_ALLOW_MULTI,
    };

    return (int)syscall(SYS_bpf, BPF_PROG_ATTACH, &attr, sizeof attr);
}
