import type { Inventory } from "@berth/components";

/** What runs where, for people; the last line is the URL to open. */
export function summary(stack: string, inventory: Inventory, urls: ReadonlyMap<string, string>): string {
  const machines = inventory.machines.map(
    ({ name, address, accelerator, docker }) => `${name}  ${address}  ${accelerator}, Docker ${docker}`,
  );
  const containers = inventory.services.flatMap(({ replicas }) =>
    replicas.map(
      ({ replica, machine, address, port, container }) =>
        `${replica}  on ${machine}  ${address}:${port}  ${container.slice(0, 12)}`,
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
    ...section("load balancers", balancers),
    ...(first ? ["", urls.get(first.name) ?? first.url] : []),
  ].join("\n");
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`  ${title}`, ...lines.map((line) => `    ${line}`)];
}
