/** Interprets a Python pickle without running any of it: what it may name and build is decided by its host. */

import type { ByteCursor } from "./byte_cursor.ts";
import { OP } from "./pickle_opcodes.ts";
import type { PickleGlobal, PickleValue } from "./pickle_values.ts";

/** What a pickle may ask for beyond plain values. Each throws where it does not know what is asked. */
export interface PickleHost {
  /** A named object, or an error "refused" that names it. */
  global(module: string, name: string): PickleGlobal;
  /** What calling `callable` gives. */
  call(callable: PickleValue, args: PickleValue): PickleValue;
  /** An object that is kept outside of the pickle. */
  persistent(id: PickleValue): PickleValue;
}

/** A pickle of weights makes some five objects and dict items a tensor; more than this is an attack on memory. */
const MAX_OBJECTS = 1_000_000;
const MAX_STACK = 1_000_000;
/** Longest integer, in bytes; converting an integer takes time quadratic in its length. */
const MAX_INTEGER = 1024;
const HIGHEST_PROTOCOL = 5;

/**
 * The value of the pickle at `cursor`, which is left behind its end.
 *
 * Source: the opcodes of protocols 0 to 5 as Python's pickletools documents them.
 *
 * @throws {WeightsError} "truncated" when it ends early, "refused" when it names what the host does not allow,
 *   "malformed" when its opcodes make no sense.
 */
export function readPickle(cursor: ByteCursor, host: PickleHost): PickleValue {
  return new Machine(cursor, host).run();
}

class Machine {
  readonly #stack: PickleValue[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();
  #objects = 0;

  constructor(readonly cursor: ByteCursor, readonly host: PickleHost) {}

  run(): PickleValue {
    for (;;) {
      const opcode = this.cursor.byte();
      if (opcode === OP.STOP) {
        const value = this.#pop();
        if (this.#stack.length > 0) this.#fail("leaves more than one value");
        return value;
      }
      this.#step(opcode);
    }
  }

  #step(opcode: number): void {
    const { cursor } = this;
    switch (opcode) {
      case OP.PROTO: {
        const protocol = cursor.byte();
        if (protocol > HIGHEST_PROTOCOL) this.#fail(`has protocol ${protocol}; up to 5 is known`);
        return;
      }
      case OP.FRAME:
        cursor.bytes(8);
        return;
      case OP.MARK:
        this.#marks.push(this.#stack.length);
        if (this.#marks.length > MAX_STACK) this.#fail("has too many marks");
        return;
      case OP.POP:
        if (this.#marks.at(-1) === this.#stack.length) this.#marks.pop();
        else this.#pop();
        return;
      case OP.POP_MARK:
        this.#popToMark();
        return;
      case OP.DUP:
        return this.#push(this.#top());
      case OP.NONE:
        return this.#push(null);
      case OP.NEWTRUE:
        return this.#push(true);
      case OP.NEWFALSE:
        return this.#push(false);
      case OP.BININT:
        return this.#push(cursor.view(4).getInt32(0, true));
      case OP.BININT1:
        return this.#push(cursor.byte());
      case OP.BININT2:
        return this.#push(cursor.view(2).getUint16(0, true));
      case OP.INT:
        return this.#push(this.#textInteger());
      case OP.LONG:
        return this.#push(this.#textInteger());
      case OP.LONG1:
        return this.#push(this.#integer(cursor.byte()));
      case OP.LONG4:
        return this.#push(this.#integer(cursor.view(4).getUint32(0, true)));
      case OP.FLOAT:
        return this.#push(Number(cursor.line()));
      case OP.BINFLOAT:
        return this.#push(cursor.view(8).getFloat64(0));
      case OP.SHORT_BINUNICODE:
        return this.#push(this.#text(cursor.byte()));
      case OP.BINUNICODE:
        return this.#push(this.#text(cursor.view(4).getUint32(0, true)));
      case OP.BINUNICODE8:
        return this.#push(this.#text(Number(cursor.view(8).getBigUint64(0, true))));
      // Python 2's byte strings: names and keys of old files.
      case OP.SHORT_BINSTRING:
        return this.#push(this.#text(cursor.byte()));
      case OP.BINSTRING:
        return this.#push(this.#text(cursor.view(4).getUint32(0, true)));
      case OP.STRING:
        return this.#push(cursor.line().replace(/^(['"])(.*)\1$/, "$2"));
      case OP.UNICODE:
        return this.#push(cursor.line());
      case OP.SHORT_BINBYTES:
        return this.#push(cursor.bytes(cursor.byte()).slice());
      case OP.BINBYTES:
        return this.#push(cursor.bytes(cursor.view(4).getUint32(0, true)).slice());
      case OP.BINBYTES8:
      case OP.BYTEARRAY8:
        return this.#push(cursor.bytes(Number(cursor.view(8).getBigUint64(0, true))).slice());
      case OP.EMPTY_LIST:
      case OP.EMPTY_TUPLE:
      case OP.EMPTY_SET:
        return this.#pushNew([]);
      case OP.LIST:
      case OP.TUPLE:
      case OP.FROZENSET:
        return this.#pushNew(this.#popToMark());
      case OP.TUPLE1:
        return this.#pushNew(this.#popMany(1));
      case OP.TUPLE2:
        return this.#pushNew(this.#popMany(2));
      case OP.TUPLE3:
        return this.#pushNew(this.#popMany(3));
      case OP.EMPTY_DICT:
        return this.#pushNew(new Map());
      case OP.DICT: {
        const items = this.#popToMark();
        const dict = new Map<PickleValue, PickleValue>();
        this.#setItems(dict, items);
        return this.#pushNew(dict);
      }
      case OP.APPEND:
        return this.#append([this.#pop()]);
      case OP.APPENDS:
      case OP.ADDITEMS:
        return this.#append(this.#popToMark());
      case OP.SETITEM: {
        const items = this.#popMany(2);
        return this.#setItems(this.#top(), items);
      }
      case OP.SETITEMS: {
        const items = this.#popToMark();
        return this.#setItems(this.#top(), items);
      }
      case OP.GET:
        return this.#recall(Number(cursor.line()));
      case OP.BINGET:
        return this.#recall(cursor.byte());
      case OP.LONG_BINGET:
        return this.#recall(cursor.view(4).getUint32(0, true));
      case OP.PUT:
        return this.#remember(Number(cursor.line()));
      case OP.BINPUT:
        return this.#remember(cursor.byte());
      case OP.LONG_BINPUT:
        return this.#remember(cursor.view(4).getUint32(0, true));
      case OP.MEMOIZE:
        return this.#remember(this.#memo.size);
      case OP.GLOBAL:
        return this.#push(this.host.global(cursor.line(), cursor.line()));
      case OP.STACK_GLOBAL: {
        const [module, name] = this.#popMany(2);
        if (typeof module !== "string" || typeof name !== "string") {
          this.#fail("names an object by no strings");
        }
        return this.#push(this.host.global(module, name));
      }
      case OP.INST: {
        const callable = this.host.global(cursor.line(), cursor.line());
        return this.#pushNew(this.host.call(callable, this.#popToMark()));
      }
      case OP.OBJ: {
        const [callable, ...args] = this.#popToMark();
        return this.#pushNew(this.host.call(callable, args));
      }
      case OP.REDUCE:
      case OP.NEWOBJ: {
        const [callable, args] = this.#popMany(2);
        return this.#pushNew(this.host.call(callable, args));
      }
      case OP.NEWOBJ_EX: {
        const [callable, args] = this.#popMany(3);
        return this.#pushNew(this.host.call(callable, args));
      }
      case OP.BUILD:
        // The state of an ordered dict or a parameter: attributes such as `_metadata`, which no tensor hangs on.
        this.#pop();
        this.#top();
        return;
      case OP.PERSID:
        return this.#pushNew(this.host.persistent(cursor.line()));
      case OP.BINPERSID:
        return this.#pushNew(this.host.persistent(this.#pop()));
      case OP.EXT1:
      case OP.EXT2:
      case OP.EXT4:
        return cursor.source.fail("refused", `${cursor.what} names an object of Python's extension registry`);
      default:
        this.#fail(
          `has the opcode 0x${opcode.toString(16)} at byte ${cursor.position - 1}, which is not known`,
        );
    }
  }

  #push(value: PickleValue): void {
    if (this.#stack.length >= MAX_STACK) this.#fail(`has more than ${MAX_STACK} values on its stack`);
    this.#stack.push(value);
  }

  #pushNew(value: PickleValue): void {
    this.#charge(1 + (value instanceof Map ? value.size : 0));
    this.#push(value);
  }

