#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What people type who know other container programs: the hint names the right command, in one line.
load ../lib/bundle
load ../lib/user

# A line of the tables: the command line, " | ", what stands in the hint.
expect_hints()
{
    local typed hint

    while IFS='|' read -r typed hint; do
        [[ $typed ]] || continue
        # shellcheck disable=SC2086
        run zind $typed
        [ "$status" -ne 0 ] || fail "$typed: accepted"
        [ "$(grep -c '^hint: ' <<<"$output")" -eq 1 ] || fail "$typed: $output"
        grep -qF -- "${hint# }" <<<"$(grep '^hint: ' <<<"$output")" || fail "$typed: $output"
    done
}

@test "an unknown command leads to the one that does it" {
    expect_hints <<'END'
rm web | zind-oci delete ID
stop web | zind-oci kill ID TERM
ls | zind-oci list
inspect web | zind-oci state ID
top web | zind-oci ps ID
logs web | zind-oci run ID >FILE
unpause web | zind-oci resume ID
./bundle | zind-oci run -b DIR ID
strat web | did you mean start?
help strat | did you mean start?
help rm | zind-oci delete ID
frobnicate | zind-oci --help
END
    run zind
    expect_error "no command is given" "hint: to list the commands: zind-oci --help"
}

@test "an unknown option leads to the right one, to config.json or to its place" {
    expect_hints <<'END'
run -it web | "process": {"terminal": true}
create -dit web | zind-oci run -d ID
exec -it web sh | zind-oci exec -t ID PROGRAM
exec --workdir / web sh | zind-oci exec --cwd DIR ID PROGRAM
run -v/a:/b web | "mounts"
run --env A=1 web | "process": {"env": ["NAME=VALUE"]}
run --name web | zind-oci run NAME
run --rm web | zind-oci run ID
list -a | zind-oci list
-b X run web | zind-oci run --bundle DIR ID
--bundle=X create web | zind-oci create --bundle DIR ID
--detach run web | zind-oci run --detach ID
run --root /x web | zind-oci --root DIR run
start -d web | zind-oci run --detach ID
create --bundel X web | did you mean --bundle?
exec -T web sh | zind-oci exec --help
END
}

@test "signals in the spelling of kill(1) lead to ours" {
    expect_hints <<'END'
kill web -9 | zind-oci kill ID 9
kill -9 web | zind-oci kill ID 9
kill -KILL web | zind-oci kill ID KILL
kill -s KILL web | zind-oci kill ID KILL
kill --signal=HUP web | zind-oci kill ID HUP
kill --signal | zind-oci kill ID SIGNAL
kill KILL web | zind-oci kill web KILL
END
}

@test "too few or too many arguments lead to the right command" {
    expect_hints <<'END'
run web sh | zind-oci exec web PROGRAM
run | zind-oci run web
delete -f | zind-oci list
delete a b | zind-oci delete --regex '^(ID|ID)$'
list web | zind-oci state web
mounts web | zind-oci mounts add web FILE
mounts add web | zind-oci mounts add ID FILE
mounts web add FILE | zind-oci mounts add ID FILE
validate /a/bundle | zind-oci validate -b /a/bundle
validate /a/config.json | zind-oci validate -f /a/config.json
spec /a | zind-oci spec -b /a
exec web | zind-oci exec -t web sh
exec web -- cmd | zind-oci exec web cmd
END
    run zind create -b "$BUNDLE" "$BUNDLE"
    expect_error "is not a container id" "hint: an option names the bundle: zind-oci create -b $BUNDLE ID"
}

@test "an unknown value leads to a known one" {
    expect_hints <<'END'
--log-level foo list | --log-level debug
--log-level debg list | did you mean debug?
--log-format xml list | --log-format text
--cgroup-manager sytemd list | did you mean systemd?
--rootless maybe list | --rootless false
list --format jsn | did you mean json?
validate --format jsn | did you mean json?
exec -c NET_ADMIN web sh | zind-oci exec --cap CAP_NET_ADMIN ID PROGRAM
exec -c NET_ADMIN -c SYS_TIME -c cap_chown web sh | zind-oci exec --cap CAP_NET_ADMIN ID PROGRAM
END
}

@test "spec says how to write beside a file that exists" {
    run zind spec --bundle "$BUNDLE"
    expect_error "config.json: File exists" "hint: to write another file: zind-oci spec --file FILE"
}

# As runc, which changes nothing then: status 0.
@test "update without a limit warns that nothing changes" {
    start_idle
    run zind update "$CONTAINER"
    expect_ok
    expect_match "warning: no limit is given.*zind-oci update --memory 512m $CONTAINER"
}

@test "an ordinary user learns where the state root is, and of spec --rootless" {
    local state

    setup_user
    edit_config '.linux.namespaces -= [{"type": "user"}] | del(.linux.uidMappings, .linux.gidMappings)'
    run zind run --bundle "$BUNDLE" "$CONTAINER"
    expect_error "Operation not permitted" "hint: not root? " ": zind-oci spec --rootless"
    run as_user env -u XDG_RUNTIME_DIR "$BATS_TEST_TMPDIR/user/zind-oci" run --bundle "$BUNDLE" "$CONTAINER"
    expect_error "make the folder /run/zind-oci: " "Permission denied" \
        "hint: not root? " "XDG_RUNTIME_DIR" "--root DIR" "is kept in /run/zind-oci" ": zind-oci spec --rootless"
    state=$BATS_TEST_TMPDIR/closed
    mkdir -m 700 "$state"
    run as_user env XDG_RUNTIME_DIR="$state" "$BATS_TEST_TMPDIR/user/zind-oci" run --bundle "$BUNDLE" "$CONTAINER"
    expect_error "Permission denied" "hint: XDG_RUNTIME_DIR must be a directory of yours; or: zind-oci --root DIR run"
}
