/** Extracts an archive into a folder; members that are no plain file or folder inside of it are refused. */
import { createReadStream } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import type { ReadEntry } from "tar";
import { Parser } from "tar/parse";
// @ts-types="npm:@types/yauzl@3.4.0"
import * as yauzl from "yauzl";
import { FlowError } from "../errors.ts";
import { DiskRoom } from "./disk_room.ts";
import { nameProblem } from "../store/names.ts";

export type ArchiveFormat = "tar" | "tar.gz" | "zip";

export class ArchiveError extends FlowError {
  constructor(message: string) {
    super("archive", message);
  }
}

/** One member, read once. */
interface Member {
  readonly path: string;
  readonly type: "file" | "folder" | string;
  readonly executable: boolean;
  readonly bytes: () => Promise<AsyncIterable<Uint8Array>>;
}

/**
 * Extracts to `folder`, which is made and must not exist.
 * @param progress bytes written so far
 * @throws NoSpaceError where the disk has no room for all of it; ArchiveError for a member with a hostile name, a link or device, a name that comes twice, or a damaged archive
 */
export async function extractArchive(
  archive: string,
  format: ArchiveFormat,
  folder: string,
  progress: (done: number) => void = () => {},
): Promise<void> {
  await mkdir(folder);
  const room = new DiskRoom(folder);
  let done = 0;
  const write = async (member: Member) => {
    const path = memberPath(member);
    if (path === undefined) return;
    const target = join(folder, path);
    if (member.type === "folder") {
      await mkdir(target, { recursive: true });
      return;
    }
    await mkdir(dirname(target), { recursive: true });
    const file = await open(target, "wx", member.executable ? 0o755 : 0o644).catch((error) => {
      throw error.code === "EEXIST" ? new ArchiveError(`member ${JSON.stringify(path)} comes twice`) : error;
    });
    try {
      for await (const chunk of await member.bytes()) {
        await file.writeFile(chunk);
        done += chunk.length;
        room.wrote(chunk.length);
        progress(done);
      }
    } finally {
      await file.close();
    }
  };
  await (format === "zip" ? eachInZip(archive, write) : eachInTar(archive, write));
}

/** The path in the folder; undefined for the folder itself. */
function memberPath({ path, type }: Member): string | undefined {
  const shown = JSON.stringify(path);
  const clean = path.replace(/^(\.\/)+/, "").replace(/\/+$/, "");
  if ((clean === "" || clean === ".") && type === "folder") return undefined;
  const problem = nameProblem(clean);
  if (problem) throw new ArchiveError(`member ${shown} is refused: ${problem}`);
  if (type !== "file" && type !== "folder") {
    throw new ArchiveError(`member ${shown} is refused: it is a ${type}; expected files and folders only`);
  }
  return clean;
}

const tarTypes: Record<string, string> = {
  File: "file",
  OldFile: "file",
  ContiguousFile: "file",
  Directory: "folder",
};

/** Members one after another: the archive is read no faster than they are written. */
function eachInTar(archive: string, use: (member: Member) => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const source = createReadStream(archive, { highWaterMark: 2 ** 20 });
    const parser = new Parser({ strict: true, maxMetaEntrySize: 2 ** 20 });
    let failed = false;
    const fail = (error: Error) => {
      if (failed) return;
      failed = true;
      source.destroy();
      reject(error instanceof FlowError ? error : damaged(archive, error));
    };
    let last = Promise.resolve();
    parser.on("entry", (entry: ReadEntry) => {
      if (failed) return void entry.resume();
      last = last.then(() =>
        use({
          path: entry.path,
          type: tarTypes[entry.type] ?? entry.type,
          executable: ((entry.mode ?? 0) & 0o100) !== 0,
          bytes: () => Promise.resolve(entry as AsyncIterable<Uint8Array>),
        })
      ).then(() => void entry.resume(), (error) => {
        fail(error);
        entry.resume();
      });
    });
    parser.on("error", fail);
    // An archive ends with blocks of zeros; one that is cut between two members lacks them.
    let ended = false;
    parser.on("nullBlock", () => void (ended = true));
    parser.on("end", () => void last.then(() => ended ? resolve() : fail(new Error("it ends too early"))));
    source.on("error", fail);
    source.on("data", (chunk) => {
      if (!parser.write(chunk as Uint8Array)) {
        source.pause();
        parser.once("drain", () => source.resume());
      }
    });
    source.on("end", () => parser.end());
  });
}

async function eachInZip(archive: string, use: (member: Member) => Promise<void>): Promise<void> {
  const zip = await yauzl.openPromise(archive, {
    strictFileNames: true,
    validateEntrySizes: true,
    autoClose: false,
  })
    .catch((error) => {
      throw damaged(archive, error);
    });
  try {
    for await (const entry of zip.eachEntry()) {
      const mode = entry.externalFileAttributes >>> 16;
      const isLink = (mode & 0o170000) === 0o120000;
      await use({
        path: entry.fileName,
        type: isLink ? "SymbolicLink" : entry.fileName.endsWith("/") ? "folder" : "file",
        executable: (mode & 0o100) !== 0,
        bytes: () => zip.openReadStreamPromise(entry) as Promise<Readable>,
      });
    }
  } catch (error) {
    throw error instanceof FlowError || isOfDisk(error) ? error : damaged(archive, error as Error);
  } finally {
    zip.close();
  }
}

function isOfDisk(error: unknown): boolean {
  return /^E[A-Z]+$/.test((error as { code?: string }).code ?? "");
}

function damaged(archive: string, error: Error): Error {
  return isOfDisk(error) ? error : new ArchiveError(`${archive} is not a valid archive: ${error.message}`);
}
