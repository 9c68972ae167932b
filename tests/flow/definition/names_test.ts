/** A name that every object has, such as `toString`, is one like any other wherever a user may choose a name. */

import assert from "node:assert/strict";
import { inProject, outcomes } from "../cli.ts";

const NAMES = ["toString", "constructor", "hasOwnProperty", "valueOf", "__proto__"];

const copy = (input: string, output: string) => ["sh", "-c", `cp in/'${input}' out/'${output}'`];

for (const name of NAMES) {
  Deno.test(`inputs, outputs, tasks, axes, variants and profiles may be called ${name}`, () =>
    inProject(async (project) => {
      // Tasks and axes begin with a letter.
      const title = name === "__proto__" ? "proto" : name;
      const own = (value: unknown) => Object.fromEntries([[name, value]]);
      const titled = (value: unknown) => Object.fromEntries([[title, value]]);
      project.write("source", "1\n");
      const tasks = {
        ...titled({
          kind: "command",
          params: { argv: copy(name, name) },
          inputs: own({ $file: "source" }),
          outputs: [name],
        }),
        next: {
          kind: "command",
          params: { argv: ["sh", "-c", `cat in/'${name}' > out/o`], env: { A: { $axis: title } } },
          inputs: own(`${title}.${name}`),
          outputs: ["o"],
        },
        last: {
          kind: "command",
          params: { argv: ["sh", "-c", `cat in/'${name}'/* > out/o`] },
          inputs: own([`${title}.${name}`, { $each: "next.o", over: [title] }]),
          outputs: ["o"],
        },
      };
      const definition = {
        name: "probe",
        about: "odd names",
        tasks,
        matrix: titled(own({ [name === "__proto__" ? "field" : "x"]: 1 })),
        profiles: titled({ next: { env: { B: "1" } } }),
        result: "last.o",
      };
      // In a literal of the language `__proto__` would not be a name.
      const text = JSON.stringify(JSON.stringify(definition));
      project.write("probe.ts", `export default JSON.parse(${text});`);
      const first = await project.run("--profile", title);
      const next = `next[${title}=${name}]`;
      assert.deepEqual(
        outcomes(first),
        { [title]: "ran", [next]: "ran", last: "ran" },
        first.out + first.err,
      );
      const [placed] = [...Deno.readDirSync(project.path("store/results"))].filter(({ name }) =>
        name !== ".placed"
      );
      assert.ok(placed.name.startsWith("probe-"), placed.name);
      assert.equal(project.read(`store/results/${placed.name}/result`), "1\n1\n");
      const again = await project.run("--profile", title);
      assert.ok(Object.values(outcomes(again)).every((outcome) => outcome === "reused"));

      const got = await project.call("get", "probe.ts", `${title}.${name}`, project.path("got"));
      assert.equal(got.code, 0, got.err);
      assert.equal(project.read(`got/${name}`), "1\n");
      project.write("source", "2\n");
      const why = await project.call("why", "probe.ts", title);
      assert.match(why.out, new RegExp(`input ${name} \\(source\\) changed`));
      await project.run();
      const diff = await project.call("diff", first.events.at(-1)!.run, "last", "--full");
      assert.match(diff.out, new RegExp(`output ${name} `));
    }));
}

Deno.test("texts and names that no program, path or key can be given are told with their places", () =>
  inProject(async (project) => {
    const definition = {
      name: "probe",
      about: "\udc00",
      tasks: {
        a: {
          kind: "command",
          params: { argv: ["a\0b"], env: JSON.parse('{"__proto__": "1"}') },
          inputs: { x: { $file: "\ud800" }, y: { $folder: "a\0b" } },
          outputs: ["o"],
        },
      },
      profiles: { p: { a: { env: { A: "\0" } } } },
    };
    project.write("probe.ts", `export default JSON.parse(${JSON.stringify(JSON.stringify(definition))});`);
    const { err } = await project.call("plan", "probe.ts");
    for (
      const place of ["about", "params.argv.0", '__proto__"', "inputs.x", "inputs.y", "profiles.p.a.env.A"]
    ) {
      assert.ok(err.includes(`${place}: `), `${place} in ${err}`);
    }
    assert.equal(err.split("\n").length, 8, err);
  }));

Deno.test("names that a param can't have are told, also where an option gives them, and none is passed over", () =>
  inProject(async (project) => {
    project.workflow({ a: { kind: "command", params: { argv: ["true"] }, outputs: [] } });
    const expected: Record<string, RegExp> = {
      "a.env.__proto__=1": /there is no param "__proto__"/,
      'a.env={"__proto__":"1"}': /a name in a param can't be __proto__/,
      'a.env={"A=B":"1"}': /"A=B" is no valid name \(expected a valid string: must match pattern/,
    };
    for (const [setting, message] of Object.entries(expected)) {
      const { err } = await project.call("plan", "probe.ts", "--set", setting);
      assert.match(err, message);
    }
  }));

Deno.test("a kind in TypeScript is given an input of such a name", () =>
  inProject(async (project) => {
    project.workflow({
      a: { kind: "command", params: { argv: ["true"] }, inputs: { nothing: "file:none" }, outputs: ["o"] },
      b: { kind: "lengths", params: {}, inputs: { toString: "file:none" } },
    });
    const { err } = await project.call("plan", "probe.ts");
    assert.match(err, /there is no input of kind lengths "toString"/);
  }));
