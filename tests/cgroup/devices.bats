#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config-linux.md, "Device Whitelist Configuration": the rules decide about each access, on v1 and v2, and update
# replaces them as a whole.

load ../lib/bundle

setup()
{
    setup_bundle
    host_is_cgroup2 || needs_controller devices
    # A block device that can be opened and that nobody uses; there is nothing in it to be read or damaged.
    [ -e /sys/block/loop7/dev ] || skip "needs a loop device"
    IFS=: read -r MAJOR MINOR </sys/block/loop7/dev
    edit_config '.process.capabilities[] += ["CAP_MKNOD"]'
}

# rule LETTERS [JSON]: allows these accesses to the device.
rule()
{
    echo "{\"allow\":true,\"type\":\"b\",\"major\":$MAJOR,\"minor\":$MINOR,\"access\":\"$1\"}"
}

# start_with RULE...: a container with all denied but these, and the node /dev/disk in it.
start_with()
{
    local IFS=,

    # shellcheck disable=SC2016
    edit_config '.linux.resources.devices = [{ allow: false }] + $rules' --argjson rules "[$*]"
    start_idle
    exec_probe mknod /dev/disk b "$MAJOR" "$MINOR"
    expect_line ok
}

# update_rules RULE...: all denied but these.
update_rules()
{
    local IFS=,

    run zind update -r - "$CONTAINER" <<<"{\"devices\":[{\"allow\":false},$*]}"
    expect_ok
}

# can LETTERS: exactly these opens of /dev/disk are allowed.
can()
{
    local may=

    exec_probe exec /bin/sh -c 'head -c 1 /dev/disk >/dev/null'
    [ "$status" -ne 0 ] || may+=r
    exec_probe open-w /dev/disk
    [ "$output" != ok ] || may+=w
    [ "$may" = "$1" ] || fail "may '$may', should '$1'"
}

@test "read and write are allowed letter by letter" {
    start_with "$(rule r)"
    can r
}

@test "what no rule allows is denied, and may be made all the same" {
    start_with "$(rule m)"
    can ""
    expect_line EPERM
}

@test "a later rule overrules an earlier one, or is refused by name where v1 cannot say so" {
    local wide='{"allow":true,"type":"b","access":"rwm"}' narrow

    narrow=$(rule w | sed s/true/false/)
    if host_is_cgroup2; then
        start_with "$wide" "$narrow"
        can r
    else
        edit_config ".linux.resources.devices = [{ allow: false }, $wide, $narrow]"
        create_container
        expect_error "linux.resources.devices[2]" "part of a wider rule"
        start_with "$(rule rwm)" "$narrow"
        can r
    fi
}

@test "a rule without numbers is for all devices of its type, one without a type for all" {
    start_with '{"allow":true,"type":"c","access":"rwm"}'
    can ""
    update_rules '{"allow":true,"type":"b","access":"rw"}'
    can rw
    update_rules '{"allow":true,"type":"c","access":"rwm"}'
    can ""
    update_rules '{"allow":true,"access":"rwm"}'
    can rw
}

@test "the devices of every container stay usable under any rules" {
    start_with "$(rule r)"
    for node in null zero full random urandom; do
        exec_probe exec /bin/sh -c "head -c 1 /dev/$node >/dev/null"
        expect_ok
    done
    update_rules '{"allow":false,"type":"c"}'
    exec_probe write /dev/null x
    expect_line ok
}

# Programs of v2 are ANDed: one more beside the old one could never allow more.
@test "update replaces the rules: more, less and other than before" {
    start_with "$(rule r)"
    update_rules "$(rule rw)"
    can rw
    update_rules "$(rule w)"
    can w
    update_rules "$(rule r)"
    can r
    update_rules '{"allow":false}'
    can ""
    update_rules "$(rule rwm)"
    can rw
    expect_equal "$(jq -c '.linux.resources.devices[1].access' "$ZIND_ROOT/$CONTAINER/config.json")" '"rwm"'
}

