/**
 * The thread of a launcher that makes mount namespaces. It is not restricted by Landlock, which would forbid it to mount.
 *
 * A namespace is a copy of this thread's: every mount read-only, the store covered by an empty file system in memory, and
 * on top of that the work folder, writable, with the inputs mounted in it. Files below the cover are those that Landlock
 * lets a task read, so that one restricted thread can start the tasks of every namespace.
 */

import { messageOf } from "../failure.ts";
import { realPath } from "../real_path.ts";
import { isFolder } from "../store/small_files.ts";
import { closeFile, enterNewNamespace, openPlace, thisNamespace } from "./linux_calls.ts";
import { LineSocket } from "./line_socket.ts";
import type { LauncherSetup, Mount, MountAnswer, MountRequest, Namespace, SharedMemory } from "./messages.ts";
import { Poller } from "./poller.ts";
import { enterOrEnd } from "./enter_or_end.ts";
import { cloneMount, makeAllReadOnly, newMemoryMount, placeMount, setWritable } from "./mounts.ts";

const SHARED_MEMORY = "/dev/shm";

interface Template extends LauncherSetup {
  readonly namespace: number;
  readonly hasSharedMemory: boolean;
  /** Where the store lies in the shared memory of the system, if it does. */
  readonly inSharedMemory?: string;
}

let template: Template | undefined;

/** Makes this thread's namespace the template of all others; returns the folder in memory that covers the store. */
function setUp(setup: LauncherSetup): number {
  // A new namespace: in the present one this process has files open for writing, which keeps mounts from read-only.
  enterNewNamespace();
  makeAllReadOnly();
  const memory = newMemoryMount();
  placeMount(memory, setup.cover);
  closeFile(memory);
  const belowSharedMemory = (path: string) => {
    const real = realPath(path);
    return real.startsWith(`${SHARED_MEMORY}/`) ? real.slice(SHARED_MEMORY.length) : undefined;
  };
  // Memory of the task's own would hide a program that lies there.
  const hasSharedMemory = isFolder(SHARED_MEMORY) &&
    setup.readable.every((path) => belowSharedMemory(path) === undefined);
  const inSharedMemory = belowSharedMemory(setup.store);
  template = { ...setup, namespace: thisNamespace(), hasSharedMemory, inSharedMemory };
  closeNamespace(makeNamespace(setup.cover, []));
  return openPlace(setup.cover);
}

/** @param cwd below the store */
function makeNamespace(cwd: string, mounts: readonly Mount[]): Namespace {
  const { store, cover, namespace } = template!;
  if (cwd !== cover) Deno.mkdirSync(mountPoint(cwd), { recursive: true });
  enterNewNamespace();
  const opened: number[] = [];
  let sharedMemory: SharedMemory | undefined;
  try {
    // Before the store is covered, in which these may lie.
    const clone = (path: string, writable: boolean) => {
      const mount = cloneMount(path);
      opened.push(mount);
      setWritable(mount, writable);
      return mount;
    };
    const covering = clone(cover, false);
    const own = clone(cwd, true);
    const placed = mounts.map(({ from, to, writable }) => ({ mount: clone(from, writable ?? false), to }));
    sharedMemory = placeSharedMemory();
    placeMount(covering, store);
    if (cwd !== cover) placeMount(own, cwd);
    for (const { mount, to } of placed) placeMount(mount, to);
    const fd = thisNamespace();
    return { fd, name: Deno.readLinkSync(`/proc/self/fd/${fd}`), sharedMemory };
  } catch (error) {
    if (sharedMemory !== undefined) closeFile(sharedMemory.fd);
    throw error;
  } finally {
    opened.forEach(closeFile);
    enterOrEnd(namespace);
  }
}

/** Puts memory of the task's own in the place of the system's. */
function placeSharedMemory(): SharedMemory | undefined {
  const { hasSharedMemory, inSharedMemory } = template!;
  if (!hasSharedMemory) return undefined;
  const fd = newMemoryMount();
  // What covers the store is mounted there.
  const names = inSharedMemory?.slice(1).split("/") ?? [];
  const folders = names.map((_, i) => `/${names.slice(0, i + 1).join("/")}`);
  for (const folder of folders) Deno.mkdirSync(`/proc/self/fd/${fd}${folder}`);
  placeMount(fd, SHARED_MEMORY);
  return { fd, folders };
}

/** Where the work folder `cwd` is mounted, below the folder that covers the store. */
function mountPoint(cwd: string): string {
  const { store, cover } = template!;
  return cover + cwd.slice(store.length);
}

function closeNamespace({ fd, sharedMemory }: Namespace): void {
  closeFile(fd);
  if (sharedMemory !== undefined) closeFile(sharedMemory.fd);
}

function answer(request: Extract<MountRequest, { setUp: unknown } | { make: unknown }>): MountAnswer {
  try {
    if ("setUp" in request) return { cover: setUp(request.setUp) };
    return { make: request.make, namespace: makeNamespace(request.cwd, request.mounts) };
  } catch (error) {
    return { ...("make" in request ? { make: request.make } : {}), problem: messageOf(error) };
  }
}

function removeMountPoint(cwd: string): void {
  try {
    Deno.removeSync(mountPoint(cwd));
  } catch {
    // It was never made.
  }
}

const poller = new Poller();
// The name of the worker is the number of its socket.
const socket = new LineSocket<MountRequest, MountAnswer>(Number(self.name));

socket.listen(poller, (request) => {
  if ("close" in request) closeNamespace(request.close);
  else if ("forget" in request) removeMountPoint(request.forget);
  else socket.send(answer(request));
});
for (;;) {
  poller.wait();
  socket.flush();
}
