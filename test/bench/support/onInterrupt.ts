/**
 * What a benchmark has started goes too when somebody interrupts it (Ctrl-C).
 * @returns a function that takes this back
 */
export function onInterrupt(stop: () => Promise<unknown>): () => void {
  const interrupt = () => {
    process.stderr.write("stopping what was started\n");
    void stop().finally(() => process.exit(130));
  };
  process.once("SIGINT", interrupt);
  return () => process.off("SIGINT", interrupt);
}
