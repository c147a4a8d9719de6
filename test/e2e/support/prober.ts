/** Requests one after another, as many clients do: what answered, and what failed. */
export interface Probe {
  readonly answers: ReadonlyMap<string, number>;
  readonly failures: readonly string[];
}

/** The replica that answered, as the page says: `web 1 on web-1`. */
export async function ask(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
  const text = (await response.text()).trim();
  if (response.status !== 200) throw new Error(`${response.status} ${text.slice(0, 200)}`);
  return text;
}

/** Asks `count` times. */
export async function askOften(url: string, count: number): Promise<Map<string, number>> {
  const answers = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const answer = await ask(url);
    answers.set(answer, (answers.get(answer) ?? 0) + 1);
  }
  return answers;
}

/** Asks all the time until stopped. */
export function probe(url: string): { stop(): Promise<Probe> } {
  const answers = new Map<string, number>();
  const failures: string[] = [];
  const stop = new AbortController();
  const running = (async () => {
    while (!stop.signal.aborted) {
      try {
        const answer = await ask(url);
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
      } catch (error) {
        const { message, cause } = error as Error;
        failures.push(`${message}${cause ? `: ${(cause as Error).message}` : ""}`);
      }
    }
  })();
  return {
    async stop() {
      stop.abort();
      await running;
      return { answers, failures };
    },
  };
}
