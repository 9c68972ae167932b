/** Downloads against a server that cuts, lies, forgets and fails. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DownloadError, type ExpectedFile, fetchFile } from "../../../lib/flow/download/fetch_file.ts";

const content = new Uint8Array(300_000).map((_, i) => (i * 7919) >> 3);
const digest = (algorithm: string, bytes: Uint8Array = content) =>
  createHash(algorithm).update(bytes).digest("hex");
const sha256 = digest("sha256");

type Answer = (request: IncomingMessage, response: ServerResponse, from: number) => void;

/** The rest of the content as a server with ranges gives it; `until` cuts the connection there. */
function rest(response: ServerResponse, from: number, until?: number, bytes = content) {
  const headers: Record<string, string | number> = { "content-length": bytes.length - from };
  if (from > 0) headers["content-range"] = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
  response.writeHead(from > 0 ? 206 : 200, headers);
  if (until === undefined) response.end(bytes.subarray(from));
  else response.write(bytes.subarray(from, until), () => response.destroy());
}

interface Served {
  url: string;
  partFile: string;
  /** The first byte asked for by each request. */
  ranges: number[];
  fetch: (expected?: ExpectedFile, more?: Partial<Parameters<typeof fetchFile>[0]>) => Promise<void>;
}

/** Answers the requests one after another; the last answer is given again and again. */
async function serving(answers: Answer[], use: (served: Served) => Promise<void>): Promise<void> {
  const ranges: number[] = [];
  const server = createServer((request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    ranges.push(from);
    answers[Math.min(ranges.length, answers.length) - 1](request, response, from);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const folder = await Deno.makeTempDir();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;
  const partFile = join(folder, "part");
  try {
    await use({
      url,
      partFile,
      ranges,
      fetch: (expected = { sha256 }, more = {}) =>
        fetchFile({ urls: [url], expected, partFile, attempts: 3, backoffMs: 1, ...more }),
    });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await Deno.remove(folder, { recursive: true });
  }
}

const whole: Answer = (_, response, from) => rest(response, from);
const cutAt = (until: number): Answer => (_, response, from) => rest(response, from, until);
const status = (code: number): Answer => (_, response) => {
  response.writeHead(code);
  response.end("<html>no</html>");
};

function test(title: string, answers: Answer[], use: (served: Served) => Promise<void>) {
  // The HTTP client keeps connections open between tests.
  Deno.test({ name: title, sanitizeResources: false, sanitizeOps: false, fn: () => serving(answers, use) });
}

function rejectsWith(promise: Promise<void>, code: string, pattern: RegExp) {
  return assert.rejects(promise, (error) => {
    assert.ok(error instanceof DownloadError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, pattern);
    return true;
  });
}

const got = async ({ partFile }: Served) =>
  assert.ok(Buffer.from(await Deno.readFile(partFile)).equals(content));
const keptNothing = ({ partFile }: Served) =>
  assert.throws(() => Deno.statSync(partFile), Deno.errors.NotFound);

test("a file is fetched once, with its progress", [whole], async (served) => {
  const seen: [number, number | undefined][] = [];
  await served.fetch({ sha256: sha256.toUpperCase() }, {
    progress: (done, total) => seen.push([done, total]),
  });
  await got(served);
  assert.deepEqual(served.ranges, [0]);
  assert.deepEqual(seen.at(-1), [content.length, content.length]);
});

test("a file that only has an MD5 digest is checked by it and its size", [whole], async (served) => {
  await served.fetch({ md5: digest("md5"), size: content.length });
  await got(served);
});

test(
  "a cut connection is gone on from where it was cut",
  [cutAt(100_000), cutAt(200_000), whole],
  async (served) => {
    await served.fetch();
    await got(served);
    assert.equal(served.ranges[0], 0);
    assert.ok(served.ranges[1] > 0 && served.ranges[2] > served.ranges[1], String(served.ranges));
  },
);

test("what an earlier process left is gone on from", [whole], async (served) => {
  await Deno.writeFile(served.partFile, content.subarray(0, 1234));
  await served.fetch();
  await got(served);
  assert.deepEqual(served.ranges, [1234]);
});

const noRanges: Answer = (_, response) => rest(response, 0);
test("a server without ranges is read from the beginning", [cutAt(100_000), noRanges], async (served) => {
  await served.fetch();
  await got(served);
  assert.ok(served.ranges[1] > 0);
});

const unsatisfied = (total: number): Answer => (_, response) => {
  response.writeHead(416, { "content-range": `bytes */${total}` });
  response.end();
};
test("a file that was complete already is only checked", [unsatisfied(content.length)], async (served) => {
  await Deno.writeFile(served.partFile, content);
  await served.fetch();
  await served.fetch({ sha256, size: content.length });
  assert.deepEqual(served.ranges, [content.length]);
});

const afterFailure = (first: Answer): Answer => (request, response, from) =>
  from > 0 ? first(request, response, from) : rest(response, 0);
test(
  "a range that the server does not have is begun anew",
  [afterFailure(unsatisfied(10))],
  async (served) => {
    await Deno.writeFile(served.partFile, content.subarray(0, 1000));
    await served.fetch();
    await got(served);
    assert.deepEqual(served.ranges, [1000, 0]);
  },
);

const wrongRange: Answer = (_, response) => {
  response.writeHead(206, { "content-range": `bytes 5-9/${content.length}` });
  response.end(content.subarray(5, 10));
};
test("a range that was not asked for is begun anew", [afterFailure(wrongRange)], async (served) => {
  await Deno.writeFile(served.partFile, content.subarray(0, 1000));
  await served.fetch();
  await got(served);
});

test("a beginning of another file is found out, and the file fetched again", [whole], async (served) => {
  await Deno.writeFile(served.partFile, new Uint8Array(5000));
  await served.fetch();
  await got(served);
  assert.deepEqual(served.ranges, [5000, 0]);
});

test("a wrong digest is an error that keeps nothing", [whole], async (served) => {
  await rejectsWith(
    served.fetch({ sha256: "0".repeat(64) }),
    "download-wrong-digest",
    new RegExp(`its sha256 is ${sha256}, expected 0{64}; it begins with`),
  );
  keptNothing(served);
  await rejectsWith(
    served.fetch({ md5: "0".repeat(32), size: content.length }),
    "download-wrong-digest",
    /md5/,
  );
  keptNothing(served);
  // SHA-256 counts also where MD5 is right.
  await rejectsWith(
    served.fetch({ md5: digest("md5"), sha256: "0".repeat(64) }),
    "download-wrong-digest",
    /sha256/,
  );
});

const page: Answer = (_, response) => void response.end("<html>log in first</html>\n");
test("an error page in place of the file is shown", [page], async (served) => {
  await rejectsWith(served.fetch(), "download-wrong-digest", /begins with "<html>log in first/);
  keptNothing(served);
});

test("a file of another size is an error that keeps nothing", [whole], async (served) => {
  await rejectsWith(
    served.fetch({ md5: digest("md5"), size: 299_999 }),
    "download-wrong-size",
    /it has more than 299999 bytes, expected 299999/,
  );
  keptNothing(served);
  await rejectsWith(
    served.fetch({ sha256, size: 300_001 }),
    "download-wrong-size",
    /has 300000 bytes, expected 300001/,
  );
  keptNothing(served);
});

test("a file that does not exist fails at once", [status(404)], async (served) => {
  await rejectsWith(served.fetch(), "download-failed", /the server answered 404/);
  assert.equal(served.ranges.length, 1);
  keptNothing(served);
});

test("a busy server is asked again", [status(503), status(429), whole], async (served) => {
  await served.fetch();
  await got(served);
});

test("a server that stays busy is given up after some attempts", [status(500)], async (served) => {
  await rejectsWith(served.fetch(), "download-failed", /answered 500.*3 attempts/);
  assert.equal(served.ranges.length, 3);
});

test(
  "the next place is tried, and goes on from what the first one gave",
  [cutAt(50_000), status(404), whole],
  async (served) => {
    await served.fetch({ sha256 }, { urls: [served.url, `${served.url}?mirror`] });
    await got(served);
  },
);

test("when no place has the file each is named", [status(404)], async (served) => {
  await rejectsWith(
    served.fetch({ sha256 }, { urls: [served.url, `${served.url}?mirror`] }),
    "download-failed",
    /no URL provided[^]*file: [^]*mirror: /,
  );
});

const tooLong: Answer = (_, response) => {
  response.writeHead(200, { "content-length": content.length + 1000 });
  response.write(content, () => response.destroy());
};
test(
  "a length that promises too much counts as a cut connection",
  [tooLong, unsatisfied(content.length)],
  async (served) => {
    await served.fetch();
    await got(served);
  },
);

const tooShort: Answer = (_, { socket }) => {
  socket!.write("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\nconnection: close\r\n\r\n");
  socket!.end(content);
};
test("a length that promises too little gives a wrong digest", [tooShort], async (served) => {
  await rejectsWith(served.fetch(), "download-wrong-digest", /sha256/);
  keptNothing(served);
});

const hangs: Answer = (_, response) => {
  response.writeHead(200, { "content-length": content.length });
  response.write(content.subarray(0, 1000));
};
test("a connection that gives no more bytes is cut and gone on from", [hangs, whole], async (served) => {
  await served.fetch({ sha256 }, { stallMs: 200 });
  await got(served);
  assert.deepEqual(served.ranges, [0, 1000]);
});

test("an interrupted run ends at once and keeps what there is", [hangs], async (served) => {
  const reason = new Error("interrupted");
  const controller = new AbortController();
  const fetching = served.fetch({ sha256 }, {
    signal: controller.signal,
    progress: () => controller.abort(reason),
  });
  await assert.rejects(fetching, reason);
  assert.equal(Deno.statSync(served.partFile).size, 1000);
});

const redirect: Answer = (request, response, from) => {
  if (request.url!.endsWith("?there")) return rest(response, from);
  response.writeHead(302, { location: "/file?there" });
  response.end();
};
test("a redirection is followed", [redirect], async (served) => {
  await served.fetch();
  await got(served);
});

test("an empty file is a file", [(_, response) => void response.end()], async (served) => {
  await served.fetch({ sha256: digest("sha256", new Uint8Array()), size: 0 });
  assert.equal(Deno.statSync(served.partFile).size, 0);
});

/** As `rest`, of a file with this entity tag; where the request names another one, all of it. */
const tagged = (tag: string, until?: number, bytes = content): Answer => (request, response, from) => {
  response.setHeader("etag", tag);
  const isSame = (request.headers["if-range"] ?? tag) === tag;
  rest(response, isSame ? from : 0, until, bytes);
};

test("without a digest a cut connection is gone on from where the file is still the same", [
  tagged('"a"', 100_000),
  tagged('"a"'),
], async (served) => {
  await served.fetch({});
  await got(served);
  assert.ok(served.ranges[1] > 0, String(served.ranges));
});

const other = content.map((byte) => byte ^ 255);
for (
  const [how, first, second] of [
    ["tells", tagged('"a"', 100_000, other), tagged('"b"')],
    ["ignores", tagged('"a"', 100_000, other), (_, response, from) => {
      response.setHeader("etag", '"b"');
      rest(response, from);
    }],
    ["can't tell", (_, response, from) => rest(response, from, 100_000, other), whole],
    ["only nearly tells", tagged('W/"a"', 100_000, other), tagged('W/"a"')],
  ] satisfies [string, Answer, Answer][]
) {
  test(
    `without a digest the bytes of two files are not mixed where the server ${how} whether it is the same`,
    [first, second],
    async (served) => {
      await served.fetch({});
      await got(served);
      // A server that can tell answers a range with the whole of another file.
      if (how !== "tells") assert.equal(served.ranges.at(-1), 0);
    },
  );
}

test(
  "without a digest nothing that an earlier process left is gone on from",
  [tagged('"a"')],
  async (served) => {
    await Deno.writeFile(served.partFile, new Uint8Array(5000));
    await served.fetch({});
    await got(served);
    assert.deepEqual(served.ranges, [0]);
  },
);

const asType = (type: string): Answer => (_, response) => {
  response.setHeader("content-type", type);
  response.end("<html>log in first</html>\n");
};
for (const type of ["text/html", "Text/HTML; charset=utf-8"]) {
  test(`without a digest ${type} is refused at once`, [asType(type)], async (served) => {
    await rejectsWith(served.fetch({}), "download-not-a-file", /web page \(text\/html\) instead of a file/);
    assert.equal(served.ranges.length, 1);
    keptNothing(served);
  });
}

test("with a digest it does not matter what a server calls a file", [asType("text/html")], async (served) => {
  await served.fetch({ sha256: digest("sha256", new TextEncoder().encode("<html>log in first</html>\n")) });
});

const untilClosed: Answer = (_, { socket }) => {
  socket!.write("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
  socket!.end(content.subarray(0, 1000));
};
test("without a digest a file whose length is not said is refused", [untilClosed], async (served) => {
  await rejectsWith(
    served.fetch({}),
    "download-not-a-file",
    /does not say how long the file is.*give its sha256/,
  );
  keptNothing(served);
});

test("without a digest a file that stays cut is none", [cutAt(50_000)], async (served) => {
  await rejectsWith(served.fetch({}), "download-failed", /3 attempts/);
});

/** Sends without end, and says so by its length where one is given. */
const endless = (length?: number): Answer => (_request, response) => {
  response.writeHead(200, length === undefined ? {} : { "content-length": length });
  const more = () => {
    while (!response.destroyed && response.write(content));
    response.once("drain", more);
  };
  more();
};

for (
  const [what, answer] of Object.entries({ "says no length": endless(), "says its length": endless(5e9) })
) {
  test(
    `a file without a stated size, of a server that ${what}, is cut at the bound`,
    [answer],
    async (served) => {
      const fetching = served.fetch({ sha256 }, { mostBytes: 2_000_000 });
      await rejectsWith(fetching, "download-wrong-size", /2000000 at most are taken without a stated size/);
      assert.ok(!existsSync(served.partFile), "it leaves nothing");
    },
  );
}

test("a file for which the disk has no room is not begun", [endless(1e18)], async (served) => {
  const fetching = served.fetch({ sha256 }, { mostBytes: Infinity });
  await rejectsWith(fetching, "download-no-space", /no space left on the disk: 1000000 TB are to come/);
  assert.ok(!existsSync(served.partFile));
});

test("nor is one whose stated size is too large", [endless()], async (served) => {
  await rejectsWith(served.fetch({ sha256, size: 1e15 }), "download-no-space", /1000 TB are to come/);
});

const canMount = Deno.build.os === "linux" && Deno.uid() === 0 && tryMount();
if (!canMount) console.log("downloads to a small disk are left out: they need root and mount(8)");

Deno.test({
  name: "a download without end stops before the disk is full, says so, and leaves it free",
  ignore: !canMount,
  sanitizeResources: false,
  sanitizeOps: false,
  fn: () =>
    serving([endless()], async ({ fetch }) => {
      const disk = Deno.makeTempDirSync();
      mount("-t", "tmpfs", "-o", "size=16m", "tmpfs", disk);
      try {
        const fetching = fetch({ sha256 }, { partFile: `${disk}/part` });
        await rejectsWith(fetching, "download-no-space", /no space left on the disk/);
        assert.deepEqual([...Deno.readDirSync(disk)], []);
      } finally {
        new Deno.Command("umount", { args: [disk] }).outputSync();
        Deno.removeSync(disk);
      }
    }),
});

function tryMount(): boolean {
  const folder = Deno.makeTempDirSync();
  try {
    mount("-t", "tmpfs", "tmpfs", folder);
    new Deno.Command("umount", { args: [folder] }).outputSync();
    return true;
  } catch {
    return false;
  } finally {
    Deno.removeSync(folder);
  }
}

function mount(...args: string[]): void {
  const { success, stderr } = new Deno.Command("mount", { args }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