@test "an update without devices leaves the rules alone" {
    needs_controller pids
    start_with "$(rule r)"
    run zind update --pids-limit 40 "$CONTAINER"
    expect_ok
    can r
}

@test "an update that fails leaves the rules alone" {
    start_with "$(rule r)"
    run zind update -r - "$CONTAINER" <<<'{"devices":[{"allow":true}],"unified":{"nothing.max":"1"}}'
    expect_error unified
    can r
}

@test "while the rules are replaced none are missing, and none is" {
    # shellcheck disable=SC2016
    set_args /bin/sh -c 'until [ -e /dev/disk ]; do sleep 0.1; done; echo ready
        while [ ! -e /tmp/done ]; do
            { true >/dev/disk; } 2>/dev/null && echo opened
            { true >/dev/null; } 2>/dev/null || echo lost
        done; echo ended; exec sleep 1000'
    edit_config '.linux.resources.devices = [{ allow: true }, { allow: false, type: "b" }]'
    start_container
    exec_probe mknod /dev/disk b "$MAJOR" "$MINOR"
    wait_for_output ready
    # So many rules that a gap before the last one would be noticed.
    for i in 1 2 3 4 5 6; do
        jq -n "{ devices: ([{ allow: true }] + [range(500) | { allow: false, type: \"c\", major: (99 + $i), minor: . }] +
            [{ allow: false, type: \"b\" }]) }" >"$BATS_TEST_TMPDIR/rules"
        run zind update -r "$BATS_TEST_TMPDIR/rules" "$CONTAINER"
        expect_ok
    done
    exec_probe write /tmp/done
    wait_for_output ended
    output=$(container_output)
    expect_no_match "opened|lost"
}

# bpf(2): the verifier ends with EAGAIN when a signal is pending.
@test "signals that come while the kernel verifies the rules fail nothing" {
    host_is_cgroup2 || skip "only v2 has a program"
    needs_command strace
    set_args /bin/probe pause
    # shellcheck disable=SC2016
    edit_config '.linux.resources.devices = [{ allow: false }, $rule]' --argjson rule "$(rule r)"
    strace -qq -o /dev/null -e trace=bpf -e inject=bpf:error=EAGAIN:when=1..3 \
        "$ZIND_OCI" --root "$ZIND_ROOT" create --bundle "$BUNDLE" "$CONTAINER" \
        </dev/null >"$BATS_TEST_TMPDIR/output" 2>&1 3>&-
    run zind start "$CONTAINER"
    exec_probe mknod /dev/disk b "$MAJOR" "$MINOR"
    can r
}

needs_rules_in_lines()
{
    host_is_cgroup2 && skip "v2 has one program for all rules, and freezes nobody"
    needs_controller freezer
}

# all_but_some N: all are allowed but N devices that nobody uses, in a file.
all_but_some()
{
    jq -n "{ devices: ([{ allow: true }] + [range($1) | { allow: false, type: \"c\", major: 4000, minor: . }]) }" \
        >"$BATS_TEST_TMPDIR/rules"
}

# devices.rst (cgroup-v1), "User Interface": an entry at a time is added to, and removed from, what there is.
@test "rules that change one by one take away nothing that old and new allow, and freeze nobody" {
    needs_rules_in_lines
    [ -z "${ZIND_GLOBALS-}" ] || skip "systemd denies all before it writes its own list: the container is frozen"
    # shellcheck disable=SC2016
    set_args /bin/sh -c 'until [ -e /dev/disk ]; do sleep 0.1; done; echo ready
        while [ ! -e /tmp/done ]; do { true </dev/disk; } 2>/dev/null || echo lost; done; echo ended; exec sleep 1000'
    # shellcheck disable=SC2016
    edit_config '.linux.resources.devices = [{ allow: false }, $rule]' --argjson rule "$(rule r)"
    start_container
    exec_probe mknod /dev/disk b "$MAJOR" "$MINOR"
    wait_for_output ready
    for i in 1 2 3 4; do
        jq -n --argjson rule "$(rule r)" "{ devices: ([{ allow: false }] +
            [range(300) | { allow: true, type: \"c\", major: (4000 + $i % 2), minor: ., access: \"rw\" }] + [\$rule]) }" \
            >"$BATS_TEST_TMPDIR/rules"
        run strace_update "$BATS_TEST_TMPDIR/rules"
        expect_no_match "freezer.state.*O_WRONLY"
        expect_equal "$(wc -l <"$(cgroup_folder devices)/devices.list")" 311
    done
    exec_probe write /tmp/done
    wait_for_output ended
    output=$(container_output)
    expect_no_match lost
}

# strace_update FILE: the files that it opens.
strace_update()
{
    needs_command strace
    strace -f -e trace=openat,open "$ZIND_OCI" --root "$ZIND_ROOT" update -r "$1" "$CONTAINER" 3>&-
}

# update_within FILE: called by a process of the container's cgroup, who must not freeze itself for ever.
update_within()
{
    local folder pid

    folder=$(cgroup_folder freezer)
    (
        echo "$BASHPID" >"$folder/cgroup.procs"
        exec "$ZIND_OCI" --root "$ZIND_ROOT" update -r "$1" "$CONTAINER" 3>&- >"$BATS_TEST_TMPDIR/said" 2>&1
    ) &
    pid=$!
    for ((i = 0; i < 100${ZIND_SLOW:+0}; i++)); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    # Thawed at once, or teardown would find what does not even die.
    ! grep -q FRO "$folder/freezer.state" || { echo THAWED >"$folder/freezer.state" && fail "it froze itself"; }
    wait "$pid" || fail "update failed: $(cat "$BATS_TEST_TMPDIR/said")"
}

@test "an update from within the container's cgroup ends" {
    needs_rules_in_lines
    start_with "$(rule r)"
    echo "{\"devices\":[{\"allow\":false},$(rule w)]}" >"$BATS_TEST_TMPDIR/rules"
    update_within "$BATS_TEST_TMPDIR/rules"
    can w
    all_but_some 3
    update_within "$BATS_TEST_TMPDIR/rules"
    can rw
}

@test "an update that is killed while it holds the container still leaves none frozen" {
    local try

    needs_rules_in_lines
    start_with "$(rule r)"
    all_but_some 3000
    for ((try = 0; try < 30; try++)); do
        ! catch_frozen update -r "$BATS_TEST_TMPDIR/rules" "$CONTAINER" || break
        update_rules "$(rule r)"
    done
    [ "$try" -lt 30 ] || fail "it never held it still"
    expect_equal "$(container_status)" running
    expect_equal "$(freezer_says)" THAWED
    update_rules "$(rule w)"
    can w
    zind pause "$CONTAINER"
    expect_equal "$(container_status)" paused
    zind resume "$CONTAINER"
}

# devices.rst, "Hierarchy": "a" is not possible once there are children, single entries are; what is added is for the
# cgroup alone, what is taken away for all below.
@test "rules change where the container has made cgroups of its own" {
    needs_rules_in_lines
    start_with "$(rule r)"
    mkdir "$(cgroup_folder devices)/sub"
    update_rules "$(rule w)"
    [ -n "${ZIND_GLOBALS-}" ] || expect_match "what is newly allowed is not to cgroups that the container has made"
    can w
    all_but_some 3
    run zind update -r "$BATS_TEST_TMPDIR/rules" "$CONTAINER"
    expect_error devices "cannot change while cgroups are below it"
    can w
    expect_equal "$(freezer_says)" THAWED
}

@test "all but some: rules change where the container has made cgroups of its own" {
    needs_rules_in_lines
    edit_config '.linux.resources.devices = [{ allow: true }, { allow: false, type: "b" }]'
    start_idle
    exec_probe mknod /dev/disk b "$MAJOR" "$MINOR"
    mkdir "$(cgroup_folder devices)/sub"
    can ""
    run zind update -r - "$CONTAINER" <<<'{"devices":[{"allow":true},{"allow":false,"type":"b","access":"w"}]}'
    expect_ok
    can r
}
