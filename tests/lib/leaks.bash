# SPDX-License-Identifier: Apache-2.0
# What a container may leave on the host, found by the test's token: each finder prints what it found.
# shellcheck shell=bash disable=SC2154

leaked_state()
{
    [ ! -d "$ZIND_ROOT" ] || find "$ZIND_ROOT" -mindepth 1 -maxdepth 1 -type d -name "*$TOKEN*"
}

leaked_cgroups()
{
    find /sys/fs/cgroup -type d -name "*$TOKEN*" 2>/dev/null || true
}

# Units of systemd, where it runs.
leaked_units()
{
    [ ! -d /run/systemd/system ] || systemctl list-units --all --plain --no-legend "*$TOKEN*" || true
}

leaked_mounts()
{
    grep -F -- "$BATS_TEST_TMPDIR/" /proc/self/mountinfo || true
}

# The token is read from a file, so that the search does not find itself.
leaked_processes()
{
    local found

    grep -lsF -f "$BATS_TEST_TMPDIR/token" /proc/[0-9]*/cgroup /proc/[0-9]*/cmdline 2>/dev/null |
        cut -d / -f 3 | sort -un | while read -r found; do
        # A zombie awaits its parent; the runtime has nothing to do with that.
        grep -qs '^State:.[^ZX]' "/proc/$found/status" && printf '%s ' "$found" &&
            tr '\0' ' ' <"/proc/$found/cmdline" && echo
    done || true
}

# What nearly every test finds, told by two programs and no subshell: a test that starts two dozen costs more by its
# clean-up than by its container.
is_clean_at_a_glance()
{
    local mounts

    [ ! -d /run/systemd/system ] || return 1
    ! compgen -G "$ZIND_ROOT/*$TOKEN*" >/dev/null || return 1
    IFS= read -r -d '' mounts </proc/self/mountinfo || true
    [[ $mounts != *"$BATS_TEST_TMPDIR/"* ]] || return 1
    [ -z "$(find /sys/fs/cgroup -type d -name "*$TOKEN*" -print -quit 2>/dev/null)" ] || return 1
    ! grep -qsF -f "$BATS_TEST_TMPDIR/token" /proc/[0-9]*/cgroup /proc/[0-9]*/cmdline 2>/dev/null
}

all_leaks()
{
    local kind found

    for kind in state cgroups units mounts processes; do
        found=$(leaked_$kind)
        [ -z "$found" ] || printf 'left behind, %s:\n%s\n' "$kind" "$found"
    done
}

# Whatever a failing runtime left must not disturb the next test.
sweep_leaks()
{
    local path pid

    leaked_processes | while read -r pid path; do kill -KILL "$pid" 2>/dev/null || true; done
    leaked_mounts | awk '{ print $5 }' | sort -r | while read -r path; do
        umount -l "$path" 2>/dev/null || true
    done
    leaked_units | awk '{ print $1 }' | while read -r path; do
        systemctl stop "$path" || true
        systemctl reset-failed "$path" 2>/dev/null || true
    done
    for _ in {1..10}; do
        [ -n "$(leaked_cgroups)" ] || break
        leaked_cgroups | sort -r | while read -r path; do rmdir "$path" 2>/dev/null || true; done
        sleep 0.05
    done
}

# A process that was killed needs a moment to go; all else must be gone when delete returns.
expect_no_leaks()
{
    local found="" tries=400

    ! is_clean_at_a_glance || return 0
    [ -z "${ZIND_SLOW-}" ] || tries=1000
    while [ $((tries--)) -gt 0 ]; do
        [ -n "$(leaked_processes)" ] || break
        sleep 0.05
    done
    found=$(all_leaks)
    if [ -n "$found" ]; then
        sweep_leaks
        printf '%s\n' "$found" >&2
        return 1
    fi
}
