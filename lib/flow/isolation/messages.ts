/** What the engine, a launcher and the launcher's thread for mounts say to each other. */

import type { ChildExit, SpawnOptions } from "../process/child.ts";

/** A file or folder that a task is to see in another place. */
export interface Mount {
  readonly from: string;
  /** There is a file or a folder, as `from` is one. */
  readonly to: string;
  /** Otherwise it is read-only. */
  readonly writable?: true;
}

/** The first line that a launcher is given. */
export interface LauncherSetup {
  /** The store: tasks see nothing of it but their own work folders. */
  readonly store: string;
  /** An empty folder in the store. */
  readonly cover: string;
  /** What may be read beside the work folder. */
  readonly readable: readonly string[];
}

/** The answer to it. */
export type LauncherStart = { readonly ready: true } | { readonly unavailable: string };

export interface StartRequest {
  /** The number of the request, which its answers have too. */
  readonly start: number;
  readonly program: string;
  readonly options: SpawnOptions;
  readonly mounts: readonly Mount[];
}

export type LauncherRequest =
  | StartRequest
  /** The work folder will not be used again. */
  | { readonly forget: string };

/** The answers to a `start`: why it failed; else, when the task has ended and perhaps once before, its process. */
export type LauncherAnswer =
  | { readonly start: number; readonly problem: string }
  | { readonly start: number; readonly pid: number; readonly exit?: ChildExit };

/** A mount namespace: a file descriptor of it, and the memory that is shared memory in it. */
export interface Namespace {
  readonly fd: number;
  /** As /proc has it. */
  readonly name: string;
  readonly sharedMemory?: SharedMemory;
}

export interface SharedMemory {
  readonly fd: number;
  /** The folders that it had from the start, below its root: the way to a store that lies in shared memory. */
  readonly folders: readonly string[];
}

export type MountRequest =
  | { readonly setUp: LauncherSetup }
  | { readonly make: number; readonly cwd: string; readonly mounts: readonly Mount[] }
  /** The namespace will not be used again. It is not answered. */
  | { readonly close: Namespace }
  /** No namespace with this work folder will be used again. It is not answered. */
  | { readonly forget: string };

export type MountAnswer =
  | { readonly cover: number }
  | { readonly make: number; readonly namespace: Namespace }
  | { readonly make?: number; readonly problem: string };
