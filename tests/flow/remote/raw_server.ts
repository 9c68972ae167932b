/** A server that answers with the very bytes that a test gives, right or not as HTTP. */

/** What is written for a request, piece by piece; then the connection is closed, unless it is to stay open. */
export interface RawAnswer {
  readonly pieces: readonly (string | Uint8Array)[];
  readonly staysOpen?: boolean;
}

export interface RawServer {
  readonly url: string;
  /** The first lines of all requests. */
  readonly requests: string[];
  /** How many connections were made. */
  connections: number;
}

/** Calls `body` with a server that answers each request without a body by what `answer` gives for its first line. */
export async function withRawServer(
  answer: (line: string, count: number) => RawAnswer,
  body: (server: RawServer) => Promise<void>,
): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const server: RawServer = { url: `http://127.0.0.1:${listener.addr.port}/c`, requests: [], connections: 0 };
  const open = new Set<Deno.Conn>();
  const serve = async (connection: Deno.Conn) => {
    server.connections++;
    open.add(connection);
    try {
      for await (const line of requestsOf(connection)) {
        server.requests.push(line);
        const { pieces, staysOpen = false } = answer(line, server.requests.length);
        for (const piece of pieces) {
          await writeAll(connection, typeof piece === "string" ? new TextEncoder().encode(piece) : piece);
        }
        if (!staysOpen) break;
      }
    } catch {
      // Whoever asked has closed it.
    } finally {
      open.delete(connection);
      closed(connection);
    }
  };
  const accepting = (async () => {
    for await (const connection of listener) void serve(connection);
  })();
  try {
    await body(server);
  } finally {
    listener.close();
    for (const connection of open) closed(connection);
    await accepting;
  }
}

async function* requestsOf(connection: Deno.Conn): AsyncGenerator<string> {
  const part = new Uint8Array(1 << 16);
  let text = "";
  for (let count = await connection.read(part); count !== null; count = await connection.read(part)) {
    text += new TextDecoder().decode(part.subarray(0, count));
    for (let end = text.indexOf("\r\n\r\n"); end >= 0; end = text.indexOf("\r\n\r\n")) {
      yield text.slice(0, text.indexOf("\r\n"));
      text = text.slice(end + 4);
    }
  }
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

function closed(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed.
  }
}
