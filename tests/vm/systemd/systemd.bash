# SPDX-License-Identifier: Apache-2.0
# Asking systemd about the unit of a container. For bats files after `load ../../lib/bundle`.
# shellcheck shell=bash disable=SC2034,SC2154

# Whether systemd is what runs this host; the runtime is told to use it.
setup()
{
    [ -d /run/systemd/system ] || skip "systemd is not PID 1"
    "$ZIND_OCI" --version | grep -q '+SYSTEMD' || skip "this build has no systemd manager"
    export ZIND_GLOBALS=--systemd-cgroup
    setup_bundle
    SCOPE=zind-oci-$CONTAINER.scope
}

# property NAME: of the unit, as systemctl shows it.
property()
{
    systemctl show --value -p "$1" "$SCOPE"
}

# expect_property NAME VALUE
expect_property()
{
    expect_equal "$1=$(property "$1")" "$1=$2"
}

unit_is_gone()
{
    [ "$(property LoadState)" = not-found ] && [ "$(property ActiveState)" = inactive ]
}

# expect_value CONTROLLER V1-FILE V2-FILE VALUE
expect_value()
{
    expect_equal "$(cgroup_value "$1" "$2" "$3")" "$4"
}

# resources JSON: what the container is limited to.
resources()
{
    edit_config '.linux.resources = $resources' --argjson resources "$1"
}
