#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# validate: all that is wrong with a config.json, where, and by which rule; create says the same.
# shellcheck disable=SC2154
load ../lib/bundle

# validate_bundle [OPTION...]: sets $status, $output and $stderr.
validate_bundle()
{
    run --separate-stderr zind validate --bundle "$BUNDLE" "$@"
}

@test "validate says nothing of a right config.json, and exits with 0" {
    validate_bundle
    expect_ok
    expect_equal "$output" ""
    validate_bundle --strict
    expect_ok
    validate_bundle --format json
    expect_ok
    jq -e '.valid and .problems == null or .problems == []' <<<"$output"
}

# config.md, "Valid values": what is not valid MUST be an error.
@test "validate tells every problem at once: line, column, pointer, spec section, what may be meant" {
    cat >"$BUNDLE/config.json" <<'JSON'
{ "ociVersion": "1.0.2", "root": { "path": "rootfs", "readOnly": true },
  "process": { "user": { "uid": 0, "gid": -1 }, "args": ["a"], "cwd": "here" },
  "mounts": [{ "destination": "", "type": "tmpfs", "options": ["tmpcopyup", ""] }],
  "linux": { "seccomp": { "defaultAction": "SCMP_ACT_ALOW" },
             "namespaces": [{ "type": "mount" }], "sysctl": { "net.a/~b": "1" } } }
JSON
    validate_bundle
    expect_status 1
    expect_equal "$stderr" ""
    expect_equal "$output" "$(sed "s|^|$BUNDLE/config.json:|" <<'LINES'
1:54: unknown: /root/readOnly: unknown key, ignored; did you mean readonly? (config.md, Root)
2:43: error: /process/user/gid: -1 is out of range for uint32 (config.md, POSIX-platform User)
2:71: error: /process/cwd: "here" is not an absolute path (config.md, Process)
3:31: error: /mounts/0/destination: is empty (config.md, Mounts)
4:44: error: /linux/seccomp/defaultAction: unknown value SCMP_ACT_ALOW; did you mean SCMP_ACT_ALLOW? (config-linux.md, Seccomp)
5:75: error: /linux/sysctl/net.a~1~0b: needs a network namespace in linux.namespaces (config-linux.md, Sysctl)
LINES
    )"
}

# What the sections say may depend on the namespaces: what holds whichever there are is said all the same.
@test "a namespace that cannot be decoded hides nothing that is wrong elsewhere" {
    local edit wrong='.process.cwd = "rel" | .linux.namespaces += [{type: "pid"}] | .linux.rootfsPropagation = "x" |
        .linux.sysctl = {"net.ipv4.ip_forward": "1", "foo.bar": "1"}'

    for edit in '.linux.namespaces[1].type = 5' '.linux.namespaces[1].type = "foo"' '.linux.namespaces[1] = 5'; do
        edit_config "$wrong | $edit"
        validate_bundle
        expect_status 1
        expect_match 'error: /linux/namespaces/1' 'error: /process/cwd: "rel" is not' \
            'error: /linux/namespaces/6/type: pid is given twice' 'error: /linux/rootfsPropagation: "x" is none' \
            'error: /linux/sysctl/foo.bar: belongs to no namespace'
        # There may be a network namespace.
        expect_no_match 'ip_forward'
        edit_config '.linux.namespaces |= del(.[6])'
    done
    edit_config '.linux.namespaces = 5'
    validate_bundle
    expect_match 'error: /linux/namespaces: expected an array' 'error: /process/cwd' 'error: /linux/rootfsPropagation'
    edit_config '.linux = 5'
    validate_bundle
    expect_match 'error: /linux: expected an object' 'error: /process/cwd'
}

@test "validate as JSON is one object with an array" {
    edit_config '.process.cwd = "here" | .process.capabilities.bounding += ["CAP_KIL"]'
    validate_bundle --format json
    expect_status 1
    jq -e --arg file "$BUNDLE/config.json" '.file == $file and .valid == false and (.problems | length == 2) and
        (.problems[] | select(.severity == "error") | .code == "spec" and .pointer == "/process/cwd" and
            .line > 1 and .column > 1 and .rule == "config.md, Process" and (.message | contains("absolute"))) and
        (.problems[] | select(.severity == "warning") | .hint == "did you mean CAP_KILL?")' <<<"$output"
}

@test "of a flood of problems the number is told" {
    edit_config '.mounts = [range(100) | {destination: "", type: "tmpfs"}]'
    validate_bundle
    expect_status 1
    expect_match 'config.json: [0-9]+ problems more$'
    validate_bundle --format json
    expect_status 1
    jq -e '(.problems | length) + .omitted == 100' <<<"$output"
}

# config.md, "Extensibility": an unknown property MUST be ignored.
@test "unknown keys and warnings are problems only if --strict" {
    edit_config '.procces = {} | .linux.resources.memory.swapiness = 3'
    validate_bundle
    expect_ok
    expect_match '/procces: unknown key, ignored; did you mean process\?' 'did you mean swappiness\?'
    validate_bundle --strict
    expect_status 1
    edit_config 'del(.procces, .linux.resources.memory) | .process.capabilities.bounding += ["CAP_NONE_SUCH"]'
    validate_bundle
    expect_ok
    expect_match 'warning: /process/capabilities/bounding/[0-9]+: unknown capability CAP_NONE_SUCH'
    validate_bundle --strict
    expect_status 1
}

