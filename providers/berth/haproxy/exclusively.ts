const last = new Map<string, Promise<unknown>>();

/** Runs one piece of work at a time for each key: changes of one HAProxy, each of which begins with what the last one left. */
export async function exclusively<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const before = last.get(key) ?? Promise.resolve();
  const mine = before.then(() => {
    signal.throwIfAborted();
    return work();
  });
  const settled = mine.catch(() => {});
  last.set(key, settled);
  void settled.then(() => {
    if (last.get(key) === settled) last.delete(key);
  });
  return mine;
}
