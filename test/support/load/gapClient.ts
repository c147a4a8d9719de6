import { get } from "node:http";

/**
 * `gapClient.ts URL`: asks on a new connection every 100 ms, whatever became of the requests before, until its input ends. Says
 * `started` at the first answer, and at the end how many answers there were, how many requests failed, and the longest time in
 * milliseconds in which none was answered.
 */
const everyMs = 100;
const limitMs = 2_000;
const url = process.argv[2]!;
let answered = 0;
let failed = 0;
let last = 0;
let longestMs = 0;

function ask(): void {
  const request = get(url, { agent: false, timeout: limitMs }, (response) => {
    response.resume().on("end", () => {
      if (response.statusCode !== 200) {
        failed++;
        return;
      }
      const now = performance.now();
      if (answered++ === 0) console.log("started");
      else longestMs = Math.max(longestMs, now - last);
      last = now;
    });
  });
  request.on("timeout", () => request.destroy(new Error("no answer")));
  request.on("error", () => {
    failed++;
  });
}

const timer = setInterval(ask, everyMs);
process.stdin.resume().on("end", () => {
  clearInterval(timer);
  // Until the last of them has its answer, or has waited long enough.
  setTimeout(() => {
    console.log(JSON.stringify({ answered, failed, longestMs: Math.round(longestMs) }));
    process.exit();
  }, limitMs + 500);
});
