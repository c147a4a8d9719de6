import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * The keys that a known_hosts file holds for a host, each `type base64`. Understands several hosts a line, `*`, `?` and
 * `!` patterns, `[host]:port` and hashed names (`|1|…`). Lines marked @revoked take their key away; certificate
 * authorities are not used.
 */
export function hostKeysFromKnownHosts(text: string, host: string, port = 22): string[] {
  const name = port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
  const found = new Set<string>();
  const revoked = new Set<string>();
  for (const line of text.split(/\r?\n/)) {
    const words = line.trim().split(/\s+/);
    if (!words[0] || words[0].startsWith("#")) continue;
    const marker = words[0].startsWith("@") ? words.shift() : undefined;
    const [hosts = "", type, key] = words;
    if (!type || !key || !matchesAny(hosts, name)) continue;
    if (marker === "@revoked") revoked.add(`${type} ${key}`);
    else if (marker === undefined) found.add(`${type} ${key}`);
  }
  return [...found].filter((key) => !revoked.has(key));
}

function matchesAny(hosts: string, name: string): boolean {
  if (hosts.startsWith("|")) return matchesHash(hosts, name);
  let matched = false;
  for (const pattern of hosts.toLowerCase().split(",")) {
    const negated = pattern.startsWith("!");
    if (!wildcard(negated ? pattern.slice(1) : pattern).test(name)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

function wildcard(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`);
}

/** `|1|salt|hash`: HMAC-SHA1 of the name, keyed with the salt. */
function matchesHash(hashed: string, name: string): boolean {
  const [, version, salt = "", hash = ""] = hashed.split("|");
  if (version !== "1") return false;
  const expected = Buffer.from(hash, "base64");
  const actual = createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}
