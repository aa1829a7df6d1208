#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turn the schema into two C files: structs (oci-spec.h) and tables (oci-spec.c).

    schema-to-c.py OUT_DIR SCHEMA.json...

A schema file states objects and enums; all files share one name space, and their order is free.

    "objects": { "rlimit": { "type": "string!", "soft": "uint64!" } }
    "enums":   { "seccomp_action": { "prefix": "SCMP_ACT_", "names": ["KILL", "ALLOW"] } }
    "roots":   ["config"]        objects whose table is visible to other C files

An object becomes a struct and a table, one member and one row a property.  A property's type is
string, bool, int8..int64, uint8..uint64, decimal (any number, kept as its text), or the name of an
object or enum; [T] is an array of T and {T} a JSON object whose keys are free and whose values are
T; a closing ! says it is required.
Nothing else is generated: reading and writing JSON is json-decode.c and json-encode.c.
"""
import json
import pathlib
import re
import sys

C_KEYWORDS = {
    "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum",
    "extern", "float", "for", "goto", "if", "inline", "int", "long", "register", "restrict",
    "return", "short", "signed", "sizeof", "static", "struct", "switch", "typedef", "union",
    "unsigned", "void", "volatile", "while",
}
INTEGERS = {f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)}
MAX_MEMBERS = 64    # json-decode.c keeps one bit a member


def snake(key):
    """blockIO -> block_io, execCPUAffinity -> exec_cpu_affinity, class -> class_"""
    words = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", key)
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", words).lower()
    return name + "_" if name in C_KEYWORDS else name


class Member:
    """One property: what its member is called in C, and what its row says."""

    def __init__(self, schema, owner, key, type_):
        self.key, self.name = key, snake(key)
        self.is_required = type_.endswith("!")
        shape = type_.rstrip("!")
        self.holder = {"[": "LIST", "{": "MAP"}.get(shape[0])
        self.value = shape[1:-1] if self.holder else shape
        self.of = "NULL"
        if self.value == "string":
            self.kind, self.ctype = "STRING", "const char *"
        elif self.value == "decimal":
            self.kind, self.ctype = "DECIMAL", "const char *"
        elif self.value == "bool":
            self.kind, self.ctype = "BOOL", "bool"
        elif self.value in INTEGERS:
            self.kind = "UNSIGNED" if self.value[0] == "u" else "SIGNED"
            self.ctype = self.value + "_t"
        elif self.value in schema.enums:
            self.kind, self.ctype = "ENUM", f"enum oci_{self.value}"
            self.of = f"oci_{self.value}_names"
        elif self.value in schema.objects:
            self.kind, self.ctype = "OBJECT", f"struct oci_{self.value}"
            self.of = f"&oci_{self.value}_object"
        else:
            sys.exit(f"{owner}.{key}: no such type: {type_}")
        self.has_flag = not (self.is_required or self.holder or self.kind in ("STRING", "DECIMAL", "OBJECT"))

    def declaration(self):
        if self.holder and self.kind == "STRING":
            return f"struct json_string_{self.holder.lower()} {self.name};"
        if self.holder and self.kind in ("OBJECT", "ENUM"):
            return f"{self.ctype.replace('enum', 'struct')}_{self.holder.lower()} {self.name};"
        if self.holder:
            return f"{self.holder}({self.ctype}) {self.name};"
        if self.kind == "OBJECT":
            return f"const {self.ctype} *{self.name};"
        return f"{self.ctype}{'' if self.ctype.endswith('*') else ' '}{self.name};"

    def row(self):
        shape = "ROW_HAS" if self.has_flag else "ROW"
        need = "REQUIRED" if self.is_required else "OPTIONAL"
        kind = f"JSON_{self.kind}" + (f" | JSON_{self.holder}" if self.holder else "")
        return f'{shape}({need}, "{self.key}", {self.name}, {kind}, {self.ctype}, {self.of}),'


class Schema:
    def __init__(self, files):
        self.objects, self.enums, self.roots = {}, {}, []
        for file in files:
            part = json.loads(pathlib.Path(file).read_text(encoding="utf-8"))
            self.roots += part.get("roots", [])
            for mine, new in (self.objects, part.get("objects", {})), (self.enums, part.get("enums", {})):
                for name in new:
                    if name in self.objects or name in self.enums:
                        sys.exit(f"{file}: {name} is already defined")
                    mine[name] = new[name]
        self.members = {name: [Member(self, name, key, type_) for key, type_ in rows.items()]
                        for name, rows in self.objects.items()}
        for name, members in self.members.items():
            if not 0 < len(members) <= MAX_MEMBERS:
                sys.exit(f"{name}: 1 to {MAX_MEMBERS} members are possible, not {len(members)}")

    def visits(self):
        """(object, where it is first met), each object after those it holds."""
        done, order = {}, []

        def visit(name, path):
            if name in done:
                return
            done[name] = path
            for member in self.members[name]:
                if member.kind == "OBJECT":
                    mark = {"LIST": "[]", "MAP": "{}"}.get(member.holder, "")
                    visit(member.value, f"{path}.{member.key}{mark}")
            order.append(name)

        for root in self.roots:
            visit(root, root)
        unused = set(self.objects) - set(done)
        if unused:
            sys.exit(f"no root leads to {', '.join(sorted(unused))}")
        return [(name, done[name]) for name in order]

    def held(self, kind):
        """Objects and enums that need a list or map type of their own."""
        return {(member.value, member.holder) for members in self.members.values()
                for member in members if member.holder and member.kind == kind}


def tag(name, value):
    return f"OCI_{name}_{re.sub('[^A-Za-z0-9]', '_', value)}".upper()


def holders(schema, kind, name):
    """The named LIST and MAP types over one object or enum, so that functions can take them."""
    held, word = schema.held(kind), "struct" if kind == "OBJECT" else "enum"
    lines = []
    if (name, "LIST") in held:
        lines += [f"struct oci_{name}_list {{", "    size_t n;", f"    const {word} oci_{name} *at;",
                  "};", ""]
    if (name, "MAP") in held:
        lines += [f"struct oci_{name}_map {{", "    size_t n;", f"    const {word} oci_{name} *at;",
                  "    const char *const *key;", "};", ""]
    return lines


def header(schema):
    out = ["// SPDX-License-Identifier: Apache-2.0",
           "// The structs of the OCI runtime specification; generated by schema-to-c.py, do not edit.",
           "//",
           "// An optional member is absent if it is NULL, if its list or map has at == NULL, or if its",
           "// has_ flag is false.  Members without any of these are required: decoded, they are there.",
           "#ifndef OCI_SPEC_H", "#define OCI_SPEC_H", "", '#include "json-table.h"', "",
           "#undef linux // a macro in GNU dialects of C", ""]
    for name, enum in schema.enums.items():
        out += [f"enum oci_{name} {{"] + [f"    {tag(name, value)}," for value in enum["names"]]
        out += ["};", f"extern const char *const oci_{name}_names[];", ""]
        out += holders(schema, "ENUM", name)
    for name, path in schema.visits():
        members = schema.members[name]
        out += [f"// {path}", f"struct oci_{name} {{"]
        out += [f"    {member.declaration()}" for member in members]
        out += [f"    bool has_{member.name};" for member in members if member.has_flag]
        out += ["};", ""] + holders(schema, "OBJECT", name)
    out += [f"extern const struct json_object oci_{name}_object;" for name in schema.roots]
    return out + ["", "#endif"]


def tables(schema):
    out = ["// SPDX-License-Identifier: Apache-2.0",
           "// The tables of the OCI runtime specification; generated by schema-to-c.py, do not edit.",
           '#include "oci-spec.h"', ""]
    for name, enum in schema.enums.items():
        out += [f"const char *const oci_{name}_names[] = {{"]
        out += [f'    [{tag(name, value)}] = "{enum.get("prefix", "")}{value}",'
                for value in enum["names"]]
        out += ["    NULL,", "};", ""]
    for name, _ in schema.visits():
        visible = "" if name in schema.roots else "static "
        out += [f"#define THIS struct oci_{name}",
                f"static const struct json_field oci_{name}_fields[] = {{"]
        out += [f"    {member.row()}" for member in schema.members[name]]
        out += ["};", "#undef THIS",
                f"{visible}const struct json_object oci_{name}_object = OBJECT(oci_{name});", ""]
    return out[:-1]


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    out, schema = pathlib.Path(sys.argv[1]), Schema(sys.argv[2:])
    for file, lines in ("oci-spec.h", header(schema)), ("oci-spec.c", tables(schema)):
        fresh = out / (file + ".tmp")
        fresh.write_text("\n".join(lines) + "\n", encoding="utf-8")
        fresh.replace(out / file)


main()
