import type * as docker from "@pulumi/docker";
import {
  type Call,
  type CheckFailure,
  differences,
  formatPath,
  type ResourceHandler,
} from "../../kit/index.js";
import { autoName } from "../autoName.js";
import type { Configuration } from "../configuration.js";
import type { Plain } from "../plain.js";
import { type StoredBuilder, storedBuilder } from "./builderStore.js";
import { driverOf, driverOptions } from "./driverOptions.js";
import { runBuildx } from "./runBuildx.js";

type BuilderInputs = Plain<docker.BuildxBuilderArgs>;
type BuilderState = BuilderInputs & { readonly name: string };

/** What buildx gives a builder of its own that is given no flags. */
const standardFlag = "--allow-insecure-entitlement=network.host";
const blocks = ["dockerContainer", "kubernetes", "remote"] as const;

/** `docker:index/buildxBuilder:BuildxBuilder`: a builder of the client `docker buildx`, which keeps it on this machine. */
export const buildxBuilder: ResourceHandler<BuilderInputs, BuilderState, Configuration> = {
  computed: ["name"],
  check: (inputs) => ({ inputs, failures: checkBuilder(inputs) }),
  // A builder is made once; only which one is used where none is named, and whether it is up, change in place.
  diff: ({ oldInputs, inputs }) => {
    const off = { append: false, bootstrap: false, use: false };
    const changes = differences({ ...off, ...oldInputs }, { ...off, ...inputs }).map(({ path, kind }) => ({
      path: formatPath(path),
      kind: ["bootstrap", "use"].includes(String(path[0])) ? kind : (`${kind}-replace` as const),
      inputDiff: true,
    }));
    return { changes, deleteBeforeReplace: oldInputs.name !== undefined && oldInputs.name === inputs.name };
  },
  async create(inputs, call) {
    const name = (inputs.name ?? autoName(call.urn)).toLowerCase();
    if (!inputs.append && storedBuilder(name)) {
      throw new Error(
        `buildx has a builder "${name}" already. Remove it, set "append: true" to add a node to it, or adopt it: ` +
          `pulumi import docker:index/buildxBuilder:BuildxBuilder NAME ${name}`,
      );
    }
    try {
      await runBuildx(createArguments(name, inputs), call, { onLine: call.status });
    } catch (error) {
      // One that could not be booted was made all the same.
      if (!inputs.append)
        await remove(name, inputs, { ...call, signal: AbortSignal.timeout(60_000) }).catch(() => {});
      throw error;
    }
    return { id: name, state: { ...inputs, name } };
  },
  async read(id, state, inputs) {
    const found = storedBuilder(id);
    if (!found || !holds(found, state)) return undefined;
    const now = state && inputs ? inputs : importedInputs(found);
    return { id, inputs: now, state: { ...(state ?? now), name: id } };
  },
  async update({ id, oldInputs, inputs }, call) {
    if (inputs.use && !oldInputs.use) await runBuildx(["use", id], call);
    if (inputs.bootstrap && !oldInputs.bootstrap) {
      await runBuildx(["inspect", "--bootstrap", id], call, { onLine: call.status });
    }
    return { ...inputs, name: id };
  },
  async delete(id, state, call) {
    if (holds(storedBuilder(id), state)) await remove(id, state, call);
  },
};

/** Is the builder there, with the node that it was given? */
function holds(found: StoredBuilder | undefined, state: BuilderInputs | undefined): boolean {
  return found !== undefined && (!state?.node || found.Nodes.some(({ Name }) => Name === state.node));
}

/** A node that was added to somebody else's builder leaves it again; a builder goes as a whole. */
async function remove(
  name: string,
  { append, node }: BuilderInputs,
  call: Call<Configuration>,
): Promise<void> {
  if (append && node) await runBuildx(["create", "--name", name, "--node", node, "--leave"], call);
  else await runBuildx(["rm", "--force", name], call);
}

function createArguments(name: string, inputs: BuilderInputs): string[] {
  const { append, bootstrap, buildkitConfig, buildkitFlags, endpoint, node, platforms, use } = inputs;
  return [
    "create",
    ...["--name", name, "--driver", driverOf(inputs)],
    ...driverOptions(inputs).flatMap((option) => ["--driver-opt", quoted(option)]),
    ...(append ? ["--append"] : []),
    ...(bootstrap ? ["--bootstrap"] : []),
    ...(buildkitConfig ? ["--buildkitd-config", buildkitConfig] : []),
    ...(buildkitFlags ? ["--buildkitd-flags", buildkitFlags] : []),
    ...(node ? ["--node", node] : []),
    ...(platforms?.length ? ["--platform", platforms.join(",")] : []),
    ...(use ? ["--use"] : []),
    ...(endpoint ? [endpoint] : []),
  ];
}

/** An option is a field of a line of CSV. */
function quoted(option: string): string {
  return /[",\n]/.test(option) ? `"${option.replaceAll('"', '""')}"` : option;
}

function checkBuilder(inputs: BuilderInputs): CheckFailure[] {
  const given = blocks.filter((name) => inputs[name] !== undefined);
  const failures: CheckFailure[] = given
    .slice(1)
    .map((property) => ({ property, reason: `a builder has one driver, and ${given[0]} says another` }));
  if (inputs.remote && !inputs.endpoint) {
    failures.push({
      property: "endpoint",
      reason: "a remote builder needs its address, such as tcp://10.0.0.2:1234",
    });
  }
  if (inputs.append && !inputs.name) {
    failures.push({ property: "name", reason: "the builder that a node is added to must be named" });
  }
  return failures;
}

function importedInputs({ Name, Driver, Nodes }: StoredBuilder): BuilderInputs {
  const [node] = Nodes;
  const flags = (node?.Flags ?? []).filter((flag) => flag !== standardFlag);
  const platforms = (node?.Platforms ?? []).map(({ os, architecture, variant }) =>
    [os, architecture, variant].filter(Boolean).join("/"),
  );
  return {
    name: Name,
    driver: Driver,
    ...(node?.DriverOpts &&
      Object.keys(node.DriverOpts).length > 0 && { driverOptions: { ...node.DriverOpts } }),
    ...(flags.length > 0 && { buildkitFlags: flags.join(" ") }),
    ...(platforms.length > 0 && { platforms }),
  };
}
