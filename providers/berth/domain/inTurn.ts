let last: Promise<unknown> = Promise.resolve();

/** Does one piece of work after another, so that no two machines of a plan are away at once; one that fails lets the next go on. */
export function inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const turn = last.then(() => {
    signal.throwIfAborted();
    return work();
  });
  last = turn.catch(() => {});
  return turn;
}
