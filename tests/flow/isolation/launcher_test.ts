/** The process that starts isolated tasks, where the system allows one. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { Launcher } from "../../../lib/flow/isolation/launcher.ts";
import { SYSTEM_FOLDERS } from "../../../lib/flow/isolation/readable.ts";

const FOLDERS = 60;
const PROCESSES = 8;

Deno.test("processes that are started in one work folder at the same time are all in its namespace", async (t) => {
  const store = Deno.makeTempDirSync();
  const cover = join(store, "cover");
  Deno.mkdirSync(cover);
  const launcher = await Launcher.start({ store, cover, readable: SYSTEM_FOLDERS });
  try {
    await t.step({
      name: "unavailable" in launcher ? `not possible on this system: ${launcher.unavailable}` : "started",
      ignore: "unavailable" in launcher,
      fn: async () => {
        assert.ok(launcher instanceof Launcher);
        const starts = Array.from({ length: FOLDERS }, (_, folder) => {
          const cwd = join(store, `work-${folder}`);
          for (let number = 0; number < PROCESSES; number++) {
            Deno.mkdirSync(join(cwd, `in-${number}`), { recursive: true });
          }
          return Array.from({ length: PROCESSES }, async (_, number) => {
            // While the namespace of an earlier one is being made.
            await new Promise((resolve) => setTimeout(resolve, folder * PROCESSES + number));
            const child = await launcher.spawn("/bin/sh", {
              argv: ["sh", "-c", `test -d in-${number}/cover && echo ${folder} > ${cwd}/${number}`],
              env: { PATH: "/usr/bin:/bin" },
              cwd,
              logFile: join(store, `log-${folder}-${number}`),
            }, [{ from: store, to: join(cwd, `in-${number}`) }]);
            assert.equal((await child.exit).code, 0);
            assert.equal(Deno.readTextFileSync(join(cwd, `${number}`)), `${folder}\n`);
          });
        });
        await Promise.all(starts.flat());
      },
    });
  } finally {
    if (launcher instanceof Launcher) await launcher.close();
    Deno.removeSync(store, { recursive: true });
  }
});
