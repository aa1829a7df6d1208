#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# containerd: more of what ctr can ask the shim for, seen from inside the container.
load lib
load containerd

# config-linux.md, "User namespace mappings".
# bats test_tags=namespaces,guest
@test "--uidmap and --gidmap give a user namespace of its own" {
    run ctr_run --rm --uidmap 0:100000:65536 --gidmap 0:100000:65536 "$IMAGE" "$NAME" \
        /bin/sh -c 'id -u; cat /proc/self/uid_map; touch /made && echo owner'
    expect_ok
    expect_line 0 owner
    expect_match '^ +0 +100000 +65536$'
}

# config-linux.md, "Cgroups Path".
# bats test_tags=limits,guest
@test "--cgroup is where the container's cgroup is made" {
    local cgroup=/zind-ctr-$NAME/inner path=/zind-ctr-$NAME/inner

    needs_controller memory
    [ $CGROUP_DRIVER != systemd ] ||
        { cgroup=zindctr${PLACE##*.}.slice:inner:$NAME path=/zindctr${PLACE##*.}.slice/inner-$NAME.scope; }
    ctr_run -d --cgroup "$cgroup" --memory-limit 33554432 "$IMAGE" "$NAME" /bin/probe pause
    run find /sys/fs/cgroup -type d -path "*$path"
    expect_match "$path$"
    ctr tasks kill --signal KILL "$NAME"
    ctr tasks delete --force "$NAME" || true
    expect_equal "$(find /sys/fs/cgroup -type d -path "*$path")" ""
    remove_cgroup "${path%/*}"
}

# bats test_tags=security,guest
@test "--privileged has all capabilities that can be had" {
    run ctr_run --rm --privileged "$IMAGE" "$NAME" grep -E 'Cap(Eff|Bnd)|Seccomp:' /proc/self/status
    expect_ok
    expect_line "$(grep CapBnd /proc/self/status)" $'Seccomp:\t0'
    expect_match "^CapEff:[[:space:]]$(sed -n 's/^CapBnd:\t//p' /proc/self/status)"
}

# bats test_tags=security
@test "--cap-add, --cap-drop and --allow-new-privs" {
    run ctr_run --rm --cap-drop CAP_CHOWN --cap-add CAP_SYS_TIME "$IMAGE" "$NAME" /bin/probe caps
    expect_match '^effective .*CAP_SYS_TIME'
    expect_no_match '^effective .*CAP_CHOWN'
    run ctr_run --rm "$IMAGE" "$NAME-2" grep NoNewPrivs /proc/self/status
    expect_equal "$output" $'NoNewPrivs:\t1'
    run ctr_run --rm --allow-new-privs "$IMAGE" "$NAME-3" grep NoNewPrivs /proc/self/status
    expect_equal "$output" $'NoNewPrivs:\t0'
}

# config-linux.md, "Seccomp".
# bats test_tags=security
@test "--seccomp-profile loads that profile" {
    jq -n '{defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
        syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 38}]}' >"$PLACE/profile.json"
    run ctr_run --rm --seccomp --seccomp-profile "$PLACE/profile.json" "$IMAGE" "$NAME" /bin/probe mkdir /tmp/x
    expect_line ENOSYS
}

has_later_mount()
{
    ctr tasks exec --exec-id "later$RANDOM" "$NAME" cat /proc/mounts | grep -q ' /mnt/later tmpfs '
}

# config-linux.md, "Rootfs Mount Propagation"; config.md, "Mounts".
# bats test_tags=mounts,guest
@test "--rootfs-propagation, and a mount that follows the host's" {
    in_place sh -c "mkdir -p /run/outer; mount -t tmpfs outer /run/outer; mount --make-shared /run/outer; mkdir /run/outer/later"
    ctr_run -d --rootfs-propagation rslave --mount "type=bind,src=/run/outer,dst=/mnt,options=rbind:rslave" "$IMAGE" "$NAME" /bin/probe pause
    in_place mount -t tmpfs later /run/outer/later
    in_time has_later_mount
    in_place umount /run/outer/later
    run_exec e2 "$NAME" /bin/probe mounts
    ctr tasks kill --signal KILL "$NAME"
    ctr tasks delete --force "$NAME" || true
    in_place umount -l /run/outer
    expect_match '^mount /mnt tmpfs [^ ]+ .*(slave|master)'
}

