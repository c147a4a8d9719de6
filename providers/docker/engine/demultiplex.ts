/**
 * The text of a container's log. Without a terminal the engine frames it: one byte of stream, three of nothing, four of
 * length, then the text (Engine API, "Attach to a container").
 */
export function demultiplex(log: Buffer, terminal: boolean): string {
  if (terminal) return log.toString("utf8");
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= log.length; ) {
    const end = at + 8 + log.readUInt32BE(at + 4);
    parts.push(log.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(parts).toString("utf8");
}
