// SPDX-License-Identifier: Apache-2.0
/* From what is known of a container to the keys that runc's callers read. */
#include "commands/report.h"

struct oci_report report_of(const struct snapshot *snapshot)
{
    struct oci_report report = {
        .oci_version = snapshot->oci_version,
        .id = snapshot->id,
        .pid = snapshot->pid,
        .status = status_name(snapshot->status),
        .bundle = snapshot->bundle,
        .rootfs = snapshot->rootfs,
        .created = snapshot->created,
        .owner = snapshot->owner,
    };

    if (snapshot->spec)
        report.annotations = snapshot->spec->annotations;
    return report;
}
