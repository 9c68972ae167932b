/** Whether there is something at a path. What the system does not let be looked at is an error, and never absent. */

/** Does the error say that a file is not there? */
export function isMissing(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}

/** Whether there is a file, folder or link, also one that leads nowhere. @throws what the system refuses */
export function isThere(path: string): boolean {
  try {
    return Deno.lstatSync(path) !== undefined;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
