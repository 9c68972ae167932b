/** Downloads of files with a known digest, against a server that cuts, lies, forgets and fails. */
import assert from "node:assert/strict";
import {
  type Answer,
  content,
  cutAt,
  digest,
  got,
  keptNothing,
  rejectsWith,
  rest,
  sha256,
  status,
  test,
  whole,
} from "./file_server.ts";

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
