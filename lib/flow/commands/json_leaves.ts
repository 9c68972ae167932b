/** The values in a JSON file, one after another: the file may be larger than the memory. */

import { Tokenizer, TokenType } from "@streamparser/json";

/** A text, number, boolean or null. */
export type JsonLeaf = string | number | boolean | null;

/**
 * Every value that is neither a list nor an object, with its dotted path, in the order of the file.
 *
 * @throws where the file is not JSON, after what comes before
 */
export function* jsonLeaves(chunks: Iterable<Uint8Array>): Generator<[path: string, value: JsonLeaf]> {
  const found: [string, JsonLeaf][] = [];
  const { tokenizer, isWhole } = leafTokenizer((path, value) => found.push([path, value]));
  for (const chunk of chunks) {
    tokenizer.write(chunk);
    yield* found.splice(0);
  }
  if (!tokenizer.isEnded) tokenizer.end();
  if (!isWhole()) throw new Error("it ends too early");
  yield* found;
}

/** A place within a list or an object. */
interface Level {
  readonly isList: boolean;
  /** The path of the list or object. */
  readonly path: string;
  /** The name or index that comes next; undefined where an object expects a name. */
  next: string | number | undefined;
}

function leafTokenizer(onLeaf: (path: string, value: JsonLeaf) => void) {
  const levels: Level[] = [];
  const tokenizer = new Tokenizer();
  const pathNow = () => {
    const level = levels.at(-1);
    if (!level) return "";
    return levels.length === 1 ? String(level.next) : `${level.path}.${level.next}`;
  };
  let ended = false;
  const valueEnded = () => {
    const level = levels.at(-1);
    if (level) level.next = level.isList ? Number(level.next) + 1 : undefined;
    else ended = true;
  };
  tokenizer.onToken = ({ token, value }) => {
    if (ended) throw new Error("there is more than one value");
    const level = levels.at(-1);
    switch (token) {
      case TokenType.LEFT_BRACE:
      case TokenType.LEFT_BRACKET: {
        const isList = token === TokenType.LEFT_BRACKET;
        levels.push({ isList, path: pathNow(), next: isList ? 0 : undefined });
        break;
      }
      case TokenType.RIGHT_BRACE:
      case TokenType.RIGHT_BRACKET:
        levels.pop();
        valueEnded();
        break;
      case TokenType.COLON:
      case TokenType.COMMA:
      case TokenType.SEPARATOR:
        break;
      default:
        if (level && !level.isList && level.next === undefined) level.next = String(value);
        else {
          onLeaf(pathNow(), value as JsonLeaf);
          valueEnded();
        }
    }
  };
  tokenizer.onError = (error) => {
    throw error;
  };
  return { tokenizer, isWhole: () => ended };
}
