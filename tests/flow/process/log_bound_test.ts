/** The log of a process is bounded while it is written, and bounding it takes no memory of its length. */

import assert from "node:assert/strict";
import { boundLog } from "../../../lib/flow/process/log_bound.ts";
import { inProject, resultOf } from "../cli.ts";

const MB = 1 << 20;

Deno.test("of a log that has outgrown its bound the last half stays, under a line that says so", () => {
  const path = Deno.makeTempFileSync();
  try {
    const lines = Array.from({ length: 500_000 }, (_, i) => `line ${i}\n`).join("");
    Deno.writeTextFileSync(path, lines);
    assert.equal(boundLog(path, 100 * MB), false);
    assert.equal(boundLog(path, lines.length + 1), true, "it is worth looking soon again");
    assert.equal(Deno.readTextFileSync(path), lines);
    assert.equal(boundLog(path, 4 * MB), true);
    const [title, ...kept] = Deno.readTextFileSync(path).split("\n");
    assert.equal(title, `[the first ${lines.length - 2 * MB} bytes of this log were left out]`);
    assert.equal(kept.join("\n"), lines.slice(-2 * MB));
    assert.equal(boundLog(path, 4 * MB), true);
  } finally {
    Deno.removeSync(path, { recursive: true });
  }
});

Deno.test("what is written during a cut is kept, also where it is more than the bound", () => {
  const path = Deno.makeTempFileSync();
  const read = Deno.FsFile.prototype.readSync;
  const append = (text: string) => Deno.writeTextFileSync(path, text, { append: true });
  let reads = 0;
  try {
    append("early line\n".repeat(20_000));
    Deno.FsFile.prototype.readSync = function (buffer) {
      const isFirst = ++reads === 1;
      if (isFirst) append("late line\n".repeat(30_000));
      const count = read.call(this, buffer);
      if (isFirst) append("the end\n");
      return count;
    };
    assert.equal(boundLog(path, 100_000), true);
    assert.ok(reads > 1);
    assert.ok(Deno.readTextFileSync(path).endsWith(`${"late line\n".repeat(30_000)}the end\n`));
  } finally {
    Deno.FsFile.prototype.readSync = read;
    Deno.removeSync(path);
  }
});

Deno.test({
  name: "a task that prints 200 MB, in a run that fails or not, takes little memory of the engine",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inProject(async (project) => {
      const noisy = (then: string) => ({
        kind: "command",
        params: { argv: ["sh", "-c", `head -c 200000000 /dev/urandom; ${then}`] },
        outputs: ["o"],
      });
      project.workflow({ a: noisy("echo 1 > out/o"), b: noisy("exit 3") });
      const measured = (argv: string[]) => [
        "sh",
        "-c",
        `"$@" & wait_for=$!; peak=0
         while now=$(sed -n 's/^VmHWM:[^0-9]*\\([0-9]*\\) kB/\\1/p' /proc/$wait_for/status 2> /dev/null) && [ -n "$now" ]; do
           peak=$now; sleep 0.05; done
         wait $wait_for; echo "peak $peak" >&2`,
        "sh",
        ...argv,
      ];
      const { err } = await resultOf(project.spawnBy(measured, "run", "probe.ts", "--json"));
      const kB = Number(/peak (\d+)/.exec(err)![1]);
      assert.ok(kB > 0 && kB < 300_000, `${kB} kB`);
    }),
});
