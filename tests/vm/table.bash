# SPDX-License-Identifier: Apache-2.0
# Reads the table "variants", for tests/vm/run and tests/vm/boot.
# shellcheck shell=bash disable=SC2154

table=$here/variants

# VARIANT KEY: what the table says, in one line.
row()
{
    awk -v variant="$1" -v key="$2" '
        $1 == "variant" { found = $2 == variant }
        found && $1 == key { $1 = ""; sub(/^ /, ""); text = text (text == "" ? "" : " ") $0 }
        END { print text }' "$table"
}

# [KEY VALUE]: the names of the variants, of those with that value.
variants()
{
    local name

    for name in $(awk '$1 == "variant" { print $2 }' "$table"); do
        [ $# -eq 0 ] || [ "$(row "$name" "$1")" = "$2" ] || continue
        printf '%s\n' "$name"
    done
}
