/** Finds duplicate keys of JSON objects; `JSON.parse` silently keeps the last one. */

/**
 * The first key, unescaped, that occurs twice in one object of `text`, which must be valid JSON; undefined if
 * there is none.
 */
export function duplicateKey(text: string): string | undefined {
  /** The keys seen so far in each open object; null for an open array. */
  const open: (Set<string> | null)[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "{") open.push(new Set());
    else if (text[i] === "[") open.push(null);
    else if (text[i] === "}" || text[i] === "]") open.pop();
    else if (text[i] === '"') {
      const end = stringEnd(text, i);
      if (isFollowedByColon(text, end)) {
        const key = JSON.parse(text.slice(i, end));
        const keys = open.at(-1);
        if (keys?.has(key)) return key;
        keys?.add(key);
      }
      i = end - 1;
    }
  }
  return undefined;
}

/** The index after the closing quote of the string that begins at `start`. */
function stringEnd(text: string, start: number): number {
  let i = start + 1;
  while (text[i] !== '"') i += text[i] === "\\" ? 2 : 1;
  return i + 1;
}

function isFollowedByColon(text: string, i: number): boolean {
  while (text[i] === " " || text[i] === "\t" || text[i] === "\n" || text[i] === "\r") i++;
  return text[i] === ":";
}