# bats test_tags=run
@test "--rootfs runs a folder, --cwd and --env are the program's, --pid-file tells its pid" {
    make_rootfs "$PLACE/tree"
    run ctr_run --rm --rootfs --cwd /tmp --env COLOUR=red --pid-file /run/ctr-pid "$PLACE/tree" "$NAME" /bin/probe each cwd env
    expect_ok
    expect_line "cwd /tmp" COLOUR=red
    [[ $(in_place cat /run/ctr-pid) =~ ^[0-9]+$ ]]
}

# config-linux.md, "Namespaces": path.
# bats test_tags=namespaces
@test "--with-ns joins namespaces of another container" {
    local pid

    ctr_run -d "$IMAGE" "$NAME" /bin/probe pause
    pid=$(ctr tasks list | awk -v name="$NAME" '$1 == name {print $2}')
    run ctr_run --rm --with-ns "network:/proc/$pid/ns/net" --with-ns "ipc:/proc/$pid/ns/ipc" "$IMAGE" "$NAME-2" \
        /bin/sh -c 'for kind in net ipc; do /bin/busybox readlink /proc/self/ns/$kind; done'
    expect_ok
    expect_equal "$output" "$(in_place readlink "/proc/$pid/ns/net" "/proc/$pid/ns/ipc")"
}

# bats test_tags=limits,guest
@test "--cpu-quota, --cpu-shares and --config take what they are given" {
    needs_controller cpu
    ctr_run -d --cpu-quota 40000 --cpu-period 100000 --cpu-shares 512 "$IMAGE" "$NAME" /bin/probe pause
    CONTAINER=$NAME
    [[ $(cgroup_value cpu cpu.cfs_quota_us cpu.max) =~ ^40000( 100000)?$ ]]
    # From shares to a weight: by the formula of 2025, and before.
    [[ $(cgroup_value cpu cpu.shares cpu.weight) =~ ^(512|59|20)$ ]]
}

# runtime.md knows no checkpoint: what cannot be done has to be said, and nothing may break.
# bats test_tags=run
@test "tasks checkpoint works or says what is missing, and the container goes on" {
    ctr_run -d "$IMAGE" "$NAME" /bin/probe pause
    run ctr tasks checkpoint "$NAME"
    [ "$status" -eq 0 ] || expect_match 'heckpoint|CRIU|criu'
    expect_equal "$(task_status)" RUNNING
    run_exec e1 "$NAME" echo on
    expect_equal "$output" on
}

runs_exec()
{
    ctr tasks ps "$NAME" | grep -q "$1"
}

# bats test_tags=run,guest
@test "exec: a missing program, standard input, signals to one exec, many at once" {
    local n pids=() failures=0

    ctr_run -d "$IMAGE" "$NAME" /bin/probe pause
    run ctr tasks exec --exec-id e1 "$NAME" /no/such/program
    expect_error "no such file or directory"
    expect_equal "$(task_status)" RUNNING
    run ctr tasks exec --exec-id e2 "$NAME" cat <<<through
    expect_equal "$output" through
    ctr tasks exec --exec-id e3 "$NAME" /bin/sleep 100 &
    n=$!
    in_time runs_exec e3
    ctr tasks kill --exec-id e3 --signal KILL "$NAME"
    wait "$n" || expect_equal "$?" 137
    for n in $(seq 10); do
        ctr tasks exec --exec-id "m$n" "$NAME" /bin/probe exit 0 &
        pids+=($!)
    done
    for n in "${pids[@]}"; do
        wait "$n" || failures=$((failures + 1))
    done
    expect_equal "$failures" 0
}

has_sleepers()
{
    [ "$(in_place pgrep -c -f '^/bin/sleep 42710[01]')" -eq "$1" ]
}

# bats test_tags=run,guest
@test "kill --all ends what the container started; a paused one can be killed" {
    ctr_run -d "$IMAGE" "$NAME" /bin/sh -c '/bin/sleep 427100 & /bin/sleep 427101 & wait'
    in_time has_sleepers 2
    ctr tasks pause "$NAME"
    ctr tasks kill --all --signal KILL "$NAME"
    ctr tasks resume "$NAME" 2>/dev/null || true
    for _ in $(seq 600); do
        [ "$(task_status)" != STOPPED ] || break
        sleep 0.1
    done
    expect_equal "$(task_status)" STOPPED
    in_time has_sleepers 0
}

# bats test_tags=left,guest
@test "nothing is left: no state, cgroup or mount" {
    expect_equal "$(states_left /run/containerd/runc/default)" ""
    expect_equal "$(in_place cat /proc/self/mountinfo | grep -c io.containerd.runtime.v2.task || true)" 0
    expect_equal "$(find /sys/fs/cgroup -name "*c[0-9]*-${PLACE##*.}*" -type d)" ""
}
