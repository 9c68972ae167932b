/** Leases: one owner at a time, adoption of a dead one's, and races of several processes. */
import assert from "node:assert";
import { hostname } from "node:os";
import { Leases } from "../../../lib/flow/store/leases.ts";
import { thisOwner, Watch } from "../../../lib/flow/store/owner.ts";
import { Store } from "../../../lib/flow/store/store.ts";
import type { ActionKey } from "../../../lib/flow/store/types.ts";
import { actionKey } from "../../../lib/flow/store/manifest.ts";
import { until } from "../cli.ts";
import { inTemporaryFolder, manifest, paramsOf, startRacer } from "./scratch.ts";

Deno.test("a lease is one's own until it is released, and the other is told whose it is", () =>
  inTemporaryFolder((folder) => {
    const a = new Leases(folder, "process a");
    const b = new Leases(folder, "process b");
    const claim = a.try("key");
    assert.ok("lease" in claim);
    const refused = b.try("key");
    assert.ok("holder" in refused);
    assert.deepStrictEqual([refused.holder.pid, refused.holder.host, refused.holder.about], [
      Deno.pid,
      hostname(),
      "process a",
    ]);
    assert.ok("lease" in b.try("other"));
    claim.lease.release();
    claim.lease.release();
    assert.ok("lease" in b.try("key"));
    assert.ok("holder" in a.try("key"));
    b.close();
    assert.ok("lease" in a.try("key"));
    a.close();
    assert.deepStrictEqual([...Deno.readDirSync(`${folder}/leases/owners`)], []);
    assert.deepStrictEqual([...Deno.readDirSync(`${folder}/leases/actions`)], []);
  }));

Deno.test("the lease of a process that was killed is adopted at once, and what it left is cleared", () =>
  inTemporaryFolder(async (folder) => {
    Store.open(folder);
    const child = await leaseInChild(folder, "key");
    const store = Store.open(folder);
    assert.ok("holder" in store.tryLease("key" as ActionKey));
    assert.strictEqual([...Deno.readDirSync(`${folder}/work`)].length, 1);
    child.kill("SIGKILL");
    await child.status;
    assert.ok("lease" in store.tryLease("key" as ActionKey));
    store.workFolder("x");
    // The dead one's work folder is gone, ours is there.
    assert.strictEqual([...Deno.readDirSync(`${folder}/work`)].length, 1);
    assert.strictEqual([...Deno.readDirSync(`${folder}/leases/owners`)].length, 1);
    store.close();
  }));

Deno.test("a process killed while it removes the lease of another dead one leaves nothing behind", () =>
  inTemporaryFolder(async (folder) => {
    Store.open(folder);
    const child = await leaseInChild(folder, "key");
    child.kill("SIGKILL");
    await child.status;
    // The lease of a right to remove a lease is a link to its owner's file, too.
    Deno.mkdirSync(`${folder}/leases/burials`, { recursive: true });
    Deno.linkSync(`${folder}/leases/actions/key`, `${folder}/leases/burials/${"0".repeat(64)}`);
    const store = Store.open(folder);
    store.workFolder("x");
    assert.deepStrictEqual([...Deno.readDirSync(`${folder}/leases/burials`)], []);
    assert.deepStrictEqual([...Deno.readDirSync(`${folder}/leases/actions`)], []);
    store.close();
  }));

Deno.test("of many who see the same death one adopts", () =>
  inTemporaryFolder(async (folder) => {
    for (let round = 0; round < 20; round++) {
      const child = await leaseInChild(folder, `key${round}`);
      child.kill("SIGKILL");
      await child.status;
      const many = Array.from({ length: 8 }, (_, i) => new Leases(folder, `${i}`));
      const owners = many.filter((leases) => "lease" in leases.try(`key${round}`));
      assert.strictEqual(owners.length, 1);
      for (const leases of many) leases.close();
    }
  }));

Deno.test("an owner file that says nothing does not block anybody", () =>
  inTemporaryFolder((folder) => {
    Deno.mkdirSync(`${folder}/leases/actions`, { recursive: true });
    for (const [name, text] of [["empty", ""], ["torn", '{"token":"'], ["strange", "[]"]]) {
      Deno.writeTextFileSync(`${folder}/leases/actions/${name}`, text);
      const leases = new Leases(folder, "a");
      assert.ok("lease" in leases.try(name));
      leases.close();
    }
  }));

Deno.test("an owner on another machine is alive as long as its heartbeat moves", () => {
  const owner = { ...thisOwner("far away"), machine: "another", pid: 1 };
  const watch = new Watch();
  const now = performance.now;
  try {
    let time = 0;
    performance.now = () => time;
    for (let beat = 0; beat < 5; beat++, time += 50_000) assert.strictEqual(watch.isDead(owner, beat), false);
    assert.strictEqual(watch.isDead(owner, 4), false);
    time += 61_000;
    assert.strictEqual(watch.isDead(owner, 4), true);
    assert.strictEqual(watch.isDead(owner, 5), false);
  } finally {
    performance.now = now;
  }
});

Deno.test("a process number that came again is not taken for the process that had it", () => {
  const watch = new Watch();
  const me = thisOwner("me");
  assert.strictEqual(watch.isDead(me, 0), false);
  if (me.start !== "") assert.strictEqual(watch.isDead({ ...me, start: "1" }, 0), true);
});

Deno.test("1,000 races of four processes: no wrong hit, nothing run twice", () =>
  inTemporaryFolder(async (folder) => {
    const races = 1000;
    const log = `${folder}/log`;
    for (const file of [log, `${log}.waits`]) Deno.writeTextFileSync(file, "");
    const store = Store.open(`${folder}/store`);
    // They begin at the same moment, when all of them wait for the first key.
    const first = store.tryLease(actionKey(manifest(paramsOf(0))));
    assert.ok("lease" in first);
    const outputs = [1, 2, 3, 4].map(() => startRacer(store.folder, log, 0, races).output());
    await until(() => Deno.readTextFileSync(`${log}.waits`) === "0\n".repeat(4), "all of them wait");
    first.lease.release();
    for (const { code, stdout } of await Promise.all(outputs)) {
      assert.strictEqual(code, 0);
      const result = JSON.parse(new TextDecoder().decode(stdout));
      for (let n = 0; n < races; n++) assert.strictEqual(result.seen[n], `result ${n}`);
    }
    const runs = Deno.readTextFileSync(log).trim().split("\n");
    assert.strictEqual(runs.length, races, "double runs");
    assert.strictEqual(new Set(runs).size, races);
    assert.deepStrictEqual(await store.verify(), []);
    store.close();
  }));

/** A process that takes a lease and a work folder, and goes on until it is killed. */
async function leaseInChild(folder: string, name: string): Promise<Deno.ChildProcess> {
  const store = new URL("../../../lib/flow/store/store.ts", import.meta.url).href;
  const code = `import { Store } from "${store}";
    const store = Store.open("${folder}");
    const claim = store.tryLease("${name}");
    store.workFolder("x");
    console.log("lease" in claim ? "ready" : "refused");
    setInterval(() => {}, 1000);`;
  const config = new URL("../../../deno.json", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", "--config", config, "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(code));
  await writer.close();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  assert.strictEqual(new TextDecoder().decode(value).trim(), "ready");
  await reader.cancel();
  return child;
}
