import type Docker from "dockerode";
import type { Container } from "dockerode";
import type { Call } from "../../kit/index.js";
import { candidatePath, inContainer, putChecked } from "./candidate.js";
import { putContainerFile, readContainerFile } from "./containerFiles.js";
import { type LiveHaproxy, lookAtHaproxy, planFor } from "./liveHaproxy.js";
import { reloadInto, workersEnded } from "./reloadInto.js";
import { areRenewals, renewCertificates } from "./renewCertificates.js";
import { requireRunning } from "./requireRunning.js";
import { NewServerDownError, runSteps } from "./runSteps.js";
import { RuntimeRefusalError, RuntimeUnreachableError } from "./runtimeCommands.js";
import { SecretChange, type SecretFiles } from "./secretFiles.js";
import type { ChangePlan, Step } from "./step.js";

export interface ConfigRequest {
  readonly container: string;
  readonly config: string;
  readonly path: string;
  /** Files that only root may read, in the folder `secret` beside the configuration, by name. Default: none. */
  readonly secretFiles?: SecretFiles;
}

/** Of the call's limit, for what follows a wait. */
const reserveMs = 10_000;

/**
 * Brings a configuration into force that HAProxy has checked: servers and renewed certificates through its Runtime API as far as
 * they can, and by a reload where more differs. The files then say what runs. Where that fails, what was in force stays, or is put
 * back.
 */
export async function applyConfig(
  docker: Docker,
  request: ConfigRequest,
  call: Call<unknown>,
): Promise<void> {
  const { config, path } = request;
  const deadline = Date.now() + call.timeoutMs - reserveMs;
  const container = docker.getContainer(request.container);
  const name = await requireRunning(container, request.container);
  const live = await lookAtHaproxy(docker, request.container, path, call.signal);
  const interrupted = await readContainerFile(container, candidatePath(path));
  const secrets = new SecretChange({ container, name, path }, live.secrets, request.secretFiles ?? {});
  const place = { container, name, path, live, secrets };
  const wholePlan = planFor(live, config, interrupted?.text);
  const renewal =
    wholePlan.way === "steps" && typeof live.runtime !== "string" && areRenewals(secrets, live.secrets);
  const plan = renewal ? wholePlan : withSecrets(wholePlan, config, secrets);
  const target = { text: config, modified: live.now };
  call.status(`checking the configuration in ${name}`);
  // What a worker that stays has exchanged keeps the date of what it started from.
  await secrets.stage(renewal ? (live.file?.modified ?? live.now) : live.now);
  try {
    const staged = { ...target, text: secrets.staged(config) };
    await putChecked(container, name, path, staged, call, secrets.named);
    let old = live.file;
    if (plan.way === "steps") {
      const refusal = await change(plan.steps, config, place, call);
      if (refusal === undefined) return await secrets.finish();
      call.log("info", `HAProxy in ${name} is reloaded, as it refuses a change while it runs: ${refusal}`);
      await secrets.stage(live.now);
    } else if (plan.first && old) {
      const { config: text, steps } = plan.first;
      // What it warns of, it has warned of in the target.
      const refusal = await checkQuietly(text, place, call).then(
        () => change(steps, text, { ...place, secrets: undefined }, call),
        (error: Error) => error.message,
      );
      if (refusal === undefined) old = { text, modified: old.modified };
    }
    await putContainerFile(container, candidatePath(path), target);
    call.status(`reloading HAProxy in ${name}${plan.way === "reload" ? `: ${plan.reason}` : ""}`);
    await reloadInto({ container, name, path, old, config, deadline, secrets }, call);
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

interface Place {
  readonly container: Container;
  readonly name: string;
  readonly path: string;
  readonly live: LiveHaproxy;
  /** Certificates that change with the servers; none: nothing else does. */
  readonly secrets: SecretChange | undefined;
}

async function checkQuietly(text: string, { container, name, path, live }: Place, call: Call<unknown>) {
  await putChecked(container, name, path, { text, modified: live.now }, { ...call, log: () => {} });
}

/** Changes certificates, servers, and then the files; gives the reason where that needs a reload after all. */
async function change(
  steps: readonly Step[],
  text: string,
  { container, name, path, live, secrets }: Place,
  call: Call<unknown>,
): Promise<string | undefined> {
  // The date stays that of the worker's start: all but the servers is what it has started from.
  const modified = live.file?.modified ?? live.now;
  const candidate = candidatePath(path);
  await putContainerFile(container, candidate, { text, modified });
  const workers = (signal: AbortSignal) => workersEnded(container, signal);
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
    if (error instanceof NewServerDownError)
      await inContainer(container, name, ["rm", "-f", candidate], call.signal);
    throw error;
  }
  await inContainer(container, name, ["mv", "-f", candidate, path], call.signal);
  return undefined;
}
