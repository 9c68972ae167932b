/**
 * Peak resident memory and time of a joint step of ProtoMask, with and without recomputation, against PyTorch with and
 * without `torch.utils.checkpoint`.
 *
 *     deno run -A bench/memory.ts [--images 2] [--rounds 1] [--threads 2] [--python python3]
 *
 * The published step has 16 images of 11 views of 224², a ResNet-50 and 2,000 prototypes: `--images 16`, which needs
 * 20 GB. Every side is a process of its own and takes one micro-batch and one optimiser step a round; the first
 * round also allocates memory. Our two sides must have the same bits.
 */

import { parseArgs } from "node:util";
import { pagesEnvironment } from "../lib/flow/run/large_pages.ts";

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    images: { type: "string", default: "2" },
    rounds: { type: "string", default: "1" },
    threads: { type: "string", default: "2" },
    python: { type: "string", default: "python3" },
  },
});

/** What a side prints at its end. */
interface Answer {
  /** The fastest round. */
  readonly ms: number;
  readonly cpuMs: number;
  /** Of the whole process. */
  readonly peakMb: number;
  readonly digest?: string;
}

async function answerOf(
  name: string,
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Answer> {
  const settings = { images: options.images, rounds: options.rounds, threads: options.threads };
  const given = [...args, ...Object.values(settings)];
  const child = new Deno.Command(command, { args: given, env, stderr: "inherit", stdout: "piped" }).spawn();
  let peakMb = 0;
  const sampling = setInterval(() => peakMb = Math.max(peakMb, heldMb(child.pid)), 50);
  const { success, stdout } = await child.output();
  clearInterval(sampling);
  if (!success) throw new Error(`${name} failed`);
  const answer: Answer = JSON.parse(new TextDecoder().decode(stdout));
  const [seconds, cpu] = [answer.ms / 1000, answer.cpuMs / 1000];
  peakMb = Math.max(peakMb, answer.peakMb);
  console.log(
    `${name.padEnd(24)} ${peakMb.toFixed(0).padStart(6)} MB  ${seconds.toFixed(1).padStart(6)} s  ` +
      `${cpu.toFixed(1).padStart(6)} s of CPU`,
  );
  return { ...answer, peakMb };
}

/** The resident memory of a process and its reserved pages, which are no part of it, in MB; 0 once it has ended. */
function heldMb(pid: number): number {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    const kilobytes = (name: string) => Number(status.match(new RegExp(`${name}:\\s+(\\d+) kB`))?.[1] ?? 0);
    return (kilobytes("VmRSS") + kilobytes("HugetlbPages")) / 1024;
  } catch {
    return 0;
  }
}

const path = (name: string) => new URL(name, import.meta.url).pathname;
const ours = ["run", "-A", path("./memory_worker.ts")];
const plain = await answerOf("ours", Deno.execPath(), [...ours, "plain"]);
// As the engine starts a task that has less memory than it would use.
const memoryMB = 375 * Number(options.images);
const pages = pagesEnvironment({ memoryMB }, { memoryMB: memoryMB + 1 });
const again = await answerOf("ours, recomputing", Deno.execPath(), [...ours, "again"], pages);
if (again.digest !== plain.digest) throw new Error("recomputation must not change a bit of the gradients");
console.log(
  `recomputation: ${(again.peakMb / plain.peakMb).toFixed(2)} of the memory, ${
    (again.cpuMs / plain.cpuMs).toFixed(2)
  } × the CPU time, the same bits`,
);
const peer = path("./peers/memory.py");
await answerOf("PyTorch", options.python!, [peer, "plain"]);
await answerOf("PyTorch, checkpoint", options.python!, [peer, "again"]);
