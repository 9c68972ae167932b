/**
 * Asks for short files over HTTP/1.1 on connections that stay open. It takes answers in their plainest form only, as servers give
 * them for files. Where one is of another form, it and all that follow are left to a client that knows all of HTTP, which takes
 * three times as long for a request.
 */

import type { Socket } from "node:net";
import { buildConnector } from "undici";
import type { CacheAnswer } from "./cache_answer.ts";
import { PlainConnection } from "./plain_connection.ts";

/** Servers close a connection on which nothing was asked for some time; most of them wait longer. */
const IDLE_MS = 4000;

export interface PlainClientOptions {
  /** `https://host` or `http://host:80`, without a path. */
  readonly origin: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly patienceMs: number;
  /** Texts of the certificates that are trusted; those of the system where it is absent. */
  readonly ca?: readonly string[];
}

export class PlainClient {
  readonly #idle: PlainConnection[] = [];
  readonly #connector: buildConnector.connector;
  readonly #place: buildConnector.Options;
  /** Of a request, behind its first line. */
  readonly #fields: string;
  /** Whether the other client is to be asked for all. */
  #isOut: boolean;

  constructor({ origin, headers, patienceMs, ca }: PlainClientOptions) {
    const { protocol, hostname, host, port } = new URL(origin);
    this.#connector = buildConnector({ timeout: patienceMs, allowH2: false, ...(ca && { ca: [...ca] }) });
    this.#place = { protocol, host, hostname: hostname.replace(/^\[(.*)\]$/, "$1"), port };
    const fields = Object.entries({ host, connection: "keep-alive", ...headers });
    this.#fields = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    // The other client says what is wrong with such a field.
    this.#isOut = fields.some(([, value]) => !/^[\t -~]*$/.test(value));
  }

  /**
   * Asks for a file.
   *
   * @param path with a slash at its beginning, as it stands in a request
   * @param otherwise called in place of the answer: the other client is to be asked
   */
  get(path: string, answer: CacheAnswer, otherwise: () => void): void {
    if (this.#isOut) return otherwise();
    const giveUp = () => {
      this.leave();
      otherwise();
    };
    let connection = this.#idleOne();
    let isAborted = false;
    const send = () => connection!.send(`GET ${path} HTTP/1.1\r\n${this.#fields}\r\n`, { answer, giveUp });
    answer.onRequestStart({
      abort: () => {
        isAborted = true;
        connection?.cancel(answer);
      },
    });
    if (isAborted) return void (connection && this.#idle.push(connection));
    if (connection !== undefined) return send();
    this.#connector(this.#place, (error, socket) => {
      if (error !== null) return isAborted ? undefined : answer.onResponseError(undefined, error);
      connection = this.#connected(socket);
      if (isAborted) connection.close();
      else if (this.#isOut) {
        connection.close();
        otherwise();
      } else send();
    });
  }

  /** Asks for nothing more; what is under way goes on. */
  leave(): void {
    this.#isOut = true;
    for (const connection of this.#idle.splice(0)) connection.close();
  }

  #connected(socket: Socket): PlainConnection {
    return new PlainConnection(socket, (idle) => {
      idle.idleSince = performance.now();
      if (this.#isOut) idle.close();
      else this.#idle.push(idle);
    });
  }

  /** The one that was used last. */
  #idleOne(): PlainConnection | undefined {
    for (let one = this.#idle.pop(); one !== undefined; one = this.#idle.pop()) {
      if (one.isOpen && performance.now() - one.idleSince < IDLE_MS) return one;
      one.close();
    }
  }
}
