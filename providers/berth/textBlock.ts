/** Someone else's words inside a message: indented, without control characters, the last lines where there are many. */
export function textBlock(text: string, lines = 20): string {
  const clean = stripControls(text)
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "");
  return clean
    .slice(-lines)
    .map((line) => `  | ${line}`)
    .join("\n");
}

/** Without terminal escape sequences and other control characters; a carriage return within a line ends what it overwrites. */
export function stripControls(text: string): string {
  return (
    text
      .replaceAll("\r\n", "\n")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes begin with one.
      .replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g, "")
      .replace(/\r+/g, "\n")
      .replace(/[^\P{Cc}\n\t]/gu, "")
  );
}
