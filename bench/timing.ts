export type Timing = { wallMs: number; cpuMs: number };

/** Median wall and mean own CPU time of one call, in milliseconds, after a tenth as many calls to warm up. */
export async function time(calls: number, run: () => Promise<unknown>): Promise<Timing> {
  for (let i = 0; i < Math.ceil(calls / 10); i += 1) await run();
  const walls: number[] = [];
  const cpu = process.cpuUsage();
  for (let i = 0; i < calls; i += 1) {
    const from = performance.now();
    await run();
    walls.push(performance.now() - from);
  }
  const { user, system } = process.cpuUsage(cpu);
  walls.sort((a, b) => a - b);
  return { wallMs: walls[Math.floor(calls / 2)] ?? 0, cpuMs: (user + system) / 1000 / calls };
}

/** Prints one measurement, and how many times its floor it takes. */
export function report(name: string, ours: Timing, floorName: string, floor: Timing): void {
  const line = ({ wallMs, cpuMs }: Timing) => `${wallMs.toFixed(2)} ms (${cpuMs.toFixed(2)} ms CPU of this process)`;
  console.log(`${name}: ${line(ours)}`);
  console.log(`  floor, ${floorName}: ${line(floor)}`);
  console.log(`  ratio: ${(ours.wallMs / floor.wallMs).toFixed(1)}`);
}
