/** Leases: who runs an action, so that one that is wanted twice at once runs once. A dead owner's lease is adopted. */
import { onDisk } from "./io.ts";
import { preciseNow } from "./file_clock.ts";
import { entriesOf, inFolderOf, LAYOUT, removeAll } from "./layout.ts";
import { keyNow, waitMoment } from "./late_view.ts";
import { HEARTBEAT_MS, NOBODY, type Owner, parseOwner, thisOwner, Watch } from "./owner.ts";
import { sha256Hex } from "./digest.ts";
import { isNotPlain, readPlainText } from "./plain_file.ts";
import { moveAside } from "./quarantine.ts";
import { RefusedRemovals } from "./refused_removals.ts";
import { replaceFile } from "./replace_file.ts";
import { settlesIn } from "./settle.ts";
import { StatKey } from "./stat_key.ts";
import { endProcessesIn } from "./work_processes.ts";
import { isMissing } from "../../system/is_there.ts";
import { retryStale } from "../../system/stale.ts";

/** The owner of a lease that another process wants. */
export interface Holder {
  readonly host: string;
  readonly pid: number;
  /** ISO 8601: when that process began to work on the store. */
  readonly since: string;
  readonly about: string;
}

export interface Lease {
  readonly name: string;
  /** May be called again. */
  release(): void;
}

/**
 * A lease is a hard link, named after the leased key, to the owner file of a process. Linking fails if the name is
 * taken, so it is atomic on local and network file systems alike, and touching the owner file is the heartbeat of
 * all its leases. A lost lease costs only the time of doing the same work twice: publishing is atomic.
 */
export class Leases {
  readonly #watch = new Watch();
  readonly #held = new Set<string>();
  #me: Owner | undefined;
  #heartbeat: ReturnType<typeof setInterval> | undefined;

  constructor(readonly folder: string, readonly about: string, readonly removals = new RefusedRemovals()) {}

  /** This process, made known to the others when it is first asked for. */
  get me(): Owner {
    return this.#me ??= this.#register();
  }

  ownerFile(token: string): string {
    return `${this.folder}/${LAYOUT.owners}/${token}`;
  }

  /** Takes the lease on `name`, or says who has it. */
  try(name: string): { lease: Lease } | { holder: Holder } {
    return onDisk(`take a lease in ${this.folder}`, () => {
      const holder = this.#take(`${this.folder}/${LAYOUT.leases}/${name}`);
      if (holder !== undefined) return { holder };
      this.#held.add(name);
      return { lease: { name, release: () => this.#release(name) } };
    });
  }

  /** Every process that is known to work on the store and not known to be dead, but this one. */
  others(): Owner[] {
    return this.#owners().filter(({ dead, owner }) => !dead && owner.token !== this.#me?.token).map((
      { owner },
    ) => owner);
  }

  /** The names that are leased to a process not known to be dead. */
  leased(): string[] {
    return entriesOf(`${this.folder}/${LAYOUT.leases}`).filter((name) => {
      const found = this.#read(`${this.folder}/${LAYOUT.leases}/${name}`);
      return found !== undefined && !this.#watch.isDead(found.owner, found.heartbeat);
    });
  }

  /** Whether a process not known to be dead has the lease on `name`. */
  isHeld(name: string): boolean {
    const path = `${this.folder}/${LAYOUT.leases}/${name}`;
    const found = keyNow(path) && this.#read(path);
    return found !== undefined && !this.#watch.isDead(found.owner, found.heartbeat);
  }

  /** Ends and removes what dead processes left: the processes and work folders of their actions, their owner files, and
   * leases nobody adopted, also those by which leases were to be removed. */
  clearDead(): void {
    for (const { owner, dead } of this.#owners()) {
      if (!dead) continue;
      const work = `${this.folder}/${LAYOUT.work}/${owner.token}`;
      // Before the folder is deleted: they could create it again.
      endProcessesIn(work);
      // At once, so that the process, which may live nevertheless, never works with a folder of which a part is gone.
      const buried = `${work}.buried`;
      moveIfPossible(work, buried);
      for (const folder of [buried, work]) this.removals.remove(folder);
      this.removals.remove(this.ownerFile(owner.token));
    }
    for (const area of [LAYOUT.leases, LAYOUT.burials]) {
      for (const name of entriesOf(`${this.folder}/${area}`)) {
        const path = `${this.folder}/${area}/${name}`;
        const found = this.#read(path);
        if (found !== undefined && this.#watch.isDead(found.owner, found.heartbeat)) {
          this.#bury(path, found.owner);
        }
      }
    }
  }

