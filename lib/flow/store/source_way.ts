/** The way to a source: the folders above it and the symbolic links that lead to it. Whatever is turned there swaps it. */
import { dirname, isAbsolute, join } from "node:path";
import { StatKey } from "./stat_key.ts";
import type { StatOf } from "./types.ts";

export interface Way {
  readonly links: readonly StatOf[];
  readonly parents: readonly StatOf[];
}

/** As many links as the kernel follows. */
const MOST_LINKS = 40;

/** Every link and folder that is passed when `path` (absolute) is opened, but for what is found at its end. */
export function wayTo(path: string): Way {
  const links: StatOf[] = [];
  const parents = new Map<string, StatOf>();
  let pending = path.split("/").filter(Boolean);
  let at = "/";
  while (pending.length > 0 && links.length < MOST_LINKS) {
    const [name, ...rest] = pending;
    const here = join(at, name);
    const key = StatKey.ofLink(here);
    if (key?.isLink) {
      links.push({ path: here, key: key.toString() });
      const target = Deno.readLinkSync(here);
      pending = [...target.split("/").filter(Boolean), ...rest];
      if (isAbsolute(target)) at = "/";
      continue;
    }
    if (key?.isFolder && rest.length > 0) parents.set(here, { path: here, key: key.toString() });
    at = name === ".." ? dirname(at) : here;
    pending = rest;
  }
  return { links, parents: [...parents.values()] };
}

/** Those whose key is another now. @param root what relative paths are below */
export function changedPaths(root: string, stats: readonly StatOf[]): string[] {
  return stats.flatMap(({ path, key }) => {
    const absolute = isAbsolute(path) ? path : path === "" ? root : `${root}/${path}`;
    const now = path === "" ? StatKey.of(absolute) : StatKey.ofLink(absolute);
    return now?.toString() === key ? [] : [absolute];
  });
}

/**
 * Folders above a source that are others now, or were renamed and perhaps put back. That other files come and go in them
 * is no change of the source.
 */
export function changedParents(parents: readonly StatOf[]): string[] {
  return parents.flatMap(({ path, key }) => {
    const before = StatKey.parse(key)!;
    const now = StatKey.ofLink(path);
    return now === undefined || !now.isSameFile(before) || now.isMovedFrom(before) ? [path] : [];
  });
}
