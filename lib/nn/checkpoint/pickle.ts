/** Interprets a Python pickle without running any of it: its host decides what it may name and build. */

import type { ByteCursor } from "./byte_cursor.ts";
import { INSTRUCTIONS } from "./pickle_instructions.ts";
import { type PickleHost, PickleMachine } from "./pickle_machine.ts";
import { OP } from "./pickle_opcodes.ts";
import type { PickleValue } from "./pickle_values.ts";

/**
 * Reads the pickle at `cursor`, which is moved behind its end.
 *
 * @throws {WeightsError} "truncated" when it ends early, "refused" when it names what the host does not allow,
 *   "malformed" when its opcodes make no sense.
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
