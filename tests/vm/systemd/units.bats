#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The unit that a container gets: its name, its slice, its cgroup, and units that are there already.

load ../../lib/bundle
load systemd

# use_path PATH UNIT
use_path()
{
    edit_config '.linux.cgroupsPath = $path' --arg path "$1"
    SCOPE=$2
}

# config-linux.md, "Cgroups Path": without one the runtime chooses.
@test "without a cgroupsPath the scope is named after the container and in system.slice" {
    start_idle
    expect_property ActiveState active
    expect_property Slice system.slice
    expect_property ControlGroup "/system.slice/$SCOPE"
    expect_property Description "zind-oci container $CONTAINER"
    grep -q "/system.slice/$SCOPE$" "/proc/$(container_pid)/cgroup" || fail "the program is not in it"
}

@test "the scope is delegated, has no dependencies of its own and is collected" {
    start_idle
    expect_property Delegate yes
    expect_property DefaultDependencies no
    expect_property CollectMode inactive-or-failed
    expect_property MemoryAccounting yes
    expect_property CPUAccounting yes
    expect_property TasksAccounting yes
}

@test "nobody but the container is in its scope once it is created" {
    create_container
    expect_ok
    expect_equal "$(cat "$(cgroup_folder systemd)/cgroup.procs")" "$(container_pid)"
}

# systemd.slice(5)
@test "a slice with dashes is nested in those before them" {
    use_path "zindtest-a-b.slice:pre:$CONTAINER" "pre-$CONTAINER.scope"
    start_idle
    expect_property Slice zindtest-a-b.slice
    expect_property ControlGroup "/zindtest.slice/zindtest-a.slice/zindtest-a-b.slice/$SCOPE"
    [ -d "$(cgroup_folder freezer)" ] || fail "there is no cgroup"
    zind delete --force "$CONTAINER"
    unit_is_gone || fail "the unit is still there"
    systemctl stop zindtest.slice
}

@test "an empty slice is the default one, an empty prefix none" {
    use_path "::$CONTAINER" "$CONTAINER.scope"
    start_idle
    expect_property ControlGroup "/system.slice/$SCOPE"
}

@test "a dash is the root slice" {
    use_path "-:pre:$CONTAINER" "pre-$CONTAINER.scope"
    start_idle
    expect_property Slice -.slice
    expect_property ControlGroup "/$SCOPE"
}

@test "a name that ends with .slice is that slice" {
    SCOPE=zindtest-${CONTAINER//-/_}.slice
    use_path "::$SCOPE" "$SCOPE"
    start_idle
    expect_property ControlGroup "/zindtest.slice/$SCOPE"
    grep -q "/$SCOPE$" "/proc/$(container_pid)/cgroup" || fail "the program is not in it"
    zind delete --force "$CONTAINER"
    expect_property ActiveState inactive
    systemctl stop zindtest.slice
}

# systemd puts an underscore before a name that begins with one, or looks like a file of the kernel.
@test "a cgroup that is not called as its unit is found" {
    use_path "::_$CONTAINER" "_$CONTAINER.scope"
    start_idle
    expect_property ControlGroup "/system.slice/_$SCOPE"
    grep -q "/system.slice/_$SCOPE$" "/proc/$(container_pid)/cgroup" || fail "the program is not in it"
}

@test "what no unit may be called is escaped" {
    use_path "::$CONTAINER+a b" "$CONTAINER\\x2ba\\x20b.scope"
    start_idle
    expect_property ActiveState active
}

@test "a cgroupsPath that is a path is refused" {
    for path in /a/b a.slice:b a.slice:b: no-slice:p:n a--b.slice:p:n; do
        use_path "$path" x
        create_container
        expect_error linux.cgroupsPath "$path"
    done
}

@test "a unit that is active is refused, and stays" {
    use_path "::$CONTAINER" "$CONTAINER.scope"
    systemd-run --quiet --scope --unit "$CONTAINER" sleep 100 3>&- &
    eventually unit_is_active
    create_container
    expect_error "$SCOPE" active linux.cgroupsPath "hint:"
    unit_is_active || fail "it was stopped"
    # Not its delete either.
    zind delete --force "$CONTAINER"
    unit_is_active || fail "delete stopped it"
    systemctl stop "$SCOPE"
    wait || true
}

unit_is_active()
{
    [ "$(property ActiveState)" = active ]
}

@test "a unit that failed long ago is forgotten" {
    use_path "::$CONTAINER" "$CONTAINER.scope"
    make_unit_fail
    start_idle
    expect_property ActiveState active
    zind delete --force "$CONTAINER"
    unit_is_gone || fail "the unit is still there"
}

# A scope fails when its processes outlive their time; a daemon-reload of another test meanwhile makes systemd forget that.
make_unit_fail()
{
    local _

    for _ in {1..10}; do
        systemd-run --quiet --scope --unit "$CONTAINER" -p RuntimeMaxSec=1 -p CollectMode=inactive sleep 100 3>&- || true
        for _ in {1..20}; do
            ! unit_has_failed || return 0
            sleep 0.1
        done
    done
    fail "the unit does not fail"
}

unit_has_failed()
{
    [ "$(property ActiveState)" = failed ]
}

# org.systemd.property.NAME: as the annotations of runc and crun.
@test "annotations are properties" {
    edit_config '.annotations = {"org.systemd.property.TimeoutStopSec": "7.5",
        "org.systemd.property.Description": "'"'a \\\"b\\\"'"'",
        "org.systemd.property.IPAccounting": "true",
        "org.systemd.property.OOMPolicy": "'"'stop'"'",
        "org.systemd.property.After": "['"'basic.target'"']"}'
    start_idle
    expect_property TimeoutStopUSec 7.500000s
    expect_property Description 'a "b"'
    expect_property IPAccounting yes
    [[ $(property After) == *basic.target* ]] || fail "the order is not set"
}

@test "annotations that are dangerous or no GVariant are refused by name" {
    edit_config '.annotations = {"org.systemd.property.FailureAction": "'"'reboot'"'",
        "org.systemd.property.After": "basic.target"}'
    create_container
    expect_error "org.systemd.property.FailureAction" reboot "org.systemd.property.After"
}

@test "an annotation that systemd does not know is refused by name" {
    edit_config '.annotations = {"org.systemd.property.NoSuchThing": "true"}'
    create_container
    expect_error "org.systemd.property.NoSuchThing"
}
