/** Runs, garbage collections, checks, copies, pins and kills side by side: nothing is lost, and nothing fails. `bench/interleavings.ts` tries more. */

import { randomInt } from "node:crypto";
import { checkInterleavings } from "./interleavings.ts";

const INTERLEAVINGS = 6;

Deno.test(`random interleavings of run, gc, verify, get, pin and kill, ${INTERLEAVINGS}: nothing is lost, and none fails`, () =>
  checkInterleavings(randomInt(2 ** 31), INTERLEAVINGS));
