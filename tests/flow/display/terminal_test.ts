/** Whatever is printed, whoever wrote it, does not steer the terminal; and a terminal that takes nothing stops no run. */

import assert from "node:assert/strict";
import { relative } from "node:path";
import fc from "fast-check";
import { isStackLine, withMarkedStack } from "../../../lib/flow/stack_lines.ts";
import {
  note,
  print,
  printError,
  printJson,
  printSoon,
  redraw,
  warn,
} from "../../../lib/flow/display/terminal.ts";
import { inProject, resultOf } from "../cli.ts";

const root = new URL("../../../", import.meta.url).pathname;

/** Every character that moves a cursor, changes a terminal, or turns the direction of a line. */
function isSteering(character: string): boolean {
  const code = character.codePointAt(0)!;
  if (character === "\n" || character === "\t") return false;
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || /\p{Bidi_Control}/u.test(character) ||
    code === 0x2028 || code === 0x2029 || (code >= 0xd800 && code < 0xe000);
}

/** What `body` writes to standard output and standard error. */
function written(body: () => void): string {
  const streams = [Deno.stdout, Deno.stderr];
  const own = streams.map((stream) => stream.writeSync);
  let text = "";
  for (const stream of streams) {
    stream.writeSync = (bytes) => (text += new TextDecoder().decode(bytes), bytes.length);
  }
  try {
    body();
  } finally {
    streams.forEach((stream, i) => (stream.writeSync = own[i]));
  }
  return text;
}

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fc.integer({ min: 0, max: 0x20ff }).map((code) => String.fromCharCode(code))).map((all) =>
    all.join("")
  ),
  fc.array(fc.integer({ min: 0xd7f0, max: 0xe010 }).map((code) => String.fromCharCode(code))).map((all) =>
    all.join("")
  ),
);

Deno.test("no text that is printed in any way steers the terminal", () => {
  fc.assert(fc.property(anyText, (text) => {
    const shown = written(() => {
      print(text, text);
      printError(text);
      note(text);
      warn(text);
      printJson({ [text]: text });
    });
    assert.ok(![...shown].some(isSteering), JSON.stringify(shown));
    const drawn = written(() => redraw(2, [text], [text]));
    assert.ok(drawn.startsWith("\x1b[2A\r\x1b[J"));
    assert.ok(![...drawn.slice("\x1b[2A\r\x1b[J".length)].some(isSteering), JSON.stringify(drawn));
  }));
});

Deno.test("JSON says the same with its escapes", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    assert.deepEqual(JSON.parse(written(() => printJson({ text }))), { text });
  }));
});

Deno.test("lines that are drawn anew stay one line each, or the cursor would go up too little", () => {
  assert.equal(written(() => redraw(0, [], ["a\nb\r\nc\td"])).split("\n").length, 2);
});

Deno.test("the engine prints in one place", () => {
  const found = [...modulesBelow(`${root}lib/flow`), `${root}main.ts`].filter((path) =>
    /\bconsole\.|Deno\.(stdout|stderr)\.(?!isTerminal)|Deno\.(stdout|stderr)\b(?!\.)/.test(
      Deno.readTextFileSync(path),
    )
  ).map((path) => relative(root, path));
  assert.deepEqual(found.sort(), [
    "lib/flow/display/terminal.ts",
    // Its standard error is a pipe to the engine.
    "lib/flow/isolation/enter_or_end.ts",
    // What the process of a kind prints is the log of its task.
    "lib/flow/job/kind_process.ts",
    // What the program of a job prints is the log of the job.
    "lib/flow/slurm/node_process.ts",
  ]);
});

function modulesBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? modulesBelow(path) : name.endsWith(".ts") ? [path] : [];
  });
}

Deno.test("every line of a stack is marked, also those of causes", () => {
  const lines = withMarkedStack(new Error("outer", { cause: new TypeError("inner") })).split("\n");
  assert.match(lines[0], /outer/);
  assert.ok(lines.some((line) => line.includes("inner")));
  assert.ok(lines.filter((line) => / at /.test(line)).length > 1);
  assert.ok(lines.every((line) => isStackLine(line) || !/^\s*at /.test(line)));
});

Deno.test({
  name:
    "standard output on a full disk: the run goes on and is kept, and says at the end what was not written",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inProject(async (project) => {
      project.workflow({
        a: { kind: "command", params: { argv: ["sh", "-c", "echo 1 > out/o"] }, outputs: ["o"] },
      });
      const onFullDisk = (argv: string[]) => ["sh", "-c", 'exec "$@" > /dev/full', "sh", ...argv];
      for (const more of [[], ["--json"]]) {
        const { code, err } = await resultOf(project.spawnBy(onFullDisk, "run", "probe.ts", ...more));
        assert.equal(code, 1);
        assert.match(err, /^error: could not write to standard output: no space left on the disk .*\n$/);
      }
      assert.match((await project.call("plan", "probe.ts")).out, /nothing to do/);
    }),
});

Deno.test("a long log is shown as it is", async () => {
  await inProject(async (project) => {
    project.workflow({
      a: {
        kind: "command",
        params: { argv: ["sh", "-c", "seq 30000; printf 'ä\\033[2J'; echo 1 > out/o"] },
        outputs: ["o"],
      },
    });
    await project.run();
    const { out } = await project.call("log", "probe.ts", "a");
    assert.equal(out, Array.from({ length: 30_000 }, (_, i) => `${i + 1}\n`).join("") + "ä\ufffd[2J\n");
    assert.match(
      (await project.call("show", "probe.ts", "a")).out,
      /\nlog {7}1\n {10}2\n[^]* {10}ä\ufffd\[2J\n$/,
    );
  });
});

Deno.test("lines that may wait are printed together, in order, and before what is printed after them", () => {
  const writes: string[] = [];
  const own = Deno.stdout.writeSync;
  Deno.stdout.writeSync = (bytes) => (writes.push(new TextDecoder().decode(bytes)), bytes.length);
  try {
    printSoon("one");
    printSoon("two \x1b[2J");
    assert.deepEqual(writes, []);
    print("three");
    assert.deepEqual(writes, ["one\ntwo \ufffd[2J\n", "three\n"]);
    printSoon("x".repeat(5000));
    assert.equal(writes.length, 3, "many are not held back");
  } finally {
    Deno.stdout.writeSync = own;
  }
});

Deno.test("a line that may wait is printed although nothing else is", async () => {
  let text = "";
  const own = Deno.stdout.writeSync;
  Deno.stdout.writeSync = (bytes) => (text += new TextDecoder().decode(bytes), bytes.length);
  try {
    printSoon("alone");
    while (text === "") await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(text, "alone\n");
  } finally {
    Deno.stdout.writeSync = own;
  }
});
