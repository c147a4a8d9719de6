/** One word for a POSIX shell, whatever it holds. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** A command that writes this text to its standard output, whatever bytes it holds. */
export function printText(text: string): string {
  return `printf %s ${quote(Buffer.from(text, "utf8").toString("base64"))} | base64 -d`;
}

/**
 * A script whose commands do not read from the script itself: it comes over the shell's standard input, and the shell has
 * read all of a function before it runs any of it.
 */
export function script(...lines: readonly string[]): string {
  return ["main() {", ...lines, "}", "main </dev/null", ""].join("\n");
}

/**
 * For scripts that change something: a lost connection must not stop them half way. What they do is bounded by limits of
 * their own.
 */
export const unstoppable = "trap '' HUP PIPE TERM";
