/** The instructions of a pickle, by opcode: each acts on a {@link PickleMachine}. */

import type { PickleMachine } from "./pickle_machine.ts";
import { OP } from "./pickle_opcodes.ts";
import type { PickleValue } from "./pickle_values.ts";

type Instruction = (m: PickleMachine) => void;

const HIGHEST_PROTOCOL = 5;

/**
 * Every instruction except STOP. Source: the opcodes of protocols 0 to 5, as documented in Python's
 * pickletools.
 */
export const INSTRUCTIONS: Readonly<Partial<Record<number, Instruction>>> = {
  [OP.PROTO]: (m) => {
    const protocol = m.cursor.byte();
    if (protocol > HIGHEST_PROTOCOL) m.fail(`has protocol ${protocol}; expected at most 5`);
  },
  [OP.FRAME]: (m) => m.cursor.bytes(8),
  [OP.MARK]: (m) => m.mark(),
  [OP.POP]: (m) => m.popValueOrMark(),
  [OP.POP_MARK]: (m) => m.popToMark(),
  [OP.DUP]: (m) => m.push(m.top()),
  [OP.NONE]: (m) => m.push(null),
  [OP.NEWTRUE]: (m) => m.push(true),
  [OP.NEWFALSE]: (m) => m.push(false),
  [OP.BININT]: (m) => m.push(m.cursor.view(4).getInt32(0, true)),
  [OP.BININT1]: (m) => m.push(m.cursor.byte()),
  [OP.BININT2]: (m) => m.push(m.cursor.view(2).getUint16(0, true)),
  [OP.INT]: (m) => m.push(m.textInteger()),
  [OP.LONG]: (m) => m.push(m.textInteger()),
  [OP.LONG1]: (m) => m.push(m.integer(m.cursor.byte())),
  [OP.LONG4]: (m) => m.push(m.integer(m.cursor.view(4).getUint32(0, true))),
  [OP.FLOAT]: (m) => m.push(Number(m.cursor.line())),
  [OP.BINFLOAT]: (m) => m.push(m.cursor.view(8).getFloat64(0)),
  [OP.SHORT_BINUNICODE]: (m) => m.push(m.text(m.cursor.byte())),
  [OP.BINUNICODE]: (m) => m.push(m.text(m.cursor.view(4).getUint32(0, true))),
  [OP.BINUNICODE8]: (m) => m.push(m.text(Number(m.cursor.view(8).getBigUint64(0, true)))),
  // Python 2's byte strings: names and keys of old files.
  [OP.SHORT_BINSTRING]: (m) => m.push(m.text(m.cursor.byte())),
  [OP.BINSTRING]: (m) => m.push(m.text(m.cursor.view(4).getUint32(0, true))),
  [OP.STRING]: (m) => m.push(m.cursor.line().replace(/^(['"])(.*)\1$/, "$2")),
  [OP.UNICODE]: (m) => m.push(m.cursor.line()),
  [OP.SHORT_BINBYTES]: (m) => m.push(m.cursor.bytes(m.cursor.byte()).slice()),
  [OP.BINBYTES]: (m) => m.push(m.cursor.bytes(m.cursor.view(4).getUint32(0, true)).slice()),
  [OP.BINBYTES8]: pushLongBytes,
  [OP.BYTEARRAY8]: pushLongBytes,
  [OP.EMPTY_LIST]: (m) => m.pushNew([]),
  [OP.EMPTY_TUPLE]: (m) => m.pushNew([]),
  [OP.EMPTY_SET]: (m) => m.pushNew([]),
  [OP.LIST]: (m) => m.pushNew(m.popToMark()),
  [OP.TUPLE]: (m) => m.pushNew(m.popToMark()),
  [OP.FROZENSET]: (m) => m.pushNew(m.popToMark()),
  [OP.TUPLE1]: (m) => m.pushNew(m.popMany(1)),
  [OP.TUPLE2]: (m) => m.pushNew(m.popMany(2)),
  [OP.TUPLE3]: (m) => m.pushNew(m.popMany(3)),
  [OP.EMPTY_DICT]: (m) => m.pushNew(new Map()),
  [OP.DICT]: (m) => {
    const items = m.popToMark();
    const dict = new Map<PickleValue, PickleValue>();
    m.setItems(dict, items);
    m.pushNew(dict);
  },
  [OP.APPEND]: (m) => m.append([m.pop()]),
  [OP.APPENDS]: (m) => m.append(m.popToMark()),
  [OP.ADDITEMS]: (m) => m.append(m.popToMark()),
  [OP.SETITEM]: (m) => {
    const items = m.popMany(2);
    m.setItems(m.top(), items);
  },
  [OP.SETITEMS]: (m) => {
    const items = m.popToMark();
    m.setItems(m.top(), items);
  },
  [OP.GET]: (m) => m.recall(Number(m.cursor.line())),
  [OP.BINGET]: (m) => m.recall(m.cursor.byte()),
  [OP.LONG_BINGET]: (m) => m.recall(m.cursor.view(4).getUint32(0, true)),
  [OP.PUT]: (m) => m.remember(Number(m.cursor.line())),
  [OP.BINPUT]: (m) => m.remember(m.cursor.byte()),
  [OP.LONG_BINPUT]: (m) => m.remember(m.cursor.view(4).getUint32(0, true)),
  [OP.MEMOIZE]: (m) => m.remember(m.kept),
  [OP.GLOBAL]: (m) => m.push(m.host.global(m.cursor.line(), m.cursor.line())),
  [OP.STACK_GLOBAL]: (m: PickleMachine) => {
    const [module, name] = m.popMany(2);
    if (typeof module !== "string" || typeof name !== "string") {
      m.fail("names an object by values that are not strings");
    }
    m.push(m.host.global(module, name));
  },
  [OP.INST]: (m) => {
    const callable = m.host.global(m.cursor.line(), m.cursor.line());
    m.pushNew(m.host.call(callable, m.popToMark()));
  },
  [OP.OBJ]: (m) => {
    const [callable, ...args] = m.popToMark();
    m.pushNew(m.host.call(callable, args));
  },
  [OP.REDUCE]: (m) => call(m, 2),
  [OP.NEWOBJ]: (m) => call(m, 2),
  [OP.NEWOBJ_EX]: (m) => call(m, 3),
  [OP.BUILD]: (m) => {
    // The state of an ordered dict or a parameter: attributes such as `_metadata`, which do not affect
    // tensors.
    m.pop();
    m.top();
  },
  [OP.PERSID]: (m) => m.pushNew(m.host.persistent(m.cursor.line())),
  [OP.BINPERSID]: (m) => m.pushNew(m.host.persistent(m.pop())),
  [OP.EXT1]: refuseExtension,
  [OP.EXT2]: refuseExtension,
  [OP.EXT4]: refuseExtension,
};

function pushLongBytes(m: PickleMachine): void {
  m.push(m.cursor.bytes(Number(m.cursor.view(8).getBigUint64(0, true))).slice());
}

/**
 * Pops `count` values and calls the first with the second as arguments. The third, keyword arguments, is not
 * used by weights.
 */
function call(m: PickleMachine, count: 2 | 3): void {
  const [callable, args] = m.popMany(count);
  m.pushNew(m.host.call(callable, args));
}

function refuseExtension(m: PickleMachine): never {
  m.cursor.source.fail("refused", `${m.cursor.what} names an object of Python's extension registry`);
}
