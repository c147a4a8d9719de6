import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planChange } from "../../../../providers/berth/haproxy/planChange.js";
import type { RunningServer } from "../../../../providers/berth/haproxy/runningServer.js";
import { configText, fresh, type Simulated, simulate, type Text } from "./support/simulatedHaproxy.js";

const one: Text = { web: { "web-1-80": "192.0.2.1:80 check inter 1s rise 2 fall 3" }, api: {} };
const two: Text = { web: { "web-1-81": "192.0.2.1:81 check inter 1s rise 2 fall 3" }, api: {} };

const visible = (running: readonly Simulated[]): RunningServer[] =>
  running.map(({ line: _, idle: __, ...rest }) => rest);
const planOf = (from: Text, to: Text, running = fresh(from), interrupted?: Text) =>
  planChange({
    current: configText(from),
    target: configText(to),
    running: visible(running),
    interrupted: interrupted && configText(interrupted),
  });

/** Few names and lines, so that they often meet. */
const servers = fc.dictionary(
  fc.constantFrom("a-80", "a-81", "b-80"),
  fc.constantFrom(
    "192.0.2.1:80 check inter 1s rise 2 fall 3",
    "192.0.2.1:80 check inter 2s rise 2 fall 3",
    "192.0.2.1:80 check inter 1s rise 2 fall 3 weight 7",
    "192.0.2.2:80",
    "192.0.2.2:80 weight 0",
  ),
  { maxKeys: 3 },
);
const text: fc.Arbitrary<Text> = fc.record({ web: servers, api: servers });

/** What a person or an update that was killed may have left. */
const churn = fc.array(
  fc.record({
    what: fc.constantFrom(
      "gone",
      "maintenance",
      "drained",
      "weight",
      "unchecked",
      "from interrupted",
      "by hand",
    ),
    backend: fc.constantFrom("web" as const, "api" as const),
    name: fc.constantFrom("a-80", "a-81", "b-80", "stranger"),
  }),
  { maxLength: 4 },
);

