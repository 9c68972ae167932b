/**
 * Curves as a file of events that TensorBoard reads: TFRecords of `tensorflow.Event` messages. No maintained package of
 * npm writes them.
 */

import protobuf from "protobufjs";
import { joinBytes } from "../../system/join_bytes.ts";

/** A number at a step of a curve. */
export interface CurvePoint {
  /** The name of the curve: `train/loss`. */
  readonly tag: string;
  readonly step: number;
  readonly value: number;
}

// Field numbers of tensorflow/core/util/event.proto and tensorflow/core/framework/summary.proto.
const value = new protobuf.Type("Value").add(new protobuf.Field("tag", 1, "string"))
  .add(new protobuf.Field("simpleValue", 2, "float"));
const summary = new protobuf.Type("Summary").add(value).add(
  new protobuf.Field("value", 1, "Value", "repeated"),
);
const event = new protobuf.Type("Event").add(summary).add(new protobuf.Field("wallTime", 1, "double"))
  .add(new protobuf.Field("step", 2, "int64")).add(new protobuf.Field("fileVersion", 3, "string"))
  .add(new protobuf.Field("summary", 5, "Summary"));
new protobuf.Root().add(event);

/** @param wallTime of all events, in seconds since 1970 */
export function eventFile(points: readonly CurvePoint[], wallTime: number): Uint8Array<ArrayBuffer> {
  const events: object[] = [
    { wallTime, fileVersion: "brain.Event:2" },
    ...points.map(({ tag, step, value }) => ({
      wallTime,
      step,
      summary: { value: [{ tag, simpleValue: value }] },
    })),
  ];
  return joinBytes(events.map((one) => record(event.encode(one).finish())));
}

/** Length (8 bytes), its checksum (4), the data, its checksum (4); numbers begin with the lowest byte. */
function record(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc(bytes.subarray(0, 8)), true);
  bytes.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc(data), true);
  return bytes;
}

/** The polynomial of Castagnoli, bits reversed. */
const POLYNOMIAL = 0x82f63b78;
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  return crc;
});

/** CRC-32C, rotated and shifted as TFRecords want it, so that data with a checksum in it can be checked. */
function maskedCrc(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
