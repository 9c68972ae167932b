/** Which URLs a shared cache may have. */

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Why a text is no URL of a cache; undefined where it is one.
 *
 * @param plainHttp whether HTTP without encryption is accepted from other machines too
 */
export function cacheUrlProblem(text: string, plainHttp = false): string | undefined {
  const expected = "expected https://HOST/PATH or file:///FOLDER";
  if (!URL.canParse(text)) return `it is no URL; ${expected}`;
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  if (username !== "" || password !== "") {
    return "credentials do not belong there: put them into .netrc, or name a variable in protoflow.json";
  }
  if (search !== "" || hash !== "") return `it may not have ? or #; ${expected}`;
  if (protocol === "file:" || protocol === "https:") return undefined;
  if (protocol !== "http:") return expected;
  if (plainHttp || LOOPBACK.test(hostname)) return undefined;
  return 'plain HTTP can be read and changed on its way: use https, or say "plainHttp": true for it in protoflow.json';
}
