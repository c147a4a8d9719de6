import { fstatSync } from "node:fs";

/**
 * Calls back once when the process that started this one has gone: its end of our standard input closes, or we get another
 * parent (where a wrapper script holds standard input open, or it was no pipe from the start).
 */
export function whenParentGoes(gone: () => void): void {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid !== parent) gone();
  }, 1000);
  watch.unref();
  // At a terminal, or on /dev/null, the end of the input says nothing about the parent. Node's own pipes are sockets.
  const input = fstatSync(0);
  if (!input.isFIFO() && !input.isSocket()) return;
  process.stdin.on("end", gone).on("close", gone).on("error", gone).resume();
}
