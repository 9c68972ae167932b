/** A process killed at any instant leaves the store whole, and nothing to be unlocked by hand. */
import assert from "node:assert";
import { Store } from "../../../lib/flow/store/store.ts";
import { inTemporaryFolder, startRacer } from "./scratch.ts";

const KILLS = { tasks: 200, items: 100 };

for (const what of ["tasks", "items"] as const) {
  Deno.test(`kill -9 at ${KILLS[what]} random instants of publishing ${what}: nothing torn, no lock left, the next one ends right`, () =>
    inTemporaryFolder((folder) => killAndGoOn(folder, what)));
}

async function killAndGoOn(folder: string, what: "tasks" | "items"): Promise<void> {
  const store = Store.open(`${folder}/store`);
  const log = `${folder}/log`;
  Deno.writeTextFileSync(log, "");
  let killed = 0;
  for (let from = 0; killed < KILLS[what]; from += 30) {
    const before = Deno.statSync(log).size;
    const children = [
      startRacer(store.folder, log, from, from + 500, what),
      startRacer(store.folder, log, from, from + 500, what),
    ];
    // Past the start of the processes, which takes most of the time.
    for (let looks = 0; Deno.statSync(log).size === before && looks < 20_000; looks++) await sleep(1);
    await sleep(Math.random() * 12);
    for (const child of children) {
      killIfAlive(child);
      await Promise.all([child.stdout.cancel(), child.stderr.cancel()]);
      if ((await child.status).signal === "SIGKILL") killed++;
    }
    for (const key of [...store.keys()]) {
      const record = store.getRecord(key);
      assert.ok(record !== undefined, "a torn record");
      assert.deepStrictEqual(await store.checkOutputs(record), []);
    }
  }
  assert.deepStrictEqual(await store.verify(), []);

  const last = startRacer(store.folder, log, 0, 500, what);
  const { code, stdout, stderr } = await last.output();
  assert.strictEqual(code, 0, new TextDecoder().decode(stderr));
  const { seen, waits } = JSON.parse(new TextDecoder().decode(stdout));
  for (let n = 0; n < 500; n++) assert.strictEqual(seen[n], `result ${n}`);
  assert.strictEqual(waits, 0, "it had to wait for the dead");
  assert.deepStrictEqual([...Deno.readDirSync(`${store.folder}/work`)], []);
  assert.deepStrictEqual([...Deno.readDirSync(`${store.folder}/leases/burials`)], []);
  assert.deepStrictEqual(await store.verify(), []);
  store.close();
}

/** On a busy machine this process may come too late. */
function killIfAlive(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has done all its keys before.
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
