import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { type Call, duration, formatDuration, poll, type ResourceHandler } from "../kit/index.js";
import { consoleTail } from "./engine/consoleTail.js";
import { Mistakes } from "./mistakes.js";

export interface MachineReplicaInputs {
  readonly replica: string;
  readonly hypervisor: string;
  readonly guest: string;
  readonly domain: string;
  readonly address: string;
  readonly port: number;
  readonly health: {
    readonly type: "http" | "tcp" | "none";
    readonly method: string;
    readonly host: string;
    readonly path: string;
    readonly status: string;
    readonly timeout: string;
  };
  readonly readyTimeout: string;
  readonly consoleLog?: string;
}

/** More than any `readyTimeout`: that is the limit which the message names. */
const limitMs = 24 * 3_600_000;

/** That a virtual machine answers as a replica of a service. See the SDK's MachineReplica for its inputs. */
export const machineReplica: ResourceHandler<MachineReplicaInputs, MachineReplicaInputs, unknown> = {
  timeouts: { create: limitMs, update: limitMs },

  check(inputs) {
    const mistakes = new Mistakes();
    for (const key of ["replica", "hypervisor", "guest", "domain", "address"] as const)
      mistakes.text(key, inputs[key], "a text");
    mistakes.integer("port", inputs.port, 1, 65_535);
    if (mistakes.record("health", inputs.health, "type, method, host, path, status and timeout")) {
      const { type, method, host, path, status, timeout } = inputs.health as Record<string, unknown>;
      if (
        mistakes.text("health.type", type, '"http", "tcp" or "none"') &&
        !["http", "tcp", "none"].includes(type)
      )
        mistakes.add("health.type", `is "${type}"; expected "http", "tcp" or "none"`);
      mistakes.text("health.method", method, 'a method such as "GET"');
      mistakes.text("health.host", host, "a host");
      if (mistakes.text("health.path", path, "a path") && !path.startsWith("/"))
        mistakes.add("health.path", `is "${path}"; expected one that begins with "/"`);
      if (
        mistakes.text("health.status", status, 'HTTP statuses such as "200-299,304"') &&
        !/^\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*$/.test(status)
      )
        mistakes.add("health.status", `is "${status}"; expected HTTP statuses such as "200-299,304"`);
      checkDuration(mistakes, "health.timeout", timeout);
    }
    checkDuration(mistakes, "readyTimeout", inputs.readyTimeout);
    return { inputs, failures: mistakes.failures };
  },

  async create(inputs, call) {
    await answers(inputs, call);
    return { id: inputs.guest, state: inputs };
  },

  async update({ inputs }, call) {
    await answers(inputs, call);
    return inputs;
  },

  async delete() {},
};

function checkDuration(mistakes: Mistakes, property: string, value: unknown): void {
  if (!mistakes.text(property, value, 'a duration such as "10m"')) return;
  try {
    duration(value);
  } catch (error) {
    mistakes.add(property, (error as Error).message);
  }
}

async function answers(inputs: MachineReplicaInputs, call: Call<unknown>): Promise<void> {
  const { replica, guest, address, port, health, readyTimeout, consoleLog } = inputs;
  if (health.type === "none") return;
  const expected =
    health.type === "tcp"
      ? `a connection on ${address}:${port}`
      : `${health.status} on http://${address}:${port}${health.path}`;
  const limitOfAll = duration(readyTimeout);
  const limit = AbortSignal.timeout(limitOfAll);
  let last = "no try has ended yet";
  const waited = poll({
    what: `${replica} to answer ${expected}`,
    signal: AbortSignal.any([call.signal, limit]),
    status: call.status,
    async until(signal) {
      if (health.type === "tcp") {
        await connects(inputs, signal);
        return true;
      }
      last = await ask(inputs, signal);
      return isAmong(Number(last), health.status);
    },
    retry: (error) => {
      last = error.message;
      return true;
    },
  });
  await waited.catch(async (error: unknown) => {
    if (call.signal.aborted || !limit.aborted) throw error;
    throw new Error(
      `${replica}: machine ${guest} did not answer ${expected} within ${formatDuration(limitOfAll)}. ` +
        `Its last answer: ${last}.${await consoleTail(consoleLog)}\n` +
        'Check that the image or "cloudConfig" starts the program, and "health". Where it is only slow, raise "readyTimeout"; the next update goes on waiting.',
    );
  });
}

function connects({ address, port, health }: MachineReplicaInputs, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, timeout: duration(health.timeout), signal });
    socket.once("connect", () => {
      resolve();
      socket.destroy();
    });
    socket.once("timeout", () => socket.destroy(new Error(`none within ${health.timeout}`)));
    socket.once("error", reject);
  });
}

/** Whether a status is one of `200-299,304`. */
function isAmong(status: number, expected: string): boolean {
  return expected.split(",").some((part) => {
    const [low, high = low] = part.split("-").map(Number);
    return status >= low! && status <= high!;
  });
}

/** The status of one answer; its content is not read. */
function ask({ address, port, health }: MachineReplicaInputs, signal: AbortSignal): Promise<string> {
  const timeout = AbortSignal.timeout(duration(health.timeout));
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        method: health.method,
        host: address,
        port,
        path: health.path,
        headers: { host: health.host },
        agent: false,
        signal: AbortSignal.any([signal, timeout]),
      },
      (response) => {
        resolve(String(response.statusCode));
        response.destroy();
      },
    );
    request.end();
    request.once("error", (error) =>
      reject(timeout.aborted ? new Error(`none within ${health.timeout}`) : error),
    );
  });
}
