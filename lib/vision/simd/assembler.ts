/**
 * Assembles the part of the WebAssembly text format that the kernels are written in. The npm package `wabt` reads
 * them as well, but takes 60 to 90 ms to load and assemble them, in every process and worker, where this takes 10 to 20.
 */

type Node = string | Node[];

const TYPES: Readonly<Record<string, number>> = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b };

/** Opcodes without immediates; two numbers are the vector prefix and the code behind it. */
const PLAIN: Readonly<Record<string, readonly number[]>> = {
  "i32.lt_s": [0x48],
  "i32.add": [0x6a],
  "i32.sub": [0x6b],
  "i32.mul": [0x6c],
  "i32.and": [0x71],
  "i32.or": [0x72],
  "i32.shl": [0x74],
  "i32.shr_s": [0x75],
  "i8x16.swizzle": [0xfd, 0x0e],
  "i16x8.splat": [0xfd, 0x10],
  "i32x4.splat": [0xfd, 0x11],
  "f32x4.splat": [0xfd, 0x13],
  "f64x2.splat": [0xfd, 0x14],
  "i32x4.eq": [0xfd, 0x37],
  "i32x4.gt_s": [0xfd, 0x3b],
  "f64x2.ne": [0xfd, 0x48],
  "v128.and": [0xfd, 0x4e],
  "v128.or": [0xfd, 0x50],
  "v128.bitselect": [0xfd, 0x52],
  "v128.any_true": [0xfd, 0x53],
  "f32x4.demote_f64x2_zero": [0xfd, 0x5e],
  "f64x2.promote_low_f32x4": [0xfd, 0x5f],
  "i8x16.narrow_i16x8_u": [0xfd, 0x66],
  "f32x4.nearest": [0xfd, 0x6a],
  "i16x8.narrow_i32x4_s": [0xfd, 0x85],
  "i16x8.extend_low_i8x16_u": [0xfd, 0x89],
  "i16x8.extend_high_i8x16_u": [0xfd, 0x8a],
  "f64x2.nearest": [0xfd, 0x94],
  "i32x4.shl": [0xfd, 0xab],
  "i32x4.shr_s": [0xfd, 0xac],
  "i32x4.add": [0xfd, 0xae],
  "i32x4.sub": [0xfd, 0xb1],
  "i32x4.mul": [0xfd, 0xb5],
  "i32x4.min_s": [0xfd, 0xb6],
  "i32x4.max_s": [0xfd, 0xb8],
  "i32x4.dot_i16x8_s": [0xfd, 0xba],
  "i32x4.extmul_low_i16x8_s": [0xfd, 0xbc],
  "i32x4.extmul_high_i16x8_s": [0xfd, 0xbd],
  "f32x4.sub": [0xfd, 0xe5],
  "f32x4.mul": [0xfd, 0xe6],
  "f32x4.div": [0xfd, 0xe7],
  "f64x2.add": [0xfd, 0xf0],
  "f64x2.sub": [0xfd, 0xf1],
  "f64x2.mul": [0xfd, 0xf2],
  "f64x2.div": [0xfd, 0xf3],
  "i32x4.trunc_sat_f32x4_s": [0xfd, 0xf8],
  "f32x4.convert_i32x4_s": [0xfd, 0xfa],
  "i32x4.trunc_sat_f64x2_s_zero": [0xfd, 0xfc],
  "f64x2.convert_low_i32x4_s": [0xfd, 0xfe],
};

/** Opcodes with a memory immediate: alignment (none is promised) and offset 0, or that of `offset=`. */
const MEMORY: Readonly<Record<string, readonly number[]>> = {
  "i32.load": [0x28],
  "i32.load8_u": [0x2d],
  "i32.store8": [0x3a],
  "v128.load": [0xfd, 0x00],
  "v128.load32_splat": [0xfd, 0x09],
  "v128.store": [0xfd, 0x0b],
  "v128.store32_lane": [0xfd, 0x5a],
  "v128.store64_lane": [0xfd, 0x5b],
  "v128.load64_zero": [0xfd, 0x5d],
};

/**
 * The bytes of a module of exported functions over a memory that it exports as `memory`.
 *
 * @param source functions in folded form, `(func $name (param $a i32)… (result i32)? (local $b v128)… body…)`
 * @throws {SyntaxError} for whatever is not in the supported part of the format.
 */
export function assemble(source: string): Uint8Array<ArrayBuffer> {
  const functions = parse(source).map(readFunction);
  const section = (id: number, entries: number[][]) => {
    const content = [...unsigned(entries.length), ...entries.flat()];
    return [id, ...unsigned(content.length), ...content];
  };
  const text = (name: string) => [...unsigned(name.length), ...new TextEncoder().encode(name)];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, functions.map(({ type }) => type)),
    ...section(3, functions.map((_, i) => unsigned(i))),
    ...section(5, [[0x00, 0x01]]),
    ...section(7, [
      [...text("memory"), 0x02, 0x00],
      ...functions.map(({ name }, i) => [...text(name), 0x00, ...unsigned(i)]),
    ]),
    ...section(10, functions.map(({ body }) => [...unsigned(body.length), ...body])),
  ]);
}

