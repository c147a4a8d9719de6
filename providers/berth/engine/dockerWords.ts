/**
 * What matters of Docker's journal: the last attempt to start that failed where there is one (systemd tries again by itself),
 * and without messages of level info where there are others.
 */
export function dockerWords(journal: string): string {
  const lines = journal.split("\n").filter((line) => line.trim() !== "");
  const failure = lines.findLastIndex((line) => line.startsWith("Failed to start docker.service"));
  const attempt = failure < 0 ? lines : lines.slice(0, failure + 1);
  const start = attempt.findLastIndex((line) => line.startsWith("Starting docker.service"));
  const since = attempt.slice(Math.max(start, 0));
  const grave = since.filter((line) => !line.includes(" level=info "));
  return (grave.length > 0 ? grave : since).join("\n");
}
