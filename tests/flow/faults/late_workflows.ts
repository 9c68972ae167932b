/** Workflows whose runs write all kinds of files, and what a run must be that had a limited part of a disk. */

import { Store } from "../../../lib/flow/store/store.ts";
import { exists, type Project, type Result } from "../cli.ts";
import type { NetworkDisk } from "../store/network_disk.ts";

export interface LateWorkflow {
  readonly tasks: Record<string, object>;
  /** By task, the text of its output that is a file. */
  readonly right: Readonly<Record<string, string>>;
  /** The output that is the result, with the files that are placed. */
  readonly result?: { readonly of: string; readonly files: Readonly<Record<string, string>> };
}

/** Of `seed` after four steps. */
const FOUR_STEPS = "9dccf058f99482f7e58dc2f6d62d6f596d37b45079f5bfd9c06681f24b8fe389";

export const WORKFLOWS: Readonly<Record<string, LateWorkflow>> = {
  "items and what collects them": {
    tasks: { all: { kind: "lengths", inputs: { texts: "folder:texts" } } },
    right: { all: "a: 4 characters\nb: 3 characters\n" },
  },
  "a chain": {
    tasks: { chain: { kind: "hash_chain", params: { seed: "seed", steps: 4, segment: 2 } } },
    right: { chain: FOUR_STEPS },
  },
  "a result of files": {
    tasks: {
      page: {
        kind: "command",
        params: { argv: ["sh", "-c", "echo printed; mkdir out/o; echo one > out/o/a; echo more > out/o/b"] },
        outputs: ["o"],
      },
    },
    right: {},
    result: { of: "page.o", files: { a: "one\n", b: "more\n" } },
  },
};

export function writeLateWorkflow(project: Project, { tasks, result }: LateWorkflow): void {
  project.write("texts/a", "text");
  project.write("texts/b", "two");
  project.workflow(tasks, result && { result: result.of });
}

/** What is wrong with a run that can write so many bytes; with any number of them where none is given. */
export async function runLate(
  project: Project,
  disk: NetworkDisk,
  workflow: LateWorkflow,
  quota?: number,
): Promise<string[]> {
  disk.set({ quota });
  const ran = await project.run();
  disk.set({});
  const text = ran.err + ran.out;
  const isTold = quota !== undefined && /no space left/i.test(text);
  const problems = ran.code === 0 ? wrongIn(project, workflow, ran) : isTold ? [] : [`it failed: ${text}`];
  if (/fault of protoflow/.test(text)) problems.push(`a fault: ${text}`);
  return problems.map((problem) => `with ${quota ?? "all"} bytes: ${problem}`);
}

function wrongIn(project: Project, { right, result }: LateWorkflow, { events }: Result): string[] {
  const store = Store.open(project.path("store"), "the test");
  try {
    const texts = Object.entries(right).flatMap(([task, text]) => {
      const { key } = events.find(({ event, id }) => event === "action" && id === task)!;
      const file = Object.values(store.getRecord(key)!.outputs)[0].file!;
      const found = store.bytes.text(file.digest);
      return found === text ? [] : [`${task} is wrong: ${found}`];
    });
    const files = Object.entries(result?.files ?? {}).flatMap(([name, text]) => {
      const path = `store/results/probe/${name}`;
      const found = exists(project.path(path)) ? project.read(path) : undefined;
      return found === text ? [] : [`${path} is wrong: ${found}`];
    });
    return [...texts, ...files];
  } finally {
    store.close();
  }
}
