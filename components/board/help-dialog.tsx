'use client';

import { useState } from 'react';
import { GLOSSARY } from '../../lib/board/glossary.ts';
import { Modal } from '../ui/modal.tsx';
import { useBoard } from './context.tsx';
import { setSingleKeysOff, singleKeysOff } from './keys.ts';

const KEYS = [
  ['⌘K, Ctrl K', 'Search and run'],
  ['/', 'Search models'],
  ['J, K', 'Next and previous model'],
  ['1, 2, 3', 'Words for product, data, ops'],
  ['F6, Shift F6', 'Next and previous part of the screen'],
  ['[, ]', 'List of models, decision panel'],
  ['G then K D E A I', 'Goals, drift, decide, activity, what needs me'],
  ['T', 'Edit the limit of the goal on the chart'],
  ['W', 'Choose the period'],
  ['A, R', 'Approve, request changes'],
  ['C', 'Comment'],
  ['L', 'Copy the link to exactly this view'],
  ['← →, Home, End', 'On a chart: read its points; Shift jumps ten'],
  ['Enter, click', 'On a chart or a cell: pin that moment; the other panels show it'],
  ['↑ ↓, PgUp, PgDn', 'On the limit that is edited, on its chart: move it; Esc goes back to the saved one'],
  ['E, Shift E', 'Next and previous event on the time axis; Enter pins it'],
  ['Z', 'Back from a stretch you dragged open on a chart, as a double click'],
  ['V', 'The chart as a table'],
  ['Ctrl Enter', 'Send a form'],
  ['Esc', 'Close what is on top, else let go of the pinned moment'],
] as const;

export function HelpDialog() {
  const { open } = useBoard();
  const [off, setOff] = useState(singleKeysOff);
  return (
    <Modal open onClose={() => open(null)} title="Keys and words" wide>
      <label className="flex min-h-6 items-center gap-2">
        <input
          type="checkbox"
          checked={off}
          onChange={(event) => {
            setSingleKeysOff(event.target.checked);
            setOff(event.target.checked);
          }}
          className="size-4"
        />
        Turn all single keys off
      </label>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        {KEYS.map(([key, act]) => (
          <div key={key} className="contents">
            <dt className="font-mono text-xs">{key}</dt>
            <dd>{act}</dd>
          </div>
        ))}
      </dl>
      <h3 className="font-semibold">The same thing in three languages</h3>
      <table className="w-full text-xs">
        <caption className="sr-only">Words of product, data and ops</caption>
        <thead>
          <tr>
            {['Product', 'Data', 'Ops'].map((lens) => (
              <th key={lens} scope="col" className="text-left">
                {lens}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Object.entries(GLOSSARY).map(([id, words]) => (
            <tr key={id} className="border-t border-line">
              <td className="py-1 pr-2">{words.product}</td>
              <td className="pr-2">{words.data}</td>
              <td>{words.ops}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Modal>
  );
}
