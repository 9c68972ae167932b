/** Ten outputs of 1 GB each: a run without changes neither reads nor writes them. */
import { type Measurement, medians, ms, protoflow, time } from "./measure.ts";

const OUTPUTS = 10;
const BYTES = 10 ** 9;
const ROUNDS = 7;
/** The engine reads its own modules and records the run in less than this; every output is larger. */
const OWN_BYTES = 20 * 2 ** 20;

export async function benchmarkLargeOutputs(folder: string): Promise<Measurement[]> {
  const params = { argv: ["truncate", "-s", `${BYTES}`, "out/o"] };
  const tasks = Array.from({ length: OUTPUTS }, (_, i) => [
    `t${i}`,
    { kind: "command", params: { ...params, env: { N: `${i}` } }, outputs: ["o"] },
  ]);
  Deno.writeTextFileSync(
    `${folder}/large.ts`,
    `import { defineWorkflow } from "protoflow";
export default defineWorkflow({ name: "large", about: "long outputs", tasks: ${
      JSON.stringify(Object.fromEntries(tasks))
    } as never });
`,
  );
  const command = protoflow("run", "large.ts", "--store", `${folder}/store`);
  console.log(`      first run with ${OUTPUTS} outputs of 1 GB (sparse files): ${ms(time(command, folder))}`);
  const [noop] = medians(ROUNDS, () => time(command, folder));
  const { read, written } = await bytesMoved(command, folder);
  const value = `${(read / 2 ** 20).toFixed(1)} MiB read, ${(written / 2 ** 20).toFixed(1)} MiB written`;
  return [
    { what: `no-op with ${OUTPUTS} outputs of 1 GB`, value: ms(noop), bar: "≤ 250 ms", met: noop <= 250 },
    {
      what: "bytes that this process read and wrote, including its own modules",
      value,
      bar: "no output, so ≤ 20 MiB",
      met: read + written <= OWN_BYTES,
    },
  ];
}

/**
 * The bytes of read(2) and write(2), including the page cache: the last values in /proc before the process
 * ended.
 */
async function bytesMoved(
  command: readonly string[],
  cwd: string,
): Promise<{ read: number; written: number }> {
  const child = new Deno.Command(command[0], { args: command.slice(1), cwd, stdout: "null" }).spawn();
  let last = "";
  let ended = false;
  child.status.then(() => (ended = true));
  while (!ended) {
    try {
      last = Deno.readTextFileSync(`/proc/${child.pid}/io`) || last;
    } catch {
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  const field = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, "m").exec(last)?.[1] ?? NaN);
  return { read: field("rchar"), written: field("wchar") };
}
