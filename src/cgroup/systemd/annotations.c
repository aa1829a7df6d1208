// SPDX-License-Identifier: Apache-2.0
/* Annotations org.systemd.property.NAME: properties of the unit, written as GVariant text. */
#include "base/own.h"
#include "base/text.h"
#include "cgroup/systemd/systemd.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char prefix[] = "org.systemd.property.";

enum { TYPE_MAX = 32, DEPTH_MAX = 4 };

/* --- a GVariant text --- */

struct reading {
    const char *at;
    const char *problem; /* NULL so far */
    unsigned depth;
};

static bool refuse_text(struct reading *r, const char *problem)
{
    if (r->problem == NULL)
        r->problem = problem;
    return false;
}

static void skip_blanks(struct reading *r)
{
    r->at += strspn(r->at, " \t");
}

static bool take_mark(struct reading *r, char mark)
{
    skip_blanks(r);
    if (*r->at != mark)
        return false;
    r->at++;
    return true;
}

static size_t word_length(const char *text)
{
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789");
}

static bool take_keyword(struct reading *r, const char *word)
{
    size_t length = strlen(word);

    skip_blanks(r);
    if (word_length(r->at) != length || strncmp(r->at, word, length) != 0)
        return false;
    r->at += length;
    return true;
}

static bool read_string(struct reading *r, struct systemd_words *to)
{
    char text[4096], quote = *r->at;
    size_t n = 0;

    if (quote != '\'' && quote != '"')
        return refuse_text(r, "a string in quotes is expected");
    for (r->at++; *r->at != quote; r->at++) {
        char c = *r->at;

        if (c == 0)
            return refuse_text(r, "a string does not end");
        if (c == '\\') {
            static const char letters[] = "nt\\'\"", meant[] = "\n\t\\'\"";
            const char *found = *++r->at ? strchr(letters, *r->at) : NULL;

            if (found == NULL)
                return refuse_text(r, "a string has an escape other than \\n \\t \\\\ \\' \\\"");
            c = meant[found - letters];
        }
        if (n + 1 >= sizeof text)
            return refuse_text(r, "a string is longer than 4095 bytes");
        text[n++] = c;
    }
    r->at++;
    text[n] = 0;
    systemd_words_add(to, text);
    return true;
}

static const struct integer {
    const char *keyword;
    char type;
    int64_t min;
    uint64_t max;
} integers[] = {
    { "int32", 'i', INT32_MIN, INT32_MAX }, { "byte", 'y', 0, UINT8_MAX },
    { "int16", 'n', INT16_MIN, INT16_MAX }, { "uint16", 'q', 0, UINT16_MAX },
    { "uint32", 'u', 0, UINT32_MAX },       { "int64", 'x', INT64_MIN, INT64_MAX },
    { "uint64", 't', 0, UINT64_MAX },
};

static bool read_integer(struct reading *r, const struct integer *kind, struct systemd_words *to)
{
    uint64_t lowest = kind->min < 0 ? (uint64_t) - (kind->min + 1) + 1 : 0;
    bool is_negative = take_mark(r, '-');
    unsigned long long n;
    char *end;

    if (*r->at < '0' || *r->at > '9')
        return refuse_text(r, "a number is expected");
    errno = 0;
    n = strtoull(r->at, &end, 0);
    if (errno || n > (is_negative ? lowest : kind->max))
        return refuse_text(r, "a number does not fit its type");
    r->at = end;
    systemd_words_addf(to, "%s%llu", is_negative && n ? "-" : "", n);
    return true;
}

static bool read_double(struct reading *r, struct systemd_words *to)
{
    char *end;
    double n = strtod(r->at, &end);

    if (end == r->at || !(n >= -1e300 && n <= 1e300))
        return refuse_text(r, "a number is expected");
    r->at = end;
    systemd_words_addf(to, "%.17g", n);
    return true;
}

/* Appends the value's type to TYPE and its words to TO. WANTED: a type that was named, or 0. */
static bool read_value(struct reading *r, char wanted, char type[TYPE_MAX],
                       struct systemd_words *to);

static bool add_type(struct reading *r, char type[TYPE_MAX], char c)
{
    size_t n = strlen(type);

    if (n + 1 >= TYPE_MAX)
        return refuse_text(r, "its type is too long");
    type[n] = c;
    type[n + 1] = 0;
    return true;
}

/* WANTED is the type of the elements here. */
static bool read_array(struct reading *r, char wanted, char type[TYPE_MAX],
                       struct systemd_words *to)
{
    struct systemd_words elements = { 0 };
    char first[TYPE_MAX] = "";
    unsigned n = 0;
    bool is_fine = true;

