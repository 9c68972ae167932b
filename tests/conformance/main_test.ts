/** The conformance runner itself: what passes, what fails, and how it says so. */

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeSafetensors } from "../../lib/nn/checkpoint/safetensors_writer.ts";
import { float32 } from "../../lib/tensor/host_tensor.ts";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));

/** Runs the cases, each with the tensors y = relu(x), of which a case may say something else. */
async function conformance(
  cases: Record<string, { kind: string; y?: number[]; tensors?: string }>,
): Promise<{ code: number; lines: string[] }> {
  const folder = Deno.makeTempDirSync();
  try {
    mkdirSync(join(folder, "below"));
    for (const [name, { kind, y = [0, 2], tensors = `${name}.safetensors` }] of Object.entries(cases)) {
      const values = new Map([["in.x", float32([2], [-1, 2])], ["out.y", float32([2], y)]]);
      writeSafetensors(join(folder, "below", `${name}.safetensors`), values);
      const json = { schema: 1, kind, about: "a test", tensors };
      writeFileSync(join(folder, "below", `${name}.json`), JSON.stringify(json));
    }
    writeFileSync(join(folder, "no_case.json"), "[1, 2]");
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--quiet", main, folder],
      env: { NO_COLOR: "1" },
    }).output();
    const text = new TextDecoder().decode(stdout).replaceAll(folder, "");
    return { code, lines: text.trimEnd().split("\n") };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("a line a case, and how many passed and failed at the end", async () => {
  const kind = "ops.relu";
  const right = await conformance({ right: { kind } });
  assert.deepEqual(right, { code: 0, lines: ["pass ops.relu /below/right.json", "1 passed, 0 failed"] });
  const { code, lines } = await conformance({ right: { kind }, wrong: { kind, y: [0, 3] } });
  assert.equal(code, 1);
  assert.equal(lines[0], "pass ops.relu /below/right.json");
  assert.equal(lines[1], "FAIL ops.relu /below/wrong.json");
  assert.equal(lines.at(-1), "1 passed, 1 failed");
});

Deno.test("a kind without implementation and a case that can't be read are failures, by name", async () => {
  const { code, lines } = await conformance({
    op: { kind: "ops.unheard_of" },
    right: { kind: "ops.relu" },
    suite: { kind: "toString.x" },
    torn: { kind: "ops.relu", tensors: "absent.safetensors" },
  });
  assert.equal(code, 1);
  assert.deepEqual(lines.filter((line) => /^(pass|FAIL)/.test(line)), [
    "FAIL ops.unheard_of /below/op.json",
    "pass ops.relu /below/right.json",
    "FAIL toString.x /below/suite.json",
    "FAIL unreadable /below/torn.json",
  ]);
  assert.ok(lines.some((line) => line.includes('the kind "ops.unheard_of" has no implementation')));
  assert.ok(lines.some((line) => line.includes('the kind "toString.x" has no implementation')));
  assert.ok(lines.some((line) => /can't be read: .*absent\.safetensors/.test(line)));
  assert.equal(lines.at(-1), "1 passed, 3 failed");
});

Deno.test("without a folder, or with one that is not there, it says what to give", async () => {
  const cases = [[[], /no folder of cases was given; expected/], [["none"], /there is no none; /]] as const;
  for (const [folders, message] of cases) {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--quiet", main, ...folders],
      env: { NO_COLOR: "1" },
    }).output();
    assert.equal(code, 2);
    const text = new TextDecoder().decode(stderr);
    assert.match(text, message);
    assert.match(text, /: deno task conformance FOLDER…\n$/);
  }
});
