import { usePanel, useWords } from '../board/context.tsx';
import { KeepSwitch } from '../board/keeper.tsx';

const SELECT = 'min-h-7 rounded-md border border-control bg-panel text-xs';

/** The version that the address holds beside the one on the screen; null where there is none, or they are the same. */
export function useCompared(): number | null {
  const { panel, selection } = usePanel();
  const { cmp } = selection;
  return cmp !== null && cmp !== panel.version && panel.versions.some(({ version }) => version === cmp) ? cmp : null;
}

/** Whose outcomes, held against whose, by which metric. */
export function PerformanceTools() {
  const { panel, select } = usePanel();
  const words = useWords();
  const compared = useCompared();
  const { performance: view, version, versions, candidate } = panel;
  return (
    <>
      {version !== null && versions.length > 1 && (
        <>
          <select
            aria-label={`Data of which ${words.term('version').toLowerCase()}`}
            value={version}
            onChange={(event) => void select({ v: Number(event.target.value) })}
            className={SELECT}
          >
            {versions.map((v) => (
              <option key={v.version} value={v.version}>
                data of v{v.version}
              </option>
            ))}
          </select>
          <select
            aria-label="Compare with"
            value={compared ?? ''}
            onChange={(event) => void select({ cmp: Number(event.target.value) || null })}
            className={SELECT}
          >
            <option value="">{compared === null ? 'compare…' : 'alone'}</option>
            {versions
              .filter((v) => v.version !== version)
              .map((v) => (
                <option key={v.version} value={v.version}>
                  against v{v.version}
                  {v.version === candidate && ` (${words.term('candidate').toLowerCase()})`}
                </option>
              ))}
          </select>
        </>
      )}
      {view.metrics.length > 0 && (
        <select
          aria-label="Metric"
          value={view.metric ?? ''}
          onChange={(event) => void select({ metric: event.target.value })}
          className={`${SELECT} max-w-40`}
        >
          {view.metrics.map((metric) => (
            <option key={metric} value={metric}>
              {words.metric(metric)}
            </option>
          ))}
        </select>
      )}
      <KeepSwitch />
    </>
  );
}
