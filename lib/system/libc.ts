/** Calling the C library: opening it, and texts in the form that it takes. */

/** Larger than posix_spawn_file_actions_t, posix_spawnattr_t, sigset_t and struct rusage of glibc and musl. */
export const OPAQUE_BYTES = 512;

const encoder = new TextEncoder();

/** Where systems have it. A process that may load only some libraries is granted these by their paths. */
export const LIBRARY_PATHS: readonly string[] = [
  `/lib/${Deno.build.arch}-linux-gnu/libc.so.6`,
  "/lib64/libc.so.6",
  "/lib/libc.so.6",
  `/lib/libc.musl-${Deno.build.arch}.so.1`,
];

/** Opens the C library of this system, glibc or musl. @throws where there is none, or it may not be loaded */
export function openLibrary<S extends Deno.ForeignLibraryInterface>(symbols: S): Deno.DynamicLibrary<S> {
  let refusal: unknown;
  for (const name of ["libc.so.6", `libc.musl-${Deno.build.arch}.so.1`, ...LIBRARY_PATHS]) {
    try {
      return Deno.dlopen(name, symbols);
    } catch (error) {
      refusal ??= error;
    }
  }
  throw refusal;
}

/** `text` with the NUL character that ends it. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text + "\0");
}

/** Where `bytes` are; they must stay referenced while the address is in use. */
export function addressOf(bytes: Uint8Array<ArrayBuffer>): bigint {
  return BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes)));
}

/** A null-terminated char*[]; `strings` must stay referenced while the array is in use. */
export function cStringArray(texts: readonly string[]): {
  readonly strings: Uint8Array<ArrayBuffer>[];
  readonly pointers: Uint8Array<ArrayBuffer>;
} {
  const strings = texts.map(cString);
  const pointers = new BigUint64Array([...strings.map(addressOf), 0n]);
  return { strings, pointers: new Uint8Array(pointers.buffer) };
}
