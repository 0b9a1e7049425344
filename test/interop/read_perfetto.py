"""Decodes a trace by Perfetto's own schema; prints how much is in it, and in fields that it has not."""
import json
import sys

from google.protobuf.unknown_fields import UnknownFieldSet
from perfetto.protos.perfetto.trace import perfetto_trace_pb2


def unknown(message):
    count = len(UnknownFieldSet(message))
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        for one in value if hasattr(value, "append") or hasattr(value, "add") else [value]:
            count += unknown(one)
    return count


trace = perfetto_trace_pb2.Trace()
with open(sys.argv[1], "rb") as file:
    trace.ParseFromString(file.read())
print(
    json.dumps(
        {
            "packets": len(trace.packet),
            "events": sum(packet.HasField("track_event") for packet in trace.packet),
            "unknown": sum(unknown(packet) for packet in trace.packet),
        }
    )
)
