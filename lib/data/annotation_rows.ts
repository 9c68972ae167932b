/** Reads text annotations: one record per line, fields separated by whitespace. */

import { statSync } from "node:fs";
import { join } from "node:path";
import { DataSetError } from "./data_set_error.ts";

const MAX_BYTES = 256 * 2 ** 20;

/** One line of an annotation file. Each method that reads a field also checks its value. */
export class AnnotationRow {
  constructor(readonly file: string, readonly line: number, readonly fields: readonly string[]) {}

  /** An error at this line. */
  error(reason: string): DataSetError {
    return new DataSetError(this.file, this.line, reason);
  }

  /**
   * Checks the number of fields and returns the row.
   *
   * @param names the names of the fields; see `readRows`
   * @throws {DataSetError} if the line is empty or has the wrong number of fields.
   */
  require(names: readonly string[]): this {
    const { length } = this.fields;
    if (length === 0) throw this.error(`the line is empty; expected ${names.join(", ")}`);
    if (length !== names.length) {
      throw this.error(`expected ${names.length} fields (${names.join(", ")}), but the line has ${length}`);
    }
    return this;
  }

  /** Field `index`, an integer of at least `least`. */
  integer(index: number, what: string, least: number): number {
    const text = this.fields[index];
    const value = Number(text);
    if (!/^\d{1,15}$/.test(text) || value < least) {
      throw this.error(`the ${what} must be an integer of at least ${least}, but is "${text}"`);
    }
    return value;
  }

  /** Field `index`, a finite decimal number. */
  number(index: number, what: string): number {
    const text = this.fields[index];
    const value = Number(text);
    if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) || !Number.isFinite(value)) {
      throw this.error(`the ${what} must be a number, but is "${text}"`);
    }
    return value;
  }

  /** Field `index`, 0 or 1. */
  flag(index: number, what: string): boolean {
    const text = this.fields[index];
    if (text !== "0" && text !== "1") throw this.error(`the ${what} must be 0 or 1, but is "${text}"`);
    return text === "1";
  }
}

/**
 * The rows of `folder`/`file`; required fields are checked by each row's `require`.
 *
 * @param fieldNames the names of a row's fields. If the last name ends in "…", the last field takes the rest
 * of the line.
 * @returns an empty array if the file is empty
 * @throws {DataSetError} if the file can't be read.
 */
export function readRows(folder: string, file: string, fieldNames: readonly string[]): AnnotationRow[] {
  const path = join(folder, file);
  const content = readText(path).replace(/^\ufeff/, "");
  if (content.trim() === "") return [];
  const lines = content.replace(/\r?\n$/, "").split(/\r?\n/);
  const open = fieldNames[fieldNames.length - 1].endsWith("…");
  return lines.map((line, i) => {
    const text = line.trim();
    const fields = text === "" ? [] : open ? firstAndRest(text, fieldNames.length) : text.split(/\s+/);
    return new AnnotationRow(path, i + 1, fields);
  });
}

/** Splits `text` into `count` fields; the last one may contain whitespace. */
function firstAndRest(text: string, count: number): string[] {
  const pattern = new RegExp(`^${"(\\S+)\\s+".repeat(count - 1)}(.+)$`);
  return pattern.exec(text)?.slice(1) ?? text.split(/\s+/);
}

/**
 * The text of an annotation file.
 *
 * @throws {DataSetError} if the file can't be read, is larger than `limit` bytes, or is not UTF-8.
 */
export function readText(path: string, limit = MAX_BYTES): string {
  return decodeText(path, readBytes(path, limit));
}

/**
 * The bytes of an annotation file.
 *
 * @throws {DataSetError} if the file can't be read or is larger than `limit` bytes.
 */
export function readBytes(path: string, limit = MAX_BYTES): Uint8Array {
  let size: number;
  try {
    size = statSync(path).size;
    if (size <= limit) return Deno.readFileSync(path);
  } catch (cause) {
    const absent = cause instanceof Deno.errors.NotFound || (cause as { code?: string }).code === "ENOENT";
    const reason = absent ? "the file is missing" : `the file can't be read: ${(cause as Error).message}`;
    throw new DataSetError(path, undefined, reason, { cause });
  }
  throw new DataSetError(path, undefined, `the file has ${size} bytes; at most ${limit} are read`);
}

function decodeText(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new DataSetError(path, undefined, "the file is not UTF-8 text", { cause });
  }
}
