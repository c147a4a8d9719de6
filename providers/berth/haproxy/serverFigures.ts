/** What `show stat` says of a server. All counts are since the worker's start, or the server's own. */
export interface ServerFigures {
  /** `backend/server`. */
  readonly server: string;
  /** `address:port`. */
  readonly address: string;
  /** Requests or connections that it has now. */
  readonly current: number;
  /** Those that wait for it. */
  readonly queued: number;
  /** Answers in mode http; sessions in mode tcp. */
  readonly requests: number;
  /** Of these: answers with a status of 500 or more in mode http, HAProxy's own for a server that fails included; else sessions that failed. */
  readonly failed: number;
  /** Mean time until an answer's headers, over the last 1024 at most; in mode tcp the mean time of a session. */
  readonly responseMs: number;
  /** By its checks, or in maintenance. */
  readonly down: boolean;
  /** HAProxy's words on its last check, such as `L7STS/500 Internal Server Error`. */
  readonly lastCheck: string;
  /** A check is under way, so that the words on the last one are not whole. */
  readonly checking: boolean;
}

/** Reads the answer to `show stat -1 4 -1`, the servers of all backends. */
export function serverFigures(answer: string): ServerFigures[] {
  const lines = answer.split("\n");
  const start = lines.findIndex((line) => line.startsWith("# "));
  const columns = (lines[start] ?? "").slice(2).split(",");
  return lines.slice(start + 1).flatMap((line) => {
    const cells = line.split(",");
    if (cells.length < 2) return [];
    const value = (column: string) => cells[columns.indexOf(column)] ?? "";
    const count = (column: string) => Number(value(column));
    const status = value("check_status");
    const code = value("check_code");
    const verdict = [status.replace(/^\* /, ""), code === "0" ? "" : code]
      .filter((word) => word !== "")
      .join("/");
    const answers = ["1xx", "2xx", "3xx", "4xx", "5xx", "other"].map((kind) => count(`hrsp_${kind}`));
    const http = value("mode") !== "tcp";
    return {
      server: `${value("pxname")}/${value("svname")}`,
      address: value("addr"),
      current: count("scur"),
      queued: count("qcur"),
      requests: http ? answers.reduce((sum, one) => sum + one, 0) : count("stot"),
      failed: http ? count("hrsp_5xx") : count("econ") + count("eresp"),
      responseMs: count(http ? "rtime" : "ttime"),
      down: /^(DOWN|MAINT)/.test(value("status")),
      lastCheck: [verdict, value("last_chk")].filter((word) => word !== "").join(" "),
      checking: status.startsWith("* "),
    };
  });
}
