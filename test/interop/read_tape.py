"""Reads a heaptape tape with Python's standard library, from docs/TAPE.md and docs/EVENTS.md alone.

    python3 read_tape.py X.tape EVENTS.md

Verifies every CRC, the hash chain, chunks, snapshots, documents and the seal; prints one JSON object:
the number of events of each kind, and SHA-256 over all events as text, one a line: the kind and its
fields, numbers in decimal, floats as the 16 digits of their bits, byte strings in hexadecimal.
"""

import collections
import hashlib
import json
import re
import sqlite3
import struct
import sys
import zlib

def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()

def u64(*values):
    return struct.pack("<%dQ" % len(values), *values)

def inflate(codec, data, size):
    plain = zlib.decompress(data, -15) if codec == 1 else data
    assert codec in (0, 1) and len(plain) == size, "stored data"
    return plain

def event_table(path):
    """tag -> (name, [(field, wire)], creates an object), from the generated documentation."""
    table = {}
    with open(path, encoding="utf-8") as file:
        sections = file.read().split("\n### ")[1:]
    for section in sections:
        body = section.split("\n## ")[0]
        name = body.split("\n")[0]
        tag = int(re.search(r"^Tag (\d+),", body, re.M).group(1))
        fields = re.findall(r"^\| `(\w+)` \| (\w+) \|", body, re.M)
        table[tag] = (name, fields, "It creates an object" in body)
    return table

class Cursor:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, length):
        part = self.data[self.at : self.at + length]
        assert len(part) == length, "data ends early"
        self.at += length
        return part

    def uint(self):
        byte = self.take(1)[0]
        return byte if byte < 128 else (byte & 127) + 128 * self.uint()

def signed(code):
    return -(code + 1) // 2 if code % 2 else code // 2

def read_column(soft, hard, wire, ordinals):
    """The values of one column; `ordinals` has the next ordinal at each of its events."""
    mode, length = soft.uint(), soft.uint()
    data = Cursor((hard if mode == 2 else soft).take(length))
    values, before = [], 0
    for i in range(1 if mode == 0 else len(ordinals)):
        code = data.take(8)[::-1] if wire == "f64" else data.uint()
        if wire == "object":
            code = ordinals[i] - code if code else 0
        elif wire == "delta":
            code = before = before + signed(code)
        elif wire == "int":
            code = signed(code)
        values.append(code)
    assert data.at == length, "column length"
    return values * len(ordinals) if mode == 0 else values

def read_bytes(soft, ordinals):
    lengths = read_column(soft, soft, "uint", ordinals)
    assert soft.uint() == 1 and soft.uint() == sum(lengths), "byte strings"
    return [soft.take(length) for length in lengths]

def event_lines(row, soft_bytes, table):
    """The events of a segment: the kind, and the line of text."""
    soft, hard = Cursor(soft_bytes), Cursor(row["hard"])
    count, first_seq, ordinal = soft.uint(), soft.uint(), soft.uint()
    assert (count, first_seq, ordinal) == (row["count"], row["first_seq"], row["first_ordinal"])
    kinds, places, columns = soft.take(count), collections.defaultdict(list), {}
    for tag in kinds:
        places[tag].append(ordinal)
        ordinal += table[tag][2]
    for tag in sorted(places):
        cells = [[table[tag][0]] * len(places[tag])]
        for _, wire in table[tag][1]:
            if wire == "bytes":
                cells.append(read_bytes(soft, places[tag]))
            else:
                cells.append(read_column(soft, hard, wire, places[tag]))
        columns[tag] = iter(zip(*cells))
    assert soft.at == len(soft.data) and hard.at == len(hard.data), "data left over"
    for tag in kinds:
        cells = [cell.hex() if isinstance(cell, bytes) else str(cell) for cell in next(columns[tag])]
        yield cells[0], " ".join(cells) + "\n"

def check_rest(db, chain, segments, events):
    chunks, snapshots, documents = [], [], []
    for row in db.execute("SELECT * FROM chunk ORDER BY hash"):
        assert sha256(inflate(row["codec"], row["data"], row["size"])) == row["hash"], "chunk"
        chunks.append(row["hash"])
    for row in db.execute("SELECT * FROM snapshot ORDER BY seq"):
        control = inflate(row["codec"], row["control"], row["size"])
        lengths = u64(row["seq"], len(control), len(row["manifest"]))
        assert sha256(lengths, control, row["manifest"]) == row["hash"], "snapshot"
        manifest = Cursor(row["manifest"])
        for _ in range(manifest.uint()):
            manifest.take(manifest.uint()).decode()  # the column's name
            assert all(manifest.take(32) in chunks for _ in range(manifest.uint())), "manifest"
        snapshots.append(row["hash"])
    for row in db.execute("SELECT * FROM document ORDER BY name"):
        name, text = row["name"].encode(), row["json"].encode()
        assert sha256(u64(len(name), len(text)), name, text) == row["hash"], "document"
        documents.append(row["hash"])
    counts = u64(segments, events, len(chunks), len(snapshots), len(documents))
    seal = db.execute("SELECT * FROM seal").fetchone()
    assert seal["hash"] == sha256(counts, chain, *chunks, *snapshots, *documents), "seal"

def main(tape, event_docs):
    db = sqlite3.connect("file:%s?mode=ro" % tape, uri=True)
    db.row_factory = sqlite3.Row
    assert db.execute("PRAGMA application_id").fetchone()[0] == 0x48545031, "not a tape"
    assert db.execute("PRAGMA user_version").fetchone()[0] == 1, "unknown version"
    table = event_table(event_docs)
    chain, events, segments = bytes(32), 0, 0
    counts, digest = collections.Counter(), hashlib.sha256()
    for row in db.execute("SELECT * FROM segment ORDER BY first_seq"):
        assert row["first_seq"] == events + 1, "gap"
        numbers = ("first_seq", "count", "first_ordinal", "end_time_ns", "soft_size", "hard_size")
        head = u64(*(row[name] for name in numbers)) + row["state_hash"].encode()
        stored = (head, u64(row["codec"]), row["hash"], row["soft"], row["hard"])
        assert zlib.crc32(b"".join(stored)) == row["crc"], "crc"
        soft = inflate(row["codec"], row["soft"], row["soft_size"])
        chain = sha256(chain, head, soft, row["hard"])
        assert chain == row["hash"], "hash chain"
        for name, line in event_lines(row, soft, table):
            counts[name] += 1
            digest.update(line.encode())
        events, segments = events + row["count"], segments + 1
    check_rest(db, chain, segments, events)
    print(json.dumps({"events": events, "counts": counts, "cells": digest.hexdigest()}))

main(sys.argv[1], sys.argv[2])
