/**
 * The `server` lines of a service's replicas in a rendered configuration, by backend and replica.
 *
 * @param servers each replica's server, by name
 */
export function serversOf(
  config: string,
  servers: Readonly<Record<string, string>>,
): Record<string, Record<string, string>> {
  const replicas = new Map(Object.entries(servers).map(([replica, name]) => [name, replica]));
  const found: Record<string, Record<string, string>> = {};
  let backend = "";
  for (const line of config.split("\n")) {
    const [first, second = ""] = line.trim().split(/\s+/);
    if (!/^\s/.test(line)) backend = first === "backend" ? second : "";
    const replica = first === "server" ? replicas.get(second) : undefined;
    if (backend === "" || replica === undefined) continue;
    found[backend] = { ...found[backend], [replica]: line.trim() };
  }
  return found;
}
