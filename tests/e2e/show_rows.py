# Checks a csv or jsonl file strictly and prints some of its columns: show_rows.py FORMAT COLUMN... < FILE
# SPDX-License-Identifier: Apache-2.0
"""One line a row, columns separated by a space, in the file's order; "-" for an empty or null one.

Of paths the last part is printed, escaped as in a bytes literal. Exit status 1 and a message if the
file is not what the contract says.
"""

import base64
import json
import re
import sys

CSV_HEADER = "reference,path,status,matches,keypoints,width,height,reason".split(",")
JSON_KEYS = set(CSV_HEADER) | {"elapsed_ms", "rank", "host", "kernel"}
# RFC 4180, section 2: records end in CRLF; a field with a comma, a quote or a line break is quoted.
CSV_FIELD = re.compile(rb'"((?:[^"]|"")*)"|([^",\r\n]*)')


def require(condition, message):
    if not condition:
        sys.exit(f"show_rows.py: {message}")


def csv_records(data):
    record, at = [], 0
    while at < len(data):
        field = CSV_FIELD.match(data, at)
        quoted = field.group(1)
        record.append(field.group(2) if quoted is None else quoted.replace(b'""', b'"'))
        at = field.end()
        if data[at : at + 1] == b",":
            at += 1
            continue
        require(data[at : at + 2] == b"\r\n", f"no comma or CRLF at byte {at}: {data[at:at+20]}")
        at += 2
        yield record
        record = []
    require(not record, "the last record has no end")


def csv_rows(data):
    records = csv_records(data)
    header = [name.decode() for name in next(records, [])]
    require(header[: len(CSV_HEADER)] == CSV_HEADER, f"header: {header}")
    for record in records:
        require(len(record) == len(header), f"{len(record)} fields in {record}")
        yield dict(zip(header, record))


def check_json_row(row):
    require(JSON_KEYS <= set(row), f"missing: {JSON_KEYS - set(row)}")
    require(set(row["elapsed_ms"]) == {"read", "sift", "match"}, f"{row['elapsed_ms']}")
    require(all(ms >= 0 for ms in row["elapsed_ms"].values()), f"{row['elapsed_ms']}")
    require(isinstance(row["rank"], int) and row["rank"] >= 0, f"rank: {row['rank']}")
    require(row["host"] and row["kernel"], "host or kernel is empty")
    if row["status"] == "ok":
        for key in ("matches", "keypoints", "width", "height"):
            require(isinstance(row[key], int), f"{key}: {row[key]}")


def json_path(row):
    if "path_base64" not in row:
        return row["path"].encode()
    path = base64.b64decode(row["path_base64"], validate=True)
    try:
        path.decode()
    except UnicodeDecodeError:
        return path
    sys.exit(f"show_rows.py: path_base64 of a path that is UTF-8: {path}")


def json_rows(data):
    require(data == b"" or data.endswith(b"\n"), "the last row has no end")
    for line in data.split(b"\n")[:-1]:
        row = json.loads(line.decode())
        check_json_row(row)
        row["path"] = json_path(row)
        yield {key: value.encode() if isinstance(value, str) else value for key, value in row.items()}


def shown(column, value):
    if column == "path":
        return repr(value.rsplit(b"/", 1)[-1])[2:-1]
    if isinstance(value, bytes):
        value = value.decode()
    return "-" if value in (None, "") else str(value)


def main():
    format_name, columns = sys.argv[1], sys.argv[2:]
    rows = {"csv": csv_rows, "jsonl": json_rows}[format_name]
    for row in rows(sys.stdin.buffer.read()):
        print(*(shown(column, row[column]) for column in columns))


if __name__ == "__main__":
    main()
