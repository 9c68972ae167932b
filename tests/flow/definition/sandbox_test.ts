/** The sandbox of workflow files: what they may do, and that nothing they do lasts or spreads. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { stopBundler } from "../../../lib/flow/bundle.ts";
import { runDefinition } from "../../../lib/flow/definition/sandbox.ts";
import { WorkflowError } from "../../../lib/flow/definition/workflow_error.ts";
import { readProcess } from "../../../lib/flow/store/small_files.ts";
import { until } from "../cli.ts";

const limits = { seconds: 2, memoryMB: 64, outputMB: 4 };

/** Runs the text of a workflow file, with further files beside it. */
async function runText(text: string, others: Record<string, string> = {}) {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, content] of Object.entries({ "workflow.ts": text, ...others })) {
      await Deno.writeTextFile(join(folder, name), content);
    }
    const { value, modules } = await runDefinition(join(folder, "workflow.ts"), limits);
    return { value, modules: modules.map((path) => path.replace(`${folder}/`, "")) };
  } finally {
    await Deno.remove(folder, { recursive: true });
    await stopBundler();
  }
}

function refuses(title: string, text: string, pattern: RegExp, others?: Record<string, string>) {
  Deno.test(`a workflow that ${title} is refused`, async () => {
    await assert.rejects(runText(text, others), (error) => {
      assert.ok(error instanceof WorkflowError, String(error));
      assert.match(error.message, pattern);
      return true;
    });
  });
}

Deno.test("a workflow is read with the modules it imports, wherever it lies", async () => {
  const { value, modules } = await runText(
    `import { file } from "protoflow"; import { seeds } from "./seeds.ts"; import type { Gone } from "./gone.ts";
     export default { seeds, input: file("a.txt"), left: undefined as Gone | undefined };`,
    { "seeds.ts": "export const seeds: number[] = [1, 2];" },
  );
  assert.deepEqual(value, { seeds: [1, 2], input: { $file: "a.txt" } });
  assert.deepEqual(modules.filter((path) => !path.startsWith("/")), ["seeds.ts", "workflow.ts"]);
  assert.ok(modules.some((path) => path.endsWith("/lib/protoflow.ts")));
});

refuses("has nothing in it", "", /it has no default export/);
refuses("loops for ever", "for (;;);", /running it took longer than 2 s/);
refuses(
  "backtracks for ever",
  `export default /^(a+)+$/.test("a".repeat(50) + "b")`,
  /running it took longer than 2 s/,
);
refuses(
  "never ends being listed",
  "export default new Proxy([], { get: () => 1e9 })",
  /running it took longer than|memory/,
);
refuses(
  "allocates without end",
  "const a: unknown[] = []; for (;;) a.push(new Array(1000).fill(1.5));",
  /64 MB of memory/,
);
refuses(
  "is too large",
  `export default Array.from({ length: 9 }, (_, i) => String(i).repeat(1e6))`,
  /larger than 4 MB/,
);
refuses("throws", `throw new Error("no \\x1b[31mway")`, /running it failed: no \ufffd\[31mway/);
refuses("throws nonsense", "throw { toString() { throw 1 } }", /can't be shown/);
refuses("exports nothing", "export const x = 1;", /no default export/);
refuses("has a syntax error", "export default {\n  a: [,\n", /workflow\.ts:3:1/);
for (
  const name of [
    "Date.now()",
    "new Date()",
    "performance.now()",
    "Temporal.Now.instant()",
    "new Intl.DateTimeFormat().format()",
    "Math.random()",
    "crypto.randomUUID()",
    `fetch("http://127.0.0.1:9")`,
    `Deno.readTextFileSync("/etc/hostname")`,
    "process.env.HOME",
    "new Uint8Array(8)",
    "new WeakRef({})",
    "setTimeout(() => {}, 1)",
    "console.log(1)",
    "new Worker('')",
    "navigator.hardwareConcurrency",
  ]
) refuses(`uses ${name}`, `export default ${name};`, /it can't use/);
refuses("makes code", `export default new Function("return 1")()`, /[Cc]ode generation/);
refuses("evaluates code", `export default (0, eval)("1")`, /can't use eval/);
refuses(
  "imports what it may not",
  `import fs from "node:fs"; import { z } from "zod"; import x from "./none.ts"; import y from "./data.csv";
   export default [fs, z, x, y];`,
  /4 problems[^]*"node:fs"[^]*"zod"[^]*no file[^]*"\.\/data\.csv" is not/,
  { "data.csv": "1" },
);
refuses("imports by a computed name", `const n = "node:" + "fs"; export default import(n);`, /class Promise/);
refuses(
  "is not plain data",
  `export default { a: () => 1, b: [new Map()], c: NaN, d: [1, , 2], e: 10n, f: Symbol("x"), g: new (class A {})() }`,
  /7 problems[^]*a: .*a function[^]*b\.0: .*class Map[^]*NaN[^]*d\.1[^]*bigint[^]*symbol[^]*class A/,
);
refuses("contains itself", "const a: { a?: unknown } = {}; a.a = a; export default a;", /contains itself/);
refuses(
  "nests without end",
  "let a = {}; for (let i = 0; i < 1e5; i++) a = { a }; export default a;",
  /nested more than 64 deep/,
);

Deno.test("neither the folder nor the language of the caller shows in a workflow", async () => {
  const { value } = await runText(`export default [new Error("x").stack, (1234.5).toLocaleString()]`);
  assert.deepEqual(value, ["Error: x", "1,234.5"]);
});

refuses(
  "garbles its own answer",
  `JSON.stringify = () => "{"; (Object.prototype as any).toJSON = () => 1; export default {};`,
  /ended without an answer/,
);

Deno.test({
  name: "a process that stands still for longer than the limit, as on a busy machine, is no endless loop",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const running = runText("export default { halted: 1 };");
    let pid: number | undefined;
    await until(() => (pid = sandboxProcess()) !== undefined, "the workflow's process has begun");
    Deno.kill(pid!, "SIGSTOP");
    await new Promise((resolve) => setTimeout(resolve, 1500 * limits.seconds));
    Deno.kill(pid!, "SIGCONT");
    assert.deepEqual((await running).value, { halted: 1 });
  },
});

/** The child of this process that runs a workflow file. */
function sandboxProcess(): number | undefined {
  return [...Deno.readDirSync("/proc/self/task")].flatMap(({ name }) =>
    readProcess(`/proc/self/task/${name}/children`).split(" ").filter(Boolean).map(Number)
  ).find((pid) => readProcess(`/proc/${pid}/cmdline`).includes("--no-prompt"));
}
