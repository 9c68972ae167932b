/** Kinds outside of the project, which `protoflow.json` names; what `new` writes; and what `list` says of them. */

import assert from "node:assert/strict";
import { inProject, outcomes } from "../cli.ts";

const flow = `import { defineWorkflow, file } from "protoflow";
export default defineWorkflow({
  name: "probe", about: "counts",
  tasks: { count: { kind: "count-lines", params: { minimum: 2 }, inputs: { text: file("words.txt") } } },
} as never);
`;

Deno.test("new writes a kind that a workflow of its folder can name, and that is cached by its code as any other", async () => {
  await inProject(async (project) => {
    const made = await project.call("new", "kind", "count-lines");
    assert.equal(made.code, 0, made.err);
    project.write("flows/probe.ts", flow);
    project.write("flows/words.txt", "one\n\ntwo\nx\n");
    // An editor's lock of the kind.
    Deno.symlinkSync("user@host.1234:5678", project.path("kinds/.#count_lines.ts"));
    const run = () => project.call("run", "flows/probe.ts", "--json");
    const first = await run();
    assert.deepEqual(outcomes(first), { count: "ran" }, first.out + first.err);
    const { events } = await project.call("runs", "--json");
    assert.equal(events[0].figures.lines.mean, 2, "its figures are noted");
    const [{ record }] = (await project.call("show", "flows/probe.ts", "count", "--json")).events;
    assert.match(record.manifest.code.digest, /^[0-9a-f]{64}$/);

    const code = project.read("kinds/count_lines.ts");
    project.write("kinds/count_lines.ts", `// A comment is in no key.\n${code}`);
    assert.deepEqual(outcomes(await run()), { count: "reused" });
    project.write("kinds/count_lines.ts", code.replace(">= params.minimum", "> params.minimum"));
    const edited = await run();
    assert.deepEqual(outcomes(edited), { count: "ran" });
    assert.match(edited.events.find(({ event }) => event === "action")!.reason, /code/);

    const listed = await project.call("list", "count-lines");
    assert.match(
      listed.out,
      /^count-lines: count the lines of a text\nparams:\n {2}minimum +whole number, 0 or more +default 1\n/,
    );
    assert.match(listed.out, /inputs:\n {2}text +a text file\noutputs: figures\n$/);

    const again = await project.call("new", "kind", "count-lines");
    assert.match(again.err, /there is a kind "count-lines" already/);
  });
});

Deno.test("new writes a workflow that runs", async () => {
  await inProject(async (project) => {
    assert.equal((await project.call("new", "workflow", "letters")).code, 0);
    const ran = await project.call("run", "letters.ts", "--json");
    const table = { "lines[width=20]": "ran", "lines[width=40]": "ran", table: "ran", text: "ran" };
    assert.deepEqual(Object.fromEntries(Object.entries(outcomes(ran)).sort()), table, ran.err);
    const again = await project.call("new", "workflow", "letters");
    assert.deepEqual([again.code, again.out], [2, ""]);
    assert.match(again.err, /letters\.ts is already there; nothing was overwritten/);
    for (const name of ["../x", "A", "a b", "a--b"]) {
      assert.match((await project.call("new", "workflow", name)).err, /is no name; expected small letters/);
    }
  });
});

Deno.test("what is wrong in protoflow.json, or with a kind that it leads to, is named", async () => {
  await inProject(async (project) => {
    project.write("probe.ts", flow);
    project.write("words.txt", "one\n");
    const refused = async (settings: string, message: RegExp) => {
      project.write("protoflow.json", settings);
      const { code, err } = await project.call("plan", "probe.ts");
      assert.equal(code, 2, err);
      assert.match(err, message);
    };
    await refused("{", /protoflow\.json: .*expected JSON such as/);
    await refused('{ "kind": [] }', /there is no field "kind"; known: kinds/);
    await refused('{ "kinds": "kinds" }', /kinds is to be a list of folders/);
    await refused('{ "kinds": ["./none"] }', /the folder of kinds .*none can't be read/);
    project.write("own/count_lines.ts", "export default { name: 'other' };");
    await refused(
      '{ "kinds": ["./own"] }',
      /kind count-lines: its file must export default defineTask\(\{ name: "count-lines"/,
    );
    project.write("own/count_lines.ts", "export default (;");
    await refused('{ "kinds": ["./own"] }', /count_lines\.ts can't be read as the module of a kind/);
    project.write("own/command.ts", "export default {};");
    await refused(
      '{ "kinds": ["./own"] }',
      /command\.ts: "command" is the name of a kind of the project, too/,
    );
  });
});

Deno.test("list shows all that there is by section, one section, or one of them, and names what is near", async () => {
  await inProject(async (project) => {
    const { out } = await project.call("list");
    assert.match(
      out,
      /^workflows\n[^]*\n {2}birds +\S.*\n[^]*\nkinds\n[^]*\n {2}hash_chain +digest a seed.*\n[^]*\nmodels\n {2}plain +a model\n$/,
    );
    assert.match((await project.call("list", "models")).out, /^models\n {2}plain +a model\n$/);
    const [kind] = (await project.call("list", "hash_chain", "--json")).events;
    assert.deepEqual(kind.params.map(({ name, fallback }: Record<string, string>) => [name, fallback]), [
      ["seed", "required"],
      ["steps", "required"],
      ["segment", "default 10"],
      ["longMs", "optional"],
    ]);
    assert.match(
      (await project.call("list", "hash_chian")).err,
      /nothing called "hash_chian"; did you mean "hash_chain"\?/,
    );
  });
});
