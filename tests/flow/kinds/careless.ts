/** Per-item work by code without types, which is careless in one way or another. */

import { dirname, join } from "node:path";
import { z } from "zod";
import { defineTask } from "../../../lib/flow/kind.ts";

/** What `list` returns. */
const LISTS: Readonly<Record<string, () => unknown>> = {
  "no list": () => undefined,
  "a set": () => new Set([{ id: "a", files: {} }]),
  "no files": () => [{ id: "a" }],
  "files by map": () => [{ id: "a", files: new Map() }],
  "no id": () => [{ id: 5, files: {} }],
  "half a character": () => [{ id: "\ud800", files: {} }],
  "a field in no key": () => [{ id: "a", files: {}, caption: "x" }],
};

/** What is done for the second of three items. */
const ITEMS: Readonly<
  Record<string, (report: (line: string) => void, progress: (what: never) => void) => unknown>
> = {
  "a promise left alone": () => void Promise.reject(new Error("nobody waited")),
  "an error in a timer": () => {
    setTimeout(() => {
      throw new Error("in a timer");
    });
    return new Promise((resolve) => setTimeout(resolve, 100));
  },
  "no progress": (_, progress) => progress({ done: "half" } as never),
  "its own exit code": () => Deno.exit(74),
  "another item": (report) => report('{"event":"item","position":7,"started":true}\n'),
  "an endless item": (report) => report('{"event":"item","position":1,"ms":1e300}\n'),
  "an item twice": (report) => report('{"event":"item","position":0,"ms":1}\n'),
  "half a line": (report) => report('{"event":"item'),
};

export const WAYS = [...Object.keys(LISTS), ...Object.keys(ITEMS)];

export default defineTask({
  name: "careless",
  about: "do something careless",
  params: z.strictObject({ way: z.enum(WAYS) }),
  inputs: {},
  outputs: ["o"],
  items: {
    list: ({ params: { way } }) =>
      (LISTS[way]?.() ??
        (way in ITEMS ? ["a", "b", "c"].map((id) => ({ id, files: {} })) : undefined)) as never,
    async runItem({ params: { way }, output, progress }, { id }) {
      Deno.writeTextFileSync(output("o"), id);
      const events = join(dirname(Deno.args[0]), "items-events.jsonl");
      const report = (line: string) => Deno.writeTextFileSync(events, line, { append: true });
      if (id === "b") await ITEMS[way](report, progress);
    },
  },
});
