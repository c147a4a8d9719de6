import { connect } from "node:net";
import { type Call, formatDuration, poll } from "../../kit/index.js";
import type { ResidentInputs } from "./types.js";

/** From the machine's start to the answer of all that ran in it. */
export const answerLimitMs = 3 * 60_000;
const connectLimitMs = 2000;

/** Those that accept connections. */
export async function answering(residents: readonly ResidentInputs[]): Promise<ResidentInputs[]> {
  const answers = await Promise.all(residents.map(accepts));
  return residents.filter((_, index) => answers[index]);
}

/**
 * Waits until all of them have accepted connections for as long as a load balancer wants them to before it sends them requests.
 *
 * @throws where one does not in time, with its name
 */
export async function awaitResidents(
  machine: string,
  residents: readonly ResidentInputs[],
  call: Pick<Call<unknown>, "signal" | "status">,
): Promise<void> {
  if (residents.length === 0) return;
  const limit = AbortSignal.timeout(answerLimitMs);
  const settleMs = Math.max(...residents.map((one) => one.settleMs));
  let since: number | undefined;
  let silent = residents;
  try {
    await poll({
      what: `${residents.map(({ replica }) => replica).join(", ")} to answer in ${machine}`,
      signal: AbortSignal.any([call.signal, limit]),
      status: call.status,
      every: 500,
      until: async () => {
        const those = await answering(residents);
        silent = residents.filter((one) => !those.includes(one));
        since = silent.length > 0 ? undefined : (since ?? performance.now());
        return since !== undefined && performance.now() - since >= settleMs;
      },
    });
  } catch (error) {
    call.signal.throwIfAborted();
    const names = silent.map(({ replica }) => replica).join(", ");
    throw new Error(
      `${machine} runs again, and ${names} did not answer within ${formatDuration(answerLimitMs)}. ` +
        "No other machine restarts until they do.",
      { cause: error },
    );
  }
}

function accepts({ address, port }: ResidentInputs): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address);
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(connectLimitMs, () => end(false));
    socket.once("connect", () => end(true)).once("error", () => end(false));
  });
}