describe("the plan of a change", () => {
  it("gives the servers of the target, whatever was in force, or says why that needs a reload", () => {
    let steps = 0;
    fc.assert(
      fc.property(text, text, text, churn, (from, to, interrupted, events) => {
        const running = events.reduce((all, event) => churned(all, event, interrupted), fresh(from));
        const plan = planOf(from, to, running, interrupted);
        if (plan.way === "reload") return;
        steps++;
        expect(simulate(plan.steps, running)).toEqual(fresh(to));
      }),
      { numRuns: 3000 },
    );
    expect(steps).toBeGreaterThan(300);
  });

  it("drains nothing before all that is new is up, and removes nothing that has sessions", () => {
    fc.assert(
      fc.property(text, text, (from, to) => {
        const plan = planOf(from, to);
        if (plan.way === "reload") return;
        const order = plan.steps.map((step) => step.do);
        const firstDrain = order.indexOf("drain");
        if (firstDrain < 0) return;
        expect(
          order.slice(firstDrain).filter((step) => !["drain", "awaitIdle", "remove"].includes(step)),
        ).toEqual([]);
        const awaited = plan.steps.flatMap((step) => (step.do === "awaitUp" ? step.servers : []));
        const added = plan.steps.flatMap((step) => (step.do === "add" && step.checked ? [step.server] : []));
        expect(awaited).toEqual(expect.arrayContaining(added));
        expect(order.slice(0, firstDrain).lastIndexOf("add")).toBeLessThanOrEqual(
          awaited.length > 0 ? order.indexOf("awaitUp") : firstDrain,
        );
      }),
      { numRuns: 1000 },
    );
  });

  it("is empty for the configuration in force", () => {
    const none = { way: "steps", steps: [] };
    fc.assert(fc.property(text, (same) => void expect(planOf(same, same)).toEqual(none)));
  });

  it("replaces a replica's port beside the old one", () => {
    const line = "192.0.2.1:81 check inter 1s rise 2 fall 3";
    expect(planOf(one, two)).toEqual({
      way: "steps",
      steps: [
        { do: "add", server: "web/web-1-81", line, checked: true },
        { do: "awaitUp", servers: ["web/web-1-81"], limitMs: 60_000 },
        { do: "drain", server: "web/web-1-80", leaves: true },
        { do: "awaitIdle", servers: ["web/web-1-80"], limitMs: 120_000 },
        { do: "remove", server: "web/web-1-80" },
      ],
    });
  });

  it("has a new server's cookie made and its agent asked, where it has them", () => {
    const withCookie = (text: Text) =>
      configText(text).replace("balance leastconn", "balance leastconn\n    cookie S insert dynamic");
    const line = "192.0.2.1:81 agent-check agent-port 9000";
    const target = withCookie({ web: one.web, api: { ...one.api, "api-9": line } });
    const plan = planChange({ current: withCookie(one), target, running: visible(fresh(one)) });
    expect(plan).toEqual({
      way: "steps",
      steps: [{ do: "add", server: "api/api-9", line, checked: false, cookie: true, agent: true }],
    });
  });

  it("reloads for another weight of a server with an agent, which counts from the one at the start", () => {
    const server = (weight: number) => ({
      "api-9": `192.0.2.1:81 agent-check agent-port 9000 weight ${weight}`,
    });
    const [from, to] = [server(1), server(2)].map((api) => ({ web: one.web, api }));
    expect(planOf(from!, to!)).toMatchObject({
      way: "reload",
      reason: "server api/api-9 has an agent, and changes the weight that it counts from",
    });
    expect(planOf(from!, from!)).toEqual({ way: "steps", steps: [] });
  });

  it("changes what servers it can before a reload for the rest", () => {
    fc.assert(
      fc.property(text, text, fc.constantFrom("bind :80", "balance leastconn"), (from, to, line) => {
        const [current, changed] = [configText(from), configText(to).replace(line, `${line} # again`)];
        const plan = planChange({ current, target: changed, running: visible(fresh(from)) });
        if (plan.way !== "reload" || !plan.first) return;
        const between = { ...to, ...(line === "bind :80" ? {} : { api: from.api }) };
        expect(simulate(plan.first.steps, fresh(from))).toEqual(fresh(between));
        const left = planChange({
          current: plan.first.config,
          target: changed,
          running: visible(fresh(between)),
        });
        expect(left).toEqual({ way: "reload", reason: plan.reason });
      }),
    );
    const target = configText(two).replace("bind :80", "bind :81");
    const plan = planChange({ current: configText(one), target, running: visible(fresh(one)) });
    expect(plan).toMatchObject({
      way: "reload",
      first: { config: configText(two).replace("bind :81", "bind :80") },
    });
  });

  it("waits longer for checks that are slow", () => {
    const slow: Text = { web: { "web-1-81": "192.0.2.1:81 check inter 30s rise 3" }, api: {} };
    const plan = planOf(one, slow);
    expect(plan.way === "steps" && plan.steps).toContainEqual(
      expect.objectContaining({ do: "awaitUp", limitMs: 360_000 }),
    );
  });

  const change = (from: string, to: string) => configText(two).replace(from, to);
  const server = "192.0.2.1:81 check";
  it.each([
    ["another frontend", change("bind :80", "bind :81"), 'section "frontend web" changes'],
    ["another check", change("httpchk", "tcp-check"), 'section "backend web" changes'],
    ["a new section", `${configText(two)}backend more\n`, 'section "backend more" is new'],
    ["a section less", change("backend api", "# "), 'section "backend api" goes'],
    [
      "a name",
      change(server, "web.example:81 check"),
      "server web/web-1-81 is not given by an IPv4 address and a port",
    ],
    [
      "quotes",
      change(server, `"192.0.2.1:81" check`),
      "server web/web-1-81 is written with quotes, variables or a comment",
    ],
    [
      "a cookie",
      change(server, `${server} cookie x`),
      'server web/web-1-81 has "cookie", which is for the start only',
    ],
    [
      "a server of the same name",
      configText({ ...one, web: { "web-1-80": "192.0.2.9:80 check" } }),
      "server web/web-1-80 changes and keeps its name",
    ],
  ])("is a reload for %s", (_, target, reason) => {
    const running = visible(fresh(one));
    expect(planChange({ current: configText(one), target, running })).toMatchObject({
      way: "reload",
      reason,
    });
  });

  it.each([
    ["balance static-rr", '"backend web" balances by "static-rr", whose servers are fixed at the start'],
    ["balance source", '"backend web" balances by "source", whose servers are fixed at the start'],
    ["default-server inter 5s", 'server web/web-1-81 inherits from "default-server"'],
    [
      "server-template t 3 web.example:80",
      'the servers of "backend web" change, which has a template or is disabled',
    ],
  ])("is a reload for servers of a backend with %s", (line, reason) => {
    const [current = "", target = ""] = [one, two].map((it) =>
      configText(it).replace("option httpchk", line),
    );
    expect(planChange({ current, target, running: visible(fresh(one)) })).toEqual({ way: "reload", reason });
  });

  it("takes hashes that are consistent, comments, and another order", () => {
    const [current = "", target = ""] = [one, two].map((it) =>
      configText(it).replace("option httpchk", "balance uri depth 2\n    hash-type consistent"),
    );
    const running = visible(fresh(one));
    expect(planChange({ current, target, running })).toMatchObject({ way: "steps" });
    const commented = `# A comment.\n${current.replaceAll("    ", "\t")}`;
    expect(planChange({ current, target: commented, running })).toEqual({ way: "steps", steps: [] });
  });
});

function churned(
  running: readonly Simulated[],
  { what, backend, name }: { what: string; backend: "web" | "api"; name: string },
  interrupted: Text,
): Simulated[] {
  const is = (it: Simulated) => it.backend === backend && it.name === name;
  const others = running.filter((it) => !is(it));
  const found = running.find(is);
  if (what === "by hand" || what === "from interrupted") {
    if (found) return [...running];
    const line = what === "by hand" ? "192.0.2.7:80 check inter 7s" : interrupted[backend][name];
    return line === undefined
      ? [...running]
      : [...others, ...fresh({ web: {}, api: {}, [backend]: { [name]: line } })];
  }
  if (!found || what === "gone") return others;
  const changes: Partial<Simulated> =
    what === "weight"
      ? { weight: 100 }
      : what === "unchecked"
        ? { checks: false }
        : { [what]: true, up: what !== "maintenance" && found.up };
  return [...others, { ...found, ...changes }];
}
