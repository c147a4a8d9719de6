/** A server as the running HAProxy has it. */
export interface RunningServer {
  readonly backend: string;
  readonly name: string;
  /** IPv4 or IPv6 address; `-` where a name has not been resolved. */
  readonly address: string;
  readonly port: number;
  /** Takes traffic, as far as its checks say. */
  readonly up: boolean;
  /** Put into maintenance: by its line, by hand, or because it is new. */
  readonly maintenance: boolean;
  /** Gets no new sessions. */
  readonly drained: boolean;
  /** 0 to 256. */
  readonly weight: number;
  readonly checks: boolean;
}

const forcedMaintenance = 0x01;
const forcedDrain = 0x08;
const checkEnabled = 0x04;

/** Reads the answer to `show servers state` (format 1, HAProxy 1.6 and later). */
export function runningServers(answer: string): RunningServer[] {
  const lines = answer.split("\n");
  const start = lines.findIndex((line) => line.startsWith("# "));
  const columns = lines[start]?.slice(2).trim().split(/\s+/);
  if (!columns) throw new Error(`HAProxy does not list its servers: ${answer.trim()}`);
  return lines.slice(start + 1).flatMap((line) => {
    const words = line.trim().split(/\s+/);
    if (words.length < columns.length) return [];
    const value = (column: string) => words[columns.indexOf(column)] ?? "";
    const admin = Number(value("srv_admin_state"));
    return {
      backend: value("be_name"),
      name: value("srv_name"),
      address: value("srv_addr"),
      port: Number(value("srv_port")),
      // Starting (slow start) takes traffic too; stopping does not take more.
      up: ["1", "2"].includes(value("srv_op_state")),
      maintenance: (admin & forcedMaintenance) !== 0,
      drained: (admin & forcedDrain) !== 0,
      weight: Number(value("srv_uweight")),
      checks: (Number(value("srv_check_state")) & checkEnabled) !== 0,
    };
  });
}
