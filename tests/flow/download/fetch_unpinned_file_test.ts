/** Downloads of files without a known digest, and the room that downloads may take. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import {
  type Answer,
  content,
  cutAt,
  digest,
  got,
  keptNothing,
  rejectsWith,
  rest,
  serving,
  sha256,
  test,
  whole,
} from "./file_server.ts";

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
