import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { place as placeReplicas } from "@berth/components/placement";
import type { Topology } from "@berth/components/topology";
import { refusal } from "../../providers/berth/domain/outage.js";
import { whileAway } from "../../providers/berth/haproxy/whileAway.js";
import { withLock } from "../../toolchain/lock.js";
import { balancersOf } from "../balancers.js";
import { insideLab } from "../insideLab.js";
import { imageDigests, readTopology, runningSeats } from "../placementInput.js";
import type { Project } from "../project.js";
import { say, UserError } from "../say.js";
import { settle } from "../settle.js";
import { type Ready, setup } from "../setup.js";
import { configFileOf } from "../stack.js";
import { temporaryFolder } from "../temporaryFolder.js";
import { imagesOf, type StackOptions, update } from "../up.js";
import { bring, bringLive, goOn, type Way } from "./bring.js";
import type { Move } from "./cutOver.js";
import { liveOrCold, type MoveMode, moveFacts, type Transfer } from "./liveOrCold.js";
import { type MovePlan, planMove } from "./planMove.js";
import { type Readdressing, readdressing } from "./readdress.js";
import { removeLeft } from "./removeLeft.js";
import { readState } from "./stackState.js";
import { type Surveyed, survey } from "./survey.js";
import { sayHypervisor, withHypervisor } from "./withHypervisor.js";

const factsLimitMs = 2 * 60_000;

interface Context {
  readonly project: Project;
  readonly ready: Ready;
  readonly options: MoveOptions;
  readonly topology: Topology;
  /** The stack's. */
  readonly file: string;
  /** Folder for what is on its way; the same for each try. */
  readonly folder: string;
}

export interface MoveOptions extends StackOptions {
  readonly mode: MoveMode;
}

/**
 * Moves a machine of a stack to another of its hypervisors, with what is on its disks, as the machine that it is: while it runs, or
 * by a shutdown once all is there but for what it writes meanwhile. It is taken away only when it is up at the target. What fails
 * before that goes back by itself; what was cut off goes on, or begins anew, with the next try.
 */
export async function moveMachine(
  project: Project,
  name: string,
  hypervisor: string,
  options: MoveOptions,
): Promise<void> {
  const ready = await setup(project, imagesOf(project, options));
  const topology = readTopology(project, options, ready.host);
  // From where load balancers in machines are reached, and QEMU by what is on its own loopback.
  if (await insideLab(ready.host)) return;
  const file = configFileOf(project, options);
  const folder = join(temporaryFolder(project), `move-${options.stack}-${name}`);
  await withLock(`${folder}.lock`, { doing: `moving ${name}`, log: say }, async () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    await carry({ project, ready, options, topology, file, folder }, name, hypervisor);
    rmSync(folder, { recursive: true, force: true });
  });
}

async function carry(context: Context, name: string, hypervisor: string): Promise<void> {
  const { project, ready, options, topology, file } = context;
  const look = async () => {
    const known = await readState(project, ready, options.stack);
    const found = planMove(topology, known, name, hypervisor);
    const addresses = readdressing(found, topologyThere(context, found));
    return { plan: found, move: moveOf(context, found, known.accelerators.get(hypervisor), addresses) };
  };
  let { plan, move } = await look();
  const { from, to } = plan;
  if (from === to) return tidyUp(context, plan);
  await refuseUnplaceable(context, plan);
  let found = await survey(move, false);
  const transfer = await transferOf(move, found, options.mode);
  if (!transfer.live) await refuseOutage(context, plan);
  // Whatever it says by now: an update would make a machine anew that is not there yet.
  if (found.there !== "machine") sayHypervisor(file, name, from.name);
  const isToRun = move.inputs.power === "running";
  if (found.runsHere || !isToRun) {
    say(`An update comes first, so that "${hypervisor}" has what ${name} starts from.`);
    await prepare(context, plan);
    ({ plan, move } = await look());
    found = await survey(move, true);
  }
  const { there, runsHere } = found;
  // What has another address comes back as another server, by the update.
  const staysServer = isToRun && move.addresses === undefined;
  const aside: Way["aside"] = async (call, work) =>
    staysServer
      ? (await whileAway(plan.spec.address, balancersOf(project, topology), call, work)).result
      : work();
  if (there === "machine") await goOn(move, { file });
  else if (transfer.live && runsHere) await bringLive(move, { file, from: from.name, found: there });
  else await bring(move, { file, from: from.name, found: there, aside });
  await takeOver(context, plan);
  await removeLeft(plan, [from]);
  // Load balancers may have been left as they were when it was cut off.
  if (there !== "nothing" || (isToRun && !runsHere))
    await settle(project, ready, options, [{ ...move.source, uri: to.uri }]);
  say(`${name} has moved from "${from.name}" to "${to.name}".`);
}

