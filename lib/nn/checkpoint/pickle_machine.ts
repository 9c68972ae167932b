/** The state of the pickle interpreter: stack, marks and memo, in bounded memory. */

import type { ByteCursor } from "./byte_cursor.ts";
import type { PickleGlobal, PickleValue } from "./pickle_values.ts";

/**
 * Provides the objects that a pickle may name beyond plain values. Each method throws for an unknown
 * argument.
 */
export interface PickleHost {
  /** The object with this name. Fails as "refused" if it is not allowed. */
  global(module: string, name: string): PickleGlobal;
  /** The result of calling `callable`. */
  call(callable: PickleValue, args: PickleValue): PickleValue;
  /** An object that is stored outside the pickle. */
  persistent(id: PickleValue): PickleValue;
}

/**
 * The limit of objects. A pickle of weights has about five objects and dict items per tensor; more than this
 * limit would exhaust memory.
 */
const MAX_OBJECTS = 1_000_000;
const MAX_STACK = 1_000_000;
/** The longest integer in bytes; conversion takes time quadratic in the length. */
const MAX_INTEGER = 1024;

/** The machine on which pickle instructions operate. Its methods throw {@link WeightsError} "malformed". */
export class PickleMachine {
  readonly #stack: PickleValue[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();
  #objects = 0;

  constructor(readonly cursor: ByteCursor, readonly host: PickleHost) {}

  /** The number of values stored in the memo for GET. */
  get kept(): number {
    return this.#memo.size;
  }

  mark(): void {
    this.#marks.push(this.#stack.length);
    if (this.#marks.length > MAX_STACK) this.fail("has too many marks");
  }

  /** Removes the last mark if it is on top of the stack, else the topmost value. */
  popValueOrMark(): void {
    if (this.#marks.at(-1) === this.#stack.length) this.#marks.pop();
    else this.pop();
  }

  /** The result of the pickle: the only value on the stack. */
  result(): PickleValue {
    const value = this.pop();
    if (this.#stack.length > 0) this.fail("leaves more than one value");
    return value;
  }

  push(value: PickleValue): void {
    if (this.#stack.length >= MAX_STACK) this.fail(`has more than ${MAX_STACK} values on its stack`);
    this.#stack.push(value);
  }

  /** Pushes a new object and counts it towards the limit of objects. */
  pushNew(value: PickleValue): void {
    this.#charge(1 + (value instanceof Map ? value.size : 0));
    this.push(value);
  }

  #charge(objects: number): void {
    this.#objects += objects;
    if (this.#objects > MAX_OBJECTS) this.fail(`makes more than ${MAX_OBJECTS} objects`);
  }

  /** The stack height below which values may not be removed. */
  #floor(): number {
    return this.#marks.at(-1) ?? 0;
  }

  top(): PickleValue {
    if (this.#stack.length <= this.#floor()) this.fail("takes a value from an empty stack");
    return this.#stack[this.#stack.length - 1];
  }

  pop(): PickleValue {
    const value = this.top();
    this.#stack.pop();
    return value;
  }

  /** Removes and returns the topmost `count` values, the top one last. */
  popMany(count: number): PickleValue[] {
    if (this.#stack.length - count < this.#floor()) this.fail("takes a value from an empty stack");
    return this.#stack.splice(this.#stack.length - count, count);
  }

  /** Removes the last mark and returns the values above it. */
  popToMark(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) this.fail("needs a mark, but none is set");
    return this.#stack.splice(mark);
  }

  /** Appends to the list on top of the stack. */
  append(values: PickleValue[]): void {
    const list = this.top();
    if (!Array.isArray(list)) this.fail("appends to something that is not a list");
    for (const value of values) list.push(value);
  }

  /** Sets alternating keys and values. */
  setItems(dict: PickleValue, items: PickleValue[]): void {
    if (!(dict instanceof Map)) this.fail("sets items of something that is not a dict");
    if (items.length % 2 !== 0) this.fail("sets a key without a value");
    this.#charge(items.length / 2);
    for (let i = 0; i < items.length; i += 2) dict.set(items[i], items[i + 1]);
  }

  remember(index: number): void {
    this.#memo.set(index, this.top());
    if (this.#memo.size > MAX_OBJECTS) this.fail(`stores more than ${MAX_OBJECTS} values in its memo`);
  }

  recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) this.fail(`reads the value ${index} of its memo, which was never stored`);
    this.push(value);
  }

  /** Reads UTF-8 text of `length` bytes. */
  text(length: number): string {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.cursor.bytes(length));
  }

  /**
   * Reads a little-endian two's complement integer of `length` bytes; the result is a number if that is
   * exact, else a bigint.
   */
  integer(length: number): number | bigint {
    if (length > MAX_INTEGER) this.fail(`has an integer of ${length} bytes; up to ${MAX_INTEGER} are read`);
    let value = 0n;
    const bytes = this.cursor.bytes(length);
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]);
    return exact(length === 0 ? 0n : BigInt.asIntN(8 * length, value));
  }

  /** Reads a line with a decimal integer, or `00` or `01` for a boolean. */
  textInteger(): boolean | number | bigint {
    const text = this.cursor.line();
    if (text === "00" || text === "01") return text === "01";
    if (!/^-?\d{1,2000}L?$/.test(text)) {
      this.fail(`has ${JSON.stringify(text.slice(0, 40))} where an integer is expected`);
    }
    return exact(BigInt(text.replace("L", "")));
  }

  fail(detail: string): never {
    this.cursor.source.fail("malformed", `${this.cursor.what} ${detail}`);
  }
}

function exact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
