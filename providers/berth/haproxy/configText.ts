/** A `server` line of a backend. */
export interface ServerLine {
  /** The whole line, without indentation. */
  readonly text: string;
  readonly name: string;
  /** As written, e.g. `192.0.2.1:80`. */
  readonly address: string;
  /** What follows the address, word by word. */
  readonly parameters: readonly string[];
  /** Whether its words are what HAProxy reads: no quotes, variables or comments. */
  readonly plain: boolean;
}

export interface ConfigSection {
  /** Its first line, e.g. `backend web`. */
  readonly title: string;
  /** The first word of the title. */
  readonly kind: string;
  /** The second word of the title; empty where there is none. */
  readonly name: string;
  /** Its lines but for the server lines of a backend, without indentation, empty lines and comments. */
  readonly lines: readonly string[];
  /** Only a `backend` or `listen` has any: `server` in other sections, such as `peers`, means something else. */
  readonly servers: readonly ServerLine[];
}

const kinds =
  /^(global|defaults|frontend|backend|listen|userlist|peers|mailers|program|resolvers|ring|cache|http-errors|fcgi-app|log-forward)\b/;

/** A haproxy.cfg's sections in order. What stands before the first one is a section without a title. */
export function parseConfig(text: string): ConfigSection[] {
  const sections: { title: string; lines: string[] }[] = [{ title: "", lines: [] }];
  for (const line of text.split("\n").map((one) => one.trim())) {
    if (line === "" || line.startsWith("#")) continue;
    const title = sectionTitle(line);
    if (title !== undefined) sections.push({ title, lines: [] });
    else sections.at(-1)?.lines.push(line);
  }
  return sections.map(({ title, lines }) => {
    const [kind = "", name = ""] = title.split(" ");
    const holdsServers = kind === "backend" || kind === "listen";
    const isServer = (line: string) => holdsServers && /^server\s/.test(line);
    return {
      title,
      kind,
      name,
      lines: lines.filter((line) => !isServer(line)),
      servers: lines.filter(isServer).map(serverLine),
    };
  });
}

/** The title of the section that a line begins, with single blanks; `undefined` for other lines. */
export function sectionTitle(line: string): string | undefined {
  const title = line.trim().split(/\s+/).join(" ");
  return kinds.test(title) ? title : undefined;
}

function serverLine(line: string): ServerLine {
  const [, name = "", address = "", ...parameters] = line.split(/\s+/);
  return { text: line, name, address, parameters, plain: !/["'\\$#;]/.test(line) };
}

/** The value of a parameter such as `weight`; `undefined` where the line does not have it. */
export function parameter(server: ServerLine, name: string): string | undefined {
  const at = server.parameters.indexOf(name);
  return at < 0 ? undefined : server.parameters[at + 1];
}

/** The value of a section's directive, the last where it has several; `undefined` where it has none. */
export function directive({ lines }: ConfigSection, name: string): string | undefined {
  return lines
    .findLast((line) => line.startsWith(`${name} `))
    ?.slice(name.length)
    .trim();
}

/** The Unix socket of the Runtime API that may change servers; `undefined` where the configuration has none. */
export function runtimeSocket(text: string): string | undefined {
  for (const { kind, lines } of parseConfig(text)) {
    if (kind !== "global") continue;
    for (const line of lines) {
      const found = /^stats\s+socket\s+(?:unix@)?(\/\S+)(.*)$/.exec(line);
      if (found && /\slevel\s+admin\b/.test(found[2] ?? "")) return found[1];
    }
  }
  return undefined;
}

/** How long a worker may live after a reload, in milliseconds; `undefined` where nothing limits it. */
export function hardStopAfterMs(text: string): number | undefined {
  const values = parseConfig(text)
    .filter(({ kind }) => kind === "global")
    .map((global) => directive(global, "hard-stop-after"));
  const value = values.findLast((one) => one !== undefined);
  return value === undefined ? undefined : haproxyDurationMs(value);
}

/** HAProxy counts milliseconds where a number has no unit. */
export function haproxyDurationMs(text: string): number | undefined {
  const [, number, unit = "ms"] = /^(\d+)(us|ms|s|m|h|d)?$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * (units[unit] ?? 1);
}

const units: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