  close(): void {
    if (this.#me === undefined) return;
    clearInterval(this.#heartbeat);
    for (const name of this.#held) this.#release(name);
    this.removals.remove(`${this.folder}/${LAYOUT.work}/${this.#me.token}`);
    this.removals.remove(this.ownerFile(this.#me.token));
    this.#me = undefined;
  }

  /**
   * Whether others took this process for dead since it was known as `token`, as they do after a long silence: a laptop
   * that slept, a node that stood still. Its work folder is gone then.
   */
  isBuried(token: string): boolean {
    return keyNow(this.ownerFile(token)) === undefined;
  }

  /** Makes this process known anew, where it is still known as `token`, which was taken for dead. */
  rise(token: string): void {
    if (this.#me?.token !== token) return;
    clearInterval(this.#heartbeat);
    this.#held.clear();
    this.#me = undefined;
  }

  /**
   * Changes whenever a process begins or ends to work on the store. The folder is listed first: a network file system looks
   * anew at what is opened, and not at what is only asked for its times.
   */
  presence(): string {
    const folder = `${this.folder}/${LAYOUT.owners}`;
    const tokens = entriesOf(folder);
    return `${StatKey.of(folder)} ${tokens}`;
  }

  /**
   * How long it takes until whoever begins or ends to work on the store changes its presence, and whatever comes into one of
   * the `watched` folders the key of that, in milliseconds.
   */
  calmIn(watched: readonly string[] = []): number {
    const keys = [`${this.folder}/${LAYOUT.owners}`, ...watched].flatMap((folder) => keyNow(folder) ?? []);
    return keys.length === 0 ? 0 : settlesIn(keys, preciseNow());
  }

  #register(): Owner {
    const me = thisOwner(this.about);
    const file = this.ownerFile(me.token);
    onDisk(`work on the store ${this.folder}`, () => {
      inFolderOf(file, () => replaceFile(file, JSON.stringify(me)));
    });
    this.#heartbeat = setInterval(() => {
      const now = new Date();
      // If the file is gone, others took this process for dead after a long silence; they publish the same results.
      if (StatKey.ofLink(file)?.isFile) Deno.utime(file, now, now).catch(() => {});
    }, HEARTBEAT_MS);
    Deno.unrefTimer(this.#heartbeat as unknown as number);
    return me;
  }

  /** Links our owner file to `path`; the holder where somebody living has it. */
  #take(path: string): Holder | undefined {
    const mine = this.ownerFile(this.me.token);
    for (;;) {
      try {
        inFolderOf(path, () => retryStale(() => Deno.linkSync(mine, path)));
        return undefined;
      } catch (error) {
        if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      }
      const found = this.#read(path);
      if (found === undefined) {
        waitMoment();
        continue;
      }
      const { owner } = found;
      // The link was made, and its answer lost: the second try found the first.
      if (owner.token === this.me.token && !this.#held.has(path.slice(path.lastIndexOf("/") + 1))) {
        return undefined;
      }
      if (!this.#watch.isDead(owner, found.heartbeat) || !this.#bury(path, owner)) {
        return { host: owner.host, pid: owner.pid, since: owner.since, about: owner.about };
      }
    }
  }

  /**
   * Removes the lease at `path` of a dead owner. Two processes that see the same death must not both remove it,
   * since by then it may be the other's new lease: the right to remove this one lease is leased itself.
   *
   * @returns false if another process is removing it
   */
  #bury(path: string, dead: Owner): boolean {
    const right = `${this.folder}/${LAYOUT.burials}/${
      sha256Hex(`${dead.token} ${path.slice(this.folder.length)}`)
    }`;
    if (this.#take(right) !== undefined) return false;
    try {
      keyNow(path);
      if (this.#read(path)?.owner.token !== dead.token) return true;
      if (StatKey.ofLink(path)?.isFile) removeAll(path);
      else moveAside(this.folder, path.slice(this.folder.length + 1), "lease");
      return true;
    } finally {
      removeAll(right);
    }
  }

  #release(name: string): void {
    if (!this.#held.delete(name)) return;
    const path = `${this.folder}/${LAYOUT.leases}/${name}`;
    // After a long silence it may be another's.
    const mine = StatKey.ofLink(this.ownerFile(this.me.token));
    if (mine !== undefined && keyNow(path)?.isSameFile(mine)) this.removals.remove(path);
  }

  #owners(): { owner: Owner; dead: boolean }[] {
    return entriesOf(`${this.folder}/${LAYOUT.owners}`).flatMap((token) => {
      const found = this.#read(this.ownerFile(token));
      return found?.owner.token === token
        ? [{ owner: found.owner, dead: this.#watch.isDead(found.owner, found.heartbeat) }]
        : [];
    });
  }

  /** The owner described by the owner file, or the link to it, at `path`. */
  #read(path: string): { owner: Owner; heartbeat: number } | undefined {
    try {
      // Read first: a network file system looks anew at a file that is opened.
      const owner = parseOwner(readPlainText(path)) ?? NOBODY;
      const heartbeat = StatKey.ofLink(path)?.modifiedAt;
      return heartbeat === undefined ? undefined : { owner, heartbeat };
    } catch (error) {
      if (isMissing(error)) return undefined;
      if (isNotPlain(error)) return { owner: NOBODY, heartbeat: 0 };
      throw error;
    }
  }
}

function moveIfPossible(from: string, to: string): void {
  try {
    Deno.renameSync(from, to);
  } catch {
    // It is not there, or a part of it that can't be removed was moved before.
  }
}
