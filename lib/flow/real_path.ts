/** A path without symbolic links. */

/** The place that `path` leads to; a path that leads nowhere stays as it is. */
export function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}
