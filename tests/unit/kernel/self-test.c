// SPDX-License-Identifier: Apache-2.0
/* Where our own program lies, also after a start over that hides it. */
#include "../tap.h"
#include "kernel/self.h"

#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char beside[PATH_MAX], want[PATH_MAX], self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

    (void)argc, (void)argv;
    self[n > 0 ? n : 0] = 0;
    (void)setenv("ZIND_OCI_SELF", "/elsewhere/zind-oci", 1);
    (void)snprintf(want, sizeof want, "%.*s/other", (int)(strrchr(self, '/') - self), self);
    ok(self_beside(beside, "other"), "our_folder_is_known");
    is_str(beside, want, "what_the_kernel_tells_comes_before_the_environment");
    self_note();
    is_str(getenv("ZIND_OCI_SELF"), self, "it_is_noted_for_the_next_start");
    return done_testing();
}
