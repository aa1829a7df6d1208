#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A creator killed at the rows that change the host's mounts.

load ../lib/bundle
load ../lib/host-mounts

# runtime.md, "Delete": what create made is gone, from any instant at which its creator was killed.
@test "without a mount namespace a creator that was killed leaves no mount behind delete" {
    local row

    edit_config 'del(.linux.namespaces[] | select(.type == "pid"))'
    set_args /bin/probe true
    for row in state_note_root root_attach mounts_attach masked_paths_cover root_pivot; do
        CONTAINER=$(new_id)
        without_mount_namespace "ZIND_FAULT=$row:kill-runtime zind create --bundle \"\$BUNDLE\" \"\$CONTAINER\" \
            </dev/null >/dev/null 2>&1; echo \"created \$?\"
            zind delete --force \"\$CONTAINER\"; echo \"deleted \$?\""
        [[ $output != *"created 0"* ]] || fail "the fault had no effect"
        expect_line "created 137" "deleted 0"
    done
}
