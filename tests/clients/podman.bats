#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman runs containers through the runtime: what its users type, seen from inside the container.
# shellcheck disable=SC2034
load lib
load podman

setup_file()
{
    podman_setup python3
}

# config.md, "Process"; runtime.md, "Lifecycle".
# bats test_tags=run,guest
@test "run prints what the program prints" {
    run_podman bb echo hello
    expect_ok
    expect_equal "$output" hello
}

# runtime.md, "State", "Start", "Kill", "Delete".
# bats test_tags=run,guest
@test "run -d, exec, stop and rm" {
    start_pausing --stop-signal TERM
    run podman exec "$NAME" /bin/probe hostname
    expect_ok
    expect_match '^hostname [0-9a-f]{12}$'
    run podman exec --user 1000 --workdir /tmp --env COLOUR=red "$NAME" /bin/probe each ids cwd env
    expect_line "uid 1000" "cwd /tmp" "COLOUR=red"
    run podman exec "$NAME" /bin/probe exit 5
    expect_status 5
    podman stop --time 5 "$NAME"
    expect_equal "$(podman_state ExitCode)" 0
    run podman logs "$NAME"
    expect_line "ready" "signal TERM"
    podman rm "$NAME"
}

# config.md, "Process": terminal, consoleSize.
# bats test_tags=terminal,guest
@test "run -it gives the program a controlling terminal" {
    # podman tells the size to conmon beside the start, not before it.
    run_podman_terminal bb /bin/sh -c 'n=0
        until [ "$(stty size)" = "24 80" ] || [ $((n += 1)) -gt 100 ]; do sleep 0.1; done; /bin/probe tty'
    expect_ok
    expect_match '^tty 0 yes /dev/(pts/0|console)$' '^tty 2 yes '
    expect_line "controlling yes" "size 24 80"
}

# config-linux.md, "Memory", "PIDs", "CPU".
# bats test_tags=limits,guest
@test "--memory, --pids-limit and --cpus are in the cgroup's files" {
    local own

    needs_controller memory
    needs_controller pids
    needs_controller cpu
    start_pausing --memory 32m --pids-limit 20 --cpus 0.5
    expect_cgroup_of_driver
    expect_equal "$(cgroup_value memory memory.limit_in_bytes memory.max)" 33554432
    expect_equal "$(cgroup_value pids pids.max pids.max)" 20
    own=$(cgroup_value cpu cpu.cfs_quota_us cpu.max)
    [[ $own == 50000 || $own == "50000 100000" ]] || fail "cpu quota is $own"
    run podman exec "$NAME" /bin/probe fork-bomb 40
    expect_line EAGAIN
    run podman exec "$NAME" /bin/probe alloc 64
    expect_status 137
}

# config.md, "Mounts": bind, ro.
# bats test_tags=mounts
@test "-v makes a volume, rw and ro" {
    mkdir "$PLACE/volume"
    run_podman -v "$PLACE/volume:/mnt" bb /bin/probe write /mnt/new hello
    expect_line ok
    expect_equal "$(cat "$PLACE/volume/new")" hello
    run_podman -v "$PLACE/volume:/mnt:ro" bb /bin/probe write /mnt/new again
    expect_status 1
    expect_line EROFS
    run_podman -v "$PLACE/volume:/mnt:ro" bb cat /mnt/new
    expect_equal "$output" hello
}

# config.md, "Root": readonly; "Mounts": tmpfs.
# bats test_tags=mounts
@test "--read-only and --tmpfs" {
    run_podman --read-only bb /bin/probe write /etc/new
    expect_line EROFS
    run_podman --read-only --tmpfs /mnt:size=1m,noexec bb /bin/probe write /mnt/new
    expect_line ok
    run_podman --read-only --tmpfs /mnt:size=1m,noexec bb /bin/probe mounts
    expect_match '^mount / [a-z0-9]+ ro' '^mount /mnt tmpfs rw,[^ ]*noexec[^ ]* .*size=1024k'
}

# config.md, "User".
# bats test_tags=security,guest
@test "--user and --group-add" {
    run_podman --user 1000:1000 --group-add 44 bb /bin/probe ids
    expect_ok
    expect_line "uid 1000" "gid 1000"
    expect_match '^groups .*\b44\b'
    run_podman --user 1000 bb /bin/probe caps
    expect_match '^effective 0+$'
}

