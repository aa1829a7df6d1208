// SPDX-License-Identifier: Apache-2.0
// What the files of the probe share: the table's functions, and how an errno and a file are
// printed.
#ifndef PROBE_H
#define PROBE_H

typedef int probe_function(int argc, char **argv);

#define PROBE(word, function, prints) probe_function function;
#include "probes.def"
#undef PROBE

// Where a probe's answer is "did it work": prints "ok" (exit status 0) or the errno's name (1).
int answer(int result);

const char *errno_name(int number);

// Copies a file to standard output with `prefix` before each line; 0, or the errno.
int print_file(const char *path, const char *prefix);

// The value of "FIELD:\tVALUE" in /proc/self/status, or "-" when the kernel has no such field.
const char *status_field(const char *field);

#endif
