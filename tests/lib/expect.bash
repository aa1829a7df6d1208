# SPDX-License-Identifier: Apache-2.0
# What a test says about $status and $output, and what it needs of the host to be run at all.
# shellcheck shell=bash disable=SC2154

# Prints why a test fails, with what the last `run` gave, and fails.
fail()
{
    printf '%s\n' "$*" "status: ${status-none}" "output:" "${output-}" >&2
    return 1
}

expect_status()
{
    [ "$status" -eq "$1" ] || fail "status $1 was expected"
}

expect_ok()
{
    expect_status 0
}

# expect_error TEXT...: the command failed, and said each of the texts.
expect_error()
{
    local text

    [ "$status" -ne 0 ] || fail "an error was expected"
    for text in "$@"; do
        [[ $output == *"$text"* ]] || fail "the error does not say: $text"
    done
}

# expect_line LINE...: each is a line of the output, whole.
expect_line()
{
    local line

    for line in "$@"; do
        [[ $'\n'$output$'\n' == *$'\n'"$line"$'\n'* ]] || fail "there is no line: $line"
    done
}

# expect_match REGEX...: some line of the output matches each (extended, not anchored).
expect_match()
{
    local regex

    for regex in "$@"; do
        grep -qE -- "$regex" <<<"$output" || fail "no line matches: $regex"
    done
}

# expect_no_match REGEX...: no line of the output matches any.
expect_no_match()
{
    local regex

    for regex in "$@"; do
        ! grep -qE -- "$regex" <<<"$output" || fail "a line matches: $regex"
    done
}

expect_equal()
{
    [ "$1" = "$2" ] || fail "got '$1', expected '$2'"
}

needs_root()
{
    [ "$(id -u)" -eq 0 ] || skip "needs root"
}

needs_command()
{
    local command

    for command in "$@"; do
        command -v "$command" >/dev/null || skip "needs $command"
    done
}

# Below a cgroup2 mount alone, as on current distributions.
# ZIND_CGROUP_TYPE is for who runs many tests at one place, as run-files does.
host_is_cgroup2()
{
    [ "${ZIND_CGROUP_TYPE:-$(stat -f -c %T /sys/fs/cgroup)}" = cgroup2fs ]
}

# needs_controller NAME: usable for new cgroups, in whichever hierarchy.
needs_controller()
{
    if host_is_cgroup2; then
        grep -qw "$1" /sys/fs/cgroup/cgroup.controllers || skip "no cgroup controller $1"
    else
        [ -d "/sys/fs/cgroup/$1" ] || skip "no cgroup controller $1"
    fi
}
