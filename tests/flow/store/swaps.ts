/** The ways in which a source can be swapped for another one while it is read, and put back. */
import { writeFiles } from "./scratch.ts";

type At = (path: string) => string;

/** Makes `d/sub/f` with "one", `e/sub/f` with "two", `d/link`, which leads to `sub/f`, and `cur`, which leads to `d`. */
export function makeSwappable(at: At): void {
  writeFiles(at("d"), { "sub/f": "one", "sub/other": "other" });
  writeFiles(at("e"), { "sub/f": "two", "sub/other": "other" });
  Deno.symlinkSync("sub/f", at("d/link"));
  Deno.symlinkSync("d", at("cur"));
}

/** A way to swap a source, and to put it back. */
export interface Swap {
  readonly name: string;
  readonly kind: "file" | "folder";
  /** Relative to what `makeSwappable` makes. */
  readonly source: string;
  swap(at: At): void;
  restore(at: At): void;
}

function turn(link: string, target: string): void {
  Deno.removeSync(link);
  Deno.symlinkSync(target, link);
}

function exchange(one: string, other: string): void {
  Deno.renameSync(one, `${one}.aside`);
  Deno.renameSync(other, one);
  Deno.renameSync(`${one}.aside`, other);
}

const exchanged = (one: string, other: string): Pick<Swap, "swap" | "restore"> => ({
  swap: (at) => exchange(at(one), at(other)),
  restore: (at) => exchange(at(one), at(other)),
});

export const SWAPS: readonly Swap[] = [
  {
    name: "a file that came and went in a folder below",
    kind: "folder",
    source: "d",
    swap: (at) => Deno.writeTextFileSync(at("d/sub/g"), ""),
    restore: (at) => Deno.removeSync(at("d/sub/g")),
  },
  {
    name: "an empty folder that came and went",
    kind: "folder",
    source: "d",
    swap: (at) => Deno.mkdirSync(at("d/sub/new")),
    restore: (at) => Deno.removeSync(at("d/sub/new")),
  },
  {
    name: "the source as a link to a folder",
    kind: "folder",
    source: "cur",
    swap: (at) => turn(at("cur"), "e"),
    restore: (at) => turn(at("cur"), "d"),
  },
  {
    name: "a link on the way to a file",
    kind: "file",
    source: "cur/sub/f",
    swap: (at) => turn(at("cur"), "e"),
    restore: (at) => turn(at("cur"), "d"),
  },
  {
    name: "a link inside of the folder",
    kind: "folder",
    source: "d",
    swap: (at) => turn(at("d/link"), "sub/other"),
    restore: (at) => turn(at("d/link"), "sub/f"),
  },
  { name: "the folder renamed", kind: "folder", source: "d", ...exchanged("d", "e") },
  { name: "a folder below renamed", kind: "folder", source: "d", ...exchanged("d/sub", "e/sub") },
  { name: "a file's folder renamed", kind: "file", source: "d/sub/f", ...exchanged("d/sub", "e/sub") },
  { name: "the folder above that one renamed", kind: "file", source: "d/sub/f", ...exchanged("d", "e") },
];
