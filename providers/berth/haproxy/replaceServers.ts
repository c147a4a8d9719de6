import { sectionTitle } from "./configText.js";

/**
 * A configuration with other `server` lines in some of its sections, by their titles; all else stays to the letter. They stand
 * below all other lines of their section, as a default-server counts for what follows it.
 */
export function replaceServers(text: string, servers: ReadonlyMap<string, readonly string[]>): string {
  const sections: string[][] = [[]];
  for (const line of text.split("\n")) {
    if (sectionTitle(line) === undefined) sections.at(-1)?.push(line);
    else sections.push([line]);
  }
  return sections
    .flatMap((lines) => withServers(lines, servers.get(sectionTitle(lines[0] ?? "") ?? "")))
    .join("\n");
}

function withServers(lines: readonly string[], servers: readonly string[] | undefined): readonly string[] {
  if (servers === undefined) return lines;
  const others = lines.filter((line) => !/^\s*server\s/.test(line));
  const end = others.findLastIndex((line) => line.trim() !== "") + 1;
  return [...others.slice(0, end), ...servers.map((server) => `    ${server}`), ...others.slice(end)];
}
