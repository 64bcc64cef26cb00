import { useContext } from 'react';
import { BoardContext } from './context.tsx';
import { date, day, moment } from './format.ts';

/** What a picture of a chart must say once it is away from the screen: of what, from when to when, by which clock, made when. */
export function useSource(): () => string {
  const context = useContext(BoardContext);
  return () => {
    if (!context?.panel) return 'Plumbline';
    const { panel, board, selection } = context;
    const zone = selection.tz ?? board.workspace.timezone;
    const of = panel.version === null ? panel.model.name : `${panel.model.name} v${panel.version}`;
    const period = `${day(panel.from, zone)} to ${date(new Date(Date.parse(panel.to) - 1), zone)}`;
    return `${of} · ${period} · times in ${zone} · Plumbline, ${moment(board.now, zone)}`;
  };
}
