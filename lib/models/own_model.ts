/** Adds models of the user's own to the list, before the modules that make params of it are read. */

import type { ModelDefinition } from "./model_definition.ts";
import { BY_NAME, MODELS } from "./model_list.ts";

/**
 * Adds the default export of a module.
 *
 * @param name what the file is called
 * @throws {TypeError} if it is no definition of that name; {RangeError} if there is such a model already.
 */
export function addOwnModel(name: string, definition: unknown): void {
  const given = definition as Partial<ModelDefinition> | undefined;
  if (given?.name !== name || typeof given.build !== "function" || !given.flaws) {
    throw new TypeError(`it must export default defineModel({ name: "${name}", … })`);
  }
  if (BY_NAME.has(name)) {
    throw new RangeError(`"${name}" is the name of a model of the project, too; rename it`);
  }
  const flaws = Object.values(given.flaws).flat();
  if (flaws.length > 0) {
    // They would be params of every model's training, and in its keys.
    throw new TypeError(
      `flaws has ${flaws.join(", ")}; only models of the study have flaws: give empty lists`,
    );
  }
  (MODELS as unknown as ModelDefinition[]).push(given as ModelDefinition);
  BY_NAME.set(name, given as ModelDefinition);
}
