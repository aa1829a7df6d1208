#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman runs containers through the runtime: what its users type, seen from inside the container.
# shellcheck disable=SC2034
load lib

setup_file()
{
    needs_root
    needs_command podman conmon python3
    place_start
    podman_configure
    import_image bb
}

teardown_file()
{
    place_stop
}

setup()
{
    NAME=c$BATS_TEST_NUMBER
}

teardown()
{
    podman rm --force --all --time 0 >/dev/null
}

podman_state()
{
    podman inspect --format '{{.State.Status}}' "$NAME"
}

# config.md, "Process"; runtime.md, "Lifecycle".
@test "run prints what the program prints" {
    run_podman bb echo hello
    expect_ok
    expect_equal "$output" hello
}

# runtime.md, "State", "Start", "Kill", "Delete".
@test "run -d, exec, stop and rm" {
    podman run -d --name "$NAME" --network none --stop-signal TERM bb /bin/probe pause
    run podman exec "$NAME" /bin/probe hostname
    expect_ok
    expect_match '^hostname [0-9a-f]{12}$'
    run podman exec --user 1000 --workdir /tmp --env COLOUR=red "$NAME" /bin/probe each ids cwd env
    expect_line "uid 1000" "cwd /tmp" "COLOUR=red"
    run podman exec "$NAME" /bin/probe exit 5
    expect_status 5
    podman stop --time 5 "$NAME"
    expect_equal "$(podman inspect --format '{{.State.ExitCode}}' "$NAME")" 0
    run podman logs "$NAME"
    expect_line "ready" "signal TERM"
    podman rm "$NAME"
}

# config.md, "Process": terminal, consoleSize.
@test "run -it gives the program a controlling terminal" {
    run_podman_terminal bb /bin/probe tty
    expect_ok
    expect_match '^tty 0 yes /dev/(pts/0|console)$' '^tty 2 yes '
    expect_line "controlling yes" "size 24 80"
}

# config-linux.md, "Memory", "PIDs", "CPU".
@test "--memory, --pids-limit and --cpus are in the cgroup's files" {
    local own

    needs_controller memory
    needs_controller pids
    needs_controller cpu
    podman run -d --name "$NAME" --network none --memory 32m --pids-limit 20 --cpus 0.5 \
        bb /bin/probe pause
    CONTAINER=$(podman inspect --format '{{.Id}}' "$NAME")
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
@test "--read-only and --tmpfs" {
    run_podman --read-only bb /bin/probe write /etc/new
    expect_line EROFS
    run_podman --read-only --tmpfs /mnt:size=1m,noexec bb /bin/probe write /mnt/new
    expect_line ok
    run_podman --read-only --tmpfs /mnt:size=1m,noexec bb /bin/probe mounts
    expect_match '^mount / [a-z0-9]+ ro' '^mount /mnt tmpfs rw,[^ ]*noexec[^ ]* .*size=1024k'
}

# config.md, "User".
@test "--user and --group-add" {
    run_podman --user 1000:1000 --group-add 44 bb /bin/probe ids
    expect_ok
    expect_line "uid 1000" "gid 1000"
    expect_match '^groups .*\b44\b'
    run_podman --user 1000 bb /bin/probe caps
    expect_match '^effective 0+$'
}

# config.md, "Linux Process": capabilities.
@test "--cap-drop and --cap-add" {
    run_podman --cap-drop CHOWN bb /bin/probe caps
    expect_ok
    expect_match '^effective .*CAP_SETUID'
    expect_no_match CAP_CHOWN
    run_podman --cap-drop all --cap-add NET_RAW bb /bin/probe caps
    expect_match '^bounding 0*2000 CAP_NET_RAW$' '^effective 0*2000 CAP_NET_RAW$'
}

# config-linux.md, "Seccomp"; config.md, "Linux Process": noNewPrivileges.
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
@test "the exit status is that of the program" {
    run_podman bb sh -c 'exit 3'
    expect_status 3
    run_podman bb sh -c 'kill -KILL $$; sleep 1' # process 1 of the namespace ignores it
    expect_ok
}

# podman tells the two cases by words in the runtime's message; the spec leaves them open.
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
@test "kill by signal: the program sees it, and KILL ends it" {
    podman run -d --name "$NAME" --network none bb /bin/probe pause
    podman kill --signal USR1 "$NAME"
    sleep 0.3
    podman kill --signal KILL "$NAME"
    expect_equal "$(podman wait "$NAME")" 137
    run podman logs "$NAME"
    expect_line "ready" "signal USR1"
}

# runtime.md, "State".
@test "ps and inspect tell running from exited, pause holds and unpause resumes" {
    podman run -d --name "$NAME" --network none bb /bin/probe pause
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
@test "nothing is left: no container, process, mount, state or cgroup" {
    podman run -d --name "$NAME" --network none bb /bin/probe pause
    podman rm --force --time 0 "$NAME"
    run podman ps --all --quiet
    expect_equal "$output" ""
    run in_place sh -c 'cat /proc/[0-9]*/comm'
    expect_no_match '^(probe|conmon)$'
    # /run is the place's own: the states of the runtime are below a folder with its name.
    run in_place sh -c 'ls -A /run/zind-oci /run/runc /run/crun 2>/dev/null | grep -E "^[0-9a-f]{64}$"'
    expect_equal "$output" ""
    run in_place grep -E '/merged|/userdata/shm' /proc/self/mountinfo
    expect_equal "$output" ""
    # All that this file's containers made; libpod_parent is podman's, kept for the next one.
    run comm -13 "$PLACE/cgroups-before" <(list_cgroups)
    expect_no_match 'libpod-[0-9a-f]{64}$'
}
