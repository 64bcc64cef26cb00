'use client';

import { scaleLinear } from 'd3-scale';
import { CHANGED } from '../../lib/drift/rules.ts';
import { number, numbers, percent } from '../board/format.ts';
import { ValueAxis } from '../charts/axes.tsx';
import { logScale, type Margin, round, spansDecades, valueScale } from '../charts/kernel.ts';
import { useWidth } from '../charts/size.ts';

export type Dot = { name: string; importance: number; psi: number; over: boolean };

const HEIGHT = 180;
const MARGIN: Margin = { top: 22, right: 12, bottom: 30, left: 46 };
/** Names of more would lie on one another. */
const NAMED = 5;
const SIDE = 7;
/** What a name takes of the plot's width, or nearly so. */
const NAME_PX = 90;
/** Two names nearer than this would be one smear. */
const LINE_PX = 12;

/**
 * How far each input moved against how much it matters: what is high and to the right comes first. The dashed lines part what
 * changed from what did not, and what matters more than its equal share from what matters less.
 * @param dots in the order of what to look at first; the first of them are named
 */
export function Scatter({ dots }: { dots: readonly Dot[] }) {
  const [box, width] = useWidth<HTMLDivElement>();
  const values = [...dots.map(({ psi }) => psi), CHANGED];
  const y = (spansDecades(values) ? logScale : valueScale)(values, HEIGHT, MARGIN);
  const most = Math.max(0, ...dots.map(({ importance }) => importance));
  const [left, right] = [MARGIN.left, Math.max(MARGIN.left + 1, width - MARGIN.right)];
  const x = scaleLinear()
    .domain([0, most || 1])
    .range([left, right])
    .nice(4);
  const [foot, roof] = [HEIGHT - MARGIN.bottom, MARGIN.top];
  const equal = round(x(1 / Math.max(1, dots.length)));
  const frame = { width, height: HEIGHT, margin: MARGIN };
  const named = dots.slice(0, NAMED).map(({ name }) => name);
  const written: { cx: number; cy: number }[] = [];
  const hasRoom = (cx: number, cy: number): boolean => {
    if (written.some((other) => Math.abs(other.cy - cy) < LINE_PX && Math.abs(other.cx - cx) < NAME_PX)) return false;
    written.push({ cx, cy });
    return true;
  };
  return (
    <div ref={box} className="min-w-0 overflow-hidden">
      <svg
        role="img"
        aria-label={`Drift against importance of ${dots.length} inputs. First: ${named.join(', ')}.`}
        width={width}
        height={HEIGHT}
        className="block"
      >
        <ValueAxis y={y} frame={frame} format={(value) => number(value, 2)} />
        {x.ticks(4).map((tick) => (
          <text key={tick} x={round(x(tick))} y={foot + 13} textAnchor="middle" fontSize={11} fill="var(--muted)">
            {percent(tick, 0)}
          </text>
        ))}
        <text x={right} y={HEIGHT - 4} textAnchor="end" fontSize={11} fill="var(--muted)">
          importance →
        </text>
        <text x={4} y={10} fontSize={11} fill="var(--muted)">
          ↑ drift (PSI{spansDecades(values) ? ', logarithmic' : ''})
        </text>
        <path
          d={`M${left},${round(y(CHANGED))}H${right}M${equal},${foot}V${roof}`}
          stroke="var(--control)"
          strokeDasharray="4 3"
          fill="none"
        />
        {dots.map(({ name, importance, psi, over }, i) => {
          const [cx, cy] = [round(x(importance)), round(y(psi))];
          const before = cx > (left + right) / 2;
          return (
            <g key={name}>
              <title>{`${name}: importance ${percent(importance, 0)}, PSI ${numbers([psi, CHANGED])[0]}`}</title>
              {over ? (
                <rect x={cx - SIDE / 2} y={cy - SIDE / 2} width={SIDE} height={SIDE} fill="var(--breach)" />
              ) : (
                <circle cx={cx} cy={cy} r={3.5} fill="var(--live)" />
              )}
              {i < NAMED && hasRoom(cx, cy) && (
                <text
                  x={before ? cx - 7 : cx + 7}
                  y={cy}
                  dy="0.32em"
                  textAnchor={before ? 'end' : 'start'}
                  fontSize={11}
                  fill="var(--ink)"
                >
                  {name}
                </text>
              )}
            </g>
          );
        })}
      </svg>
    </div>
  );
}
