/**
 * Interprets a Python pickle without running Python code: a host decides which objects it may name and build.
 */

import type { ByteCursor } from "./byte_cursor.ts";
import { INSTRUCTIONS } from "./pickle_instructions.ts";
import { type PickleHost, PickleMachine } from "./pickle_machine.ts";
import { OP } from "./pickle_opcodes.ts";
import type { PickleValue } from "./pickle_values.ts";

/**
 * Reads the pickle at `cursor` and moves the cursor to its end.
 *
 * @throws {WeightsError} "truncated" if the pickle ends early, "refused" if it names an object that the host
 * does not allow, "malformed" if its opcodes are invalid.
 */
export function readPickle(cursor: ByteCursor, host: PickleHost): PickleValue {
  const machine: PickleMachine = new PickleMachine(cursor, host);
  for (let opcode = cursor.byte(); opcode !== OP.STOP; opcode = cursor.byte()) {
    const instruction = INSTRUCTIONS[opcode];
    if (instruction === undefined) {
      machine.fail(`has the unknown opcode 0x${opcode.toString(16)} at byte ${cursor.position - 1}`);
    }
    instruction(machine);
  }
  return machine.result();
}
