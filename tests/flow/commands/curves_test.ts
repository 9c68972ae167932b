/** `get --csv` and `get --tensorboard`: the curves of a task for other programs. */

import assert from "node:assert/strict";
import { inProject, type Project } from "../cli.ts";

const lines = [
  { epoch: 1, train: { loss: 2.5, accuracy: 0.25 }, saved: true },
  { epoch: 2, train: { loss: 1.25, accuracy: 0.5 }, validation: { loss: 3 } },
];

async function train(project: Project): Promise<void> {
  const text = lines.map((line) => JSON.stringify(line)).join("\\n");
  project.workflow({
    train: {
      kind: "command",
      params: { argv: ["sh", "-c", `printf '${text}\\n' > out/curves`] },
      outputs: ["curves"],
    },
    other: { kind: "command", params: { argv: ["sh", "-c", "echo > out/o"] }, outputs: ["o"] },
  });
  assert.equal((await project.run()).code, 0);
}

Deno.test("curves are written as comma-separated values, and nothing is overwritten", async () => {
  await inProject(async (project) => {
    await train(project);
    const args = ["get", "probe.ts", "train", "out", "--csv"];
    assert.equal((await project.call(...args)).out, `${project.path("out/train/curves.csv")}\n`);
    assert.equal(
      project.read("out/train/curves.csv"),
      "step,train/loss,train/accuracy,validation/loss\n1,2.5,0.25,\n2,1.25,0.5,3\n",
    );
    const again = await project.call(...args);
    assert.match(again.err, /curves\.csv is already there; nothing was overwritten/);
    const none = await project.call("get", "probe.ts", "other", "out", "--csv");
    assert.match(none.err, /other is of kind command, which writes no curves/);
  });
});

Deno.test("TensorBoard's files have whole records with right checksums, which TensorBoard reads", async (test) => {
  await inProject(async (project) => {
    await train(project);
    assert.equal((await project.call("get", "probe.ts", "train", "out", "--tensorboard")).code, 0);
    const bytes = Deno.readFileSync(project.path("out/train/events.out.tfevents.0.protoflow"));
    const view = new DataView(bytes.buffer);
    let records = 0;
    for (let at = 0; at < bytes.length; records++) {
      const length = Number(view.getBigUint64(at, true));
      assert.equal(view.getUint32(at + 8, true), masked(bytes.subarray(at, at + 8)));
      assert.equal(view.getUint32(at + 12 + length, true), masked(bytes.subarray(at + 12, at + 12 + length)));
      at += length + 16;
      assert.ok(at <= bytes.length);
    }
    assert.equal(records, 6, "the version, and five numbers");
    const python = Deno.env.get("PYTHON") ?? "python3";
    const has = await new Deno.Command(python, { args: ["-c", "import tensorboard"], stderr: "null" })
      .output()
      .catch(() => ({ success: false }));
    await test.step({
      name: "Python's tensorboard reads all scalars",
      ignore: !has.success,
      async fn() {
        const script = `import json
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator("out/train")
events.Reload()
print(json.dumps({tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}))`;
        const { stdout } = await new Deno.Command(python, { args: ["-c", script], cwd: project.folder })
          .output();
        assert.deepEqual(JSON.parse(new TextDecoder().decode(stdout)), {
          "train/loss": [[1, 2.5], [2, 1.25]],
          "train/accuracy": [[1, 0.25], [2, 0.5]],
          "validation/loss": [[2, 3]],
        });
      },
    });
  });
});

/** CRC-32C bit by bit, masked; its check value is that of the standard. */
function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

Deno.test("the checksum of these tests is CRC-32C", () => {
  assert.equal(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
});
