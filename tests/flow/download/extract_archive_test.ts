/** Archives: what is extracted, and the members that are refused. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { gzipSync, zipSync } from "fflate";
import { Header } from "tar";
import {
  ArchiveError,
  type ArchiveFormat,
  extractArchive,
} from "../../../lib/flow/download/extract_archive.ts";

interface TarMember {
  path: string;
  text?: string;
  type?: "File" | "Directory" | "SymbolicLink" | "Link" | "FIFO" | "CharacterDevice";
  linkpath?: string;
  mode?: number;
}

const block = (size: number) => Buffer.alloc(Math.ceil(size / 512) * 512);

/** A tar archive, also with members that no honest program writes. */
function tar(...members: TarMember[]): Uint8Array {
  const parts = members.flatMap(({ path, text = "", type = "File", linkpath = "", mode = 0o644 }) => {
    const header = new Header({
      path,
      type,
      linkpath,
      mode,
      size: Buffer.byteLength(text),
      mtime: new Date(0),
    });
    const head = block(512);
    header.encode(head, 0);
    const body = block(Buffer.byteLength(text));
    body.write(text);
    return [head, body];
  });
  return new Uint8Array(Buffer.concat([...parts, block(1024)]));
}

async function extracted(bytes: Uint8Array, format: ArchiveFormat): Promise<Record<string, string>> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(join(folder, "archive"), bytes);
    await extractArchive(join(folder, "archive"), format, join(folder, "out"));
    return readTree(join(folder, "out"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Text by path; `*` marks what may be executed. */
function readTree(folder: string, prefix = ""): Record<string, string> {
  const found: Record<string, string> = {};
  for (
    const { name, isDirectory } of [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1)
  ) {
    const path = join(folder, name);
    if (isDirectory) Object.assign(found, readTree(path, `${prefix}${name}/`));
    else found[prefix + name + (Deno.statSync(path).mode! & 0o100 ? "*" : "")] = Deno.readTextFileSync(path);
  }
  return found;
}

const members: TarMember[] = [
  { path: "./", type: "Directory" },
  { path: "./birds/", type: "Directory" },
  { path: "./birds/names.txt", text: "wren\n" },
  { path: "birds/empty" },
  { path: "birds/deep/er/run", text: "x".repeat(100_000), mode: 0o755 },
  { path: "\u00e4.txt", text: "\u00e4" },
];
const tree = {
  "birds/deep/er/run*": "x".repeat(100_000),
  "birds/empty": "",
  "birds/names.txt": "wren\n",
  "\u00e4.txt": "\u00e4",
};

Deno.test("a tar archive is extracted, plain and compressed", async () => {
  assert.deepEqual(await extracted(tar(...members), "tar"), tree);
  assert.deepEqual(await extracted(gzipSync(tar(...members)), "tar.gz"), tree);
});

Deno.test("a zip archive is extracted", async () => {
  const text = new TextEncoder();
  const zip = zipSync({
    birds: { "names.txt": text.encode("wren\n"), none: {} },
    run: [text.encode("x"), { os: 3, attrs: 0o100755 << 16 }],
    stored: [text.encode("y"), { level: 0 }],
  });
  assert.deepEqual(await extracted(zip, "zip"), { "birds/names.txt": "wren\n", "run*": "x", stored: "y" });
});

const hostileNames = [
  "../x",
  "/x",
  "a/../../x",
  "a/./x",
  "a//x",
  "a\u0007",
  "a\u202etxt",
  "a\\..\\x",
  "C:/x",
  "..",
];
for (const path of hostileNames) {
  Deno.test(`a member named ${JSON.stringify(path)} is refused`, async () => {
    await assert.rejects(extracted(tar(members[2], { path, text: "x" }), "tar"), ArchiveError);
    // A name of ASCII is read as code page 437, in which 7 is a bullet.
    if (path.includes("\u0007")) return;
    const zip = zipSync({ good: new Uint8Array(1), [path]: new Uint8Array(1) });
    await assert.rejects(extracted(zip, "zip"), ArchiveError);
  });
}

for (const type of ["SymbolicLink", "Link", "FIFO", "CharacterDevice"] as const) {
  Deno.test(`a member that is a ${type} is refused`, async () => {
    const linkpath = type.endsWith("Link") ? "../../outside" : "";
    const link = { path: "birds/link", type, linkpath };
    await assert.rejects(
      extracted(tar(link, { path: "birds/link/x", text: "x" }), "tar"),
      (error) => error instanceof ArchiveError && error.message.includes(`it is a ${type}`),
    );
  });
}

Deno.test("a symbolic link in a zip archive is refused", async () => {
  const zip = zipSync({ link: [new TextEncoder().encode("/etc"), { os: 3, attrs: 0o120777 << 16 }] });
  await assert.rejects(extracted(zip, "zip"), /it is a SymbolicLink/);
});

Deno.test("a name that comes twice is refused", async () => {
  await assert.rejects(
    extracted(tar({ path: "a", text: "1" }, { path: "./a", text: "2" }), "tar"),
    /"a" comes twice/,
  );
});

Deno.test("a file where a folder is needed is an error", async () => {
  await assert.rejects(extracted(tar({ path: "a", text: "1" }, { path: "a/b", text: "2" }), "tar"));
});

Deno.test("a damaged archive is told", async () => {
  const sound = tar(...members);
  const compressed = gzipSync(sound);
  const flipped = sound.slice();
  flipped[512 * 2 + 3] ^= 1;
  const cases: [Uint8Array, ArchiveFormat][] = [
    [sound.subarray(0, 512 * 5 + 200), "tar"],
    [compressed.subarray(0, compressed.length / 2), "tar.gz"],
    [flipped, "tar"],
    [new TextEncoder().encode("<html>not an archive</html>".repeat(100)), "tar.gz"],
    [new TextEncoder().encode("PK not really".repeat(100)), "zip"],
    [zipSync({ a: new Uint8Array(1000) }).subarray(0, 60), "zip"],
    [new Uint8Array(), "zip"],
  ];
  for (const [i, [bytes, format]] of cases.entries()) {
    await assert.rejects(extracted(bytes, format), ArchiveError, `case ${i}`);
  }
});
