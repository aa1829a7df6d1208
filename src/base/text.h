// SPDX-License-Identifier: Apache-2.0
/* Small questions about strings, each strict: no locale, no sign or space where none belongs. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Decimal digits only, at most MAX. */
bool text_to_number(const char *text, uint64_t max, uint64_t *ret);

/* For all that is printed for people: it quotes hostile configs, images and file names. Each byte
   of a control character of ASCII or of U+0080 to U+009F, of one that turns the direction of text
   (U+202A to U+202E, U+2066 to U+2069) and of what is not UTF-8 becomes "?". The length stays. */
void text_make_printable(char *text);

/* A time as Go writes it, in nanoseconds: "5s", "1m30s", "1.5h", "500ms". Units are ns, us, ms, s,
   m and h; there is no sign, and always a unit, but for "0". */
bool text_to_duration(const char *text, uint64_t *ret);

bool text_starts(const char *text, const char *with);
bool text_ends(const char *text, const char *with);

/* A container id: 1 to 240 of [A-Za-z0-9_+.-], neither "." nor "..". It names a folder and, with
   something around it, a cgroup: names have 255 bytes. */
enum { TEXT_ID_MAX = 240 };
bool text_is_id(const char *text);

/* Whether a component of the path is "..". */
bool text_climbs(const char *path);
