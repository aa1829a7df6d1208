// SPDX-License-Identifier: Apache-2.0
/* bpf(2): device programs of cgroup v2. */
#include "kernel/bpf.h"
#include "base/own.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>

/* By it we know our own again: at most 15 bytes of letters, digits, _ and . */
#define NAME "zind_devices"

enum { LOAD_ATTEMPTS = 10 };

static int bpf(int command, union bpf_attr *attr)
{
    return (int)syscall(SYS_bpf, command, attr, sizeof *attr);
}

int bpf_load_device_program(const struct bpf_insn *program, size_t n)
{
    union bpf_attr attr = {
        .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
        .insns = (uint64_t)(uintptr_t)program,
        .insn_cnt = (uint32_t)n,
        .license = (uint64_t)(uintptr_t) "Apache-2.0",
        .prog_name = NAME,
    };

    /* The new fd is O_CLOEXEC. The verifier gives up with EAGAIN when it sees a signal pending; who
       is traced has even those that it ignores (SIGCHLD of an INIT that a limit has just killed).
     */
    for (int attempt = 1;; attempt++) {
        int fd = bpf(BPF_PROG_LOAD, &attr);

        if (fd >= 0 || errno != EAGAIN || attempt == LOAD_ATTEMPTS)
            return fd;
    }
}

/* An fd of the program with this number if it is one of ours, else -1. */
static int open_ours(uint32_t id)
{
    union bpf_attr by_id = { .prog_id = id };
    autoclose int fd = bpf(BPF_PROG_GET_FD_BY_ID, &by_id);
    struct bpf_prog_info info = { 0 };
    union bpf_attr attr = {
        .info = { .bpf_fd = (uint32_t)fd,
                  .info_len = sizeof info,
                  .info = (uint64_t)(uintptr_t)&info },
    };

    if (fd < 0 || bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) < 0 || strcmp(info.name, NAME) != 0)
        return -1;
    return take_fd(fd);
}

static int attach(int cgroup_fd, int program_fd, int old_fd)
{
    union bpf_attr attr = {
        .target_fd = (uint32_t)cgroup_fd,
        .attach_bpf_fd = (uint32_t)program_fd,
        .attach_type = BPF_CGROUP_DEVICE,
        .attach_flags = BPF_F_ALLOW_MULTI | (old_fd >= 0 ? BPF_F_REPLACE : 0),
        .replace_bpf_fd = old_fd >= 0 ? (uint32_t)old_fd : 0,
    };

    return bpf(BPF_PROG_ATTACH, &attr);
}

static void detach(int cgroup_fd, int program_fd)
{
    union bpf_attr attr = {
        .target_fd = (uint32_t)cgroup_fd,
        .attach_bpf_fd = (uint32_t)program_fd,
        .attach_type = BPF_CGROUP_DEVICE,
    };

    (void)bpf(BPF_PROG_DETACH, &attr);
}

int bpf_attach_device_program(int cgroup_fd, int program_fd)
{
    uint32_t ids[64]; /* BPF_CGROUP_MAX_PROGS */
    union bpf_attr query = {
        .query = { .target_fd = (uint32_t)cgroup_fd,
                   .attach_type = BPF_CGROUP_DEVICE,
                   .prog_ids = (uint64_t)(uintptr_t)ids,
                   .prog_cnt = sizeof ids / sizeof *ids },
    };
    bool is_attached = false;

    if (bpf(BPF_PROG_QUERY, &query) < 0)
        query.query.prog_cnt = 0;
    for (uint32_t i = 0; i < query.query.prog_cnt; i++) {
        autoclose int old_fd = open_ours(ids[i]);

        if (old_fd < 0)
            continue;
        if (is_attached)
            detach(cgroup_fd, old_fd);
        else if (attach(cgroup_fd, program_fd, old_fd) < 0)
            return -1;
        is_attached = true;
    }
    return is_attached ? 0 : attach(cgroup_fd, program_fd, -1);
}
