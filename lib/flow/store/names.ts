/** Names of files in a tree: legal on every system and distinguishable for every reader, or refused. */

// deno-lint-ignore no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
/**
 * Characters that are not seen, that turn the direction of text, or that look like a separator or a dot. The ellipsis, and
 * what is written within emoji and scripts (variation selectors, joiners, tags), are names that people have.
 */
const DECEIVING =
  /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u205f-\u206f\u2024\u2025\u2044\u2215\u29f5\u29f8\u29f9\u3164\ufe52\ufe68\ufeff\uff0e\uff0f\uff3c\uffa0\ufff0-\uffff\u{e0000}-\u{e001f}\u{e0080}-\u{e00ff}\u{e01f0}-\u{e0fff}]/u;
/** What is accepted, but not always seen: two names that differ only in it can't be told apart. */
const UNSEEN = /[\u180b-\u180d\u180f\u200c\u200d\ufe00-\ufe0f\u{e0020}-\u{e007f}\u{e0100}-\u{e01ef}]/gu;
const LONE_SURROGATE = /\p{Surrogate}/u;
const MAX_NAME_BYTES = 255;

/**
 * Why a path cannot be the name of a file in a tree, or undefined if it can: relative, `/` between names, no empty
 * name, no `.` or `..`, no backslash, no control character, nothing that deceives. Unicode may be in any normal form,
 * since a Mac's disk has names in form D; `collision` finds names that are equal in form C.
 */
export function nameProblem(path: string): string | undefined {
  if (path === "") return "it is empty";
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path)) return "it is not relative";
  if (path.includes("\\")) return "it has a backslash";
  if (CONTROL.test(path)) return "it has a control character";
  if (LONE_SURROGATE.test(path) || path.includes("\ufffd")) return "it is not valid Unicode";
  if (DECEIVING.test(path)) return "it has an invisible character or one that looks like another";
  for (const name of path.split("/")) {
    if (name === "") return "it has an empty name";
    if (name === "." || name === "..") return `it has the name ${JSON.stringify(name)}`;
    if (name.length * 3 > MAX_NAME_BYTES && new TextEncoder().encode(name).length > MAX_NAME_BYTES) {
      return `one of its names is longer than ${MAX_NAME_BYTES} bytes`;
    }
  }
  return undefined;
}

/**
 * Two paths of one tree that some file system or reader takes for one: they differ only in case, in compatibility
 * forms or in what is not seen, or one is a file where the other needs a folder. Undefined where there are none.
 */
export function collision(paths: readonly string[]): readonly [string, string] | undefined {
  const folded = new Map<string, string>();
  for (const path of paths) {
    const key = fold(path);
    const other = folded.get(key);
    if (other !== undefined) return [other, path];
    folded.set(key, path);
  }
  for (const [key, path] of folded) {
    for (let cut = key.lastIndexOf("/"); cut > 0; cut = key.lastIndexOf("/", cut - 1)) {
      const other = folded.get(key.slice(0, cut));
      if (other !== undefined) return [other, path];
    }
  }
  return undefined;
}

/** Cyrillic and Greek small letters, each at the position of the Latin one that it looks like. */
const FOREIGN = [..."асԁеһіјӏорԛѕѵԝхукмтвнαορνικυχτβη"];
const LATIN = [..."acdehijlopqsvwxykmtbhaopvikuxtbn"];
const LOOK_ALIKES = new Map(FOREIGN.map((letter, i) => [letter, LATIN[i]]));
// deno-lint-ignore no-control-regex -- ASCII is from zero on
const ASCII = /^[\u0000-\u007f]*$/;

function fold(path: string): string {
  if (ASCII.test(path)) return path.toLowerCase();
  return path.replace(UNSEEN, "").normalize("NFKC").toLowerCase().normalize("NFC").replace(
    /[\u0370-\u052f]/g,
    (c) => LOOK_ALIKES.get(c) ?? c,
  );
}
