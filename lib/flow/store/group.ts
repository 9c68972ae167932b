/** Stores that the users of a group share: whatever is made in them is the group's to read and write. */

/** Set by whoever shares the store: the folder is its group's to write to, and so is the group of all below it. */
const SHARED_MODE = 0o2020;
const GROUP_MODE = 0o070;

/** The umask that this process was given, where it is another one now. */
let givenMask: number | undefined;

/**
 * Where the store in `folder` is shared, lets the group use every file and folder that this process and its children
 * make from now on, whatever the user's umask. A umask is the process's: a mode for each file would leave out the
 * folders that tasks make, which somebody else may have to remove.
 */
export function keepOpenToGroup(folder: string): void {
  if (Deno.build.os === "windows") return;
  if (((Deno.statSync(folder).mode ?? 0) & SHARED_MODE) !== SHARED_MODE) return;
  const mask = Deno.umask();
  if ((mask & GROUP_MODE) === 0) return;
  givenMask ??= mask;
  Deno.umask(mask & ~GROUP_MODE);
}

/** Does `work`, which makes files outside of any store, with the umask of the user. */
export function withGivenMask<T>(work: () => T): T {
  if (givenMask === undefined) return work();
  const shared = Deno.umask(givenMask);
  try {
    return work();
  } finally {
    Deno.umask(shared);
  }
}
