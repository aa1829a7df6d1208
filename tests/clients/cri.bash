# SPDX-License-Identifier: Apache-2.0
# Pods as a kubelet makes them: what the tests of the Container Runtime Interface share.
# shellcheck shell=bash disable=SC2034,SC2154

IMAGE=docker.io/library/bb:1

cri_setup()
{
    needs_root
    needs_command containerd ctr jq
    /usr/bin/python3 -c 'import grpc, grpc_tools' 2>/dev/null || skip "there is no gRPC for Python here"
    place_start
    archive_image "$IMAGE"
    containerd_start
    ctr --namespace k8s.io images import --snapshotter native "$PLACE/archive.tar"
    # What holds a pod's namespaces; its program is that of the image.
    pause_archive
    ctr --namespace k8s.io images import --snapshotter native "$PLACE/archive.tar"
    mkdir "$PLACE/logs" "$PLACE/cri"
}

pause_archive()
{
    local folder=$PLACE/archive

    jq '.config.Cmd = ["/bin/probe", "pause"]' "$folder/config.json" >"$folder/pause.json"
    jq '.[0].Config = "pause.json" | .[0].RepoTags = ["docker.io/library/pause:1"]' "$folder/manifest.json" \
        >"$folder/manifest.new"
    mv "$folder/manifest.new" "$folder/manifest.json"
    tar -C "$folder" -cf "$PLACE/archive.tar" manifest.json pause.json layer.tar
}

# cri METHOD REQUEST: the answer, as JSON.
cri()
{
    enter_words
    "${ENTER[@]}" /usr/bin/python3 "$CLIENTS/cri.py" /run/containerd.sock "$PLACE/cri" "$@" 3>&-
}

# sandbox_config: of the pod of this test, on the host's network (no plugin for another is needed); $SANDBOX is a jq expression that changes it.
sandbox_config()
{
    local parent=/zind-pods-${PLACE##*.}/pod$BATS_TEST_NUMBER

    [ $CGROUP_DRIVER != systemd ] || parent=zindpods${PLACE##*.}.slice
    jq -n --arg name "pod$BATS_TEST_NUMBER" --arg parent "$parent" --arg logs "$PLACE/logs" '{
        metadata: {name: $name, uid: $name, namespace: "test"}, log_directory: $logs,
        linux: {cgroup_parent: $parent,
            security_context: {namespace_options: {network: "NODE", pid: "CONTAINER"}, privileged: true}}}' |
        jq "${SANDBOX:-.}"
}

# add_container NAME CONFIG [JQ]: a container of the pod, started; its id in $ID.
add_container()
{
    local config

    config=$(jq -n --arg name "$1" --arg image "$IMAGE" --argjson command "$2" '{
        metadata: {name: $name}, image: {image: $image}, command: $command, log_path: ($name + ".log"),
        linux: {security_context: {namespace_options: {network: "NODE", pid: "CONTAINER"}}}}' |
        jq "${3:-.}")
    ID=$(cri CreateContainer "$(jq -n --arg pod "$POD" --argjson config "$config" --argjson sandbox "$(sandbox_config)" \
        '{pod_sandbox_id: $pod, config: $config, sandbox_config: $sandbox}')" | jq -r .container_id)
    cri StartContainer "{\"container_id\": \"$ID\"}" >/dev/null
}

pod_start()
{
    POD=$(cri RunPodSandbox "{\"config\": $(sandbox_config), \"runtime_handler\": \"zind\"}" | jq -r .pod_sandbox_id)
    [ -n "$POD" ]
}

# Takes the pod of the test down; its cgroups must go with it.
pod_stop()
{
    cri StopPodSandbox "{\"pod_sandbox_id\": \"$POD\"}" >/dev/null
    cri RemovePodSandbox "{\"pod_sandbox_id\": \"$POD\"}" >/dev/null
    [ -z "$POD" ] || expect_equal "$(find /sys/fs/cgroup -type d -name "*$POD*")" ""
    find /sys/fs/cgroup -depth -type d -path "*/zind-pods-${PLACE##*.}*" -exec rmdir {} \; 2>/dev/null || true
}

container_field()
{
    cri ContainerStatus "{\"container_id\": \"$ID\"}" | jq -r ".status.$1"
}

# in_container WORD...: ExecSync; sets $status and $output.
in_container()
{
    local answer

    answer=$(cri ExecSync "$(jq -nc --arg id "$ID" '{container_id: $id, timeout: 20, cmd: $ARGS.positional}' --args -- "$@")")
    status=$(jq .exit_code <<<"$answer")
    output=$(jq -r '(.stdout | @base64d) + (.stderr | @base64d)' <<<"$answer")
}
