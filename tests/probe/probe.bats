#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The probe sees what the default bundle asks for: proves the helpers and the probe with any runtime.
load ../lib/bundle

# config.md, "Process": args, env, cwd.
@test "arguments, environment and working folder reach the program" {
    edit_config '.process.cwd = "/tmp" | .process.env += ["COLOUR=red"]'
    run_container args one "two words" ""
    expect_ok
    expect_line "arg 0 one" "arg 1 two words" "arg 2 "
    CONTAINER=$(new_id)
    run_container each env cwd
    expect_line "COLOUR=red" "PATH=/bin" "cwd /tmp"
}

# runtime.md, "Start": the exit status of `run` is that of the program (not in the spec; customary).
@test "the exit status of the program is that of run" {
    run_container exit 7
    expect_status 7
}

# config.md, "POSIX process": capabilities, rlimits, noNewPrivileges; "POSIX-platform User".
@test "capabilities, limits and identity are those of config.json" {
    run_container each caps rlimits ids seccomp
    expect_ok
    expect_match '^effective 0*20000420 CAP_KILL CAP_NET_BIND_SERVICE CAP_AUDIT_WRITE$'
    expect_match '^ambient 0+$'
    expect_line "RLIMIT_NOFILE 1024 1024" "uid 0" "gid 0" "nnp 1" "seccomp 0"
}

# config-linux.md, "Namespaces": a namespace without a path is a new one; an absent one is inherited.
@test "six namespaces are new, user and time are the host's" {
    local name host

    run_container ns
    expect_ok
    for name in cgroup ipc mnt net pid uts; do
        host=$(readlink "/proc/self/ns/$name" | tr -dc 0-9)
        expect_match "^ns $name [0-9]+$"
        expect_no_match "^ns $name $host$"
    done
    for name in time user; do
        expect_line "ns $name $(readlink "/proc/self/ns/$name" | tr -dc 0-9)"
    done
}

# config.md, "Mounts"; config-linux.md, "Masked Paths", "Readonly Paths", "Default Devices".
@test "mounts, masked and read-only paths and default devices are in place" {
    run_container mounts
    expect_ok
    expect_match '^mount /proc proc rw' '^mount /dev tmpfs rw,nosuid private tmpfs ' \
        '^mount /sys sysfs ro,nosuid,nodev,noexec' '^mount /dev/mqueue mqueue ' \
        '^mount /sys/fs/cgroup(/[^ ]*)? cgroup2? ro' '^mount /proc/sys proc ro'
    CONTAINER=$(new_id)
    run_container stat /dev/null /dev/full /dev/tty /dev/ptmx /dev/fd
    expect_match '^stat /dev/null char 0666 1:3 0 0$' '^stat /dev/full char 0666 1:7 0 0$' \
        '^stat /dev/tty char 0666 5:0 0 0$' '^stat /dev/ptmx link .* (/dev/)?pts/ptmx$'
    expect_match '^stat /dev/fd link .* /proc/self/fd$'
    CONTAINER=$(new_id)
    run_container open-w /proc/sys/kernel/domainname
    expect_line EROFS
    CONTAINER=$(new_id)
    run_container read /proc/keys
    expect_equal "$output" ""
}

# config.md, "Hostname". runtime-linux.md, "File descriptors": only 0, 1 and 2 are open.
@test "the host name is set and no descriptor leaks in" {
    exec 7</dev/null
    run_container each hostname fds
    exec 7<&-
    expect_ok
    expect_line "hostname inside"
    expect_match '^fd 0 ' '^fd 1 ' '^fd 2 '
    expect_no_match '^fd ([3-9]|[0-9]{2,}) '
}

# runtime.md, "Lifecycle": create, start, kill, delete; signals reach the first process.
@test "a container is created, started, signalled and deleted" {
    set_args /bin/probe pause
    create_container
    expect_ok
    expect_equal "$(container_status)" created
    zind start "$CONTAINER"
    wait_for_output ready
    expect_equal "$(container_status)" running
    exec_probe hostname
    expect_line "hostname inside"
    zind kill "$CONTAINER" USR1
    wait_for_output "signal USR1"
    zind kill "$CONTAINER" TERM
    wait_for_status stopped
    has_output "signal TERM"
    zind delete "$CONTAINER"
    expect_no_leaks
}

# config-linux.md, "PIDs" and "Memory": the limits are in the cgroup's files and hold.
@test "cgroup limits are written and hold" {
    needs_controller pids
    needs_controller memory
    edit_config '.linux.resources += {"pids": {"limit": 12}, "memory": {"limit": 33554432}}'
    start_idle
    expect_equal "$(cgroup_value pids pids.max pids.max)" 12
    expect_equal "$(cgroup_value memory memory.limit_in_bytes memory.max)" 33554432
    exec_probe fork-bomb 30
    expect_match '^forked ([0-9]|1[0-2])$'
    expect_line EAGAIN
    exec_probe alloc 64
    expect_status 137
}

# config-linux.md, "Seccomp": a refused call gives the errno asked for.
@test "a system call that seccomp refuses gives its errno" {
    edit_config '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
        {"names": ["mkdirat", "getcwd"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}]}'
    run_container syscall mkdirat getcwd uname
    expect_ok
    expect_line "syscall mkdirat ENOSPC" "syscall getcwd ENOSPC" "syscall uname ok"
}
