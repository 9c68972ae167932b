/**
 * A process that wants many keys at once with others: it uses what is there, runs what nobody runs, else waits. Beside its
 * log it says for which of them it waited first.
 */
import { actionKey } from "../../../lib/flow/store/manifest.ts";
import { Store } from "../../../lib/flow/store/store.ts";
import type { ActionKey } from "../../../lib/flow/store/types.ts";
import { itemManifest, manifest, paramsOf, writeFiles } from "./scratch.ts";

const [folder, log, from, to, what] = Deno.args;
const store = Store.open(folder, `racer ${Deno.pid}`);
const seen: Record<string, string> = {};
let waits = 0;

for (let n = Number(from); n < Number(to); n++) {
  const made = what === "items" ? itemManifest(String(n), paramsOf(n)) : manifest(paramsOf(n));
  const key = actionKey(made);
  for (;;) {
    if (await use(key, n)) break;
    const claim = store.tryLease(key);
    if ("holder" in claim) {
      if (waits++ === 0) Deno.writeTextFileSync(`${log}.waits`, `${n}\n`, { append: true });
      await new Promise((resolve) => setTimeout(resolve, 1));
      continue;
    }
    if (!(await use(key, n))) {
      // One short append to a local file is atomic.
      Deno.writeTextFileSync(log, `${n}\n`, { append: true });
      const work = store.workFolder(`${n}`);
      writeFiles(work, { out: `result ${n}` });
      await store.publish({ key, manifest: made, folder: work, facts: { started: "", ms: 1 } });
      await store.removeFolder(work);
    }
    claim.lease.release();
  }
}
store.close();
console.log(JSON.stringify({ seen, waits }));

async function use(key: ActionKey, n: number): Promise<boolean> {
  const record = what === "items" ? (await store.packedItems([key])).get(key) : store.getRecord(key);
  if (record === undefined || (await store.checkOutputs(record)).length > 0) return false;
  seen[n] = store.bytes.text(record.outputs.out.file!.digest);
  return true;
}
