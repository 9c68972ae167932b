/** The vector instructions of this machine's processor, as far as native numeric libraries choose kernels by them. */

const CPU_FACTS = "/proc/cpuinfo";

/** The first processor's facts fit; the kernel makes those of all others only when more is read. */
const BYTES = 8192;

let known: string | undefined;

/** `avx512`, `avx2` or `other` on x86 with Linux; the architecture where the processor does not say. */
export function vectorInstructions(): string {
  return known ??= Deno.build.os === "linux" ? vectorClass(firstCpuFacts()) : Deno.build.arch;
}

/** See {@link vectorInstructions}; `facts` is the text of the kernel's `cpuinfo`. */
export function vectorClass(facts: string): string {
  const flags = /^flags\s*:(.*)$/m.exec(facts)?.[1].split(" ");
  if (!flags) return Deno.build.arch;
  if (flags.includes("avx512f")) return "avx512";
  return flags.includes("avx2") ? "avx2" : "other";
}

function firstCpuFacts(): string {
  try {
    using file = Deno.openSync(CPU_FACTS);
    const bytes = new Uint8Array(BYTES);
    return new TextDecoder().decode(bytes.subarray(0, file.readSync(bytes) ?? 0));
  } catch {
    return "";
  }
}
