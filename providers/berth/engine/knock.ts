import { connect } from "node:net";

/** Whether anything answers at an address: `silent` where nothing does, be it that the machine has no such address yet. */
export function knock(host: string, port: number, limitMs: number): Promise<"answers" | "silent"> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    const end = (answer: "answers" | "silent") => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(limitMs, () => end("silent"));
    socket.once("connect", () => end("answers"));
    // A refusal is the machine's own answer; all else comes from the way to it.
    socket.once("error", ({ code }: NodeJS.ErrnoException) =>
      end(code === "ECONNREFUSED" || code === "ECONNRESET" ? "answers" : "silent"),
    );
  });
}
