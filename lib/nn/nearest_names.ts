/** Finds the most similar tensor names of a file and a model, for errors about names that do not match. */

const SHOWN = 3;

/**
 * The names that share most parts with `name`, the most similar first; names that share no part are omitted.
 */
export function nearestNames(name: string, names: Iterable<string>, count = SHOWN): string[] {
  return [...names]
    .map((other) => ({ other, score: likeness(name, other) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (a.other < b.other ? -1 : 1))
    .slice(0, count)
    .map(({ other }) => other);
}

/**
 * Describes, for an error, how the names of a model and a file differ: the first names that only one of them
 * has, each with the most similar names of the other.
 */
export function describeMismatch(model: Iterable<string>, file: Iterable<string>): string {
  const [ofModel, ofFile] = [new Set(model), new Set(file)];
  const side = (whose: string, own: ReadonlySet<string>, other: ReadonlySet<string>) => {
    const alone = [...own].filter((name) => !other.has(name));
    if (alone.length === 0) return [];
    const lines = alone.slice(0, SHOWN).map((name) => {
      const near = nearestNames(name, other).map((found) => `"${found}"`).join(", ");
      return `\n  "${name}": ${near === "" ? "no similar name" : `nearest ${near}`}`;
    });
    return [`\n${alone.length} of ${own.size} names are only in the ${whose}:${lines.join("")}`];
  };
  return [...side("model", ofModel, ofFile), ...side("file", ofFile, ofModel)].join("");
}

/**
 * Dice's coefficient of the parts between dots and underscores, plus the fraction of equal parts at the end.
 */
function likeness(a: string, b: string): number {
  const [left, right] = [a.split(/[._]/), b.split(/[._]/)];
  const rest = [...right];
  let shared = 0;
  for (const part of left) {
    const at = rest.indexOf(part);
    if (at < 0) continue;
    rest.splice(at, 1);
    shared++;
  }
  let tail = 0;
  while (tail < Math.min(left.length, right.length) && left.at(-1 - tail) === right.at(-1 - tail)) tail++;
  return (2 * shared + tail) / (left.length + right.length);
}
