/** See compile.mjs. */
export declare const projectDir: string;
export declare function compile(root: string, log?: (line: string) => void): Promise<void>;
export declare function isCompiled(root: string): boolean;