function parse(source: string): Node[] {
  const open: Node[][] = [[]];
  for (const [token] of source.replace(/;;.*/g, "").matchAll(/[()]|[^\s()]+/g)) {
    if (token === "(") open.push([]);
    else if (token === ")") {
      const list = open.pop()!;
      if (open.length === 0) throw new SyntaxError("a parenthesis is closed that was never opened");
      open.at(-1)!.push(list);
    } else open.at(-1)!.push(token);
  }
  if (open.length !== 1) throw new SyntaxError("a parenthesis is never closed");
  return open[0];
}

function readFunction(node: Node): { name: string; type: number[]; body: number[] } {
  const [keyword, name, ...rest] = node as [string, string, ...Node[]];
  if (keyword !== "func") throw new SyntaxError(`expected a func, but found ${keyword}`);
  const declared = (kind: string) =>
    rest.filter((part) => Array.isArray(part) && part[0] === kind) as string[][];
  const parameters = declared("param");
  const locals = declared("local");
  const results = declared("result");
  const variables = new Map([...parameters, ...locals].map(([, variable], i) => [variable, i]));
  const heading = new Set<Node>([...parameters, ...locals, ...results]);
  const statements = rest.filter((part) => !heading.has(part));
  const code = statements.flatMap((statement) => emit(statement, variables, []));
  const types = (list: string[][], at: number) => [list.length, ...list.map((part) => TYPES[part[at]])];
  return {
    name: name.slice(1),
    type: [0x60, ...types(parameters, 2), ...types(results, 1)],
    body: [...unsigned(locals.length), ...locals.flatMap((local) => [1, TYPES[local[2]]]), ...code, 0x0b],
  };
}

/** Operands first, then the instruction itself; `labels` are the enclosing loops, innermost last. */
function emit(node: Node, variables: ReadonlyMap<string, number>, labels: readonly string[]): number[] {
  const [name, ...rest] = node as [string, ...Node[]];
  const atoms = rest.filter((part): part is string => typeof part === "string");
  const inner = name === "loop" ? [...labels, atoms[0]] : labels;
  const operands = rest.filter(Array.isArray).flatMap((part) => emit(part, variables, inner));
  if (name === "loop") return [0x03, 0x40, ...operands, 0x0b];
  if (name === "br_if") {
    const label = labels.lastIndexOf(atoms[0]);
    if (label < 0) throw new SyntaxError(`there is no loop ${atoms[0]} around br_if`);
    return [...operands, 0x0d, ...unsigned(labels.length - 1 - label)];
  }
  if (name === "local.get" || name === "local.set") {
    const index = variables.get(atoms[0]);
    if (index === undefined) throw new SyntaxError(`there is no local ${atoms[0]}`);
    return [...operands, name === "local.get" ? 0x20 : 0x21, ...unsigned(index)];
  }
  if (name === "i32.const") return [0x41, ...signed(Number(atoms[0]))];
  if (name === "f32.const") return [0x43, ...new Uint8Array(Float32Array.of(Number(atoms[0])).buffer)];
  if (name === "f64.const") return [0x44, ...new Uint8Array(Float64Array.of(Number(atoms[0])).buffer)];
  if (name === "i32x4.extract_lane") return [...operands, 0xfd, 0x1b, Number(atoms[0])];
  if (name === "v128.const" || name === "i8x16.shuffle") {
    const [type, ...values] = name === "v128.const" ? atoms : ["i8x16", ...atoms];
    if (type !== "i8x16") throw new SyntaxError(`a v128.const of ${type} is not supported`);
    const lanes = values.map((lane) => Number(lane) & 0xff);
    return [...operands, 0xfd, name === "v128.const" ? 0x0c : 0x0d, ...lanes];
  }
  if (name in PLAIN) return [...operands, ...opcode(PLAIN[name])];
  if (!(name in MEMORY)) throw new SyntaxError(`the instruction ${name} is not supported`);
  const offset = atoms[0]?.startsWith("offset=") ? Number(atoms[0].slice(7)) : 0;
  const lane = name.endsWith("_lane") ? [Number(atoms.at(-1))] : [];
  return [...operands, ...opcode(MEMORY[name]), 0, ...unsigned(offset), ...lane];
}

function opcode([first, second]: readonly number[]): number[] {
  return second === undefined ? [first] : [first, ...unsigned(second)];
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  const rest = value >> 7;
  const done = (rest === 0 && !(value & 0x40)) || (rest === -1 && (value & 0x40) !== 0);
  return done ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(rest)];
}
