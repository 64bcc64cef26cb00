/** What a process and all it has started cost, read from /proc: only Linux tells. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second, as Linux reports them to every program. */
const TICKS = 100;
const SAMPLE_MS = 100;

export type Usage = { wallMs: number; cpuMs: number; peakMb: number; largestMb: number };

/** Processes and their parents. */
function parents(): Map<number, number> {
  const found = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    const stat = /^\d+$/.test(entry) ? statOf(Number(entry)) : undefined;
    if (stat) found.set(Number(entry), Number(stat[1]));
  }
  return found;
}

/** The fields of /proc/<pid>/stat from the state on: the name before may hold spaces. */
function statOf(pid: number): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
  } catch {
    return undefined;
  }
}

function tree(root: number): number[] {
  const all = parents();
  const found = [root];
  for (let at = 0; at < found.length; at++) {
    for (const [pid, parent] of all) if (parent === found[at]) found.push(pid);
  }
  return found;
}

/** CPU time of a process, of all that runs beneath it and of all that has ended beneath it, in milliseconds. */
export function treeCpuMs(root: number): number {
  const ticks = tree(root).map((pid) =>
    (statOf(pid) ?? []).slice(11, 15).reduce((sum, field) => sum + Number(field), 0),
  );
  return (ticks.reduce((sum, one) => sum + one, 0) * 1000) / TICKS;
}

/** Memory of a process without what it shares (that is split among those who share it), in MB. */
function residentMb(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1000;
  } catch {
    return 0;
  }
}

/**
 * Runs a program to its end. `peakMb` is the largest sum over all its processes, `largestMb` the largest single one.
 * @returns its standard output as well; throws when it fails
 */
export async function measure(command: string, args: readonly string[]): Promise<{ usage: Usage; output: string }> {
  const from = performance.now();
  const before = ownChildrenMs();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [output, errors, peakMb, largestMb] = ['', '', 0, 0];
  child.stdout.on('data', (text: Buffer) => {
    output += text.toString();
  });
  child.stderr.on('data', (text: Buffer) => {
    errors = (errors + text.toString()).slice(-2_000);
  });
  const sampler = setInterval(() => {
    if (child.pid === undefined) return;
    const sizes = tree(child.pid).map(residentMb);
    peakMb = Math.max(
      peakMb,
      sizes.reduce((sum, size) => sum + size, 0),
    );
    largestMb = Math.max(largestMb, ...sizes);
  }, SAMPLE_MS);
  const code = await new Promise((resolve) => {
    child.on('error', resolve);
    child.on('close', resolve);
  });
  clearInterval(sampler);
  if (code !== 0) throw new Error(`${command} ${args[0] ?? ''} failed (${code}): ${errors}`);
  return {
    usage: { wallMs: performance.now() - from, cpuMs: ownChildrenMs() - before, peakMb, largestMb },
    output,
  };
}

/** CPU time of what this process has started and seen end, in milliseconds. */
function ownChildrenMs(): number {
  const fields = statOf(process.pid) ?? [];
  return ((Number(fields[13]) + Number(fields[14])) * 1000) / TICKS;
}
