/** Landlock of Linux: the calling thread and the processes that it starts may open only some files. */

import { addressOf } from "../../system/libc.ts";
import { isFolder } from "../store/small_files.ts";
import { closeFile, forbidNewRights, openPlace, systemCall } from "./linux_calls.ts";

const CREATE_RULESET = 444;
const ADD_RULE = 445;
const RESTRICT_SELF = 446;
const CREATE_RULESET_VERSION = 1;
const RULE_PATH_BENEATH = 1;

const EXECUTE = 1n << 0n;
const READ_FILE = 1n << 2n;
const READ_DIR = 1n << 3n;
/** Moving and linking files from one folder to another, which is refused everywhere unless a rule allows it. */
const REFER = 1n << 13n;
const READ = EXECUTE | READ_FILE | READ_DIR;
/** Of these rights, files that are no folders have only the first two. */
const READ_A_FILE = EXECUTE | READ_FILE;
/** Since this version it knows REFER (Linux 5.19). */
const NEEDED_VERSION = 2;

export interface Readable {
  /** Files and folders that may be opened for reading, with all below them; those that are not there are left out. */
  readonly paths: readonly string[];
  /** A file descriptor of a folder below which files may also be moved from folder to folder. */
  readonly own: number;
}

/**
 * From now on the calling thread, and every process and thread that it starts, opens for reading only what is
 * `readable`. Whether a file is there, its size and its times can still be told of all files.
 *
 * @throws Error where the kernel doesn't have it
 */
export function restrictReading({ paths, own }: Readable): void {
  const version = systemCall("use Landlock", CREATE_RULESET, 0, 0, CREATE_RULESET_VERSION);
  if (version < NEEDED_VERSION) {
    throw new Error(`use Landlock: this kernel has version ${version}, and ${NEEDED_VERSION} is needed`);
  }
  const handled = new Uint8Array(new BigUint64Array([READ | REFER]).buffer);
  const rules = systemCall("use Landlock", CREATE_RULESET, addressOf(handled), handled.length, 0);
  try {
    addRule(rules, own, READ | REFER);
    for (const path of paths) {
      const place = placeIfThere(path);
      if (place === undefined) continue;
      try {
        addRule(rules, place, isFolder(path) ? READ : READ_A_FILE);
      } finally {
        closeFile(place);
      }
    }
    forbidNewRights();
    systemCall("use Landlock", RESTRICT_SELF, rules, 0);
  } finally {
    closeFile(rules);
  }
}

function placeIfThere(path: string): number | undefined {
  try {
    return openPlace(path);
  } catch {
    return undefined;
  }
}

function addRule(rules: number, place: number, rights: bigint): void {
  // struct landlock_path_beneath_attr, which is packed: 64 bits of rights, 32 of a file descriptor.
  const rule = new Uint8Array(12);
  const view = new DataView(rule.buffer);
  view.setBigUint64(0, rights, true);
  view.setInt32(8, place, true);
  systemCall("use Landlock", ADD_RULE, rules, RULE_PATH_BENEATH, addressOf(rule), 0);
}