    for (; is_fine && !take_mark(r, ']'); n++) {
        char next[TYPE_MAX] = "";
        /* A type named at the first element holds for all. */
        char same = n && first[1] == 0 && !strchr("a(", first[0]) ? first[0] : wanted;

        if (n && !take_mark(r, ','))
            is_fine = refuse_text(r, "an array needs \",\" or \"]\"");
        is_fine = is_fine && read_value(r, same, n ? next : first, &elements);
        if (is_fine && n && strcmp(next, first) != 0)
            is_fine = refuse_text(r, "an array has elements of different types");
    }
    if (is_fine && n == 0 && wanted == 0)
        is_fine = refuse_text(r, "an empty array needs its type before it, as in @as []");
    is_fine = is_fine && add_type(r, type, 'a');
    if (is_fine && n == 0)
        is_fine = add_type(r, type, wanted);
    for (const char *c = first; is_fine && n && *c; c++)
        is_fine = add_type(r, type, *c);
    systemd_words_addf(to, "%u", n);
    systemd_words_append(to, &elements);
    systemd_words_free(&elements);
    return is_fine;
}

static bool read_tuple(struct reading *r, char type[TYPE_MAX], struct systemd_words *to)
{
    if (!add_type(r, type, '('))
        return false;
    for (unsigned n = 0; !take_mark(r, ')'); n++) {
        if (n && !take_mark(r, ','))
            return refuse_text(r, "a tuple needs \",\" or \")\"");
        if (n && take_mark(r, ')'))
            break;
        if (!read_value(r, 0, type, to))
            return false;
    }
    return add_type(r, type, ')');
}

static bool read_scalar(struct reading *r, char wanted, char type[TYPE_MAX],
                        struct systemd_words *to)
{
    const struct integer *kind = &integers[0];
    bool is_true = take_keyword(r, "true");

    if (is_true || take_keyword(r, "false")) {
        systemd_words_add(to, is_true ? "1" : "0");
        return wanted && wanted != 'b' ? refuse_text(r, "is not of the type that is named")
                                       : add_type(r, type, 'b');
    }
    skip_blanks(r);
    if (*r->at == '\'' || *r->at == '"')
        return wanted && wanted != 's' ? refuse_text(r, "is not of the type that is named")
                                       : add_type(r, type, 's') && read_string(r, to);

    size_t digits = strspn(r->at, "-0123456789");

    if (wanted == 'd' || (wanted == 0 && (r->at[digits] == '.' || r->at[digits] == 'e') && digits))
        return add_type(r, type, 'd') && read_double(r, to);
    for (size_t i = 0; wanted && i < sizeof integers / sizeof integers[0]; i++)
        if (integers[i].type == wanted)
            kind = &integers[i];
    if (wanted && kind->type != wanted)
        return refuse_text(r, "is not of the type that is named");
    return add_type(r, type, kind->type) && read_integer(r, kind, to);
}

static char take_type_keyword(struct reading *r)
{
    for (size_t i = 0; i < sizeof integers / sizeof integers[0]; i++)
        if (take_keyword(r, integers[i].keyword))
            return integers[i].type;
    return take_keyword(r, "boolean")  ? 'b'
           : take_keyword(r, "double") ? 'd'
           : take_keyword(r, "string") ? 's'
                                       : 0;
}

/* "@as", "@t" */
static bool take_type_mark(struct reading *r, char *ret_wanted, bool *ret_is_array)
{
    *ret_is_array = *r->at == 'a';
    r->at += *ret_is_array;
    *ret_wanted = *r->at;
    if (*r->at == 0 || !strchr("bynqiuxtds", *r->at))
        return refuse_text(r, "only basic types and arrays of them can be named after @");
    r->at++;
    return true;
}

static bool read_value(struct reading *r, char wanted, char type[TYPE_MAX],
                       struct systemd_words *to)
{
    bool must_be_array = false, is_fine;
    char named;

    if (r->depth >= DEPTH_MAX)
        return refuse_text(r, "is nested too deeply");
    if (take_mark(r, '@') && !take_type_mark(r, &wanted, &must_be_array))
        return false;
    named = take_type_keyword(r);
    if (named)
        wanted = named;
    r->depth++;
    if (take_mark(r, '['))
        is_fine = wanted && !must_be_array ? refuse_text(r, "is not of the type that is named")
                                           : read_array(r, wanted, type, to);
    else if (must_be_array)
        is_fine = refuse_text(r, "an array is expected");
    else if (take_mark(r, '('))
        is_fine =
            wanted ? refuse_text(r, "is not of the type that is named") : read_tuple(r, type, to);
    else
        is_fine = read_scalar(r, wanted, type, to);
    r->depth--;
    return is_fine;
}

