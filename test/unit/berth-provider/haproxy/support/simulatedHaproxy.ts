import type { RunningServer } from "../../../../../providers/berth/haproxy/runningServer.js";
import type { Step } from "../../../../../providers/berth/haproxy/step.js";

/** Server lines by name, of two backends. */
export interface Text {
  readonly web: Readonly<Record<string, string>>;
  readonly api: Readonly<Record<string, string>>;
}

/** A server in force, and what HAProxy does not tell of it. */
export interface Simulated extends RunningServer {
  readonly line: string;
  readonly idle: boolean;
}

export function configText({ web, api }: Text): string {
  const lines = (servers: Readonly<Record<string, string>>) =>
    Object.entries(servers).map(([name, line]) => `    server ${name} ${line}\n`);
  return `global
    hard-stop-after 2m
defaults
    mode http
frontend web
    bind :80
    default_backend web
backend web
    option httpchk
${lines(web).join("")}backend api
    balance leastconn
${lines(api).join("")}`;
}

/** What HAProxy has in force after a start. */
export function fresh(text: Text): Simulated[] {
  const all = (["web", "api"] as const).flatMap((backend) =>
    Object.entries(text[backend]).map(([name, line]) => started(backend, name, line)),
  );
  return sorted(all);
}

function started(backend: string, name: string, line: string): Simulated {
  const [address = "", port = ""] = (line.split(" ")[0] ?? "").split(":");
  return {
    backend,
    name,
    line: line.replace(/ weight \d+/, ""),
    address,
    port: Number(port),
    up: true,
    maintenance: false,
    drained: false,
    weight: Number(/ weight (\d+)/.exec(line)?.[1] ?? 1),
    checks: / check/.test(line),
    idle: false,
  };
}

/** Carries out steps by HAProxy's rules; throws where it would refuse one, and where a request would be lost. */
export function simulate(steps: readonly Step[], running: readonly Simulated[]): Simulated[] {
  const all = new Map(running.map((server) => [`${server.backend}/${server.name}`, server]));
  const change = (server: string, changes: Partial<Simulated>) => {
    const found = all.get(server);
    if (!found) throw new Error(`no such server: ${server}`);
    all.set(server, { ...found, ...changes });
  };
  for (const step of steps) {
    switch (step.do) {
      case "clear":
        if (!all.get(step.server)?.maintenance) throw new Error(`${step.server} takes traffic`);
        all.delete(step.server);
        break;
      case "add": {
        if (all.has(step.server)) throw new Error(`already exists: ${step.server}`);
        const [backend = "", name = ""] = step.server.split("/");
        all.set(step.server, { ...started(backend, name, step.line), up: !step.checked });
        break;
      }
      case "return":
        change(step.server, { maintenance: false, drained: false, up: !step.checked, checks: step.checked });
        break;
      case "undrain":
        change(step.server, { drained: false });
        break;
      case "check":
        change(step.server, { checks: true });
        break;
      case "awaitUp":
        for (const server of step.servers) change(server, { up: true });
        break;
      case "weigh":
        change(step.server, { weight: step.weight });
        break;
      case "drain":
        for (const [name, { up, maintenance }] of all)
          if (!up && !maintenance) throw new Error(`${step.server} drains before ${name} is up`);
        change(step.server, { drained: true });
        break;
      case "awaitIdle":
        for (const server of step.servers) {
          if (!all.get(server)?.drained && !all.get(server)?.maintenance)
            throw new Error(`${server} gets new sessions`);
          change(server, { idle: true });
        }
        break;
      case "remove":
        if (!all.get(step.server)?.idle) throw new Error(`${step.server} has sessions`);
        all.delete(step.server);
    }
  }
  return sorted([...all.values()]);
}

function sorted(servers: readonly Simulated[]): Simulated[] {
  const key = ({ backend, name }: Simulated) => `${backend}/${name}`;
  return [...servers].sort((one, other) => (key(one) < key(other) ? -1 : 1));
}
