import type { Inventory } from "@berth/components";

/** What runs where, for people; the last line is the URL to open. */
export function summary(stack: string, inventory: Inventory, urls: ReadonlyMap<string, string>): string {
  const machines = inventory.machines.map(
    ({ name, address, address6, accelerator, started, power, docker }) => {
      const addresses = [name, address, ...(address6 === undefined ? [] : [address6])].join("  ");
      return docker === undefined
        ? `${addresses}  ${power}`
        : `${addresses}  ${accelerator}, ${started === "fork" ? "forked" : "booted"}, Docker ${docker}`;
    },
  );
  const containers = inventory.services.flatMap(({ replicas }) =>
    replicas.flatMap(({ replica, machine, address, port, container }) =>
      container === undefined
        ? []
        : [`${replica}  on ${machine}  ${address}:${port}  ${container.slice(0, 12)}`],
    ),
  );
  const guests = inventory.services.flatMap(({ replicas }) =>
    replicas.flatMap(({ replica, machine, guest, address, port, warm }) =>
      guest === undefined
        ? []
        : [`${replica}  on ${machine}  ${address}:${port}  ${guest}${warm ? "  warm" : ""}`],
    ),
  );
  const balancers = inventory.loadBalancers.map(({ name, url }) => {
    const forwarded = urls.get(name);
    return forwarded === undefined || forwarded === url
      ? `${name}  ${url}`
      : `${name}  ${url}  here: ${forwarded}`;
  });
  const first = inventory.loadBalancers[0];
  return [
    "",
    `Stack ${stack}`,
    ...section("machines", machines),
    ...section("containers", containers),
    ...section("services' machines", guests),
    ...section("load balancers", balancers),
    ...(first ? ["", urls.get(first.name) ?? first.url] : []),
  ].join("\n");
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`  ${title}`, ...lines.map((line) => `    ${line}`)];
}
