import { type ConfigSection, parameter, type ServerLine } from "./configText.js";
import type { RunningServer } from "./runningServer.js";
import {
  checkLimitMs,
  endpointOf,
  hasDynamicCookie,
  inheritsServerDefaults,
  isChecked,
  obstacle,
} from "./serverLine.js";
import type { Step } from "./step.js";

export interface ServersRequest {
  /** The backend as it is to be. */
  readonly section: ConfigSection;
  /** Its servers in the file that the worker has started from. */
  readonly before: readonly ServerLine[];
  /** Its servers in the file of an update that broke off. */
  readonly interrupted: readonly ServerLine[];
  readonly running: readonly RunningServer[];
  /** What it inherits from. */
  readonly defaults: ConfigSection | undefined;
}

export interface ServersPlan {
  readonly arrivals: Step[];
  readonly awaited: { readonly server: string; readonly limitMs: number }[];
  readonly weights: Step[];
  readonly removed: { readonly server: string; readonly takesTraffic: boolean }[];
}

/** What changes in one backend, or why that needs a reload. */
export function planServers(request: ServersRequest): ServersPlan | string {
  const { section, before, interrupted, running } = request;
  const plan: ServersPlan = { arrivals: [], awaited: [], weights: [], removed: [] };
  // A backend that is disabled has no servers in force, and a template names its servers itself.
  if (section.lines.some((line) => /^(disabled|server-template)\b/.test(line))) {
    return JSON.stringify(before) === JSON.stringify(section.servers)
      ? plan
      : `the servers of "${section.title}" change, which has a template or is disabled`;
  }
  for (const line of section.servers) {
    const server = `${section.name}/${line.name}`;
    const found = running.find(({ name }) => name === line.name);
    const named = ({ name }: ServerLine) => name === line.name;
    const old = before.find(named);
    const why = found
      ? keep({ line, server, found, known: [old, interrupted.find(named)], isNew: !old }, request, plan)
      : add(line, server, request, plan);
    if (why !== undefined) return why;
  }
  for (const { name, maintenance } of running) {
    if (section.servers.some((line) => line.name === name)) continue;
    plan.removed.push({ server: `${section.name}/${name}`, takesTraffic: !maintenance });
  }
  const changes = plan.weights.length + plan.removed.length + plan.arrivals.filter(isAddition).length;
  return (changes > 0 ? obstacle(section, request.defaults) : undefined) ?? plan;
}

const isAddition = (step: Step) => step.do === "add";

interface Kept {
  readonly line: ServerLine;
  readonly server: string;
  readonly found: RunningServer;
  /** Its line in the file, and in that of an update that broke off: where it has its parameters from. */
  readonly known: readonly (ServerLine | undefined)[];
  /** Not in the file: left over from an update that broke off. */
  readonly isNew: boolean;
}

function keep(kept: Kept, request: ServersRequest, plan: ServersPlan): string | undefined {
  const { line, server, found, isNew } = kept;
  const known = kept.known.filter((one) => one !== undefined);
  if (known.length === 0)
    return `server ${server} was added by hand, with parameters that cannot be asked for`;
  if (known.some((one) => !sameButWeight(one, line))) return `server ${server} changes and keeps its name`;
  const endpoint = line.plain ? endpointOf(line) : undefined;
  if (endpoint && (endpoint.address !== found.address || endpoint.port !== found.port)) {
    return `server ${server} is at ${found.address}:${found.port} in force`;
  }
  if (line.parameters.includes("disabled")) {
    return found.maintenance ? undefined : `server ${server} is enabled in force, and disabled in the file`;
  }
  if (isNew && found.maintenance) {
    plan.arrivals.push({ do: "clear", server });
    return add(line, server, request, plan);
  }
  // An agent sets the rest itself, the weight by the one that the server has started with.
  if (line.parameters.includes("agent-check")) {
    const weight = parameter(line, "weight");
    return known.some((one) => parameter(one, "weight") !== weight)
      ? `server ${server} has an agent, and changes the weight that it counts from`
      : undefined;
  }
  const checked = isChecked(line);
  if (found.maintenance) plan.arrivals.push({ do: "return", server, checked });
  else if (found.drained) plan.arrivals.push({ do: "undrain", server });
  if (checked && !found.checks) plan.arrivals.push({ do: "check", server });
  if (isNew || found.maintenance) awaitUp(line, server, plan);
  const weight = Number(parameter(line, "weight") ?? 1);
  const inherits = inheritsServerDefaults(request.section, request.defaults);
  if (!inherits && line.plain && weight !== found.weight) plan.weights.push({ do: "weigh", server, weight });
  return undefined;
}

function add(
  line: ServerLine,
  server: string,
  request: ServersRequest,
  plan: ServersPlan,
): string | undefined {
  const why = obstacle(request.section, request.defaults, line);
  if (why !== undefined) return why;
  plan.arrivals.push({
    do: "add",
    server,
    line: [line.address, ...line.parameters].join(" "),
    checked: isChecked(line),
    ...(hasDynamicCookie(request.section) && { cookie: true }),
    ...(line.parameters.includes("agent-check") && { agent: true }),
  });
  awaitUp(line, server, plan);
  return undefined;
}

function awaitUp(line: ServerLine, server: string, plan: ServersPlan): void {
  if (isChecked(line)) plan.awaited.push({ server, limitMs: checkLimitMs(line) });
}

function sameButWeight(one: ServerLine, other: ServerLine): boolean {
  const words = ({ address, parameters }: ServerLine) => {
    const at = parameters.indexOf("weight");
    return [address, ...parameters.filter((_, index) => at < 0 || (index !== at && index !== at + 1))].join(
      " ",
    );
  };
  return words(one) === words(other);
}
