#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A false /proc, and what the real one must not let through. Writes redirected: CVE-2019-16884,
# 2019-19921, 2023-27561, 2023-28642, 2025-52881, youki 2025-62596. Masks redirected: CVE-2025-31133,
# youki 2025-62161. The host's settings written: CVE-2022-0811, 2023-25809, the cgroup's release_agent.
load ../lib/bundle

setup()
{
    setup_bundle
    VOLUME=$BATS_TEST_TMPDIR/volume
    mkdir -p "$VOLUME"/{self/attr,sys/net/ipv4,1}
    echo fake >"$VOLUME/self/attr/exec"
    echo fake >"$VOLUME/sys/net/ipv4/ping_group_range"
}

# bind_volume DESTINATION [FOLDER-IN-IT]
bind_volume()
{
    # shellcheck disable=SC2016
    edit_config '.mounts += [{ destination: $at, type: "bind", source: $source, options: ["rbind"] }]' \
        --arg at "$1" --arg source "$VOLUME/${2-}"
}

@test "nothing but a procfs goes to /proc, and nothing goes below it that programs trust" {
    local at before

    before=$(cat "$BUNDLE/config.json")
    for at in /proc /proc/ /./proc /x/../proc /proc/self /proc/self/attr /proc/sys /proc/sys/net/ipv4 /proc/1 \
        /proc/pressure/../sys /proc/pressure/../../proc/self/attr /proc//sys /proc/sys/kernel/../net /proc/pressure/.. \
        /x/../proc/sys /proc/self/../sys /proc/../proc/sys; do
        printf '%s\n' "$before" >"$BUNDLE/config.json"
        bind_volume "$at"
        run_container true
        expect_status 1
        expect_error mounts /proc
    done
    for at in overlay tmpfs ramfs; do
        printf '%s\n' "$before" >"$BUNDLE/config.json"
        # shellcheck disable=SC2016
        edit_config '.mounts += [{ destination: "/proc", type: $type, source: $type, options:
            (if $type == "overlay" then ["lowerdir=" + $v + ":" + $v + "/sys"] else [] end) }]' \
            --arg type "$at" --arg v "$VOLUME"
        run_container true
        expect_status 1
        expect_error mounts /proc
    done
}

@test "what engines replace below /proc may be, and a path that only passes through it" {
    local at

    for at in /proc/uptime /proc/../proc/meminfo /proc//./cpuinfo; do
        bind_volume "$at" file
    done
    bind_volume /proc/../opt
    echo false >"$VOLUME/file"
    set_args /bin/sh -c 'cat /proc/uptime /proc/meminfo /proc/cpuinfo /opt/file'
    run_container
    expect_ok
    expect_equal "$output" $'false\nfalse\nfalse\nfalse'
}

@test "not by a link of the image either" {
    local target

    for target in proc /proc proc/self/attr /proc/sys/net ../../proc; do
        ln -sfn "$target" "$BUNDLE/rootfs/link"
        CONTAINER=$(new_id)
        edit_config '.mounts |= map(select(.destination != "/link"))'
        bind_volume /link
        run_container true
        expect_status 1
        expect_error mounts /link
    done
}

# The write must land in the kernel, whatever the image or a volume shows at that path.
@test "sysctl values reach the namespace though the image brings a /proc of its own" {
    mkdir -p "$BUNDLE/rootfs/proc/sys/net/ipv4"
    echo fake >"$BUNDLE/rootfs/proc/sys/net/ipv4/ping_group_range"
    edit_config '.linux.sysctl = { "net.ipv4.ping_group_range": "0 7" }'
    run_container sysctl net.ipv4.ping_group_range
    expect_ok
    expect_match "^sysctl net.ipv4.ping_group_range 0.7$"
    expect_equal "$(cat "$BUNDLE/rootfs/proc/sys/net/ipv4/ping_group_range")" fake
    # Without a mount at /proc at all.
    edit_config '.mounts |= map(select(.destination != "/proc")) | .linux.maskedPaths = [] | .linux.readonlyPaths = []'
    run_container true
    expect_ok
    expect_equal "$(cat "$BUNDLE/rootfs/proc/sys/net/ipv4/ping_group_range")" fake
}

