/** Credentials for a cache: from `.netrc` as other programs read it, or from a variable of the environment. */

/**
 * The value of the header `Authorization`; undefined where there are no credentials.
 *
 * @param value `USER:PASSWORD`, or a token
 */
export function authorizationOf(value: string | undefined): string | undefined {
  if (value === undefined || value === "") return undefined;
  return value.includes(":") ? `Basic ${new TextEncoder().encode(value).toBase64()}` : `Bearer ${value}`;
}

/** `USER:PASSWORD` for a host, from the text of a `.netrc`; undefined where it names neither the host nor a default. */
export function netrcCredentials(text: string, host: string): string | undefined {
  // A macro goes on to the next empty line.
  const words = text.replaceAll(/^\s*macdef\b[^]*?(?:\n\s*\n|(?![^]))/gm, "\n").replaceAll(/(^|\s)#.*$/gm, "")
    .split(/\s+/).filter((word) => word !== "");
  let found: { login?: string; password?: string } | undefined;
  for (let i = 0; i < words.length; i++) {
    if (words[i] === "machine" || words[i] === "default") {
      if (found?.password !== undefined) break;
      const isIt = words[i] === "default" || words[++i] === host;
      found = isIt ? {} : undefined;
    } else if (words[i] === "login") set("login", words[++i]);
    else if (words[i] === "password") set("password", words[++i]);
    else if (words[i] === "account") i++;
  }
  function set(name: "login" | "password", value: string | undefined) {
    if (found !== undefined) found[name] = value;
  }
  return found?.password === undefined ? undefined : `${found.login ?? ""}:${found.password}`;
}
