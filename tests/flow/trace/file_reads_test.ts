/** The files that lines of strace tell of. */

import assert from "node:assert/strict";
import { FileReads } from "../../../lib/flow/trace/file_reads.ts";

Deno.test("a path is that which the system opened, whatever the program called it", () => {
  assert.deepEqual(
    readsOf(
      `7 openat(AT_FDCWD</w>, "../O_RDONLY", O_WRONLY|O_CREAT, 0666) = 3</O_RDONLY>`,
      `7 openat(AT_FDCWD</w>, "= 3</no>", O_RDONLY|O_CLOEXEC) = 4</w/a\\74b\\76\\"\\303\\274\\\\>`,
      `7 openat2(5</d>, "x", {flags=O_RDWR, resolve=0}, 24) = 6</d/x>(deleted)`,
      `7 openat(AT_FDCWD</w>, "p", O_RDONLY|O_PATH) = 6</p>`,
      `7 openat(AT_FDCWD</w>, "d", O_RDONLY|O_DIRECTORY) = 6</d>`,
      `7 getdents64(6</d>, 0x55d0 /* 4 entries */, 32768) = 96`,
      `7 openat(AT_FDCWD</w>, "/dev/stdin", O_RDONLY) = 3<pipe:[12]>`,
    ),
    ['read /w/a<b>"ü\\', "read /d/x", "listed /d"],
  );
});

Deno.test("a program is run from the folder that its process shows next, and its descriptor counts", () => {
  assert.deepEqual(
    readsOf(
      `8 execve("./tool", [...], 0x7ffe /* 9 vars */) = 0`,
      `8 openat(AT_FDCWD</far>, "/etc/ld.so.cache", O_RDONLY) = 3</etc/ld.so.cache>`,
      `8 execve("other", [...], 0x7ffe /* 9 vars */) = 0`,
      `9 execve("last", [...], 0x7ffe /* 9 vars */) = 0`,
      `9 +++ exited with 0 +++`,
      `10 execveat(3</far/by fd>, "", [...], 0x7ffe /* 9 vars */, AT_EMPTY_PATH) = 0`,
      `11 execve("unended", [...], 0x7ffe /* 9 vars */) = 0`,
    ),
    [
      "run /far/tool",
      "read /etc/ld.so.cache",
      "run /far/other",
      "run /w/last",
      "run /far/by fd",
      "run /w/unended",
    ],
  );
});

Deno.test("what a process moves or links is taken, what it made itself is not read", () => {
  assert.deepEqual(
    readsOf(
      `7 openat(AT_FDCWD</w>, "/t/new", O_RDWR|O_CREAT|O_EXCL, 0600) = 3</t/new>`,
      `7 openat(AT_FDCWD</w>, "/t/new", O_RDONLY) = 3</t/new>`,
      `7 rename("/t/new", "/t/moved") = 0`,
      `7 openat(AT_FDCWD</w>, "/t/moved", O_RDONLY) = 3</t/moved>`,
      `7 renameat2(AT_FDCWD</w>, "out/o", 4</t>, "own", RENAME_NOREPLACE) = 0`,
      `7 openat(AT_FDCWD</w>, "/t/own", O_RDONLY) = 3</t/own>`,
      `7 creat("/t/empty", 0666) = 3</t/empty>`,
      `7 mkdirat(4</t>, "folder", 0777) = 0`,
      `7 getdents64(6</t/folder>, 0x55d0 /* 2 entries */, 32768) = 96`,
      `7 linkat(4</t>, "others", AT_FDCWD</w>, "out/o", 0) = 0`,
      `7 rename("/t/foreign", "out/p") = 0`,
    ),
    ["taken /t/others", "taken /t/foreign"],
  );
});

Deno.test("a process that can read by io_uring is told of", () => {
  let rings = 0;
  const reads = new FileReads("/w", () => {}, () => rings++);
  reads.take("7 io_uring_setup(8, {flags=0, sq_thread_cpu=0}) = 3<anon_inode:[io_uring]>");
  assert.equal(rings, 1);
});

function readsOf(...lines: string[]): string[] {
  const found: string[] = [];
  const reads = new FileReads("/w", ({ path, how }) => found.push(`${how} ${path}`), () => {});
  for (const line of lines) reads.take(line);
  reads.end();
  return found;
}
