import type { Issues } from "./issues.js";
import type { LoadBalancerSpec } from "./loadBalancerSpec.js";
import type { ServiceSpec } from "./topology.js";

/** The algorithms that give each server requests by its weight, which can change while HAProxy runs. */
const weighted: readonly string[] = ["roundrobin", "leastconn", "random"];

/** A rollout in stages needs a load balancer that can give the new replicas a part of the requests. */
export function checkRollouts(
  services: readonly ServiceSpec[],
  loadBalancers: readonly LoadBalancerSpec[],
  issues: Issues,
): void {
  for (const { name, protocol, rollout } of services) {
    if (rollout === undefined || rollout.strategy === "rolling") continue;
    const at = ["services", name, "rollout"];
    const behind = loadBalancers.flatMap((balancer) =>
      balancer.backends.filter((one) => one.service === name).map((backend) => ({ balancer, backend })),
    );
    if (behind.length === 0) {
      issues.add(
        at,
        `no load balancer sends requests to the service, which strategy "${rollout.strategy}" is about; use "rolling", or name the service in a load balancer.`,
      );
    }
    const algorithm = (balance: string) => balance.split(/[\s(]/)[0]!;
    const other = behind.find(({ backend }) => !weighted.includes(algorithm(backend.balance)));
    if (other !== undefined) {
      issues.add(
        at,
        `strategy "${rollout.strategy}" goes by weight, and load balancer "${other.balancer.name}" balances by "${other.backend.balance}"; use ${weighted.join(", ")}, or strategy "rolling".`,
      );
    }
    if (rollout.check.path !== undefined && protocol !== "http") {
      issues.add([...at, "check", "path"], `asks over HTTP, and the service speaks ${protocol}; remove it.`);
    }
  }
}
