/**
 * A process of its own, run inside a lab's network namespace: passes each connection to a socket that listens
 * outside on to an address inside. Its parent hands it the listening socket and leaves it alone afterwards. It
 * imports nothing of ours, so that Node runs it from its source as well.
 *
 * Arguments: HOST PORT of the target.
 */
import { connect, type Server, type Socket } from "node:net";

const [host = "", port = ""] = process.argv.slice(2);
const CONNECT_LIMIT_MS = 10_000;

process.on("message", (message, handle) => {
  if (message === "listen" && handle) {
    const server = handle as Server;
    server.on("connection", relay);
    process.send?.({ innerPid: process.pid }, () => process.disconnect());
  }
});

function relay(outer: Socket): void {
  outer.allowHalfOpen = true;
  outer.setNoDelay(true);
  const inner = connect({ host, port: Number(port), allowHalfOpen: true, noDelay: true });
  inner.setTimeout(CONNECT_LIMIT_MS, () => inner.destroy());
  inner.once("connect", () => inner.setTimeout(0));
  // Half-closed connections pass on as they are; a broken one breaks its other half.
  outer.pipe(inner);
  inner.pipe(outer);
  outer.on("error", () => inner.destroy());
  inner.on("error", () => outer.resetAndDestroy());
  outer.on("close", () => inner.destroy());
  inner.on("close", () => outer.destroySoon());
}