/* --- one annotation --- */

/* What the container's being a container rests on, and what would do something to the host. */
static const char *name_problem(const char *name)
{
    static const struct {
        const char *name, *why;
    } refused[] = {
        { "Slice", "is set by linux.cgroupsPath" },
        { "PIDs", "is set by the runtime" },
        { "Transient", "is set by the runtime" },
        { "Controller", "is set by the runtime" },
        { "Delegate", "is set by the runtime" },
        { "DelegateControllers", "is set by the runtime" },
        { "DelegateSubgroup", "is set by the runtime" },
        { "DisableControllers", "would take controllers from the container" },
        { "DevicePolicy", "is set by linux.resources.devices" },
        { "DeviceAllow", "is set by linux.resources.devices" },
        { "BPFProgram", "would load programs into the kernel" },
        { "FailureAction", "could reboot the host" },
        { "SuccessAction", "could reboot the host" },
        { "JobTimeoutAction", "could reboot the host" },
        { "StartLimitAction", "could reboot the host" },
        { "OnFailure", "would start other units" },
        { "OnSuccess", "would start other units" },
        { "Requires", "would start other units" },
        { "Wants", "would start other units" },
        { "BindsTo", "would start other units" },
        { "Upholds", "would start other units" },
        { "RequiresMountsFor", "would start other units" },
        { "WantsMountsFor", "would start other units" },
        { "Conflicts", "would stop other units" },
        { "PropagatesStopTo", "would stop other units" },
        { "PropagatesReloadTo", "would reload other units" },
        { "NFTSet", "would change the host's packet filter" },
    };

    for (const char *c = name; *c; c++)
        if (!((*c >= 'A' && *c <= 'Z') ||
              (c > name && ((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9')))))
            return "is no name of a property";
    if (name[0] == 0 || strlen(name) > 64)
        return "is no name of a property";
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (strcmp(name, refused[i].name) == 0)
            return refused[i].why;
    return NULL;
}

/* NAMESec in seconds is the unit file's way to say NAMEUSec. False: not a number. */
static bool seconds_to_microseconds(const char *type, const struct systemd_words *value,
                                    struct systemd_words *to)
{
    double n;

    if (type[1] || !strchr("ynqiuxtd", type[0]) || value->is_short)
        return false;
    n = strtod(value->at, NULL) * 1e6;
    if (!(n >= 0 && n < 1.8e19))
        return false;
    systemd_words_add(to, "t");
    systemd_words_addf(to, "%" PRIu64, (uint64_t)(n + 0.5));
    return true;
}

static const char *read_annotation(struct systemd_words *to, const char *name, const char *text)
{
    bool is_seconds = text_ends(name, "Sec") && !text_ends(name, "USec");
    struct systemd_words value = { 0 };
    struct reading r = { .at = text };
    char type[TYPE_MAX] = "";
    const char *problem = name_problem(name);

    if (problem)
        return problem;
    if (!read_value(&r, 0, type, &value)) {
        problem = r.problem;
    } else {
        skip_blanks(&r);
        if (*r.at)
            problem = "has more than one value";
    }
    if (problem == NULL && is_seconds) {
        systemd_words_addf(to, "%.*sUSec", (int)(strlen(name) - strlen("Sec")), name);
        if (!seconds_to_microseconds(type, &value, to))
            problem = "must be a number of seconds";
    } else if (problem == NULL) {
        systemd_words_add(to, name);
        systemd_words_add(to, type);
        systemd_words_append(to, &value);
    }
    systemd_words_free(&value);
    return problem;
}

void systemd_annotations(struct systemd_words *to, const struct oci_config *spec,
                         struct problems *all)
{
    struct systemd_words unused = { 0 };

    for (size_t i = 0; spec && i < spec->annotations.n; i++) {
        const char *key = spec->annotations.key[i], *value = spec->annotations.at[i];
        const char *problem;

        if (!text_starts(key, prefix))
            continue;
        problem = read_annotation(to ? to : &unused, key + sizeof prefix - 1, value);
        if (problem)
            refuse(all, at("annotations[\"%s\"]", key), "\"%s\" %s", value, problem);
    }
    systemd_words_free(&unused);
}
