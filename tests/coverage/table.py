# SPDX-License-Identifier: Apache-2.0
"""table.py TOP UNIT.lcov ALL.lcov MISSED: a Markdown table, a row a directory: lines, those that the unit tests run, and
those that all tests run. MISSED gets the lines that never ran, as FILE:LINE or FILE:FIRST-LAST."""
import collections
import os
import sys


def read(path, top):
    """File -> line -> how often it ran, the most of all programs that hold it."""
    files = collections.defaultdict(dict)
    name = None
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith("SF:"):
                name = os.path.relpath(os.path.realpath(line[3:].strip()), os.path.realpath(top))
            elif line.startswith("DA:"):
                number, count = line[3:].split(",")[:2]
                lines = files[name]
                lines[int(number)] = max(int(count), lines.get(int(number), 0))
    return {name: lines for name, lines in files.items()
            if name.startswith(("src/", "libocispec/")) and not name.endswith((".def", "oci-spec.c"))}


def directory(name):
    parts = name.split("/")
    return "/".join(parts[:3]) if len(parts) > 3 else "/".join(parts[:2]) if len(parts) > 2 else parts[0]


def ranges(numbers):
    """[1, 2, 3, 7] -> ["1-3", "7"]."""
    out = []
    for number in numbers:
        if out and out[-1][1] == number - 1:
            out[-1][1] = number
        else:
            out.append([number, number])
    return [str(a) if a == b else f"{a}-{b}" for a, b in out]


def percent(part, whole):
    return f"{100 * part / whole:.1f}%" if whole else "-"


def main(top, unit_path, all_path, missed_path):
    unit, everything = read(unit_path, top), read(all_path, top)
    rows = collections.defaultdict(lambda: [0, 0, 0])
    with open(missed_path, "w", encoding="utf-8") as missed:
        for name, lines in sorted(everything.items()):
            never = sorted(n for n, count in lines.items() if not count)
            missed.writelines(f"{name}:{part}\n" for part in ranges(never))
            for key in (directory(name), "total"):
                rows[key][0] += len(lines)
                rows[key][1] += sum(1 for n in lines if unit.get(name, {}).get(n))
                rows[key][2] += len(lines) - len(never)
    print("| directory | lines | unit tests | all |\n|---|---|---|---|")
    for key, (lines, by_unit, by_all) in sorted(rows.items(), key=lambda row: (row[0] == "total", row[0])):
        print(f"| {key} | {lines:,} | {percent(by_unit, lines)} | {percent(by_all, lines)} |")


if __name__ == "__main__":
    main(*sys.argv[1:])