@test "a label is not written to a file of the image's" {
    mkdir -p "$BUNDLE/rootfs/proc/self/attr/apparmor"
    touch "$BUNDLE/rootfs/proc/self/attr/exec" "$BUNDLE/rootfs/proc/self/attr/apparmor/exec"
    edit_config '.mounts |= map(select(.destination != "/proc")) | .linux.maskedPaths = [] | .linux.readonlyPaths = [] |
        .process.apparmorProfile = "zind-no-such-profile"'
    run_container true
    # A host without the module, or without the profile: never a container without it.
    expect_status 1
    expect_error apparmorProfile
    expect_equal "$(cat "$BUNDLE/rootfs/proc/self/attr/exec" "$BUNDLE/rootfs/proc/self/attr/apparmor/exec")" ""
}

@test "exec with a label into a container that has covered its /proc fails, and writes nothing there" {
    # shellcheck disable=SC2016
    edit_config '.process.capabilities = (["CAP_SYS_ADMIN"] | {bounding: ., effective: ., permitted: .})'
    set_args /bin/sh -c 'mkdir -p /tmp/p/self/attr/apparmor; : >/tmp/p/self/attr/exec; : >/tmp/p/self/attr/apparmor/exec
        mount -o bind /tmp/p /proc; exec /bin/probe pause'
    start_container
    wait_for_output ready
    run zind exec --apparmor zind-no-such-profile "$CONTAINER" /bin/true
    expect_status 255
    expect_equal "$(find "$BUNDLE/rootfs/tmp/p" -type f -size +0)" ""
}

# CVE-2025-31133: what covers a masked file is the runtime's null device, not the image's.
@test "a mask is a null device though the image's /dev/null is something else" {
    local kind

    edit_config '.mounts |= map(select(.destination | startswith("/dev") | not))'
    echo secret >"$BUNDLE/rootfs/secret"
    edit_config '.linux.maskedPaths += ["/secret"]'
    set_args /bin/probe each stat
    for kind in link procfile fifo; do
        rm -f "$BUNDLE/rootfs/dev/null"
        case $kind in
        link) ln -s /etc/passwd "$BUNDLE/rootfs/dev/null" ;;
        procfile) ln -s /proc/sys/kernel/core_pattern "$BUNDLE/rootfs/dev/null" ;;
        fifo) mkfifo "$BUNDLE/rootfs/dev/null" ;;
        esac
        # A device that is there and is another one is refused (config-linux.md, "Devices").
        run_container stat /secret /proc/kcore
        expect_status 1
        expect_error /dev/null
    done
    rm "$BUNDLE/rootfs/dev/null"
    run_container stat /secret /proc/kcore /proc/keys
    expect_match '^stat /secret char 06[46][46] 1:3 '
    expect_no_match '^stat /proc/(kcore|keys) file'
}

@test "masks hold where /dev is bound from a volume that brings a false null" {
    mkdir "$VOLUME/dev"
    ln -s /proc/sysrq-trigger "$VOLUME/dev/null"
    echo secret >"$BUNDLE/rootfs/secret"
    bind_volume /dev dev
    edit_config '.mounts |= map(select(.destination | startswith("/dev/") | not)) | .linux.maskedPaths += ["/secret"]'
    run_container stat /secret /proc/keys
    expect_ok
    expect_match '^stat /secret char 06[46][46] 1:3 '
}

# What would be code on the host: with every capability but without a way to mount.
@test "the host's helpers cannot be set from inside" {
    local path

    edit_config '.process.capabilities = (["CAP_DAC_OVERRIDE", "CAP_SYS_PTRACE", "CAP_SYS_RESOURCE", "CAP_NET_ADMIN"] |
        { bounding: ., effective: ., permitted: . })'
    for path in /proc/sys/kernel/core_pattern /proc/sys/kernel/modprobe /proc/sys/kernel/hotplug \
        /proc/sys/fs/binfmt_misc/register /proc/sysrq-trigger /sys/kernel/uevent_helper \
        /sys/kernel/mm/transparent_hugepage/enabled /proc/sys/vm/overcommit_memory /proc/irq/default_smp_affinity; do
        [ -e "$path" ] || continue
        run_container open-w "$path"
        expect_no_match '^ok$'
        expect_match '^(EROFS|EACCES|EPERM|ENOENT)$'
    done
}