# config.md: the objects of other platforms are properties of the spec.
@test "what is for other platforms is named as such, not as a misspelling" {
    edit_config '.windows = {} | .process.commandLine = "x"'
    validate_bundle
    expect_ok
    expect_match '/windows: has no effect' '/process/commandLine: has no effect'
}

@test "create ignores unknown keys, and names them at --debug only" {
    edit_config '.procces = {}'
    run zind run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_no_match procces
    run zind --debug run --bundle "$BUNDLE" "$CONTAINER"
    expect_ok
    expect_match 'config.json:[0-9]+:[0-9]+: procces is unknown'
}

@test "what cannot be read or is no JSON has exit status 2" {
    echo '{ "ociVersion": ' >"$BUNDLE/config.json"
    validate_bundle
    expect_status 2
    expect_match 'config.json:2:1: error: .*syntax error: the JSON text ends too early'
    validate_bundle --format json
    expect_status 2
    jq -e '.valid == false and .problems[0].code == "json"' <<<"$output"
    rm "$BUNDLE/config.json"
    validate_bundle
    expect_status 2
    [[ $stderr == *"No such file"* ]] || fail "$stderr"
    validate_bundle --format xml
    expect_status 2
    validate_bundle --no-such-option
    expect_status 2
}

@test "--config names another file" {
    edit_config '.process.cwd = "here"'
    mv "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/other.json"
    run zind validate -f "$BATS_TEST_TMPDIR/other.json"
    expect_status 1
    expect_match 'other.json:[0-9]+:[0-9]+: error: /process/cwd'
}

# It is for people who write config.json, who need not be root, nor have the rootfs.
@test "validate needs no privileges and touches nothing" {
    local folder

    folder=$(mktemp -d /tmp/zind-validate.XXXXXX)
    cp "$BUNDLE/config.json" "$folder"
    chmod 755 "$folder"
    run setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set -all --inh-caps -all \
        "$ZIND_OCI" --root "$folder/none" validate --strict --bundle "$folder"
    rm -r "$folder"
    expect_ok
}

@test "create names the same problems as validate" {
    local text

    edit_config '.process.cwd = "here" | .process.user.gid = "x" | .mounts[0].destination = null'
    validate_bundle --format json
    expect_status 1
    jq -r '.problems[].message' <<<"$output" >"$BATS_TEST_TMPDIR/messages"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/messages")" -eq 3 ] || fail "$(cat "$BATS_TEST_TMPDIR/messages")"
    run zind create --bundle "$BUNDLE" "$CONTAINER"
    while read -r text; do
        expect_error "$text"
    done <"$BATS_TEST_TMPDIR/messages"
}

# config-linux.md, Control groups: what this host's cgroups lack is refused here; elsewhere the same config is right.
@test "what only this host cannot do is a warning that says so" {
    local field='.linux.resources.unified["memory.max"] = "max"'
    # Of a hybrid host only v1 is left.
    # shellcheck disable=SC2016
    local on_v1='if mountpoint -q /sys/fs/cgroup/unified; then umount /sys/fs/cgroup/unified; fi; exec "$@"'

    ! host_is_cgroup2 || field='.linux.resources.network.classID = 1'
    edit_config "$field"
    run unshare --mount sh -c "$on_v1" - "$ZIND_OCI" validate --bundle "$BUNDLE"
    expect_ok
    expect_match 'warning: /linux/resources/.*on this host: '
    run unshare --mount sh -c "$on_v1" - "$ZIND_OCI" validate --bundle "$BUNDLE" --strict
    expect_status 1
}

# docs/errors.md: the code is a member of its own, and the line stays one object.
@test "an error has its stable code: in the JSON line, and in the text at --debug" {
    run --separate-stderr zind --log-format json state nowhere
    expect_status 1
    jq -e '.level == "error" and .code == "absent" and (.msg | contains("[absent]") | not)' <<<"$stderr"
    expect_equal "$(wc -l <<<"$stderr")" 1
    run zind --debug state nowhere
    expect_error "[absent]"
    run zind state nowhere
    expect_no_match '\[absent\]'
}

# config.md, "Valid values": whatever stands where something else belongs is told of, and nothing worse comes of it.
@test "a wrong type is told of wherever it stands" {
    local all=$TESTS_LIB/../unit/libocispec/all-fields.json wrong

    for wrong in 5.5 '{"x": []}' null '"\u0001"'; do
        jq -c --argjson wrong "$wrong" \
            '. as $all | paths as $path | select($path | length > 0) | $all | setpath($path; $wrong)' "$all" >"$BATS_TEST_TMPDIR/all"
        # In a shell of its own, for bats looks at each command: there are a thousand.
        # shellcheck disable=SC2016
        run bash -c 'n=0
            while read -r config; do
                printf "%s\n" "$config" >"$2"
                "$1" validate --config "$2" >/dev/null 2>&1
                status=$?
                [ "$status" -le 1 ] || echo "ended with status $status: $config"
                [ "$3" != 5.5 ] || [ "$status" -eq 1 ] || echo "taken: $config"
                n=$((n + 1))
            done
            echo "tried $n"' _ "$ZIND_OCI" "$BATS_TEST_TMPDIR/wrong.json" "$wrong" <"$BATS_TEST_TMPDIR/all"
        expect_match '^tried [2-9][0-9][0-9]$'
        expect_no_match '^taken' '^ended'
    done
}