/** Where it is already: a move that was cut off at its end has left something, or none was needed. */
async function tidyUp({ topology }: Context, plan: MovePlan): Promise<void> {
  const { spec, to } = plan;
  const left = await removeLeft(
    plan,
    topology.hypervisors.filter(({ uri }) => uri !== to.uri),
  );
  if (left.length === 0) throw new UserError(`machine "${spec.name}" is on "${to.name}" already.`);
  say(`${spec.name} is on "${to.name}", and what its move had left on ${left.join(", ")} is removed.`);
}

function moveOf(
  { options, ready, folder }: Context,
  { domain, inputs, from, to, spec }: MovePlan,
  type = inputs.type,
  addresses?: Readdressing,
): Move {
  return {
    stack: options.stack,
    source: { uri: from.uri, domain, name: spec.name },
    inputs,
    place: {
      uri: to.uri,
      name: to.name,
      pool: to.pool.name,
      network: to.network.name,
      type,
      consoleLogs: to.consoleLogs ?? ready.host.consoleLogs,
    },
    ...(addresses && { addresses }),
    temporary: folder,
  };
}

/** What the stack's file would say with the machine at its target. */
function topologyThere({ project, ready, options, file, folder }: Context, { spec, to }: MovePlan): Topology {
  const draft = join(folder, "stack.yaml");
  writeFileSync(draft, withHypervisor(readFileSync(file, "utf8"), spec.name, to.name), { mode: 0o600 });
  return readTopology(project, { ...options, configFile: draft }, ready.host);
}

/** @throws UserError where it is to move live, and can't */
async function transferOf(move: Move, { runsHere, there }: Surveyed, mode: MoveMode): Promise<Transfer> {
  const { name } = move.source;
  const facts = await moveFacts(move, runsHere, AbortSignal.timeout(factsLimitMs));
  const transfer = liveOrCold(mode, facts);
  if (transfer.live || there === "machine") return transfer;
  if (mode === "live") {
    throw new UserError(
      `${name} can't move while it runs: ${transfer.because}. With "--mode auto" it shuts down, and starts there.`,
    );
  }
  if (runsHere) say(`${name} shuts down for its move, and starts there: ${transfer.because}.`);
  return transfer;
}

/** What the configuration or the placement does not allow is refused before anything is touched. */
async function refuseUnplaceable(context: Context, plan: MovePlan): Promise<void> {
  const { project, options } = context;
  const changed = topologyThere(context, plan);
  const today = await runningSeats(project, options.stack);
  placeReplicas(changed, today, {}, [], imageDigests(project, changed));
}

/** Of what is in the machine, some may not be away for as long as it takes to start there. */
async function refuseOutage({ project, options, topology }: Context, plan: MovePlan): Promise<void> {
  const today = await runningSeats(project, options.stack);
  // With Pulumi's SDK, which takes a second to load.
  const { residentsOf } = await import("@berth/components");
  const machine = plan.spec.name;
  const residents = residentsOf(machine, topology, today);
  const effect = { kind: "restart" as const, because: [`it moves to "${plan.to.name}"`] };
  const refused = refusal({ machine, effect, residents, limitMs: 0 }, []);
  if (refused !== undefined) throw new UserError(refused);
}

async function prepare({ project, ready, options }: Context, { spec, to }: MovePlan): Promise<void> {
  // The engine hands its environment on to the program, which makes the images by it.
  process.env["BERTH_PREPARE"] = JSON.stringify({ [to.name]: [spec.image] });
  try {
    await update(project, ready, options);
  } finally {
    delete process.env["BERTH_PREPARE"];
  }
}

/** The update that makes the stack's state agree: only after it the machine is not the one that it was taken from any more. */
async function takeOver({ project, ready, options }: Context, { spec, from, to }: MovePlan): Promise<void> {
  const { name } = spec;
  say(`An update follows, by which the stack has ${name} on "${to.name}".`);
  try {
    await update(project, ready, options);
  } catch (error) {
    throw new UserError(
      `${name} is on "${to.name}" now, and the update that was to say so failed: ${(error as Error).message}. Mend that, and move it again; what is left of it on "${from.name}" goes then.`,
    );
  }
}
