import { isDeepStrictEqual } from "node:util";

type Settings = Readonly<Record<string, unknown>>;

/**
 * Settings that dockerd takes over on SIGHUP (Docker's reference of `dockerd`, "Configuration reload behavior"). `hosts` and
 * all others are read at its start only.
 */
const reloadable = new Set([
  "allow-nondistributable-artifacts",
  "authorization-plugins",
  "debug",
  "default-runtime",
  "features",
  "insecure-registries",
  "labels",
  "live-restore",
  "max-concurrent-downloads",
  "max-concurrent-uploads",
  "max-download-attempts",
  "registry-mirrors",
  "runtimes",
  "shutdown-timeout",
]);

/** The text of daemon.json: the same settings give the same text. */
export function daemonJsonText(settings: Settings): string {
  return `${JSON.stringify(sorted(settings), undefined, 2)}\n`;
}

/** The settings in a machine's daemon.json; a missing file has none, and a text that is no JSON object gives `undefined`. */
export function parseDaemonJson(text: string | undefined): Settings | undefined {
  if (text === undefined || text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Settings)
      : undefined;
  } catch {
    return undefined;
  }
}

export function sameSettings(one: Settings | undefined, other: Settings | undefined): boolean {
  return isDeepStrictEqual(one, other);
}

/**
 * Whether a running dockerd takes the change over on a reload. A setting that is taken out keeps its value until a restart,
 * so only changed and new ones qualify.
 */
export function canReload(before: Settings | undefined, after: Settings): boolean {
  if (before === undefined) return false;
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names
    .filter((name) => !isDeepStrictEqual(before[name], after[name]))
    .every((name) => reloadable.has(name) && after[name] !== undefined);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
