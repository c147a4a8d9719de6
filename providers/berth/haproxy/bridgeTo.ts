import { parseConfig } from "./configText.js";
import { replaceServers } from "./replaceServers.js";

/**
 * The current configuration with the target's servers in the backends that are otherwise the same in both: what can be in force
 * before the rest is. `undefined` where there is no such backend with other servers.
 */
export function bridgeTo(current: string, target: string): string | undefined {
  const [from, to] = [parseConfig(current), parseConfig(target)];
  if ([...from, ...to].some(({ lines }) => lines.some((line) => /^\.(if|elif|else|endif)\b/.test(line)))) {
    return undefined;
  }
  const servers = new Map<string, string[]>();
  for (const section of from) {
    const next = to.find(({ title }) => title === section.title);
    if (!next || next.lines.join("\n") !== section.lines.join("\n")) continue;
    const lines = next.servers.map(({ text }) => text);
    if (lines.join("\n") !== section.servers.map(({ text }) => text).join("\n")) {
      servers.set(section.title, lines);
    }
  }
  if (servers.size === 0) return undefined;
  return replaceServers(current, servers);
}
