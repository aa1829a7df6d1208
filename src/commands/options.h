// SPDX-License-Identifier: Apache-2.0
/* What the options mean: from words to the structs that the engine takes. */
#pragma once

#include "base/error.h"
#include "commands/command-line.h"
#include "container/lifecycle.h"

/* Opens --log. LOG is usable also on failure: it writes to stderr. */
int options_open_log(const struct command_line *line, struct log *log, struct error *why);

/* The global options. LOG must outlive RUNTIME. */
int options_read_runtime(const struct command_line *line, const struct log *log,
                         struct runtime *ret, struct error *why);

/* The options of create, run, exec and plan. */
void options_read_container(const struct command_line *line, struct container_options *ret);

/* The options of checkpoint and restore that are criu's affair. */
void options_read_criu(const struct command_line *line, struct criu_options *ret);

/* Where a service manager wants to hear that the program is ready; NULL: there is none. */
const char *options_notify_socket(void);

/* --bundle as an absolute path, in the command line's arena; NULL on failure. */
const char *options_bundle(const struct command_line *line, struct error *why);

/* --config: the name of config.json, in the bundle unless absolute. */
const char *options_config(const struct command_line *line);

/* --format of list and ps: table or json. */
int options_read_format(const struct command_line *line, bool *ret_is_json, struct error *why);