# config.md, "Linux Process": capabilities.
# bats test_tags=security
@test "--cap-drop and --cap-add" {
    run_podman --cap-drop CHOWN bb /bin/probe caps
    expect_ok
    expect_match '^effective .*CAP_SETUID'
    expect_no_match CAP_CHOWN
    run_podman --cap-drop all --cap-add NET_RAW bb /bin/probe caps
    expect_match '^bounding 0*2000 CAP_NET_RAW$' '^effective 0*2000 CAP_NET_RAW$'
}

# config-linux.md, "Seccomp"; config.md, "Linux Process": noNewPrivileges.
# bats test_tags=security
@test "the default seccomp profile is loaded, and can be left out" {
    run_podman bb /bin/probe each seccomp
    expect_ok
    expect_line "seccomp 2" "nnp 0"
    run_podman bb /bin/probe syscall getcwd mount
    expect_line "syscall getcwd ok" "syscall mount EPERM"
    run_podman --security-opt seccomp=unconfined --security-opt no-new-privileges bb \
        /bin/probe each seccomp
    expect_line "seccomp 0" "nnp 1"
}

# config-linux.md, "Default Devices", "Masked Paths", "Readonly Paths", "Namespaces".
# bats test_tags=security,guest
@test "devices, masked paths and namespaces are those of a container" {
    run_podman bb /bin/probe stat /dev/null /dev/tty /dev/fd /dev/shm
    expect_ok
    expect_match '^stat /dev/null char 0666 1:3' '^stat /dev/fd link'
    run_podman bb /bin/probe open-w /proc/sys/kernel/hostname
    expect_line EROFS
    run_podman bb /bin/probe ns
    expect_no_match "^ns pid $(readlink /proc/self/ns/pid | tr -dc 0-9)$" \
        "^ns mnt $(readlink /proc/self/ns/mnt | tr -dc 0-9)$"
}

# config.md, "Process": args; the exit status is the program's.
# bats test_tags=run
@test "the exit status is that of the program" {
    run_podman bb sh -c 'exit 3'
    expect_status 3
    run_podman bb sh -c 'kill -KILL $$; sleep 1' # process 1 of the namespace ignores it
    expect_ok
}

# podman tells the two cases by words in the runtime's message; the spec leaves them open.
# bats test_tags=run,guest
@test "a missing program gives 127, one that cannot be executed 126" {
    run_podman bb /bin/not-there
    expect_status 127
    run_podman bb not-there
    expect_status 127
    run_podman bb /etc/plain-file
    expect_status 126
    run_podman bb /etc
    expect_status 126
    run podman ps --all --quiet
    expect_equal "$output" ""
}

# runtime.md, "Kill".
# bats test_tags=run,guest
@test "kill by signal: the program sees it, and KILL ends it" {
    start_pausing
    in_time logged podman 1 ready
    podman kill --signal USR1 "$NAME"
    in_time logged podman 1 "signal USR1"
    podman kill --signal KILL "$NAME"
    expect_equal "$(podman wait "$NAME")" 137
    run podman logs "$NAME"
    expect_line "ready" "signal USR1"
}

# runtime.md, "State".
# bats test_tags=run,guest
@test "ps and inspect tell running from exited, pause holds and unpause resumes" {
    start_pausing
    expect_equal "$(podman_state)" running
    expect_equal "$(podman ps --format '{{.Names}}')" "$NAME"
    podman pause "$NAME"
    expect_equal "$(podman_state)" paused
    podman unpause "$NAME"
    run podman top "$NAME" args
    expect_match 'probe pause'
    podman stop --time 5 "$NAME"
    expect_equal "$(podman_state)" exited
    expect_equal "$(podman ps --format '{{.Names}}')" ""
    podman start "$NAME"
    expect_equal "$(podman_state)" running
}

# runtime.md, "Delete": what create made is gone.
# bats test_tags=left,guest
@test "nothing is left: no container, process, mount, state or cgroup" {
    local pid

    start_pausing
    pid=$(podman_state Pid)
    podman rm --force --time 0 "$NAME"
    run podman ps --all --quiet
    expect_equal "$output" ""
    # conmon's own clean-up runs beside podman's.
    in_time no_process_of "$pid"
    # /run is the place's own.
    expect_equal "$(states_left /run/zind-oci /run/runc /run/crun)" ""
    run in_place grep -E '/merged|/userdata/shm' /proc/self/mountinfo
    expect_equal "$output" ""
    # libpod_parent is podman's, kept for the next one; others of this host may be at work in it.
    in_time no_cgroup_of_container
}
