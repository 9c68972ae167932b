/** A cache in a folder, such as one on a disk that a group shares, or one that a server of files shows to others. */

import { messageOf } from "../failure.ts";
import { flushed } from "../store/late_refusals.ts";
import { makeFolder } from "../store/layout.ts";
import { isMissing } from "../../system/is_there.ts";
import { CacheError, type CacheServer } from "./server.ts";
import type { SpareBytes } from "./spare_bytes.ts";

/** One whose entries are the files of a folder. */
export class FolderServer implements CacheServer {
  readonly name: string;

  constructor(readonly folder: string) {
    this.name = `file://${folder}`;
  }

  get(path: string, atMost: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#attempt(path, async () => {
      const { isFile, size } = await Deno.stat(`${this.folder}/${path}`);
      if (!isFile) throw new CacheError(`${path} is no regular file`);
      if (size > atMost) throw new CacheError(`${path} has ${size} bytes; expected at most ${atMost}`);
      return await Deno.readFile(`${this.folder}/${path}`);
    });
  }

  getLong(path: string, size: number, spare: SpareBytes): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#attempt(path, async () => {
      // A pipe would be waited for.
      const { isFile, size: actual } = await Deno.stat(`${this.folder}/${path}`);
      if (!isFile || actual !== size) throw new CacheError(`${path} is no regular file of ${size} bytes`);
      using file = await Deno.open(`${this.folder}/${path}`);
      const bytes = spare.take(size);
      let length = 0;
      for (let count = await file.read(bytes); count !== null && count > 0;) {
        length += count;
        count = length < size ? await file.read(bytes.subarray(length)) : null;
      }
      return bytes.subarray(0, length);
    });
  }

  async has(path: string): Promise<boolean> {
    return await this.#attempt(path, () => Deno.stat(`${this.folder}/${path}`)) !== undefined;
  }

  /** Whoever reads finds all of a file or none. */
  async put(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const temporary = `${this.folder}/new/${crypto.randomUUID()}`;
    try {
      for (const folder of ["new", path.slice(0, path.lastIndexOf("/"))]) {
        makeFolder(`${this.folder}/${folder}`);
      }
      await Deno.writeFile(temporary, bytes);
      flushed(temporary);
      await Deno.rename(temporary, `${this.folder}/${path}`);
    } catch (error) {
      await Deno.remove(temporary).catch(() => {});
      throw new CacheError(`${path}: ${messageOf(error)}`);
    }
  }

  /** A folder answers at once. */
  leave(): void {}

  async #attempt<T>(path: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error instanceof CacheError ? error : new CacheError(`${path}: ${messageOf(error)}`);
    }
  }
}
