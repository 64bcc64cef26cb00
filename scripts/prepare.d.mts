export const root: string;
export function step<T>(name: string, run: () => Promise<T> | T): Promise<T>;
export function install(): Promise<void>;
export function build(): Promise<void>;
export function nodeBinary(): string;
export function run(command: string, args: string[], options?: { env?: NodeJS.ProcessEnv; quiet?: boolean }): void;
