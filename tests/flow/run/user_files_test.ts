/** What a task does to its inputs and outputs reaches neither the user's files nor what other tasks read. */
import assert from "node:assert/strict";
import { inOpenProject, inProject, type Project } from "../cli.ts";

const sh = (script: string, inputs: object = {}, outputs: string[] = ["o"]) => {
  return { kind: "command", params: { argv: ["sh", "-c", script] }, inputs, outputs };
};

/** The user's files: a folder and a file, with the inode and mode of each. */
function userFiles(project: Project): Record<string, unknown> {
  return Object.fromEntries(
    [...Deno.readDirSync(project.path("photos"))].filter(({ isFile }) => isFile).map(({ name }) =>
      `photos/${name}`
    ).concat("words.txt").map(
      (path) => {
        const { ino, mode, nlink, mtime } = Deno.statSync(project.path(path));
        return [path, { text: project.read(path), ino, mode, nlink, mtime }];
      },
    ),
  );
}

const IN_PLACE: Record<string, string> = {
  "rm in a folder": "rm -f in/photos/a; touch out/o",
  "rm of all": "rm -rf in/photos in/words; touch out/o",
  "a new file beside the input's": "touch in/photos/new; touch out/o",
  "sed -i": "sed -i s/one/two/ in/photos/a in/words; touch out/o",
  "an append": "chmod u+w in/words in/photos/a; echo x >> in/words; echo x >> in/photos/a; touch out/o",
  "chmod -R": "chmod -R 777 in; touch out/o",
  "mv into an output": "mv in/words out/o",
  "a link as output": "ln in/words out/o; ln -f in/photos/a out/p",
  "links of a folder as output": "mkdir out/o; cp -lL in/photos/* out/o/",
};

for (const [name, script] of Object.entries(IN_PLACE)) {
  Deno.test(`a task that works in place changes no file of the user: ${name}`, () =>
    inProject(async (project) => {
      project.write("photos/a", "one");
      project.write("photos/b", "two");
      project.write("words.txt", "one word");
      const before = userFiles(project);
      project.workflow({ a: sh(script, { photos: "folder:photos", words: "file:words.txt" }) });
      await project.run();
      assert.deepEqual(userFiles(project), before);
    }));
}

/** By what a task may put a link to the user's folder in the place of one of its own. */
const IN_ITS_PLACE: Readonly<Record<string, (user: string) => string>> = {
  "out": (user) => `rmdir out; ln -s ${user} out`,
  "in": (user) => `rm -rf in; ln -s ${user} in; echo > out/a`,
  "tmp": (user) => `rm -rf tmp; ln -s ${user} tmp; echo > out/a`,
  "the work folder": (user) => `here=$PWD; mv $here $here.old; ln -s ${user} $here; echo > $here.old/out/a`,
};

for (const [name, script] of Object.entries(IN_ITS_PLACE)) {
  for (const [how, within] of Object.entries({ isolated: inProject, "not isolated": inOpenProject })) {
    Deno.test(`a task that puts a link to the user's folder in the place of ${name} takes nothing of it: ${how}`, () =>
      within(async (project) => {
        project.write("photos/a", "one");
        project.write("photos/out/a", "two");
        project.write("words.txt", "one word");
        const photos = project.path("photos");
        const before = [userFiles(project), project.read("photos/out/a")];
        project.workflow({
          a: sh(script(photos), { words: "file:words.txt" }, ["a"]),
          b: sh(`${script(photos)}; true`, {}, []),
        });
        const { events } = await project.run();
        assert.deepEqual([userFiles(project), project.read("photos/out/a")], before);
        // Where its work folder can't be moved, the first one does nothing wrong.
        const reasons = events.filter(({ outcome }) => outcome === "failed").map(({ reason }) => reason);
        if (name === "the work folder" && how === "isolated") return;
        assert.equal(reasons.length, 2);
        for (const reason of reasons) assert.match(reason, /folder no longer|another one now/);
      }));
  }
}

Deno.test("a hard link to a user's file as output is kept as a copy: the file stays the user's alone", () =>
  inOpenProject(async (project) => {
    project.write("photo", "mine");
    project.workflow({ a: sh(`ln ${project.path("photo")} out/o || cp ${project.path("photo")} out/o`) });
    await project.run();
    const { nlink, mode } = Deno.statSync(project.path("photo"));
    assert.equal(nlink, 1);
    assert.notEqual(mode! & 0o200, 0);
  }));

Deno.test("a task that writes to the output of another one changes what nobody else reads", () =>
  inProject(async (project) => {
    project.workflow({
      a: sh("echo good > out/o"),
      bad: sh("chmod u+w in/d; echo evil >> in/d; touch out/o", { d: "a.o" }),
      next: sh("cat in/d in/r > out/o", { d: "a.o", r: "bad.o" }),
    });
    await project.run();
    project.workflow({ a: sh("echo good > out/o"), other: sh("cat in/d > out/o; : other", { d: "a.o" }) });
    const { code, out } = await project.run();
    assert.equal(code, 0, out);
    const [shown] = (await project.call("show", "probe.ts", "other", "--json")).events;
    assert.equal(Deno.readTextFileSync(shown.paths.o[""]), "good\n");
  }));
