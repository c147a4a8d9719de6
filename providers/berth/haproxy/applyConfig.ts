import type { Container } from "dockerode";
import type { Call } from "../../kit/index.js";
import { Candidate, candidatePath, type Place } from "./candidate.js";
import type { ContainerShell } from "./containerShell.js";
import { exclusively } from "./exclusively.js";
import { type LiveHaproxy, lookAtHaproxy, planFor } from "./liveHaproxy.js";
import { reloadInto, workersEnded } from "./reloadInto.js";
import { areRenewals, renewCertificates } from "./renewCertificates.js";
import { requireRunning } from "./requireRunning.js";
import { NewServerDownError, runSteps } from "./runSteps.js";
import { RuntimeRefusalError, RuntimeUnreachableError } from "./runtimeApi.js";
import { SecretChange, type SecretFiles } from "./secretFiles.js";
import { readShellFile } from "./shellFiles.js";
import type { ChangePlan, Step } from "./step.js";

export interface ConfigRequest {
  /** The configuration to bring into force, made of the one that is there; `undefined`: that one stays. */
  readonly config: (current: string | undefined) => string | undefined;
  readonly path: string;
  /** Files that only root may read, in the folder `secret` beside the configuration, by name. Default: those that are there. */
  readonly secretFiles?: SecretFiles;
}

/** Of the call's limit, for what follows a wait. */
const reserveMs = 10_000;

/**
 * {@link bringIntoForce}, one change of a file at a time. Of a volume's there may be two HAProxies: while one takes the other's place, and
 * after an update that failed meanwhile, until the next one.
 */
export async function applyConfig(
  shell: ContainerShell,
  request: ConfigRequest,
  call: Call<unknown>,
): Promise<void> {
  const file = await placeOf(shell.container, request.path);
  await exclusively(file, call.signal, () => bringIntoForce(shell, request, call));
}

/** Where a container's file lies: the same for all that it is shared with. */
async function placeOf(container: Container, path: string): Promise<string> {
  const mounts = await container.inspect().then(
    ({ Mounts }) => Mounts,
    () => [],
  );
  const over = mounts.filter(({ Destination }) => path.startsWith(`${Destination.replace(/\/$/, "")}/`));
  const [mount] = over.sort((one, other) => other.Destination.length - one.Destination.length);
  return mount === undefined
    ? `${container.id}:${path}`
    : `${mount.Source}:${path.slice(mount.Destination.length)}`;
}

/**
 * Brings a configuration into force that HAProxy has checked: servers and renewed certificates through its Runtime API as far as
 * they can, and by a reload where more differs. The files then say what runs. Where that fails, what was in force stays, or is put
 * back. One that is in force is left alone.
 */
async function bringIntoForce(
  shell: ContainerShell,
  request: ConfigRequest,
  call: Call<unknown>,
): Promise<void> {
  const { path } = request;
  const deadline = Date.now() + call.timeoutMs - reserveMs;
  const { container } = shell;
  const place: Place = { shell, name: await requireRunning(container), path };
  const { name } = place;
  const live = await lookAtHaproxy(shell, path, call.signal);
  const config = request.config(live.file?.text);
  if (config === undefined) return;
  const interrupted = await readShellFile(shell, candidatePath(path), call.signal);
  const secrets = new SecretChange(place, live.secrets, request.secretFiles);
  const wholePlan = planFor(live, config, interrupted?.text);
  const { changed } = secrets.difference;
  const isThere = live.file?.text === config && interrupted === undefined && changed.length === 0;
  if (isThere && wholePlan.way === "steps" && wholePlan.steps.length === 0) return secrets.finish();
  const renewal =
    wholePlan.way === "steps" && typeof live.runtime !== "string" && areRenewals(secrets, live.secrets);
  const plan = renewal ? wholePlan : withSecrets(wholePlan, config, secrets);
  const candidate = new Candidate(place);
  // What a worker that stays has taken over keeps the date of what it started from.
  const kept = live.file?.modified ?? live.now;
  const modified = plan.way === "steps" ? kept : live.now;
  call.status(`checking the configuration in ${name}`);
  await secrets.stage(modified);
  try {
    await candidate.check({ text: secrets.staged(config), modified }, call, secrets.named);
    const change = { place, live, candidate, modified: kept };
    let old = live.file;
    if (plan.way === "steps") {
      const refusal = await carryOut({ ...change, steps: plan.steps, text: config, secrets }, call);
      if (refusal === undefined) return await secrets.finish();
      call.log("info", `HAProxy in ${name} is reloaded, as it refuses a change while it runs: ${refusal}`);
      await secrets.stage(live.now);
    } else if (plan.first && old) {
      const { config: text, steps } = plan.first;
      // What it warns of, it has warned of in the target.
      const refusal = await candidate.check({ text, modified: kept }, { ...call, log: () => {} }).then(
        () => carryOut({ ...change, steps, text }, call),
        (error: Error) => error.message,
      );
      if (refusal === undefined) old = { text, modified: kept };
    }
    await candidate.put({ text: config, modified: live.now }, call.signal);
    call.status(`reloading HAProxy in ${name}${plan.way === "reload" ? `: ${plan.reason}` : ""}`);
    await reloadInto({ place, candidate, old, config, deadline, secrets }, call);
    await secrets.finish();
  } catch (error) {
    await secrets.discard().catch((failure: Error) => {
      call.log("warning", `secret files of an update that failed are still in ${name}: ${failure.message}`);
    });
    throw error;
  }
}

/** Secret files are read at a start: where one changes, what would have been steps comes before a reload. */
function withSecrets(plan: ChangePlan, config: string, { difference }: SecretChange): ChangePlan {
  const [changed] = difference.changed;
  if (plan.way === "reload" || changed === undefined) return plan;
  return { way: "reload", reason: `secret file ${changed} changes`, first: { config, steps: plan.steps } };
}

/** A change without a reload. */
interface SteppedChange {
  readonly place: Place;
  readonly live: LiveHaproxy;
  readonly candidate: Candidate;
  /** The date of the file: that of the worker's start, as all but the servers is what it has started from. */
  readonly modified: number;
  readonly steps: readonly Step[];
  readonly text: string;
  /** Certificates that change with the servers. Default: nothing else does. */
  readonly secrets?: SecretChange;
}

/** Changes certificates, servers, and then the files; gives the reason where that needs a reload after all. */
async function carryOut(change: SteppedChange, call: Call<unknown>): Promise<string | undefined> {
  const { place, live, candidate, modified, steps, text, secrets } = change;
  const { name } = place;
  const workers = (signal: AbortSignal) => workersEnded(place.shell.container, signal);
  await candidate.put({ text, modified }, call.signal);
  try {
    if (typeof live.runtime !== "string") {
      if (secrets !== undefined && secrets.difference.changed.length > 0) {
        call.status(`exchanging certificates in ${name}: ${secrets.difference.changed.join(", ")}`);
        await renewCertificates(secrets, live.runtime.api, call.signal);
        await secrets.commit(call.signal);
      }
      await runSteps(steps, { api: live.runtime.api, call, name, workersEnded: workers });
    }
  } catch (error) {
    if (error instanceof RuntimeRefusalError || error instanceof RuntimeUnreachableError)
      return error.message;
    // Otherwise it stays, and tells the next update what this one may have left half done.
    if (error instanceof NewServerDownError) await candidate.discard(call.signal);
    throw error;
  }
  await candidate.commit(call.signal);
  return undefined;
}
