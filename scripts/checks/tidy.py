#!/usr/bin/env python3
# Runs clang-tidy, as .clang-tidy says, over the sources that build/ compiles, and the fuzz targets.
# SPDX-License-Identifier: Apache-2.0
"""Most of clang-tidy's time goes to what a source includes. Sources of one folder, or of the rooms of one, that are
compiled alike are therefore checked together, as one text; those in which something is found, or whose names
do not go together, once more by themselves, and only that counts."""

import argparse
import collections
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
STAMPS = ROOT / "build/checks/tidy"
SOURCES_OF_A_BATCH = 24
WITH_ROOMS = ROOT / "src/app"
# What every program has under the same name.
ENTRY_POINT = re.compile(rb"^(?:extern \"C\" )?int (main|LLVMFuzzerTestOneInput)\(", re.MULTILINE)

# States of a function that the static analyzer looks at: a third of its default. Beyond it spends half of
# its time, in functions that are long rows of calls into templates of libraries.
ANALYZER = ("-Xclang", "-analyzer-config", "-Xclang", "max-nodes=75000")


def parse_arguments():
    parser = argparse.ArgumentParser(
        description="Checks the sources whose path contains PATTERN with as many processes as there are "
        "cores. Needs a configured build/; those of tests/fuzz are checked if build-asan/ is "
        "configured, too. Sources that passed are not checked again until one of them, a header of the "
        "project, .clang-tidy or the compile commands change."
    )
    parser.add_argument(
        "--analyzer",
        action="store_true",
        help="also by clang's static analyzer, in more than twice the time; not those of tests/, where "
        "GoogleTest's macros keep it busy for minutes",
    )
    parser.add_argument("pattern", metavar="PATTERN", nargs="?", default="/", help="default: all")
    return parser.parse_args()


def find_clang_tidy():
    script = 'source "$1" && find_llvm_tool clang-tidy'
    found = subprocess.run(["bash", "-c", script, "bash", ROOT / "scripts/lib/llvm.sh"], stdout=subprocess.PIPE)
    if found.returncode != 0:
        sys.exit(found.returncode)
    return found.stdout.decode().strip()


def compiled_sources(folder):
    """(source, the options that it is compiled with) of a build folder."""
    for entry in json.loads((folder / "compile_commands.json").read_text()):
        file = pathlib.Path(entry["file"])
        if file.suffix == ".cpp":
            sources = [file]
        elif file.parent.name == "Unity":  # CMake's text of several
            sources = map(pathlib.Path, re.findall(r'^#include "(.*)"', file.read_text(), re.MULTILINE))
        else:
            continue  # a precompiled header
        words = shlex.split(entry["command"])[1:]
        for option in ("-o", "-c", "-include"):
            if option in words:
                at = words.index(option)
                del words[at : at + 2]
        options = tuple(word for word in words if word != "-Winvalid-pch")
        yield from ((source, options) for source in sources)


def batches_of(pattern):
    sources = dict(compiled_sources(ROOT / "build"))
    if (ROOT / "build-asan/compile_commands.json").exists():
        for source, options in compiled_sources(ROOT / "build-asan"):
            if source.is_relative_to(ROOT / "tests/fuzz"):
                sources[source] = options
    alike = collections.defaultdict(list)
    for source, options in sorted(sources.items()):
        if pattern in str(source):
            folder = WITH_ROOMS if source.is_relative_to(WITH_ROOMS) else source.parent
            alike[folder, options].append(source)
    for (_, options), group in alike.items():
        count = -(-len(group) // SOURCES_OF_A_BATCH)
        for i in range(count):
            yield group[i::count], options


def piece_of(source, number):
    """The source as it stands in a text of several."""
    text = source.read_bytes()
    if entry_point := ENTRY_POINT.search(text):
        name = entry_point[1]
        text = b"#define %s %s_%d\n%s\n#undef %s" % (name, name, number, text, name)
    return text


class Checker:
    def __init__(self, analyzer):
        self.analyzer = analyzer
        self.clang_tidy = find_clang_tidy()
        headers = sorted(p for top in ("include", "src", "tests") for p in (ROOT / top).rglob("*.hpp"))
        self.common = hashlib.sha256(b"".join(p.read_bytes() for p in [ROOT / ".clang-tidy", *headers]))

    def check(self, sources, options):
        """What is found in the sources, one text for each that has something."""
        pieces = [piece_of(source, number) for number, source in enumerate(sources)]
        text = b"\n".join(pieces)
        key = self.common.copy()
        analyzer = self.analyzer and not sources[0].is_relative_to(ROOT / "tests")
        key.update(repr((sources, options, analyzer)).encode() + text)
        stamp = STAMPS / key.hexdigest()
        if stamp.exists():
            return []
        file = sources[0]
        if len(sources) > 1:
            file = STAMPS / f"{stamp.name}.cpp"
            file.write_bytes(text)
        command = [self.clang_tidy, "--quiet", f"--config-file={ROOT}/.clang-tidy"]
        if not analyzer:
            command.append("--checks=-clang-analyzer-*")
        # GCC's warning options are not all known to Clang.
        command += [file, "--", *options, *ANALYZER]
        for folder in sorted({source.parent for source in sources}):
            command += ["-iquote", folder]
        command.append("-Wno-unknown-warning-option")
        run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=ROOT)
        if len(sources) > 1:
            file.unlink()
        if run.returncode == 0:
            unused = [finding for source in sources for finding in unused_using_declarations(source)]
            if not unused:
                stamp.touch()
            return unused
        if len(sources) == 1:
            return [f"-- {sources[0]}\n{run.stdout.decode()}"]
        suspects = suspects_of(run.stdout.decode(), file, sources, pieces)
        rest = [source for source in sources if source not in suspects]
        findings = [finding for source in suspects for finding in self.check([source], options)]
        return findings + (self.check(rest, options) if rest else [])


def unused_using_declarations(source):
    """clang-tidy takes one for used if another source of the batch uses a declaration of its own."""
    text = source.read_text()
    for name in re.findall(r"^ *using [\w:]*::(\w+);", text, re.MULTILINE):
        if len(re.findall(rf"\b{name}\b", text)) == 1:
            yield f"-- {source}\nerror: using declaration of '{name}' is unused"


def suspects_of(output, file, sources, pieces):
    """The sources of a batch that its errors stand in; all, if some stand elsewhere."""
    ends, line = [], 0
    for piece in pieces:
        line += piece.count(b"\n") + 1
        ends.append(line)
    suspects = []
    for path, number in re.findall(r"^(/.*?):(\d+):\d+: error: ", output, re.MULTILINE):
        if path != str(file):
            return sources
        source = next(s for s, end in zip(sources, ends) if int(number) <= end)
        if source not in suspects:
            suspects.append(source)
    return suspects or sources


def main():
    arguments = parse_arguments()
    pattern = arguments.pattern
    if not (ROOT / "build/compile_commands.json").exists():
        sys.exit("no build/compile_commands.json: scripts/test.sh makes it")
    batches = sorted(batches_of(pattern), key=lambda batch: -len(batch[0]))
    if not batches:
        sys.exit(f"no source whose path contains '{pattern}' is compiled")
    STAMPS.mkdir(parents=True, exist_ok=True)
    checker = Checker(arguments.analyzer)
    found = False
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for findings in pool.map(lambda batch: checker.check(*batch), batches):
            for finding in findings:
                found = True
                print(finding, flush=True)
    sys.exit(found)


if __name__ == "__main__":
    main()
