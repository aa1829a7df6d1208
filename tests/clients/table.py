# SPDX-License-Identifier: Apache-2.0
"""Makes the tables of docs/engines/README.md out of the results that tests/clients/compare keeps.

table.py RESULTS "FILE..." RUNTIME...: RESULTS/PLACE/FILE.RUNTIME is TAP; the first runtime is ours. What a test is
about says its first tag; that it is run in guests, the tag "guest".
"""
import os
import re
import sys

PLACES = ("host", "v2", "systemd")
ENGINES = {"podman": "podman", "buildah": "buildah", "containerd": "containerd, ctr", "cri": "containerd, CRI",
           "docker": "Docker", "many": "containerd, ctr"}
GROUPS = {"run": "run, exec, signals, pause, stop", "terminal": "terminals and streams", "limits": "limits and statistics",
          "security": "users, capabilities, seccomp", "namespaces": "namespaces", "mounts": "mounts and devices",
          "pods": "pods", "health": "health checks and restarts", "hooks": "hooks", "network": "networks",
          "rootless": "as an ordinary user", "build": "builds", "many": "many at a time", "left": "nothing is left"}
WORDS = {"ok": "ok", "skip": "–", "fails": "**fails**", None: ""}

here = os.path.dirname(os.path.abspath(__file__))


def tests_of(file):
    """The tests of FILE.bats: name, group, whether guests run it."""
    tests, tags = [], []
    with open(f"{here}/{file}.bats", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("# bats test_tags="):
                tags = line.strip().split("=", 1)[1].split(",")
            elif found := re.match(r'@test "(.*)" \{$', line):
                tests.append((re.sub(r'\\(["$`\\])', r"\1", found[1]), tags[0], "guest" in tags))
                tags = []
    return tests


def title_of(file):
    with open(f"{here}/{file}.bats", encoding="utf-8") as lines:
        return lines.read().split("\n")[2].removeprefix("# ")


def results_of(folder, place, file, runtime):
    """{name: ok, skip or fails} of one run, or None where there was none."""
    try:
        with open(f"{folder}/{place}/{file}.{runtime}", encoding="utf-8", errors="replace") as lines:
            found = [re.match(r"(not )?ok \d+ (.*?)(?: # (skip).*)?$", line.rstrip("\n")) for line in lines]
    except FileNotFoundError:
        return None
    return {m[2]: "fails" if m[1] else "skip" if m[3] else "ok" for m in found if m}


def read_all(folder, files, runtimes):
    """A row for each test: file, name, group, {(place, runtime): result}. What a run owes has failed."""
    rows = []
    for file in files:
        runs = {(p, r): results_of(folder, p, file, r) for p in PLACES for r in runtimes}
        for name, group, in_guest in tests_of(file):
            cells = {}
            for (place, runtime), found in runs.items():
                if found is not None and (place == "host" or in_guest):
                    cells[place, runtime] = found.get(name, "fails")
            rows.append((file, name, group, cells))
    return rows


def engine_of(file):
    return ENGINES[file.split("-")[0]]


def heads(first, columns):
    print(f"\n| {first} | " + " | ".join(f"{runtime} {place}" for place, runtime in columns) + " |")
    print("|---|" + "---|" * len(columns))


def counts(rows, columns):
    """The cells "passed of tried" of some rows."""
    for column in columns:
        tried = [r[3].get(column) for r in rows if r[3].get(column) not in (None, "skip")]
        yield f"{tried.count('ok')} of {len(tried)}" if tried else "–"


def summary(rows, columns):
    print("\nPassed, of those that the place could try:")
    heads("engine, operations", columns)
    for engine in dict.fromkeys(ENGINES.values()):
        for group, words in GROUPS.items():
            some = [r for r in rows if engine_of(r[0]) == engine and r[2] == group]
            if some:
                print(f"| {engine}: {words} | " + " | ".join(counts(some, columns)) + " |")
    print("| **all** | " + " | ".join(f"**{text}**" for text in counts(rows, columns)) + " |")


def behind(rows, columns, ours):
    """What a peer passes and we do not."""
    lines = []
    for file, name, _, cells in rows:
        for place in PLACES:
            peers = [r for p, r in columns if p == place and r != ours and cells.get((place, r)) == "ok"]
            if peers and cells.get((place, ours)) != "ok":
                lines.append(f"* {place}, {file}: {name} ({', '.join(peers)})")
    print("\nWhat a peer passes and " + ours + " does not: " + ("nothing." if not lines else "\n"))
    print("\n".join(lines), end="\n" if lines else "")


def details(rows, columns, files):
    for file in files:
        print(f"\n## {file}.bats\n\n{title_of(file)}")
        some = [r for r in rows if r[0] == file]
        used = [c for c in columns if any(c in r[3] for r in some)]
        heads("operation", used)
        for _, name, _, cells in some:
            print(f"| {name} | " + " | ".join(WORDS[cells.get(c)] for c in used) + " |")


def main():
    folder, files, runtimes = sys.argv[1], sys.argv[2].split(), sys.argv[3:]
    rows = read_all(folder, files, runtimes)
    columns = [(p, r) for p in PLACES for r in runtimes if any((p, r) in row[3] for row in rows)]
    summary(rows, columns)
    behind(rows, columns, runtimes[0])
    print("\nIn the tables of the single operations a dash stands for what the place could not try, and an empty cell for what was not run\n"
          "there: in guests, which are emulated, it is a choice of operations (the tag `guest`). What was not run with a runtime does not count\n"
          "for it above.")
    details(rows, columns, files)


main()
