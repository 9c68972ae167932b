/** A record that is damaged after a run that found nothing changed: what was called reused is there. */
import assert from "node:assert/strict";
import { inProject, outcomes, type Project } from "../cli.ts";

const task = (script: string) => ({
  kind: "command",
  params: { argv: ["sh", "-c", script] },
  outputs: ["o"],
});

function recordsOf(project: Project): string[] {
  const records = project.path("store/records");
  return [...Deno.readDirSync(records)].flatMap(({ name }) =>
    [...Deno.readDirSync(`${records}/${name}`)].map((record) => `${records}/${name}/${record.name}`)
  );
}

/** Changes the bytes of a record without a change of its folder. */
const damages: Record<string, (path: string) => void> = {
  "appended to": (path) => Deno.writeTextFileSync(path, "x", { append: true }),
  "emptied": (path) => Deno.truncateSync(path, 0),
  "changed in one digit, with its times put back": (path) => {
    const { atime, mtime } = Deno.statSync(path);
    Deno.writeTextFileSync(
      path,
      Deno.readTextFileSync(path).replace(/\d/, (digit) => digit === "1" ? "2" : "1"),
    );
    Deno.utimeSync(path, atime!, mtime!);
  },
};

for (const [what, damage] of Object.entries(damages)) {
  Deno.test(`a record that was ${what}: the result is reused and can be had`, () =>
    inProject(async (project) => {
      project.workflow({ a: task("mkdir out/o; echo 1 > out/o/x"), b: task("echo 2 > out/o") });
      await project.run();
      assert.deepEqual(outcomes(await project.run()), { a: "reused", b: "reused" });
      for (const path of recordsOf(project)) {
        Deno.chmodSync(path, 0o644);
        damage(path);
      }
      assert.deepEqual(outcomes(await project.run()), { a: "reused", b: "reused" });
      for (const [name, file, text] of [["a", "o/x", "1\n"], ["b", "o", "2\n"]]) {
        const got = await project.call("get", "probe.ts", name, project.path(`got-${name}`));
        assert.equal(got.code, 0, got.err);
        assert.equal(project.read(`got-${name}/${file}`), text);
      }
      assert.match((await project.call("show", "probe.ts", "a")).out, /^task {6}a \(kept\)/);
      assert.deepEqual(outcomes(await project.run()), { a: "reused", b: "reused" });
      assert.match(
        (await project.call("verify", "probe.ts", "--frozen")).out,
        /2 of 2 tasks kept and verified/,
      );
    }));
}

Deno.test("a damaged record whose output is damaged too is not restored", () =>
  inProject(async (project) => {
    project.workflow({ a: task("echo 1 > out/o") });
    await project.run();
    const [record] = recordsOf(project);
    const [blob] = [
      ...project.read(record.slice(project.folder.length + 1)).matchAll(
        /"digest":"([0-9a-f]{64})","path":""/g,
      ),
    ]
      .map(([, digest]) => project.path(`store/blobs/${digest.slice(0, 2)}/${digest}`));
    for (const path of [record, blob]) {
      Deno.chmodSync(path, 0o644);
      Deno.writeTextFileSync(path, "x", { append: true });
    }
    assert.deepEqual(outcomes(await project.run()), { a: "ran" });
    assert.deepEqual(outcomes(await project.run()), { a: "reused" });
  }));
