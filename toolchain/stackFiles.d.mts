/** See stackFiles.mjs. */
export interface StackFiles {
  folder: string;
  texts: Map<string, string>;
}
export declare function readStackFiles(folder: string): StackFiles;
export declare function restoreStackFiles(before: StackFiles): void;
