import { canReload, daemonJsonText, parseDaemonJson, sameSettings } from "./daemonJson.js";
import type { InstalledCertificate, MachineFacts } from "./machineFacts.js";
import type { EngineInputs } from "./types.js";

/**
 * The weight of Docker's own services for processors. A container has 100: where both want them, what runs is served, and images are
 * unpacked and containers made with what it leaves.
 */
export const engineWeight = 10;

/** How the service gets to run with its configuration. */
export type Activation = "none" | "start" | "reload" | "restart";

/** What has to be done on a machine that has Docker installed. */
export interface Plan {
  /** The new text of daemon.json, where it differs. */
  readonly daemonJson: string | undefined;
  readonly activation: Activation;
  readonly putCertificates: readonly Pick<InstalledCertificate, "registry" | "pem">[];
  /** Registries whose certificate is ours and no longer wanted. */
  readonly removeCertificates: readonly string[];
  readonly unmask: boolean;
  readonly enable: boolean;
  /** Services whose weight is another one. */
  readonly weigh: readonly string[];
  /** Whether connections that wait are to be handed over, see {@link listenerSetting}. */
  readonly handOver: boolean;
  /** The user that is to join the group docker. */
  readonly joinGroup: string | undefined;
}

type Wanted = Pick<EngineInputs, "daemon" | "certificates">;

/** The difference between what a machine has and what is wanted. */
export function planEngine(facts: MachineFacts, wanted: Wanted): Plan {
  const live = parseDaemonJson(facts.daemon);
  const daemonJson = sameSettings(live, wanted.daemon) ? undefined : daemonJsonText(wanted.daemon);
  const installed = new Map(facts.certificates.map((certificate) => [certificate.registry, certificate]));
  return {
    daemonJson,
    activation: activation(facts.unitActive, daemonJson !== undefined, () => canReload(live, wanted.daemon)),
    putCertificates: Object.entries(wanted.certificates)
      .filter(([registry, pem]) => !samePem(installed.get(registry)?.pem, pem))
      .map(([registry, pem]) => ({ registry, pem })),
    removeCertificates: facts.certificates
      .filter(({ registry, ours }) => ours && wanted.certificates[registry] === undefined)
      .map(({ registry }) => registry),
    unmask: facts.unitFile.startsWith("masked"),
    enable: facts.unitFile !== "enabled",
    weigh: Object.keys(facts.weights).filter((unit) => facts.weights[unit] !== `${engineWeight}`),
    handOver: facts.handsOver === false,
    joinGroup: mayUseSocket(facts) ? undefined : facts.user,
  };
}

export function isDone(plan: Plan): boolean {
  return (
    plan.daemonJson === undefined &&
    plan.activation === "none" &&
    plan.putCertificates.length === 0 &&
    plan.removeCertificates.length === 0 &&
    !plan.unmask &&
    !plan.enable &&
    plan.weigh.length === 0 &&
    !plan.handOver &&
    plan.joinGroup === undefined
  );
}

/** The steps in words, for the progress line. */
export function describePlan(plan: Plan): string {
  const certificates = plan.putCertificates.length + plan.removeCertificates.length;
  const steps = [
    plan.daemonJson === undefined ? "" : "writing daemon.json",
    certificates === 0 ? "" : "putting registry certificates in place",
    plan.enable || plan.unmask ? "enabling the service" : "",
    plan.weigh.length === 0 ? "" : "having its own work give way to containers",
    plan.handOver ? "having waiting connections handed over" : "",
    plan.joinGroup === undefined ? "" : `adding ${plan.joinGroup} to the group docker`,
    { none: "", start: "starting Docker", reload: "reloading Docker", restart: "restarting Docker" }[
      plan.activation
    ],
  ];
  return steps.filter((step) => step !== "").join(", ");
}

export function mayUseSocket(facts: MachineFacts): boolean {
  return facts.user === "root" || facts.groups.includes("docker");
}

export function samePem(one: string | undefined, other: string | undefined): boolean {
  return one?.trim() === other?.trim();
}

function activation(active: string, changed: boolean, reloads: () => boolean): Activation {
  const isUp = active === "active" || active === "reloading";
  if (!changed) return isUp ? "none" : "start";
  // While it starts it may have read the old file already.
  if (isUp || active === "activating") return reloads() ? "reload" : "restart";
  return "start";
}
