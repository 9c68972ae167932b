/** The folder of a job on its node's disk: where it is, and what is removed of others. */

import assert from "node:assert/strict";
import { hostname } from "node:os";
import { join } from "node:path";
import { ScratchFolder } from "../../../lib/flow/slurm/scratch_folder.ts";
import { SCRATCH, scratchPath } from "../../../lib/flow/slurm/scratch_setting.ts";
import { hasSurelyEnded, type Owner, thisOwner } from "../../../lib/flow/store/owner.ts";
import { exists } from "../cli.ts";

const NO_PROCESS = 2 ** 30;

async function onDisk(body: (base: string, own: string) => void | Promise<void>): Promise<void> {
  const base = Deno.makeTempDirSync();
  try {
    await body(base, join(base, `protoflow-${Deno.uid()}`));
  } finally {
    Deno.removeSync(base, { recursive: true });
  }
}

/** Leaves the folder of a work as a process had it. */
function leave(own: string, name: string, owner: Owner): string {
  const path = join(own, name);
  Deno.mkdirSync(join(path, "work/out"), { recursive: true });
  Deno.writeTextFileSync(join(path, "work/out/o"), "half");
  Deno.chmodSync(join(path, "work/out"), 0o500);
  Deno.writeTextFileSync(`${path}.owner`, JSON.stringify(owner));
  return path;
}

Deno.test("a job removes what processes of this node have left that have ended, and nothing else", () =>
  onDisk((base, own) => {
    Deno.mkdirSync(own);
    const me = thisOwner("the test");
    const [, boot, processes] = me.machine.split(" ");
    const ofMachine = (machine: string): Owner => ({ ...me, pid: NO_PROCESS, machine });
    const gone = [
      leave(own, "killed", { ...me, pid: NO_PROCESS }),
      leave(own, "number-came-again", { ...me, start: `${me.start}0` }),
      leave(own, "before-a-restart", ofMachine(`${hostname()} other-boot ${processes}`)),
    ];
    const kept = [
      leave(own, "goes-on", me),
      leave(own, "of-another-node", ofMachine(`another ${boot} ${processes}`)),
      leave(own, "of-another-container", ofMachine(`${hostname()} ${boot} pid:[1]`)),
    ];
    Deno.writeTextFileSync(join(own, "broken.owner"), "{");
    const folder = ScratchFolder.make(base);
    assert.ok(exists(folder.path) && exists(`${folder.path}.owner`));
    for (const path of gone) assert.ok(!exists(path) && !exists(`${path}.owner`), path);
    for (const path of kept) assert.ok(exists(path) && exists(`${path}.owner`), path);
    folder.remove();
    assert.ok(!exists(folder.path) && !exists(`${folder.path}.owner`));
  }));

Deno.test("the last job leaves no folder, and jobs that begin and end at once do not disturb each other", () =>
  onDisk(async (base, own) => {
    const racer = new URL("./scratch_racer.ts", import.meta.url).pathname;
    const args = ["run", "--quiet", "-A", "--no-check", racer, base, "500"];
    const ends = await Promise.all(
      Array.from({ length: 4 }, () => new Deno.Command(Deno.execPath(), { args }).output()),
    );
    for (const { code, stderr } of ends) assert.equal(code, 0, new TextDecoder().decode(stderr));
    assert.ok(!exists(own));
  }));

Deno.test("a folder that another user could have made, or that is not there, is refused", () =>
  onDisk((base, own) => {
    Deno.mkdirSync(join(base, "elsewhere"));
    Deno.symlinkSync(join(base, "elsewhere"), own);
    assert.throws(() => ScratchFolder.make(base), /is no folder, or belongs to another user/);
    assert.deepEqual([...Deno.readDirSync(join(base, "elsewhere"))], []);
    Deno.removeSync(own);
    if (Deno.uid() === 0) {
      Deno.mkdirSync(own);
      Deno.chownSync(own, 65534, 65534);
      assert.throws(() => ScratchFolder.make(base), /belongs to another user/);
    }
    assert.throws(() => ScratchFolder.make(join(base, "missing")), Deno.errors.NotFound);
  }));

Deno.test("this process has not ended", () => assert.equal(hasSurelyEnded(thisOwner("the test")), false));

Deno.test("variables of the node are put into the setting, and no shell reads it", () => {
  const values: Record<string, string> = {
    TMPDIR: "/local/7",
    USER: "eva",
    ODD: "$USER `x`",
    EMPTY: "",
    BELOW: "x",
  };
  const pathOf = (setting: string) => scratchPath({ setting, node: "n1" }, (name) => values[name]);
  const paths = {
    "$TMPDIR": "/local/7",
    "/scratch/$USER": "/scratch/eva",
    "/scratch/$USER/flow-$USER.d": "/scratch/eva/flow-eva.d",
    "/a b/$ODD": "/a b/$USER `x`",
  };
  for (const [setting, path] of Object.entries(paths)) {
    assert.match(setting, SCRATCH);
    assert.equal(pathOf(setting), path);
  }
  const refused: [string, RegExp][] = [
    [
      "/scratch/$USER_ID",
      /the node n1 has no folder for work: the variable \$USER_ID is not set there; slurm.scratch/,
    ],
    ["$EMPTY", /\$EMPTY is not set/],
    ["$BELOW/y", /"x\/y" is no absolute path/],
  ];
  for (const [setting, message] of refused) {
    assert.match(setting, SCRATCH);
    assert.throws(() => pathOf(setting), { code: "scratch", message });
  }
  for (const setting of ["", "scratch", "./x", "~/x", "/x/$", "/x/$1", "/x/${USER}", "/x/$(id)", "$"]) {
    assert.doesNotMatch(setting, SCRATCH);
  }
});