  #charge(objects: number): void {
    this.#objects += objects;
    if (this.#objects > MAX_OBJECTS) this.#fail(`makes more than ${MAX_OBJECTS} objects`);
  }

  /** The stack's height below which nothing may be taken. */
  #floor(): number {
    return this.#marks.at(-1) ?? 0;
  }

  #top(): PickleValue {
    if (this.#stack.length <= this.#floor()) this.#fail("takes a value from an empty stack");
    return this.#stack[this.#stack.length - 1];
  }

  #pop(): PickleValue {
    const value = this.#top();
    this.#stack.pop();
    return value;
  }

  #popMany(count: number): PickleValue[] {
    if (this.#stack.length - count < this.#floor()) this.#fail("takes a value from an empty stack");
    return this.#stack.splice(this.#stack.length - count, count);
  }

  #popToMark(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) this.#fail("looks for a mark that was never set");
    return this.#stack.splice(mark);
  }

  #append(values: PickleValue[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) this.#fail("appends to something that is not a list");
    for (const value of values) list.push(value);
  }

  #setItems(dict: PickleValue, items: PickleValue[]): void {
    if (!(dict instanceof Map)) this.#fail("sets items of something that is not a dict");
    if (items.length % 2 !== 0) this.#fail("sets a key without a value");
    this.#charge(items.length / 2);
    for (let i = 0; i < items.length; i += 2) dict.set(items[i], items[i + 1]);
  }

  #remember(index: number): void {
    this.#memo.set(index, this.#top());
    if (this.#memo.size > MAX_OBJECTS) this.#fail(`keeps more than ${MAX_OBJECTS} values`);
  }

  #recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) this.#fail(`recalls the value ${index}, which it never kept`);
    this.#push(value);
  }

  #text(length: number): string {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.cursor.bytes(length));
  }

  /** A little-endian two's complement integer of `length` bytes; a number where that is exact. */
  #integer(length: number): number | bigint {
    if (length > MAX_INTEGER) this.#fail(`has an integer of ${length} bytes; up to ${MAX_INTEGER} are read`);
    let value = 0n;
    const bytes = this.cursor.bytes(length);
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]);
    return exact(length === 0 ? 0n : BigInt.asIntN(8 * length, value));
  }

  #textInteger(): boolean | number | bigint {
    const text = this.cursor.line();
    if (text === "00" || text === "01") return text === "01";
    if (!/^-?\d{1,2000}L?$/.test(text)) this.#fail(`has the integer ${JSON.stringify(text.slice(0, 40))}`);
    return exact(BigInt(text.replace("L", "")));
  }

  #fail(detail: string): never {
    this.cursor.source.fail("malformed", `${this.cursor.what} ${detail}`);
  }
}

function exact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