@test "the cgroup's release_agent and limits cannot be written from inside" {
    set_args /bin/sh -c 'for file in $(find /sys/fs/cgroup -maxdepth 2 2>/dev/null); do :; done
        for file in /sys/fs/cgroup/*/release_agent /sys/fs/cgroup/*/notify_on_release /sys/fs/cgroup/*/cgroup.procs \
            /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/memory.limit_in_bytes /sys/fs/cgroup/memory.max; do
            [ ! -e "$file" ] || /bin/probe open-w "$file"; done; echo looked'
    run zind run --bundle "$BUNDLE" "$CONTAINER"
    expect_line looked
    expect_match '^EROFS$'
    expect_no_match '^ok$'
}

# config-linux.md, "Default Filesystems": in a user namespace the same holds.
@test "nor in a user namespace, where groups cannot be dropped that deny something" {
    edit_config '.linux.namespaces += [{ type: "user" }] | del(.linux.resources) |
        .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 1000 }] | .linux.gidMappings = .linux.uidMappings'
    set_args /bin/sh -c 'for file in /proc/sys/kernel/core_pattern /proc/self/setgroups /sys/fs/cgroup/*/cgroup.procs \
        /sys/kernel/uevent_helper; do [ ! -e "$file" ] || /bin/probe open-w "$file"; done
        echo allow >/proc/self/setgroups; echo "0 0 1" >/proc/self/uid_map; cat /proc/self/uid_map'
    run zind run --bundle "$BUNDLE" "$CONTAINER"
    expect_match '^ +0 +100000 +1000$'
    expect_match '^(EROFS|EACCES)$'
    expect_no_match '^ok$'
}

# The kernel makes no new procfs for a user namespace where parts of the host's are covered. The host's own, in its
# place, would show the host's processes to a container that is to see none of them.
@test "a container with a pid namespace of its own never gets the host's procfs instead of a new one" {
    edit_config '.linux.namespaces += [{ type: "user" }] | del(.linux.resources) |
        .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] | .linux.gidMappings = .linux.uidMappings'
    chown -R 100000:100000 "$BUNDLE/rootfs"
    set_args /bin/sh -c 'echo processes: /proc/[0-9]*'
    zind()
    {
        unshare --mount --propagation private bash -c 'mount -t tmpfs none /proc/irq; exec "$@"' _ \
            "$ZIND_OCI" --root "$ZIND_ROOT" "$@" 3>&-
    }
    [ -d /proc/irq ] || skip "there is no folder in /proc to cover"
    run zind run --bundle "$BUNDLE" "$CONTAINER"
    expect_no_match "^processes:"
    expect_error "mounts[0]" /proc "covers parts of the host's /proc"
    # Whose processes are the host's gets its procfs.
    CONTAINER=$(new_id)
    edit_config 'del(.linux.namespaces[] | select(.type == "pid"))'
    run zind run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_match "^processes:.* /proc/$BASHPID( |$)"
}

@test "nor instead of that of the container whose processes it shares" {
    start_idle
    # shellcheck disable=SC2016
    edit_config '(.linux.namespaces[] | select(.type == "pid")).path = $path | .linux.namespaces += [{ type: "user" }] |
        del(.linux.resources) | .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] |
        .linux.gidMappings = .linux.uidMappings' --arg path "/proc/$(container_pid)/ns/pid"
    chown -R 100000:100000 "$BUNDLE/rootfs"
    set_args /bin/sh -c 'echo processes: /proc/[0-9]*'
    CONTAINER=$(new_id)
    run zind run --bundle "$BUNDLE" "$CONTAINER"
    expect_no_match "^processes:"
    expect_error "mounts[0]" /proc "only of a pid namespace of its own"
}
