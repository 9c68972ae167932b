/** The value that an axis path has in the first member of its axis. */
import { own } from "../own.ts";
import type { AxisVariants, Matrix } from "./notation.ts";

/** The value of an axis path in the first member of its axis; all members of a task take the same inputs. */
export function firstValue(matrix: Matrix, path: string): unknown {
  const [name, field] = path.split(".");
  const axis = own(matrix, name) ?? [];
  if (Array.isArray(axis)) return axis[0];
  const [[variant, fields] = [undefined, {}]] = Object.entries(axis as AxisVariants);
  return field === undefined ? variant : own(fields as Record<string, unknown>, field);
}
