// SPDX-License-Identifier: Apache-2.0
// What the benchmarked containers run: a static program that ends at once, or stays if it has an
// argument.
#include <unistd.h>

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        pause();
    return 0;
}
